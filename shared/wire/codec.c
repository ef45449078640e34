#include "wire/codec.h"

#include <string.h>

#include "base/ensure.h"

enum { CELL_BITS = 23, CHUNK_BITS = 17, INNER_WORDS_MAX = 32 };

static void encode_pair(struct bit_writer *writer, const void *at, int32_t least, uint32_t bits)
{
    struct cell_pos pair;
    memcpy(&pair, at, sizeof pair);
    bits_write(writer, (uint32_t)pair.x - (uint32_t)least, bits);
    bits_write(writer, (uint32_t)pair.y - (uint32_t)least, bits);
}

static void encode_hash(struct bit_writer *writer, const void *at)
{
    struct hash128 hash;
    memcpy(&hash, at, sizeof hash);
    bits_write(writer, hash.low, 64);
    bits_write(writer, hash.high, 64);
}

static void encode_inner(struct bit_writer *writer, const struct schema *schema,
                         const uint8_t *record);

static void encode_field(struct bit_writer *writer, const struct field *field, const uint8_t *at)
{
    uint32_t small;
    uint64_t big;
    struct span span;

    switch (field->type) {
    case FIELD_UINT:
        memcpy(&small, at, sizeof small);
        bits_write_range(writer, small, field->min, field->max);
        break;
    case FIELD_BIG:
        memcpy(&big, at, sizeof big);
        bits_write_varint(writer, big - field->min);
        break;
    case FIELD_CELL:
        encode_pair(writer, at, GRID_CELL_MIN, CELL_BITS);
        break;
    case FIELD_CHUNK:
        encode_pair(writer, at, GRID_CHUNK_MIN, CHUNK_BITS);
        break;
    case FIELD_POS:
        encode_pair(writer, at, INT32_MIN, 32);
        break;
    case FIELD_HASH:
        encode_hash(writer, at);
        break;
    case FIELD_SPAN:
        memcpy(&span, at, sizeof span);
        bits_write_range(writer, span.size_bytes, field->min, field->max);
        bits_write_bytes(writer, span.bytes, span.size_bytes);
        break;
    case FIELD_INNER:
        encode_inner(writer, field->inner, at);
        break;
    }
}

/* Is the record all zeros, as most inner ones are? */
static bool is_zero(const struct schema *schema, const uint8_t *record)
{
    static const uint64_t zeros[INNER_WORDS_MAX];
    ensure(schema->size_bytes <= sizeof zeros);
    return schema_is_equal(schema, record, zeros);
}

/* A bit: is there anything; then the fields. */
static void encode_inner(struct bit_writer *writer, const struct schema *schema,
                         const uint8_t *record)
{
    bool has_any = !is_zero(schema, record);
    bits_write(writer, has_any, 1);
    for (uint32_t i = 0; has_any && i < schema->field_count; i++)
        encode_field(writer, &schema->fields[i], record + schema->fields[i].offset);
}

void codec_encode(struct bit_writer *writer, const struct schema *schema, const void *record)
{
    const char *field = "";
    ensure(schema_check(schema, record, &field));
    for (uint32_t i = 0; i < schema->field_count; i++)
        encode_field(writer, &schema->fields[i],
                     (const uint8_t *)record + schema->fields[i].offset);
}

static void decode_pair(struct bit_reader *reader, void *at, int32_t least, uint32_t bits)
{
    uint32_t x = (uint32_t)bits_read(reader, bits) + (uint32_t)least;
    uint32_t y = (uint32_t)bits_read(reader, bits) + (uint32_t)least;
    struct cell_pos pair = {(int32_t)x, (int32_t)y};
    memcpy(at, &pair, sizeof pair);
}

static void decode_hash(struct bit_reader *reader, void *at)
{
    struct hash128 hash;
    hash.low = bits_read(reader, 64);
    hash.high = bits_read(reader, 64);
    memcpy(at, &hash, sizeof hash);
}

static void decode_big(struct bit_reader *reader, const struct field *field, void *at)
{
    uint64_t value = bits_read_varint(reader);
    if (value > field->max - field->min) {
        reader->is_failed = true;
        value = 0;
    }
    value += field->min;
    memcpy(at, &value, sizeof value);
}

static void decode_span(struct bit_reader *reader, const struct field *field, void *at)
{
    struct span span;
    span.size_bytes = (uint32_t)bits_read_range(reader, field->min, field->max);
    span.bytes = bits_read_bytes(reader, span.size_bytes);
    memcpy(at, &span, sizeof span);
}

static void decode_inner(struct bit_reader *reader, const struct schema *schema, uint8_t *record);

static void decode_field(struct bit_reader *reader, const struct field *field, uint8_t *at)
{
    uint32_t small;
    switch (field->type) {
    case FIELD_UINT:
        small = (uint32_t)bits_read_range(reader, field->min, field->max);
        memcpy(at, &small, sizeof small);
        break;
    case FIELD_BIG:
        decode_big(reader, field, at);
        break;
    case FIELD_CELL:
        decode_pair(reader, at, GRID_CELL_MIN, CELL_BITS);
        break;
    case FIELD_CHUNK:
        decode_pair(reader, at, GRID_CHUNK_MIN, CHUNK_BITS);
        break;
    case FIELD_POS:
        decode_pair(reader, at, INT32_MIN, 32);
        break;
    case FIELD_HASH:
        decode_hash(reader, at);
        break;
    case FIELD_SPAN:
        decode_span(reader, field, at);
        break;
    case FIELD_INNER:
        decode_inner(reader, field->inner, at);
        break;
    }
}

/* The record, zeroed before, gets its fields if there are any; all of them zero is refused. */
static void decode_inner(struct bit_reader *reader, const struct schema *schema, uint8_t *record)
{
    if (bits_read(reader, 1) == 0)
        return;
    for (uint32_t i = 0; i < schema->field_count; i++)
        decode_field(reader, &schema->fields[i], record + schema->fields[i].offset);
    if (is_zero(schema, record))
        reader->is_failed = true;
}

/* A field that an older version did not write: least value 0, nothing left to read, not the key.
 * The older record's last byte was filled up with zeros; a short field lying in them is 0 too. */
static bool is_missing_appendix(const struct bit_reader *reader, const struct field *field,
                                uint32_t index)
{
    bool may_be_missing = index > 0 && field->min == 0;
    return may_be_missing && bits_is_at_end(reader);
}

bool codec_decode(struct bit_reader *reader, const struct schema *schema, void *out_record)
{
    memset(out_record, 0, schema->size_bytes);
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        if (!is_missing_appendix(reader, field, i))
            decode_field(reader, field, (uint8_t *)out_record + field->offset);
    }
    return !reader->is_failed;
}

bool codec_decode_body(const uint8_t *body, size_t size_bytes, const struct schema *schema,
                       void *out_record)
{
    struct bit_reader reader;
    bits_read_init(&reader, body, size_bytes);
    return codec_decode(&reader, schema, out_record) && bits_finish_reading(&reader);
}

static size_t field_bits_max(const struct field *field)
{
    switch (field->type) {
    case FIELD_UINT:
        return 32;
    case FIELD_BIG:
        return 80;
    case FIELD_CELL:
    case FIELD_CHUNK:
    case FIELD_POS:
        return 64;
    case FIELD_HASH:
        return 128;
    case FIELD_SPAN:
        return 40 + (size_t)field->max * 8;
    case FIELD_INNER:
        return codec_size_max(field->inner) * 8;
    }
    return 0;
}

size_t codec_size_max(const struct schema *schema)
{
    size_t bits = 0;
    for (uint32_t i = 0; i < schema->field_count; i++)
        bits += field_bits_max(&schema->fields[i]);
    return bits / 8 + 1;
}
