/* Without versions in the cache's keys: a key names a chunk, whatever is in it by now. */
#include <stdio.h>
#include <string.h>

#include "store/cache.h"
#include "torture/experiment.h"

/* In the place of cache_get, cache_put and cache_reject, and these themselves. */
__typeof__(cache_get) __real_cache_get, __wrap_cache_get;
__typeof__(cache_put) __real_cache_put, __wrap_cache_put;
__typeof__(cache_reject) __real_cache_reject, __wrap_cache_reject;

struct shorter {
    char text[CACHE_KEY_BYTES];
};

/* tilth:{world}:chunk:{x}:{y}, or tilth:{world}:character:{name}, without :{version}:{hash}. */
static struct shorter shorten(const char *text)
{
    struct shorter shorter;
    (void)snprintf(shorter.text, sizeof shorter.text, "%s", text);
    for (int i = 0; i < 2; i++) {
        char *colon = strrchr(shorter.text, ':');
        ck_assert_ptr_nonnull(colon);
        *colon = '\0';
    }
    return shorter;
}

enum cache_result __wrap_cache_get(struct cache *cache, struct moment now, struct cache_key key,
                                   struct cache_value *value)
{
    struct shorter shorter = shorten(key.text);
    key.text = shorter.text;
    return __real_cache_get(cache, now, key, value);
}

void __wrap_cache_put(struct cache *cache, struct moment now, struct cache_key key,
                      const uint8_t *bytes, size_t size_bytes)
{
    struct shorter shorter = shorten(key.text);
    key.text = shorter.text;
    __real_cache_put(cache, now, key, bytes, size_bytes);
}

void __wrap_cache_reject(struct cache *cache, struct moment now, struct cache_key key)
{
    struct shorter shorter = shorten(key.text);
    key.text = shorter.text;
    __real_cache_reject(cache, now, key);
}

START_TEST(keys_that_name_no_version_are_found)
{
    ck_assert(experiment_finds(&(struct experiment){.without = "versions in the cache's keys"}));
}
END_TEST

TESTING_MAIN("without_versions", keys_that_name_no_version_are_found)
