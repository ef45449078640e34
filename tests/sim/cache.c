#include "sim/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"

enum { SIM_CACHE_VALUES_MAX = 4096 };

struct sim_value {
    char key[CACHE_KEY_BYTES];
    uint8_t *bytes;
    size_t size_bytes;
};

struct sim_cache {
    struct sim_value values[SIM_CACHE_VALUES_MAX];
    uint32_t count;
    uint64_t calls;
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

void sim_cache_destroy(struct sim_cache **cache)
{
    if (*cache == NULL)
        return;
    sim_cache_flush(*cache);
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
    }
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

static enum cache_result sim_cache_get(void *state, const char *key, uint8_t *out_bytes,
                                       size_t capacity_bytes, size_t *out_size_bytes)
{
    struct sim_cache *cache = state;
    const struct sim_value *value = sim_cache_find(cache, key);
    cache->calls++;
    if (cache->is_away)
        return CACHE_AWAY;
    if (value == NULL || value->size_bytes > capacity_bytes)
        return CACHE_MISS;
    memcpy(out_bytes, value->bytes, value->size_bytes);
    *out_size_bytes = value->size_bytes;
    return CACHE_HIT;
}

static bool sim_cache_remove(void *state, const char *key)
{
    struct sim_cache *cache = state;
    struct sim_value *value = sim_cache_find(cache, key);
    cache->calls++;
    if (cache->is_away)
        return false;
    if (value != NULL) {
        free(value->bytes);
        *value = cache->values[--cache->count];
    }
    return true;
}

static bool sim_cache_put(void *state, const char *key, const uint8_t *bytes, size_t size_bytes,
                          uint32_t expiry_s)
{
    struct sim_cache *cache = state;
    (void)expiry_s;
    if (!sim_cache_remove(cache, key))
        return false;
    ensure(cache->count < SIM_CACHE_VALUES_MAX && strlen(key) < CACHE_KEY_BYTES);
    struct sim_value *value = &cache->values[cache->count++];
    memcpy(value->key, key, strlen(key) + 1);
    value->bytes = malloc(size_bytes);
    ensure(value->bytes != NULL);
    memcpy(value->bytes, bytes, size_bytes);
    value->size_bytes = size_bytes;
    return true;
}

static bool sim_cache_clear(void *state, const char *prefix)
{
    struct sim_cache *cache = state;
    cache->calls++;
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
