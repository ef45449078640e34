#include "wire/codec.h"

#include <string.h>

#include "testing.h"

#include "sample.h"
#include "wire/message.h"

enum { RECORD_BYTES = 512, ROOM_BYTES = 2048 };

struct all_schemas {
    const struct schema *schemas[64];
    uint32_t count;
};

static struct all_schemas list_schemas(void)
{
    struct all_schemas all = {.count = 0};
    for (int kind = 1; kind < CHANGE_KIND_COUNT; kind++)
        all.schemas[all.count++] = change_schema((enum change_kind)kind);
    for (int kind = 1; kind < INTENT_KIND_COUNT; kind++)
        all.schemas[all.count++] = intent_schema((enum intent_kind)kind);
    for (int kind = 1; kind < MESSAGE_KIND_COUNT; kind++)
        all.schemas[all.count++] = message_schema((enum message_kind)kind);
    ck_assert_uint_eq(all.count, CHANGE_KIND_COUNT + INTENT_KIND_COUNT + MESSAGE_KIND_COUNT - 3);
    return all;
}

static size_t encode(const struct schema *schema, const void *record, uint8_t *bytes, size_t room)
{
    struct bit_writer writer;
    bits_write_init(&writer, bytes, room);
    codec_encode(&writer, schema, record);
    size_t size = bits_finish_writing(&writer);
    return writer.is_failed ? 0 : size;
}

START_TEST(test_every_record_comes_back)
{
    struct all_schemas all = list_schemas();
    struct rng rng;
    rng_init(&rng, 21);
    for (uint32_t i = 0; i < 40000; i++) {
        const struct schema *schema = all.schemas[i % all.count];
        _Alignas(16) uint8_t record[RECORD_BYTES], decoded[RECORD_BYTES];
        uint8_t bytes[ROOM_BYTES], again[ROOM_BYTES];
        struct sample_spans spans;
        ck_assert_uint_le(schema->size_bytes, RECORD_BYTES);
        sample_record(&rng, schema, record, &spans);
        size_t size = encode(schema, record, bytes, sizeof bytes);
        ck_assert_uint_gt(size, 0);
        ck_assert_uint_le(size, codec_size_max(schema));
        ck_assert(codec_decode_body(bytes, size, schema, decoded));
        ck_assert(schema_is_equal(schema, record, decoded));
        ck_assert_uint_eq(encode(schema, decoded, again, sizeof again), size);
        ck_assert_mem_eq(bytes, again, size);
        ck_assert_uint_eq(encode(schema, record, again, size - 1), 0); /* a byte too little */
    }
}
END_TEST

/* The fields from some one on have the value 0, as if an older version had not written them. */
static bool ends_in_zeros(const struct schema *schema, const void *record, const void *whole)
{
    uint32_t i = 0;
    for (; i < schema->field_count; i++) {
        struct schema one = *schema;
        one.fields = &schema->fields[i];
        one.field_count = 1;
        if (!schema_is_equal(&one, record, whole))
            break;
    }
    static const uint8_t zeros[sizeof(struct span)];
    bool is_zero = i > 0;
    for (; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        size_t size = field->type == FIELD_UINT || field->type == FIELD_SPAN ? 4 : 8;
        const uint8_t *at = (const uint8_t *)record + field->offset;
        if (field->type == FIELD_SPAN)
            at += offsetof(struct span, size_bytes);
        is_zero = is_zero && memcmp(at, zeros, size) == 0 && field->min == 0;
    }
    return is_zero;
}

START_TEST(test_cut_records_are_refused_or_end_in_zeros)
{
    struct all_schemas all = list_schemas();
    struct rng rng;
    uint32_t refused = 0;
    rng_init(&rng, 22);
    for (uint32_t i = 0; i < 4000; i++) {
        const struct schema *schema = all.schemas[i % all.count];
        _Alignas(16) uint8_t record[RECORD_BYTES], decoded[RECORD_BYTES];
        uint8_t bytes[ROOM_BYTES];
        struct sample_spans spans;
        sample_record(&rng, schema, record, &spans);
        size_t size = encode(schema, record, bytes, sizeof bytes);
        for (size_t cut = 0; cut < size; cut++) {
            bool is_decoded = codec_decode_body(bytes, cut, schema, decoded);
            ck_assert(!is_decoded || ends_in_zeros(schema, decoded, record));
            refused += !is_decoded;
        }
        bytes[size] = 0;
        ck_assert(!codec_decode_body(bytes, size + 1, schema, decoded));
        bytes[size] = 1;
        ck_assert(!codec_decode_body(bytes, size + 1, schema, decoded));
    }
    ck_assert_uint_gt(refused, 100000);
}
END_TEST

/* A later version appends any field to any record: what older ends wrote still reads. */
START_TEST(test_appended_fields_read_as_0)
{
    static const enum field_type types[] = {FIELD_UINT, FIELD_BIG,  FIELD_CELL, FIELD_CHUNK,
                                            FIELD_POS,  FIELD_HASH, FIELD_SPAN};
    static const uint64_t most[] = {1, 6, 255, 1023, UINT32_MAX};
    struct all_schemas all = list_schemas();
    struct rng rng;
    rng_init(&rng, 23);
    for (uint32_t i = 0; i < 20000; i++) {
        const struct schema *schema = all.schemas[i % all.count];
        _Alignas(16) uint8_t record[RECORD_BYTES], decoded[RECORD_BYTES];
        uint8_t bytes[ROOM_BYTES];
        struct sample_spans spans;
        struct field fields[32];
        struct schema longer = *schema;
        memcpy(fields, schema->fields, schema->field_count * sizeof fields[0]);
        fields[schema->field_count] =
            (struct field){"appended", types[rng_below(&rng, 7)], schema->size_bytes,
                           0,          most[rng_below(&rng, 5)],  NULL};
        longer.fields = fields;
        longer.field_count++;
        longer.size_bytes += sizeof(struct span);
        sample_record(&rng, schema, record, &spans);
        size_t size = encode(schema, record, bytes, sizeof bytes);
        ck_assert(codec_decode_body(bytes, size, &longer, decoded));
        ck_assert(schema_is_equal(schema, record, decoded));
        ck_assert(ends_in_zeros(&longer, decoded, decoded));
        const uint8_t *appended = decoded + schema->size_bytes;
        size_t skip = fields[schema->field_count].type == FIELD_SPAN ? 8 : 0;
        for (size_t byte = skip; byte < sizeof(struct span); byte++)
            ck_assert_uint_eq(appended[byte], 0);
    }
}
END_TEST

START_TEST(test_numbers_beyond_their_range_are_refused)
{
    struct bit_writer writer;
    uint8_t bytes[64];
    struct change change;
    bits_write_init(&writer, bytes, sizeof bytes);
    bits_write_varint(&writer, ID_MAX); /* entity.id - 1: one too many */
    bits_write(&writer, 0, 46);
    bits_write(&writer, 1, 10);
    bits_write(&writer, 0, 32);
    bits_write_varint(&writer, 0);
    size_t size = bits_finish_writing(&writer);
    ck_assert(!codec_decode_body(bytes, size, change_schema(CHANGE_ENTITY), &change.entity));
    bits_write_init(&writer, bytes, sizeof bytes);
    bits_write(&writer, 9, 4); /* a ninth direction */
    size = bits_finish_writing(&writer);
    ck_assert(!codec_decode_body(bytes, size, intent_schema(INTENT_MOVE), &change.cell));
}
END_TEST

START_TEST(test_random_bytes_decode_to_what_encodes_again)
{
    struct all_schemas all = list_schemas();
    struct rng rng;
    uint32_t decoded_count = 0;
    rng_init(&rng, 24);
    for (uint32_t i = 0; i < 300000; i++) {
        const struct schema *schema = all.schemas[i % all.count];
        _Alignas(16) uint8_t record[RECORD_BYTES], decoded[RECORD_BYTES];
        uint8_t bytes[64], again[ROOM_BYTES];
        size_t size = rng_below(&rng, sizeof bytes);
        for (size_t byte = 0; byte < size; byte++)
            bytes[byte] =
                rng_below(&rng, 3) ? (uint8_t)rng_below(&rng, 4) : (uint8_t)rng_next(&rng);
        if (!codec_decode_body(bytes, size, schema, record))
            continue;
        decoded_count++;
        size_t again_size = encode(schema, record, again, sizeof again);
        ck_assert_uint_ge(again_size, size);
        ck_assert(codec_decode_body(again, again_size, schema, decoded));
        ck_assert(schema_is_equal(schema, record, decoded));
    }
    ck_assert_uint_gt(decoded_count, 1000);
}
END_TEST

TESTING_MAIN("codec", test_every_record_comes_back, test_cut_records_are_refused_or_end_in_zeros,
             test_appended_fields_read_as_0, test_numbers_beyond_their_range_are_refused,
             test_random_bytes_decode_to_what_encodes_again)
