/* cache.h - a remote cache in memory that can be away, forget, or lie. Single-threaded. */
#ifndef TILTH_SIM_CACHE_H
#define TILTH_SIM_CACHE_H

#include "store/cache.h"

struct sim_cache;

/* An empty, healthy one. */
struct sim_cache *sim_cache_create(void);
void sim_cache_destroy(struct sim_cache **cache); /* NULL-safe. */

/* It as the remote level of a cache. */
struct cache_remote sim_cache_remote(struct sim_cache *cache);

/* While it is away every call fails, as one that takes too long does. */
void sim_cache_set_away(struct sim_cache *cache, bool is_away);

/* Forgets everything. */
void sim_cache_flush(struct sim_cache *cache);

/* Flips a bit in the middle of every value that it holds. */
void sim_cache_forge(struct sim_cache *cache);

/* Values now; calls so far. */
uint32_t sim_cache_count(const struct sim_cache *cache);
uint64_t sim_cache_calls(const struct sim_cache *cache); /* The calls. */

#endif
