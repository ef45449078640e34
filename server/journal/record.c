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

uint64_t record_stride(uint32_t size_bytes)
{
    return RECORD_HEADER_BYTES + (((uint64_t)size_bytes + 7) & ~(uint64_t)7);
}
