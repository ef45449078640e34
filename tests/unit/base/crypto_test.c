#include "base/crypto.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testing.h"

/* A folder of its own with room for one key file, gone when the test has passed. */
struct place {
    char folder[32];
    char path[48];
};

static struct place place_make(void)
{
    struct place place = {.folder = "/tmp/tilth-crypto-XXXXXX"};
    struct error error;
    ck_assert_ptr_nonnull(mkdtemp(place.folder));
    (void)snprintf(place.path, sizeof place.path, "%s/key", place.folder);
    ck_assert(crypto_start(&error));
    return place;
}

static void place_remove(const struct place *place)
{
    (void)unlink(place->path);
    ck_assert_int_eq(rmdir(place->folder), 0); /* nothing else was left there */
}

static void put_file(const struct place *place, const void *bytes, size_t size_bytes, mode_t mode)
{
    (void)unlink(place->path);
    int fd = open(place->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size_bytes), (ssize_t)size_bytes);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    (void)close(fd);
}

static void expect_refused(const struct place *place, const char *words)
{
    struct crypto_keypair keys = {.public_key = {1, 2, 3}};
    struct error error = {""};
    ck_assert(!crypto_keypair_load(place->path, &keys, &error));
    ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
    ck_assert_ptr_nonnull(strstr(error.text, place->path));
    ck_assert_int_eq(keys.public_key[2], 3); /* untouched */
}

START_TEST(test_keypair_is_made_once_and_kept)
{
    struct place place = place_make();
    struct crypto_keypair made;
    struct crypto_keypair read;
    struct error error = {""};
    ck_assert_msg(crypto_keypair_load(place.path, &made, &error), "%s", error.text);
    struct stat status;
    ck_assert_int_eq(stat(place.path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(status.st_size, CRYPTO_SECRET_BYTES);
    ck_assert_msg(crypto_keypair_load(place.path, &read, &error), "%s", error.text);
    ck_assert_mem_eq(&made, &read, sizeof made);
    uint8_t signature[CRYPTO_SIGNATURE_BYTES];
    crypto_sign_message(&made, "hello", 5, signature);
    ck_assert(crypto_verify(read.public_key, "hello", 5, signature));
    place_remove(&place);
}
END_TEST

START_TEST(test_what_a_crash_left_is_no_obstacle)
{
    struct place place = place_make();
    char temporary[64];
    (void)snprintf(temporary, sizeof temporary, "%s.new", place.path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert_int_eq(write(fd, "half", 4), 4);
    (void)close(fd);
    struct crypto_keypair keys;
    struct error error = {""};
    ck_assert_msg(crypto_keypair_load(place.path, &keys, &error), "%s", error.text);
    struct stat status;
    ck_assert_int_eq(stat(place.path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0600);
    place_remove(&place);
}
END_TEST

START_TEST(test_bad_key_files_are_refused)
{
    struct place place = place_make();
    struct crypto_keypair keys;
    crypto_keypair_make(&keys);
    uint8_t bytes[CRYPTO_SECRET_BYTES + 1] = {0};
    memcpy(bytes, keys.secret_key, CRYPTO_SECRET_BYTES);
    put_file(&place, bytes, CRYPTO_SECRET_BYTES, 0600);
    struct crypto_keypair read;
    ck_assert(crypto_keypair_load(place.path, &read, NULL));
    ck_assert_mem_eq(&keys, &read, sizeof keys);
    put_file(&place, bytes, CRYPTO_SECRET_BYTES, 0640);
    expect_refused(&place, "others may read");
    put_file(&place, bytes, CRYPTO_SECRET_BYTES, 0604);
    expect_refused(&place, "others may read");
    put_file(&place, bytes, CRYPTO_SECRET_BYTES - 1, 0600);
    expect_refused(&place, "this one has 63");
    put_file(&place, bytes, CRYPTO_SECRET_BYTES + 1, 0600);
    expect_refused(&place, "this one has 65");
    put_file(&place, bytes, 0, 0600);
    expect_refused(&place, "this one has 0");
    bytes[5] ^= 1;
    put_file(&place, bytes, CRYPTO_SECRET_BYTES, 0600);
    expect_refused(&place, "damaged");
    place_remove(&place);
}
END_TEST

START_TEST(test_bad_places_are_refused)
{
    struct place place = place_make();
    ck_assert_int_eq(mkdir(place.path, 0700), 0);
    expect_refused(&place, "regular file");
    ck_assert_int_eq(rmdir(place.path), 0);
    struct place nowhere = {.path = "/tmp/tilth-no-such-folder/key"};
    expect_refused(&nowhere, "No such file or directory");
    place_remove(&place);
}
END_TEST

START_TEST(test_a_signature_holds_for_one_message_and_key)
{
    ck_assert(crypto_start(NULL));
    ck_assert(crypto_start(NULL));
    struct crypto_keypair keys;
    struct crypto_keypair others;
    crypto_keypair_make(&keys);
    crypto_keypair_make(&others);
    uint8_t signature[CRYPTO_SIGNATURE_BYTES];
    crypto_sign_message(&keys, "message", 7, signature);
    ck_assert(crypto_verify(keys.public_key, "message", 7, signature));
    ck_assert(!crypto_verify(keys.public_key, "massage", 7, signature));
    ck_assert(!crypto_verify(keys.public_key, "message", 6, signature));
    ck_assert(!crypto_verify(others.public_key, "message", 7, signature));
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] ^= 1;
        ck_assert(!crypto_verify(keys.public_key, "message", 7, signature));
        signature[i] ^= 1;
    }
}
END_TEST

/* RFC 8032, section 7.1, test 2. */
START_TEST(test_signature_vector)
{
    static const uint8_t public_key[CRYPTO_PUBLIC_BYTES] = {
        0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a,
        0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4,
        0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c};
    static const uint8_t signature[CRYPTO_SIGNATURE_BYTES] = {
        0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f,
        0x64, 0x25, 0x40, 0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76,
        0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99,
        0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae,
        0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};
    ck_assert(crypto_start(NULL));
    ck_assert(crypto_verify(public_key, "\x72", 1, signature));
    ck_assert(!crypto_verify(public_key, "\x73", 1, signature));
}
END_TEST

/* The paper's example: key 00..0f, message 00..0e. */
START_TEST(test_siphash_vector)
{
    uint8_t key[CRYPTO_SIPHASH_KEY_BYTES];
    uint8_t message[15];
    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    for (uint8_t i = 0; i < 15; i++)
        message[i] = i;
    ck_assert_uint_eq(crypto_siphash(key, message, sizeof message), UINT64_C(0xa129ca6149be45e5));
    ck_assert_uint_eq(crypto_siphash(key, message, 0), UINT64_C(0x726fdb47dd0e0e31));
}
END_TEST

START_TEST(test_digest_vector)
{
    /* BLAKE2b-256 of "" */
    static const uint8_t expected[CRYPTO_DIGEST_BYTES] = {
        0x0e, 0x57, 0x51, 0xc0, 0x26, 0xe5, 0x43, 0xb2, 0xe8, 0xab, 0x2e,
        0xb0, 0x60, 0x99, 0xda, 0xa1, 0xd1, 0xe5, 0xdf, 0x47, 0x77, 0x8f,
        0x77, 0x87, 0xfa, 0xab, 0x45, 0xcd, 0xf1, 0x2f, 0xe3, 0xa8};
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    crypto_digest("", 0, digest);
    ck_assert_mem_eq(digest, expected, sizeof digest);
    crypto_digest("a", 1, digest);
    ck_assert_mem_ne(digest, expected, sizeof digest);
}
END_TEST

START_TEST(test_digest_128_is_written_as_b2sum_writes_it)
{
    char text[33];
    hash_format(crypto_digest_128("", 0), text);
    ck_assert_str_eq(text, "cae66941d9efbd404e4d88758ea67670");
    hash_format(crypto_digest_128("abc", 3), text);
    ck_assert_str_eq(text, "cf4ab791c62b8d2b2109c90275287816");
}
END_TEST

START_TEST(test_random_fills_all)
{
    ck_assert(crypto_start(NULL));
    uint8_t ored[64] = {0};
    for (int i = 0; i < 20; i++) {
        uint8_t bytes[64];
        crypto_random(bytes, sizeof bytes);
        for (size_t at = 0; at < sizeof bytes; at++)
            ored[at] |= bytes[at];
    }
    for (size_t at = 0; at < sizeof ored; at++)
        ck_assert_uint_ne(ored[at], 0);
}
END_TEST

TESTING_MAIN("crypto", test_keypair_is_made_once_and_kept, test_what_a_crash_left_is_no_obstacle,
             test_bad_key_files_are_refused, test_bad_places_are_refused,
             test_a_signature_holds_for_one_message_and_key, test_signature_vector,
             test_siphash_vector, test_digest_vector, test_digest_128_is_written_as_b2sum_writes_it,
             test_random_fills_all)
