#include "world/world.h"

#include <string.h>
#include <strings.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "base/rng.h"
#include "world/chunk.h"

static uint32_t bucket_of(const struct world *world, struct chunk_pos pos)
{
    return (uint32_t)(grid_chunk_key(pos) % world->bucket_count);
}

/* What is in chunks, and how it looks. Who has none of a kind gets one place. */
static void init_things(struct world *world, const struct world_options *options)
{
    uint32_t structures_max = options->structures_max > 0 ? options->structures_max : 1;
    uint32_t piles_max = options->piles_max > 0 ? options->piles_max : 1;
    pool_init(&world->entity_pool, "entities", options->entities_max);
    world->entities = memory_reserve("entities", options->entities_max, sizeof *world->entities);
    pool_init(&world->structure_pool, "structures", structures_max);
    world->structures = memory_reserve("structures", structures_max, sizeof *world->structures);
    pool_init(&world->pile_pool, "piles", piles_max);
    world->piles = memory_reserve("piles", piles_max, sizeof *world->piles);
    images_init(&world->images, options->image_configs_max > 0 ? options->image_configs_max : 1,
                options->images_max > 0 ? options->images_max : 1);
}

void world_init(struct world *world, const struct world_options *options)
{
    ensure(options->chunks_max > 0 && options->actors_max <= UINT16_MAX);
    ensure(options->slots_max > 0 && options->slots_max <= WORLD_SLOTS_MAX);
    *world = (struct world){
        .catalog = options->catalog,
        .generator = options->generator,
        .bucket_count = options->chunks_max * 2 + 1,
        .slots_max = options->slots_max,
        .actors_max = options->actors_max,
    };
    pool_init(&world->chunk_pool, "chunks", options->chunks_max);
    world->chunks = memory_reserve("chunks", options->chunks_max, sizeof *world->chunks);
    world->buckets = memory_reserve("chunks", world->bucket_count, sizeof *world->buckets);
    memset(world->buckets, 0xFF, world->bucket_count * sizeof *world->buckets);
    world->dues = memory_reserve("chunks", options->chunks_max, sizeof *world->dues);
    memset(world->dues, 0xFF, options->chunks_max * sizeof *world->dues);
    init_things(world, options);
    pool_init(&world->character_pool, "characters", options->characters_max);
    world->characters =
        memory_reserve("characters", options->characters_max, sizeof *world->characters);
    world->character_buckets =
        memory_reserve("characters", options->characters_max, sizeof *world->character_buckets);
    memset(world->character_buckets, 0xFF,
           options->characters_max * sizeof *world->character_buckets);
    world->slots = memory_reserve("bags", (size_t)options->characters_max * options->slots_max,
                                  sizeof *world->slots);
    world->skills = memory_reserve("skills", (size_t)options->characters_max * CATALOG_SKILLS_MAX,
                                   sizeof *world->skills);
    world->actors = memory_reserve("actors", options->actors_max, sizeof *world->actors);
}

void world_finish(struct world *world)
{
    pool_finish(&world->chunk_pool);
    pool_finish(&world->entity_pool);
    pool_finish(&world->structure_pool);
    pool_finish(&world->pile_pool);
    images_finish(&world->images);
    pool_finish(&world->character_pool);
    memory_release(world->chunks);
    memory_release(world->buckets);
    memory_release(world->dues);
    memory_release(world->entities);
    memory_release(world->structures);
    memory_release(world->piles);
    memory_release(world->characters);
    memory_release(world->character_buckets);
    memory_release(world->slots);
    memory_release(world->skills);
    memory_release(world->actors);
    *world = (struct world){0};
}

struct chunk *world_find_chunk(const struct world *world, struct chunk_pos pos)
{
    uint32_t index = world->buckets[bucket_of(world, pos)];
    while (index != WORLD_NONE) {
        struct chunk *chunk = &world->chunks[index];
        if (grid_is_same_chunk(chunk->pos, pos))
            return chunk;
        index = chunk->next_in_bucket;
    }
    return NULL;
}

/* Takes a slot for the chunk and links it, with nothing generated yet. */
static struct chunk *chunk_add(struct world *world, struct chunk_pos pos)
{
    ensure(grid_is_chunk(pos.x, pos.y) && world_find_chunk(world, pos) == NULL);
    uint32_t index = pool_add(&world->chunk_pool);
    if (index == POOL_NONE)
        return NULL;

    uint32_t *bucket = &world->buckets[bucket_of(world, pos)];
    struct chunk *chunk = &world->chunks[index];
    *chunk = (struct chunk){
        .pos = pos, .next_in_bucket = *bucket, .structures = WORLD_NONE, .piles = WORLD_NONE};
    *bucket = index;
    world->dues[index] = WORLD_NEVER;
    memset(chunk->rows, 0xFF, sizeof chunk->rows);
    return chunk;
}

struct chunk *world_add_chunk(struct world *world, struct chunk_pos pos)
{
    struct chunk *chunk = chunk_add(world, pos);
    if (chunk == NULL)
        return NULL;
    generator_make(&world->generator, pos, &chunk->base);
    chunk_lay_solid(world, chunk);
    return chunk;
}

struct chunk *world_add_chunk_as(struct world *world, struct chunk_pos pos,
                                 const struct generator_chunk *base)
{
    struct chunk *chunk = chunk_add(world, pos);
    if (chunk == NULL)
        return NULL;
    chunk->base = *base;
    chunk_lay_solid(world, chunk);
    return chunk;
}

static void chunk_unlink(struct world *world, const struct chunk *chunk)
{
    uint32_t index = (uint32_t)(chunk - world->chunks);
    uint32_t *link = &world->buckets[bucket_of(world, chunk->pos)];
    while (*link != index)
        link = &world->chunks[*link].next_in_bucket;
    *link = chunk->next_in_bucket;
}

void world_remove_chunk(struct world *world, struct chunk *chunk)
{
    for (uint32_t row = 0; row < GRID_CHUNK_CELLS; row++) {
        uint32_t index = chunk->rows[row];
        while (index != WORLD_NONE) {
            uint32_t next = world->entities[index].next;
            pool_remove(&world->entity_pool, index);
            index = next;
        }
    }
    for (uint32_t index = chunk->structures, next; index != WORLD_NONE; index = next) {
        next = world->structures[index].next;
        pool_remove(&world->structure_pool, index);
    }
    for (uint32_t index = chunk->piles, next; index != WORLD_NONE; index = next) {
        next = world->piles[index].next;
        pool_remove(&world->pile_pool, index);
    }
    world->dues[chunk - world->chunks] = WORLD_NEVER;
    chunk_unlink(world, chunk);
    pool_remove(&world->chunk_pool, (uint32_t)(chunk - world->chunks));
}

bool world_is_full(const struct world *world)
{
    return world->entity_pool.used == world->entity_pool.capacity;
}

bool world_is_solid(const struct world *world, struct cell_pos cell)
{
    if (!grid_is_cell(cell.x, cell.y))
        return true;
    const struct chunk *chunk = world_find_chunk(world, grid_chunk_of(cell));
    if (chunk == NULL)
        return true;
    uint32_t index = grid_cell_index(cell);
    return (chunk->solid[index / 64] >> (index % 64) & 1) != 0;
}

static const struct chunk *chunk_get(const struct world *world, struct cell_pos cell)
{
    const struct chunk *chunk = world_find_chunk(world, grid_chunk_of(cell));
    ensure(chunk != NULL);
    return chunk;
}

bool world_is_kept(const struct world *world, struct cell_pos cell)
{
    uint32_t index = grid_cell_index(cell);
    return (chunk_get(world, cell)->kept[index / 64] >> (index % 64) & 1) != 0;
}

uint16_t world_natural_type(const struct world *world, struct cell_pos cell)
{
    const struct chunk *chunk = chunk_get(world, cell);
    uint32_t index = grid_cell_index(cell);
    if ((chunk->kept[index / 64] >> (index % 64) & 1) != 0)
        return 0;
    return world->catalog->natural_types[chunk->base.natural[index]];
}

enum terrain world_terrain(const struct world *world, struct cell_pos cell)
{
    return (enum terrain)chunk_get(world, cell)->base.terrain[grid_cell_index(cell)];
}

/* The first entity of the cell in the row's list from `index` on. */
static const struct entity *entity_in_cell(const struct world *world, uint32_t index,
                                           struct cell_pos cell)
{
    while (index != WORLD_NONE) {
        const struct entity *entity = &world->entities[index];
        if (grid_is_same_cell(entity->cell, cell))
            return entity;
        index = entity->next;
    }
    return NULL;
}

const struct entity *world_first_entity(const struct world *world, struct cell_pos cell)
{
    const struct chunk *chunk = chunk_get(world, cell);
    return entity_in_cell(world, chunk->rows[grid_cell_index(cell) / GRID_CHUNK_CELLS], cell);
}

const struct entity *world_next_entity(const struct world *world, const struct entity *entity)
{
    return entity_in_cell(world, entity->next, entity->cell);
}

struct change world_entity_change(const struct entity *entity)
{
    struct change change = {.kind = CHANGE_ENTITY};
    change.entity = (struct change_entity){entity->id,    entity->cell,   entity->type,
                                           entity->image, entity->placer, entity->until};
    return change;
}

struct change world_structure_change(const struct structure *structure)
{
    struct change change = {.kind = CHANGE_STRUCTURE};
    change.structure = (struct change_structure){
        .id = structure->id,
        .cell = structure->cell,
        .is_there = 1,
        .type = structure->type,
        .width = structure->width,
        .height = structure->height,
        .left = structure->left,
        .top = structure->top,
        .image = structure->image,
        .placer = structure->placer,
    };
    return change;
}

const struct structure *world_structure_at(const struct world *world, struct cell_pos cell)
{
    const struct chunk *chunk = chunk_get(world, cell);
    uint32_t at = grid_cell_index(cell);
    if ((chunk->covered[at / 64] >> (at % 64) & 1) == 0)
        return NULL;
    for (uint32_t i = chunk->structures; i != WORLD_NONE; i = world->structures[i].next) {
        struct change change = world_structure_change(&world->structures[i]);
        struct cell_area area;
        if (change_area(&change, &area) && grid_area_has(area, cell))
            return &world->structures[i];
    }
    return NULL;
}

/* The first pile of the cell in the chunk's list from `index` on. */
static const struct pile *pile_in_cell(const struct world *world, uint32_t index,
                                       struct cell_pos cell)
{
    while (index != WORLD_NONE && !grid_is_same_cell(world->piles[index].cell, cell))
        index = world->piles[index].next;
    return index == WORLD_NONE ? NULL : &world->piles[index];
}

const struct pile *world_first_pile(const struct world *world, struct cell_pos cell)
{
    return pile_in_cell(world, chunk_get(world, cell)->piles, cell);
}

const struct pile *world_next_pile(const struct world *world, const struct pile *pile)
{
    return pile_in_cell(world, pile->next, pile->cell);
}

struct change world_pile_change(const struct pile *pile)
{
    struct change change = {.kind = CHANGE_PILE};
    change.pile = (struct change_pile){pile->id, pile->cell, pile->stack, pile->until};
    return change;
}

uint32_t world_weight(const struct chunk *chunk)
{
    return chunk->entity_count + chunk->structure_count * WORLD_STRUCTURE_WEIGHT +
           chunk->pile_count * WORLD_PILE_WEIGHT;
}

uint16_t world_type_at(const struct world *world, struct cell_pos cell)
{
    const struct entity *entity = world_first_entity(world, cell);
    if (entity != NULL)
        return entity->type;
    const struct structure *structure = world_structure_at(world, cell);
    return structure != NULL ? structure->type : world_natural_type(world, cell);
}

bool world_is_occupied(const struct world *world, struct cell_pos cell)
{
    return world_type_at(world, cell) != 0;
}

static uint32_t *character_bucket(const struct world *world, struct character_id id)
{
    return &world->character_buckets[rng_mix(id.value) % world->character_pool.capacity];
}

struct character *world_find_character(const struct world *world, struct character_id id)
{
    uint32_t index = *character_bucket(world, id);
    while (index != WORLD_NONE) {
        struct character *character = &world->characters[index];
        if (character->id.value == id.value)
            return character;
        index = character->next_in_bucket;
    }
    return NULL;
}

void world_name_character(struct world *world, struct character *character, struct character_id id)
{
    ensure(character->id.value == 0 && id.value != 0);
    uint32_t *bucket = character_bucket(world, id);
    character->id = id;
    character->next_in_bucket = *bucket;
    *bucket = (uint32_t)(character - world->characters);
}

struct character *world_find_name(const struct world *world, const char *name)
{
    for (uint32_t i = 0; i < world->character_pool.capacity; i++) {
        if (pool_is_used(&world->character_pool, i) &&
            strcasecmp(world->characters[i].name, name) == 0)
            return &world->characters[i];
    }
    return NULL;
}

void world_rename_character(struct character *character, const struct change_account *account)
{
    struct span name = account->name;
    ensure(name.size_bytes <= WORLD_NAME_BYTES && account->key.size_bytes == CRYPTO_PUBLIC_BYTES);
    char copy[sizeof character->name] = ""; /* the change may be made of the character's own name */
    memcpy(copy, name.bytes, name.size_bytes);
    memcpy(character->name, copy, sizeof copy);
    memmove(character->key, account->key.bytes, CRYPTO_PUBLIC_BYTES);
    character->roles = (uint8_t)account->roles;
}

struct character *world_load_character(struct world *world, const struct change *account,
                                       const struct change *character)
{
    ensure(account->kind == CHANGE_ACCOUNT && character->kind == CHANGE_CHARACTER);
    ensure(account->account.id.value == character->character.account.value);
    uint32_t index = pool_add(&world->character_pool);
    if (index == POOL_NONE)
        return NULL;

    struct character *loaded = &world->characters[index];
    *loaded = (struct character){
        .account = account->account.id,
        .pos = character->character.pos,
        .done = character->character.done,
        .last_intent = character->character.last_intent,
        .actor = WORLD_NONE,
    };
    memset(&world->slots[(size_t)index * world->slots_max], 0,
           world->slots_max * sizeof *world->slots);
    memset(&world->skills[(size_t)index * CATALOG_SKILLS_MAX], 0,
           CATALOG_SKILLS_MAX * sizeof *world->skills);
    world_rename_character(loaded, &account->account);
    if (character->character.id.value != 0)
        world_name_character(world, loaded, character->character.id);
    return loaded;
}

const struct stack *world_slot(const struct world *world, const struct character *character,
                               uint32_t slot)
{
    ensure(slot < world->slots_max);
    return &world->slots[(size_t)(character - world->characters) * world->slots_max + slot];
}

uint32_t world_skill(const struct world *world, const struct character *character, uint32_t skill)
{
    ensure(skill < CATALOG_SKILLS_MAX);
    return world->skills[(size_t)(character - world->characters) * CATALOG_SKILLS_MAX + skill];
}

void world_remove_character(struct world *world, struct character *character)
{
    uint32_t index = (uint32_t)(character - world->characters);
    uint32_t *link = character_bucket(world, character->id);
    ensure(character->actor == WORLD_NONE && character->id.value != 0);
    while (*link != index)
        link = &world->characters[*link].next_in_bucket;
    *link = character->next_in_bucket;
    pool_remove(&world->character_pool, index);
}
