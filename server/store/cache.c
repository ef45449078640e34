#include "store/cache.h"

#include <stdatomic.h>
#include <string.h>

#include "base/ensure.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"

#define CACHE_NONE UINT32_MAX

/* One value in this process. Entries in use hang in their bucket and in the list of all, newest use
 * first; free ones hang in the free list by `next_in_bucket`. */
struct cache_entry {
    char key[CACHE_KEY_BYTES];
    enum cache_kind kind;
    uint64_t expires_us;
    uint8_t *bytes;
    size_t size_bytes;
    uint32_t next_in_bucket;
    uint32_t newer, older;
};

struct cache_kind_counts {
    _Atomic uint64_t entries, bytes, hits, remote_hits, misses;
};

struct cache_counts {
    struct cache_kind_counts kinds[CACHE_KINDS];
    _Atomic uint64_t rejected, remote_failures;
    _Atomic bool is_remote_away;
};

struct cache {
    struct cache_options options;
    struct cache_entry *entries;
    uint32_t *buckets;
    uint32_t bucket_count; /* a power of two */
    uint32_t first_free;
    uint32_t newest, oldest;
    uint64_t bytes;           /* of all values */
    uint64_t remote_retry_us; /* until then the remote level is not asked */
    struct cache_counts counts;
};

static void cache_count(_Atomic uint64_t *count, uint64_t value)
{
    atomic_fetch_add_explicit(count, value, memory_order_relaxed);
}

struct cache *cache_create(const struct cache_options *options)
{
    struct cache *cache = memory_reserve("cache", 1, sizeof *cache);
    cache->options = *options;
    cache->bucket_count = 16;
    while (cache->bucket_count < options->entries_max)
        cache->bucket_count *= 2;
    cache->buckets = memory_reserve("cache buckets", cache->bucket_count, sizeof(uint32_t));
    memset(cache->buckets, 0xff, cache->bucket_count * sizeof(uint32_t));
    cache->entries =
        memory_reserve("cache entries", options->entries_max + (size_t)1, sizeof *cache->entries);
    cache->newest = CACHE_NONE;
    cache->oldest = CACHE_NONE;
    cache->first_free = CACHE_NONE;
    for (uint32_t i = options->entries_max; i > 0; i--) {
        cache->entries[i - 1].next_in_bucket = cache->first_free;
        cache->first_free = i - 1;
    }
    return cache;
}

void cache_destroy(struct cache **cache)
{
    if (*cache == NULL)
        return;
    cache_clear(*cache);
    memory_release((*cache)->entries);
    memory_release((*cache)->buckets);
    memory_release(*cache);
    *cache = NULL;
}

/* Where the key's entry hangs: the link to it, or the CACHE_NONE at the bucket's end. */
static uint32_t *cache_link(struct cache *cache, const char *key)
{
    uint64_t hash = hash_64(key, strlen(key), 0);
    uint32_t *link = &cache->buckets[hash & (cache->bucket_count - 1)];
    while (*link != CACHE_NONE && strcmp(cache->entries[*link].key, key) != 0)
        link = &cache->entries[*link].next_in_bucket;
    return link;
}

static void cache_unlist(struct cache *cache, uint32_t index)
{
    const struct cache_entry *entry = &cache->entries[index];
    *(entry->newer == CACHE_NONE ? &cache->newest : &cache->entries[entry->newer].older) =
        entry->older;
    *(entry->older == CACHE_NONE ? &cache->oldest : &cache->entries[entry->older].newer) =
        entry->newer;
}

static void cache_list_newest(struct cache *cache, uint32_t index)
{
    struct cache_entry *entry = &cache->entries[index];
    entry->newer = CACHE_NONE;
    entry->older = cache->newest;
    *(cache->newest == CACHE_NONE ? &cache->oldest : &cache->entries[cache->newest].newer) = index;
    cache->newest = index;
}

/* Takes the entry that the link leads to out of everything. */
static void cache_drop(struct cache *cache, uint32_t *link)
{
    uint32_t index = *link;
    struct cache_entry *entry = &cache->entries[index];
    *link = entry->next_in_bucket;
    struct cache_kind_counts *counts = &cache->counts.kinds[entry->kind];
    cache_unlist(cache, index);
    cache->bytes -= entry->size_bytes;
    cache_count(&counts->entries, UINT64_MAX);
    cache_count(&counts->bytes, 0 - (uint64_t)entry->size_bytes);
    memory_release(entry->bytes);
    *entry = (struct cache_entry){.next_in_bucket = cache->first_free};
    cache->first_free = index;
}

static void cache_drop_key(struct cache *cache, const char *key)
{
    uint32_t *link = cache_link(cache, key);
    if (*link != CACHE_NONE)
        cache_drop(cache, link);
}

static void cache_drop_oldest(struct cache *cache)
{
    cache_drop(cache, cache_link(cache, cache->entries[cache->oldest].key));
}

/* Keeps a copy in this process, in place of the oldest ones. */
static void cache_keep(struct cache *cache, struct moment now, struct cache_key key,
                       const uint8_t *bytes, size_t size_bytes)
{
    const struct cache_options *options = &cache->options;
    cache_drop_key(cache, key.text);
    if (options->entries_max == 0 || size_bytes > options->bytes_max || size_bytes == 0)
        return;
    while (cache->first_free == CACHE_NONE || cache->bytes + size_bytes > options->bytes_max)
        cache_drop_oldest(cache);
    uint8_t *copy = memory_reserve("cache values", size_bytes, 1);
    memcpy(copy, bytes, size_bytes);
    uint32_t index = cache->first_free;
    struct cache_entry *entry = &cache->entries[index];
    cache->first_free = entry->next_in_bucket;
    memcpy(entry->key, key.text, strlen(key.text) + 1);
    entry->kind = key.kind;
    entry->expires_us = now.mono_us + (uint64_t)options->expiry_s * 1000000;
    entry->bytes = copy;
    entry->size_bytes = size_bytes;
    uint32_t *link = cache_link(cache, key.text);
    entry->next_in_bucket = CACHE_NONE;
    *link = index;
    cache_list_newest(cache, index);
    cache->bytes += size_bytes;
    cache_count(&cache->counts.kinds[key.kind].entries, 1);
    cache_count(&cache->counts.kinds[key.kind].bytes, size_bytes);
}

/* Is there a remote level that may be asked now? */
static bool cache_may_ask(const struct cache *cache, struct moment now)
{
    return cache->options.remote.ops != NULL && now.mono_us >= cache->remote_retry_us;
}

/* Notes how a call to the remote level went; says so in the log when that is news. */
static void cache_note(struct cache *cache, struct moment now, bool is_away)
{
    bool was_away = atomic_exchange(&cache->counts.is_remote_away, is_away);
    if (is_away) {
        cache->remote_retry_us = now.mono_us + cache->options.retry_us;
        cache_count(&cache->counts.remote_failures, 1);
    }
    if (is_away && !was_away)
        log_warning("store", "the remote cache is away; the database serves");
    if (!is_away && was_away)
        log_info("store", "the remote cache is back");
}

static bool cache_get_here(struct cache *cache, struct moment now, const char *key,
                           struct cache_value *value)
{
    uint32_t *link = cache_link(cache, key);
    if (*link == CACHE_NONE)
        return false;
    uint32_t index = *link;
    const struct cache_entry *entry = &cache->entries[index];
    if (now.mono_us >= entry->expires_us) {
        cache_drop(cache, link);
        return false;
    }
    if (entry->size_bytes > value->capacity_bytes)
        return false;
    memcpy(value->bytes, entry->bytes, entry->size_bytes);
    value->size_bytes = entry->size_bytes;
    value->is_remote = false;
    cache_unlist(cache, index);
    cache_list_newest(cache, index);
    return true;
}

static enum cache_result cache_get_remote(struct cache *cache, struct moment now, const char *key,
                                          struct cache_value *value)
{
    const struct cache_remote *remote = &cache->options.remote;
    if (remote->ops == NULL)
        return CACHE_MISS;
    if (!cache_may_ask(cache, now))
        return CACHE_AWAY;
    size_t size_bytes = 0;
    enum cache_result result =
        remote->ops->get(remote->state, key, value->bytes, value->capacity_bytes, &size_bytes);
    cache_note(cache, now, result == CACHE_AWAY);
    if (result == CACHE_HIT) {
        ensure(size_bytes <= value->capacity_bytes);
        value->size_bytes = size_bytes;
        value->is_remote = true;
    }
    return result;
}

enum cache_result cache_get(struct cache *cache, struct moment now, struct cache_key key,
                            struct cache_value *value)
{
    struct cache_kind_counts *counts = &cache->counts.kinds[key.kind];
    ensure(strlen(key.text) < CACHE_KEY_BYTES);
    if (cache_get_here(cache, now, key.text, value)) {
        cache_count(&counts->hits, 1);
        return CACHE_HIT;
    }
    enum cache_result result = cache_get_remote(cache, now, key.text, value);
    if (result == CACHE_HIT) {
        cache_count(&counts->remote_hits, 1);
        cache_keep(cache, now, key, value->bytes, value->size_bytes);
    } else {
        cache_count(&counts->misses, 1);
    }
    return result;
}

void cache_put(struct cache *cache, struct moment now, struct cache_key key, const uint8_t *bytes,
               size_t size_bytes)
{
    const struct cache_remote *remote = &cache->options.remote;
    ensure(strlen(key.text) < CACHE_KEY_BYTES);
    cache_keep(cache, now, key, bytes, size_bytes);
    if (cache_may_ask(cache, now))
        cache_note(
            cache, now,
            !remote->ops->put(remote->state, key.text, bytes, size_bytes, cache->options.expiry_s));
}

void cache_reject(struct cache *cache, struct moment now, struct cache_key key)
{
    const struct cache_remote *remote = &cache->options.remote;
    cache_count(&cache->counts.rejected, 1);
    cache_drop_key(cache, key.text);
    if (cache_may_ask(cache, now))
        cache_note(cache, now, !remote->ops->remove(remote->state, key.text));
}

void cache_clear(struct cache *cache)
{
    while (cache->oldest != CACHE_NONE)
        cache_drop_oldest(cache);
}

void cache_forget(struct cache *cache, struct moment now, struct cache_key prefix)
{
    const struct cache_remote *remote = &cache->options.remote;
    uint32_t newer = CACHE_NONE;
    for (uint32_t index = cache->oldest; index != CACHE_NONE; index = newer) {
        struct cache_entry *entry = &cache->entries[index];
        newer = entry->newer;
        if (entry->kind == prefix.kind &&
            strncmp(entry->key, prefix.text, strlen(prefix.text)) == 0)
            cache_drop(cache, cache_link(cache, entry->key));
    }
    if (cache_may_ask(cache, now))
        cache_note(cache, now, !remote->ops->clear(remote->state, prefix.text));
}

void cache_facts(struct cache *cache, struct cache_facts *out_facts)
{
    struct cache_counts *counts = &cache->counts;
    *out_facts = (struct cache_facts){
        .rejected = atomic_load(&counts->rejected),
        .remote_failures = atomic_load(&counts->remote_failures),
        .has_remote = cache->options.remote.ops != NULL,
        .is_remote_away = atomic_load(&counts->is_remote_away),
    };
    for (uint32_t i = 0; i < CACHE_KINDS; i++) {
        struct cache_kind_counts *of_kind = &counts->kinds[i];
        out_facts->kinds[i] = (struct cache_kind_facts){
            .entries = atomic_load(&of_kind->entries),
            .bytes = atomic_load(&of_kind->bytes),
            .hits = atomic_load(&of_kind->hits),
            .remote_hits = atomic_load(&of_kind->remote_hits),
            .misses = atomic_load(&of_kind->misses),
        };
    }
}
