#include "sim/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/rng.h"

enum { SIM_CACHE_VALUES_MAX = 4096, SIM_CACHE_LATE_MAX = 64 };

struct sim_value {
    char key[CACHE_KEY_BYTES];
    uint8_t *bytes;
    size_t size_bytes;
    bool is_forged;
};

/* A write that is under way. */
struct sim_late {
    struct sim_value value;
    uint64_t at_call;
};

struct sim_cache {
    struct rng rng;
    struct sim_cache_faults faults;
    struct sim_value values[SIM_CACHE_VALUES_MAX];
    uint32_t count;
    struct sim_late late[SIM_CACHE_LATE_MAX];
    uint32_t late_count;
    uint64_t calls, lies;
    bool is_away;
};

struct sim_cache *sim_cache_create(void)
{
    struct sim_cache *cache = calloc(1, sizeof *cache);
    ensure(cache != NULL);
    return cache;
}

void sim_cache_flush(struct sim_cache *cache)
{
    while (cache->count > 0)
        free(cache->values[--cache->count].bytes);
}

struct sim_cache_faults *sim_cache_faults(struct sim_cache *cache)
{
    return &cache->faults;
}

void sim_cache_seed(struct sim_cache *cache, uint64_t seed)
{
    rng_init(&cache->rng, seed);
}

void sim_cache_destroy(struct sim_cache **cache)
{
    if (*cache == NULL)
        return;
    sim_cache_flush(*cache);
    while ((*cache)->late_count > 0)
        free((*cache)->late[--(*cache)->late_count].value.bytes);
    free(*cache);
    *cache = NULL;
}

void sim_cache_set_away(struct sim_cache *cache, bool is_away)
{
    cache->is_away = is_away;
}

void sim_cache_forge(struct sim_cache *cache)
{
    for (uint32_t i = 0; i < cache->count; i++) {
        struct sim_value *value = &cache->values[i];
        value->bytes[value->size_bytes / 2] ^= 1;
        value->is_forged = !value->is_forged; /* twice is not at all */
    }
}

uint64_t sim_cache_lies(const struct sim_cache *cache)
{
    return cache->lies;
}

uint32_t sim_cache_count(const struct sim_cache *cache)
{
    return cache->count;
}

uint64_t sim_cache_calls(const struct sim_cache *cache)
{
    return cache->calls;
}

static struct sim_value *sim_cache_find(struct sim_cache *cache, const char *key)
{
    for (uint32_t i = 0; i < cache->count; i++) {
        if (strcmp(cache->values[i].key, key) == 0)
            return &cache->values[i];
    }
    return NULL;
}

static void sim_cache_drop(struct sim_cache *cache, const char *key)
{
    struct sim_value *value = sim_cache_find(cache, key);
    if (value == NULL)
        return;
    free(value->bytes);
    *value = cache->values[--cache->count];
}

static struct sim_value sim_cache_copy(const char *key, const uint8_t *bytes, size_t size_bytes)
{
    struct sim_value value = {.size_bytes = size_bytes};
    ensure(strlen(key) < CACHE_KEY_BYTES);
    memcpy(value.key, key, strlen(key) + 1);
    value.bytes = malloc(size_bytes);
    ensure(value.bytes != NULL);
    memcpy(value.bytes, bytes, size_bytes);
    return value;
}

/* Takes the value over. */
static void sim_cache_set(struct sim_cache *cache, const struct sim_value *value)
{
    sim_cache_drop(cache, value->key);
    ensure(cache->count < SIM_CACHE_VALUES_MAX);
    cache->values[cache->count++] = *value;
}

/* Counts a call, before which late writes come in that are due. */
static void sim_cache_call(struct sim_cache *cache)
{
    cache->calls++;
    for (uint32_t i = 0; i < cache->late_count;) {
        if (cache->late[i].at_call > cache->calls) {
            i++;
            continue;
        }
        sim_cache_set(cache, &cache->late[i].value);
        cache->late[i] = cache->late[--cache->late_count];
    }
}

static enum cache_result sim_cache_get(void *state, const char *key, uint8_t *out_bytes,
                                       size_t capacity_bytes, size_t *out_size_bytes)
{
    struct sim_cache *cache = state;
    sim_cache_call(cache);
    const struct sim_value *value = sim_cache_find(cache, key);
    if (cache->is_away)
        return CACHE_AWAY;
    if (value == NULL || value->size_bytes > capacity_bytes)
        return CACHE_MISS;
    memcpy(out_bytes, value->bytes, value->size_bytes);
    *out_size_bytes = value->size_bytes;
    cache->lies += value->is_forged;
    return CACHE_HIT;
}

static bool sim_cache_remove(void *state, const char *key)
{
    struct sim_cache *cache = state;
    sim_cache_call(cache);
    if (!cache->is_away)
        sim_cache_drop(cache, key);
    return !cache->is_away;
}

static bool sim_cache_put(void *state, const char *key, const uint8_t *bytes, size_t size_bytes,
                          uint32_t expiry_s)
{
    struct sim_cache *cache = state;
    const struct sim_cache_faults *faults = &cache->faults;
    (void)expiry_s;
    sim_cache_call(cache);
    if (cache->is_away)
        return false;
    if (rng_chance(&cache->rng, faults->lost_ppm))
        return true;
    bool is_late = rng_chance(&cache->rng, faults->late_ppm);
    bool is_double = !is_late && rng_chance(&cache->rng, faults->double_ppm);
    struct sim_value value = sim_cache_copy(key, bytes, size_bytes);
    if ((is_late || is_double) && cache->late_count < SIM_CACHE_LATE_MAX)
        cache->late[cache->late_count++] = (struct sim_late){
            is_double ? sim_cache_copy(key, bytes, size_bytes) : value,
            cache->calls + 2 + rng_below(&cache->rng, SIM_CACHE_LATE_CALLS_MAX - 1),
        };
    else
        is_late = false;
    if (!is_late)
        sim_cache_set(cache, &value);
    return true;
}

static bool sim_cache_clear(void *state, const char *prefix)
{
    struct sim_cache *cache = state;
    sim_cache_call(cache);
    if (cache->is_away)
        return false;
    for (uint32_t i = cache->count; i-- > 0;) {
        struct sim_value *value = &cache->values[i];
        if (strncmp(value->key, prefix, strlen(prefix)) != 0)
            continue;
        free(value->bytes);
        *value = cache->values[--cache->count];
    }
    return true;
}

static const struct cache_ops sim_cache_ops = {
    .get = sim_cache_get,
    .put = sim_cache_put,
    .remove = sim_cache_remove,
    .clear = sim_cache_clear,
};

struct cache_remote sim_cache_remote(struct sim_cache *cache)
{
    return (struct cache_remote){.ops = &sim_cache_ops, .state = cache};
}
