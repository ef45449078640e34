#include "sim/room.h"

bool room_is_free_but(const struct world *world, struct cell_pos cell, uint32_t type,
                      struct entity_id except)
{
    const struct structure *structure = world_structure_at(world, cell);
    if (world_natural_type(world, cell) != 0 ||
        (structure != NULL && !catalog_may_share(world->catalog, structure->type, type)))
        return false;
    const struct entity *entity = world_first_entity(world, cell);
    for (; entity != NULL; entity = world_next_entity(world, entity)) {
        if (entity->id.value != except.value &&
            !catalog_may_share(world->catalog, entity->type, type))
            return false;
    }
    return true;
}

bool room_is_free(const struct world *world, struct cell_pos cell, uint32_t type)
{
    return room_is_free_but(world, cell, type, (struct entity_id){0});
}

bool room_has_actor(const struct world *world, struct cell_pos cell)
{
    for (uint32_t i = 0; i < world->actors_max; i++) {
        if (world->actors[i].is_present && movement_touches(world->actors[i].pos, cell))
            return true;
    }
    return false;
}

static bool has_room(const struct world *world, struct chunk_pos pos, const struct pool *pool,
                     uint32_t weight)
{
    const struct chunk *chunk = world_find_chunk(world, pos);
    return world_weight(chunk) + weight <= WORLD_CHUNK_ENTITIES_MAX && pool->used < pool->capacity;
}

bool room_for_entity(const struct world *world, struct cell_pos cell)
{
    return has_room(world, grid_chunk_of(cell), &world->entity_pool, 1);
}

bool room_for_pile(const struct world *world, struct cell_pos cell)
{
    const struct chunk *chunk = world_find_chunk(world, grid_chunk_of(cell));
    return chunk->pile_count < WORLD_CHUNK_PILES_MAX &&
           has_room(world, chunk->pos, &world->pile_pool, WORLD_PILE_WEIGHT);
}

/* Is there room in each of the chunks, and in memory for all of them together? */
static bool has_structure_room(const struct world *world, const struct chunk_pos *chunks,
                               uint32_t count)
{
    const struct pool *pool = &world->structure_pool;
    bool is_room = pool->capacity - pool->used >= count;
    for (uint32_t i = 0; i < count; i++)
        is_room = is_room && has_room(world, chunks[i], pool, WORLD_STRUCTURE_WEIGHT) &&
                  world_find_chunk(world, chunks[i])->structure_count < WORLD_CHUNK_STRUCTURES_MAX;
    return is_room;
}

/* Is the cell, so far from the primary one, solid? */
static bool is_solid_at(const struct world *world, const struct change_structure *structure,
                        struct cell_pos cell)
{
    uint32_t x = (uint32_t)(cell.x - structure->cell.x) + structure->left;
    uint32_t y = (uint32_t)(cell.y - structure->cell.y) + structure->top;
    uint64_t solid = world->catalog->entities[structure->type].footprint.solid;
    return (solid >> (y * CATALOG_FOOTPRINT_MAX + x) & 1) != 0;
}

static enum refusal check_cell(const struct world *world, const struct change_structure *structure,
                               struct cell_pos cell, struct entity_id except)
{
    if (!world->catalog->terrains[world_terrain(world, cell)].is_buildable)
        return REFUSAL_NOT_BUILDABLE;
    if (world_structure_at(world, cell) != NULL ||
        !room_is_free_but(world, cell, structure->type, except))
        return REFUSAL_CELL_OCCUPIED;
    if (is_solid_at(world, structure, cell) && room_has_actor(world, cell))
        return REFUSAL_ACTOR_IN_THE_WAY;
    return REFUSAL_NONE;
}

enum refusal room_for_structure(const struct world *world, const struct change *structure,
                                struct entity_id except)
{
    struct chunk_pos chunks[CHANGE_CHUNKS_MAX];
    struct cell_area area;
    if (!change_area(structure, &area))
        return REFUSAL_OUT_OF_WORLD;
    uint32_t count = change_chunks(structure, chunks);
    for (uint32_t i = 0; i < count; i++) {
        const struct chunk *chunk = world_find_chunk(world, chunks[i]);
        if (chunk == NULL)
            return REFUSAL_CHUNK_LOADING;
        if (chunk->is_closed)
            return REFUSAL_CHUNK_READ_ONLY;
    }
    enum refusal refusal = REFUSAL_NONE;
    struct cell_pos cell = area.least;
    do {
        refusal = check_cell(world, &structure->structure, cell, except);
    } while (refusal == REFUSAL_NONE && grid_area_next(area, &cell));
    if (refusal == REFUSAL_NONE && !has_structure_room(world, chunks, count))
        refusal = REFUSAL_WORLD_FULL;
    return refusal;
}

struct change room_structure(const struct catalog *catalog, uint32_t type, struct cell_pos cell)
{
    const struct footprint_def *footprint = &catalog->entities[type].footprint;
    struct change change = {.kind = CHANGE_STRUCTURE};
    change.structure = (struct change_structure){
        .cell = cell,
        .is_there = 1,
        .type = type,
        .width = footprint->width,
        .height = footprint->height,
        .left = footprint->primary_x,
        .top = footprint->primary_y,
    };
    return change;
}
