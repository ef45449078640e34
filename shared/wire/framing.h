/* framing.h - records one after the other: varint type | varint size | body.
 *
 * What reliable packets, tick records and stored chunks are made of. A reader skips types that it
 * does not know by their size, so types can be added. Any thread, no memory of its own. */
#ifndef TILTH_WIRE_FRAMING_H
#define TILTH_WIRE_FRAMING_H

#include "wire/codec.h"

/* Bytes being collected in a caller's buffer; a body is at most 1 MiB. */
struct packet {
    uint8_t *bytes;
    size_t capacity_bytes;
    size_t size_bytes;
};

/* One framed record, its body still encoded and in place. */
struct framed {
    uint32_t type;
    uint32_t size_bytes;
    const uint8_t *body;
};

/* Lays an empty packet over a buffer. */
void framing_init(struct packet *packet, void *buffer, size_t capacity_bytes);

/* Appends one record; false and nothing is written when it does not fit. */
bool framing_add(struct packet *packet, uint32_t type, const struct schema *schema,
                 const void *record);

/* Appends a body that is already encoded. */
bool framing_add_body(struct packet *packet, uint32_t type, const void *body, size_t size_bytes);

/* Appends a change under its kind as type. */
bool framing_add_change(struct packet *packet, const struct change *change);

/* Takes the next framed record from bytes[*offset...] and moves the offset. False at the end, and
 * on malformed framing: then *offset < size_bytes. */
bool framing_next(const uint8_t *bytes, size_t size_bytes, size_t *offset, struct framed *out);

/* Decodes a framed record as a change. False when the kind is unknown or the body malformed. */
bool framing_change(const struct framed *framed, struct change *out_change);

#endif
