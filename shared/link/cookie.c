#include "link/cookie.h"

#include <stdio.h>
#include <string.h>

enum { TYPE_HELLO = 1, TYPE_ANSWER = 2, MAGIC_BYTES = 6 };

static const uint8_t magic[MAGIC_BYTES] = {0xFF, 0xFF, 'T', 'L', 'T', 'H'};

static void put(uint8_t *bytes, uint64_t value, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *bytes, size_t size_bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size_bytes; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

bool cookie_is_handshake(const uint8_t *bytes, size_t size_bytes)
{
    return size_bytes >= MAGIC_BYTES && memcmp(bytes, magic, MAGIC_BYTES) == 0;
}

void cookie_hello_encode(const struct cookie_hello *hello, uint8_t out_bytes[COOKIE_HELLO_BYTES])
{
    memset(out_bytes, 0, COOKIE_HELLO_BYTES);
    memcpy(out_bytes, magic, MAGIC_BYTES);
    out_bytes[6] = TYPE_HELLO;
    put(out_bytes + 8, hello->versions.min, 2);
    put(out_bytes + 10, hello->versions.max, 2);
    put(out_bytes + 12, hello->nonce, 8);
}

bool cookie_hello_decode(const uint8_t *bytes, size_t size_bytes, struct cookie_hello *out_hello)
{
    if (size_bytes != COOKIE_HELLO_BYTES || !cookie_is_handshake(bytes, size_bytes) ||
        bytes[6] != TYPE_HELLO)
        return false;
    struct cookie_hello hello = {
        .versions = {.min = (uint16_t)get(bytes + 8, 2), .max = (uint16_t)get(bytes + 10, 2)},
        .nonce = get(bytes + 12, 8),
    };
    if (hello.versions.min > hello.versions.max)
        return false;
    *out_hello = hello;
    return true;
}

void cookie_answer_encode(const struct cookie_answer *answer,
                          uint8_t out_bytes[COOKIE_ANSWER_BYTES])
{
    memcpy(out_bytes, magic, MAGIC_BYTES);
    out_bytes[6] = TYPE_ANSWER;
    out_bytes[7] = (uint8_t)answer->status;
    put(out_bytes + 8, answer->nonce, 8);
    put(out_bytes + 16, answer->versions.min, 2);
    put(out_bytes + 18, answer->versions.max, 2);
    put(out_bytes + 20, answer->port, 2);
    put(out_bytes + 22, 0, 2);
    put(out_bytes + 24, answer->cookie, 4);
}

bool cookie_answer_decode(const uint8_t *bytes, size_t size_bytes, struct cookie_answer *out_answer)
{
    if (size_bytes != COOKIE_ANSWER_BYTES || !cookie_is_handshake(bytes, size_bytes) ||
        bytes[6] != TYPE_ANSWER || bytes[7] >= COOKIE_STATUS_COUNT)
        return false;
    *out_answer = (struct cookie_answer){
        .status = (enum cookie_status)bytes[7],
        .nonce = get(bytes + 8, 8),
        .versions = {.min = (uint16_t)get(bytes + 16, 2), .max = (uint16_t)get(bytes + 18, 2)},
        .port = (uint16_t)get(bytes + 20, 2),
        .cookie = (uint32_t)get(bytes + 24, 4),
    };
    return true;
}

uint16_t cookie_versions_choose(struct cookie_versions a, struct cookie_versions b)
{
    uint16_t min = a.min > b.min ? a.min : b.min;
    uint16_t max = a.max < b.max ? a.max : b.max;
    return min <= max ? max : 0;
}

void cookie_versions_format(struct cookie_versions versions,
                            char out_text[COOKIE_VERSIONS_TEXT_BYTES])
{
    int length = snprintf(out_text, COOKIE_VERSIONS_TEXT_BYTES, "%d.%d", versions.min >> 8,
                          versions.min & 0xFF);
    if (versions.min != versions.max)
        (void)snprintf(out_text + length, (size_t)(COOKIE_VERSIONS_TEXT_BYTES - length),
                       " to %d.%d", versions.max >> 8, versions.max & 0xFF);
}

static uint64_t bucket_of(uint64_t now_us)
{
    return now_us / 1000000 / COOKIE_BUCKET_S;
}

void cookie_jar_init(struct cookie_jar *jar, uint64_t now_us)
{
    crypto_random(jar->keys, sizeof jar->keys);
    jar->hour = bucket_of(now_us) / COOKIE_KEY_BUCKETS;
}

/* Draws a new key over the older one when an hour has begun. */
static void jar_turn(struct cookie_jar *jar, uint64_t hour)
{
    if (hour <= jar->hour)
        return;
    if (hour > jar->hour + 1)
        crypto_random(jar->keys[~hour & 1], sizeof jar->keys[0]);
    crypto_random(jar->keys[hour & 1], sizeof jar->keys[0]);
    jar->hour = hour;
}

static uint32_t cookie_of(const struct cookie_jar *jar, struct endpoint caller, uint64_t bucket)
{
    uint8_t text[14];
    put(text, caller.host, 4);
    put(text + 4, caller.port, 2);
    put(text + 6, bucket, 8);
    return (uint32_t)crypto_siphash(jar->keys[bucket / COOKIE_KEY_BUCKETS & 1], text, sizeof text);
}

uint32_t cookie_make(struct cookie_jar *jar, struct endpoint caller, uint64_t now_us)
{
    uint64_t bucket = bucket_of(now_us);
    jar_turn(jar, bucket / COOKIE_KEY_BUCKETS);
    return cookie_of(jar, caller, bucket);
}

bool cookie_check(struct cookie_jar *jar, struct endpoint caller, uint32_t cookie, uint64_t now_us)
{
    uint64_t bucket = bucket_of(now_us);
    jar_turn(jar, bucket / COOKIE_KEY_BUCKETS);
    return cookie == cookie_of(jar, caller, bucket) ||
           (bucket > 0 && cookie == cookie_of(jar, caller, bucket - 1));
}
