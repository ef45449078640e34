#include "wire/framing.h"

#include <string.h>

#include "testing.h"

#include "sample.h"

START_TEST(test_records_come_out_in_order)
{
    uint8_t bytes[4096];
    struct packet packet;
    struct rng rng;
    struct sample_spans spans[40];
    struct change changes[40];
    rng_init(&rng, 31);
    framing_init(&packet, bytes, sizeof bytes);
    uint32_t added = 0;
    for (; added < 40; added++) {
        struct change *change = &changes[added];
        *change = (struct change){.kind = (enum change_kind)(1 + added % 7)};
        sample_record(&rng, change_schema(change->kind), change_record_of(change), &spans[added]);
        size_t before = packet.size_bytes;
        if (!framing_add_change(&packet, change)) {
            ck_assert_uint_eq(packet.size_bytes, before);
            break;
        }
    }
    ck_assert_uint_gt(added, 10);
    size_t offset = 0;
    for (uint32_t i = 0; i < added; i++) {
        struct framed framed;
        struct change change;
        ck_assert(framing_next(bytes, packet.size_bytes, &offset, &framed));
        ck_assert_uint_eq(framed.type, changes[i].kind);
        ck_assert(framing_change(&framed, &change));
        ck_assert(schema_is_equal(change_schema(change.kind), change_record(&change),
                                  change_record(&changes[i])));
    }
    struct framed framed;
    ck_assert(!framing_next(bytes, packet.size_bytes, &offset, &framed));
    ck_assert_uint_eq(offset, packet.size_bytes);
}
END_TEST

/* With n bytes of room exactly those records go in that take n bytes or less. */
START_TEST(test_room_to_the_byte)
{
    struct change change = sample_entity_change((struct cell_pos){1, 2}, 1 << 20, SAMPLE_SIGN);
    uint8_t bytes[64];
    struct packet packet;
    framing_init(&packet, bytes, sizeof bytes);
    ck_assert(framing_add_change(&packet, &change));
    size_t size = packet.size_bytes;
    for (size_t room = 0; room < sizeof bytes; room++) {
        uint8_t small[65];
        memset(small, 0x5A, sizeof small);
        framing_init(&packet, small, room);
        ck_assert_int_eq(framing_add_change(&packet, &change), room >= size);
        ck_assert_uint_eq(packet.size_bytes, room >= size ? size : 0);
        for (size_t i = room; i < sizeof small; i++)
            ck_assert_uint_eq(small[i], 0x5A);
        ck_assert(room < size || memcmp(bytes, small, size) == 0);
    }
}
END_TEST

START_TEST(test_unknown_types_are_skipped_by_size)
{
    uint8_t bytes[256];
    struct packet packet;
    struct framed framed;
    struct change change;
    size_t offset = 0;
    framing_init(&packet, bytes, sizeof bytes);
    ck_assert(framing_add_body(&packet, UINT32_MAX, "from the future", 15));
    ck_assert(framing_add_body(&packet, 0, NULL, 0));
    ck_assert(framing_next(bytes, packet.size_bytes, &offset, &framed));
    ck_assert_uint_eq(framed.type, UINT32_MAX);
    ck_assert_uint_eq(framed.size_bytes, 15);
    ck_assert_mem_eq(framed.body, "from the future", 15);
    ck_assert(!framing_change(&framed, &change));
    ck_assert(framing_next(bytes, packet.size_bytes, &offset, &framed));
    ck_assert_uint_eq(framed.size_bytes, 0);
    ck_assert(!framing_change(&framed, &change));
    ck_assert(!framing_next(bytes, packet.size_bytes, &offset, &framed));
    ck_assert_uint_eq(offset, packet.size_bytes);
}
END_TEST

static void ck_assert_malformed(const void *bytes, size_t size)
{
    struct framed framed;
    size_t offset = 0;
    ck_assert(!framing_next(bytes, size, &offset, &framed));
    ck_assert_uint_lt(offset, size);
}

START_TEST(test_malformed_framing_stops)
{
    static const uint8_t half[] = {1}, beyond[] = {1, 2, 9}, long_form[] = {0x81, 0, 0};
    static const uint8_t big_type[] = {0xFF, 0xFF, 0xFF, 0xFF, 0x10, 0};
    static uint8_t big_size[(1 << 20) + 8] = {1, 0x81, 0x80, 0x40};
    ck_assert_malformed(half, sizeof half);
    ck_assert_malformed(beyond, sizeof beyond);
    ck_assert_malformed(long_form, sizeof long_form);
    ck_assert_malformed(big_type, sizeof big_type);
    ck_assert_malformed(big_size, sizeof big_size); /* a byte over 1 MiB, although it is there */
    big_size[1] = 0x80;
    struct framed framed;
    size_t offset = 0;
    ck_assert(framing_next(big_size, sizeof big_size, &offset, &framed));
    ck_assert_uint_eq(framed.size_bytes, 1 << 20);
}
END_TEST

START_TEST(test_bodies_over_the_limit_are_not_written)
{
    static uint8_t body[(1 << 20) + 1], bytes[(1 << 20) + 64];
    struct packet packet;
    framing_init(&packet, bytes, sizeof bytes);
    ck_assert(!framing_add_body(&packet, 1, body, sizeof body));
    ck_assert_uint_eq(packet.size_bytes, 0);
    ck_assert(framing_add_body(&packet, 1, body, sizeof body - 1));
}
END_TEST

START_TEST(test_malformed_changes_are_refused)
{
    static const uint8_t body[] = {0xFF, 0xFF, 0xFF, 0xFF};
    struct framed framed = {CHANGE_ENTITY, sizeof body, body};
    struct change change;
    ck_assert(!framing_change(&framed, &change));
    framed.type = CHANGE_KIND_COUNT;
    ck_assert(!framing_change(&framed, &change));
}
END_TEST

TESTING_MAIN("framing", test_records_come_out_in_order, test_room_to_the_byte,
             test_unknown_types_are_skipped_by_size, test_malformed_framing_stops,
             test_bodies_over_the_limit_are_not_written, test_malformed_changes_are_refused)
