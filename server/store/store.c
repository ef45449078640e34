#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "base/board.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/rng.h"
#include "journal/tail.h"
#include "store/batch_pace.h"
#include "store/quarantine.h"

enum {
    STORE_ROWS_DEFAULT = 16384,
    STORE_CHANGES_MAX = RECORD_PAYLOAD_BYTES_MAX / 8, /* of a record: none takes fewer bytes */
    STORE_RENEWALS_PER_LEASE = 6,
    STORE_BYTES_MAX = 2 * RECORD_PAYLOAD_BYTES_MAX,
};

enum { STORE_RATE_US = 1000000 };

/* Reconnecting: the first pause, and the longest. */
enum { STORE_PAUSE_US = 100000, STORE_PAUSE_US_MAX = 10000000 };

struct store {
    struct store_options options;
    struct database_world world;
    struct tail *tail; /* NULL while it has to be opened again */
    struct batch *batch;
    struct batch_pace pace;
    uint64_t rate_since_us, rate_since_rows; /* of rows_s */
    struct quarantine *quarantine;
    bool is_quarantine_told; /* to the tick: as it is now */
    struct tail_record held; /* read, but the batch before it was full; lives in the tail */
    bool has_held;
    bool is_connected;
    uint64_t pause_us;        /* the last one; 0 when all goes well */
    uint64_t connected_at_us; /* when it was connected again */
    uint64_t retry_at_us;
    struct rng jitter;
    struct store_facts facts; /* the owner's copy */
    struct board board;
    _Atomic uint64_t applied_seq;
    _Atomic uint64_t leased_until_us;
    uint64_t renew_at_us;
};

_Static_assert(sizeof(struct store_facts) <= BOARD_BYTES, "facts fit the board");
_Static_assert((int)STORE_CLOSED_MAX == (int)QUARANTINE_CHUNKS_MAX, "all can be told");

static void store_publish(struct store *store)
{
    store->facts.applied_seq = store->world.applied_seq;
    store->facts.tick = store->world.tick;
    store->facts.is_connected = store->is_connected;
    store->facts.batch_rows = store->pace.rows;
    store->facts.quarantine = store->quarantine->version;
    store->facts.quarantined = store->quarantine->count;
    board_publish(&store->board, &store->facts, sizeof store->facts);
}

/* Tells the tick which chunks are closed, when there is news and room for it. */
static void store_tell_closed(struct store *store)
{
    const struct quarantine *quarantine = store->quarantine;
    struct store_closed head = {.count = quarantine->chunk_count};
    uint32_t chunk_bytes = head.count * (uint32_t)sizeof *quarantine->chunks;
    if (store->options.closed == NULL || store->is_quarantine_told)
        return;
    uint8_t *room = ring_reserve(store->options.closed, (uint32_t)sizeof head + chunk_bytes);
    if (room == NULL)
        return;
    memcpy(room, &head, sizeof head);
    memcpy(room + sizeof head, quarantine->chunks, chunk_bytes);
    ring_commit(store->options.closed, (uint32_t)sizeof head + chunk_bytes);
    store->is_quarantine_told = true;
}

/* Reads the quarantine of the version that the world has now. */
static enum database_result store_read_quarantine(struct store *store, struct error *error)
{
    uint32_t before = store->quarantine->count;
    enum database_result result =
        quarantine_read(store->quarantine, &store->options.database, &store->world, error);
    if (result != DATABASE_OK)
        return result;
    store->is_quarantine_told = false;
    if (store->quarantine->count != before)
        log_warning("store", "keys in quarantine: %u; see `quarantine list`",
                    store->quarantine->count);
    store_tell_closed(store);
    return DATABASE_OK;
}

struct store *store_create(const struct store_options *options, struct error *error)
{
    struct tail *tail = tail_open(options->disk, options->world.applied_seq + 1, error);
    if (tail == NULL)
        return NULL;
    struct store *store = memory_reserve("store", 1, sizeof *store);
    store->options = *options;
    store->world = options->world;
    store->tail = tail;
    if (options->batch_rows_max == 0)
        store->options.batch_rows_max = STORE_ROWS_DEFAULT;
    batch_pace_init(&store->pace, store->options.batch_rows_max, options->batch_us);
    store->batch = batch_create(store->options.batch_rows_max + STORE_CHANGES_MAX, STORE_BYTES_MAX);
    store->quarantine = quarantine_create();
    store->is_quarantine_told = true; /* that there is none */
    if (options->world.quarantine > 0 && store_read_quarantine(store, error) != DATABASE_OK) {
        store_destroy(&store);
        return NULL;
    }
    store->is_connected = true;
    rng_init(&store->jitter, options->seed);
    atomic_store(&store->applied_seq, store->world.applied_seq);
    atomic_store(&store->leased_until_us, options->leased_until_us);
    store_publish(store);
    return store;
}

void store_destroy(struct store **store)
{
    if (*store == NULL)
        return;
    tail_close(&(*store)->tail);
    batch_destroy(&(*store)->batch);
    quarantine_destroy(&(*store)->quarantine);
    memory_release(*store);
    *store = NULL;
}

static uint64_t store_durable_seq(const struct store *store)
{
    const struct store_options *options = &store->options;
    return options->journal != NULL ? journal_durable_seq(options->journal) : options->durable_seq;
}

/* Notes a failure; the log hears of it when its words are new. */
static void store_note(struct store *store, const struct error *error)
{
    char words[sizeof store->facts.last_failure];
    memset(words, 0, sizeof words);
    (void)snprintf(words, sizeof words, "%.255s", error->text);
    if (strcmp(words, store->facts.last_failure) != 0)
        log_warning("store", "%s", error->text);
    memcpy(store->facts.last_failure, words, sizeof words);
}

/* Nothing that the store can do will help: play goes on from the journal, people must look. */
static void store_stop(struct store *store, const struct error *error)
{
    store_note(store, error);
    log_error("store", "stopped: %s", error->text);
    store->facts.is_stopped = true;
}

/* Forgets the connection and what was read, and sets the time of the next attempt: the pause
 * doubles, and half of it is random, so that servers do not come back all at once. */
static void store_lose(struct store *store, struct moment now, const struct error *error)
{
    store_note(store, error);
    if (store->is_connected && now.mono_us - store->connected_at_us > STORE_PAUSE_US_MAX)
        store->pause_us = 0;
    store->is_connected = false;
    store->has_held = false;
    tail_close(&store->tail);
    batch_clear(store->batch);
    store->pause_us = store->pause_us == 0 ? STORE_PAUSE_US : store->pause_us * 2;
    if (store->pause_us > STORE_PAUSE_US_MAX)
        store->pause_us = STORE_PAUSE_US_MAX;
    store->retry_at_us =
        now.mono_us + store->pause_us / 2 + rng_below(&store->jitter, store->pause_us / 2);
    store->facts.retries++;
}

/* Says how far the database is. It can be less than before: a standby took over that was behind. */
static void store_announce(struct store *store)
{
    _Atomic uint64_t *max = store->options.applied_max;
    atomic_store(&store->applied_seq, store->world.applied_seq);
    if (max != NULL && store->world.applied_seq > atomic_load(max))
        atomic_store(max, store->world.applied_seq); /* only this thread writes it */
    if (store->options.journal != NULL)
        journal_set_applied(store->options.journal, store->world.applied_seq);
    if (store->options.applied_wake != NULL)
        wake_signal(store->options.applied_wake);
}

/* Connects again, and goes on behind what the database has. False: not yet. */
static bool store_reconnect(struct store *store, struct moment now)
{
    const struct database *database = &store->options.database;
    struct error error = {0};
    if (now.mono_us < store->retry_at_us)
        return false;
    enum database_result result = database->ops->connect(database->state, &error);
    if (result == DATABASE_OK)
        result = database->ops->resume(database->state, &store->world, &error);
    if (result == DATABASE_OK && store->world.quarantine != store->quarantine->version)
        result = store_read_quarantine(store, &error);
    if (result == DATABASE_FENCED) {
        store_stop(store, &error);
        return false;
    }
    if (result != DATABASE_OK) {
        store_lose(store, now, &error);
        return false;
    }
    store->tail = tail_open(store->options.disk, store->world.applied_seq + 1, &error);
    if (store->tail == NULL) {
        store_stop(store, &error);
        return false;
    }
    log_info("store", "connected again; the database has records up to %llu",
             (unsigned long long)store->world.applied_seq);
    store->is_connected = true;
    store->connected_at_us = now.mono_us;
    store->renew_at_us = 0;
    memset(store->facts.last_failure, 0, sizeof store->facts.last_failure);
    store_announce(store);
    return true;
}

/* Is the record behind the end that was asked for? */
static bool store_is_late(const struct store *store, const struct record_header *header)
{
    const struct store_options *options = &store->options;
    return (options->last_tick != 0 && header->tick > options->last_tick) ||
           (options->last_wall_us != 0 && header->wall_us > options->last_wall_us);
}

/* A record of another timeline belongs to a world that the database is not: it was restored since,
 * or an older one was put in its place. */
static bool store_is_strange(const struct store *store, const struct tail_record *record,
                             struct error *error)
{
    uint32_t timeline = store->world.timeline;
    if (timeline == 0 || record->timeline == timeline)
        return false;
    (void)error_set(error,
                    "record %llu of the journal is of timeline %u, the database of timeline %u: "
                    "they are not the same world any more",
                    (unsigned long long)record->header.seq, record->timeline, timeline);
    return true;
}

/* The next durable record: the held one, or one from the files. False: none, or stopped. */
static bool store_next(struct store *store, struct tail_record *out_record)
{
    struct error error = {0};
    if (store->has_held) {
        store->has_held = false;
        *out_record = store->held;
        return true;
    }
    enum tail_result result = tail_next(store->tail, store_durable_seq(store), out_record, &error);
    if (result == TAIL_FAILED ||
        (result == TAIL_RECORD && store_is_strange(store, out_record, &error))) {
        store_stop(store, &error);
        return false;
    }
    store->facts.is_at_end = result == TAIL_RECORD && store_is_late(store, &out_record->header);
    return result == TAIL_RECORD && !store->facts.is_at_end;
}

/* Reads records until there are no more or the batch has enough rows. */
static void store_gather(struct store *store)
{
    struct tail_record record;
    struct error error = {0};
    batch_clear(store->batch);
    while (!store->facts.is_stopped && !store->facts.is_at_end &&
           store->batch->count < store->pace.rows && store_next(store, &record)) {
        enum batch_result result = batch_add(store->batch, &record.header, record.payload, &error);
        if (result == BATCH_MALFORMED) {
            store_stop(store, &error);
        } else if (result == BATCH_FULL) {
            store->held = record;
            store->has_held = true;
            return;
        }
    }
}

static void store_advance(struct store *store)
{
    const struct batch *batch = store->batch;
    store->world.applied_seq = batch->to_seq;
    store->world.tick = batch->tick;
    store->world.hash = batch->hash;
    store->pause_us = 0;
    store->facts.batches++;
    store->facts.rows += batch->count;
    store->facts.last_batch_rows = batch->count;
    store_announce(store);
}

/* Reads the quarantine again when it is another than the one that the batch was divided by. False
 * when the connection was lost meanwhile. */
static bool store_follow_quarantine(struct store *store, struct moment now)
{
    struct error error = {0};
    if (store->batch->quarantine == store->quarantine->version)
        return true;
    store->world.quarantine = store->batch->quarantine;
    if (store_read_quarantine(store, &error) == DATABASE_OK)
        return true;
    store_lose(store, now, &error);
    return false;
}

/* Applies what was gathered. True when the database has it now. */
static bool store_apply(struct store *store, struct moment now)
{
    const struct database *database = &store->options.database;
    struct error error = {0};
    enum database_result result = DATABASE_DIVIDED;
    while (result == DATABASE_DIVIDED) {
        quarantine_divide(store->quarantine, store->batch);
        batch_sort(store->batch);
        result = database->ops->apply(database->state, &store->world, store->batch, &error);
        if (result == DATABASE_OK)
            store_advance(store);
        if ((result == DATABASE_OK || result == DATABASE_DIVIDED) &&
            !store_follow_quarantine(store, now))
            return result == DATABASE_OK;
    }
    if (result == DATABASE_FENCED)
        store_stop(store, &error);
    else if (result != DATABASE_OK)
        store_lose(store, now, &error);
    return result == DATABASE_OK;
}

/* Renews the lease when a part of it is over. False when it could not be. */
static bool store_keep_lease(struct store *store, struct moment now)
{
    const struct store_options *options = &store->options;
    struct error error = {0};
    if (options->lease_us == 0 || now.mono_us < store->renew_at_us)
        return true;
    enum database_result result = options->database.ops->renew(
        options->database.state, &store->world, options->lease_us, &error);
    if (result == DATABASE_FENCED)
        store_stop(store, &error);
    else if (result != DATABASE_OK)
        store_lose(store, now, &error);
    if (result != DATABASE_OK)
        return false;
    store->renew_at_us = now.mono_us + options->lease_us / STORE_RENEWALS_PER_LEASE;
    atomic_store(&store->leased_until_us, now.mono_us + options->lease_us);
    return true;
}

/* Rows a second, measured over a second at least; what was before stays while there are none. */
static void store_measure(struct store *store, struct moment now)
{
    uint64_t elapsed_us = now.mono_us - store->rate_since_us;
    uint64_t rows = store->facts.rows - store->rate_since_rows;
    if (elapsed_us < STORE_RATE_US)
        return;
    if (rows > 0)
        store->facts.rows_s = rows * 1000000 / elapsed_us;
    store->rate_since_us = now.mono_us;
    store->rate_since_rows = store->facts.rows;
}

bool store_step(struct store *store, struct moment now)
{
    bool is_moved = false;
    if (store->facts.is_stopped)
        return false;
    store_tell_closed(store);
    batch_pace_look(&store->pace, now);
    store_measure(store, now);
    if ((store->is_connected || store_reconnect(store, now)) && store_keep_lease(store, now)) {
        store_gather(store);
        if (store->batch->record_count > 0)
            is_moved = store_apply(store, now);
        if (is_moved)
            batch_pace_note(&store->pace, now, store->batch->count);
    }
    store_publish(store);
    return is_moved;
}

uint64_t store_leased_until_us(struct store *store)
{
    return atomic_load(&store->leased_until_us);
}

uint64_t store_applied_seq(struct store *store)
{
    return atomic_load(&store->applied_seq);
}

void store_facts(struct store *store, struct store_facts *out_facts)
{
    board_read(&store->board, out_facts, sizeof *out_facts);
}
