#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/ensure.h"

_Static_assert(CRYPTO_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key");
_Static_assert(CRYPTO_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519 secret key");
_Static_assert(CRYPTO_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519 signature");
_Static_assert(CRYPTO_DIGEST_BYTES == crypto_hash_sha256_BYTES, "SHA-256");
_Static_assert(CRYPTO_SIPHASH_KEY_BYTES == crypto_shorthash_siphash24_KEYBYTES, "SipHash key");

enum { SHA256_PART_BYTES = 64 << 10 };

bool crypto_start(struct error *error)
{
    if (sodium_init() < 0)
        return error_set(error, "libsodium does not start");
    return true;
}

void crypto_random(void *out_bytes, size_t size_bytes)
{
    randombytes_buf(out_bytes, size_bytes);
}

void crypto_keypair_make(struct crypto_keypair *out_keys)
{
    ensure(crypto_sign_keypair(out_keys->public_key, out_keys->secret_key) == 0);
}

/* Reads until the buffer is full or the file ends. Returns bytes read, or -1 with errno. */
static ssize_t read_all(int fd, uint8_t *out_bytes, size_t size_bytes)
{
    size_t at = 0;
    while (at < size_bytes) {
        ssize_t result = read(fd, out_bytes + at, size_bytes - at);
        if (result < 0 && errno != EINTR)
            return -1;
        if (result == 0)
            break;
        at += result > 0 ? (size_t)result : 0;
    }
    return (ssize_t)at;
}

/* Fills in the public key; false when the secret key's two halves (the seed, and the public key
 * made of it) do not belong together. */
static bool derive_public(struct crypto_keypair *keys)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    uint8_t secret[CRYPTO_SECRET_BYTES];
    (void)crypto_sign_ed25519_sk_to_seed(seed, keys->secret_key);
    (void)crypto_sign_seed_keypair(keys->public_key, secret, seed);
    bool is_same = sodium_memcmp(secret, keys->secret_key, sizeof secret) == 0;
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(secret, sizeof secret);
    return is_same;
}

/* Reads and checks the open key file. */
static bool read_keys(int fd, const char *path, struct crypto_keypair *out_keys,
                      struct error *error)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_system(error, errno, "%s", path);
    if (!S_ISREG(status.st_mode))
        return error_set(error, "%s: the key must be a regular file", path);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return error_set(error, "%s: others may read the secret key; chmod 600 it", path);
    struct crypto_keypair keys = {0};
    ssize_t size = read_all(fd, keys.secret_key, sizeof keys.secret_key);
    if (size < 0)
        return error_system(error, errno, "%s", path);
    if (size != CRYPTO_SECRET_BYTES || status.st_size != CRYPTO_SECRET_BYTES)
        return error_set(error, "%s: a key file has %d bytes, this one has %lld", path,
                         CRYPTO_SECRET_BYTES, (long long)status.st_size);
    bool is_good = derive_public(&keys);
    if (is_good)
        *out_keys = keys;
    sodium_memzero(&keys, sizeof keys);
    return is_good || error_set(error, "%s: the key is damaged", path);
}

/* Writes and syncs the new file's bytes; false with errno. */
static bool fill_file(int fd, const uint8_t *bytes, size_t size_bytes)
{
    for (size_t at = 0; at < size_bytes;) {
        ssize_t result = write(fd, bytes + at, size_bytes - at);
        if (result < 0 && errno != EINTR)
            return false;
        at += result > 0 ? (size_t)result : 0;
    }
    return fsync(fd) == 0;
}

/* Makes the rename itself survive a power cut; false with errno. */
static bool sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int size = slash == NULL ? 1 : (int)(slash - path) + 1;
    (void)snprintf(folder, sizeof folder, "%.*s", size, slash == NULL ? "." : path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool is_synced = fsync(fd) == 0;
    int kept_errno = errno;
    (void)close(fd);
    errno = kept_errno;
    return is_synced;
}

/* Writes the secret key by rename, so that the file is whole or absent after a crash. */
static bool write_keys(const char *path, const struct crypto_keypair *keys, struct error *error)
{
    char temporary[PATH_MAX];
    int size = snprintf(temporary, sizeof temporary, "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof temporary)
        return error_set(error, "%.64s...: the path is too long", path);
    (void)unlink(temporary); /* what a crash may have left */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return error_system(error, errno, "%s", temporary);
    bool is_filled = fill_file(fd, keys->secret_key, sizeof keys->secret_key);
    int code = errno;
    (void)close(fd);
    if (!is_filled || rename(temporary, path) != 0) {
        code = is_filled ? errno : code;
        (void)unlink(temporary);
        return error_system(error, code, "%s", temporary);
    }
    if (!sync_folder_of(path))
        return error_system(error, errno, "the folder of %s", path);
    return true;
}

bool crypto_keypair_load(const char *path, struct crypto_keypair *out_keys, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0) {
        bool is_read = read_keys(fd, path, out_keys, error);
        (void)close(fd);
        return is_read;
    }
    if (errno != ENOENT)
        return error_system(error, errno, "%s", path);
    struct crypto_keypair keys;
    crypto_keypair_make(&keys);
    bool is_written = write_keys(path, &keys, error);
    if (is_written)
        *out_keys = keys;
    sodium_memzero(&keys, sizeof keys);
    return is_written;
}

void crypto_sign_message(const struct crypto_keypair *keys, const void *message, size_t size_bytes,
                         uint8_t out_signature[CRYPTO_SIGNATURE_BYTES])
{
    ensure(crypto_sign_detached(out_signature, NULL, message, size_bytes, keys->secret_key) == 0);
}

bool crypto_verify(const uint8_t public_key[CRYPTO_PUBLIC_BYTES], const void *message,
                   size_t size_bytes, const uint8_t signature[CRYPTO_SIGNATURE_BYTES])
{
    return crypto_sign_verify_detached(signature, message, size_bytes, public_key) == 0;
}

void crypto_digest(const void *bytes, size_t size_bytes, uint8_t out_digest[CRYPTO_DIGEST_BYTES])
{
    ensure(crypto_generichash(out_digest, CRYPTO_DIGEST_BYTES, bytes, size_bytes, NULL, 0) == 0);
}

/* The number that the eight bytes write, highest first. */
static uint64_t read_number(const uint8_t bytes[sizeof(uint64_t)])
{
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof value; i++)
        value = value << 8 | bytes[i];
    return value;
}

struct hash128 crypto_digest_128(const void *bytes, size_t size_bytes)
{
    uint8_t digest[sizeof(struct hash128)];
    ensure(crypto_generichash(digest, sizeof digest, bytes, size_bytes, NULL, 0) == 0);
    return (struct hash128){.low = read_number(digest + sizeof(uint64_t)),
                            .high = read_number(digest)};
}

void crypto_sha256(const void *bytes, size_t size_bytes, uint8_t out_digest[CRYPTO_DIGEST_BYTES])
{
    ensure(crypto_hash_sha256(out_digest, bytes, size_bytes) == 0);
}

int64_t crypto_sha256_file(int fd, uint8_t out_digest[CRYPTO_DIGEST_BYTES])
{
    uint8_t bytes[SHA256_PART_BYTES];
    crypto_hash_sha256_state state;
    int64_t size_bytes = 0;
    ssize_t got = 0;
    ensure(crypto_hash_sha256_init(&state) == 0);
    while ((got = read(fd, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR)) {
        if (got < 0)
            continue;
        ensure(crypto_hash_sha256_update(&state, bytes, (unsigned long long)got) == 0);
        size_bytes += got;
    }
    if (got < 0)
        return -errno;
    ensure(crypto_hash_sha256_final(&state, out_digest) == 0);
    return size_bytes;
}

uint64_t crypto_siphash(const uint8_t key[CRYPTO_SIPHASH_KEY_BYTES], const void *bytes,
                        size_t size_bytes)
{
    uint8_t hash[crypto_shorthash_siphash24_BYTES];
    ensure(crypto_shorthash_siphash24(hash, bytes, size_bytes, key) == 0);
    uint64_t value = 0;
    for (size_t i = sizeof hash; i > 0; i--)
        value = value << 8 | hash[i - 1];
    return value;
}

size_t crypto_base64_read(const char *text, struct crypto_bytes *out_bytes)
{
    const char *end = NULL;
    size_t length = strlen(text);
    bool is_read =
        sodium_base642bin(out_bytes->bytes, out_bytes->capacity, text, length, NULL,
                          &out_bytes->size_bytes, &end, sodium_base64_VARIANT_ORIGINAL) == 0;
    return is_read && end == text + length ? SIZE_MAX : (size_t)(end - text);
}
