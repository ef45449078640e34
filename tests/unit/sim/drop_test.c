#include "sim/drop.h"

#include "testing.h"

#include "sim_sample.h"

enum { LIES_S = 600 /* what content says when it says nothing */, HZ = 20 };

static enum refusal drop(struct sim_sample *sample, uint32_t slot, uint32_t quantity, int32_t x,
                         int32_t y)
{
    struct intent intent = {.kind = INTENT_DROP};
    intent.drop = (struct intent_drop){slot, quantity, {x, y}};
    return sim_sample_decide(sample, 0, &intent);
}

static void put(struct sim_sample *sample, uint32_t slot, struct stack stack)
{
    bag_put(&sample->sim, bag_owner(&sample->sim, 0), slot, &stack);
}

static const struct pile *first_pile(const struct sim_sample *sample, int32_t x, int32_t y)
{
    return world_first_pile(&sample->world, (struct cell_pos){x, y});
}

START_TEST(it_lies_with_all_that_is_known_of_it)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct stack stack = {.type = SAMPLE_BLOCK,
                          .quantity = 7,
                          .source = SAMPLE_TREE,
                          .source_cell = {-5, 5},
                          .tick = 1,
                          .time_s = 2,
                          .pos = {3, -4},
                          .level = 5};
    put(&sample, 2, stack);
    sim_sample_next_tick(&sample);
    ck_assert_int_eq(drop(&sample, 2, 3, -1, 0), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.log_count, 2);
    ck_assert_int_eq(sample.sim.log[0].kind, CHANGE_SLOT);
    ck_assert_int_eq(sample.sim.log[1].kind, CHANGE_PILE);
    const struct pile *pile = first_pile(&sample, -1, 0);
    ck_assert_uint_eq(pile->until, sample.sim.tick + LIES_S * HZ);
    stack.quantity = 3;
    ck_assert(schema_is_equal(&stack_schema, &pile->stack, &stack));
    stack.quantity = 4;
    ck_assert(schema_is_equal(&stack_schema, sim_sample_slot(&sample, 0, 2), &stack));
    ck_assert(!world_is_occupied(&sample.world, pile->cell));   /* it only lies there */
    ck_assert_int_eq(drop(&sample, 2, 0, -1, 0), REFUSAL_NONE); /* the rest */
    ck_assert(stack_is_empty(sim_sample_slot(&sample, 0, 2)));
    ck_assert_uint_eq(pile->stack.quantity, 7);
    ck_assert_uint_eq(sample.world.pile_pool.used, 1);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(a_pile_that_grows_begins_anew)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 99);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 10);
    ck_assert_int_eq(drop(&sample, 0, 98, 0, 1), REFUSAL_NONE);
    uint64_t first = first_pile(&sample, 0, 1)->until;
    sim_sample_pass(&sample, 10);
    ck_assert_int_eq(drop(&sample, 0, 1, 0, 1), REFUSAL_NONE);
    ck_assert_uint_eq(first_pile(&sample, 0, 1)->stack.quantity, 99);
    ck_assert_uint_eq(first_pile(&sample, 0, 1)->until, first + 10);
    /* it is full: the next is another one, and a third goes onto that */
    ck_assert_int_eq(drop(&sample, 1, 1, 0, 1), REFUSAL_NONE);
    ck_assert_int_eq(drop(&sample, 1, 2, 0, 1), REFUSAL_NONE);
    ck_assert_uint_eq(sample.world.pile_pool.used, 2);
    const struct pile *pile = world_next_pile(&sample.world, first_pile(&sample, 0, 1));
    ck_assert_uint_eq(pile->stack.quantity + first_pile(&sample, 0, 1)->stack.quantity, 102);
    ck_assert_ptr_null(world_next_pile(&sample.world, pile));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(what_does_not_go_together_lies_apart)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    put(&sample, 0, (struct stack){.type = SAMPLE_BLOCK, .quantity = 1});
    put(&sample, 1, (struct stack){.type = SAMPLE_BLOCK, .quantity = 1, .image = 8});
    put(&sample, 2, (struct stack){.type = SAMPLE_SIGN, .quantity = 1});
    for (uint32_t slot = 0; slot < 3; slot++)
        ck_assert_int_eq(drop(&sample, slot, 0, 1, 1), REFUSAL_NONE);
    ck_assert_uint_eq(sample.world.pile_pool.used, 3);
    put(&sample, 1, (struct stack){.type = SAMPLE_BLOCK, .quantity = 2, .image = 8});
    ck_assert_int_eq(drop(&sample, 1, 0, 1, 1), REFUSAL_NONE);
    ck_assert_uint_eq(sample.world.pile_pool.used, 3);
    ck_assert_int_eq(drop(&sample, 1, 0, 1, 1), REFUSAL_SLOT_EMPTY);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(refusals_by_name)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 9);
    sample.world.actors[0].pos = grid_cell_middle((struct cell_pos){0, 0});
    ck_assert_int_eq(drop(&sample, 10, 0, 0, 0), REFUSAL_SLOT_UNKNOWN);
    ck_assert_int_eq(drop(&sample, 9, 0, 0, 0), REFUSAL_SLOT_EMPTY);
    ck_assert_int_eq(drop(&sample, 0, 10, 0, 0), REFUSAL_NO_SUCH_ITEM);
    ck_assert_int_eq(drop(&sample, 0, 1, 5, 0), REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(drop(&sample, 0, 1, GRID_CELL_MIN - 1, 0), REFUSAL_OUT_OF_WORLD);
    ck_assert_int_eq(sim_sample_place(&sample, SAMPLE_BLOCK, 1, 0), REFUSAL_NONE);
    ck_assert_int_eq(drop(&sample, 0, 1, 1, 0), REFUSAL_CELL_OCCUPIED);
    ck_assert_int_eq(sim_sample_build(&sample, SAMPLE_SHED, 0, -2), REFUSAL_NONE);
    ck_assert_int_eq(drop(&sample, 0, 1, 0, -1), REFUSAL_CELL_OCCUPIED);
    ck_assert_int_eq(drop(&sample, 0, 1, 0, -2), REFUSAL_NONE); /* in its door */
    ck_assert_int_eq(drop(&sample, 0, 1, 0, 0), REFUSAL_NONE);  /* where one stands */
    world_remove_chunk(&sample.world, world_find_chunk(&sample.world, (struct chunk_pos){-1, 0}));
    ck_assert_int_eq(drop(&sample, 0, 1, -1, 0), REFUSAL_CHUNK_LOADING);
    sim_sample_finish(&sample);
}
END_TEST

/* As many piles as a chunk has at most; onto one of them there is still room. */
START_TEST(a_chunk_has_room_for_so_many)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sim_sample_stock(&sample, 0, SAMPLE_BLOCK, 9);
    struct change pile = {.kind = CHANGE_PILE};
    pile.pile = (struct change_pile){
        {1}, {0, 0}, {.type = SAMPLE_SIGN, .quantity = 1, .image = 1}, 1000000};
    for (uint32_t i = 0; i < WORLD_CHUNK_PILES_MAX; i++) {
        pile.pile.id.value = i + 1;
        pile.pile.cell = grid_cell_at((struct chunk_pos){0, 0}, i);
        world_apply(&sample.world, &pile);
    }
    ck_assert_int_eq(drop(&sample, 0, 1, 1, 1), REFUSAL_WORLD_FULL);
    ck_assert_int_eq(drop(&sample, 0, 1, -1, 1), REFUSAL_NONE);
    put(&sample, 5, (struct stack){.type = SAMPLE_SIGN, .quantity = 3, .image = 1});
    ck_assert_int_eq(drop(&sample, 5, 0, 1, 1), REFUSAL_NONE);
    pile.pile.cell = (struct cell_pos){-5, 5};
    for (uint32_t i = 0; sample.world.pile_pool.used < sample.world.pile_pool.capacity; i++) {
        pile.pile.id.value = 9000 + i;
        pile.pile.cell.y = 5 + (int32_t)(i % 32);
        pile.pile.cell.x = i < 900 ? -9 : 9 - 64;
        if (i >= 900)
            pile.pile.cell.y -= 64;
        world_apply(&sample.world, &pile);
    }
    ck_assert_int_eq(drop(&sample, 0, 1, 0, -1), REFUSAL_WORLD_FULL);
    ck_assert_int_eq(drop(&sample, 0, 1, -1, 1), REFUSAL_NONE); /* onto what lies there */
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("drop", it_lies_with_all_that_is_known_of_it, a_pile_that_grows_begins_anew,
             what_does_not_go_together_lies_apart, refusals_by_name, a_chunk_has_room_for_so_many)
