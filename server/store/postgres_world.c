#include "store/postgres_state.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ensure.h"
#include "base/log.h"

enum {
    WORLD_BEGIN,
    WORLD_ONE_BY_ONE,
    WORLD_MAKE,
    WORLD_MAKE_STREAM,
    WORLD_COMMIT,
    WORLD_READ,
    WORLD_LOCK,
    WORLD_UNLOCK,
    WORLD_OWN,
    WORLD_POSITION,
    WORLD_OWN_AGAIN,
    WORLD_CLOSE,
    WORLD_RENEW,
    WORLD_EVICT,
    WORLD_STATEMENTS,
};

enum { WORLD_LOCK_PAUSE_US = 50000, WORLD_HOST_BYTES = 256 };

/* The owner's lock is the advisory lock (0x54494c54, world): "TILT". */
static const struct pg_statement postgres_world_table[] = {
    [WORLD_BEGIN] = {"world_begin", "BEGIN"},
    [WORLD_ONE_BY_ONE] = {"world_one_by_one", "LOCK TABLE worlds IN SHARE ROW EXCLUSIVE MODE"},
    [WORLD_MAKE] = {"world_make",
                    "INSERT INTO worlds (name, terrain_seed, rule_seed, generator_version) "
                    "SELECT $1::text, $2::bigint, $3::bigint, $4::bigint "
                    "WHERE NOT EXISTS (SELECT FROM worlds WHERE name = $1::text)"},
    [WORLD_MAKE_STREAM] =
        {"world_make_stream",
         "INSERT INTO world_stream (world_id, stream, journal_id, is_clean, epoch, applied_seq, "
         "tick, world_hash, owner_host, owner_folder, owner_pid, opened_at) "
         "SELECT w.id, (SELECT coalesce(max(stream), 0) + 1 FROM world_stream), 0, true, 0, 0, 0, "
         "$2::bytea, '', '', 0, now() FROM worlds w WHERE w.name = $1::text "
         "AND NOT EXISTS (SELECT FROM world_stream s WHERE s.world_id = w.id)"},
    [WORLD_COMMIT] = {"world_commit", "COMMIT"},
    [WORLD_READ] = {"world_read",
                    "SELECT " POSTGRES_WORLD_COLUMNS ", "
                    "s.journal_id, s.owner_host, s.owner_folder, s.owner_pid, "
                    "s.lease_until IS NOT NULL, "
                    "(extract(epoch FROM s.lease_until - clock_timestamp()) * 1000000)::bigint "
                    "FROM worlds w JOIN world_stream s ON s.world_id = w.id "
                    "WHERE w.name = $1::text"},
    [WORLD_LOCK] = {"world_lock", "SELECT pg_try_advisory_lock(1414089812, $1::bigint::integer)"},
    [WORLD_UNLOCK] = {"world_unlock", "SELECT pg_advisory_unlock(1414089812, $1::bigint::integer)"},
    [WORLD_OWN] = {"world_own",
                   "UPDATE world_stream SET epoch = epoch + 1, is_clean = false, "
                   "journal_id = $3::bigint, owner_host = $4::text, owner_folder = $5::text, "
                   "owner_pid = $6::bigint, opened_at = now(), lease_until = CASE WHEN $7::bigint "
                   "> 0 THEN clock_timestamp() + $7::bigint * interval '1 microsecond' END "
                   "WHERE world_id = $1::bigint AND stream = $2::bigint RETURNING epoch"},
    [WORLD_POSITION] = {"world_position",
                        "SELECT epoch, applied_seq, tick, world_hash, quarantine, journal_id, "
                        "(SELECT timeline FROM worlds w WHERE w.id = world_id) FROM world_stream "
                        "WHERE world_id = $1::bigint AND stream = $2::bigint"},
    [WORLD_OWN_AGAIN] = {"world_own_again",
                         "UPDATE world_stream SET epoch = $3::bigint, is_clean = false "
                         "WHERE world_id = $1::bigint AND stream = $2::bigint "
                         "AND epoch < $3::bigint AND journal_id = $4::bigint"},
    [WORLD_CLOSE] = {"world_close",
                     "UPDATE world_stream SET is_clean = true "
                     "WHERE world_id = $1::bigint AND stream = $2::bigint AND epoch = $3::bigint"},
    [WORLD_RENEW] = {"world_renew",
                     "UPDATE world_stream SET lease_until = clock_timestamp() + "
                     "$4::bigint * interval '1 microsecond' "
                     "WHERE world_id = $1::bigint AND stream = $2::bigint AND epoch = $3::bigint"},
    [WORLD_EVICT] = {"world_evict",
                     "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                     "AND database = (SELECT oid FROM pg_database WHERE datname = "
                     "current_database()) AND classid = 1414089812 AND objid = $1::bigint::oid "
                     "AND objsubid = 2 AND granted"},
};

static void postgres_start_world(struct postgres *state, uint32_t statement)
{
    pg_start(state->pg, &postgres_world_table[statement]);
}

static enum pg_status postgres_prepare_world(struct postgres *state, struct error *error)
{
    return postgres_prepare(state, POSTGRES_WORLD, postgres_world_table, WORLD_STATEMENTS, error);
}

/* Sends a statement whose only parameter is a number. */
static enum pg_status postgres_send_int(struct postgres *state, uint32_t statement, uint64_t value,
                                        struct error *error)
{
    postgres_start_world(state, statement);
    pg_add_int(state->pg, (int64_t)value);
    return pg_send(state->pg, error);
}

static enum pg_status postgres_send_plain(struct postgres *state, uint32_t statement,
                                          struct error *error)
{
    postgres_start_world(state, statement);
    return pg_send(state->pg, error);
}

/* Makes the rows of world and stream unless they are there. Servers that start together do it one
 * after the other, so that each stream gets its own number. */
static enum pg_status postgres_make_world(struct postgres *state,
                                          const struct database_options *options,
                                          struct error *error)
{
    struct pg *pg = state->pg;
    enum pg_status status = postgres_send_plain(state, WORLD_BEGIN, error);
    if (status == PG_OK)
        status = postgres_send_plain(state, WORLD_ONE_BY_ONE, error);
    if (status != PG_OK)
        return status;
    postgres_start_world(state, WORLD_MAKE);
    pg_add_text(pg, options->world);
    pg_add_int(pg, (int64_t)options->terrain_seed);
    pg_add_int(pg, (int64_t)options->rule_seed);
    pg_add_int(pg, options->generator_version);
    status = pg_send(pg, error);
    if (status != PG_OK)
        return status;
    postgres_start_world(state, WORLD_MAKE_STREAM);
    pg_add_text(pg, options->world);
    pg_add_hash(pg, (struct hash128){0});
    status = pg_send(pg, error);
    if (status == PG_OK)
        status = postgres_send_plain(state, WORLD_COMMIT, error);
    for (int i = 0; i < 5 && status == PG_OK; i++)
        status = pg_receive(pg, error);
    return status;
}

struct database_world postgres_take_world(const struct pg *pg)
{
    return (struct database_world){
        .id = (uint64_t)pg_int(pg, 0, 0),
        .terrain_seed = (uint64_t)pg_int(pg, 0, 1),
        .rule_seed = (uint64_t)pg_int(pg, 0, 2),
        .generator_version = (uint32_t)pg_int(pg, 0, 3),
        .timeline = (uint32_t)pg_int(pg, 0, 4),
        .stream = (uint32_t)pg_int(pg, 0, 5),
        .epoch = (uint64_t)pg_int(pg, 0, 6),
        .applied_seq = (uint64_t)pg_int(pg, 0, 7),
        .tick = (uint64_t)pg_int(pg, 0, 8),
        .hash = pg_hash(pg, 0, 9),
        .was_clean = pg_bool(pg, 0, 10),
        .quarantine = (uint64_t)pg_int(pg, 0, 11),
    };
}

/* Reads the world's rows; the owner's texts live until the next statement. */
static enum pg_status postgres_read_world(struct postgres *state, const char *name,
                                          struct database_world *out_world,
                                          struct database_owner *out_owner, struct error *error)
{
    struct pg *pg = state->pg;
    postgres_start_world(state, WORLD_READ);
    pg_add_text(pg, name);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    if (pg_rows(pg) != 1) {
        error_set(error, "the world \"%s\" has %u streams, this server can serve one", name,
                  pg_rows(pg));
        return PG_REFUSED;
    }
    *out_world = postgres_take_world(pg);
    *out_owner = (struct database_owner){
        .journal = (uint64_t)pg_int(pg, 0, POSTGRES_WORLD_COLUMN_COUNT),
        .host = pg_text(pg, 0, POSTGRES_WORLD_COLUMN_COUNT + 1),
        .folder = pg_text(pg, 0, POSTGRES_WORLD_COLUMN_COUNT + 2),
        .pid = pg_int(pg, 0, POSTGRES_WORLD_COLUMN_COUNT + 3),
        .applied_seq = out_world->applied_seq,
        .is_clean = out_world->was_clean,
        .has_lease = pg_bool(pg, 0, POSTGRES_WORLD_COLUMN_COUNT + 4),
        .lease_left_us = pg_int(pg, 0, POSTGRES_WORLD_COLUMN_COUNT + 5),
    };
    return PG_OK;
}

/* Takes the owner's lock; a former owner's connection may need a moment to end. */
static enum pg_status postgres_lock(struct postgres *state, uint64_t world, bool *out_is_locked,
                                    struct error *error)
{
    uint64_t end_us = clock_now().mono_us + state->options.lock_wait_us;
    for (;;) {
        enum pg_status status = postgres_send_int(state, WORLD_LOCK, world, error);
        if (status == PG_OK)
            status = pg_receive(state->pg, error);
        if (status != PG_OK)
            return status;
        *out_is_locked = pg_bool(state->pg, 0, 0);
        uint64_t now_us = clock_now().mono_us;
        if (*out_is_locked || now_us >= end_us)
            return PG_OK;
        clock_sleep_until(now_us + WORLD_LOCK_PAUSE_US);
    }
}

/* Takes the owner's lock; from an owner whose lease has ended, by closing its connection. */
static enum pg_status postgres_lock_ended(struct postgres *state, uint64_t world,
                                          const struct database_owner *owner, bool *out_is_locked,
                                          struct error *error)
{
    bool has_ended = owner->has_lease && owner->lease_left_us < 0;
    enum pg_status status = postgres_lock(state, world, out_is_locked, error);
    if (status != PG_OK || *out_is_locked || !has_ended)
        return status;
    log_warning("store", "the world's lease has ended: its former owner's connection is closed");
    status = postgres_send_int(state, WORLD_EVICT, world, error);
    if (status == PG_OK)
        status = pg_receive(state->pg, error);
    return status == PG_OK ? postgres_lock(state, world, out_is_locked, error) : status;
}

static void postgres_unlock(struct postgres *state, uint64_t world)
{
    if (pg_is_connected(state->pg) && postgres_send_int(state, WORLD_UNLOCK, world, NULL) == PG_OK)
        (void)pg_receive(state->pg, NULL);
}

/* Writes this server into the stream's row, under a new epoch. */
static enum pg_status postgres_write_owner(struct postgres *state,
                                           const struct database_options *options,
                                           struct database_world *world, struct error *error)
{
    char host[WORLD_HOST_BYTES] = "";
    struct pg *pg = state->pg;
    if (gethostname(host, sizeof host - 1) != 0)
        memcpy(host, "unknown", sizeof "unknown");
    postgres_start_world(state, WORLD_OWN);
    pg_add_int(pg, (int64_t)world->id);
    pg_add_int(pg, world->stream);
    pg_add_int(pg, (int64_t)options->journal);
    pg_add_text(pg, host);
    pg_add_text(pg, options->folder);
    pg_add_int(pg, getpid());
    pg_add_int(pg, (int64_t)options->lease_us);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    world->epoch = (uint64_t)pg_int(pg, 0, 0);
    world->journal = options->journal;
    return PG_OK;
}

/* Under the lock: one transaction that checks the last owner, syncs the types and becomes owner. */
static enum database_result postgres_own(struct postgres *state,
                                         const struct database_options *options,
                                         struct catalog *catalog, struct database_world *world,
                                         struct error *error)
{
    struct database_owner owner;
    enum pg_status status = pg_script(state->pg, "BEGIN", error);
    if (status == PG_OK)
        status = postgres_read_world(state, options->world, world, &owner, error);
    if (status == PG_OK && !database_check_owner(&owner, options, error))
        status = PG_REFUSED;
    if (status != PG_OK)
        return postgres_result(status);
    enum database_result result = postgres_sync_types(state, world->id, catalog, error);
    if (result != DATABASE_OK)
        return result;
    status = postgres_write_owner(state, options, world, error);
    if (status == PG_OK)
        status = pg_script(state->pg, "COMMIT", error);
    return postgres_result(status);
}

enum database_result postgres_open_world(void *state_any, const struct database_options *options,
                                         struct catalog *catalog, struct database_world *out_world,
                                         struct error *error)
{
    struct postgres *state = state_any;
    struct database_world world;
    struct database_owner owner;
    bool is_locked = false;
    enum pg_status status = postgres_prepare_world(state, error);
    if (status == PG_OK)
        status = postgres_make_world(state, options, error);
    if (status == PG_OK)
        status = postgres_read_world(state, options->world, &world, &owner, error);
    if (status == PG_OK)
        status = postgres_lock_ended(state, world.id, &owner, &is_locked, error);
    if (status == PG_OK && !is_locked) {
        status = postgres_read_world(state, options->world, &world, &owner, error);
        if (status == PG_OK)
            (void)database_tell_owner(&owner, options->world, error);
        return status == PG_OK ? DATABASE_FAILED : postgres_result(status);
    }
    if (status != PG_OK) {
        postgres_roll_back(state);
        return postgres_result(status);
    }
    enum database_result result = postgres_own(state, options, catalog, &world, error);
    if (result == DATABASE_OK) {
        *out_world = world;
    } else {
        postgres_roll_back(state);
        postgres_unlock(state, world.id);
    }
    return result;
}

/* Reads where the stream is, and whose; refused when its row is gone. */
static enum pg_status postgres_read_position(struct postgres *state, struct database_world *world,
                                             struct error *error)
{
    struct pg *pg = state->pg;
    postgres_start_world(state, WORLD_POSITION);
    pg_add_int(pg, (int64_t)world->id);
    pg_add_int(pg, world->stream);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    if (pg_rows(pg) != 1) {
        error_set(error, "the world's row in world_stream is gone");
        return PG_REFUSED;
    }
    world->epoch = (uint64_t)pg_int(pg, 0, 0);
    world->applied_seq = (uint64_t)pg_int(pg, 0, 1);
    world->tick = (uint64_t)pg_int(pg, 0, 2);
    world->hash = pg_hash(pg, 0, 3);
    world->quarantine = (uint64_t)pg_int(pg, 0, 4);
    world->journal = (uint64_t)pg_int(pg, 0, 5);
    world->timeline = (uint32_t)pg_int(pg, 0, 6);
    return PG_OK;
}

/* Under the lock: a standby took over that lacks this owner's start; writes its epoch again. */
static enum pg_status postgres_own_again(struct postgres *state, const struct database_world *world,
                                         struct error *error)
{
    struct pg *pg = state->pg;
    postgres_start_world(state, WORLD_OWN_AGAIN);
    pg_add_int(pg, (int64_t)world->id);
    pg_add_int(pg, world->stream);
    pg_add_int(pg, (int64_t)world->epoch);
    pg_add_int(pg, (int64_t)world->journal);
    enum pg_status status = pg_run(pg, error);
    if (status == PG_OK)
        log_info("store", "the database had not heard of this server's start, and has now");
    return status;
}

enum database_result postgres_resume(void *state_any, struct database_world *world,
                                     struct error *error)
{
    struct postgres *state = state_any;
    struct database_world found = *world;
    bool is_locked = false;
    enum pg_status status = postgres_prepare_world(state, error);
    if (status == PG_OK)
        status = postgres_lock(state, world->id, &is_locked, error);
    if (status == PG_OK)
        status = postgres_read_position(state, &found, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (found.timeline != world->timeline) {
        postgres_unlock(state, world->id);
        error_set(error,
                  "the database is of timeline %u now, this server of %u: not the same world",
                  found.timeline, world->timeline);
        return DATABASE_FENCED;
    }
    if (found.epoch > world->epoch || found.journal != world->journal) {
        postgres_unlock(state, world->id);
        error_set(error, "another server has become the world's owner (epoch %llu, ours was %llu)",
                  (unsigned long long)found.epoch, (unsigned long long)world->epoch);
        return DATABASE_FENCED;
    }
    if (!is_locked) {
        error_set(error, "the former connection still holds the world's lock");
        pg_disconnect(state->pg);
        return DATABASE_LOST;
    }
    if (found.epoch < world->epoch)
        status = postgres_own_again(state, world, error);
    if (status != PG_OK)
        return postgres_result(status);
    found.epoch = world->epoch;
    *world = found;
    return DATABASE_OK;
}

enum database_result postgres_renew(void *state_any, const struct database_world *world,
                                    uint64_t lease_us, struct error *error)
{
    struct postgres *state = state_any;
    struct pg *pg = state->pg;
    enum pg_status status = postgres_prepare_world(state, error);
    if (status != PG_OK)
        return postgres_result(status);
    postgres_start_world(state, WORLD_RENEW);
    pg_add_int(pg, (int64_t)world->id);
    pg_add_int(pg, world->stream);
    pg_add_int(pg, (int64_t)world->epoch);
    pg_add_int(pg, (int64_t)lease_us);
    status = pg_run(pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_affected(pg) == 1)
        return DATABASE_OK;
    error_set(error, "another server has become the world's owner");
    return DATABASE_FENCED;
}

enum database_result postgres_close_world(void *state_any, const struct database_world *world,
                                          struct error *error)
{
    struct postgres *state = state_any;
    struct pg *pg = state->pg;
    enum pg_status status = postgres_prepare_world(state, error);
    if (status != PG_OK)
        return postgres_result(status);
    postgres_start_world(state, WORLD_CLOSE);
    pg_add_int(pg, (int64_t)world->id);
    pg_add_int(pg, world->stream);
    pg_add_int(pg, (int64_t)world->epoch);
    status = pg_run(pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_affected(pg) != 1) {
        error_set(error, "another server has become the world's owner");
        return DATABASE_FENCED;
    }
    postgres_unlock(state, world->id);
    return DATABASE_OK;
}
