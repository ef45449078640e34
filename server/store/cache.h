/* cache.h - copies of immutable things by key: never truth, never stale.
 *
 * A key names content by version and hash, so a late, lost or forged value can only cost time:
 * who reads checks the hash. Two levels: entries in this process (bounded by entries_max), and a
 * remote one, as a table: Redis (redis.h), or a simulated one in the tests, or none. The remote
 * level has a time limit for each call and a circuit breaker: after a failure it is not asked
 * for a while. One owner thread: the loader; facts from any thread. */
#ifndef TILTH_STORE_CACHE_H
#define TILTH_STORE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

enum { CACHE_KEY_BYTES = 144 };

/* What a value is of; counted apart. */
enum cache_kind { CACHE_CHUNKS, CACHE_CHARACTERS, CACHE_KINDS };

struct cache_key {
    enum cache_kind kind;
    const char *text; /* shorter than CACHE_KEY_BYTES; no two kinds have the same */
};

enum cache_result { CACHE_HIT, CACHE_MISS, CACHE_AWAY };

struct cache_ops {
    /* Copies the value; *out_size_bytes <= capacity_bytes. */
    enum cache_result (*get)(void *state, const char *key, uint8_t *out_bytes,
                             size_t capacity_bytes, size_t *out_size_bytes);
    /* Stores the value for expiry_s seconds; false when the cache is away. */
    bool (*put)(void *state, const char *key, const uint8_t *bytes, size_t size_bytes,
                uint32_t expiry_s);
    bool (*remove)(void *state, const char *key); /* Removes it; false when away. */
    /* Removes all keys that begin so, in bounded time; false when away, or when some may be left.
     */
    bool (*clear)(void *state, const char *prefix);
};

struct cache_remote {
    const struct cache_ops *ops; /* NULL: none */
    void *state;
};

struct cache_options {
    struct cache_remote remote;
    uint32_t entries_max; /* in this process; 0: none */
    uint64_t bytes_max;   /* of their values together */
    uint32_t expiry_s;    /* in both levels, default 300 */
    uint64_t retry_us;    /* how long the remote level is left alone after a failure */
};

struct cache;

/* Counts since start, and sizes now, of one kind. */
struct cache_kind_facts {
    uint64_t entries, bytes; /* in this process */
    uint64_t hits, remote_hits, misses;
};

struct cache_facts {
    struct cache_kind_facts kinds[CACHE_KINDS];
    uint64_t rejected; /* values that did not match their key's hash */
    uint64_t remote_failures;
    bool has_remote, is_remote_away;
};

/* Reserves the entries. */
struct cache *cache_create(const struct cache_options *options);
void cache_destroy(struct cache **cache); /* NULL-safe. */

/* A value being read: the caller gives bytes and capacity. */
struct cache_value {
    uint8_t *bytes;
    size_t capacity_bytes;
    size_t size_bytes;
    bool is_remote; /* it came from the remote level */
};

/* Looks in this process, then in the remote level (and keeps what it finds there). */
enum cache_result cache_get(struct cache *cache, struct moment now, struct cache_key key,
                            struct cache_value *value);

/* Puts the value into both levels. */
void cache_put(struct cache *cache, struct moment now, struct cache_key key, const uint8_t *bytes,
               size_t size_bytes);

/* The value that cache_get gave did not match: removes it everywhere and counts it. */
void cache_reject(struct cache *cache, struct moment now, struct cache_key key);

/* Empties this process's level. */
void cache_clear(struct cache *cache);

/* Forgets what is of the kind and begins so, in both levels. */
void cache_forget(struct cache *cache, struct moment now, struct cache_key prefix);

/* Any thread: the facts. */
void cache_facts(struct cache *cache, struct cache_facts *out_facts);

#endif
