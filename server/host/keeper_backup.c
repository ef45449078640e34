#include "host/keeper_backup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backup/archive.h"
#include "backup/loading.h"
#include "backup/restoration.h"
#include "backup/verification.h"
#include "base/log.h"
#include "base/memory.h"
#include "host/console_tell.h"
#include "store/cluster.h"
#include "store/pg.h"
#include "store/postgres.h"

enum { DEADLINE_US = 600 * 1000 * 1000, DROP_DEADLINE_US = 15 * 1000 * 1000 };

static enum console_result fail_without(struct console_call *call)
{
    return console_fail(call, "This server makes no backups: the setting backup_dir is empty.");
}

static struct backup_postgres postgres_of(const struct keeper *keeper)
{
    const struct settings *settings = keeper_settings(keeper);
    return (struct backup_postgres){settings->database_url, settings->postgres_programs};
}

/* ---- now ---- */

static void note_made(struct keeper *keeper, const struct manifest *manifest)
{
    struct keeper_backups *backups = keeper_backups(keeper);
    backups->made++;
    backups->last_ms = manifest->took_ms;
    backups->last_failure[0] = '\0';
    memcpy(backups->last, manifest->name, sizeof backups->last);
}

static void note_failed(struct keeper *keeper, const struct error *error)
{
    struct keeper_backups *backups = keeper_backups(keeper);
    backups->failed++;
    (void)snprintf(backups->last_failure, sizeof backups->last_failure, "%.*s",
                   KEEPER_WORDS_BYTES - 1, error->text);
}

/* Makes one, with a progress line now and then. */
static bool make(struct keeper *keeper, struct console_call *call, struct backup *backup,
                 struct error *error)
{
    struct backup_options options = {
        .postgres = postgres_of(keeper),
        .database = keeper_database(keeper, KEEPER_BENCH, error),
        .shelf = keeper_shelf(keeper),
        .journal = keeper_disk(keeper),
        .world = keeper_settings(keeper)->world,
        .is_given_up = keeper_given_up(keeper),
    };
    enum backup_result result = BACKUP_WORKING;
    if (options.database == NULL || !backup_begin(backup, &options, clock_now(), error))
        return false;
    while ((result = backup_step(backup, error)) == BACKUP_WORKING) {
        text_add(call->text, "%s\n", backup->words);
        keeper_progress(keeper, call);
    }
    return result == BACKUP_DONE;
}

static void tell_made(struct console_call *call, const struct manifest *manifest)
{
    char hash[33], digest[2 * CRYPTO_DIGEST_BYTES + 1];
    hash_format(manifest->hash, hash);
    manifest_format_digest(manifest->sha256, digest);
    console_tell_begin(call);
    console_tell_string(call, "name", manifest->name);
    console_tell_number(call, "tick", manifest->tick);
    console_tell_number(call, "applied_seq", manifest->applied_seq);
    console_tell_string(call, "world_hash", hash);
    console_tell_number(call, "bytes", manifest->size_bytes);
    console_tell_string(call, "sha256", digest);
    console_tell_number(call, "took_ms", manifest->took_ms);
    console_tell_end(call);
}

/* ---- verify ---- */

/* Another database of the same cluster. */
static struct postgres_options other_database(const struct keeper *keeper, const char *name)
{
    return (struct postgres_options){.url = keeper_settings(keeper)->database_url,
                                     .database = name,
                                     .role = "keeper",
                                     .deadline_us = DEADLINE_US,
                                     .is_given_up = keeper_given_up(keeper)};
}

/* The name of the database in which dumps are looked at. */
static bool name_scratch(const struct settings *settings, char out_name[CLUSTER_NAME_BYTES],
                         struct error *error)
{
    char name[PG_NAME_BYTES];
    if (!restoration_has_room(settings->database_url, error))
        return false;
    (void)pg_database_name(settings->database_url, name);
    (void)snprintf(out_name, CLUSTER_NAME_BYTES, "%.50s_scratch", name);
    return true;
}

/* On a connection of its own: a server that stops gives up all others. */
static void drop_scratch(const struct keeper *keeper, const char *scratch)
{
    struct error error = {""};
    struct database admin;
    struct postgres_options postgres =
        other_database(keeper, keeper_settings(keeper)->maintenance_database);
    postgres.is_given_up = NULL;
    postgres.deadline_us = DROP_DEADLINE_US;
    postgres_open(&postgres, &admin);
    if (admin.ops->connect(admin.state, &error) != DATABASE_OK ||
        cluster_drop(&admin, scratch, &error) != DATABASE_OK)
        log_warning("keeper", "the database %s stays behind: %s", scratch, error.text);
    postgres_close(&admin);
}

static bool load(struct keeper *keeper, struct console_call *call,
                 const struct loading_options *options, struct error *error)
{
    struct loading loading;
    enum backup_result result = BACKUP_WORKING;
    if (!loading_begin(&loading, options, error))
        return false;
    while ((result = loading_step(&loading, error)) == BACKUP_WORKING) {
        text_add(call->text, "%s\n", loading.words);
        keeper_progress(keeper, call);
    }
    return result == BACKUP_DONE;
}

/* Restores the dump into the scratch database and looks at it there. That it cannot be restored
 * may be anybody's fault: its bytes are those that were written. */
static enum verification verify_in(struct keeper *keeper, struct console_call *call,
                                   const struct manifest *manifest, const char *scratch,
                                   struct error *error)
{
    char dump[SHELF_PATH_BYTES];
    struct database database = {.state = NULL};
    struct postgres_options postgres = other_database(keeper, scratch);
    struct loading_options options = {.postgres = postgres_of(keeper),
                                      .dump = dump,
                                      .database = scratch,
                                      .has_no_grants = true,
                                      .is_given_up = keeper_given_up(keeper)};
    enum verification verdict = VERIFICATION_UNKNOWN;
    shelf_path(keeper_shelf(keeper), manifest->name, false, SHELF_DUMP, dump);
    if (!load(keeper, call, &options, error))
        return verdict;
    postgres_open(&postgres, &database);
    if (database.ops->connect(database.state, error) == DATABASE_OK)
        verdict = verification_check_world(&database, manifest,
                                           keeper_settings(keeper)->migrations_dir, error);
    postgres_close(&database);
    return verdict;
}

static enum verification verify_world(struct keeper *keeper, struct console_call *call,
                                      const struct manifest *manifest, struct error *error)
{
    const struct settings *settings = keeper_settings(keeper);
    char scratch[CLUSTER_NAME_BYTES];
    struct database admin;
    struct postgres_options postgres = other_database(keeper, settings->maintenance_database);
    if (!name_scratch(settings, scratch, error))
        return VERIFICATION_UNKNOWN;
    postgres_open(&postgres, &admin);
    bool is_made = admin.ops->connect(admin.state, error) == DATABASE_OK &&
                   cluster_create(&admin, scratch, error) == DATABASE_OK;
    postgres_close(&admin);
    if (!is_made)
        return VERIFICATION_UNKNOWN;
    enum verification verdict = verify_in(keeper, call, manifest, scratch, error);
    drop_scratch(keeper, scratch);
    return verdict;
}

/* Verifies, and keeps what came of it beside the backup. */
static enum verification verify(struct keeper *keeper, struct console_call *call,
                                const struct manifest *manifest, struct error *error)
{
    struct keeper_backups *backups = keeper_backups(keeper);
    struct error marking = {""};
    enum verification verdict = VERIFICATION_FAULTY;
    if (verification_check_bytes(keeper_shelf(keeper), manifest, error))
        verdict = verify_world(keeper, call, manifest, error);
    if (verdict != VERIFICATION_WELL)
        (void)snprintf(backups->last_failure, sizeof backups->last_failure, "%.30s: %.120s",
                       manifest->name, error->text);
    if (verdict == VERIFICATION_UNKNOWN)
        return verdict;
    backups->verified += verdict == VERIFICATION_WELL;
    backups->faulty += verdict == VERIFICATION_FAULTY;
    if (!shelf_mark(keeper_shelf(keeper), manifest->name, clock_now().wall_us,
                    verdict == VERIFICATION_WELL ? "" : error->text, &marking))
        log_warning("keeper", "%s", marking.text);
    return verdict;
}

static bool find_newest(const struct shelf *shelf, struct shelf_entry *out, struct error *error)
{
    struct shelf_list *list = memory_reserve("keeper", 1, sizeof *list);
    bool is_found = shelf_list(shelf, list, error);
    if (is_found && list->count == 0)
        is_found = error_set(error, "there is no backup in %s", shelf->folder);
    if (is_found)
        *out = list->entries[0];
    if (is_found && !out->is_readable)
        is_found = error_set(error, "%s", out->words);
    memory_release(list);
    return is_found;
}

enum console_result keeper_backup_verify(struct keeper *keeper, struct console_call *call)
{
    const struct shelf *shelf = keeper_shelf(keeper);
    struct error error = {""};
    struct shelf_entry entry;
    if (call->word_count > 2)
        return console_fail(call, "usage: backup verify [NAME]");
    if (shelf == NULL)
        return fail_without(call);
    bool is_found = call->word_count == 2 ? shelf_find(shelf, call->words[1], &entry, &error)
                                          : find_newest(shelf, &entry, &error);
    if (!is_found)
        return console_fail_with(call, &error);
    enum verification verdict = verify(keeper, call, &entry.manifest, &error);
    if (verdict == VERIFICATION_UNKNOWN)
        return console_fail(call, "%s could not be verified: %s", entry.name, error.text);
    if (verdict == VERIFICATION_FAULTY)
        return console_fail(call, "%s is FAULTY: %s", entry.name, error.text);
    console_tell_begin(call);
    console_tell_string(call, "verified", entry.name);
    console_tell_number(call, "tick", entry.manifest.tick);
    console_tell_end(call);
    return CONSOLE_DONE;
}

/* ---- prune ---- */

/* Removes what may go; how many in *out_count. */
static bool prune(const struct keeper *keeper, uint32_t *out_count, struct error *error)
{
    const struct shelf *shelf = keeper_shelf(keeper);
    struct shelf_list *list = memory_reserve("keeper", 1, sizeof *list);
    bool is_well = shelf_list(shelf, list, error);
    *out_count = 0;
    for (uint32_t i = 0; is_well && i < list->count; i++) {
        if (!shelf_may_go(list, i, keeper_settings(keeper)->backup_keep))
            continue;
        is_well = shelf_drop(shelf, list->entries[i].name, error);
        if (is_well)
            log_info("keeper", "removed the backup %s", list->entries[i].name);
        *out_count += is_well;
    }
    if (is_well && *out_count > 0)
        is_well = shelf_list(shelf, list, error);
    is_well = is_well && archive_prune(shelf, list, keeper_journal_id(keeper), error);
    memory_release(list);
    return is_well;
}

enum console_result keeper_backup_prune(struct keeper *keeper, struct console_call *call)
{
    struct error error = {""};
    uint32_t count = 0;
    if (keeper_shelf(keeper) == NULL)
        return fail_without(call);
    if (!prune(keeper, &count, &error))
        return console_fail_with(call, &error);
    console_tell_begin(call);
    console_tell_number(call, "removed", count);
    console_tell_end(call);
    return CONSOLE_DONE;
}

/* What an automatic backup has behind it. What fails here is told in the log: the backup is made.
 */
static void tidy_up(struct keeper *keeper, struct console_call *call,
                    const struct manifest *manifest)
{
    uint32_t every = keeper_settings(keeper)->backup_verify_every, count = 0;
    uint64_t before = keeper_backups(keeper)->automatic++;
    struct error error = {""};
    if (every > 0 && before % every == 0) {
        enum verification verdict = verify(keeper, call, manifest, &error);
        if (verdict == VERIFICATION_FAULTY)
            log_error("keeper", "the backup %s is faulty: %s", manifest->name, error.text);
        else if (verdict == VERIFICATION_UNKNOWN)
            log_warning("keeper", "the backup %s could not be verified: %s", manifest->name,
                        error.text);
    }
    if (!prune(keeper, &count, &error))
        log_warning("keeper", "old backups stay: %s", error.text);
}

enum console_result keeper_backup_now(struct keeper *keeper, struct console_call *call)
{
    struct error error = {""};
    struct backup backup;
    if (keeper_shelf(keeper) == NULL)
        return fail_without(call);
    if (!make(keeper, call, &backup, &error)) {
        note_failed(keeper, &error);
        return console_fail(call, "No backup was made: %s", error.text);
    }
    note_made(keeper, &backup.manifest);
    if (keeper_order_of(keeper, KEEPER_BENCH)->is_automatic != 0)
        tidy_up(keeper, call, &backup.manifest);
    tell_made(call, &backup.manifest);
    return CONSOLE_DONE;
}

/* ---- list ---- */

static const char *const verdicts[] = {
    [SHELF_NOT_VERIFIED] = "no",
    [SHELF_VERIFIED] = "yes",
    [SHELF_FAULTY] = "FAULTY",
};

static void tell_json(struct console_call *call, const struct shelf_entry *entry)
{
    const struct manifest *manifest = &entry->manifest;
    char at[32], hash[33];
    manifest_format_time(manifest->at_us, at);
    hash_format(manifest->hash, hash);
    text_json_open(call->text, NULL, '{');
    text_json_string(call->text, "name", entry->name);
    text_json_bool(call->text, "is_readable", entry->is_readable);
    text_json_string(call->text, "verified", verdicts[entry->verdict]);
    text_json_string(call->text, "words", entry->words);
    if (entry->is_readable) {
        text_json_string(call->text, "at", at);
        text_json_number(call->text, "tick", (int64_t)manifest->tick);
        text_json_number(call->text, "applied_seq", (int64_t)manifest->applied_seq);
        text_json_number(call->text, "timeline", manifest->timeline);
        text_json_string(call->text, "world_hash", hash);
        text_json_number(call->text, "bytes", (int64_t)manifest->size_bytes);
        text_json_number(call->text, "took_ms", (int64_t)manifest->took_ms);
    }
    text_json_close(call->text, '}');
}

static void tell_entry(struct console_call *call, const struct shelf_entry *entry)
{
    const struct manifest *manifest = &entry->manifest;
    char at[32];
    if (call->is_json) {
        tell_json(call, entry);
        return;
    }
    if (!entry->is_readable) {
        text_add(call->text, "%-20s cannot be read: %s\n", entry->name, entry->words);
        return;
    }
    manifest_format_time(manifest->at_us, at);
    text_add(
        call->text, "%-20s %s  timeline %u  tick %" PRIu64 "  %" PRIu64 " KiB  verified: %s%s%s\n",
        entry->name, at, manifest->timeline, manifest->tick, (manifest->size_bytes + 1023) >> 10,
        verdicts[entry->verdict], entry->words[0] != '\0' ? ", " : "", entry->words);
}

enum console_result keeper_backup_list(struct keeper *keeper, struct console_call *call)
{
    struct error error = {""};
    if (keeper_shelf(keeper) == NULL)
        return fail_without(call);
    struct shelf_list *list = memory_reserve("keeper", 1, sizeof *list);
    enum console_result result = CONSOLE_DONE;
    if (!shelf_list(keeper_shelf(keeper), list, &error)) {
        result = console_fail_with(call, &error);
    } else {
        console_list_open(call, "backups");
        for (uint32_t i = 0; i < list->count; i++)
            tell_entry(call, &list->entries[i]);
        console_list_close(call, "there is no backup", list->count, list->count);
    }
    memory_release(list);
    return result;
}

/* ---- start and stop ---- */

static enum console_result set_automatic(struct keeper *keeper, struct console_call *call,
                                         bool is_automatic)
{
    if (keeper_shelf(keeper) == NULL)
        return fail_without(call);
    keeper_set_automatic(keeper, is_automatic);
    console_tell_begin(call);
    console_tell_bool(call, "automatic", is_automatic);
    console_tell_number(call, "every_s", keeper_settings(keeper)->backup_every_s);
    console_tell_end(call);
    return CONSOLE_DONE;
}

enum console_result keeper_backup_start(struct keeper *keeper, struct console_call *call)
{
    return set_automatic(keeper, call, true);
}

enum console_result keeper_backup_stop(struct keeper *keeper, struct console_call *call)
{
    return set_automatic(keeper, call, false);
}
