/* Without versions in the cache's keys: a key names a chunk, whatever is in it by now. */
#include <stdio.h>
#include <string.h>

#include "store/cache.h"
#include "torture/experiment.h"

/* In the place of cache_get, cache_put and cache_reject, and these themselves. */
enum cache_result __real_cache_get(struct cache *cache, struct moment now, const char *key,
                                   struct cache_value *value);
void __real_cache_put(struct cache *cache, struct moment now, const char *key, const uint8_t *bytes,
                      size_t size_bytes);
void __real_cache_reject(struct cache *cache, struct moment now, const char *key);
enum cache_result __wrap_cache_get(struct cache *cache, struct moment now, const char *key,
                                   struct cache_value *value);
void __wrap_cache_put(struct cache *cache, struct moment now, const char *key, const uint8_t *bytes,
                      size_t size_bytes);
void __wrap_cache_reject(struct cache *cache, struct moment now, const char *key);

struct shorter {
    char key[CACHE_KEY_BYTES];
};

/* tilth:{world}:chunk:{x}:{y}, without :{version}:{hash}. */
static struct shorter shorten(const char *key)
{
    struct shorter shorter;
    (void)snprintf(shorter.key, sizeof shorter.key, "%s", key);
    for (int i = 0; i < 2; i++) {
        char *colon = strrchr(shorter.key, ':');
        ck_assert_ptr_nonnull(colon);
        *colon = '\0';
    }
    return shorter;
}

enum cache_result __wrap_cache_get(struct cache *cache, struct moment now, const char *key,
                                   struct cache_value *value)
{
    return __real_cache_get(cache, now, shorten(key).key, value);
}

void __wrap_cache_put(struct cache *cache, struct moment now, const char *key, const uint8_t *bytes,
                      size_t size_bytes)
{
    __real_cache_put(cache, now, shorten(key).key, bytes, size_bytes);
}

void __wrap_cache_reject(struct cache *cache, struct moment now, const char *key)
{
    __real_cache_reject(cache, now, shorten(key).key);
}

START_TEST(keys_that_name_no_version_are_found)
{
    ck_assert(experiment_finds(&(struct experiment){.without = "versions in the cache's keys"}));
}
END_TEST

TESTING_MAIN("without_versions", keys_that_name_no_version_are_found)
