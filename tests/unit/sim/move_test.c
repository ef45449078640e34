#include "sim/move.h"

#include "testing.h"

#include "sim_sample.h"

static enum refusal move(struct sim_sample *sample, enum direction direction)
{
    struct intent intent = {.kind = INTENT_MOVE};
    intent.move.direction = direction;
    return sim_sample_decide(sample, 0, &intent);
}

START_TEST(test_a_step_is_movements_step)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    for (int direction = DIRECTION_NONE; direction <= DIRECTION_NW; direction++) {
        struct world_pos pos = sample.world.actors[0].pos;
        struct world_pos expected =
            movement_step(&sample.world, pos, (enum direction)direction, 160);
        ck_assert_int_eq(move(&sample, (enum direction)direction), REFUSAL_NONE);
        ck_assert_int_eq(sample.world.actors[0].pos.x, expected.x);
        ck_assert_int_eq(sample.world.actors[0].pos.y, expected.y);
        ck_assert_int_eq(sample.world.actors[0].direction, direction);
        ck_assert_uint_eq(sample.world.actors[0].character.value, 1);
        ck_assert(sample.world.actors[0].is_present);
    }
    ck_assert_uint_eq(sample.sim.log_count, 0); /* actors are published as a table */
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_a_blocked_step_is_not_refused)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_int_eq(move(&sample, DIRECTION_E), REFUSAL_NONE);
    ck_assert_int_eq(sample.world.actors[0].pos.x, GRID_CELL_UNITS - MOVEMENT_HALF_UNITS);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_moving_goes_on_while_nothing_can_be_saved)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sample.sim.is_read_only = sample.sim.is_store_behind = true;
    struct world_pos pos = sample.world.actors[0].pos;
    ck_assert_int_eq(move(&sample, DIRECTION_W), REFUSAL_NONE);
    ck_assert_int_eq(sample.world.actors[0].pos.x, pos.x - 160);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_moving_needs_no_room_in_the_log)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    while (sim_has_room(&sample.sim))
        ck_assert_int_eq(sim_sample_say(&sample, "full", 4), REFUSAL_NONE);
    struct world_pos pos = sample.world.actors[0].pos;
    ck_assert_int_eq(move(&sample, DIRECTION_W), REFUSAL_NONE);
    ck_assert_int_eq(sample.world.actors[0].pos.x, pos.x - 160);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("move", test_a_step_is_movements_step, test_a_blocked_step_is_not_refused,
             test_moving_goes_on_while_nothing_can_be_saved, test_moving_needs_no_room_in_the_log)
