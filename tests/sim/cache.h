/* cache.h - a remote cache in memory that can be away, forget, or lie, and whose writes can be
 * late, lost, or done twice. Single-threaded. */
#ifndef TILTH_SIM_CACHE_H
#define TILTH_SIM_CACHE_H

#include "store/cache.h"

struct sim_cache;

enum { SIM_CACHE_LATE_CALLS_MAX = 40 }; /* how late a write is at most, in calls */

/* How often writes go wrong, in a million, while it answers that they are done. Zeroed: never. */
struct sim_cache_faults {
    uint32_t lost_ppm;
    uint32_t late_ppm;   /* done some calls later, whatever came in between */
    uint32_t double_ppm; /* done at once, and some calls later once more */
};

/* An empty, healthy one. */
struct sim_cache *sim_cache_create(void);
void sim_cache_destroy(struct sim_cache **cache); /* NULL-safe. */

/* It as the remote level of a cache. */
struct cache_remote sim_cache_remote(struct sim_cache *cache);

/* The fault knobs; what goes wrong when comes from the seed. */
struct sim_cache_faults *sim_cache_faults(struct sim_cache *cache);
void sim_cache_seed(struct sim_cache *cache, uint64_t seed); /* Sets it. */

/* While it is away every call fails, as one that takes too long does. */
void sim_cache_set_away(struct sim_cache *cache, bool is_away);

/* Forgets everything. */
void sim_cache_flush(struct sim_cache *cache);

/* Flips a bit in the middle of every value that it holds. */
void sim_cache_forge(struct sim_cache *cache);

/* How many forged values it gave so far. */
uint64_t sim_cache_lies(const struct sim_cache *cache);

/* Values now; calls so far. */
uint32_t sim_cache_count(const struct sim_cache *cache);
uint64_t sim_cache_calls(const struct sim_cache *cache); /* The calls. */

#endif
