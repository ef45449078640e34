/* record.h - the bytes of the journal: segment headers and tick records.
 *
 * A segment is a file "<number, 16 hex digits>.segment": a header of RECORD_SEGMENT_BYTES, then
 * tick records, each RECORD_HEADER_BYTES and a payload of framed changes (wire/framing.h), padded
 * with zeros to 8 bytes; behind the last one, zeros. All numbers are little-endian. CRC32C
 * (base/hash.h) covers everything of the header behind the CRC, and the payload. Pure functions. */
#ifndef TILTH_JOURNAL_RECORD_H
#define TILTH_JOURNAL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

enum {
    RECORD_SEGMENT_BYTES = 4096,
    RECORD_HEADER_BYTES = 72,
    RECORD_PAYLOAD_BYTES_MAX = 1 << 20,
    RECORD_FORMAT_VERSION = 1,
};

/* What a segment says of itself. */
struct record_segment {
    uint64_t world;        /* the world's id */
    uint64_t journal;      /* the journal's id: random, made with the folder */
    uint32_t timeline;     /* rises when a world is restored */
    uint64_t number;       /* this segment's */
    uint64_t first_seq;    /* of its first record */
    uint64_t previous_seq; /* durable before it was made: what earlier segments hold behind is void.
                            * first_seq - 1, or less when the database was ahead of the journal */
    uint64_t supersedes;   /* 0, or the segment that failed, and that this one takes over from */
};

/* One tick's durable changes. */
struct record_header {
    uint64_t seq; /* rises by one, 1 is the first */
    uint64_t tick;
    int64_t wall_us;      /* for people */
    uint64_t durable_seq; /* known durable when this was written */
    struct hash128 hash;  /* the world hash after the record */
    uint64_t journal;     /* the journal's id, so that no payload can pass for a record */
    uint32_t size_bytes;  /* of the payload; 0 is a heartbeat */
};

/* Writes a segment header, CRC and zeros included. */
void record_write_segment(const struct record_segment *segment,
                          uint8_t out_bytes[RECORD_SEGMENT_BYTES]);

/* The format version of a header whose magic and CRC fit, otherwise 0. */
uint32_t record_segment_version(const uint8_t bytes[RECORD_SEGMENT_BYTES]);

/* Reads one; false when magic, version or CRC do not fit. */
bool record_read_segment(const uint8_t bytes[RECORD_SEGMENT_BYTES],
                         struct record_segment *out_segment);

/* Writes the header of a record whose payload is at `payload`, with the CRC over both. */
void record_write_header(const struct record_header *header, const uint8_t *payload,
                         uint8_t out_bytes[RECORD_HEADER_BYTES]);

/* Reads a header; false when the magic or the size do not fit. The CRC is not checked yet. */
bool record_read_header(const uint8_t bytes[RECORD_HEADER_BYTES], struct record_header *out_header);

/* Does the CRC in the header's bytes fit header and payload? */
bool record_is_intact(const uint8_t bytes[RECORD_HEADER_BYTES], const uint8_t *payload,
                      uint32_t size_bytes);

/* Would there be an intact record at `offset` of the file's bytes, of asked->seq and
 * asked->journal, if one bit were another? Then it was written in full, and hurt afterwards: one
 * that never got there lacks all that it has from some place in a sector on. False where that is
 * only this bit. The bytes are as before afterwards. Takes up to a second for the largest. */
bool record_is_one_bit_off(uint8_t *file, uint64_t size_bytes, uint64_t offset,
                           const struct record_header *asked);

/* Bytes of a record in a segment: header, payload, padding to 8. */
uint64_t record_stride(uint32_t size_bytes);

#endif
