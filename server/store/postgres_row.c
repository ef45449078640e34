#include "store/postgres_row.h"

/* A stack from its columns: type and image, quantity and wear, and where it comes from, 10 of them
 * from `source` on. */
struct stack_columns {
    int type, image, quantity, wear, source;
};

static struct stack read_stack(const struct pg *pg, uint32_t row, const struct stack_columns *at)
{
    int from = at->source;
    return (struct stack){
        .type = (uint32_t)pg_int(pg, row, at->type),
        .quantity = (uint32_t)pg_int(pg, row, at->quantity),
        .image = (uint32_t)pg_int(pg, row, at->image),
        .wear = (uint32_t)pg_int(pg, row, at->wear),
        .source = (uint32_t)pg_int(pg, row, from),
        .source_cell = {(int32_t)pg_int(pg, row, from + 1), (int32_t)pg_int(pg, row, from + 2)},
        .tick = (uint64_t)pg_int(pg, row, from + 3),
        .time_s = (uint64_t)pg_int(pg, row, from + 4),
        .tool = (uint32_t)pg_int(pg, row, from + 5),
        .pos = {(int32_t)pg_int(pg, row, from + 6), (int32_t)pg_int(pg, row, from + 7)},
        .skill = (uint32_t)pg_int(pg, row, from + 8),
        .level = (uint32_t)pg_int(pg, row, from + 9),
    };
}

static struct change read_structure(const struct pg *pg, uint32_t row)
{
    struct change change = {.kind = CHANGE_STRUCTURE};
    change.structure = (struct change_structure){
        .id = {(uint64_t)pg_int(pg, row, 2)},
        .cell = {(int32_t)pg_int(pg, row, 10), (int32_t)pg_int(pg, row, 11)},
        .is_there = 1,
        .type = (uint32_t)pg_int(pg, row, 3),
        .width = (uint32_t)pg_int(pg, row, 7),
        .height = (uint32_t)pg_int(pg, row, 8),
        .left = (uint32_t)pg_int(pg, row, 9),
        .top = (uint32_t)pg_int(pg, row, 12),
        .image = (uint32_t)pg_int(pg, row, 4),
        .placer = {(uint64_t)pg_int(pg, row, 5)},
    };
    return change;
}

struct change postgres_row_thing(const struct pg *pg, uint32_t row, struct chunk_pos chunk)
{
    static const struct stack_columns stack = {3, 4, 7, 8, 9};
    struct cell_pos cell = grid_cell_at(chunk, (uint32_t)pg_int(pg, row, 1));
    uint64_t id = (uint64_t)pg_int(pg, row, 2), until = (uint64_t)pg_int(pg, row, 6);
    uint32_t type = (uint32_t)pg_int(pg, row, 3);
    struct change change = {.kind = CHANGE_CELL};
    switch (pg_int(pg, row, 0)) {
    case POSTGRES_IS_CELL:
        change.cell = (struct change_cell){cell, 1, type};
        break;
    case POSTGRES_IS_ENTITY:
        change.kind = CHANGE_ENTITY;
        change.entity = (struct change_entity){
            {id}, cell, type, (uint32_t)pg_int(pg, row, 4), {(uint64_t)pg_int(pg, row, 5)}, until};
        break;
    case POSTGRES_IS_STRUCTURE:
        return read_structure(pg, row);
    default:
        change.kind = CHANGE_PILE;
        change.pile = (struct change_pile){{id}, cell, read_stack(pg, row, &stack), until};
    }
    return change;
}

struct change_slot postgres_row_slot(const struct pg *pg, uint32_t row, int first,
                                     struct character_id character)
{
    const struct stack_columns stack = {first + 1, first + 3, first + 2, first + 4, first + 5};
    return (struct change_slot){
        .character = character,
        .slot = (uint32_t)pg_int(pg, row, first),
        .stack = read_stack(pg, row, &stack),
    };
}

struct change_image_config postgres_row_config(const struct pg *pg, uint32_t row)
{
    return (struct change_image_config){
        .id = (uint32_t)pg_int(pg, row, 0),
        .size = (uint32_t)pg_int(pg, row, 1),
        .turns = pg_bool(pg, row, 2),
        .angle = (uint32_t)pg_int(pg, row, 3),
        .offset_x = (uint32_t)pg_int(pg, row, 4),
        .offset_y = (uint32_t)pg_int(pg, row, 5),
        .custom = pg_hash(pg, row, 6),
    };
}
