#include "store/batch_pace.h"

#include "testing.h"

enum { ROWS_MAX = 16384, GOAL_US = 200000 };

/* Batches one after the other, each as large as it may be, at a rate; how long the last one took.
 */
static uint64_t run(struct batch_pace *pace, uint64_t rows_s, int count)
{
    struct moment now = {.mono_us = 1};
    uint64_t took_us = 0;
    for (int i = 0; i < count; i++) {
        batch_pace_look(pace, now);
        batch_pace_note(pace, now, pace->rows);
        took_us = pace->rows * (uint64_t)1000000 / rows_s;
        now.mono_us += took_us;
    }
    batch_pace_look(pace, now);
    return took_us;
}

START_TEST(a_slow_database_gets_small_batches)
{
    struct batch_pace pace;
    batch_pace_init(&pace, ROWS_MAX, GOAL_US);
    ck_assert_uint_eq(pace.rows, ROWS_MAX);
    ck_assert_uint_le(run(&pace, 20000, 12), GOAL_US * 21 / 20);
    ck_assert_uint_ge(run(&pace, 20000, 1), GOAL_US * 19 / 20);
    ck_assert_uint_eq(pace.rows / 100, 40);
}
END_TEST

START_TEST(a_quick_one_gets_large_ones_again)
{
    struct batch_pace pace;
    batch_pace_init(&pace, ROWS_MAX, GOAL_US);
    (void)run(&pace, 10000, 12);
    ck_assert_uint_lt(pace.rows, 2100);
    (void)run(&pace, 1000000, 12);
    ck_assert_uint_eq(pace.rows, ROWS_MAX);
}
END_TEST

START_TEST(it_stays_within_its_limits)
{
    struct batch_pace pace;
    batch_pace_init(&pace, ROWS_MAX, GOAL_US);
    (void)run(&pace, 10, 20);
    ck_assert_uint_eq(pace.rows, BATCH_PACE_ROWS_MIN);
    batch_pace_init(&pace, 16, GOAL_US);
    (void)run(&pace, 10, 20);
    ck_assert_uint_eq(pace.rows, 16);
    batch_pace_init(&pace, ROWS_MAX, 0);
    (void)run(&pace, 10, 20);
    ck_assert_uint_eq(pace.rows, ROWS_MAX);
}
END_TEST

/* A few rows take as long as a commit takes: that is no reason for small batches, a long wait is.
 */
START_TEST(small_batches_say_little)
{
    struct batch_pace pace;
    struct moment now = {.mono_us = 1};
    batch_pace_init(&pace, ROWS_MAX, GOAL_US);
    batch_pace_note(&pace, now, 3);
    now.mono_us += 5000;
    batch_pace_look(&pace, now);
    ck_assert_uint_eq(pace.rows, ROWS_MAX);
    batch_pace_look(&pace, now);
    ck_assert_uint_eq(pace.rows, ROWS_MAX);
    batch_pace_note(&pace, now, 2000);
    now.mono_us += 4 * GOAL_US;
    batch_pace_look(&pace, now);
    ck_assert_uint_eq(pace.rows, (ROWS_MAX + 500) / 2);
}
END_TEST

TESTING_MAIN("batch_pace", a_slow_database_gets_small_batches, a_quick_one_gets_large_ones_again,
             it_stays_within_its_limits, small_batches_say_little)
