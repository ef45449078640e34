#include "world/intent.h"

#include "base/ensure.h"

/* clang-format off */
#define BEGIN(NAME, name, flags) static const struct field intent_##name##_fields[] = {
#define FIELD(record, type, field, least, most)                                                    \
    SCHEMA_FIELD(intent_, record, type, field, least, most)
#define END(NAME, name) };
/* clang-format on */
#include "world/intents.def"
#undef BEGIN
#undef FIELD
#undef END

static const struct schema intent_schemas[INTENT_KIND_COUNT] = {
#define BEGIN(NAME, name, flags)                                                                   \
    [INTENT_##NAME] = {#name, intent_##name##_fields,                                              \
                       sizeof intent_##name##_fields / sizeof(struct field), flags,                \
                       sizeof(struct intent_##name)},
#define FIELD(record, type, field, least, most)
#define END(NAME, name)
#include "world/intents.def"
#undef BEGIN
#undef FIELD
#undef END
};

const struct schema *intent_schema(enum intent_kind kind)
{
    ensure(kind > INTENT_NONE && kind < INTENT_KIND_COUNT);
    return &intent_schemas[kind];
}

const void *intent_record(const struct intent *intent)
{
    return &intent->move; /* the members of a union share their address */
}

void *intent_record_of(struct intent *intent)
{
    return &intent->move;
}
