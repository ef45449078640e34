/* store.h - the role that brings the journal into the database.
 *
 * store_step reads what is durable from the journal's files (never beyond durable_seq),
 * coalesces a run of records, applies it in one transaction, and publishes applied_seq. A lost
 * connection is opened again with exponential backoff and jitter, applied_seq read again, and
 * tailing goes on from there; so it is with a database that refuses for reasons that lie in no row
 * (rights, a missing table): people must put it right, and it goes on. A row that its table
 * refuses goes to the quarantine (quarantine.h), whose chunks the tick is told of. Owner: the store
 * thread; store_applied_seq and store_facts from any thread. */
#ifndef TILTH_STORE_STORE_H
#define TILTH_STORE_STORE_H

#include "base/ring.h"
#include "base/wake.h"
#include "journal/journal.h"
#include "store/database.h"

struct store;

struct store_options {
    struct database database;
    struct disk *disk;           /* the journal's folder */
    struct journal *journal;     /* for durable_seq and journal_set_applied; NULL while only
                                    recovering: then everything valid is applied */
    uint64_t durable_seq;        /* used when journal is NULL */
    struct database_world world; /* as open_world gave it */
    uint64_t last_tick;          /* records of later ticks are not applied; 0: all are */
    int64_t last_wall_us;        /* nor are records of a later time; 0: all are */
    uint32_t batch_rows_max;     /* default 16,384; a batch ends with the record that reaches it */
    uint64_t batch_us;           /* that a batch shall take (batch_pace.h); 0: all have rows_max */
    uint64_t seed;               /* of the jitter */
    struct wake *applied_wake;   /* signalled when applied_seq moved; or NULL */
    _Atomic uint64_t *applied_max; /* the highest applied_seq so far is written there; or NULL */
    uint64_t lease_us;             /* of the lease that it renews; 0: there is none */
    uint64_t leased_until_us; /* monotonic: when the one that open_world took ends at the latest */
    struct ring *closed; /* tick reads: struct store_closed each; or NULL. A quarter of it holds
                            STORE_CLOSED_BYTES */
};

/* Store to tick: all chunks that are closed to changes from now on, instead of those before, as
 * `count` struct chunk_pos behind it, each once, in order (quarantine_order). */
struct store_closed {
    uint32_t count;
    uint32_t zero;
};

enum {
    STORE_CLOSED_MAX = QUARANTINED_MAX * CHANGE_CHUNKS_MAX,
    STORE_CLOSED_BYTES = sizeof(struct store_closed) + STORE_CLOSED_MAX * sizeof(struct chunk_pos),
};

struct store_facts {
    uint64_t applied_seq;
    uint64_t tick;          /* of the record applied last */
    uint64_t batches, rows; /* since start */
    uint64_t retries;       /* reconnects and repeated transactions */
    uint64_t rows_s;        /* rows a second, of the last second or more in which there were any */
    uint32_t last_batch_rows;
    uint32_t batch_rows;  /* of the next batch, at most */
    uint64_t quarantine;  /* its version */
    uint32_t quarantined; /* keys */
    bool is_connected;
    bool is_at_end;  /* the next record is later than last_tick or last_wall_us */
    bool is_stopped; /* fenced or failed for good: words in last_failure */
    char last_failure[256];
};

/* Starts behind options->world.applied_seq; the database must be connected. NULL and the error when
 * the journal does not hold the next record (a gap), or the quarantine cannot be read. */
struct store *store_create(const struct store_options *options, struct error *error);
void store_destroy(struct store **store); /* NULL-safe; does not close the world. */

/* One batch, or one attempt to reconnect. True when something was applied. */
bool store_step(struct store *store, struct moment now);

/* Any thread: everything up to here is in the database. */
uint64_t store_applied_seq(struct store *store);

/* Any thread: until when, monotonic, nobody else can be the world's owner: counted from before the
 * lease was asked for. */
uint64_t store_leased_until_us(struct store *store);

/* Any thread: facts for status and metrics. */
void store_facts(struct store *store, struct store_facts *out_facts);

#endif
