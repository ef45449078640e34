#include "host/check_command.h"

#include <inttypes.h>

#include "host/journal_command.h"
#include "journal/segment.h"
#include "journal/tail.h"

static const char where[] = "journal";

/* The record that was applied last must have the hash that the database says it has. */
static void compare_record(struct inspection *inspection, struct disk *disk)
{
    struct error error = {""};
    struct tail_record record;
    char journal[33], database[33];
    uint64_t next_seq = 0;
    if (segment_is_gap(disk, inspection->applied_seq, &next_seq))
        return;
    struct tail *tail = tail_open(disk, inspection->applied_seq, &error);
    bool is_read =
        tail != NULL && tail_next(tail, inspection->applied_seq, &record, &error) == TAIL_RECORD;
    if (!is_read) {
        inspection_find(inspection, where, "%s", error.text);
    } else if (record.timeline != inspection->timeline) {
        /* the world was restored since, and nothing has changed yet */
    } else if (!hash_is_equal(record.header.hash, inspection->hash)) {
        hash_format(record.header.hash, journal);
        hash_format(inspection->hash, database);
        inspection_find(inspection, where,
                        "record %" PRIu64 " has the world hash %s, the database says %s",
                        inspection->applied_seq, journal, database);
    }
    tail_close(&tail);
}

/* Are these the journal's records of this world, from the one behind what is applied on? */
static void compare_whole(struct inspection *inspection, struct disk *disk,
                          const struct recovered *recovered)
{
    uint64_t applied = inspection->applied_seq, last = recovered->last.seq;
    bool is_former = recovered->newest.timeline < inspection->timeline; /* of before a restore */
    if (recovered->newest.world != inspection->world)
        inspection_find(inspection, where, "it is of world %016" PRIx64 ", not %016" PRIx64,
                        recovered->newest.world, inspection->world);
    else if (recovered->newest.journal != inspection->journal)
        inspection_find(inspection, where,
                        "it is journal %016" PRIx64 ", the world's is %016" PRIx64,
                        recovered->newest.journal, inspection->journal);
    else if (recovered->newest.timeline > inspection->timeline || (is_former && last > applied))
        inspection_find(inspection, where,
                        "it is of timeline %u and goes up to record %" PRIu64
                        ", the database is of timeline %u and has records up to %" PRIu64,
                        recovered->newest.timeline, last, inspection->timeline, applied);
    else if (!is_former && recovered->newest.first_seq <= applied && last < applied)
        inspection_find(inspection, where,
                        "it ends with record %" PRIu64 ", the database has %" PRIu64, last,
                        applied);
    else if (last != 0 && recovered->first_seq > applied + 1)
        inspection_find(inspection, where,
                        "it begins with record %" PRIu64 ", the database ends with %" PRIu64,
                        recovered->first_seq, applied);
    else if (applied != 0 && recovered->first_seq <= applied && last >= applied)
        compare_record(inspection, disk);
}

void check_command_compare(struct inspection *inspection, const char *folder)
{
    struct error error = {""};
    struct disk disk = {.state = NULL};
    struct recovered recovered;
    bool is_read = disk_posix_open_reading(&disk, folder, &error) &&
                   journal_command_look(&disk, &recovered, &error);
    if (!is_read)
        inspection_find(inspection, where, "%s", error.text);
    else if (!recovered.is_empty)
        compare_whole(inspection, &disk, &recovered);
    disk_posix_close(&disk);
}

enum database_result check_command_run(const struct settings *settings, struct database *database,
                                       struct inspection *out, struct error *error)
{
    enum database_result result = inspection_run(database, settings->world, out, error);
    if (result == DATABASE_OK)
        check_command_compare(out, settings->journal_dir);
    return result;
}
