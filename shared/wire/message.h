/* message.h - the messages of the reliable channels. Made from messages.def.
 *
 * Values; spans point into what was decoded or is to be encoded. A packet is a run of framed
 * messages (framing.h). Any thread. */
#ifndef TILTH_WIRE_MESSAGE_H
#define TILTH_WIRE_MESSAGE_H

#include "wire/framing.h"
#include "wire/version.h"

/* clang-format off */
#define BEGIN(NAME, name, channel) struct message_##name {
#define FIELD(record, type, field, least, most) SCHEMA_C_##type field;
#define END(NAME, name) };
/* clang-format on */
#include "wire/messages.def"
#undef BEGIN
#undef FIELD
#undef END

enum message_kind {
    MESSAGE_NONE,
#define BEGIN(NAME, name, channel) MESSAGE_##NAME,
#define FIELD(record, type, field, least, most)
#define END(NAME, name)
#include "wire/messages.def"
#undef BEGIN
#undef FIELD
#undef END
    MESSAGE_KIND_COUNT
};

struct message {
    enum message_kind kind;
    union {
#define BEGIN(NAME, name, channel) struct message_##name name;
#define FIELD(record, type, field, least, most)
#define END(NAME, name)
#include "wire/messages.def"
#undef BEGIN
#undef FIELD
#undef END
    };
};

/* The schema of a kind; its flags are the channel. 0 < kind < MESSAGE_KIND_COUNT. */
const struct schema *message_schema(enum message_kind kind);

/* The channel that a kind travels on. */
enum wire_channel message_channel(enum message_kind kind);

/* Appends the message; false and nothing is written when it does not fit. */
bool message_add(struct packet *packet, const struct message *message);

/* Takes the next message of a kind that is known from a packet; others are skipped. False at the
 * end; and when something is malformed: then *out_is_malformed is true. */
bool message_next(const uint8_t *bytes, size_t size_bytes, size_t *offset,
                  struct message *out_message, bool *out_is_malformed);

#endif
