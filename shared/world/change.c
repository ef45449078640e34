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
    if (change->kind == CHANGE_CELL)
        return change->cell.cell;
    if (change->kind == CHANGE_STRUCTURE)
        return change->structure.cell;
    return change->kind == CHANGE_PILE ? change->pile.cell : change->entity.cell;
}

uint32_t change_look(const struct change *change)
{
    if (change->kind == CHANGE_ENTITY)
        return change->entity.type != 0 ? change->entity.image : 0;
    if (change->kind == CHANGE_STRUCTURE)
        return change->structure.is_there ? change->structure.image : 0;
    if (change->kind == CHANGE_SLOT)
        return change->slot.stack.image;
    return change->kind == CHANGE_PILE ? change->pile.stack.image : 0;
}

bool change_area(const struct change *change, struct cell_area *out_area)
{
    struct cell_pos cell = change_cell(change);
    const struct change_structure *structure = &change->structure;
    *out_area = (struct cell_area){cell, cell};
    if (change->kind == CHANGE_STRUCTURE) {
        out_area->least.x -= (int32_t)structure->left;
        out_area->least.y -= (int32_t)structure->top;
        out_area->most.x = out_area->least.x + (int32_t)structure->width - 1;
        out_area->most.y = out_area->least.y + (int32_t)structure->height - 1;
    }
    return grid_is_cell(out_area->least.x, out_area->least.y) &&
           grid_is_cell(out_area->most.x, out_area->most.y);
}

uint32_t change_chunks(const struct change *change, struct chunk_pos *out_chunks)
{
    struct cell_area area;
    uint32_t count = 0;
    ensure(change_area(change, &area));
    struct chunk_pos least = grid_chunk_of(area.least), most = grid_chunk_of(area.most);
    for (int32_t y = least.y; y <= most.y; y++) {
        for (int32_t x = least.x; x <= most.x; x++) {
            ensure(count < CHANGE_CHUNKS_MAX);
            out_chunks[count++] = (struct chunk_pos){x, y};
        }
    }
    return count;
}

bool change_is_in(const struct change *change, struct chunk_pos chunk)
{
    struct chunk_pos chunks[CHANGE_CHUNKS_MAX];
    uint32_t count = change_chunks(change, chunks);
    bool is_in = false;
    for (uint32_t i = 0; i < count; i++)
        is_in = is_in || grid_is_same_chunk(chunks[i], chunk);
    return is_in;
}

struct character_id change_owner(const struct change *change)
{
    ensure(change_schema(change->kind)->flags & CHANGE_IS_OWN);
    if (change->kind == CHANGE_OFFER)
        return change->offer.to;
    return change->kind == CHANGE_SLOT ? change->slot.character : change->skill.character;
}

struct hash128 change_hash(const struct change *change)
{
    return schema_hash(change_schema(change->kind), change->kind, change_record(change));
}
