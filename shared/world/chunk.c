#include "world/chunk.h"

#include <string.h>

#include "base/ensure.h"

static bool bit_get(const uint64_t *bits, uint32_t index)
{
    return (bits[index / 64] >> (index % 64) & 1) != 0;
}

static void bit_set(uint64_t *bits, uint32_t index, bool value)
{
    bits[index / 64] &= ~((uint64_t)1 << (index % 64));
    bits[index / 64] |= (uint64_t)value << (index % 64);
}

/* Is this cell of the structure solid? Where content has other measures now, all are. */
static bool is_structure_solid(const struct catalog *catalog, const struct structure *structure,
                               struct cell_pos cell)
{
    const struct footprint_def *footprint = &catalog->entities[structure->type].footprint;
    uint32_t x = (uint32_t)(cell.x - structure->cell.x) + structure->left;
    uint32_t y = (uint32_t)(cell.y - structure->cell.y) + structure->top;
    if (footprint->width != structure->width || footprint->height != structure->height ||
        footprint->primary_x != structure->left || footprint->primary_y != structure->top)
        return true;
    return (footprint->solid >> (y * CATALOG_FOOTPRINT_MAX + x) & 1) != 0;
}

/* Works out anew whether the cell is solid, after what is in it changed. */
static void cell_refresh(struct world *world, struct chunk *chunk, struct cell_pos cell)
{
    const struct catalog *catalog = world->catalog;
    bool is_solid = catalog->terrains[world_terrain(world, cell)].is_solid ||
                    catalog->entities[world_natural_type(world, cell)].is_solid;
    const struct entity *entity = world_first_entity(world, cell);
    for (; entity != NULL && !is_solid; entity = world_next_entity(world, entity))
        is_solid = catalog->entities[entity->type].is_solid;
    const struct structure *structure = world_structure_at(world, cell);
    if (structure != NULL)
        is_solid = is_solid || is_structure_solid(catalog, structure, cell);
    bit_set(chunk->solid, grid_cell_index(cell), is_solid);
}

/* As generated: by terrain, and by what grows where nothing was changed. */
static void lay_generated(const struct world *world, struct chunk *chunk)
{
    const struct catalog *catalog = world->catalog;
    bool solid_natural[NATURAL_COUNT] = {false};
    for (int natural = 1; natural < NATURAL_COUNT; natural++)
        solid_natural[natural] = catalog->entities[catalog->natural_types[natural]].is_solid;
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++) {
        bool is_solid = catalog->terrains[chunk->base.terrain[i]].is_solid ||
                        (solid_natural[chunk->base.natural[i]] && !bit_get(chunk->kept, i));
        chunk->solid[i / 64] |= (uint64_t)is_solid << (i % 64);
    }
}

/* Where one structure stands, as far as that is in the chunk. */
static void lay_structure(const struct world *world, struct chunk *chunk,
                          const struct structure *structure)
{
    struct cell_area area, part;
    struct change change = world_structure_change(structure);
    if (!change_area(&change, &area) || !grid_area_in_chunk(area, chunk->pos, &part))
        return;
    struct cell_pos cell = part.least;
    do {
        if (is_structure_solid(world->catalog, structure, cell))
            bit_set(chunk->solid, grid_cell_index(cell), true);
    } while (grid_area_next(part, &cell));
}

void chunk_lay_solid(const struct world *world, struct chunk *chunk)
{
    memset(chunk->solid, 0, sizeof chunk->solid);
    lay_generated(world, chunk);
    for (uint32_t row = 0; row < GRID_CHUNK_CELLS; row++) {
        for (uint32_t i = chunk->rows[row]; i != WORLD_NONE; i = world->entities[i].next) {
            const struct entity *entity = &world->entities[i];
            if (world->catalog->entities[entity->type].is_solid)
                bit_set(chunk->solid, grid_cell_index(entity->cell), true);
        }
    }
    for (uint32_t i = chunk->structures; i != WORLD_NONE; i = world->structures[i].next)
        lay_structure(world, chunk, &world->structures[i]);
}

/* What a kept cell's CELL change was: `replaced` follows from what is generated there. */
static struct change cell_change(const struct world *world, const struct chunk *chunk,
                                 struct cell_pos cell)
{
    uint8_t natural = chunk->base.natural[grid_cell_index(cell)];
    struct change change = {.kind = CHANGE_CELL};
    change.cell = (struct change_cell){cell, 1, world->catalog->natural_types[natural]};
    return change;
}

static void hash_out(struct chunk *chunk, const struct change *change)
{
    chunk->hash = hash_subtract(chunk->hash, change_hash(change));
}

static void hash_in(struct chunk *chunk, const struct change *change)
{
    chunk->hash = hash_add(chunk->hash, change_hash(change));
}

/* Something in the chunk is due at that tick; 0 never. */
static void note_due(struct world *world, const struct chunk *chunk, uint64_t tick)
{
    uint64_t *due = &world->dues[chunk - world->chunks];
    if (tick != 0 && tick < *due)
        *due = tick;
}

/* An entity is due at its tick; at once when it does not grow yet and its type does by now. */
static uint64_t entity_due(const struct world *world, const struct change_entity *entity)
{
    bool is_to_begin =
        entity->until == 0 && world->catalog->entities[entity->type].growth.into != 0;
    return is_to_begin ? 1 : entity->until;
}

static void put_cell(struct world *world, struct chunk *chunk, const struct change_cell *cell)
{
    uint32_t index = grid_cell_index(cell->cell);
    bool was_kept = bit_get(chunk->kept, index);
    if (was_kept == (cell->is_kept != 0))
        return;

    struct change change = cell_change(world, chunk, cell->cell);
    if (was_kept)
        hash_out(chunk, &change);
    else
        hash_in(chunk, &change);
    chunk->kept_count += was_kept ? (uint32_t)-1 : 1;
    bit_set(chunk->kept, index, !was_kept);
    cell_refresh(world, chunk, cell->cell);
}

/* The link that points to the entity in its row, or to the row's end. */
static uint32_t *entity_link(const struct world *world, const struct chunk *chunk,
                             const struct change_entity *entity)
{
    uint32_t row = grid_cell_index(entity->cell) / GRID_CHUNK_CELLS;
    uint32_t *link = &((struct chunk *)chunk)->rows[row]; /* who only looks does not write there */
    while (*link != WORLD_NONE && world->entities[*link].id.value != entity->id.value)
        link = &world->entities[*link].next;
    return link;
}

static void put_entity(struct world *world, struct chunk *chunk, const struct change_entity *value)
{
    uint32_t *link = entity_link(world, chunk, value);
    if (*link != WORLD_NONE) {
        struct change before = world_entity_change(&world->entities[*link]);
        hash_out(chunk, &before);
    }
    if (value->type == 0 && *link != WORLD_NONE) {
        uint32_t index = *link;
        *link = world->entities[index].next;
        pool_remove(&world->entity_pool, index);
        chunk->entity_count--;
    } else if (value->type != 0) {
        if (*link == WORLD_NONE) {
            *link = pool_add(&world->entity_pool);
            ensure(*link != POOL_NONE);
            world->entities[*link].next = WORLD_NONE;
            chunk->entity_count++;
        }
        struct entity *entity = &world->entities[*link];
        *entity = (struct entity){.id = value->id,
                                  .placer = value->placer,
                                  .cell = value->cell,
                                  .until = value->until,
                                  .image = value->image,
                                  .next = entity->next,
                                  .type = (uint16_t)value->type};
        struct change after = world_entity_change(entity);
        hash_in(chunk, &after);
        note_due(world, chunk, entity_due(world, value));
    }
    cell_refresh(world, chunk, value->cell);
}

static uint32_t *structure_link(const struct world *world, const struct chunk *chunk,
                                struct structure_id id)
{
    uint32_t *link = &((struct chunk *)chunk)->structures; /* who only looks does not write there */
    while (*link != WORLD_NONE && world->structures[*link].id.value != id.value)
        link = &world->structures[*link].next;
    return link;
}

/* The chunk's cells under the structure are covered from now on, or not any more. */
static void cover_cells(struct world *world, struct chunk *chunk, const struct change *change,
                        bool are_covered)
{
    struct cell_area area, part;
    (void)change_area(change, &area);
    if (!grid_area_in_chunk(area, chunk->pos, &part))
        return;
    struct cell_pos cell = part.least;
    do {
        bit_set(chunk->covered, grid_cell_index(cell), are_covered);
        cell_refresh(world, chunk, cell);
    } while (grid_area_next(part, &cell));
}

static void remove_structure(struct world *world, struct chunk *chunk, uint32_t *link)
{
    uint32_t index = *link;
    struct change change = world_structure_change(&world->structures[index]);
    *link = world->structures[index].next;
    pool_remove(&world->structure_pool, index);
    chunk->structure_count--;
    cover_cells(world, chunk, &change, false);
}

static void add_structure(struct world *world, struct chunk *chunk,
                          const struct change_structure *value)
{
    uint32_t index = pool_add(&world->structure_pool);
    ensure(index != POOL_NONE);
    world->structures[index] = (struct structure){.id = value->id, .next = chunk->structures};
    chunk->structures = index;
    chunk->structure_count++;
}

static void put_structure(struct world *world, struct chunk *chunk, const struct change *change)
{
    const struct change_structure *value = &change->structure;
    uint32_t *link = structure_link(world, chunk, value->id);
    bool was_there = *link != WORLD_NONE;
    if (was_there) {
        struct change before = world_structure_change(&world->structures[*link]);
        hash_out(chunk, &before);
    }
    if (was_there && !value->is_there)
        remove_structure(world, chunk, link);
    if (!value->is_there)
        return;
    if (!was_there) {
        add_structure(world, chunk, value);
        link = &chunk->structures;
    }
    struct structure *structure = &world->structures[*link];
    *structure = (struct structure){.id = value->id,
                                    .placer = value->placer,
                                    .cell = value->cell,
                                    .image = value->image,
                                    .next = structure->next,
                                    .type = (uint16_t)value->type,
                                    .width = (uint8_t)value->width,
                                    .height = (uint8_t)value->height,
                                    .left = (uint8_t)value->left,
                                    .top = (uint8_t)value->top};
    hash_in(chunk, change);
    cover_cells(world, chunk, change, true);
}

static uint32_t *pile_link(const struct world *world, const struct chunk *chunk, struct pile_id id)
{
    uint32_t *link = &((struct chunk *)chunk)->piles; /* who only looks does not write there */
    while (*link != WORLD_NONE && world->piles[*link].id.value != id.value)
        link = &world->piles[*link].next;
    return link;
}

static void put_pile(struct world *world, struct chunk *chunk, const struct change *change)
{
    const struct change_pile *value = &change->pile;
    uint32_t *link = pile_link(world, chunk, value->id);
    uint32_t index = *link;
    if (index != WORLD_NONE) {
        struct change before = world_pile_change(&world->piles[index]);
        hash_out(chunk, &before);
    }
    if (stack_is_empty(&value->stack)) {
        if (index == WORLD_NONE)
            return;
        *link = world->piles[index].next;
        pool_remove(&world->pile_pool, index);
        chunk->pile_count--;
        return;
    }
    if (index == WORLD_NONE) {
        index = pool_add(&world->pile_pool);
        ensure(index != POOL_NONE);
        world->piles[index].next = WORLD_NONE;
        *link = index;
        chunk->pile_count++;
    }
    struct pile *pile = &world->piles[index];
    *pile = (struct pile){value->id, value->cell, value->until, pile->next, value->stack};
    hash_in(chunk, change);
    note_due(world, chunk, value->until);
}

void chunk_put(struct world *world, struct chunk *chunk, const struct change *change)
{
    if (change->kind == CHANGE_CELL)
        put_cell(world, chunk, &change->cell);
    else if (change->kind == CHANGE_ENTITY)
        put_entity(world, chunk, &change->entity);
    else if (change->kind == CHANGE_STRUCTURE)
        put_structure(world, chunk, change);
    else
        put_pile(world, chunk, change);
}

uint32_t chunk_image_of(const struct world *world, const struct chunk *chunk,
                        const struct change *change)
{
    uint32_t index = WORLD_NONE;
    if (change->kind == CHANGE_ENTITY) {
        index = *entity_link(world, chunk, &change->entity);
        return index == WORLD_NONE ? 0 : world->entities[index].image;
    }
    if (change->kind == CHANGE_STRUCTURE) {
        index = *structure_link(world, chunk, change->structure.id);
        return index == WORLD_NONE ? 0 : world->structures[index].image;
    }
    if (change->kind == CHANGE_PILE) {
        index = *pile_link(world, chunk, change->pile.id);
        return index == WORLD_NONE ? 0 : world->piles[index].stack.image;
    }
    return 0;
}

/* Is there room for one more thing of a kind in the chunk, and in memory? */
static bool check_room(const struct chunk *chunk, const struct pool *pool, uint32_t weight,
                       struct error *error)
{
    if (world_weight(chunk) + weight > WORLD_CHUNK_ENTITIES_MAX)
        return error_set(error, "more than %d things in a chunk", WORLD_CHUNK_ENTITIES_MAX);
    return pool->used < pool->capacity ||
           error_set(error, "no room for more than %u of a kind", pool->capacity);
}

static bool check_type(const struct world *world, uint32_t type, struct error *error)
{
    return catalog_find_type(world->catalog, type) != NULL ||
           error_set(error, "type %u is not in the catalogue", type);
}

static bool check_entity(const struct world *world, const struct chunk *chunk,
                         const struct change_entity *value, struct error *error)
{
    uint32_t index = *entity_link(world, chunk, value);
    bool is_there = index != WORLD_NONE;
    if (is_there && !grid_is_same_cell(world->entities[index].cell, value->cell))
        return error_set(error, "an entity moves to cell (%d,%d)", value->cell.x, value->cell.y);
    if (value->type == 0)
        return is_there || error_set(error, "an entity that is not there is removed");
    return check_type(world, value->type, error) &&
           (is_there || check_room(chunk, &world->entity_pool, 1, error));
}

/* Are all cells of the chunk free that the structure would stand in? */
static bool check_cells(const struct chunk *chunk, struct cell_area area, struct error *error)
{
    struct cell_area part;
    if (!grid_area_in_chunk(area, chunk->pos, &part))
        return error_set(error, "a structure that does not touch the chunk");
    struct cell_pos cell = part.least;
    do {
        if (bit_get(chunk->covered, grid_cell_index(cell)))
            return error_set(error, "two structures in cell (%d,%d)", cell.x, cell.y);
    } while (grid_area_next(part, &cell));
    return true;
}

static bool check_structure(const struct world *world, const struct chunk *chunk,
                            const struct change *change, struct error *error)
{
    const struct change_structure *value = &change->structure;
    struct cell_area area, known_area;
    uint32_t index = *structure_link(world, chunk, value->id);
    if (value->left >= value->width || value->top >= value->height || !change_area(change, &area))
        return error_set(error, "structure: its measures are wrong");
    if (index != WORLD_NONE) {
        struct change known = world_structure_change(&world->structures[index]);
        (void)change_area(&known, &known_area);
        bool is_same = grid_is_same_cell(known.structure.cell, value->cell) &&
                       grid_is_same_cell(known_area.least, area.least) &&
                       grid_is_same_cell(known_area.most, area.most);
        return is_same ? check_type(world, value->type, error)
                       : error_set(error, "a structure moves to cell (%d,%d)", value->cell.x,
                                   value->cell.y);
    }
    if (!value->is_there)
        return error_set(error, "a structure that is not there is removed");
    if (chunk->structure_count >= WORLD_CHUNK_STRUCTURES_MAX)
        return error_set(error, "more than %d structures in a chunk", WORLD_CHUNK_STRUCTURES_MAX);
    return check_type(world, value->type, error) && check_cells(chunk, area, error) &&
           check_room(chunk, &world->structure_pool, WORLD_STRUCTURE_WEIGHT, error);
}

static bool check_pile(const struct world *world, const struct chunk *chunk,
                       const struct change_pile *value, struct error *error)
{
    uint32_t index = *pile_link(world, chunk, value->id);
    bool is_there = index != WORLD_NONE;
    if (is_there && !grid_is_same_cell(world->piles[index].cell, value->cell))
        return error_set(error, "a pile moves to cell (%d,%d)", value->cell.x, value->cell.y);
    if (stack_is_empty(&value->stack))
        return is_there || error_set(error, "a pile that is not there is taken");
    if (!stack_check(&value->stack, world->catalog))
        return error_set(error, "a pile in cell (%d,%d): there cannot be such a stack",
                         value->cell.x, value->cell.y);
    if (!is_there && chunk->pile_count >= WORLD_CHUNK_PILES_MAX)
        return error_set(error, "more than %d piles in a chunk", WORLD_CHUNK_PILES_MAX);
    return is_there || check_room(chunk, &world->pile_pool, WORLD_PILE_WEIGHT, error);
}

bool chunk_check(const struct world *world, const struct chunk *chunk, const struct change *change,
                 struct error *error)
{
    struct cell_pos cell = change_cell(change);
    if (change->kind == CHANGE_STRUCTURE)
        return check_structure(world, chunk, change, error);
    if (!grid_is_same_chunk(grid_chunk_of(cell), chunk->pos))
        return error_set(error, "cell (%d,%d) is not in chunk (%d,%d)", cell.x, cell.y,
                         chunk->pos.x, chunk->pos.y);
    if (change->kind == CHANGE_ENTITY)
        return check_entity(world, chunk, &change->entity, error);
    if (change->kind == CHANGE_PILE)
        return check_pile(world, chunk, &change->pile, error);
    return change->cell.replaced == cell_change(world, chunk, cell).cell.replaced ||
           error_set(error, "cell (%d,%d): another thing is generated there", cell.x, cell.y);
}
