#include "sim/place.h"

#include "testing.h"

#include "sim_sample.h"

START_TEST(test_place_on_fresh_ground)
{
    struct sim_sample sample;
    struct cell_pos cell = {-1, 1};
    sim_sample_make(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, cell.x, cell.y), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.log_count, 2);
    ck_assert_int_eq(sample.sim.log[0].kind, CHANGE_CELL);
    ck_assert_uint_eq(sample.sim.log[0].cell.replaced, 0);
    ck_assert_uint_eq(sample.sim.log[0].cell.is_kept, 1);
    const struct change_entity *placed = &sample.sim.log[1].entity;
    ck_assert_int_eq(sample.sim.log[1].kind, CHANGE_ENTITY);
    ck_assert_uint_eq(placed->type, SAMPLE_BLOCK);
    ck_assert_uint_eq(placed->id.value, UINT64_C(3) << 56 | UINT64_C(5) << 20);
    ck_assert_uint_eq(placed->placer.value, 1);
    ck_assert_uint_eq(world_type_at(&sample.world, cell), SAMPLE_BLOCK);
    ck_assert(world_is_solid(&sample.world, cell));
    struct hash128 sum = hash_add(change_hash(&sample.sim.log[0]), change_hash(&sample.sim.log[1]));
    ck_assert(hash_is_equal(sample.world.hash, sum));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_place_again_on_kept_ground)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 0), REFUSAL_NONE);
    uint32_t before = sample.sim.log_count;
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_GRASS, 1, 0), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.log_count, before + 1); /* the cell is kept already */
    ck_assert_int_eq(sample.sim.log[before].kind, CHANGE_ENTITY);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_place_where_something_natural_was)
{
    struct sim_sample sample;
    struct cell_pos cell = {0, 1};
    sim_sample_make(&sample);
    sim_sample_lay(&sample, cell, TERRAIN_FOREST, NATURAL_TREE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 0, 1), REFUSAL_CELL_OCCUPIED);
    ck_assert_int_eq(sim_sample_remove(&sample, 0, 1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 0, 1), REFUSAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 0, 1), REFUSAL_CELL_OCCUPIED);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_refusals_by_name)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sim_sample_lay(&sample, (struct cell_pos){1, 1}, TERRAIN_WATER, NATURAL_NONE);
    ck_assert_int_eq(sim_sample_place(&sample, 4, 1, 0), REFUSAL_UNKNOWN_TYPE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_ALTAR, 1, 0), REFUSAL_NOT_PLACEABLE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 3, 0), REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 1), REFUSAL_NOT_BUILDABLE);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 0, 0), REFUSAL_ACTOR_IN_THE_WAY);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 0, 0), REFUSAL_NONE);
    sample.world.actors[0].pos = grid_cell_middle((struct cell_pos){GRID_CHUNK_CELLS - 1, 0});
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, GRID_CHUNK_CELLS, 0),
                     REFUSAL_CHUNK_LOADING);
    sample.world.actors[0].pos = (struct world_pos){INT32_MAX, 0};
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, GRID_CELL_MAX + 1, 0),
                     REFUSAL_OUT_OF_WORLD);
    sim_sample_finish(&sample);
}
END_TEST

/* Whoever touches the cell is in the way, if only by a unit, and only while present. */
START_TEST(test_other_actors_are_in_the_way)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct world_pos pos = grid_cell_middle((struct cell_pos){2, 0});
    pos.x = 2 * GRID_CELL_UNITS + MOVEMENT_HALF_UNITS - 1;
    sample_actor_add(&sample.world, 3, pos);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_ACTOR_IN_THE_WAY);
    sample.world.actors[3].pos.x++;
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    sample.world.actors[3].is_present = false;
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 2, 0), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

static void fill(struct sim_sample *sample, int32_t chunk_x, uint32_t count)
{
    static const uint64_t first_id = 1000;
    for (uint32_t i = 0; i < count; i++) {
        struct cell_pos cell =
            grid_cell_at((struct chunk_pos){chunk_x, -1}, i % (GRID_CHUNK_AREA - 64));
        struct change change =
            sample_entity_change(cell, first_id + (uint64_t)(chunk_x + 9) * 9000 + i, SAMPLE_SIGN);
        world_apply(&sample->world, &change);
    }
}

START_TEST(test_full_chunk_and_full_world)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    fill(&sample, 0, WORLD_CHUNK_ENTITIES_MAX);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 0, -1), REFUSAL_WORLD_FULL);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 0, 1), REFUSAL_NONE);
    fill(&sample, -1, 8192 - WORLD_CHUNK_ENTITIES_MAX - 1);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 1), REFUSAL_WORLD_FULL);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("place", test_place_on_fresh_ground, test_place_again_on_kept_ground,
             test_place_where_something_natural_was, test_refusals_by_name,
             test_other_actors_are_in_the_way, test_full_chunk_and_full_world)
