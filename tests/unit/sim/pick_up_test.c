#include "sim/pick_up.h"

#include "testing.h"

#include "sim_sample.h"

static enum refusal pick_up(struct sim_sample *sample, uint64_t pile, int32_t x, int32_t y)
{
    struct intent intent = {.kind = INTENT_PICK_UP};
    intent.pick_up = (struct intent_pick_up){{x, y}, pile};
    return sim_sample_decide(sample, 0, &intent);
}

static void lay(struct sim_sample *sample, uint64_t id, struct cell_pos cell, struct stack stack)
{
    struct change change = {.kind = CHANGE_PILE};
    change.pile = (struct change_pile){{id}, cell, stack, 100};
    world_apply(&sample->world, &change);
}

START_TEST(a_pile_comes_whole_with_what_is_known_of_it)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct stack stack = {.type = SAMPLE_BLOCK, .quantity = 7, .image = 4, .time_s = 9};
    struct hash128 before = sample.world.hash;
    lay(&sample, 77, (struct cell_pos){-1, -1}, stack);
    ck_assert_int_eq(pick_up(&sample, 0, -1, -1), REFUSAL_NONE);
    ck_assert(schema_is_equal(&stack_schema, sim_sample_slot(&sample, 0, 0), &stack));
    ck_assert_uint_eq(sample.sim.log_count, 2);
    ck_assert_int_eq(sample.sim.log[0].kind, CHANGE_PILE);
    ck_assert_uint_eq(sample.sim.log[0].pile.stack.type, 0);
    ck_assert_int_eq(sample.sim.log[1].kind, CHANGE_SLOT);
    ck_assert_uint_eq(sample.world.pile_pool.used, 0);
    ck_assert_int_eq(pick_up(&sample, 0, -1, -1), REFUSAL_NOTHING_LIES_THERE);
    bag_take(&sample.sim, bag_owner(&sample.sim, 0), 0, 7);
    ck_assert(hash_is_equal(sample.world.hash, before));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(the_oldest_first_or_the_one_that_is_named)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct cell_pos cell = {1, 0};
    for (uint64_t id = 5; id < 8; id++)
        lay(&sample, 12 - id, cell, (struct stack){.type = SAMPLE_SIGN, .quantity = (uint32_t)id});
    ck_assert_int_eq(pick_up(&sample, 8, 1, 0), REFUSAL_NOTHING_LIES_THERE);
    ck_assert_int_eq(pick_up(&sample, 6, 0, 0), REFUSAL_NOTHING_LIES_THERE); /* another cell */
    ck_assert_int_eq(pick_up(&sample, 6, 1, 0), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_SIGN), 6);
    ck_assert_int_eq(pick_up(&sample, 0, 1, 0), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_SIGN), 6 + 7); /* id 5 */
    ck_assert_uint_eq(world_first_pile(&sample.world, cell)->id.value, 7);
    sim_sample_finish(&sample);
}
END_TEST

/* At the tick of its end it is gone for those who ask, whatever goes first in a tick. */
START_TEST(what_is_due_is_gone)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    lay(&sample, 5, (struct cell_pos){0, 1}, (struct stack){.type = SAMPLE_SIGN, .quantity = 1});
    sim_begin(&sample.sim, 100, 6);
    ck_assert_int_eq(pick_up(&sample, 0, 0, 1), REFUSAL_NOTHING_LIES_THERE);
    ck_assert_int_eq(pick_up(&sample, 5, 0, 1), REFUSAL_NOTHING_LIES_THERE);
    sim_begin(&sample.sim, 99, 6);
    ck_assert_int_eq(pick_up(&sample, 0, 0, 1), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(all_or_nothing)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    lay(&sample, 5, (struct cell_pos){0, 1}, (struct stack){.type = SAMPLE_SIGN, .quantity = 20});
    sim_sample_stock(&sample, 0, SAMPLE_SIGN, 80);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 9 * 99);
    ck_assert_int_eq(pick_up(&sample, 0, 0, 1), REFUSAL_BAG_FULL);
    bag_take(&sample.sim, bag_owner(&sample.sim, 0), 0, 1);
    ck_assert_int_eq(pick_up(&sample, 0, 0, 1), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_SIGN), 99);
    sim_sample_finish(&sample);
}
END_TEST

/* A stack that would go one by one into more slots than an intent may change is refused. */
START_TEST(a_bag_with_a_little_room_everywhere)
{
    struct sim_sample sample;
    sim_sample_make_bags(&sample, sample_catalog_make(), WORLD_SLOTS_MAX);
    sim_finish(&sample.sim);
    sim_init(&sample.sim, &sample.world, 2048, 4096);
    sample.sim.rules.reach_px = 50;
    sim_begin(&sample.sim, 1, 5);
    for (uint32_t slot = 0; slot < WORLD_SLOTS_MAX; slot++)
        bag_put(&sample.sim, bag_owner(&sample.sim, 0), slot,
                &(struct stack){.type = SAMPLE_SIGN, .quantity = 98});
    lay(&sample, 5, (struct cell_pos){0, 1},
        (struct stack){.type = SAMPLE_SIGN, .quantity = BAG_SLOTS_MAX + 1});
    lay(&sample, 6, (struct cell_pos){0, 1},
        (struct stack){.type = SAMPLE_SIGN, .quantity = BAG_SLOTS_MAX});
    sim_sample_next_tick(&sample);
    ck_assert_int_eq(pick_up(&sample, 5, 0, 1), REFUSAL_BAG_FULL);
    ck_assert_int_eq(pick_up(&sample, 6, 0, 1), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.log_count, 1 + BAG_SLOTS_MAX);
    sim_sample_finish(&sample);
}
END_TEST

/* More than a bag can hold lies there, since content let more into a slot once. */
START_TEST(too_much_for_any_bag_comes_in_parts)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sample.catalog->entities[SAMPLE_SIGN].stack_max = 10;
    lay(&sample, 5, (struct cell_pos){0, 1},
        (struct stack){.type = SAMPLE_SIGN, .quantity = 130, .time_s = 9});
    ck_assert_int_eq(pick_up(&sample, 0, 0, 1), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_SIGN), 100);
    ck_assert_int_eq(pick_up(&sample, 0, 0, 1), REFUSAL_BAG_FULL);
    const struct pile *left = world_first_pile(&sample.world, (struct cell_pos){0, 1});
    ck_assert_uint_eq(left->stack.quantity, 30);
    ck_assert_uint_eq(left->stack.time_s, 9);
    for (uint32_t slot = 0; slot < 3; slot++)
        bag_take(&sample.sim, bag_owner(&sample.sim, 0), slot, 10);
    ck_assert_int_eq(pick_up(&sample, 0, 0, 1), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, 0, SAMPLE_SIGN), 100);
    ck_assert_uint_eq(sample.world.pile_pool.used, 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(out_of_reach_and_read_only)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    ck_assert_int_eq(pick_up(&sample, 0, 9, 0), REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(pick_up(&sample, 0, GRID_CELL_MAX + 1, 0), REFUSAL_OUT_OF_WORLD);
    sample.world.actors[0].pos = grid_cell_middle((struct cell_pos){63, 0});
    ck_assert_int_eq(pick_up(&sample, 0, 64, 0), REFUSAL_CHUNK_LOADING);
    sample.sim.is_store_behind = true;
    ck_assert_int_eq(pick_up(&sample, 0, 63, 0), REFUSAL_STORE_BEHIND);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("pick_up", a_pile_comes_whole_with_what_is_known_of_it,
             the_oldest_first_or_the_one_that_is_named, what_is_due_is_gone, all_or_nothing,
             a_bag_with_a_little_room_everywhere, too_much_for_any_bag_comes_in_parts,
             out_of_reach_and_read_only)
