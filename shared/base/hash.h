/* hash.h - checksums and hashes: XXH3 (fast, not secret) and CRC32C (journal records).
 *
 * Secret or signed things use crypto.h. Pure functions, any thread. */
#ifndef TILTH_BASE_HASH_H
#define TILTH_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 128 bits that add up: the world hash is a sum over all kept keys, modulo 2^128. */
struct hash128 {
    uint64_t low;
    uint64_t high;
};

/* XXH3 64 of the bytes with a seed. */
uint64_t hash_64(const void *bytes, size_t size_bytes, uint64_t seed);

/* XXH3 128 of the bytes with a seed. */
struct hash128 hash_128(const void *bytes, size_t size_bytes, uint64_t seed);

/* a + b modulo 2^128. */
struct hash128 hash_add(struct hash128 a, struct hash128 b);

/* a - b modulo 2^128. */
struct hash128 hash_subtract(struct hash128 a, struct hash128 b);

/* a == b. */
bool hash_is_equal(struct hash128 a, struct hash128 b);

/* Writes 32 lower-case hexadecimal digits, high half first, and a 0. */
void hash_format(struct hash128 hash, char out_text[33]);

/* Reads what hash_format wrote; false when it is not 32 hexadecimal digits. */
bool hash_parse(const char *text, struct hash128 *out_hash);

/* CRC32C (Castagnoli, RFC 3720 appendix B.4), continuing from `crc`; start with 0. Uses the
 * processor's instruction where it has one. */
uint32_t hash_crc32c(uint32_t crc, const void *bytes, size_t size_bytes);

/* The same without the instruction: what hash_crc32c falls back on, open for tests to compare. */
uint32_t hash_crc32c_portable(uint32_t crc, const void *bytes, size_t size_bytes);

#endif
