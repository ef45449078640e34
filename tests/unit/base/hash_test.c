#include "base/hash.h"

#include <string.h>

#include "testing.h"

#include "base/rng.h"

/* Both ways of computing must give the expected checksum. */
static void expect_crc(const void *bytes, size_t size_bytes, uint32_t expected)
{
    ck_assert_uint_eq(hash_crc32c(0, bytes, size_bytes), expected);
    ck_assert_uint_eq(hash_crc32c_portable(0, bytes, size_bytes), expected);
}

START_TEST(test_crc32c_gives_the_vectors_of_rfc_3720)
{
    uint8_t bytes[32];
    memset(bytes, 0, sizeof bytes);
    expect_crc(bytes, sizeof bytes, 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    expect_crc(bytes, sizeof bytes, 0x62a8ab43);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    expect_crc(bytes, sizeof bytes, 0x46dd794e);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    expect_crc(bytes, sizeof bytes, 0x113fdb5c);
    static const uint8_t iscsi_read[48] = {0x01, 0xc0, 0, 0,    0,    0, 0, 0,    0,    0, 0,    0,
                                           0,    0,    0, 0,    0x14, 0, 0, 0,    0,    0, 0x04, 0,
                                           0,    0,    0, 0x14, 0,    0, 0, 0x18, 0x28, 0, 0,    0,
                                           0,    0,    0, 0,    0x02, 0, 0, 0,    0,    0, 0,    0};
    expect_crc(iscsi_read, sizeof iscsi_read, 0xd9963a56);
    expect_crc("123456789", 9, 0xe3069283);
    expect_crc("", 0, 0);
}
END_TEST

START_TEST(test_crc32c_continues_at_every_split)
{
    uint8_t bytes[100];
    struct rng rng;
    rng_init(&rng, 5);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)rng_next(&rng);
    uint32_t whole = hash_crc32c_portable(0, bytes, sizeof bytes);
    for (size_t split = 0; split <= sizeof bytes; split++) {
        uint32_t first = hash_crc32c(0, bytes, split);
        ck_assert_uint_eq(first, hash_crc32c_portable(0, bytes, split));
        ck_assert_uint_eq(hash_crc32c(first, bytes + split, sizeof bytes - split), whole);
    }
}
END_TEST

/* XXH3 is kept in journals and databases, so its values are a contract; from xxhsum's self-test. */
START_TEST(test_xxh3_gives_its_published_values)
{
    ck_assert_uint_eq(hash_64("", 0, 0), UINT64_C(0x2d06800538d394c2));
    struct hash128 empty = hash_128("", 0, 0);
    ck_assert_uint_eq(empty.low, UINT64_C(0x6001c324468d497f));
    ck_assert_uint_eq(empty.high, UINT64_C(0x99aa06d3014798d8));
    ck_assert_uint_ne(hash_64("a", 1, 0), hash_64("a", 1, 1));
    ck_assert(!hash_is_equal(hash_128("a", 1, 0), hash_128("a", 1, 1)));
}
END_TEST

START_TEST(test_sums_carry_and_borrow)
{
    struct hash128 one = {.low = 1, .high = 0};
    struct hash128 low_full = {.low = UINT64_MAX, .high = 4};
    struct hash128 sum = hash_add(low_full, one);
    ck_assert(hash_is_equal(sum, (struct hash128){.low = 0, .high = 5}));
    ck_assert(hash_is_equal(hash_subtract(sum, one), low_full));
    struct hash128 all = hash_subtract((struct hash128){0}, one);
    ck_assert(hash_is_equal(all, (struct hash128){.low = UINT64_MAX, .high = UINT64_MAX}));
    ck_assert(!hash_is_equal(one, (struct hash128){.low = 1, .high = 1}));
    ck_assert(!hash_is_equal(one, (struct hash128){0}));
}
END_TEST

START_TEST(test_a_sum_does_not_know_its_order)
{
    struct rng rng;
    rng_init(&rng, 11);
    struct hash128 forward = {0};
    struct hash128 keys[50];
    for (size_t i = 0; i < 50; i++) {
        uint64_t key = rng_next(&rng);
        keys[i] = hash_128(&key, sizeof key, 0);
        forward = hash_add(forward, keys[i]);
    }
    struct hash128 backward = {0};
    for (size_t i = 50; i > 0; i--)
        backward = hash_add(backward, keys[i - 1]);
    ck_assert(hash_is_equal(forward, backward));
    for (size_t i = 0; i < 50; i++)
        forward = hash_subtract(forward, keys[i]);
    ck_assert(hash_is_equal(forward, (struct hash128){0}));
}
END_TEST

START_TEST(test_format_and_parse)
{
    struct hash128 hash = {.low = UINT64_C(0x0123456789abcdef), .high = UINT64_C(0xfedc)};
    char text[33];
    hash_format(hash, text);
    ck_assert_str_eq(text, "000000000000fedc0123456789abcdef");
    struct hash128 read = {0};
    ck_assert(hash_parse(text, &read));
    ck_assert(hash_is_equal(read, hash));
    ck_assert(hash_parse("000000000000FEDC0123456789ABCDEF", &read));
    ck_assert(hash_is_equal(read, hash));
}
END_TEST

START_TEST(test_parse_refuses_what_is_no_hash)
{
    struct hash128 read = {.low = 77};
    ck_assert(!hash_parse("", &read));
    ck_assert(!hash_parse("000000000000fedc0123456789abcde", &read));
    ck_assert(!hash_parse("000000000000fedc0123456789abcdef0", &read));
    ck_assert(!hash_parse("000000000000fedg0123456789abcdef", &read));
    ck_assert(!hash_parse("-00000000000fedc0123456789abcdef", &read));
    ck_assert_uint_eq(read.low, 77);
}
END_TEST

TESTING_MAIN("hash", test_crc32c_gives_the_vectors_of_rfc_3720,
             test_crc32c_continues_at_every_split, test_xxh3_gives_its_published_values,
             test_sums_carry_and_borrow, test_a_sum_does_not_know_its_order, test_format_and_parse,
             test_parse_refuses_what_is_no_hash)
