/* residency.h - which chunks are in memory: wanted, loading, resident, evicted.
 *
 * Keeps, by region, the index chunk -> (version, hash) of what the database has; a chunk that is
 * not in it is generated without asking anyone. Who needs a chunk pins it; an unpinned one leaves
 * when room is needed or, if it is not closed to changes, after idle_ticks, but only once its last
 * change is applied. Nothing waits:
 * a wanted chunk is simply not there yet (solid, CHUNK_LOADING). Owner: the tick. Memory:
 * regions_max indexes and 2 * chunks_max seats, reserved at init. */
#ifndef TILTH_HOST_RESIDENCY_H
#define TILTH_HOST_RESIDENCY_H

#include "base/ring.h"
#include "host/regions.h"
#include "wire/content.h"
#include "world/world.h"

enum seat_state {
    SEAT_WAITING, /* for its region's index, for room, or for the request ring */
    SEAT_LOADING, /* asked for */
    SEAT_RESIDENT,
    SEAT_DAMAGED, /* its content cannot be had: closed, and asked for again at times */
};

/* A chunk that somebody wants or that is resident. */
struct seat {
    struct chunk_pos pos;
    enum seat_state state;
    uint32_t pins;
    uint32_t next_in_bucket;
    uint64_t idle_since; /* the tick when the last pin went */
    uint32_t failures;   /* how often its content could not be had, one after the other */
    uint64_t retry_at;   /* while it is damaged: the tick of the next try */
};

struct residency_options {
    struct world *world;
    struct ring *requests; /* to the loader */
    uint32_t regions_max;
    uint32_t idle_ticks;
    uint32_t adds_per_tick_max; /* chunks generated in a tick: bounds its work */
};

struct residency_facts {
    uint64_t generated, loaded, evicted, damaged, refused_full;
    uint64_t loads_from_memory, loads_from_remote, loads_from_database;
};

struct residency {
    struct residency_options options;
    struct pool seat_pool;
    struct seat *seats;
    uint32_t *buckets;
    uint32_t bucket_count;
    struct regions regions;
    struct content *content; /* working memory */
    struct content_codec *codec;
    uint8_t *bytes;
    uint64_t tick;
    uint64_t applied_seq;
    uint32_t added;           /* chunks in this tick */
    uint32_t asked;           /* new regions in this tick */
    bool is_region_full;      /* no region had a place in this tick */
    bool is_holding;          /* nothing is evicted: set by the owner, for a while */
    struct chunk_pos *closed; /* to changes, in order (quarantine_order) */
    uint32_t closed_count;
    uint32_t hand; /* where the search for something to evict goes on */
    struct residency_facts facts;
};

/* Reserves the seats and indexes. */
void residency_init(struct residency *residency, const struct residency_options *options);
void residency_finish(struct residency *residency); /* Gives the memory back. */

/* Wants a chunk in memory, until unpinned. False when there are no seats left. */
bool residency_pin(struct residency *residency, struct chunk_pos pos);
void residency_unpin(struct residency *residency, struct chunk_pos pos); /* Undoes one pin. */

/* Could the chunk's content not be had, and is it not being tried again just now? */
bool residency_is_damaged(const struct residency *residency, struct chunk_pos pos);

/* Once a tick: asks for what is missing, generates what is not kept, evicts what may go. */
void residency_step(struct residency *residency, uint64_t tick, uint64_t applied_seq);

/* A result of kind LOADER_REGION or LOADER_CHUNK with its bytes. */
void residency_take(struct residency *residency, const struct loader_result *result,
                    const uint8_t *bytes);

/* These chunks, which may be in memory or not, are closed to changes from now on, and no others.
 * `chunks` are count struct chunk_pos, not aligned, in order, at most QUARANTINE_CHUNKS_MAX. */
void residency_close_chunks(struct residency *residency, const void *chunks, uint32_t count);

/* After a tick's changes: the index learns a chunk's new version and hash. */
void residency_mark(struct residency *residency, const struct change_chunk *mark);

#endif
