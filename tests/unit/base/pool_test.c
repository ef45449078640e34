#include "base/pool.h"

#include "testing.h"
#include "unit/base/aborts.h"

#include "base/memory.h"
#include "base/rng.h"

START_TEST(test_lowest_first_then_last_freed_first)
{
    struct pool pool;
    pool_init(&pool, "test", 4);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(pool_add(&pool), i);
    ck_assert_uint_eq(pool_add(&pool), POOL_NONE);
    ck_assert_uint_eq(pool.used, 4);
    pool_remove(&pool, 1);
    pool_remove(&pool, 3);
    pool_remove(&pool, 0);
    ck_assert_uint_eq(pool_add(&pool), 0);
    ck_assert_uint_eq(pool_add(&pool), 3);
    ck_assert_uint_eq(pool_add(&pool), 1);
    ck_assert_uint_eq(pool_add(&pool), POOL_NONE);
    pool_finish(&pool);
    pool_finish(&pool);
    ck_assert_uint_eq(memory_reserved_bytes(), 0);
}
END_TEST

START_TEST(test_handles_notice_that_their_thing_is_gone)
{
    struct pool pool;
    pool_init(&pool, "test", 2);
    ck_assert(!pool_is_valid(&pool, (struct pool_handle){0}));
    struct pool_handle old = pool_handle(&pool, pool_add(&pool));
    ck_assert_uint_eq(old.generation % 2, 1);
    ck_assert(pool_is_valid(&pool, old));
    ck_assert(!pool_is_valid(&pool, (struct pool_handle){0}));
    pool_remove(&pool, old.index);
    ck_assert(!pool_is_valid(&pool, old));
    struct pool_handle young = pool_handle(&pool, pool_add(&pool));
    ck_assert_uint_eq(young.index, old.index);
    ck_assert(!pool_is_valid(&pool, old));
    ck_assert(pool_is_valid(&pool, young));
    ck_assert(!pool_is_valid(&pool, (struct pool_handle){2, 1}));
    ck_assert(!pool_is_valid(&pool, (struct pool_handle){POOL_NONE, 1}));
    /* the even generation of a free slot is no thing's */
    ck_assert(!pool_is_valid(&pool, (struct pool_handle){1, pool.generations[1]}));
    pool_finish(&pool);
}
END_TEST

START_TEST(test_is_used)
{
    struct pool pool;
    pool_init(&pool, "test", 2);
    ck_assert(!pool_is_used(&pool, 0));
    ck_assert(pool_add(&pool) == 0);
    ck_assert(pool_is_used(&pool, 0));
    ck_assert(!pool_is_used(&pool, 1));
    ck_assert(!pool_is_used(&pool, 2));
    ck_assert(!pool_is_used(&pool, POOL_NONE));
    pool_finish(&pool);
}
END_TEST

START_TEST(test_misuse_fails_the_contract)
{
    struct pool pool;
    pool_init(&pool, "test", 2);
    ck_assert_aborts(pool_remove(&pool, 0));
    ck_assert_aborts(pool_handle(&pool, 0));
    ck_assert_aborts(pool_handle(&pool, 2));
    ck_assert_uint_eq(pool_add(&pool), 0);
    pool_remove(&pool, 0);
    ck_assert_aborts(pool_remove(&pool, 0));
    pool_finish(&pool);
}
END_TEST

START_TEST(test_a_generation_wraps)
{
    struct pool pool;
    pool_init(&pool, "test", 1);
    pool.generations[0] = UINT32_MAX - 1;
    struct pool_handle last = pool_handle(&pool, pool_add(&pool));
    ck_assert_uint_eq(last.generation, UINT32_MAX);
    pool_remove(&pool, 0);
    ck_assert(!pool_is_used(&pool, 0));
    ck_assert_uint_eq(pool_add(&pool), 0);
    ck_assert(pool_is_used(&pool, 0));
    ck_assert(!pool_is_valid(&pool, last));
    pool_finish(&pool);
}
END_TEST

enum { CAPACITY = 37, STEPS = 20000 };

/* Against a plain model: each slot's handle while in use, and one handle of the past. */
START_TEST(test_random_use_agrees_with_a_model)
{
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct pool pool;
        pool_init(&pool, "test", CAPACITY);
        struct pool_handle now[CAPACITY] = {{0}};
        struct pool_handle past[CAPACITY] = {{0}};
        bool is_used[CAPACITY] = {false};
        uint32_t used = 0;
        struct rng rng;
        rng_init(&rng, seed);
        for (int step = 0; step < STEPS; step++) {
            uint32_t at = (uint32_t)rng_below(&rng, CAPACITY);
            ck_assert_int_eq(pool_is_used(&pool, at), is_used[at]);
            ck_assert_int_eq(pool_is_valid(&pool, now[at]), is_used[at]);
            ck_assert(!pool_is_valid(&pool, past[at]));
            ck_assert_uint_eq(pool.used, used);
            if (is_used[at] && rng_chance(&rng, 700000)) {
                pool_remove(&pool, at);
                is_used[at] = false;
                past[at] = now[at];
                used--;
                continue;
            }
            uint32_t added = pool_add(&pool);
            ck_assert_int_eq(added == POOL_NONE, used == CAPACITY);
            if (added == POOL_NONE)
                continue;
            ck_assert(added < CAPACITY && !is_used[added]);
            is_used[added] = true;
            now[added] = pool_handle(&pool, added);
            used++;
        }
        pool_finish(&pool);
    }
}
END_TEST

TESTING_MAIN("pool", test_lowest_first_then_last_freed_first,
             test_handles_notice_that_their_thing_is_gone, test_is_used,
             test_misuse_fails_the_contract, test_a_generation_wraps,
             test_random_use_agrees_with_a_model)
