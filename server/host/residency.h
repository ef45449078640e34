/* residency.h - which chunks are in memory: wanted, loading, resident, evicted.
 *
 * Keeps, by region, the index chunk -> (version, hash) of what the database has; a chunk that is
 * not in it is generated without asking anyone. Who needs a chunk pins it; an unpinned one leaves
 * when room is needed or after idle_ticks, but only once its last change is applied. Nothing waits:
 * a wanted chunk is simply not there yet (solid, CHUNK_LOADING). Owner: the tick. Memory:
 * regions_max indexes and 2 * chunks_max seats, reserved at init. */
#ifndef TILTH_HOST_RESIDENCY_H
#define TILTH_HOST_RESIDENCY_H

#include "base/ring.h"
#include "store/loader.h"
#include "wire/content.h"
#include "world/world.h"

enum seat_state {
    SEAT_WAITING, /* for its region's index, for room, or for the request ring */
    SEAT_LOADING, /* asked for */
    SEAT_RESIDENT,
    SEAT_DAMAGED, /* its content cannot be had: it stays closed */
};

/* A chunk that somebody wants or that is resident. */
struct seat {
    struct chunk_pos pos;
    enum seat_state state;
    uint32_t pins;
    uint32_t next_in_bucket;
    uint64_t idle_since; /* the tick when the last pin went */
};

/* A region in memory; apart from its index, so that looking for one reads little. */
struct region {
    struct region_pos pos;
    bool is_used;
    bool is_ready;     /* the index is here */
    uint64_t used_at;  /* tick */
    uint64_t retry_at; /* tick: the database refused it, it is asked for again then; 0: no */
};

/* What the database has of a region's chunks, by grid_chunk_index; version 0: nothing kept. */
struct region_index {
    uint64_t versions[GRID_REGION_AREA];
    struct hash128 hashes[GRID_REGION_AREA];
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
    struct region *regions;       /* [regions_max] */
    struct region_index *indexes; /* [regions_max] */
    struct content *content;      /* working memory */
    struct content_codec *codec;
    uint8_t *bytes;
    uint64_t tick;
    uint64_t applied_seq;
    uint32_t added; /* in this tick */
    uint32_t hand;  /* where the search for something to evict goes on */
    struct residency_facts facts;
};

/* Reserves the seats and indexes. */
void residency_init(struct residency *residency, const struct residency_options *options);
void residency_finish(struct residency *residency); /* Gives the memory back. */

/* Wants a chunk in memory, until unpinned. False when there are no seats left. */
bool residency_pin(struct residency *residency, struct chunk_pos pos);
void residency_unpin(struct residency *residency, struct chunk_pos pos); /* Undoes one pin. */

/* Has the chunk's content turned out damaged? */
bool residency_is_damaged(const struct residency *residency, struct chunk_pos pos);

/* Once a tick: asks for what is missing, generates what is not kept, evicts what may go. */
void residency_step(struct residency *residency, uint64_t tick, uint64_t applied_seq);

/* A result of kind LOADER_REGION or LOADER_CHUNK with its bytes. */
void residency_take(struct residency *residency, const struct loader_result *result,
                    const uint8_t *bytes);

/* After a tick's changes: the index learns a chunk's new version and hash. */
void residency_mark(struct residency *residency, const struct change_chunk *mark);

#endif
