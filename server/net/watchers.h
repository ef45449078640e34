/* watchers.h - who sees which chunk, looked up by the chunk.
 *
 * Inside server/net only. A hash table of chunks with lists of sessions, so that a chunk's changes
 * cost as much as it has watchers, however many players there are. Memory: reserved at init. */
#ifndef TILTH_NET_WATCHERS_H
#define TILTH_NET_WATCHERS_H

#include "base/pool.h"
#include "grid/grid.h"

/* That one session sees one chunk. */
struct watcher {
    struct chunk_pos chunk;
    uint32_t session;
    uint32_t next; /* in the bucket, or POOL_NONE */
};

struct watchers {
    struct pool pool;
    struct watcher *items;
    uint32_t *buckets;
    uint32_t bucket_count;
};

/* Reserves room for watchers_max. */
void watchers_init(struct watchers *watchers, uint32_t watchers_max);
void watchers_finish(struct watchers *watchers); /* Gives the memory back. */

/* The session sees the chunk from now on; it did not before. */
void watchers_add(struct watchers *watchers, struct chunk_pos chunk, uint32_t session);

/* The session does not see the chunk any more; it did. */
void watchers_remove(struct watchers *watchers, struct chunk_pos chunk, uint32_t session);

/* The first watcher of the chunk, or NULL; and the one after it. While walking, only the watcher
 * walked past may be removed. */
const struct watcher *watchers_first(const struct watchers *watchers, struct chunk_pos chunk);
const struct watcher *watchers_next(const struct watchers *watchers,
                                    const struct watcher *watcher); /* The next, or NULL. */

#endif
