#include "wire/bits.h"

#include <string.h>

#include "testing.h"

#include "base/rng.h"

static uint64_t low_bits(uint64_t value, uint32_t count)
{
    return count == 64 ? value : value & ((UINT64_C(1) << count) - 1);
}

/* Every value of up to 8 bits, at every place in a byte, between neighbours of ones. */
START_TEST(test_small_widths_at_every_place)
{
    for (uint32_t place = 0; place < 8; place++) {
        for (uint32_t n = 0; n < 9 * 256; n++) {
            uint32_t count = n / 256;
            uint64_t value = n % 256;
            uint8_t bytes[4];
            struct bit_writer writer;
            struct bit_reader reader;
            memset(bytes, 0xFF, sizeof bytes);
            bits_write_init(&writer, bytes, sizeof bytes);
            bits_write(&writer, UINT64_MAX, place);
            bits_write(&writer, value, count);
            bits_write(&writer, UINT64_MAX, 3);
            ck_assert_uint_eq(bits_finish_writing(&writer), (place + count + 3 + 7) / 8);
            bits_read_init(&reader, bytes, (place + count + 3 + 7) / 8);
            ck_assert_uint_eq(bits_read(&reader, place), low_bits(UINT64_MAX, place));
            ck_assert_uint_eq(bits_read(&reader, count), low_bits(value, count));
            ck_assert_uint_eq(bits_read(&reader, 3), 7);
            ck_assert(bits_is_at_end(&reader) && bits_finish_reading(&reader));
        }
    }
}
END_TEST

START_TEST(test_random_runs)
{
    struct rng rng;
    rng_init(&rng, 12);
    for (uint32_t round = 0; round < 2000; round++) {
        uint8_t bytes[256];
        struct bit_writer writer;
        struct bit_reader reader;
        struct rng again = rng;
        bits_write_init(&writer, bytes, sizeof bytes);
        for (uint32_t i = 0; i < 30; i++) {
            uint64_t value = rng_next(&rng);
            bits_write(&writer, value, (uint32_t)rng_below(&rng, 65));
        }
        ck_assert(!writer.is_failed);
        bits_read_init(&reader, bytes, bits_finish_writing(&writer));
        for (uint32_t i = 0; i < 30; i++) {
            uint64_t value = rng_next(&again);
            uint32_t count = (uint32_t)rng_below(&again, 65);
            ck_assert_uint_eq(bits_read(&reader, count), low_bits(value, count));
        }
        ck_assert(bits_finish_reading(&reader));
    }
}
END_TEST

START_TEST(test_layout_is_little_endian)
{
    uint8_t bytes[8] = {0};
    struct bit_writer writer;
    bits_write_init(&writer, bytes, sizeof bytes);
    bits_write(&writer, 5, 3);
    bits_write(&writer, 0x1234, 16);
    bits_write_varint(&writer, 300);
    bits_write_bytes(&writer, "AB", 2);
    static const uint8_t expected[] = {0xa5, 0x91, 0x60, 0x15, 0x00, 'A', 'B'};
    ck_assert_uint_eq(bits_finish_writing(&writer), sizeof expected);
    ck_assert_mem_eq(bytes, expected, sizeof expected);
}
END_TEST

START_TEST(test_ranges_take_the_bits_they_need)
{
    static const uint64_t ranges[][3] = {
        {7, 7, 0},           {0, 1, 1},   {5, 7, 2},   {1, 8, 3},
        {0, UINT64_MAX, 64}, {0, 255, 8}, {1, 257, 9}, {UINT64_MAX - 4, UINT64_MAX, 3},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        uint8_t bytes[16];
        struct bit_writer writer;
        struct bit_reader reader;
        bits_write_init(&writer, bytes, sizeof bytes);
        bits_write_range(&writer, ranges[i][0], ranges[i][0], ranges[i][1]);
        ck_assert_uint_eq(writer.used_bits, ranges[i][2]);
        bits_write_range(&writer, ranges[i][1], ranges[i][0], ranges[i][1]);
        bits_read_init(&reader, bytes, bits_finish_writing(&writer));
        ck_assert_uint_eq(bits_read_range(&reader, ranges[i][0], ranges[i][1]), ranges[i][0]);
        ck_assert_uint_eq(bits_read_range(&reader, ranges[i][0], ranges[i][1]), ranges[i][1]);
        ck_assert(bits_finish_reading(&reader));
    }
}
END_TEST

START_TEST(test_patterns_beyond_a_range_fail)
{
    for (uint64_t max = 1; max < 256; max++) {
        for (uint64_t pattern = 0; pattern < 256; pattern++) {
            uint8_t byte = (uint8_t)pattern;
            struct bit_reader reader;
            uint32_t width = 64 - (uint32_t)__builtin_clzll(max);
            bits_read_init(&reader, &byte, 1);
            uint64_t value = bits_read_range(&reader, 10, 10 + max);
            uint64_t read = low_bits(pattern, width);
            ck_assert_int_eq(reader.is_failed, read > max);
            ck_assert_uint_eq(value, read > max ? 10 : 10 + read);
        }
    }
}
END_TEST

START_TEST(test_varints_are_short_and_unique)
{
    struct rng rng;
    rng_init(&rng, 14);
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t width = i % 65;
        uint64_t value =
            width == 0 ? 0 : low_bits(rng_next(&rng), width) | UINT64_C(1) << (width - 1);
        uint8_t bytes[16];
        struct bit_writer writer;
        struct bit_reader reader;
        bits_write_init(&writer, bytes, sizeof bytes);
        bits_write_varint(&writer, value);
        size_t size = bits_finish_writing(&writer);
        ck_assert_uint_eq(size, width == 0 ? 1 : (width + 6) / 7);
        bits_read_init(&reader, bytes, size);
        ck_assert_uint_eq(bits_read_varint(&reader), value);
        ck_assert(bits_finish_reading(&reader));
        bytes[size - 1] |= 0x80; /* the same number, a group longer */
        bytes[size] = 0;
        bits_read_init(&reader, bytes, size + 1);
        ck_assert_uint_eq(bits_read_varint(&reader), 0);
        ck_assert(reader.is_failed);
    }
}
END_TEST

START_TEST(test_varints_beyond_64_bits_fail)
{
    uint8_t bytes[11];
    struct bit_reader reader;
    memset(bytes, 0xFF, sizeof bytes);
    for (uint32_t last = 0; last < 256; last++) {
        bytes[9] = (uint8_t)last;
        bits_read_init(&reader, bytes, sizeof bytes);
        uint64_t value = bits_read_varint(&reader);
        ck_assert_int_eq(reader.is_failed, last != 1);
        ck_assert_uint_eq(value, last == 1 ? UINT64_MAX : 0);
    }
}
END_TEST

START_TEST(test_full_writer_stays_failed)
{
    uint8_t bytes[4] = {0};
    struct bit_writer writer;
    bits_write_init(&writer, bytes, 2);
    bits_write(&writer, 0x1FF, 9);
    bits_write(&writer, 0, 8);
    ck_assert(writer.is_failed);
    bits_write(&writer, 1, 1); /* there would be room, but it is too late */
    bits_write_bytes(&writer, "x", 1);
    bits_write_varint(&writer, 1);
    ck_assert(writer.is_failed);
    ck_assert_uint_eq(bytes[2], 0);
    bits_write_init(&writer, bytes, 2);
    bits_write_bytes(&writer, "abc", 3);
    ck_assert(writer.is_failed);
    bits_write_init(&writer, NULL, 0);
    bits_write_bytes(&writer, NULL, 0);
    ck_assert(!writer.is_failed);
    ck_assert_uint_eq(bits_finish_writing(&writer), 0);
}
END_TEST

START_TEST(test_ended_reader_stays_failed)
{
    static const uint8_t bytes[] = {0x81, 0x01, 'a', 'b'};
    struct bit_reader reader;
    bits_read_init(&reader, bytes, sizeof bytes);
    (void)bits_read(&reader, 31);
    ck_assert_uint_eq(bits_read(&reader, 2), 0);
    ck_assert(reader.is_failed);
    ck_assert_uint_eq(bits_read(&reader, 1), 0);
    ck_assert_uint_eq(bits_read_range(&reader, 4, 9), 4);
    ck_assert_uint_eq(bits_read_varint(&reader), 0);
    ck_assert_ptr_null(bits_read_bytes(&reader, 0));
    ck_assert(!bits_finish_reading(&reader));
    bits_read_init(&reader, bytes, sizeof bytes);
    ck_assert_uint_eq(bits_read_varint(&reader), 129);
    ck_assert_ptr_eq(bits_read_bytes(&reader, 2), bytes + 2);
    ck_assert(bits_finish_reading(&reader));
    bits_read_init(&reader, bytes, sizeof bytes);
    ck_assert_ptr_null(bits_read_bytes(&reader, SIZE_MAX));
    bits_read_init(&reader, NULL, 0);
    ck_assert(bits_finish_reading(&reader));
}
END_TEST

START_TEST(test_fill_bits_must_be_0)
{
    for (uint32_t used = 1; used < 8; used++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint8_t bytes[] = {(uint8_t)byte, 7};
            struct bit_reader reader;
            bits_read_init(&reader, bytes, 1);
            (void)bits_read(&reader, used);
            ck_assert_int_eq(bits_is_at_end(&reader), byte >> used == 0);
            ck_assert_int_eq(bits_finish_reading(&reader), byte >> used == 0);
            bits_read_init(&reader, bytes, 2);
            (void)bits_read(&reader, used);
            ck_assert(!bits_is_at_end(&reader)); /* a byte is left */
            ck_assert_int_eq(bits_read_bytes(&reader, 1) != NULL, byte >> used == 0);
        }
    }
}
END_TEST

TESTING_MAIN("bits", test_small_widths_at_every_place, test_random_runs,
             test_layout_is_little_endian, test_ranges_take_the_bits_they_need,
             test_patterns_beyond_a_range_fail, test_varints_are_short_and_unique,
             test_varints_beyond_64_bits_fail, test_full_writer_stays_failed,
             test_ended_reader_stays_failed, test_fill_bits_must_be_0)
