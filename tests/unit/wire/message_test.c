#include "wire/message.h"

#include <string.h>

#include "testing.h"

#include "sample.h"

/* The kind's record with every field at its least or at its largest value (spans: 8 bytes more than
 * the least at most), framed. */
static size_t frame_extreme(enum message_kind kind, bool is_largest, uint8_t *bytes, size_t room)
{
    static const uint8_t zeros[256];
    struct message message = {.kind = kind};
    const struct schema *schema = message_schema(kind);
    struct packet packet;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        uint8_t *at = (uint8_t *)&message.hello + field->offset;
        uint64_t value = is_largest ? field->max : field->min;
        uint64_t span_bytes = is_largest && field->min + 8 < field->max ? field->min + 8 : value;
        struct span span = {zeros, (uint32_t)span_bytes};
        uint32_t small = (uint32_t)value;
        if (field->type == FIELD_UINT)
            memcpy(at, &small, sizeof small);
        if (field->type == FIELD_BIG)
            memcpy(at, &value, sizeof value);
        if (field->type == FIELD_SPAN)
            memcpy(at, &span, sizeof span);
    }
    framing_init(&packet, bytes, room);
    ck_assert(message_add(&packet, &message));
    return packet.size_bytes;
}

struct golden {
    enum message_kind kind;
    const char *least, *largest; /* hashes of the framed bytes */
};

/* Clients of protocol 1 read these. */
static const struct golden goldens[] = {
    {MESSAGE_HELLO, "c2401dca0469e867b3825f3575f8a0dd", "b2405c72e4a2a8e77c2c0b46d6593e72"},
    {MESSAGE_CHALLENGE, "fcb4417de4d36f4f7902415ef76873a1", "699de6b7f25ab5956f2d5852ac60b37a"},
    {MESSAGE_AUTH, "625da3a7d8895ee7041d6a0e0e5e4a75", "2fb2248a0e0869e03ac3d3f323cbc81d"},
    {MESSAGE_WELCOME, "0170531ad024aab405894212ff49219e", "f457424527050043bed5c50076a5851c"},
    {MESSAGE_REJECTED, "02efd17e5c1969a27f8d8ec47d481add", "061d493ce21f90553afe72764bccebdb"},
    {MESSAGE_CATALOG, "93881c08d33c37bbc969809c1b9b6669", "f58d5a2863cc0294ba80e796d2ec4c6d"},
    {MESSAGE_ASK, "0c3ef1530f42e67854abac3a1e0f4669", "62e7e1a2b1446bbf71a03c5c01d77b64"},
    {MESSAGE_RESULT, "7d8732992a19208e09cb97066bee4d8b", "64d4510ebe15c18ac4497ccb96d05827"},
    {MESSAGE_VIEW, "21f9b2cabcfa3dcb593080f3771345a9", "4e873e77644502ca077c39c36825f402"},
    {MESSAGE_VIEWED, "d77c0e0590bdf960a04d6c80dd10d766", "6e17b778730d26cb296135501db5a17d"},
    {MESSAGE_FORGET, "aa45a0f01b5c9587149d2e73db7207bb", "aa45a0f01b5c9587149d2e73db7207bb"},
    {MESSAGE_CHANGES, "d81e3862ccab92c89590a59ccb88696a", "81a22b15b3c1fd96f899e48b14f66eab"},
    {MESSAGE_NAMED, "a044f36b97633eb00e0ffc89fecf10f5", "680039277a2ea9126ee2fed46499a6eb"},
    {MESSAGE_HEARD, "cd193430f2fa477ecac86eb53dafd9dc", "ef40cbd87213fae447744da7c6e5b1e0"},
    {MESSAGE_RESYNC, "b7b67e6cf5e66f6b2674b016b909018c", "5db1137eecee47ef4ce01ec42e5ece11"},
    {MESSAGE_OWN, "2b9fb9930e80d5077f9c6bf1ad3e6691", "9c252c904b72ee948d1d77af476f984b"},
    {MESSAGE_WANT_LOOKS, "6b1f12fa5154e0c18a4fbd795cfde074", "8de1a3c3775860e640b0c78f733c0c2d"},
    {MESSAGE_LOOKS, "bdcd659c7d3addf14772954d81ca4ccc", "82ddfdf95d38306d70a9311966f1ee16"},
    {MESSAGE_WANT_IMAGE, "fb87adab53a0c713923f299123038d45", "df30fc292a6ce3f93025702716cd813d"},
    {MESSAGE_IMAGE_PART, "4ebfce18ad747f943a4a446982273e3d", "38536822279711673249ceca502a8d3e"},
    {MESSAGE_OFFER_IMAGE, "bc3be1bb67d38ddf924490f548828011", "ef763a5111c447d1c93241b81be7992b"},
    {MESSAGE_IMAGE_CREDIT, "14bbce3103bcd5066b3c7992266039d2", "d0dc981d5cfc9df89c86098d182ee86e"},
    {MESSAGE_IMAGE_SLICE, "6d54ab3af88a20aa302b15f6bff02161", "908ccae1d4c4229e3014d3bea2fa754f"},
    {MESSAGE_IMAGE_KEPT, "b232a6afa1df59c259d0796bf896ca40", "791441ace37eb3864fe48d994ea5b288"},
    {MESSAGE_RECATALOG, "d82126f501362b694308ba8a706fb352", "ec1d2d49980c6ae8cac356809079528f"},
    {MESSAGE_WELCOMED, "3f000e38d68deae45e8eb032cc80438d", "8c9338c3059e02464387271f9e1ded39"},
};

START_TEST(test_bytes_are_for_ever)
{
    ck_assert_uint_eq(sizeof goldens / sizeof goldens[0], MESSAGE_KIND_COUNT - 1);
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
        uint8_t bytes[1024];
        char least[33], largest[33];
        ck_assert_int_eq(goldens[i].kind, (int)i + 1);
        size_t size = frame_extreme(goldens[i].kind, false, bytes, sizeof bytes);
        hash_format(hash_128(bytes, size, 0), least);
        size = frame_extreme(goldens[i].kind, true, bytes, sizeof bytes);
        hash_format(hash_128(bytes, size, 0), largest);
        ck_assert_msg(strcmp(least, goldens[i].least) == 0 &&
                          strcmp(largest, goldens[i].largest) == 0,
                      "%s: \"%s\", \"%s\"", message_schema(goldens[i].kind)->name, least, largest);
    }
}
END_TEST

START_TEST(test_one_message_byte_by_byte)
{
    static const uint8_t expected[] = {MESSAGE_ASK, 9, 41, 0, 0, 0, 1, 2, 0, 'x', 'y'};
    struct message message = {.kind = MESSAGE_ASK};
    uint8_t bytes[32];
    struct packet packet;
    framing_init(&packet, bytes, sizeof bytes);
    message.ask = (struct message_ask){42, INTENT_PLACE, {(const uint8_t *)"xy", 2}};
    ck_assert(message_add(&packet, &message));
    ck_assert_uint_eq(packet.size_bytes, sizeof expected);
    ck_assert_mem_eq(bytes, expected, sizeof expected);
}
END_TEST

START_TEST(test_channels)
{
    ck_assert_int_eq(message_channel(MESSAGE_HELLO), CHANNEL_CONTROL);
    ck_assert_int_eq(message_channel(MESSAGE_ASK), CHANNEL_CONTROL);
    ck_assert_int_eq(message_channel(MESSAGE_WELCOME), CHANNEL_WORLD);
    ck_assert_int_eq(message_channel(MESSAGE_RESULT), CHANNEL_WORLD);
    ck_assert_int_eq(message_channel(MESSAGE_VIEW), CHANNEL_WORLD);
    ck_assert_int_eq(CHANNEL_COUNT, 5);
    ck_assert_uint_eq(VERSION_CURRENT, 0x0100);
}
END_TEST

START_TEST(test_messages_come_back_in_order)
{
    static uint8_t bytes[1 << 16];
    struct packet packet;
    struct rng rng;
    struct message sent[2 * MESSAGE_KIND_COUNT];
    struct sample_spans spans[2 * MESSAGE_KIND_COUNT];
    uint32_t count = 0;
    rng_init(&rng, 51);
    framing_init(&packet, bytes, sizeof bytes);
    for (int kind = 1; kind < MESSAGE_KIND_COUNT; kind++) {
        struct message *message = &sent[count];
        message->kind = (enum message_kind)kind;
        sample_record(&rng, message_schema(message->kind), &message->hello, &spans[count]);
        ck_assert(message_add(&packet, message));
        ck_assert(framing_add_body(&packet, MESSAGE_KIND_COUNT + 3, "new", 3)); /* to be skipped */
        count++;
    }
    size_t offset = 0;
    struct message message;
    bool is_malformed = true;
    for (uint32_t i = 0; i < count; i++) {
        ck_assert(message_next(bytes, packet.size_bytes, &offset, &message, &is_malformed));
        ck_assert(!is_malformed);
        ck_assert_int_eq(message.kind, sent[i].kind);
        const struct schema *schema = message_schema(message.kind);
        ck_assert(schema_is_equal(schema, &message.hello, &sent[i].hello));
    }
    ck_assert(!message_next(bytes, packet.size_bytes, &offset, &message, &is_malformed));
    ck_assert(!is_malformed);
}
END_TEST

START_TEST(test_malformed_packets_say_so)
{
    static const uint8_t bad_body[] = {MESSAGE_RESULT, 2, 1, 0}, bad_frame[] = {MESSAGE_RESULT, 9};
    static const uint8_t unknown_then_cut[] = {200, 1, 0, MESSAGE_ASK};
    struct message message;
    bool is_malformed = false;
    size_t offset = 0;
    ck_assert(!message_next(bad_body, sizeof bad_body, &offset, &message, &is_malformed));
    ck_assert(is_malformed);
    is_malformed = false;
    offset = 0;
    ck_assert(!message_next(bad_frame, sizeof bad_frame, &offset, &message, &is_malformed));
    ck_assert(is_malformed);
    is_malformed = false;
    offset = 0;
    ck_assert(
        !message_next(unknown_then_cut, sizeof unknown_then_cut, &offset, &message, &is_malformed));
    ck_assert(is_malformed);
    offset = 0;
    ck_assert(!message_next(NULL, 0, &offset, &message, &is_malformed));
    ck_assert(!is_malformed);
}
END_TEST

TESTING_MAIN("message", test_bytes_are_for_ever, test_one_message_byte_by_byte, test_channels,
             test_messages_come_back_in_order, test_malformed_packets_say_so)
