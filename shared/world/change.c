#include "world/change.h"

#include "base/ensure.h"

/* clang-format off */
#define BEGIN(NAME, name, flags) static const struct field change_##name##_fields[] = {
#define FIELD(record, type, field, least, most)                                                    \
    SCHEMA_FIELD(change_, record, type, field, least, most)
#define END(NAME, name) };
/* clang-format on */
#include "world/changes.def"
#undef BEGIN
#undef FIELD
#undef END

static const struct schema change_schemas[CHANGE_KIND_COUNT] = {
#define BEGIN(NAME, name, flags)                                                                   \
    [CHANGE_##NAME] = {#name, change_##name##_fields,                                              \
                       sizeof change_##name##_fields / sizeof(struct field), flags,                \
                       sizeof(struct change_##name)},
#define FIELD(record, type, field, least, most)
#define END(NAME, name)
#include "world/changes.def"
#undef BEGIN
#undef FIELD
#undef END
};

const struct schema *change_schema(enum change_kind kind)
{
    ensure(kind > CHANGE_NONE && kind < CHANGE_KIND_COUNT);
    return &change_schemas[kind];
}

const void *change_record(const struct change *change)
{
    return &change->cell; /* the members of a union share their address */
}

void *change_record_of(struct change *change)
{
    return &change->cell;
}

struct cell_pos change_cell(const struct change *change)
{
    ensure(change_schema(change->kind)->flags & CHANGE_IN_CHUNK);
    return change->kind == CHANGE_CELL ? change->cell.cell : change->entity.cell;
}

struct character_id change_owner(const struct change *change)
{
    ensure(change_schema(change->kind)->flags & CHANGE_IS_OWN);
    return change->kind == CHANGE_SLOT ? change->slot.character : change->skill.character;
}

struct hash128 change_hash(const struct change *change)
{
    return schema_hash(change_schema(change->kind), change->kind, change_record(change));
}
