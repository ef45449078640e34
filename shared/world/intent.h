/* intent.h - an intent: what a player asks for. Made from intents.def.
 *
 * Each ends in changes or in one refusal (refusal.h). Values; spans in them live as long as where
 * they came from. Any thread. */
#ifndef TILTH_WORLD_INTENT_H
#define TILTH_WORLD_INTENT_H

#include "world/change.h"
#include "world/refusal.h"

enum intent_flag { INTENT_STREAMED = 1, INTENT_LASTS = 2 };

/* clang-format off */
#define BEGIN(NAME, name, flags) struct intent_##name {
#define FIELD(record, type, field, least, most) SCHEMA_C_##type field;
#define END(NAME, name) };
/* clang-format on */
#include "world/intents.def"
#undef BEGIN
#undef FIELD
#undef END

enum intent_kind {
    INTENT_NONE,
#define BEGIN(NAME, name, flags) INTENT_##NAME,
#define FIELD(record, type, field, least, most)
#define END(NAME, name)
#include "world/intents.def"
#undef BEGIN
#undef FIELD
#undef END
    INTENT_KIND_COUNT
};

struct intent {
    enum intent_kind kind;
    union {
#define BEGIN(NAME, name, flags) struct intent_##name name;
#define FIELD(record, type, field, least, most)
#define END(NAME, name)
#include "world/intents.def"
#undef BEGIN
#undef FIELD
#undef END
    };
};

/* The schema of a kind; 0 < kind < INTENT_KIND_COUNT. */
const struct schema *intent_schema(enum intent_kind kind);

/* The record inside the intent, for the functions of schema.h and codec.h. */
const void *intent_record(const struct intent *intent);
void *intent_record_of(struct intent *intent); /* The same, to be written to. */

#endif
