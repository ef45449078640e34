#include "backup/restoration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "backup/archive.h"
#include "backup/verification.h"
#include "base/log.h"
#include "base/memory.h"
#include "journal/segment.h"
#include "journal/tail.h"
#include "store/inspection.h"
#include "store/pg.h"
#include "store/postgres.h"
#include "store/restoring.h"

enum {
    STEP_US = 1000 * 1000,
    DEADLINE_US = 600 * 1000 * 1000,         /* for one result: whole tables are read */
    STANDING_DEADLINE_US = 15 * 1000 * 1000, /* while the world stands still */
    SETTLE_TRIES_MAX = 100000,
};

/* ---- databases ---- */

static void open_database(const struct restoration *restoration, const char *name,
                          struct database *out)
{
    struct postgres_options options = {.url = restoration->options.postgres.url,
                                       .database = name,
                                       .role = "restore",
                                       .deadline_us = DEADLINE_US,
                                       .is_given_up = restoration->options.is_given_up};
    postgres_open(&options, out);
}

/* One for while the world stands still: what it is at is not given up, and does not take long. */
static void open_standing(const struct restoration *restoration, const char *name,
                          struct database *out)
{
    struct postgres_options options = {.url = restoration->options.postgres.url,
                                       .database = name,
                                       .role = "restore",
                                       .deadline_us = STANDING_DEADLINE_US};
    postgres_open(&options, out);
}

static bool connect(struct database *database, struct error *error)
{
    return database->ops->connect(database->state, error) == DATABASE_OK;
}

bool restoration_has_room(const char *url, struct error *error)
{
    char name[CLUSTER_NAME_BYTES];
    if (!pg_database_name(url, name))
        return error_set(error, "database_url must name the database");
    return strlen(name) + RESTORATION_SUFFIX_BYTES < CLUSTER_NAME_BYTES ||
           error_set(error,
                     "the database's name is too long: \"%s\" with _before_ and a time behind it",
                     name);
}

static bool name_databases(struct restoration *restoration, struct error *error)
{
    const char *url = restoration->options.postgres.url;
    if (!restoration_has_room(url, error))
        return false;
    (void)pg_database_name(url, restoration->live);
    (void)snprintf(restoration->fresh, CLUSTER_NAME_BYTES, "%.50s_restoring", restoration->live);
    return true;
}

/* Other worlds in the same database would be taken back too. */
static bool check_alone(struct restoration *restoration, struct error *error)
{
    uint64_t others = 0;
    enum database_result result =
        restoring_count_others(&restoration->old_world, restoration->options.world, &others, error);
    if (result == DATABASE_FAILED)
        return error_add(error,
                         "the database %s is not as this server makes it; start the server on it, "
                         "or drop it",
                         restoration->live);
    if (result != DATABASE_OK)
        return false;
    return others == 0 ||
           error_set(error,
                     "the database %s has %" PRIu64 " other worlds, which would be taken back too",
                     restoration->live, others);
}

/* One without tables of ours has nothing to give, but is kept as any other. */
static bool look_at_old_world(struct restoration *restoration, struct error *error)
{
    bool is_bare = false;
    if (restoring_is_bare(&restoration->old_world, &is_bare, error) != DATABASE_OK)
        return false;
    if (!is_bare)
        return check_alone(restoration, error);
    postgres_close(&restoration->old_world);
    restoration->old_world = (struct database){.state = NULL};
    return true;
}

static bool open_old_world(struct restoration *restoration, struct error *error)
{
    bool is_there = false, is_ours = false;
    if (cluster_find(&restoration->admin, restoration->live, &is_there, &is_ours, error) !=
        DATABASE_OK)
        return false;
    restoration->has_kept = is_there;
    if (!is_there)
        return true;
    open_standing(restoration, restoration->live, &restoration->old_world);
    return connect(&restoration->old_world, error) && look_at_old_world(restoration, error);
}

static bool open_admin(struct restoration *restoration, struct error *error)
{
    bool can_create = false;
    open_database(restoration, restoration->options.maintenance_database, &restoration->admin);
    if (!connect(&restoration->admin, error) ||
        cluster_can_create(&restoration->admin, &can_create, error) != DATABASE_OK)
        return false;
    return can_create || error_set(error, "the database's user may not make databases");
}

static bool make_new_world(struct restoration *restoration, struct error *error)
{
    char dump[SHELF_PATH_BYTES];
    const struct restoration_options *options = &restoration->options;
    if (cluster_create(&restoration->admin, restoration->fresh, error) != DATABASE_OK)
        return false;
    restoration->is_made = true;
    open_database(restoration, restoration->fresh, &restoration->new_world);
    shelf_path(options->shelf, restoration->manifest.name, false, SHELF_DUMP, dump);
    struct loading_options loading = {.postgres = options->postgres,
                                      .dump = dump,
                                      .database = restoration->fresh,
                                      .is_given_up = options->is_given_up};
    return loading_begin(&restoration->loading, &loading, error);
}

/* Is it a backup of this world, and is the target behind it? */
static bool find_backup(struct restoration *restoration, struct error *error)
{
    const struct restoration_options *options = &restoration->options;
    const struct restoration_target *target = &options->target;
    struct shelf_entry entry;
    if (!shelf_find(options->shelf, options->backup, &entry, error))
        return false;
    restoration->manifest = entry.manifest;
    if (strcmp(entry.manifest.world, options->world) != 0)
        return error_set(error, "the backup %s is of the world \"%s\"", entry.name,
                         entry.manifest.world);
    if (target->has_tick && target->tick < entry.manifest.tick)
        return error_set(error,
                         "the backup %s is of tick %" PRIu64 ", later than %" PRIu64
                         ": take an older one",
                         entry.name, entry.manifest.tick, target->tick);
    if (target->has_time && target->wall_us < entry.manifest.at_us)
        return error_set(error, "the backup %s is of a later time: take an older one", entry.name);
    return verification_check_bytes(options->shelf, &entry.manifest, error);
}

bool restoration_open(struct restoration *restoration, const struct restoration_options *options,
                      struct error *error)
{
    *restoration = (struct restoration){.options = *options, .loading.child.fd = -1};
    if (find_backup(restoration, error) && name_databases(restoration, error) &&
        open_admin(restoration, error) && open_old_world(restoration, error) &&
        make_new_world(restoration, error))
        return true;
    restoration_close(restoration);
    return false;
}

/* On a connection of its own: a server that stops gives up all others. */
static void drop_new_world(const struct restoration *restoration)
{
    struct error error = {""};
    struct database admin;
    open_standing(restoration, restoration->options.maintenance_database, &admin);
    if (!connect(&admin, &error) || cluster_drop(&admin, restoration->fresh, &error) != DATABASE_OK)
        log_warning("restore", "the database %s stays behind: %s", restoration->fresh, error.text);
    postgres_close(&admin);
}

void restoration_close(struct restoration *restoration)
{
    store_destroy(&restoration->store);
    child_finish(&restoration->loading.child);
    disk_posix_close(&restoration->archive);
    postgres_close(&restoration->new_world);
    postgres_close(&restoration->old_world);
    postgres_close(&restoration->admin);
    if (restoration->is_made)
        drop_new_world(restoration);
    *restoration = (struct restoration){.loading.child.fd = -1};
}

/* ---- records ---- */

/* The last record of the backup's timeline: what comes before the first segment of a later one, or
 * the last one of the journal. */
static bool find_bound(struct restoration *restoration, struct error *error)
{
    struct record_segment segment;
    uint64_t number = 0;
    int found;
    restoration->bound_seq = restoration->options.journal_seq;
    while ((found = segment_next(&restoration->both, number, &number)) == 1) {
        int read = segment_peek(&restoration->both, number, &segment, NULL);
        if (read < 0)
            return error_system(error, -read, "cannot read journal segment %016" PRIx64, number);
        if (read != 1 || segment.timeline <= restoration->manifest.timeline)
            continue;
        if (segment.previous_seq < restoration->bound_seq)
            restoration->bound_seq = segment.previous_seq;
    }
    return found == 0 || error_system(error, -found, "cannot list the journal's archive");
}

/* Without the journal its last record is found by reading the archive. */
static bool find_last(struct restoration *restoration, struct error *error)
{
    struct tail_record record;
    struct tail *tail;
    if (restoration->options.journal_seq != 0)
        return true;
    tail = tail_open(&restoration->both, restoration->manifest.applied_seq + 1, error);
    if (tail == NULL)
        return false;
    restoration->options.journal_seq = restoration->manifest.applied_seq;
    while (tail_next(tail, UINT64_MAX, &record, &restoration->end) == TAIL_RECORD)
        restoration->options.journal_seq = record.header.seq;
    tail_close(&tail);
    return true;
}

static bool open_records(struct restoration *restoration, struct error *error)
{
    char folder[SHELF_PATH_BYTES];
    struct restoration_options *options = &restoration->options;
    if (options->journal_id != restoration->manifest.journal) {
        options->journal = NULL;
        options->journal_seq = 0;
    }
    archive_folder(options->shelf, restoration->manifest.journal, folder);
    if (!disk_posix_open_reading(&restoration->archive, folder, error)) {
        if (options->journal == NULL)
            return false;
        restoration->pair.disks[0] = options->journal; /* nothing was archived yet */
    } else {
        restoration->pair.disks[0] = &restoration->archive;
    }
    restoration->pair.disks[1] =
        options->journal != NULL ? options->journal : &restoration->archive;
    disk_pair_init(&restoration->both, &restoration->pair);
    return find_last(restoration, error) && find_bound(restoration, error);
}

static bool begin_replay(struct restoration *restoration, struct error *error)
{
    const struct restoration_options *options = &restoration->options;
    struct store_options store = {
        .database = restoration->new_world,
        .disk = &restoration->both,
        .last_tick = options->target.tick,
        .last_wall_us = options->target.wall_us,
        .batch_rows_max = options->batch_rows_max,
        .world = restoration->world,
    };
    if (!open_records(restoration, error))
        return false;
    store.durable_seq = restoration->bound_seq;
    restoration->store = store_create(&store, error);
    return restoration->store != NULL;
}

/* The schema is that of the dump until now; and types that were named since then have the numbers
 * that records know them by. */
static bool raise(struct restoration *restoration, struct error *error)
{
    const struct restoration_options *options = &restoration->options;
    struct database *fresh = &restoration->new_world;
    if (!connect(fresh, error) ||
        postgres_migrate(fresh, options->migrations, error) != DATABASE_OK)
        return false;
    if (restoration->old_world.state != NULL &&
        restoring_carry_types(&restoration->old_world, fresh, error) != DATABASE_OK)
        return false;
    return restoring_read_world(fresh, options->world, &restoration->world, error) == DATABASE_OK;
}

static bool has_target(const struct restoration *restoration)
{
    return restoration->options.target.has_tick || restoration->options.target.has_time;
}

/* All records are applied, and none is later: the world did not live to see the target. */
static bool refuse_end(const struct restoration *restoration, const struct store_facts *facts,
                       struct error *error)
{
    const char *why = restoration->end.text;
    if (restoration->bound_seq < restoration->options.journal_seq)
        why = "a later timeline begins there";
    return error_set(error,
                     "the records behind %s end with number %" PRIu64 ", tick %" PRIu64
                     ": before what was asked for%s%s",
                     restoration->manifest.name, facts->applied_seq, facts->tick,
                     why[0] != '\0' ? "; " : "", why);
}

static enum backup_result replay(struct restoration *restoration, struct error *error)
{
    struct store_facts facts;
    uint64_t target = restoration->options.target.tick;
    uint64_t end_us = clock_now().mono_us + STEP_US;
    bool did_work = true;
    store_facts(restoration->store, &facts);
    while (did_work && clock_now().mono_us < end_us) {
        did_work = store_step(restoration->store, clock_now());
        store_facts(restoration->store, &facts);
        if (facts.is_stopped || facts.retries > 0) {
            (void)error_set(error, "the journal's records cannot be applied: %s",
                            facts.last_failure);
            return BACKUP_FAILED;
        }
    }
    restoration->replayed = facts.applied_seq - restoration->manifest.applied_seq;
    (void)snprintf(restoration->words, sizeof restoration->words,
                   "record %" PRIu64 ", tick %" PRIu64, facts.applied_seq, facts.tick);
    if (did_work)
        return BACKUP_WORKING;
    bool is_last_tick = restoration->options.target.has_tick && facts.tick == target;
    if (!facts.is_at_end && !is_last_tick)
        return (void)refuse_end(restoration, &facts, error), BACKUP_FAILED;
    restoration->stage = RESTORATION_READY;
    return BACKUP_DONE;
}

static enum backup_result start_replay(struct restoration *restoration, struct error *error)
{
    if (!raise(restoration, error))
        return BACKUP_FAILED;
    restoration->stage = RESTORATION_READY;
    if (!has_target(restoration))
        return BACKUP_DONE;
    restoration->stage = RESTORATION_REPLAYING;
    (void)snprintf(restoration->words, sizeof restoration->words, "applying records");
    return begin_replay(restoration, error) ? BACKUP_WORKING : BACKUP_FAILED;
}

static enum backup_result load(struct restoration *restoration, struct error *error)
{
    enum backup_result result = loading_step(&restoration->loading, error);
    (void)snprintf(restoration->words, sizeof restoration->words, "%s", restoration->loading.words);
    if (result == BACKUP_DONE)
        restoration->stage = RESTORATION_RAISING;
    return result == BACKUP_FAILED ? result : BACKUP_WORKING;
}

enum backup_result restoration_step(struct restoration *restoration, struct error *error)
{
    switch (restoration->stage) {
    case RESTORATION_LOADING:
        return load(restoration, error);
    case RESTORATION_RAISING:
        return start_replay(restoration, error);
    case RESTORATION_REPLAYING:
        return replay(restoration, error);
    case RESTORATION_READY:
        return BACKUP_DONE;
    }
    return BACKUP_FAILED;
}

bool restoration_check(struct restoration *restoration, struct error *error)
{
    const struct restoration_options *options = &restoration->options;
    struct inspection *inspection = memory_reserve("inspection", 1, sizeof *inspection);
    bool is_well =
        restoring_read_world(&restoration->new_world, options->world, &restoration->world, error) ==
            DATABASE_OK &&
        inspection_run(&restoration->new_world, options->world, inspection, error) == DATABASE_OK;
    is_well = is_well && verification_judge(inspection, error);
    memory_release(inspection);
    return is_well;
}

bool restoration_check_content(struct restoration *restoration, struct catalog *catalog,
                               struct error *error)
{
    struct database *fresh = &restoration->new_world;
    return fresh->ops->renew_types(fresh->state, restoration->world.id, catalog, error) ==
           DATABASE_OK;
}

/* ---- the exchange ---- */

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

bool restoration_settle(struct restoration *restoration, uint64_t last_seq, struct error *error)
{
    struct database *old = &restoration->old_world;
    struct database_world world;
    struct store_facts facts = {.is_stopped = false};
    struct error ignored = {""};
    if (old->state == NULL ||
        restoring_read_world(old, restoration->options.world, &world, &ignored) != DATABASE_OK)
        return true; /* there is nothing to save */
    if (restoring_take(old, world.id, error) != DATABASE_OK)
        return false;
    if (restoration->options.journal == NULL || world.journal != restoration->options.journal_id ||
        last_seq <= world.applied_seq)
        return true;
    struct disk disk = *restoration->options.journal;
    struct store_options options = {
        .database = *old, .disk = &disk, .durable_seq = last_seq, .world = world};
    struct store *store = store_create(&options, error);
    if (store == NULL)
        return false;
    for (uint32_t i = 0; i < SETTLE_TRIES_MAX && store_applied_seq(store) < last_seq; i++) {
        bool did_work = store_step(store, clock_now());
        store_facts(store, &facts);
        if (!did_work && (facts.is_stopped || facts.retries > 0))
            break;
    }
    bool is_settled = store_applied_seq(store) >= last_seq;
    store_destroy(&store);
    return is_settled ||
           error_set(error, "what only the journal has cannot be brought into the database: %s",
                     facts.last_failure);
}

/* The highest timeline that any backup, the journal or its archive knows of. */
static uint32_t latest_timeline(const struct restoration *restoration, uint32_t timeline)
{
    const struct shelf *shelf = restoration->options.shelf;
    char folder[SHELF_PATH_BYTES];
    struct record_segment segment;
    struct disk disk;
    struct error ignored = {""};
    uint64_t number = 0;
    struct shelf_list *list = memory_reserve("restore", 1, sizeof *list);
    if (shelf_list(shelf, list, &ignored)) {
        for (uint32_t i = 0; i < list->count; i++)
            timeline = (uint32_t)larger(timeline, list->entries[i].manifest.timeline);
    }
    memory_release(list);
    archive_folder(shelf, restoration->manifest.journal, folder);
    if (!disk_posix_open_reading(&disk, folder, &ignored))
        return timeline;
    while (segment_next(&disk, number, &number) == 1) {
        if (segment_peek(&disk, number, &segment, NULL) == 1)
            timeline = (uint32_t)larger(timeline, segment.timeline);
    }
    disk_posix_close(&disk);
    return timeline;
}

/* What the old database says of the world; nothing when it says nothing of it. False: it is
 * somebody else's by now, or does not answer. */
static bool read_old_world(struct restoration *restoration, const struct restoration_end *end,
                           struct database_world *out, struct error *error)
{
    *out = (struct database_world){.timeline = 0};
    if (restoration->old_world.state == NULL)
        return true;
    enum database_result result =
        restoring_read_world(&restoration->old_world, restoration->options.world, out, error);
    if (result == DATABASE_LOST)
        return false;
    return result != DATABASE_OK || end->epoch == 0 || out->epoch == end->epoch ||
           error_set(error, "another server has become the world's owner");
}

/* The numbers of the new timeline are beyond all that there were. */
static bool begin_timeline(struct restoration *restoration, const struct restoration_end *end,
                           struct error *error)
{
    struct database_world old_world;
    struct database_world *world = &restoration->world;
    if (!read_old_world(restoration, end, &old_world, error))
        return false;
    uint32_t timeline =
        (uint32_t)larger(larger(world->timeline, old_world.timeline), end->timeline);
    struct restoring_start start = {
        .world = world->id,
        .journal = end->journal,
        .applied_seq = larger(world->applied_seq, larger(end->last_seq, old_world.applied_seq)),
        .tick = larger(world->tick, restoration->options.target.tick),
        .timeline = latest_timeline(restoration, timeline) + 1,
        .epoch = larger(world->epoch, old_world.epoch) + 1,
    };
    world->timeline = start.timeline;
    world->tick = start.tick;
    world->applied_seq = start.applied_seq;
    return restoring_begin_timeline(&restoration->new_world, &start, error) == DATABASE_OK;
}

static bool carry_accounts(struct restoration *restoration, struct error *error)
{
    uint64_t kept = 0;
    if (restoration->old_world.state == NULL)
        return true;
    if (restoring_carry_accounts(&restoration->old_world, &restoration->new_world, &kept, error) !=
        DATABASE_OK)
        return false;
    if (kept > 0)
        log_warning("restore",
                    "%" PRIu64 " accounts stay as they were in the backup: their names have had "
                    "other accounts since",
                    kept);
    return true;
}

static void name_kept(struct restoration *restoration, int64_t wall_us)
{
    char moment[32];
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm parts;
    (void)gmtime_r(&seconds, &parts);
    (void)strftime(moment, sizeof moment, "%Y%m%d_%H%M%S", &parts);
    (void)snprintf(restoration->kept, CLUSTER_NAME_BYTES, "%.40s_before_%.15s", restoration->live,
                   moment);
}

enum cluster_exchanged restoration_exchange(struct restoration *restoration,
                                            const struct restoration_end *end, struct error *error)
{
    struct cluster_exchange exchange = {restoration->live, restoration->fresh, restoration->kept};
    struct database admin;
    name_kept(restoration, end->wall_us);
    if (!carry_accounts(restoration, error) || !begin_timeline(restoration, end, error))
        return CLUSTER_UNCHANGED;
    store_destroy(&restoration->store);
    restoration->new_world.ops->disconnect(restoration->new_world.state);
    if (restoration->old_world.state != NULL)
        restoration->old_world.ops->disconnect(restoration->old_world.state);
    open_standing(restoration, restoration->options.maintenance_database, &admin);
    enum cluster_exchanged exchanged = cluster_exchange(&admin, &exchange, error);
    postgres_close(&admin);
    restoration->is_made = exchanged == CLUSTER_UNCHANGED;
    if (exchanged == CLUSTER_UNKNOWN)
        (void)error_add(error,
                        "PostgreSQL went away in the middle, and the next start of the server "
                        "tells whether the world was restored");
    return exchanged;
}
