#include "wire/bits.h"

#include <string.h>

#include "base/ensure.h"

void bits_write_init(struct bit_writer *writer, void *buffer, size_t capacity_bytes)
{
    *writer = (struct bit_writer){.bytes = buffer, .capacity_bytes = capacity_bytes};
}

static uint32_t bits_of_range(uint64_t min, uint64_t max)
{
    ensure(min <= max);
    uint64_t range = max - min;
    return range == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(range);
}

void bits_write(struct bit_writer *writer, uint64_t value, uint32_t count)
{
    ensure(count <= 64);
    if (writer->is_failed || writer->used_bits + count > writer->capacity_bytes * 8) {
        writer->is_failed = true;
        return;
    }
    while (count > 0) {
        uint32_t used = (uint32_t)(writer->used_bits % 8);
        uint32_t take = 8 - used < count ? 8 - used : count;
        uint8_t *byte = &writer->bytes[writer->used_bits / 8];
        uint8_t low = (uint8_t)(value & ((1u << take) - 1));
        *byte = (uint8_t)((used == 0 ? 0 : *byte) | low << used);
        value >>= take;
        writer->used_bits += take;
        count -= take;
    }
}

void bits_write_range(struct bit_writer *writer, uint64_t value, uint64_t min, uint64_t max)
{
    ensure(value >= min && value <= max);
    bits_write(writer, value - min, bits_of_range(min, max));
}

void bits_write_varint(struct bit_writer *writer, uint64_t value)
{
    while (value >= 0x80) {
        bits_write(writer, (value & 0x7F) | 0x80, 8);
        value >>= 7;
    }
    bits_write(writer, value, 8);
}

size_t bits_finish_writing(struct bit_writer *writer)
{
    bits_write(writer, 0, (uint32_t)(-writer->used_bits & 7));
    return writer->used_bits / 8;
}

void bits_write_bytes(struct bit_writer *writer, const void *bytes, size_t size_bytes)
{
    size_t used = bits_finish_writing(writer);
    if (writer->is_failed || size_bytes > writer->capacity_bytes - used) {
        writer->is_failed = true;
        return;
    }
    if (size_bytes > 0)
        memcpy(writer->bytes + used, bytes, size_bytes);
    writer->used_bits += size_bytes * 8;
}

void bits_read_init(struct bit_reader *reader, const void *bytes, size_t size_bytes)
{
    *reader = (struct bit_reader){.bytes = bytes, .size_bytes = size_bytes};
}

uint64_t bits_read(struct bit_reader *reader, uint32_t count)
{
    ensure(count <= 64);
    if (reader->is_failed || count > reader->size_bytes * 8 - reader->used_bits) {
        reader->is_failed = true;
        return 0;
    }
    uint64_t value = 0;
    uint32_t have = 0;
    while (have < count) {
        uint32_t used = (uint32_t)(reader->used_bits % 8);
        uint32_t take = 8 - used < count - have ? 8 - used : count - have;
        uint32_t byte = reader->bytes[reader->used_bits / 8];
        value |= (uint64_t)(byte >> used & ((1u << take) - 1)) << have;
        have += take;
        reader->used_bits += take;
    }
    return value;
}

uint64_t bits_read_range(struct bit_reader *reader, uint64_t min, uint64_t max)
{
    uint64_t value = bits_read(reader, bits_of_range(min, max));
    if (value > max - min) {
        reader->is_failed = true;
        return min;
    }
    return min + value;
}

uint64_t bits_read_varint(struct bit_reader *reader)
{
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 64; shift += 7) {
        uint64_t group = bits_read(reader, 8);
        uint64_t part = group & 0x7F;
        bool is_redundant = part == 0 && shift > 0 && !(group & 0x80);
        if ((shift == 63 && part > 1) || is_redundant)
            break; /* beyond 64 bits, or not the shortest form */
        value |= part << shift;
        if (!(group & 0x80))
            return value;
    }
    reader->is_failed = true;
    return 0;
}

static bool skip_to_byte(struct bit_reader *reader)
{
    if (bits_read(reader, (uint32_t)(-reader->used_bits & 7)) != 0)
        reader->is_failed = true;
    return !reader->is_failed;
}

const uint8_t *bits_read_bytes(struct bit_reader *reader, size_t size_bytes)
{
    size_t used = (reader->used_bits + 7) / 8;
    if (!skip_to_byte(reader) || size_bytes > reader->size_bytes - used) {
        reader->is_failed = true;
        return NULL;
    }
    reader->used_bits += size_bytes * 8;
    return used == 0 ? reader->bytes : reader->bytes + used;
}

bool bits_is_at_end(const struct bit_reader *reader)
{
    struct bit_reader ahead = *reader;
    return bits_finish_reading(&ahead);
}

bool bits_finish_reading(struct bit_reader *reader)
{
    return skip_to_byte(reader) && reader->used_bits == reader->size_bytes * 8;
}
