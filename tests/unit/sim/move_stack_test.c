#include "sim/move_stack.h"

#include "testing.h"

#include "sim/bag.h"
#include "sim_sample.h"

static enum refusal move(struct sim_sample *sample, uint32_t from, uint32_t into, uint32_t quantity)
{
    struct intent intent = {.kind = INTENT_MOVE_STACK};
    intent.move_stack = (struct intent_move_stack){from, into, quantity, 0};
    return sim_sample_decide(sample, 0, &intent);
}

static enum refusal swap(struct sim_sample *sample, uint32_t from, uint32_t into)
{
    struct intent intent = {.kind = INTENT_MOVE_STACK};
    intent.move_stack = (struct intent_move_stack){from, into, 0, 1};
    return sim_sample_decide(sample, 0, &intent);
}

static void put(struct sim_sample *sample, uint32_t slot, uint32_t type, uint32_t quantity)
{
    struct stack stack = {.type = type, .quantity = quantity};
    bag_put(&sample->sim, bag_owner(&sample->sim, 0), slot, &stack);
}

static void expect(const struct sim_sample *sample, uint32_t slot, uint32_t type, uint32_t quantity)
{
    const struct stack *stack = world_slot(&sample->world, bag_owner(&sample->sim, 0), slot);
    ck_assert_uint_eq(stack->type, type);
    ck_assert_uint_eq(stack->quantity, quantity);
}

START_TEST(moved_split_and_merged)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    put(&sample, 0, SAMPLE_BLOCK, 10);
    ck_assert_int_eq(move(&sample, 0, 9, 0), REFUSAL_NONE);
    expect(&sample, 0, 0, 0);
    expect(&sample, 9, SAMPLE_BLOCK, 10);
    ck_assert_int_eq(move(&sample, 9, 1, 4), REFUSAL_NONE);
    expect(&sample, 9, SAMPLE_BLOCK, 6);
    expect(&sample, 1, SAMPLE_BLOCK, 4);
    put(&sample, 2, SAMPLE_BLOCK, 97);
    ck_assert_int_eq(move(&sample, 1, 2, 3), REFUSAL_DOES_NOT_FIT); /* all three, or none */
    ck_assert_int_eq(move(&sample, 1, 2, 0), REFUSAL_NONE);         /* as many as fit */
    expect(&sample, 1, SAMPLE_BLOCK, 2);
    expect(&sample, 2, SAMPLE_BLOCK, 99);
    ck_assert_int_eq(move(&sample, 1, 2, 0), REFUSAL_DOES_NOT_FIT);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(swapped)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    put(&sample, 0, SAMPLE_BLOCK, 10);
    put(&sample, 1, SAMPLE_SIGN, 3);
    ck_assert_int_eq(move(&sample, 0, 1, 0), REFUSAL_DOES_NOT_FIT);
    ck_assert_int_eq(swap(&sample, 0, 1), REFUSAL_NONE);
    expect(&sample, 0, SAMPLE_SIGN, 3);
    expect(&sample, 1, SAMPLE_BLOCK, 10);
    ck_assert_int_eq(swap(&sample, 0, 5), REFUSAL_NONE);
    expect(&sample, 0, 0, 0);
    expect(&sample, 5, SAMPLE_SIGN, 3);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(refused)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    put(&sample, 0, SAMPLE_BLOCK, 10);
    ck_assert_int_eq(move(&sample, 1, 0, 0), REFUSAL_SLOT_EMPTY);
    ck_assert_int_eq(swap(&sample, 1, 0), REFUSAL_SLOT_EMPTY);
    ck_assert_int_eq(move(&sample, 0, 10, 0), REFUSAL_SLOT_UNKNOWN);
    ck_assert_int_eq(move(&sample, 10, 0, 0), REFUSAL_SLOT_UNKNOWN);
    ck_assert_int_eq(move(&sample, 0, 1, 11), REFUSAL_NO_SUCH_ITEM);
    ck_assert_int_eq(move(&sample, 0, 0, 1), REFUSAL_DOES_NOT_FIT);
    ck_assert_int_eq(swap(&sample, 0, 0), REFUSAL_DOES_NOT_FIT);
    sample.sim.is_read_only = true;
    ck_assert_int_eq(move(&sample, 0, 1, 0), REFUSAL_WORLD_READ_ONLY);
    sim_sample_finish(&sample);
}
END_TEST

/* Whatever is moved where: nothing is made, nothing is lost, and no slot breaks a rule. */
START_TEST(any_sequence_conserves_things)
{
    struct sim_sample sample;
    struct rng rng;
    sim_sample_make(&sample);
    const struct character *owner = bag_owner(&sample.sim, 0);
    rng_init(&rng, 7);
    put(&sample, 0, SAMPLE_BLOCK, 99);
    put(&sample, 1, SAMPLE_BLOCK, 50);
    put(&sample, 2, SAMPLE_SIGN, 80);
    put(&sample, 3, SAMPLE_SIGN, 1);
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t from = (uint32_t)rng_below(&rng, 11), into = (uint32_t)rng_below(&rng, 11);
        sim_begin(&sample.sim, i + 2, i + 6);
        if (rng_below(&rng, 4) == 0)
            (void)swap(&sample, from, into);
        else
            (void)move(&sample, from, into, (uint32_t)rng_below(&rng, 20));
        ck_assert_uint_eq(bag_count(&sample.sim, owner, SAMPLE_BLOCK), 149);
        ck_assert_uint_eq(bag_count(&sample.sim, owner, SAMPLE_SIGN), 81);
        for (uint32_t slot = 0; slot < sample.world.slots_max; slot++)
            ck_assert(stack_check(world_slot(&sample.world, owner, slot), sample.catalog));
    }
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("move_stack", moved_split_and_merged, swapped, refused, any_sequence_conserves_things)
