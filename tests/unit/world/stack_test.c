#include "world/stack.h"

#include "testing.h"

#include "sample.h"

static struct stack make(uint32_t type, uint32_t quantity, uint64_t tick)
{
    return (struct stack){.type = type, .quantity = quantity, .source = 1, .tick = tick};
}

START_TEST(what_can_be_a_stack)
{
    struct catalog *catalog = sample_catalog_make();
    struct stack stack = {.type = 0};
    ck_assert(stack_is_empty(&stack) && stack_check(&stack, catalog));
    stack.quantity = 1;
    ck_assert(!stack_check(&stack, catalog));
    stack = make(SAMPLE_BLOCK, 1, 5);
    ck_assert(!stack_is_empty(&stack) && stack_check(&stack, catalog));
    stack.quantity = 99;
    ck_assert(stack_check(&stack, catalog));
    stack.quantity = 100; /* more than it stacks now */
    ck_assert(stack_check(&stack, catalog));
    stack.quantity = CATALOG_STACK_MAX + 1;
    ck_assert(!stack_check(&stack, catalog));
    stack.quantity = 0;
    ck_assert(!stack_check(&stack, catalog));
    stack = make(4, 1, 5); /* no type */
    ck_assert(!stack_check(&stack, catalog));
    stack = make(SAMPLE_BLOCK, 1, 5);
    stack.wear = 1; /* what does not wear any more */
    ck_assert(stack_check(&stack, catalog));
    stack.wear = CATALOG_DURABILITY_MAX + 1;
    ck_assert(!stack_check(&stack, catalog));
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(what_goes_together)
{
    struct catalog *catalog = sample_catalog_make();
    struct stack nothing = {.type = 0}, blocks = make(SAMPLE_BLOCK, 60, 5), other = blocks;
    ck_assert_uint_eq(stack_room(&nothing, &blocks, catalog), 60);
    ck_assert_uint_eq(stack_room(&blocks, &nothing, catalog), 0);
    ck_assert_uint_eq(stack_room(&blocks, &other, catalog), 39);
    other.tick = 9; /* another provenance mixes */
    ck_assert_uint_eq(stack_room(&blocks, &other, catalog), 39);
    catalog->entities[SAMPLE_BLOCK].is_mixing = false;
    ck_assert_uint_eq(stack_room(&blocks, &other, catalog), 0);
    other = blocks;
    other.quantity = 2;
    ck_assert_uint_eq(stack_room(&blocks, &other, catalog), 2);
    other.image = 7;
    ck_assert_uint_eq(stack_room(&blocks, &other, catalog), 0);
    other = make(SAMPLE_SIGN, 1, 5);
    ck_assert_uint_eq(stack_room(&blocks, &other, catalog), 0);
    struct stack many = make(SAMPLE_BLOCK, 500, 5); /* as the console gives them */
    ck_assert_uint_eq(stack_room(&nothing, &many, catalog), 99);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(moving_loses_and_makes_nothing)
{
    struct stack into = {.type = 0}, from = make(SAMPLE_BLOCK, 10, 5);
    stack_move(&into, &from, 4);
    ck_assert_uint_eq(into.quantity, 4);
    ck_assert_uint_eq(from.quantity, 6);
    ck_assert_uint_eq(into.tick, 5);
    from.tick = 8; /* newer: its provenance stays */
    stack_move(&into, &from, 1);
    ck_assert_uint_eq(into.tick, 8);
    ck_assert_uint_eq(into.quantity, 5);
    from.tick = 2; /* older: it does not */
    stack_move(&into, &from, 5);
    ck_assert_uint_eq(into.tick, 8);
    ck_assert_uint_eq(into.quantity, 10);
    static const struct stack nothing = {.type = 0};
    ck_assert(schema_is_equal(&stack_schema, &from, &nothing));
}
END_TEST

TESTING_MAIN("stack", what_can_be_a_stack, what_goes_together, moving_loses_and_makes_nothing)
