#include <string.h>

#include "testing.h"

#include "sample.h"
#include "world/world.h"

/* The naive model: what is kept, key by key, with nothing clever about it. */
enum {
    MODEL_CHUNKS = 4,
    MODEL_ENTITIES = 600,
    MODEL_STRUCTURES = 40,
    MODEL_PILES = 100,
    MODEL_CHARACTERS = 4,
};

struct model {
    struct change cells[MODEL_CHUNKS][GRID_CHUNK_AREA]; /* kind CHANGE_NONE: not kept */
    struct change entities[MODEL_ENTITIES];             /* kind CHANGE_NONE: not there */
    struct change structures[MODEL_STRUCTURES];
    struct change piles[MODEL_PILES];
    struct change characters[MODEL_CHARACTERS];
};

static const struct chunk_pos model_chunks[MODEL_CHUNKS] = {{0, 0}, {-1, 0}, {-1, -1}, {0, -1}};

static struct hash128 sum(struct hash128 hash, const struct change *change)
{
    return change->kind == CHANGE_NONE ? hash : hash_add(hash, change_hash(change));
}

static struct hash128 model_chunk_hash(const struct model *model, uint32_t chunk)
{
    struct hash128 hash = {0, 0};
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++)
        hash = sum(hash, &model->cells[chunk][i]);
    for (uint32_t i = 0; i < MODEL_ENTITIES; i++) {
        const struct change *entity = &model->entities[i];
        if (entity->kind != CHANGE_NONE &&
            grid_is_same_chunk(grid_chunk_of(entity->entity.cell), model_chunks[chunk]))
            hash = sum(hash, entity);
    }
    for (uint32_t i = 0; i < MODEL_STRUCTURES; i++) {
        const struct change *structure = &model->structures[i];
        if (structure->kind != CHANGE_NONE && change_is_in(structure, model_chunks[chunk]))
            hash = sum(hash, structure);
    }
    for (uint32_t i = 0; i < MODEL_PILES; i++) {
        const struct change *pile = &model->piles[i];
        if (pile->kind != CHANGE_NONE && change_is_in(pile, model_chunks[chunk]))
            hash = sum(hash, pile);
    }
    return hash;
}

/* The structure that stands in the cell, or NULL. */
static const struct change *model_structure(const struct model *model, struct cell_pos cell)
{
    struct cell_area area;
    for (uint32_t i = 0; i < MODEL_STRUCTURES; i++) {
        const struct change *structure = &model->structures[i];
        if (structure->kind != CHANGE_NONE && change_area(structure, &area) &&
            grid_area_has(area, cell))
            return structure;
    }
    return NULL;
}

static bool model_is_solid(const struct model *model, const struct world *world, uint32_t chunk,
                           uint32_t index)
{
    const struct catalog *catalog = world->catalog;
    const struct chunk *resident = world_find_chunk(world, model_chunks[chunk]);
    struct cell_pos cell = grid_cell_at(model_chunks[chunk], index);
    bool is_solid = catalog->terrains[resident->base.terrain[index]].is_solid;
    if (model->cells[chunk][index].kind == CHANGE_NONE) {
        uint16_t type = catalog->natural_types[resident->base.natural[index]];
        is_solid = is_solid || catalog->entities[type].is_solid;
    }
    for (uint32_t i = 0; i < MODEL_ENTITIES; i++) {
        const struct change *entity = &model->entities[i];
        if (entity->kind != CHANGE_NONE && grid_is_same_cell(entity->entity.cell, cell))
            is_solid = is_solid || catalog->entities[entity->entity.type].is_solid;
    }
    const struct change *structure = model_structure(model, cell);
    if (structure != NULL && structure->structure.type == SAMPLE_SHED) /* its door is open */
        is_solid = is_solid || !grid_is_same_cell(structure->structure.cell, cell);
    else
        is_solid = is_solid || structure != NULL;
    return is_solid;
}

static void ck_assert_model(const struct model *model, const struct world *world)
{
    struct hash128 whole = {0, 0};
    for (uint32_t chunk = 0; chunk < MODEL_CHUNKS; chunk++) {
        const struct chunk *resident = world_find_chunk(world, model_chunks[chunk]);
        struct hash128 hash = model_chunk_hash(model, chunk);
        ck_assert(hash_is_equal(resident->hash, hash));
        whole = hash_add(whole, hash);
        uint32_t kept = 0;
        for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++) {
            struct cell_pos cell = grid_cell_at(model_chunks[chunk], i);
            bool is_kept = model->cells[chunk][i].kind != CHANGE_NONE;
            kept += is_kept;
            ck_assert_int_eq(world_is_kept(world, cell), is_kept);
        }
        ck_assert_uint_eq(resident->kept_count, kept);
    }
    for (uint32_t i = 0; i < MODEL_CHARACTERS; i++)
        whole = sum(whole, &model->characters[i]);
    ck_assert(hash_is_equal(world->hash, whole));
}

static uint32_t of_model(struct rng *rng, uint32_t count)
{
    return (uint32_t)rng_below(rng, count);
}

/* Few rows and columns, so that cells are met again and again. */
static uint32_t random_index(struct rng *rng)
{
    static const uint32_t rows[] = {0, 1, 31, 63};
    return rows[rng_below(rng, 4)] * GRID_CHUNK_CELLS + (uint32_t)rng_below(rng, 16) * 4 + 3;
}

static void change_cell_of(struct model *model, struct world *world, struct rng *rng)
{
    uint32_t chunk = of_model(rng, MODEL_CHUNKS), index = random_index(rng);
    struct cell_pos cell = grid_cell_at(model_chunks[chunk], index);
    struct change change = sample_cell_change(world, cell, rng_below(rng, 3) > 0);
    world_apply(world, &change);
    model->cells[chunk][index] = change;
    if (change.cell.is_kept == 0)
        model->cells[chunk][index].kind = CHANGE_NONE;
}

static void change_entity_of(struct model *model, struct world *world, struct rng *rng)
{
    static const uint32_t types[] = {0, SAMPLE_TREE, SAMPLE_GRASS, SAMPLE_SIGN, SAMPLE_LAST};
    uint32_t n = of_model(rng, MODEL_ENTITIES), chunk = of_model(rng, MODEL_CHUNKS);
    struct change *known = &model->entities[n];
    struct cell_pos cell = known->kind == CHANGE_NONE
                               ? grid_cell_at(model_chunks[chunk], random_index(rng))
                               : known->entity.cell;
    struct change change = sample_entity_change(cell, n + 1, types[rng_below(rng, 5)]);
    change.entity.image = (uint32_t)rng_below(rng, 3);
    change.entity.placer.value = rng_below(rng, 3);
    world_apply(world, &change);
    *known = change;
    if (change.entity.type == 0)
        known->kind = CHANGE_NONE;
}

static void change_character_of(struct model *model, struct world *world, struct rng *rng)
{
    uint32_t n = of_model(rng, MODEL_CHARACTERS);
    struct change change = {.kind = CHANGE_CHARACTER};
    if (model->characters[n].kind == CHANGE_NONE) {
        static const uint8_t key[CRYPTO_PUBLIC_BYTES];
        struct change account = {.kind = CHANGE_ACCOUNT};
        account.account =
            (struct change_account){{n + 50}, {(const uint8_t *)"abc", 3}, {key, sizeof key}, 0};
        world_apply(world, &account);
    }
    change.character = (struct change_character){{n + 1},
                                                 {n + 50},
                                                 {(int32_t)rng_next(rng), (int32_t)rng_next(rng)},
                                                 (uint32_t)rng_next(rng),
                                                 rng_next(rng)};
    world_apply(world, &change);
    model->characters[n] = change;
}

/* Two kinds of structure: SHED is 3 x 2 with a door, and one whose content has other measures. */
static void change_structure_of(struct model *model, struct world *world, struct rng *rng)
{
    struct change *known = &model->structures[of_model(rng, MODEL_STRUCTURES)];
    struct change change = *known;
    bool is_shed = rng_below(rng, 2) > 0;
    if (known->kind == CHANGE_NONE) {
        change.kind = CHANGE_STRUCTURE;
        change.structure = (struct change_structure){
            .id = {(uint64_t)(known - model->structures) + 1},
            .cell = {(int32_t)rng_below(rng, 24) - 12, (int32_t)rng_below(rng, 24) - 12},
            .is_there = 1,
            .type = is_shed ? SAMPLE_SHED : SAMPLE_HALL,
            .width = is_shed ? 3 : 5,
            .height = 2,
            .left = 1,
        };
    } else if (rng_below(rng, 2) > 0) {
        change.structure.is_there = 0;
    } else {
        change.structure.image++;
    }
    struct cell_area area;
    ck_assert(change_area(&change, &area));
    struct cell_pos cell = area.least;
    do {
        if (known->kind == CHANGE_NONE && model_structure(model, cell) != NULL)
            return; /* another stands there: no rule would do it */
    } while (grid_area_next(area, &cell));
    world_apply(world, &change);
    *known = change;
    if (change.structure.is_there == 0)
        known->kind = CHANGE_NONE;
}

static void change_pile_of(struct model *model, struct world *world, struct rng *rng)
{
    struct change *known = &model->piles[of_model(rng, MODEL_PILES)];
    struct change change = *known;
    if (known->kind == CHANGE_NONE) {
        struct cell_pos cell =
            grid_cell_at(model_chunks[of_model(rng, MODEL_CHUNKS)], random_index(rng));
        change.kind = CHANGE_PILE;
        change.pile =
            (struct change_pile){.id = {(uint64_t)(known - model->piles) + 1}, .cell = cell};
    }
    change.pile.until = rng_below(rng, 1000);
    change.pile.stack = (struct stack){.type = SAMPLE_SIGN, .quantity = 1 + of_model(rng, 9)};
    if (rng_below(rng, 3) == 0)
        change.pile.stack = (struct stack){.type = 0};
    world_apply(world, &change);
    *known = change;
    if (stack_is_empty(&change.pile.stack))
        known->kind = CHANGE_NONE;
}

static void change_any(struct model *model, struct world *world, struct rng *rng)
{
    uint64_t what = rng_below(rng, 14);
    if (what == 10 || what == 11)
        change_structure_of(model, world, rng);
    else if (what > 11)
        change_pile_of(model, world, rng);
    else if (what < 4)
        change_cell_of(model, world, rng);
    else if (what < 9)
        change_entity_of(model, world, rng);
    else
        change_character_of(model, world, rng);
}

static struct model *model_make(struct world *world, const struct catalog *catalog)
{
    struct model *model = calloc(1, sizeof *model);
    ck_assert_ptr_nonnull(model);
    sample_world_make(world, catalog);
    for (uint32_t i = 0; i < MODEL_CHUNKS; i++)
        ck_assert_ptr_nonnull(world_add_chunk(world, model_chunks[i]));
    return model;
}

START_TEST(test_hashes_are_sums_over_what_is_kept)
{
    struct catalog *catalog = sample_catalog_make();
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct world world;
        struct rng rng;
        struct model *model = model_make(&world, catalog);
        rng_init(&rng, seed);
        for (uint32_t i = 0; i < 4000; i++) {
            change_any(model, &world, &rng);
            if (i % 200 == 0)
                ck_assert_model(model, &world);
        }
        ck_assert_model(model, &world);
        free(model);
        world_finish(&world);
    }
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_solid_bits_are_what_a_recount_gives)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct rng rng;
    struct model *model = model_make(&world, catalog);
    rng_init(&rng, 77);
    for (uint32_t round = 0; round < 10; round++) {
        for (uint32_t i = 0; i < 400; i++)
            change_any(model, &world, &rng);
        for (uint32_t i = 0; i < MODEL_CHUNKS * GRID_CHUNK_AREA; i++) {
            uint32_t chunk = i / GRID_CHUNK_AREA, index = i % GRID_CHUNK_AREA;
            struct cell_pos cell = grid_cell_at(model_chunks[chunk], index);
            ck_assert_int_eq(world_is_solid(&world, cell),
                             model_is_solid(model, &world, chunk, index));
        }
    }
    free(model);
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

/* Whoever undoes everything is back at the beginning. */
START_TEST(test_undoing_all_gives_hash_0)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    sample_world_make(&world, catalog);
    const struct chunk *chunk = world_add_chunk(&world, (struct chunk_pos){-2, 3});
    for (uint32_t is_kept = 2; is_kept-- > 0;) {
        for (uint32_t i = 0; i < GRID_CHUNK_AREA; i += 3) {
            struct cell_pos cell = grid_cell_at(chunk->pos, i);
            struct change entity = sample_entity_change(cell, i + 1, is_kept * SAMPLE_SIGN);
            struct change kept = sample_cell_change(&world, cell, is_kept != 0);
            world_apply(&world, &kept);
            world_apply(&world, &entity);
        }
    }
    ck_assert(hash_is_equal(world.hash, (struct hash128){0, 0}));
    ck_assert(hash_is_equal(chunk->hash, (struct hash128){0, 0}));
    ck_assert_uint_eq(chunk->entity_count, 0);
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_loading_moves_only_the_chunks_hash)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    sample_world_make(&world, catalog);
    struct chunk *chunk = world_add_chunk(&world, (struct chunk_pos){0, 0});
    struct change cell = sample_cell_change(&world, (struct cell_pos){5, 5}, true);
    struct change entity = sample_entity_change((struct cell_pos){5, 5}, 9, SAMPLE_BLOCK);
    world_load(&world, chunk, &cell);
    world_load(&world, chunk, &entity);
    ck_assert(hash_is_equal(world.hash, (struct hash128){0, 0}));
    ck_assert(hash_is_equal(chunk->hash, hash_add(change_hash(&cell), change_hash(&entity))));
    ck_assert_uint_eq(world_type_at(&world, (struct cell_pos){5, 5}), SAMPLE_BLOCK);
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_entities_of_one_cell)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct cell_pos cell = {-1, -1}, beside = {-2, -1};
    sample_world_make(&world, catalog);
    (void)world_add_chunk(&world, (struct chunk_pos){-1, -1});
    for (uint64_t id = 1; id <= 6; id++) {
        struct change change = sample_entity_change(id % 2 ? cell : beside, id, SAMPLE_SIGN);
        world_apply(&world, &change);
    }
    uint64_t expected[] = {1, 3, 5};
    uint32_t count = 0;
    const struct entity *entity = world_first_entity(&world, cell);
    for (; entity != NULL; entity = world_next_entity(&world, entity))
        ck_assert_uint_eq(entity->id.value, expected[count++]);
    ck_assert_uint_eq(count, 3);
    struct change gone = sample_entity_change(cell, 3, 0);
    world_apply(&world, &gone);
    entity = world_next_entity(&world, world_first_entity(&world, cell));
    ck_assert_uint_eq(entity->id.value, 5);
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_accounts_and_characters)
{
    static const uint8_t key[CRYPTO_PUBLIC_BYTES] = {1}, other_key[CRYPTO_PUBLIC_BYTES] = {2};
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct change account = {.kind = CHANGE_ACCOUNT}, character = {.kind = CHANGE_CHARACTER};
    sample_world_make(&world, catalog);
    account.account =
        (struct change_account){{4}, {(const uint8_t *)"ann", 3}, {key, sizeof key}, 0};
    character.character = (struct change_character){{8}, {4}, {-9, 9}, 2, 3};
    world_apply(&world, &account);
    ck_assert(hash_is_equal(world.hash, (struct hash128){0, 0}));
    world_apply(&world, &character);
    const struct character *found = world_find_character(&world, (struct character_id){8});
    ck_assert_str_eq(found->name, "ann");
    ck_assert_int_eq(found->pos.x, -9);
    ck_assert(hash_is_equal(world.hash, change_hash(&character)));
    account.account.name = (struct span){(const uint8_t *)"bo", 2};
    account.account.key.bytes = other_key;
    world_apply(&world, &account); /* the same key again: a new value, not a second account */
    ck_assert_uint_eq(world.character_pool.used, 1);
    ck_assert_str_eq(found->name, "bo");
    ck_assert_mem_eq(found->key, other_key, sizeof other_key);
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_actors_and_marks)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct change actor = {.kind = CHANGE_ACTOR}, mark = {.kind = CHANGE_CHUNK};
    sample_world_make(&world, catalog);
    const struct chunk *chunk = world_add_chunk(&world, (struct chunk_pos){1, 1});
    actor.actor = (struct change_actor){7, 1, {5}, {INT32_MIN, 3}, DIRECTION_SW};
    world_apply(&world, &actor);
    ck_assert(world.actors[7].is_present);
    ck_assert_int_eq(world.actors[7].pos.x, INT32_MIN);
    ck_assert_int_eq(world.actors[7].direction, DIRECTION_SW);
    actor.actor.is_present = 0;
    world_apply(&world, &actor);
    ck_assert(!world.actors[7].is_present);
    mark.chunk = (struct change_chunk){chunk->pos, 12, chunk->hash, 0};
    world_apply(&world, &mark);
    ck_assert_uint_eq(chunk->version, 12);
    ck_assert(hash_is_equal(world.hash, (struct hash128){0, 0}));
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

/* world_check for the chunks that the change touches, all of which must be there. */
static bool check(const struct world *world, const struct change *change, struct error *error)
{
    struct chunk_pos chunks[CHANGE_CHUNKS_MAX];
    bool is_of_chunk = change->kind > CHANGE_NONE && change->kind < CHANGE_KIND_COUNT &&
                       (change_schema(change->kind)->flags & CHANGE_IN_CHUNK) != 0;
    struct cell_area area;
    if (!is_of_chunk || !change_area(change, &area) ||
        !schema_check(change_schema(change->kind), change_record(change), NULL))
        return world_check(world, NULL, change, error);
    uint32_t count = change_chunks(change, chunks);
    bool is_fit = true;
    for (uint32_t i = 0; i < count && is_fit; i++)
        is_fit = world_check(world, world_find_chunk(world, chunks[i]), change, error);
    return is_fit;
}

static void ck_assert_refused(const struct world *world, const struct change *change,
                              const char *words)
{
    struct error error = {""};
    ck_assert(!check(world, change, &error));
    ck_assert_msg(strstr(error.text, words) != NULL, "\"%s\" not in \"%s\"", words, error.text);
}

START_TEST(test_check_refuses_what_is_malformed)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct cell_pos cell = {3, 3};
    sample_world_make(&world, catalog);
    (void)world_add_chunk(&world, (struct chunk_pos){0, 0});
    struct change change = {.kind = CHANGE_NONE};
    ck_assert_refused(&world, &change, "0 is no kind");
    change.kind = (enum change_kind)CHANGE_KIND_COUNT;
    ck_assert_refused(&world, &change, "no kind");
    change = sample_cell_change(&world, cell, true);
    change.cell.is_kept = 2;
    ck_assert_refused(&world, &change, "cell: is_kept is out of range");
    change = sample_entity_change((struct cell_pos){GRID_CELL_MAX + 1, 0}, 1, SAMPLE_SIGN);
    ck_assert_refused(&world, &change, "entity: cell is out of range");
    change = sample_entity_change(cell, 0, SAMPLE_SIGN);
    ck_assert_refused(&world, &change, "entity: id is out of range");
    change = sample_entity_change(cell, 1, CATALOG_TYPES_MAX);
    ck_assert_refused(&world, &change, "entity: type is out of range");
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_check_refuses_what_does_not_fit)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct cell_pos cell = {3, 3};
    sample_world_make(&world, catalog);
    const struct chunk *chunk = world_add_chunk(&world, (struct chunk_pos){0, 0});
    struct change change = sample_entity_change(cell, 1, 4);
    ck_assert_refused(&world, &change, "type 4 is not in the catalogue");
    change = sample_entity_change((struct cell_pos){-1, 0}, 1, SAMPLE_SIGN);
    ck_assert_refused(&world, &change, "(-1,0) is not in view");
    change = sample_entity_change(cell, 1, 0);
    ck_assert_refused(&world, &change, "not there is removed");
    change = sample_cell_change(&world, cell, true);
    change.cell.replaced++;
    ck_assert_refused(&world, &change, "another thing is generated there");
    change = sample_entity_change(cell, 1, SAMPLE_SIGN);
    ck_assert(check(&world, &change, NULL));
    world_apply(&world, &change);
    change.entity.cell.x++;
    ck_assert_refused(&world, &change, "an entity moves to cell (4,3)");
    change = (struct change){.kind = CHANGE_CHUNK};
    change.chunk = (struct change_chunk){chunk->pos, 1, {chunk->hash.low + 1, 0}, 0};
    ck_assert_refused(&world, &change, "(0,0) is not as its hash says");
    struct change structure = {.kind = CHANGE_STRUCTURE};
    structure.structure =
        (struct change_structure){{7}, {9, 9}, 1, SAMPLE_SHED, 3, 2, 3, 0, 0, {0}};
    ck_assert_refused(&world, &structure, "its measures are wrong");
    structure.structure.left = 1;
    structure.structure.is_there = 0;
    ck_assert_refused(&world, &structure, "structure that is not there is removed");
    structure.structure.is_there = 1;
    world_apply(&world, &structure);
    ck_assert(check(&world, &structure, NULL));
    structure.structure.cell.x++;
    ck_assert_refused(&world, &structure, "a structure moves");
    structure.structure.id.value = 8;
    ck_assert_refused(&world, &structure, "two structures in cell (9,9)");
    struct change pile = {.kind = CHANGE_PILE};
    pile.pile = (struct change_pile){{7}, cell, {.type = SAMPLE_SIGN, .quantity = 0}, 5};
    ck_assert_refused(&world, &pile, "there cannot be such a stack");
    pile.pile.stack = (struct stack){.type = 0};
    ck_assert_refused(&world, &pile, "a pile that is not there");
    change.chunk.chunk.x = 5;
    ck_assert_refused(&world, &change, "(5,0) is not as its hash says");
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_check_refuses_what_is_not_for_a_mirror)
{
    static const uint8_t bytes[CRYPTO_PUBLIC_BYTES];
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct change change = {.kind = CHANGE_SAID};
    sample_world_make(&world, catalog);
    change.said = (struct change_said){{bytes, 1}, {bytes, 1}};
    ck_assert_refused(&world, &change, "said is not for a mirror");
    change = (struct change){.kind = CHANGE_ACCOUNT};
    change.account = (struct change_account){{1}, {bytes, 1}, {bytes, sizeof bytes}, 0};
    ck_assert_refused(&world, &change, "account is not for a mirror");
    change = (struct change){.kind = CHANGE_CHARACTER};
    change.character = (struct change_character){{1}, {1}, {0, 0}, 0, 0};
    ck_assert_refused(&world, &change, "character is not for a mirror");
    change = (struct change){.kind = CHANGE_ACTOR};
    ck_assert_refused(&world, &change, "actor is not for a mirror");
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_check_refuses_more_than_there_is_room)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    sample_world_make(&world, catalog);
    for (int32_t x = 0; x < 2; x++)
        (void)world_add_chunk(&world, (struct chunk_pos){x, 0});
    for (uint32_t i = 0; i < 8192; i++) {
        struct chunk_pos chunk = {i >= WORLD_CHUNK_ENTITIES_MAX, 0};
        struct change change =
            sample_entity_change(grid_cell_at(chunk, i % GRID_CHUNK_AREA), i + 1, SAMPLE_SIGN);
        ck_assert(check(&world, &change, NULL));
        world_apply(&world, &change);
    }
    struct change change = sample_entity_change((struct cell_pos){0, 0}, 9000, SAMPLE_SIGN);
    ck_assert_refused(&world, &change, "more than 6144 things in a chunk");
    change.entity.cell.x = GRID_CHUNK_CELLS;
    ck_assert_refused(&world, &change, "no room for more than 8192");
    change = sample_entity_change((struct cell_pos){0, 0}, 1, SAMPLE_BLOCK); /* there already */
    ck_assert(check(&world, &change, NULL));
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

/* A received change: a random record, mostly bent to where it may fit. */
static struct change random_change(struct world *world, struct rng *rng, struct sample_spans *spans)
{
    struct change change = {.kind = (enum change_kind)rng_below(rng, CHANGE_KIND_COUNT + 1)};
    if (change.kind == CHANGE_NONE || change.kind >= CHANGE_KIND_COUNT)
        return change;
    sample_record(rng, change_schema(change.kind), change_record_of(&change), spans);
    struct cell_pos cell = {(int32_t)rng_below(rng, 8) - 3, (int32_t)rng_below(rng, 8) - 3};
    const struct chunk *chunk = world_find_chunk(world, grid_chunk_of(cell));
    if (change.kind == CHANGE_CELL && rng_below(rng, 8) > 0)
        change = sample_cell_change(world, cell, rng_below(rng, 2) > 0);
    if (change.kind == CHANGE_ENTITY && rng_below(rng, 8) > 0) {
        change.entity.id.value = 1 + rng_below(rng, 40);
        change.entity.cell = cell;
        change.entity.type = (uint32_t)rng_below(rng, 9);
    }
    if (change.kind == CHANGE_STRUCTURE && rng_below(rng, 8) > 0)
        change.structure = (struct change_structure){.id = {1 + rng_below(rng, 20)},
                                                     .cell = cell,
                                                     .is_there = (uint32_t)rng_below(rng, 2),
                                                     .type = SAMPLE_SHED,
                                                     .width = 2,
                                                     .height = 3};
    if (change.kind == CHANGE_PILE && rng_below(rng, 8) > 0) {
        change.pile = (struct change_pile){.id = {1 + rng_below(rng, 20)}, .cell = cell};
        if (rng_below(rng, 2) > 0)
            change.pile.stack = (struct stack){.type = SAMPLE_SIGN, .quantity = 3};
    }
    if (change.kind == CHANGE_CHUNK && chunk != NULL && rng_below(rng, 4) > 0)
        change.chunk = (struct change_chunk){chunk->pos, 5, chunk->hash, 0};
    return change;
}

START_TEST(test_what_is_checked_can_be_applied)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct rng rng;
    struct sample_spans spans;
    uint32_t applied = 0, refused = 0;
    rng_init(&rng, 99);
    sample_world_make(&world, catalog);
    (void)world_add_chunk(&world, (struct chunk_pos){0, 0});
    (void)world_add_chunk(&world, (struct chunk_pos){-1, 0});
    (void)world_add_chunk(&world, (struct chunk_pos){-1, -1});
    for (uint32_t i = 0; i < 100000; i++) {
        struct change change = random_change(&world, &rng, &spans);
        struct error error = {""};
        if (check(&world, &change, &error)) {
            world_apply(&world, &change);
            applied++;
        } else {
            ck_assert_uint_gt(strlen(error.text), 10);
            refused++;
        }
    }
    ck_assert_uint_gt(applied, 5000);
    ck_assert_uint_gt(refused, 10000);
    for (uint32_t i = 0; i < world.images.config_pool.capacity; i++) { /* they are in no chunk */
        struct change gone = {.kind = CHANGE_IMAGE_CONFIG};
        gone.image_config = world.images.configs[i].value;
        gone.image_config.size = 0;
        if (pool_is_used(&world.images.config_pool, i))
            world_apply(&world, &gone);
    }
    struct hash128 chunks = {0, 0};
    for (int32_t i = 0; i < 3; i++) {
        struct chunk_pos pos = {i == 0 ? 0 : -1, i == 2 ? -1 : 0};
        chunks = hash_add(chunks, world_find_chunk(&world, pos)->hash);
    }
    ck_assert(hash_is_equal(world.hash, chunks));
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

TESTING_MAIN("world_apply", test_hashes_are_sums_over_what_is_kept,
             test_solid_bits_are_what_a_recount_gives, test_undoing_all_gives_hash_0,
             test_loading_moves_only_the_chunks_hash, test_entities_of_one_cell,
             test_accounts_and_characters, test_actors_and_marks,
             test_check_refuses_what_is_malformed, test_check_refuses_what_does_not_fit,
             test_check_refuses_what_is_not_for_a_mirror,
             test_check_refuses_more_than_there_is_room, test_what_is_checked_can_be_applied)
