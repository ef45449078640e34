#include "host/regions.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

void regions_init(struct regions *regions, uint32_t regions_max)
{
    *regions = (struct regions){.bucket_count = regions_max * 2 + 1};
    pool_init(&regions->pool, "regions", regions_max);
    regions->regions = memory_reserve("regions", regions_max, sizeof *regions->regions);
    regions->indexes = memory_reserve("regions", regions_max, sizeof *regions->indexes);
    regions->buckets = memory_reserve("regions", regions->bucket_count, sizeof *regions->buckets);
    memset(regions->buckets, 0xFF, regions->bucket_count * sizeof *regions->buckets);
}

void regions_finish(struct regions *regions)
{
    pool_finish(&regions->pool);
    memory_release(regions->regions);
    memory_release(regions->indexes);
    memory_release(regions->buckets);
    *regions = (struct regions){.bucket_count = 0};
}

static uint32_t *bucket_of(const struct regions *regions, struct region_pos pos)
{
    return &regions->buckets[grid_region_key(pos) % regions->bucket_count];
}

struct region *regions_find(const struct regions *regions, struct region_pos pos)
{
    uint32_t index = *bucket_of(regions, pos);
    while (index != POOL_NONE && !grid_is_same_region(regions->regions[index].pos, pos))
        index = regions->regions[index].next_in_bucket;
    return index == POOL_NONE ? NULL : &regions->regions[index];
}

/* Takes out the region that was used least recently among those that nobody needs and that no
 * answer is on its way for. False when there is none. */
static bool remove_oldest(struct regions *regions)
{
    struct region *oldest = NULL;
    for (uint32_t i = 0; i < regions->pool.capacity; i++) {
        struct region *region = &regions->regions[i];
        bool is_at_rest = region->is_ready || region->retry_at != 0;
        if (is_at_rest && region->seats == 0 &&
            (oldest == NULL || region->used_at < oldest->used_at))
            oldest = region;
    }
    if (oldest == NULL)
        return false;
    uint32_t index = (uint32_t)(oldest - regions->regions);
    uint32_t *link = bucket_of(regions, oldest->pos);
    while (*link != index)
        link = &regions->regions[*link].next_in_bucket;
    *link = oldest->next_in_bucket;
    pool_remove(&regions->pool, index);
    return true;
}

struct region *regions_add(struct regions *regions, struct region_pos pos)
{
    if (regions->pool.used == regions->pool.capacity && !remove_oldest(regions))
        return NULL;
    uint32_t index = pool_add(&regions->pool);
    uint32_t *bucket = bucket_of(regions, pos);
    regions->regions[index] = (struct region){.pos = pos, .next_in_bucket = *bucket};
    *bucket = index;
    return &regions->regions[index];
}

struct region_index *regions_index(const struct regions *regions, const struct region *region)
{
    return &regions->indexes[region - regions->regions];
}

void regions_fill(struct regions *regions, struct region *region, const uint8_t *bytes,
                  uint32_t size_bytes)
{
    struct region_index *index = regions_index(regions, region);
    memset(index, 0, sizeof *index);
    for (uint32_t i = 0; i < size_bytes / sizeof(struct loader_chunk); i++) {
        struct loader_chunk chunk;
        memcpy(&chunk, bytes + i * sizeof chunk, sizeof chunk);
        ensure(chunk.chunk_index < GRID_REGION_AREA);
        index->versions[chunk.chunk_index] = chunk.version;
        index->hashes[chunk.chunk_index] = chunk.hash;
    }
    region->is_ready = true;
}
