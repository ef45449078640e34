#include "host/restore_command.h"

#include <inttypes.h>
#include <string.h>

#include "backup/file.h"
#include "base/memory.h"
#include "host/server.h"
#include "journal/recover.h"

enum { TELL_BYTES = 1024, SECOND_US = 1000000 };

static bool read_target(const char *name, const char *value, struct restoration_target *out,
                        struct error *error)
{
    int64_t tick = 0;
    if (out->has_tick || out->has_time)
        return error_set(error, "only one of --to-tick and --to-time can be given");
    if (strcmp(name, "--to-tick") == 0) {
        if (!text_parse_integer(value, 1, INT64_MAX, &tick))
            return error_set(error, "\"%s\" is no tick", value);
        out->has_tick = true;
        out->tick = (uint64_t)tick;
        return true;
    }
    out->has_time = manifest_parse_time(value, &out->wall_us);
    out->wall_us += SECOND_US - 1; /* its end */
    return out->has_time ||
           error_set(error,
                     "\"%s\" is no time; a time is 2026-11-29T08:52:16Z, in UTC, or seconds "
                     "since 1970",
                     value);
}

bool restore_command_read(const char *const *words, int count, struct restore_command *out,
                          int *out_used, struct error *error)
{
    int used = 1;
    *out = (struct restore_command){.backup = count > 0 ? words[0] : ""};
    if (count == 0 || words[0][0] == '-')
        return error_set(error, "which backup?");
    while (used < count &&
           (strcmp(words[used], "--to-tick") == 0 || strcmp(words[used], "--to-time") == 0)) {
        if (used + 1 == count || strncmp(words[used + 1], "--", 2) == 0)
            return error_set(error, "%s needs a value", words[used]);
        if (!read_target(words[used], words[used + 1], &out->target, error))
            return false;
        used += 2;
    }
    *out_used = used;
    return true;
}

struct restoration_options restore_command_options(const struct settings *settings,
                                                   const struct restore_command *command)
{
    return (struct restoration_options){
        .postgres = {settings->database_url, settings->postgres_programs},
        .maintenance_database = settings->maintenance_database,
        .migrations = settings->migrations_dir,
        .world = settings->world,
        .backup = command->backup,
        .target = command->target,
        .batch_rows_max = settings->batch_rows_max,
    };
}

bool restore_command_check_content(const struct settings *settings, struct restoration *restoration,
                                   struct error *error)
{
    struct picture_limits limits = server_picture_limits(settings);
    struct painter *painter = painter_create(&limits);
    struct image_painter images = painter_of(painter);
    struct catalog *catalog = catalog_load(settings->content_dir, &images, error);
    bool is_fine = catalog != NULL && restoration_check_content(restoration, catalog, error);
    catalog_destroy(&catalog);
    painter_destroy(&painter);
    return is_fine;
}

static void tell_json(const struct restoration *restoration, const char *hash, struct text *text)
{
    const struct database_world *world = &restoration->world;
    text_json_open(text, NULL, '{');
    text_json_string(text, "restored", restoration->manifest.name);
    text_json_number(text, "records", (int64_t)restoration->replayed);
    text_json_number(text, "tick", (int64_t)world->tick);
    text_json_string(text, "world_hash", hash);
    text_json_number(text, "timeline", world->timeline);
    text_json_string(text, "kept", restoration->has_kept ? restoration->kept : "");
    text_json_close(text, '}');
    text_add(text, "\n");
}

void restore_command_tell(const struct restoration *restoration, bool is_json, struct text *text)
{
    const struct database_world *world = &restoration->world;
    char hash[33];
    hash_format(world->hash, hash);
    if (is_json) {
        tell_json(restoration, hash, text);
        return;
    }
    text_add(text,
             "restored %s, %" PRIu64 " records behind it: tick %" PRIu64
             ", world hash %s, timeline %u",
             restoration->manifest.name, restoration->replayed, world->tick, hash, world->timeline);
    if (restoration->has_kept)
        text_add(text, "; the database as it was is %s", restoration->kept);
    text_add(text, "\n");
}

static bool make(struct restoration *restoration, FILE *out, struct error *error)
{
    enum backup_result result = BACKUP_WORKING;
    while ((result = restoration_step(restoration, error)) == BACKUP_WORKING) {
        (void)fprintf(out, "%s\n", restoration->words);
        (void)fflush(out);
    }
    if (result != BACKUP_DONE)
        return false;
    (void)fprintf(out, "looking through what was restored\n");
    return true;
}

/* All that a restore is told. */
struct restore_run {
    const struct settings *settings;
    struct restoration_options options;
    struct recovered recovered; /* of the journal's folder */
    FILE *out;
};

static enum cluster_exchanged restore(struct restoration *restoration,
                                      const struct restore_run *run, struct error *error)
{
    struct restoration_end end = {.journal = run->recovered.newest.journal,
                                  .timeline = run->recovered.newest.timeline,
                                  .last_seq = run->recovered.last.seq,
                                  .wall_us = clock_now().wall_us};
    if (!restoration_open(restoration, &run->options, error) ||
        !restoration_settle(restoration, run->recovered.last.seq, error) ||
        !make(restoration, run->out, error) || !restoration_check(restoration, error) ||
        !restore_command_check_content(run->settings, restoration, error))
        return CLUSTER_UNCHANGED;
    return restoration_exchange(restoration, &end, error);
}

static void tell(const struct restoration *restoration, FILE *out)
{
    char bytes[TELL_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    restore_command_tell(restoration, false, &text);
    (void)fputs(bytes, out);
}

bool restore_command_run(const struct settings *settings, const struct restore_command *command,
                         FILE *out, struct error *error)
{
    struct disk disk = {.state = NULL};
    struct shelf shelf = {.lock_fd = -1};
    struct restore_run run = {.settings = settings,
                              .options = restore_command_options(settings, command),
                              .recovered.is_empty = true,
                              .out = out};
    struct restoration *restoration = memory_reserve("restore", 1, sizeof *restoration);
    if (settings->backup_dir[0] == '\0')
        (void)error_set(error, "the setting backup_dir is empty: there are no backups");
    enum cluster_exchanged exchanged = CLUSTER_UNCHANGED;
    bool is_open = settings->backup_dir[0] != '\0' &&
                   file_make_folders(settings->journal_dir, error) &&
                   disk_posix_open(&disk, settings->journal_dir, error) &&
                   shelf_open(&shelf, settings->backup_dir, settings->world, error) &&
                   recover_scan(&disk, 0, &run.recovered, error);
    run.options.shelf = &shelf;
    run.options.journal = run.recovered.is_empty ? NULL : &disk;
    run.options.journal_id = run.recovered.newest.journal;
    run.options.journal_seq = run.recovered.last.seq;
    if (is_open)
        exchanged = restore(restoration, &run, error);
    if (exchanged == CLUSTER_EXCHANGED)
        tell(restoration, out);
    else if (exchanged == CLUSTER_UNCHANGED)
        (void)error_add(error, "nothing was restored");
    restoration_close(restoration);
    shelf_close(&shelf);
    disk_posix_close(&disk);
    memory_release(restoration);
    return exchanged == CLUSTER_EXCHANGED;
}
