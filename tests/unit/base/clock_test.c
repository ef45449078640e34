#include "base/clock.h"

#include <string.h>

#include "testing.h"

static void expect_format(int64_t wall_us, const char *expected)
{
    char text[28];
    memset(text, 'x', sizeof text);
    clock_format(wall_us, text);
    ck_assert_str_eq(text, expected);
}

START_TEST(test_format)
{
    expect_format(0, "1970-01-01T00:00:00.000000Z");
    expect_format(INT64_C(1795420800123456), "2026-11-23T08:00:00.123456Z");
    expect_format(INT64_C(951782400000001), "2000-02-29T00:00:00.000001Z");
    expect_format(-1, "1969-12-31T23:59:59.999999Z");
    expect_format(-1000000, "1969-12-31T23:59:59.000000Z");
}
END_TEST

START_TEST(test_format_shows_the_nearest_of_four_digit_years)
{
    expect_format(INT64_MAX, "9999-12-31T23:59:59.999999Z");
    expect_format(INT64_MIN, "0000-01-01T00:00:00.000000Z");
    expect_format(INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z");
}
END_TEST

START_TEST(test_now)
{
    struct moment before = clock_now();
    for (int i = 0; i < 1000; i++) {
        struct moment now = clock_now();
        ck_assert_uint_ge(now.mono_us, before.mono_us);
        before = now;
    }
    ck_assert_int_gt(before.wall_us, INT64_C(1700000000000000)); /* microseconds, after 2023 */
}
END_TEST

START_TEST(test_sleep_never_ends_early)
{
    uint64_t until = clock_now().mono_us + 20000;
    clock_sleep_until(until);
    ck_assert_uint_ge(clock_now().mono_us, until);
    clock_sleep_until(until);
    clock_sleep_until(0);
    ck_assert_uint_lt(clock_now().mono_us, until + 10000000);
}
END_TEST

TESTING_MAIN("clock", test_format, test_format_shows_the_nearest_of_four_digit_years, test_now,
             test_sleep_never_ends_early)
