#include "wire/framing.h"

#include <string.h>

enum { VARINT_BYTES_MAX = 10, BODY_SIZE_MAX = 1 << 20 };

void framing_init(struct packet *packet, void *buffer, size_t capacity_bytes)
{
    *packet = (struct packet){.bytes = buffer, .capacity_bytes = capacity_bytes};
}

bool framing_add_body(struct packet *packet, uint32_t type, const void *body, size_t size_bytes)
{
    struct bit_writer writer;
    bits_write_init(&writer, packet->bytes + packet->size_bytes,
                    packet->capacity_bytes - packet->size_bytes);
    bits_write_varint(&writer, type);
    bits_write_varint(&writer, size_bytes);
    bits_write_bytes(&writer, body, size_bytes);
    if (writer.is_failed || size_bytes > BODY_SIZE_MAX)
        return false;
    packet->size_bytes += writer.used_bits / 8;
    return true;
}

/* Encodes the body first, whose size the head names, then moves it behind the head. */
bool framing_add(struct packet *packet, uint32_t type, const struct schema *schema,
                 const void *record)
{
    uint8_t head[2 * VARINT_BYTES_MAX];
    struct bit_writer head_writer, body_writer;
    uint8_t *start = packet->bytes + packet->size_bytes;
    size_t room = packet->capacity_bytes - packet->size_bytes;

    bits_write_init(&body_writer, start, room);
    codec_encode(&body_writer, schema, record);
    size_t body_size = bits_finish_writing(&body_writer);
    bits_write_init(&head_writer, head, sizeof head);
    bits_write_varint(&head_writer, type);
    bits_write_varint(&head_writer, body_size);
    size_t head_size = bits_finish_writing(&head_writer);
    if (body_writer.is_failed || body_size > BODY_SIZE_MAX || head_size + body_size > room)
        return false;
    memmove(start + head_size, start, body_size);
    memcpy(start, head, head_size);
    packet->size_bytes += head_size + body_size;
    return true;
}

bool framing_add_change(struct packet *packet, const struct change *change)
{
    return framing_add(packet, change->kind, change_schema(change->kind), change_record(change));
}

bool framing_next(const uint8_t *bytes, size_t size_bytes, size_t *offset, struct framed *out)
{
    if (*offset >= size_bytes)
        return false;
    struct bit_reader reader;
    bits_read_init(&reader, bytes + *offset, size_bytes - *offset);
    uint64_t type = bits_read_varint(&reader);
    uint64_t size = bits_read_varint(&reader);
    if (reader.is_failed || type > UINT32_MAX || size > BODY_SIZE_MAX)
        return false;
    const uint8_t *body = bits_read_bytes(&reader, (size_t)size);
    if (body == NULL)
        return false;
    *out = (struct framed){(uint32_t)type, (uint32_t)size, body};
    *offset += reader.used_bits / 8;
    return true;
}

bool framing_change(const struct framed *framed, struct change *out_change)
{
    if (framed->type == CHANGE_NONE || framed->type >= CHANGE_KIND_COUNT)
        return false;
    out_change->kind = (enum change_kind)framed->type;
    return codec_decode_body(framed->body, framed->size_bytes, change_schema(out_change->kind),
                             change_record_of(out_change));
}
