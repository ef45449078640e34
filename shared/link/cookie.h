/* cookie.h - the two datagrams before ENet, and the cookie that proves an address.
 *
 * HELLO (client, exactly 1,200 bytes, so that an answer is never larger than its question and the
 * path is known to carry our datagrams):
 *     FF FF "TLTH" 01, 0, version min u16, version max u16, nonce u64, zeros
 * COOKIE (server, 28 bytes):
 *     FF FF "TLTH" 02, status, nonce u64, version min u16, version max u16, port u16, 0 u16, cookie
 * u32 Numbers are little-endian. ENet never begins a datagram with FF FF: that would be peer 0xFFF
 * with both header flags. The server keeps nothing for a HELLO: a cookie is SipHash-2-4 over
 * address, port and a count of 8 s, under a key that changes hourly. Pure functions; any thread. */
#ifndef TILTH_LINK_COOKIE_H
#define TILTH_LINK_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "link/endpoint.h"

enum {
    COOKIE_HELLO_BYTES = 1200,
    COOKIE_ANSWER_BYTES = 28,
    COOKIE_BUCKET_S = 8,      /* a cookie holds for this one and the next */
    COOKIE_KEY_BUCKETS = 450, /* buckets under one key: an hour */
    COOKIE_VERSIONS_TEXT_BYTES = 24,
};

enum cookie_status {
    COOKIE_OK,
    COOKIE_VERSION,     /* no version in common */
    COOKIE_FULL,        /* no free place */
    COOKIE_ADDRESS,     /* too many of this address */
    COOKIE_MAINTENANCE, /* the server takes nobody now */
    COOKIE_BUSY,        /* too many connect at once: go on trying */
    COOKIE_IMPATIENT,   /* too many of this address at once: go on trying */
    COOKIE_STATUS_COUNT
};

/* Versions as VERSION_NUMBER makes them, both ends included. */
struct cookie_versions {
    uint16_t min, max;
};

struct cookie_hello {
    struct cookie_versions versions;
    uint64_t nonce; /* the answer repeats it */
};

struct cookie_answer {
    enum cookie_status status;
    struct cookie_versions versions; /* the server's */
    uint64_t nonce;
    uint16_t port; /* of the host to connect to, on the same address */
    uint32_t cookie;
};

/* Does the datagram begin like a HELLO or a COOKIE? */
bool cookie_is_handshake(const uint8_t *bytes, size_t size_bytes);

/* Writes a HELLO. */
void cookie_hello_encode(const struct cookie_hello *hello, uint8_t out_bytes[COOKIE_HELLO_BYTES]);

/* Reads a HELLO; false for another size, type, or a range that ends before it begins. */
bool cookie_hello_decode(const uint8_t *bytes, size_t size_bytes, struct cookie_hello *out_hello);

/* Writes a COOKIE. */
void cookie_answer_encode(const struct cookie_answer *answer,
                          uint8_t out_bytes[COOKIE_ANSWER_BYTES]);

/* Reads a COOKIE; false for another size or type, or an unknown status. */
bool cookie_answer_decode(const uint8_t *bytes, size_t size_bytes,
                          struct cookie_answer *out_answer);

/* The highest version in both ranges, 0 when there is none. */
uint16_t cookie_versions_choose(struct cookie_versions a, struct cookie_versions b);

/* Writes "1.0 to 1.3", or "1.0" when there is only one. */
void cookie_versions_format(struct cookie_versions versions,
                            char out_text[COOKIE_VERSIONS_TEXT_BYTES]);

/* The keys of this hour and the one before. */
struct cookie_jar {
    uint8_t keys[2][CRYPTO_SIPHASH_KEY_BYTES];
    uint64_t hour; /* keys[hour & 1] is this hour's */
};

/* Draws both keys. */
void cookie_jar_init(struct cookie_jar *jar, uint64_t now_us);

/* The cookie for the caller, now. */
uint32_t cookie_make(struct cookie_jar *jar, struct endpoint caller, uint64_t now_us);

/* Was the cookie made for this caller in this bucket or the one before? */
bool cookie_check(struct cookie_jar *jar, struct endpoint caller, uint32_t cookie, uint64_t now_us);

#endif
