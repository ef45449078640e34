#include "journal/record.h"

#include <string.h>

/* Where the fields are: segment header. */
enum {
    SEGMENT_CRC = 8,
    SEGMENT_VERSION = 12,
    SEGMENT_WORLD = 16,
    SEGMENT_JOURNAL = 24,
    SEGMENT_TIMELINE = 32,
    SEGMENT_NUMBER = 40,
    SEGMENT_FIRST_SEQ = 48,
    SEGMENT_PREVIOUS_SEQ = 56,
    SEGMENT_SUPERSEDES = 64,
};

/* Record header. */
enum {
    RECORD_CRC = 4,
    RECORD_SEQ = 8,
    RECORD_TICK = 16,
    RECORD_WALL = 24,
    RECORD_DURABLE_SEQ = 32,
    RECORD_HASH_LOW = 40,
    RECORD_HASH_HIGH = 48,
    RECORD_JOURNAL = 56,
    RECORD_SIZE = 64,
    RECORD_ZERO = 68,
};

/* Disks write at least so much at once, or not at all. */
enum { SECTOR_BYTES = 512 };

static const uint8_t segment_magic[8] = {'T', 'I', 'L', 'T', 'H', 'J', 'N', 'L'};
static const uint8_t record_magic[4] = {'T', 'i', 'c', 'k'};

static void put_32(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

static void put_64(uint8_t *bytes, uint64_t value)
{
    put_32(bytes, (uint32_t)value);
    put_32(bytes + 4, (uint32_t)(value >> 32));
}

static uint32_t get_32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static uint64_t get_64(const uint8_t *bytes)
{
    return (uint64_t)get_32(bytes) | (uint64_t)get_32(bytes + 4) << 32;
}

static uint32_t segment_crc(const uint8_t *bytes)
{
    return hash_crc32c(0, bytes + SEGMENT_VERSION, RECORD_SEGMENT_BYTES - SEGMENT_VERSION);
}

static uint32_t record_crc(const uint8_t *bytes, const uint8_t *payload, uint32_t size_bytes)
{
    uint32_t crc = hash_crc32c(0, bytes + RECORD_SEQ, RECORD_HEADER_BYTES - RECORD_SEQ);
    return size_bytes == 0 ? crc : hash_crc32c(crc, payload, size_bytes);
}

void record_write_segment(const struct record_segment *segment,
                          uint8_t out_bytes[RECORD_SEGMENT_BYTES])
{
    memset(out_bytes, 0, RECORD_SEGMENT_BYTES);
    memcpy(out_bytes, segment_magic, sizeof segment_magic);
    put_32(out_bytes + SEGMENT_VERSION, RECORD_FORMAT_VERSION);
    put_64(out_bytes + SEGMENT_WORLD, segment->world);
    put_64(out_bytes + SEGMENT_JOURNAL, segment->journal);
    put_32(out_bytes + SEGMENT_TIMELINE, segment->timeline);
    put_64(out_bytes + SEGMENT_NUMBER, segment->number);
    put_64(out_bytes + SEGMENT_FIRST_SEQ, segment->first_seq);
    put_64(out_bytes + SEGMENT_PREVIOUS_SEQ, segment->previous_seq);
    put_64(out_bytes + SEGMENT_SUPERSEDES, segment->supersedes);
    put_32(out_bytes + SEGMENT_CRC, segment_crc(out_bytes));
}

uint32_t record_segment_version(const uint8_t bytes[RECORD_SEGMENT_BYTES])
{
    if (memcmp(bytes, segment_magic, sizeof segment_magic) != 0)
        return 0;
    return get_32(bytes + SEGMENT_CRC) == segment_crc(bytes) ? get_32(bytes + SEGMENT_VERSION) : 0;
}

bool record_read_segment(const uint8_t bytes[RECORD_SEGMENT_BYTES],
                         struct record_segment *out_segment)
{
    if (record_segment_version(bytes) != RECORD_FORMAT_VERSION)
        return false;
    *out_segment = (struct record_segment){
        .world = get_64(bytes + SEGMENT_WORLD),
        .journal = get_64(bytes + SEGMENT_JOURNAL),
        .timeline = get_32(bytes + SEGMENT_TIMELINE),
        .number = get_64(bytes + SEGMENT_NUMBER),
        .first_seq = get_64(bytes + SEGMENT_FIRST_SEQ),
        .previous_seq = get_64(bytes + SEGMENT_PREVIOUS_SEQ),
        .supersedes = get_64(bytes + SEGMENT_SUPERSEDES),
    };
    return true;
}

void record_write_header(const struct record_header *header, const uint8_t *payload,
                         uint8_t out_bytes[RECORD_HEADER_BYTES])
{
    memcpy(out_bytes, record_magic, sizeof record_magic);
    put_64(out_bytes + RECORD_SEQ, header->seq);
    put_64(out_bytes + RECORD_TICK, header->tick);
    put_64(out_bytes + RECORD_WALL, (uint64_t)header->wall_us);
    put_64(out_bytes + RECORD_DURABLE_SEQ, header->durable_seq);
    put_64(out_bytes + RECORD_HASH_LOW, header->hash.low);
    put_64(out_bytes + RECORD_HASH_HIGH, header->hash.high);
    put_64(out_bytes + RECORD_JOURNAL, header->journal);
    put_32(out_bytes + RECORD_SIZE, header->size_bytes);
    put_32(out_bytes + RECORD_ZERO, 0);
    put_32(out_bytes + RECORD_CRC, record_crc(out_bytes, payload, header->size_bytes));
}

bool record_read_header(const uint8_t bytes[RECORD_HEADER_BYTES], struct record_header *out_header)
{
    if (memcmp(bytes, record_magic, sizeof record_magic) != 0 ||
        get_32(bytes + RECORD_SIZE) > RECORD_PAYLOAD_BYTES_MAX)
        return false;
    *out_header = (struct record_header){
        .seq = get_64(bytes + RECORD_SEQ),
        .tick = get_64(bytes + RECORD_TICK),
        .wall_us = (int64_t)get_64(bytes + RECORD_WALL),
        .durable_seq = get_64(bytes + RECORD_DURABLE_SEQ),
        .hash = {get_64(bytes + RECORD_HASH_LOW), get_64(bytes + RECORD_HASH_HIGH)},
        .journal = get_64(bytes + RECORD_JOURNAL),
        .size_bytes = get_32(bytes + RECORD_SIZE),
    };
    return true;
}

bool record_is_intact(const uint8_t bytes[RECORD_HEADER_BYTES], const uint8_t *payload,
                      uint32_t size_bytes)
{
    return get_32(bytes + RECORD_CRC) == record_crc(bytes, payload, size_bytes);
}

/* Is there a header of the record at the bytes, and room for its payload? Then its size. */
static bool has_header(const uint8_t *bytes, uint64_t room_bytes, const struct record_header *asked,
                       uint32_t *out_size_bytes)
{
    struct record_header header;
    if (!record_read_header(bytes, &header) || header.seq != asked->seq ||
        header.journal != asked->journal || room_bytes - RECORD_HEADER_BYTES < header.size_bytes)
        return false;
    *out_size_bytes = header.size_bytes;
    return true;
}

/* Which byte of the header has a bit without which the record would be intact? */
static bool find_header_bit(uint8_t *bytes, uint64_t room_bytes, const struct record_header *asked,
                            uint64_t *out_at, uint32_t *out_size_bytes)
{
    for (uint32_t bit = 0; bit < 8 * RECORD_HEADER_BYTES; bit++) {
        uint8_t flipped = (uint8_t)(1U << bit % 8);
        bytes[bit / 8] ^= flipped;
        bool is_found = has_header(bytes, room_bytes, asked, out_size_bytes) &&
                        record_is_intact(bytes, bytes + RECORD_HEADER_BYTES, *out_size_bytes);
        bytes[bit / 8] ^= flipped;
        *out_at = bit / 8;
        if (is_found)
            return true;
    }
    return false;
}

/* Which byte of the payload has such a bit? What a bit adds to the CRC depends only on how many
 * bytes are behind it: a CRC is linear. */
static bool find_payload_bit(const uint8_t *bytes, uint32_t size_bytes, uint64_t *out_at)
{
    static const uint8_t zero = 0;
    uint32_t effects[8], still = hash_crc32c(0, &zero, 1);
    uint32_t missing =
        get_32(bytes + RECORD_CRC) ^ record_crc(bytes, bytes + RECORD_HEADER_BYTES, size_bytes);
    for (uint32_t bit = 0; bit < 8; bit++) {
        uint8_t byte = (uint8_t)(1U << bit);
        effects[bit] = hash_crc32c(0, &byte, 1) ^ still;
    }
    for (uint32_t behind = 0; behind < size_bytes; behind++) {
        *out_at = RECORD_HEADER_BYTES + (uint64_t)size_bytes - 1 - behind;
        for (uint32_t bit = 0; bit < 8; bit++) {
            if (effects[bit] == missing)
                return true;
            effects[bit] = hash_crc32c(effects[bit], &zero, 1) ^ still;
        }
    }
    return false;
}

/* Are there only zeros from the byte `at` to the end of its sector, or of the record? */
static bool is_blank(const uint8_t *file, uint64_t at, uint64_t record_end)
{
    uint64_t end = (at / SECTOR_BYTES + 1) * SECTOR_BYTES;
    bool is_zero = true;
    for (uint64_t i = at; i < end && i < record_end; i++)
        is_zero = is_zero && file[i] == 0;
    return is_zero;
}

bool record_is_one_bit_off(uint8_t *file, uint64_t size_bytes, uint64_t offset,
                           const struct record_header *asked)
{
    uint8_t *bytes = file + offset;
    uint64_t room_bytes = size_bytes - offset, at = 0;
    uint32_t payload_bytes = 0;
    if (offset > size_bytes || room_bytes < RECORD_HEADER_BYTES)
        return false;
    bool is_off = find_header_bit(bytes, room_bytes, asked, &at, &payload_bytes) ||
                  (has_header(bytes, room_bytes, asked, &payload_bytes) &&
                   find_payload_bit(bytes, payload_bytes, &at));
    uint64_t end = offset + RECORD_HEADER_BYTES + (uint64_t)payload_bytes;
    return is_off && !is_blank(file, offset + at, end);
}

uint64_t record_stride(uint32_t size_bytes)
{
    return RECORD_HEADER_BYTES + (((uint64_t)size_bytes + 7) & ~(uint64_t)7);
}
