#include "testing.h"

#include <string.h>

#include "journal/record.h"

static const struct record_segment segment = {
    .world = 0x1112131415161718,
    .journal = 0x2122232425262728,
    .timeline = 0x31323334,
    .number = 0x4142434445464748,
    .first_seq = 0x5152535455565758,
    .previous_seq = 0x6162636465666768,
    .supersedes = 0x7172737475767778,
};

static const struct record_header header = {
    .seq = 0x0102030405060708,
    .tick = 0x1112131415161718,
    .wall_us = -2,
    .durable_seq = 0x2122232425262728,
    .hash = {0x3132333435363738, 0x4142434445464748},
    .journal = 0x5152535455565758,
    .size_bytes = 3,
};

START_TEST(segment_comes_back)
{
    uint8_t bytes[RECORD_SEGMENT_BYTES];
    struct record_segment back = {0};
    record_write_segment(&segment, bytes);
    ck_assert(record_read_segment(bytes, &back));
    ck_assert_uint_eq(record_segment_version(bytes), RECORD_FORMAT_VERSION);
    ck_assert_uint_eq(back.world, segment.world);
    ck_assert_uint_eq(back.journal, segment.journal);
    ck_assert_uint_eq(back.timeline, segment.timeline);
    ck_assert_uint_eq(back.number, segment.number);
    ck_assert_uint_eq(back.first_seq, segment.first_seq);
    ck_assert_uint_eq(back.previous_seq, segment.previous_seq);
    ck_assert_uint_eq(back.supersedes, segment.supersedes);
}
END_TEST

START_TEST(segment_bytes_are_golden)
{
    static const uint8_t golden[72] = {
        'T',  'I',  'L',  'T',  'H',  'J',  'N',  'L',  /* magic */
        0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, /* CRC, version */
        0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, /* world */
        0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21, /* journal */
        0x34, 0x33, 0x32, 0x31, 0x00, 0x00, 0x00, 0x00, /* timeline */
        0x48, 0x47, 0x46, 0x45, 0x44, 0x43, 0x42, 0x41, /* number */
        0x58, 0x57, 0x56, 0x55, 0x54, 0x53, 0x52, 0x51, /* first_seq */
        0x68, 0x67, 0x66, 0x65, 0x64, 0x63, 0x62, 0x61, /* previous_seq */
        0x78, 0x77, 0x76, 0x75, 0x74, 0x73, 0x72, 0x71, /* supersedes */
    };
    uint8_t bytes[RECORD_SEGMENT_BYTES];
    record_write_segment(&segment, bytes);
    ck_assert_mem_eq(bytes, golden, 8);
    ck_assert_mem_eq(bytes + 12, golden + 12, sizeof golden - 12);
    for (size_t i = sizeof golden; i < sizeof bytes; i++)
        ck_assert_uint_eq(bytes[i], 0);
    uint32_t crc = hash_crc32c(0, bytes + 12, sizeof bytes - 12);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(bytes[8 + i], (uint8_t)(crc >> (8 * i)));
}
END_TEST

START_TEST(record_bytes_are_golden)
{
    static const uint8_t golden[RECORD_HEADER_BYTES] = {
        'T',  'i',  'c',  'k',  0x00, 0x00, 0x00, 0x00, /* magic, CRC */
        0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, /* seq */
        0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, /* tick */
        0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* wall_us */
        0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21, /* durable_seq */
        0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31, /* hash, low */
        0x48, 0x47, 0x46, 0x45, 0x44, 0x43, 0x42, 0x41, /* hash, high */
        0x58, 0x57, 0x56, 0x55, 0x54, 0x53, 0x52, 0x51, /* journal */
        0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* size */
    };
    uint8_t all[RECORD_HEADER_BYTES + 3] = {0};
    memcpy(all + RECORD_HEADER_BYTES, "abc", 3);
    record_write_header(&header, all + RECORD_HEADER_BYTES, all);
    ck_assert_mem_eq(all, golden, 4);
    ck_assert_mem_eq(all + 8, golden + 8, sizeof golden - 8);
    uint32_t crc = hash_crc32c(0, all + 8, sizeof all - 8);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(all[4 + i], (uint8_t)(crc >> (8 * i)));
}
END_TEST

START_TEST(record_comes_back)
{
    uint8_t bytes[RECORD_HEADER_BYTES];
    struct record_header back = {0};
    const uint8_t *payload = (const uint8_t *)"abc";
    record_write_header(&header, payload, bytes);
    ck_assert(record_read_header(bytes, &back));
    ck_assert(record_is_intact(bytes, payload, back.size_bytes));
    ck_assert_uint_eq(back.seq, header.seq);
    ck_assert_uint_eq(back.tick, header.tick);
    ck_assert_int_eq(back.wall_us, header.wall_us);
    ck_assert_uint_eq(back.durable_seq, header.durable_seq);
    ck_assert(hash_is_equal(back.hash, header.hash));
    ck_assert_uint_eq(back.journal, header.journal);
    ck_assert_uint_eq(back.size_bytes, header.size_bytes);
}
END_TEST

/* No bit of header or payload can change without being seen. */
START_TEST(every_bit_counts)
{
    uint8_t all[RECORD_HEADER_BYTES + 3];
    struct record_header back;
    memcpy(all + RECORD_HEADER_BYTES, "abc", 3);
    record_write_header(&header, all + RECORD_HEADER_BYTES, all);
    for (size_t bit = 0; bit < 8 * sizeof all; bit++) {
        all[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        ck_assert(!record_read_header(all, &back) || back.size_bytes != 3 ||
                  !record_is_intact(all, all + RECORD_HEADER_BYTES, 3));
        all[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    ck_assert(record_is_intact(all, all + RECORD_HEADER_BYTES, 3));
}
END_TEST

START_TEST(every_bit_of_a_segment_header_counts)
{
    uint8_t bytes[RECORD_SEGMENT_BYTES];
    struct record_segment back;
    record_write_segment(&segment, bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit += 5) {
        bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        ck_assert(!record_read_segment(bytes, &back));
        bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    ck_assert(record_read_segment(bytes, &back));
}
END_TEST

START_TEST(sizes)
{
    ck_assert_uint_eq(record_stride(0), 72);
    ck_assert_uint_eq(record_stride(1), 80);
    ck_assert_uint_eq(record_stride(8), 80);
    ck_assert_uint_eq(record_stride(9), 88);
    struct record_header large = {.seq = 1, .size_bytes = RECORD_PAYLOAD_BYTES_MAX};
    struct record_header back;
    uint8_t bytes[RECORD_HEADER_BYTES];
    uint8_t *payload = calloc(1, RECORD_PAYLOAD_BYTES_MAX);
    ck_assert_ptr_nonnull(payload);
    record_write_header(&large, payload, bytes);
    ck_assert(record_read_header(bytes, &back));
    ck_assert(record_is_intact(bytes, payload, back.size_bytes));
    bytes[64] = 1; /* one byte more than there may be */
    ck_assert(!record_read_header(bytes, &back));
    free(payload);
}
END_TEST

TESTING_MAIN("record", segment_comes_back, segment_bytes_are_golden, record_bytes_are_golden,
             record_comes_back, every_bit_counts, every_bit_of_a_segment_header_counts, sizes)
