#include "world/world.h"

#include <string.h>

#include "testing.h"

#include "sample.h"

START_TEST(test_chunks_come_and_go)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct rng rng;
    bool is_resident[25] = {false};
    uint32_t count = 0;
    rng_init(&rng, 3);
    sample_world_make(&world, catalog);
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t n = (uint32_t)rng_below(&rng, 25);
        struct chunk_pos pos = {(int32_t)(n % 5) - 2, (int32_t)(n / 5) - 2};
        struct chunk *chunk = world_find_chunk(&world, pos);
        ck_assert_int_eq(chunk != NULL, is_resident[n]);
        if (chunk != NULL) {
            world_remove_chunk(&world, chunk);
            is_resident[n] = false;
            count--;
            continue;
        }
        chunk = world_add_chunk(&world, pos);
        ck_assert_int_eq(chunk != NULL, count < 16);
        is_resident[n] = chunk != NULL;
        count += chunk != NULL;
        ck_assert_uint_eq(world.chunk_pool.used, count);
    }
    world_finish(&world);
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

static bool is_solid_as_generated(const struct world *world, const struct chunk *chunk, uint32_t i)
{
    const struct catalog *catalog = world->catalog;
    uint16_t type = catalog->natural_types[chunk->base.natural[i]];
    return catalog->terrains[chunk->base.terrain[i]].is_solid || catalog->entities[type].is_solid;
}

START_TEST(test_new_chunk_is_as_generated)
{
    static const struct chunk_pos places[] = {{0, 0}, {-1, 2}, {GRID_CHUNK_MIN, GRID_CHUNK_MAX}};
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    sample_world_make(&world, catalog);
    for (size_t n = 0; n < sizeof places / sizeof places[0]; n++) {
        const struct chunk *chunk = world_add_chunk(&world, places[n]);
        ck_assert_uint_eq(chunk->version, 0);
        ck_assert(hash_is_equal(chunk->hash, (struct hash128){0, 0}));
        for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++) {
            struct cell_pos cell = grid_cell_at(places[n], i);
            ck_assert_int_eq(world_is_solid(&world, cell), is_solid_as_generated(&world, chunk, i));
            ck_assert(!world_is_kept(&world, cell));
            ck_assert_ptr_null(world_first_entity(&world, cell));
            ck_assert_uint_eq(world_type_at(&world, cell), world_natural_type(&world, cell));
            ck_assert_int_eq(world_terrain(&world, cell), chunk->base.terrain[i]);
            ck_assert_int_eq(world_is_occupied(&world, cell), chunk->base.natural[i] != 0);
        }
    }
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_what_is_not_there_is_solid)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    sample_world_make(&world, catalog);
    ck_assert(world_is_solid(&world, (struct cell_pos){0, 0}));
    ck_assert(world_is_solid(&world, (struct cell_pos){GRID_CELL_MIN - 1, 0}));
    ck_assert(world_is_solid(&world, (struct cell_pos){0, GRID_CELL_MAX + 1}));
    ck_assert(world_is_solid(&world, (struct cell_pos){INT32_MAX, INT32_MIN}));
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_removed_chunk_gives_its_entities_back)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    sample_world_make(&world, catalog);
    for (uint32_t round = 0; round < 5; round++) {
        struct chunk *chunk = world_add_chunk(&world, (struct chunk_pos){-1, -1});
        for (uint32_t i = 0; i < 4000; i++) {
            struct change change =
                sample_entity_change(grid_cell_at(chunk->pos, i), i + 1, SAMPLE_SIGN);
            world_apply(&world, &change);
        }
        ck_assert_uint_eq(world.entity_pool.used, 4000);
        struct hash128 before = world.hash;
        world_remove_chunk(&world, chunk);
        ck_assert(hash_is_equal(world.hash, before));
        ck_assert_uint_eq(world.entity_pool.used, 0);
    }
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_world_can_be_full)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    sample_world_make(&world, catalog);
    const struct chunk *chunks[3];
    for (int32_t i = 0; i < 3; i++)
        chunks[i] = world_add_chunk(&world, (struct chunk_pos){i, 0});
    for (uint32_t i = 0; i < 8192; i++) {
        ck_assert(!world_is_full(&world));
        struct cell_pos cell = grid_cell_at(chunks[i / 3000]->pos, i % 3000);
        struct change change = sample_entity_change(cell, i + 1, SAMPLE_SIGN);
        world_apply(&world, &change);
    }
    ck_assert(world_is_full(&world));
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

static struct character *load_character(struct world *world, uint64_t id, const char *name)
{
    static const uint8_t key[CRYPTO_PUBLIC_BYTES] = {7};
    struct change account = {.kind = CHANGE_ACCOUNT}, character = {.kind = CHANGE_CHARACTER};
    account.account = (struct change_account){
        {id + 100}, {(const uint8_t *)name, (uint32_t)strlen(name)}, {key, sizeof key}, 0};
    character.character =
        (struct change_character){{id}, {id + 100}, {(int32_t)id, -5}, 3, UINT64_C(5)};
    return world_load_character(world, &account, &character);
}

START_TEST(test_characters_are_found_by_id_and_name)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    char name[] = "Player-with-a-long-name-"; /* as long as names can be */
    ck_assert_uint_eq(strlen(name), WORLD_NAME_BYTES);
    sample_world_make(&world, catalog);
    for (uint64_t id = 1; id <= 8; id++) {
        name[0] = 'P';
        name[WORLD_NAME_BYTES - 1] = (char)('a' + id);
        const struct character *loaded = load_character(&world, id * 1000, name);
        ck_assert_ptr_nonnull(loaded);
        ck_assert_str_eq(loaded->name, name);
        ck_assert_uint_eq(loaded->actor, WORLD_NONE);
        ck_assert_uint_eq(loaded->done, 5);
        name[0] = 'p';
        ck_assert_ptr_eq(world_find_name(&world, name), loaded);
    }
    ck_assert_ptr_null(load_character(&world, 9999, "one-too-many"));
    for (uint64_t id = 0; id <= 9000; id++) {
        const struct character *found = world_find_character(&world, (struct character_id){id});
        ck_assert_int_eq(found != NULL, id > 0 && id % 1000 == 0 && id <= 8000);
        ck_assert(found == NULL || found->id.value == id);
    }
    ck_assert_ptr_null(world_find_name(&world, "nobody"));
    ck_assert(hash_is_equal(world.hash, (struct hash128){0, 0}));
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_characters_come_and_go)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    struct rng rng;
    bool is_resident[12] = {false};
    uint32_t count = 0;
    rng_init(&rng, 5);
    sample_world_make(&world, catalog);
    for (uint32_t i = 0; i < 5000; i++) {
        uint64_t n = rng_below(&rng, 12);
        struct character *found = world_find_character(&world, (struct character_id){n + 1});
        ck_assert_int_eq(found != NULL, is_resident[n]);
        if (found != NULL)
            world_remove_character(&world, found);
        else if (count < 8)
            ck_assert_ptr_nonnull(load_character(&world, n + 1, "x"));
        else
            continue;
        is_resident[n] = !is_resident[n];
        count += is_resident[n] ? 1 : (uint32_t)-1;
    }
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_character_waits_for_its_id)
{
    struct catalog *catalog = sample_catalog_make();
    struct world world;
    sample_world_make(&world, catalog);
    struct character *waiting = load_character(&world, 0, "newcomer");
    ck_assert_ptr_null(world_find_character(&world, (struct character_id){0}));
    ck_assert_ptr_eq(world_find_name(&world, "NEWCOMER"), waiting);
    world_name_character(&world, waiting, (struct character_id){77});
    ck_assert_ptr_eq(world_find_character(&world, (struct character_id){77}), waiting);
    world_remove_character(&world, waiting);
    ck_assert_ptr_null(world_find_name(&world, "newcomer"));
    world_finish(&world);
    catalog_destroy(&catalog);
}
END_TEST

TESTING_MAIN("world", test_chunks_come_and_go, test_new_chunk_is_as_generated,
             test_what_is_not_there_is_solid, test_removed_chunk_gives_its_entities_back,
             test_world_can_be_full, test_characters_are_found_by_id_and_name,
             test_characters_come_and_go, test_character_waits_for_its_id)
