#include "wire/message.h"

#include "base/ensure.h"

/* clang-format off */
#define BEGIN(NAME, name, channel) static const struct field message_##name##_fields[] = {
#define FIELD(record, type, field, least, most)                                                    \
    SCHEMA_FIELD(message_, record, type, field, least, most)
#define END(NAME, name) };
/* clang-format on */
#include "wire/messages.def"
#undef BEGIN
#undef FIELD
#undef END

static const struct schema message_schemas[MESSAGE_KIND_COUNT] = {
#define BEGIN(NAME, name, channel)                                                                 \
    [MESSAGE_##NAME] = {#name, message_##name##_fields,                                            \
                        sizeof message_##name##_fields / sizeof(struct field), channel,            \
                        sizeof(struct message_##name)},
#define FIELD(record, type, field, least, most)
#define END(NAME, name)
#include "wire/messages.def"
#undef BEGIN
#undef FIELD
#undef END
};

const struct schema *message_schema(enum message_kind kind)
{
    ensure(kind > MESSAGE_NONE && kind < MESSAGE_KIND_COUNT);
    return &message_schemas[kind];
}

enum wire_channel message_channel(enum message_kind kind)
{
    return (enum wire_channel)message_schema(kind)->flags;
}

bool message_add(struct packet *packet, const struct message *message)
{
    /* the members of a union share their address */
    return framing_add(packet, message->kind, message_schema(message->kind), &message->hello);
}

bool message_next(const uint8_t *bytes, size_t size_bytes, size_t *offset,
                  struct message *out_message, bool *out_is_malformed)
{
    struct framed framed;
    *out_is_malformed = false;
    while (framing_next(bytes, size_bytes, offset, &framed)) {
        if (framed.type == MESSAGE_NONE || framed.type >= MESSAGE_KIND_COUNT)
            continue;
        out_message->kind = (enum message_kind)framed.type;
        if (codec_decode_body(framed.body, framed.size_bytes, message_schema(out_message->kind),
                              &out_message->hello))
            return true;
        *out_is_malformed = true;
        return false;
    }
    *out_is_malformed = *offset < size_bytes;
    return false;
}
