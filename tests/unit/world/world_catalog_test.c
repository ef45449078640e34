#include "world/world_catalog.h"

#include "testing.h"

#include "sample.h"

/* Things in the chunks (0,0) and (1,0), whatever is generated there. */
static void build_in(struct world *world)
{
    struct rng rng;
    struct change change = {.kind = CHANGE_CELL};
    rng_init(&rng, 9);
    ck_assert_ptr_nonnull(world_add_chunk(world, (struct chunk_pos){0, 0}));
    ck_assert_ptr_nonnull(world_add_chunk(world, (struct chunk_pos){1, 0}));
    for (uint32_t i = 0; i < 500; i++) {
        static const uint16_t types[] = {SAMPLE_TREE, SAMPLE_GRASS, SAMPLE_BLOCK, SAMPLE_SIGN};
        struct cell_pos cell = {(int32_t)rng_below(&rng, 128), (int32_t)rng_below(&rng, 64)};
        change = (struct change){.kind = CHANGE_CELL};
        change.cell = (struct change_cell){cell, 1, world_natural_type(world, cell)};
        if (!world_is_kept(world, cell))
            world_apply(world, &change);
        change = (struct change){.kind = CHANGE_ENTITY};
        change.entity =
            (struct change_entity){.id = {i + 1}, .cell = cell, .type = types[rng_below(&rng, 4)]};
        world_apply(world, &change);
    }
    for (uint32_t i = 0; i < 12; i++) { /* the last ones lie over the chunks' border */
        change = (struct change){.kind = CHANGE_STRUCTURE};
        change.structure = (struct change_structure){.id = {1000 + i},
                                                     .cell = {(int32_t)i * 5 + 9, 20},
                                                     .is_there = 1,
                                                     .type = SAMPLE_SHED,
                                                     .width = 3,
                                                     .height = 2,
                                                     .left = 1};
        world_apply(world, &change);
    }
}

static void expect_same_solids(const struct world *a, const struct world *b)
{
    for (int32_t x = 0; x < 2; x++) {
        const struct chunk *left = world_find_chunk(a, (struct chunk_pos){x, 0});
        const struct chunk *right = world_find_chunk(b, (struct chunk_pos){x, 0});
        ck_assert_mem_eq(left->solid, right->solid, sizeof left->solid);
        ck_assert(hash_is_equal(left->hash, right->hash));
    }
    ck_assert(hash_is_equal(a->hash, b->hash));
}

/* A world that goes by another catalogue is as one that always did. */
START_TEST(test_another_catalogue_lays_solids_anew)
{
    for (uint32_t i = 0; i < 6; i++) {
        struct catalog *catalog = sample_catalog_make(), *other = sample_catalog_make();
        struct footprint_def *shed = &other->entities[SAMPLE_SHED].footprint;
        struct world world, always;
        other->terrains[TERRAIN_GRASSLAND].is_solid = i == 0;
        other->entities[SAMPLE_TREE].is_solid = i != 1; /* generated, and placed */
        other->entities[SAMPLE_SIGN].is_solid = i == 2;
        shed->solid = i == 3 ? 1 : shed->solid;
        shed->width = i == 4 ? 4 : shed->width; /* then all of the old ones is solid */
        sample_world_make(&world, catalog);
        sample_world_make(&always, other);
        build_in(&world);
        build_in(&always);
        world_set_catalog(&world, other);
        ck_assert_ptr_eq(world.catalog, other);
        expect_same_solids(&world, &always);
        world_set_catalog(&world, catalog);
        world_set_catalog(&always, catalog);
        expect_same_solids(&world, &always);
        world_finish(&world);
        world_finish(&always);
        catalog_destroy(&catalog);
        catalog_destroy(&other);
    }
}
END_TEST

TESTING_MAIN("world_catalog", test_another_catalogue_lays_solids_anew)
