#include "sim/remove.h"

#include "testing.h"

#include "sim_sample.h"

START_TEST(test_remove_what_grew)
{
    struct sim_sample sample;
    struct cell_pos cell = {-1, -1};
    sim_sample_make(&sample);
    sim_sample_lay(&sample, cell, TERRAIN_FOREST, NATURAL_TREE);
    ck_assert_int_eq(sim_sample_remove(&sample, -1, -1), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.log_count, 1);
    ck_assert_int_eq(sample.sim.log[0].kind, CHANGE_CELL);
    ck_assert_uint_eq(sample.sim.log[0].cell.replaced, SAMPLE_TREE);
    ck_assert(!world_is_occupied(&sample.world, cell));
    ck_assert(!world_is_solid(&sample.world, cell));
    ck_assert_int_eq(sim_sample_remove(&sample, -1, -1), REFUSAL_CELL_EMPTY);
    sim_sample_finish(&sample);
}
END_TEST

/* The newest goes first, whatever the order in memory; what grew there stays gone. */
START_TEST(test_remove_the_newest_first)
{
    struct sim_sample sample;
    struct cell_pos cell = {1, 1};
    sim_sample_make(&sample);
    static const uint64_t ids[] = {30, 50, 40};
    struct change kept = sample_cell_change(&sample.world, cell, true);
    world_apply(&sample.world, &kept);
    for (uint32_t i = 0; i < 3; i++) {
        struct change change = sample_entity_change(cell, ids[i], SAMPLE_SIGN);
        world_apply(&sample.world, &change);
    }
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_int_eq(sim_sample_remove(&sample, 1, 1), REFUSAL_NONE);
        ck_assert_int_eq(sample.sim.log[i].kind, CHANGE_ENTITY);
        ck_assert_uint_eq(sample.sim.log[i].entity.id.value, 50 - 10 * i);
        ck_assert_uint_eq(sample.sim.log[i].entity.type, 0);
    }
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 1), REFUSAL_CELL_EMPTY);
    ck_assert(hash_is_equal(sample.world.hash, change_hash(&kept)));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_refusals_by_name)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct change altar = sample_entity_change((struct cell_pos){0, 1}, 7, SAMPLE_ALTAR);
    world_apply(&sample.world, &altar);
    ck_assert_int_eq(sim_sample_remove(&sample, 0, 1), REFUSAL_NOT_REMOVABLE);
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 0), REFUSAL_CELL_EMPTY);
    ck_assert_int_eq(sim_sample_remove(&sample, -3, 0), REFUSAL_OUT_OF_REACH);
    sample.world.actors[0].pos = grid_cell_middle((struct cell_pos){0, -GRID_CHUNK_CELLS});
    ck_assert_int_eq(sim_sample_remove(&sample, 0, -GRID_CHUNK_CELLS - 1), REFUSAL_CHUNK_LOADING);
    ck_assert_int_eq(sim_sample_remove(&sample, INT32_MAX, 0), REFUSAL_OUT_OF_WORLD);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("remove", test_remove_what_grew, test_remove_the_newest_first, test_refusals_by_name)
