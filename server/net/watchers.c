#include "net/watchers.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

void watchers_init(struct watchers *watchers, uint32_t watchers_max)
{
    *watchers = (struct watchers){.bucket_count = watchers_max * 2 + 1};
    pool_init(&watchers->pool, "watchers", watchers_max);
    watchers->items = memory_reserve("watchers", watchers_max, sizeof *watchers->items);
    watchers->buckets =
        memory_reserve("watchers", watchers->bucket_count, sizeof *watchers->buckets);
    memset(watchers->buckets, 0xFF, watchers->bucket_count * sizeof *watchers->buckets);
}

void watchers_finish(struct watchers *watchers)
{
    pool_finish(&watchers->pool);
    memory_release(watchers->items);
    memory_release(watchers->buckets);
    *watchers = (struct watchers){.bucket_count = 0};
}

static uint32_t *bucket_of(const struct watchers *watchers, struct chunk_pos chunk)
{
    return &watchers->buckets[grid_chunk_key(chunk) % watchers->bucket_count];
}

void watchers_add(struct watchers *watchers, struct chunk_pos chunk, uint32_t session)
{
    uint32_t index = pool_add(&watchers->pool);
    uint32_t *bucket = bucket_of(watchers, chunk);
    ensure(index != POOL_NONE); /* there is one for every view of every peer */
    watchers->items[index] = (struct watcher){chunk, session, *bucket};
    *bucket = index;
}

void watchers_remove(struct watchers *watchers, struct chunk_pos chunk, uint32_t session)
{
    uint32_t *link = bucket_of(watchers, chunk);
    while (*link != POOL_NONE) {
        struct watcher *watcher = &watchers->items[*link];
        if (watcher->session == session && grid_is_same_chunk(watcher->chunk, chunk)) {
            uint32_t index = *link;
            *link = watcher->next;
            pool_remove(&watchers->pool, index);
            return;
        }
        link = &watcher->next;
    }
    ensure(false); /* it was not there */
}

/* The first watcher of the chunk from `index` on in the bucket. */
static const struct watcher *find_from(const struct watchers *watchers, uint32_t index,
                                       struct chunk_pos chunk)
{
    while (index != POOL_NONE) {
        const struct watcher *watcher = &watchers->items[index];
        if (grid_is_same_chunk(watcher->chunk, chunk))
            return watcher;
        index = watcher->next;
    }
    return NULL;
}

const struct watcher *watchers_first(const struct watchers *watchers, struct chunk_pos chunk)
{
    return find_from(watchers, *bucket_of(watchers, chunk), chunk);
}

const struct watcher *watchers_next(const struct watchers *watchers, const struct watcher *watcher)
{
    return find_from(watchers, watcher->next, watcher->chunk);
}
