#include "testing.h"

#include <stdio.h>
#include <string.h>

#include "journal/dump.h"
#include "sample.h"
#include "wire/framing.h"

enum { PAYLOAD_BYTES = 4096 };

/* A record being read, and its lines. */
struct dumped {
    uint8_t payload[PAYLOAD_BYTES];
    struct packet packet;
    struct tail_record record;
    size_t offset;
    char bytes[DUMP_LINE_BYTES];
    struct text text;
    struct error error;
};

static void dumped_init(struct dumped *dumped)
{
    memset(dumped, 0, sizeof *dumped);
    framing_init(&dumped->packet, dumped->payload, PAYLOAD_BYTES);
    text_init(&dumped->text, dumped->bytes, sizeof dumped->bytes);
}

static enum dump_result next(struct dumped *dumped)
{
    dumped->record = (struct tail_record){
        .header = {.seq = 7,
                   .tick = 140,
                   .wall_us = 1500000,
                   .durable_seq = 6,
                   .hash = {0x1f, 0xab},
                   .size_bytes = (uint32_t)dumped->packet.size_bytes},
        .payload = dumped->payload,
    };
    text_clear(&dumped->text);
    return dump_change(&dumped->record, &dumped->offset, &dumped->text, &dumped->error);
}

START_TEST(a_record_is_a_line_and_so_is_each_change)
{
    static struct dumped dumped;
    struct change skill = {.kind = CHANGE_SKILL, .skill = {{9}, 1, 3}};
    struct change ban = {.kind = CHANGE_IMAGE_BAN, .image_ban = {{0x1, 0x2}, 1}};
    dumped_init(&dumped);
    ck_assert(framing_add_change(&dumped.packet, &skill));
    ck_assert(framing_add_change(&dumped.packet, &ban));
    ck_assert_int_eq(next(&dumped), DUMP_CHANGE);
    ck_assert_str_eq(dumped.bytes, "{\"seq\":7,\"tick\":140,\"change\":{\"record\":\"skill\","
                                   "\"character\":9,\"skill\":1,\"points\":3}}\n");
    ck_assert_int_eq(next(&dumped), DUMP_CHANGE);
    ck_assert_ptr_nonnull(strstr(dumped.bytes, "\"image_ban\""));
    ck_assert_int_eq(next(&dumped), DUMP_END);
    ck_assert_str_eq(dumped.bytes, "");
    dump_record(&dumped.record.header, &dumped.text);
    ck_assert_str_eq(dumped.bytes,
                     "{\"seq\":7,\"tick\":140,\"time\":\"1970-01-01T00:00:01.500000Z\","
                     "\"hash\":\"00000000000000ab000000000000001f\",\"durable_seq\":6,"
                     "\"bytes\":27}\n");
}
END_TEST

START_TEST(every_kind_of_change_fits_a_line)
{
    static struct dumped dumped;
    struct rng rng;
    rng_init(&rng, 1);
    for (uint32_t kind = CHANGE_NONE + 1; kind < CHANGE_KIND_COUNT; kind++) {
        struct sample_spans spans;
        struct change change = {.kind = (enum change_kind)kind};
        const struct schema *schema = change_schema(change.kind);
        dumped_init(&dumped);
        sample_record(&rng, schema, change_record_of(&change), &spans);
        if (!framing_add_change(&dumped.packet, &change))
            continue; /* a large picture: its bytes are cut short, below */
        ck_assert_int_eq(next(&dumped), DUMP_CHANGE);
        ck_assert_ptr_nonnull(strstr(dumped.bytes, schema->name));
        ck_assert_str_eq(dumped.bytes + strlen(dumped.bytes) - 3, "}}\n");
        ck_assert(!dumped.text.is_cut);
    }
}
END_TEST

START_TEST(what_is_not_understood_is_named)
{
    static struct dumped dumped;
    char where[64];
    struct change skill = {.kind = CHANGE_SKILL, .skill = {{9}, 1, 3}};
    dumped_init(&dumped);
    ck_assert(framing_add_change(&dumped.packet, &skill));
    size_t second = dumped.packet.size_bytes;
    ck_assert(framing_add_body(&dumped.packet, 99, "x", 1));
    ck_assert_int_eq(next(&dumped), DUMP_CHANGE);
    ck_assert_int_eq(next(&dumped), DUMP_MALFORMED);
    (void)snprintf(where, sizeof where, "record 7, byte %zu of %zu", second, second + 3);
    ck_assert_ptr_nonnull(strstr(dumped.error.text, where));
    ck_assert_ptr_nonnull(strstr(dumped.error.text, "kind 99"));
    dumped.packet.size_bytes = second - 1;
    dumped.offset = 0;
    ck_assert_int_eq(next(&dumped), DUMP_MALFORMED);
    ck_assert_ptr_nonnull(strstr(dumped.error.text, "byte 0 of"));
}
END_TEST

TESTING_MAIN("dump", a_record_is_a_line_and_so_is_each_change, every_kind_of_change_fits_a_line,
             what_is_not_understood_is_named)
