/* regions.h - what the database has of the regions that are touched: chunk -> (version, hash).
 *
 * Inside server/host, for residency.c. A region's index is read once and kept up by the tick's own
 * changes. Who has a chunk in hand counts in its region; a region leaves memory only when nobody
 * does and another one needs its place: then the one that was asked for least recently. Owner: the
 * tick. Memory: regions_max indexes of 24 KiB, reserved at init. */
#ifndef TILTH_HOST_REGIONS_H
#define TILTH_HOST_REGIONS_H

#include "base/pool.h"
#include "store/loader.h"

/* A region in memory. */
struct region {
    struct region_pos pos;
    uint32_t next_in_bucket;
    uint32_t seats;    /* chunks of it that are wanted or resident */
    bool is_ready;     /* the index is here */
    uint64_t used_at;  /* tick */
    uint64_t retry_at; /* tick: the database refused it, it is asked for again then; 0: no */
};

/* What is known of a region's chunks, by grid_chunk_index; version 0: nothing kept. */
struct region_index {
    uint64_t versions[GRID_REGION_AREA];
    struct hash128 hashes[GRID_REGION_AREA];
};

struct regions {
    struct pool pool;
    struct region *regions;       /* [regions_max] */
    struct region_index *indexes; /* [regions_max] */
    uint32_t *buckets;
    uint32_t bucket_count;
};

/* Reserves places and indexes for so many regions. */
void regions_init(struct regions *regions, uint32_t regions_max);
void regions_finish(struct regions *regions); /* Gives the memory back. */

/* The region, or NULL. */
struct region *regions_find(const struct regions *regions, struct region_pos pos);

/* A region that is not there yet, without index and seats, in a free place or in that of one that
 * nobody needs; NULL when all are needed. */
struct region *regions_add(struct regions *regions, struct region_pos pos);

/* The index of a region, for reading and for learning a chunk's new version. */
struct region_index *regions_index(const struct regions *regions, const struct region *region);

/* Fills the index with what the loader found, struct loader_chunk each, and makes it ready. */
void regions_fill(struct regions *regions, struct region *region, const uint8_t *bytes,
                  uint32_t size_bytes);

#endif
