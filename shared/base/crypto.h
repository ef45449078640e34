/* crypto.h - keys, signatures and secrets. libsodium inside; see its documentation for formulas.
 *
 * crypto_start must have returned true before anything else here is used. Any thread. */
#ifndef TILTH_BASE_CRYPTO_H
#define TILTH_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

enum {
    CRYPTO_PUBLIC_BYTES = 32,
    CRYPTO_SECRET_BYTES = 64,
    CRYPTO_SIGNATURE_BYTES = 64,
    CRYPTO_DIGEST_BYTES = 32,
    CRYPTO_SIPHASH_KEY_BYTES = 16,
};

struct crypto_keypair {
    uint8_t public_key[CRYPTO_PUBLIC_BYTES];
    uint8_t secret_key[CRYPTO_SECRET_BYTES];
};

/* Starts libsodium; may be called again. */
bool crypto_start(struct error *error);

/* Fills with random bytes from the system. */
void crypto_random(void *out_bytes, size_t size_bytes);

/* A new Ed25519 key pair. */
void crypto_keypair_make(struct crypto_keypair *out_keys);

/* Reads the key pair from the file, or makes one and writes it there (mode 0600, by rename).
 * Refuses a file of another size, and one that others may read. */
bool crypto_keypair_load(const char *path, struct crypto_keypair *out_keys, struct error *error);

/* Ed25519 signature of the message. */
void crypto_sign_message(const struct crypto_keypair *keys, const void *message, size_t size_bytes,
                         uint8_t out_signature[CRYPTO_SIGNATURE_BYTES]);

/* Does the signature hold for message and public key? */
bool crypto_verify(const uint8_t public_key[CRYPTO_PUBLIC_BYTES], const void *message,
                   size_t size_bytes, const uint8_t signature[CRYPTO_SIGNATURE_BYTES]);

/* BLAKE2b-256 of the bytes. */
void crypto_digest(const void *bytes, size_t size_bytes, uint8_t out_digest[CRYPTO_DIGEST_BYTES]);

/* BLAKE2b with 16 bytes of output (RFC 7693): a short name for bytes that nobody can make others
 * fit to. hash_format writes its bytes in their order, as `b2sum -l 128` does. */
struct hash128 crypto_digest_128(const void *bytes, size_t size_bytes);

/* SHA-256 (FIPS 180-4) of the bytes: for what others compute too. */
void crypto_sha256(const void *bytes, size_t size_bytes, uint8_t out_digest[CRYPTO_DIGEST_BYTES]);

/* SHA-256 of what an open file has from where it stands to its end: how many bytes, or -errno. */
int64_t crypto_sha256_file(int fd, uint8_t out_digest[CRYPTO_DIGEST_BYTES]);

/* SipHash-2-4 of the bytes under a secret key (Aumasson, Bernstein 2012). */
uint64_t crypto_siphash(const uint8_t key[CRYPTO_SIPHASH_KEY_BYTES], const void *bytes,
                        size_t size_bytes);

/* The bytes of a text in base64 (RFC 4648, with padding). */
struct crypto_bytes {
    uint8_t *bytes; /* [capacity] */
    size_t capacity;
    size_t size_bytes; /* out */
};

/* Reads it; the character at which it is no base64 any more, or SIZE_MAX when it is to its end. */
size_t crypto_base64_read(const char *text, struct crypto_bytes *out_bytes);

#endif
