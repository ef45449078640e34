/* A reliable packet from anyone: every message that is accepted is in range and survives being
 * encoded again; an ASK's body is an intent. */
#include "fuzz/fuzz.h"

#include "base/ensure.h"
#include "wire/message.h"

enum { BYTES_MAX = 1 << 19 };

static void check_message(const struct message *message)
{
    static uint8_t bytes[BYTES_MAX];
    const struct schema *schema = message_schema(message->kind);
    const void *record = &message->hello;
    struct packet packet;
    struct message again = {0};
    size_t offset = 0;
    bool is_malformed = false;
    ensure(schema_check(schema, record, NULL));
    framing_init(&packet, bytes, sizeof bytes);
    ensure(message_add(&packet, message));
    ensure(message_next(packet.bytes, packet.size_bytes, &offset, &again, &is_malformed));
    ensure(again.kind == message->kind && offset == packet.size_bytes);
    ensure(schema_is_equal(schema, record, &again.hello));
}

static void check_intent(const struct message_ask *ask)
{
    struct intent intent = {0};
    if (ask->kind == 0 || ask->kind >= INTENT_KIND_COUNT)
        return;
    const struct schema *schema = intent_schema(ask->kind);
    if (codec_decode_body(ask->body.bytes, ask->body.size_bytes, schema, &intent.move))
        ensure(schema_check(schema, &intent.move, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct message message;
    size_t offset = 0;
    bool is_malformed = false;
    while (message_next(bytes, size_bytes, &offset, &message, &is_malformed)) {
        ensure(offset <= size_bytes);
        check_message(&message);
        if (message.kind == MESSAGE_ASK)
            check_intent(&message.ask);
    }
    return 0;
}
