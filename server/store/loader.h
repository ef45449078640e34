/* loader.h - the role that fetches what the tick misses: regions, chunks, accounts.
 *
 * The tick pushes requests into a ring and reads results from another; neither waits. A chunk is
 * looked for in the cache, then in the database; content that does not match the version's hash
 * is not used (a cached one is rejected and fetched again). With the database away a request
 * stays pending and is tried again; accounts are answered LOADER_AWAY at once. So it is while the
 * database lacks what it had: a standby took over that was behind, and the store catches up.
 * What leaves the tick's memory comes in as a request too and goes into the cache; of characters
 * the loader remembers which state was the last, since they change only in the tick's memory:
 * another one is not used. Owner: the loader thread; rings are SPSC with the tick. */
#ifndef TILTH_STORE_LOADER_H
#define TILTH_STORE_LOADER_H

#include "base/ring.h"
#include "base/wake.h"
#include "store/cache.h"
#include "store/database.h"
#include "store/renewal.h"

enum loader_kind {
    LOADER_REGION = 1,
    LOADER_CHUNK,
    LOADER_ACCOUNT,
    LOADER_EVICTED, /* a chunk has left the tick's memory: its content */
    LOADER_LEFT,    /* a character has: its account, it, and what it owns, as ACCOUNT's result */
    LOADER_CLEAR,   /* the cache shall forget: `name` says what, "chunks", "characters" or "" */
};

enum loader_status { LOADER_FOUND, LOADER_ABSENT, LOADER_AWAY, LOADER_DAMAGED };

/* Tick to loader. A value; EVICTED carries size_bytes of encoded content behind it, LEFT of
 * changes. No padding is left unset: results are recorded. */
struct loader_request {
    uint32_t kind; /* enum loader_kind */
    uint32_t size_bytes;
    struct region_pos region;
    struct chunk_pos chunk;
    uint64_t version;
    struct hash128 hash;
    char name[WORLD_NAME_BYTES + 8]; /* 0-ended */
};

/* One chunk of a region's index in a result. */
struct loader_chunk {
    uint32_t chunk_index; /* grid_chunk_index */
    uint32_t zero;
    uint64_t version;
    struct hash128 hash;
};

/* Loader to tick, followed by size_bytes: REGION: struct loader_chunk each; CHUNK: encoded content
 * (wire/content.h); ACCOUNT: framed changes (account, character, then slots and skills). */
struct loader_result {
    uint32_t kind;
    uint32_t status; /* enum loader_status */
    uint32_t size_bytes;
    uint32_t source; /* where a chunk came from: enum loader_source */
    struct region_pos region;
    struct chunk_pos chunk;
    uint64_t version;
    char name[WORLD_NAME_BYTES + 8];
};

enum loader_source { LOADER_FROM_DATABASE, LOADER_FROM_REMOTE, LOADER_FROM_MEMORY };

struct loader_options {
    struct database database; /* its own connection */
    struct cache *cache;
    const _Atomic uint64_t *applied_max; /* what the store has applied at most; or NULL */
    struct ring *requests;               /* tick writes */
    struct ring *results;      /* tick reads; LOADER_RESULT_BYTES_MAX must fit a quarter of it */
    struct wake *results_wake; /* signalled when results were written; or NULL */
    uint64_t world;
    const char *world_name;       /* for keys: tilth:{world}:chunk:{x}:{y}:{version}:{hash} */
    struct renewal *renewal;      /* or NULL */
    const char *content_dir;      /* read when the renewal is asked for */
    struct image_painter painter; /* makes the pictures in it; or no state */
};

enum { LOADER_RESULT_BYTES_MAX = (1 << 18) + 4096 };

struct loader;

/* Counts since start. */
struct loader_facts {
    uint64_t regions, chunks, accounts; /* answered */
    uint64_t chunks_from_database, accounts_from_database;
    uint64_t damaged;
    bool is_connected;
    char last_failure[256];
};

/* Reserves working memory. */
struct loader *loader_create(const struct loader_options *options);
void loader_destroy(struct loader **loader); /* NULL-safe. */

/* Answers the requests that wait, at most 64. True when it did something. */
bool loader_step(struct loader *loader, struct moment now);

/* What its loop sleeps on: signal it after pushing requests. */
struct wake *loader_wake(struct loader *loader);

/* Any thread: the facts. */
void loader_facts(struct loader *loader, struct loader_facts *out_facts);

#endif
