/* bits.h - writing and reading little-endian bit streams, every access bounded.
 *
 * Errors are sticky: a writer that ran out of room, or a reader that ran past the end or met a
 * value out of range, is failed from then on; writes do nothing and reads return the least value.
 * Check once, at the end (bits_finish_reading). Never trusts lengths. Any thread, no memory. */
#ifndef TILTH_WIRE_BITS_H
#define TILTH_WIRE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bit_writer {
    uint8_t *bytes;
    size_t capacity_bytes;
    size_t used_bits;
    bool is_failed;
};

struct bit_reader {
    const uint8_t *bytes;
    size_t size_bytes;
    size_t used_bits;
    bool is_failed;
};

/* Lays a writer over a buffer; what is in the buffer does not matter. */
void bits_write_init(struct bit_writer *writer, void *buffer, size_t capacity_bytes);

/* Appends the low `count` bits (0..64) of the value. */
void bits_write(struct bit_writer *writer, uint64_t value, uint32_t count);

/* Appends a value of [min, max] in exactly the bits that the range needs; it must be inside. */
void bits_write_range(struct bit_writer *writer, uint64_t value, uint64_t min, uint64_t max);

/* Appends a value in groups of 7 bits and a bit that says whether more follow: 1..10 bytes. */
void bits_write_varint(struct bit_writer *writer, uint64_t value);

/* Fills up to a byte with zeros, then appends the bytes. */
void bits_write_bytes(struct bit_writer *writer, const void *bytes, size_t size_bytes);

/* Fills up to a byte with zeros; the bytes used so far, of no meaning when the writer failed. */
size_t bits_finish_writing(struct bit_writer *writer);

/* Lays a reader over bytes, which must outlive it. */
void bits_read_init(struct bit_reader *reader, const void *bytes, size_t size_bytes);

/* The next `count` bits (0..64). */
uint64_t bits_read(struct bit_reader *reader, uint32_t count);

/* The next value of [min, max]; a bit pattern beyond max fails the reader. */
uint64_t bits_read_range(struct bit_reader *reader, uint64_t min, uint64_t max);

/* The next varint; more than 64 bits, and all but the shortest form, fail the reader. */
uint64_t bits_read_varint(struct bit_reader *reader);

/* Skips to a byte (skipped bits must be 0) and returns `size_bytes` bytes in place, or NULL. */
const uint8_t *bits_read_bytes(struct bit_reader *reader, size_t size_bytes);

/* Is nothing but zero bits up to the next byte left? True too when at a byte's end. */
bool bits_is_at_end(const struct bit_reader *reader);

/* Has everything been read, without failure, and were the bits left in the last byte 0? */
bool bits_finish_reading(struct bit_reader *reader);

#endif
