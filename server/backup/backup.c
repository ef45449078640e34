#include "backup/backup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "backup/file.h"
#include "journal/tail.h"
#include "store/pg.h"

enum { STEP_US = 1000 * 1000 };

void backup_program(const struct backup_postgres *postgres, const char *name,
                    char out_path[SHELF_PATH_BYTES])
{
    (void)snprintf(out_path, SHELF_PATH_BYTES, "%s%s%s", postgres->programs,
                   postgres->programs[0] != '\0' ? "/" : "", name);
}

/* The hash that the tick record has must be the one that the database has: it goes into the
 * manifest. The journal need not have the record any more. */
static bool check_hash(const struct backup_options *options, const struct snapshot *snapshot,
                       struct error *error)
{
    struct tail_record record;
    struct error missing = {""};
    uint64_t seq = snapshot->applied_seq;
    char journal[33], database[33];
    if (options->journal == NULL || seq == 0)
        return true;
    struct tail *tail = tail_open(options->journal, seq, &missing);
    bool is_there = tail != NULL && tail_next(tail, seq, &record, &missing) == TAIL_RECORD &&
                    record.header.journal == snapshot->journal &&
                    record.timeline == snapshot->timeline; /* else the world was restored since */
    bool is_same = !is_there || hash_is_equal(record.header.hash, snapshot->hash);
    if (!is_same) {
        hash_format(record.header.hash, journal);
        hash_format(snapshot->hash, database);
        (void)error_set(
            error, "record %" PRIu64 " of the journal has the world hash %s, the database says %s",
            seq, journal, database);
    }
    tail_close(&tail);
    return is_same;
}

static void fill_manifest(struct backup *backup, const struct snapshot *snapshot, struct moment now)
{
    struct manifest *manifest = &backup->manifest;
    *manifest = (struct manifest){
        .server = TILTH_VERSION,
        .at_us = now.wall_us,
        .journal = snapshot->journal,
        .applied_seq = snapshot->applied_seq,
        .tick = snapshot->tick,
        .timeline = snapshot->timeline,
        .schema = snapshot->schema,
        .hash = snapshot->hash,
        .count = snapshot->count,
    };
    memcpy(manifest->tables, snapshot->tables, sizeof manifest->tables);
    (void)snprintf(manifest->world, sizeof manifest->world, "%s", backup->options.world);
    shelf_new_name(backup->options.shelf, now.wall_us, manifest->name);
}

/* Starts pg_dump on the snapshot. */
static bool start(struct backup *backup, const struct snapshot *snapshot, struct error *error)
{
    const struct backup_postgres *postgres = &backup->options.postgres;
    char program[SHELF_PATH_BYTES], path[SHELF_PATH_BYTES], file[SHELF_PATH_BYTES + 16];
    char moment[SNAPSHOT_ID_BYTES + 16];
    struct pg_environment environment;
    backup_program(postgres, "pg_dump", program);
    shelf_path(backup->options.shelf, backup->manifest.name, true, SHELF_DUMP, path);
    (void)snprintf(file, sizeof file, "--file=%s", path);
    (void)snprintf(moment, sizeof moment, "--snapshot=%s", snapshot->id);
    const char *const arguments[] = {
        program, "--format=custom", "--verbose", "--no-password", file, moment, NULL};
    return pg_environment(postgres->url, snapshot->database, &environment, error) &&
           child_start(&backup->child, "pg_dump", arguments, environment.variables, error);
}

/* Ends whatever is under way; the words that are there stay. */
static void give_up(struct backup *backup)
{
    struct error error = {""};
    child_finish(&backup->child);
    (void)shelf_give_up(backup->options.shelf, backup->manifest.name, &error);
    snapshot_close(backup->options.database);
}

bool backup_begin(struct backup *backup, const struct backup_options *options, struct moment now,
                  struct error *error)
{
    struct snapshot snapshot;
    *backup = (struct backup){.options = *options, .child.fd = -1, .since = now};
    if (snapshot_open(options->database, options->world, &snapshot, error) != DATABASE_OK)
        return false;
    fill_manifest(backup, &snapshot, now);
    if (check_hash(options, &snapshot, error) &&
        shelf_begin(options->shelf, backup->manifest.name, error) &&
        start(backup, &snapshot, error))
        return true;
    give_up(backup);
    return false;
}

static uint64_t dump_bytes(const struct backup *backup)
{
    char path[SHELF_PATH_BYTES];
    struct stat status;
    shelf_path(backup->options.shelf, backup->manifest.name, true, SHELF_DUMP, path);
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* `pg_dump: dumping contents of table "public.chunks"` is how far it is. */
static void note_line(struct backup *backup, const char *line)
{
    const char *table = strstr(line, "dumping contents of table ");
    if (table != NULL)
        (void)snprintf(backup->words, sizeof backup->words, "%s: %" PRIu64 " KiB, %.100s",
                       backup->manifest.name, dump_bytes(backup) >> 10, table + 8);
}

/* What is written must be on the disk before it has a name. */
static bool finish(struct backup *backup, struct error *error)
{
    struct manifest *manifest = &backup->manifest;
    char path[SHELF_PATH_BYTES];
    shelf_path(backup->options.shelf, manifest->name, true, SHELF_DUMP, path);
    if (!file_digest(path, &manifest->size_bytes, manifest->sha256, error))
        return false;
    manifest->took_ms = (clock_now().mono_us - backup->since.mono_us) / 1000;
    return shelf_finish(backup->options.shelf, manifest, error);
}

/* The snapshot is open no longer than pg_dump needs it: it keeps PostgreSQL from tidying up. */
static enum backup_result end(struct backup *backup, struct error *error)
{
    bool is_dumped = child_has_succeeded(&backup->child, error);
    snapshot_close(backup->options.database);
    if (is_dumped && finish(backup, error))
        return BACKUP_DONE;
    give_up(backup);
    return BACKUP_FAILED;
}

enum backup_result backup_step(struct backup *backup, struct error *error)
{
    const _Atomic bool *is_given_up = backup->options.is_given_up;
    uint64_t end_us = clock_now().mono_us + STEP_US;
    char line[CHILD_LINE_BYTES];
    enum child_result result;
    do {
        result = child_next(&backup->child, end_us, is_given_up, line, error);
        if (result == CHILD_LINE)
            note_line(backup, line);
    } while (result == CHILD_LINE);
    if (result == CHILD_ENDED)
        return end(backup, error);
    if (result != CHILD_GIVEN_UP)
        return BACKUP_WORKING;
    give_up(backup);
    return BACKUP_FAILED;
}
