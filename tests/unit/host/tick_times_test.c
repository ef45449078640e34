#include "host/tick_times.h"

#include "testing.h"

START_TEST(test_none)
{
    struct tick_times times = {.longest_us = 0};
    ck_assert_uint_eq(tick_times_percentile_us(&times, 50), 0);
    ck_assert_uint_eq(tick_times_percentile_us(&times, 100), 0);
}
END_TEST

/* Where a time is counted, and how far its bucket is from it. */
static void check_time(uint64_t us)
{
    struct tick_times times = {.longest_us = 0};
    uint32_t bucket = 0;
    tick_times_add(&times, us);
    while (tick_times_count(&times, bucket) == 0)
        bucket++;
    ck_assert_uint_ge(tick_times_bucket_us(bucket), us);
    ck_assert_uint_le(tick_times_bucket_us(bucket) - us, us / TICK_TIMES_STEPS);
    if (bucket > 0)
        ck_assert_uint_lt(tick_times_bucket_us(bucket - 1), us);
    ck_assert_uint_eq(tick_times_percentile_us(&times, 50), us);
}

START_TEST(test_every_time_is_near_its_bucket)
{
    for (uint64_t us = 0; us < 5000; us++)
        check_time(us);
    for (uint64_t us = 5000; us < 16000000; us += us / 7)
        check_time(us);
}
END_TEST

START_TEST(test_percentiles)
{
    struct tick_times times = {.longest_us = 0};
    for (uint32_t i = 0; i < 98; i++)
        tick_times_add(&times, 10);
    tick_times_add(&times, 100);
    tick_times_add(&times, 1000);
    ck_assert_uint_eq(tick_times_percentile_us(&times, 50), 10);
    ck_assert_uint_eq(tick_times_percentile_us(&times, 98), 10);
    ck_assert_uint_eq(tick_times_percentile_us(&times, 99), 103);
    ck_assert_uint_eq(tick_times_percentile_us(&times, 100), 1000);
}
END_TEST

START_TEST(test_longer_than_all_buckets)
{
    struct tick_times times = {.longest_us = 0};
    tick_times_add(&times, UINT64_MAX);
    ck_assert_uint_eq(tick_times_count(&times, TICK_TIMES_BUCKETS - 1), 1);
    ck_assert_uint_eq(tick_times_percentile_us(&times, 99), UINT64_MAX);
}
END_TEST

TESTING_MAIN("tick_times", test_none, test_every_time_is_near_its_bucket, test_percentiles,
             test_longer_than_all_buckets)
