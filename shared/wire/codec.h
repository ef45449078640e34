/* codec.h - records to bytes and back, walked from their schema (world/schema.h).
 *
 * A record is its fields in order: UINT in the bits of its range, BIG as varint of value - min,
 * CELL 2 x 23 bits, CHUNK 2 x 17, POS 2 x 32, HASH 128, SPAN length in the bits of its range and
 * then whole bytes; an inner record a bit, and its fields if any of them is not 0. Decoding accepts
 * what encoding makes: a value out of range, a cut record, or bytes behind it is refused. Only
 * where nothing but zero bits up to a byte is left do the fields that are not there get the value
 * 0, if that is their least (an older version did not write them). Any thread, no memory. */
#ifndef TILTH_WIRE_CODEC_H
#define TILTH_WIRE_CODEC_H

#include "wire/bits.h"
#include "world/intent.h"

/* Appends the record; it must pass schema_check. Out of room shows in the writer. */
void codec_encode(struct bit_writer *writer, const struct schema *schema, const void *record);

/* Reads a record; spans point into the reader's bytes. False, and *out_record is undefined, when it
 * is malformed. */
bool codec_decode(struct bit_reader *reader, const struct schema *schema, void *out_record);

/* The same for a whole body: nothing may be left behind. */
bool codec_decode_body(const uint8_t *body, size_t size_bytes, const struct schema *schema,
                       void *out_record);

/* The most bytes that a record of the schema takes. */
size_t codec_size_max(const struct schema *schema);

#endif
