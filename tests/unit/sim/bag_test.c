#include "sim/bag.h"

#include "testing.h"

#include "sim_sample.h"

static const struct character *begin(struct sim_sample *sample)
{
    sim_sample_make(sample);
    sample->sim.rules.is_building_free = false;
    return bag_owner(&sample->sim, 0);
}

static struct stack some(uint32_t type, uint32_t quantity)
{
    return (struct stack){.type = type, .quantity = quantity};
}

START_TEST(things_fill_stacks_before_slots)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    struct stack blocks = some(SAMPLE_BLOCK, 60), signs = some(SAMPLE_SIGN, 1);
    bag_put(&sample.sim, owner, 3, &blocks);
    bag_put(&sample.sim, owner, 0, &signs);
    struct stack more = some(SAMPLE_BLOCK, 50);
    ck_assert(bag_has_room(&sample.sim, owner, &more));
    bag_add(&sample.sim, owner, &more);
    ck_assert_uint_eq(world_slot(&sample.world, owner, 3)->quantity, 99);
    ck_assert_uint_eq(world_slot(&sample.world, owner, 1)->quantity, 11);
    ck_assert_uint_eq(bag_count(&sample.sim, owner, SAMPLE_BLOCK), 110);
    ck_assert_uint_eq(bag_find(&sample.sim, owner, SAMPLE_BLOCK), 1);
    ck_assert_uint_eq(bag_find(&sample.sim, owner, SAMPLE_TREE), WORLD_SLOTS_MAX);
    bag_take(&sample.sim, owner, 1, 11);
    ck_assert(stack_is_empty(world_slot(&sample.world, owner, 1)));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(a_full_bag_is_full_to_the_last_thing)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    struct stack all = some(SAMPLE_BLOCK, 10 * 99), one = some(SAMPLE_BLOCK, 1);
    ck_assert(bag_has_room(&sample.sim, owner, &all));
    all.quantity++;
    ck_assert(!bag_has_room(&sample.sim, owner, &all));
    all.quantity -= 2;
    bag_add(&sample.sim, owner, &all);
    ck_assert(bag_has_room(&sample.sim, owner, &one));
    one.image = 7; /* goes with none of them */
    ck_assert(!bag_has_room(&sample.sim, owner, &one));
    one.quantity = 2;
    one.image = 0;
    ck_assert(!bag_has_room(&sample.sim, owner, &one));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(builders_need_no_bag)
{
    struct sim_sample sample;
    (void)begin(&sample);
    ck_assert(!bag_is_free(&sample.sim, 0));
    sample.world.characters[0].roles = ROLE_BUILDER;
    ck_assert(bag_is_free(&sample.sim, 0));
    sample.world.characters[0].roles = 0;
    sample.sim.rules.is_building_free = true;
    ck_assert(bag_is_free(&sample.sim, 0));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(placing_takes_and_removing_gives)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    struct stack blocks = {.type = SAMPLE_BLOCK, .quantity = 2, .image = 7};
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NO_SUCH_ITEM);
    bag_put(&sample.sim, owner, 4, &blocks);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    struct cell_pos cell = {1, 0};
    ck_assert_uint_eq(world_first_entity(&sample.world, cell)->image, 7);
    ck_assert_uint_eq(world_slot(&sample.world, owner, 4)->quantity, 1);
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 0), REFUSAL_NONE);
    ck_assert(!world_is_occupied(&sample.world, cell));
    ck_assert_uint_eq(world_slot(&sample.world, owner, 4)->quantity, 2);
    ck_assert_uint_eq(world_slot(&sample.world, owner, 4)->image, 7);

    struct intent intent = {.kind = INTENT_PLACE};
    intent.place = (struct intent_place){SAMPLE_BLOCK, {1, 0}, 4}; /* slot 3: empty */
    ck_assert_int_eq(sim_sample_decide(&sample, 0, &intent), REFUSAL_NO_SUCH_ITEM);
    intent.place.slot = 11; /* slot 10 of 0..9 */
    ck_assert_int_eq(sim_sample_decide(&sample, 0, &intent), REFUSAL_SLOT_UNKNOWN);
    intent.place.slot = 5;
    ck_assert_int_eq(sim_sample_decide(&sample, 0, &intent), REFUSAL_NONE);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(a_full_bag_takes_nothing_out_of_the_world)
{
    struct sim_sample sample;
    const struct character *owner = begin(&sample);
    struct stack sign = some(SAMPLE_SIGN, 1), full = some(SAMPLE_BLOCK, 99);
    bag_put(&sample.sim, owner, 0, &sign);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_SIGN, 1, 0), REFUSAL_NONE);
    for (uint32_t slot = 0; slot < sample.world.slots_max; slot++)
        bag_put(&sample.sim, owner, slot, &full);
    ck_assert_int_eq(sim_sample_remove(&sample, 1, 0), REFUSAL_BAG_FULL);
    ck_assert(world_is_occupied(&sample.world, (struct cell_pos){1, 0}));
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("bag", things_fill_stacks_before_slots, a_full_bag_is_full_to_the_last_thing,
             builders_need_no_bag, placing_takes_and_removing_gives,
             a_full_bag_takes_nothing_out_of_the_world)
