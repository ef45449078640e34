#include "link/limit.h"

#include "testing.h"

static const struct limit_rate rate = {.count = 10, .period_ms = 1000, .burst = 20};

START_TEST(a_zeroed_bucket_holds_its_burst)
{
    struct limit_bucket bucket = {0};
    for (int i = 0; i < 20; i++)
        ck_assert(limit_take(&bucket, &rate, 1, 5000000));
    ck_assert(!limit_take(&bucket, &rate, 1, 5000000));
}
END_TEST

START_TEST(tokens_come_back_at_the_rate)
{
    struct limit_bucket bucket = {0};
    ck_assert(limit_take(&bucket, &rate, 20, 1000000));
    ck_assert(!limit_take(&bucket, &rate, 1, 1099999));
    ck_assert(limit_take(&bucket, &rate, 1, 1100000));
    ck_assert(!limit_take(&bucket, &rate, 1, 1100000));
    ck_assert(limit_take(&bucket, &rate, 10, 2100000));
}
END_TEST

START_TEST(a_bucket_never_holds_more_than_its_burst)
{
    struct limit_bucket bucket = {0};
    ck_assert(limit_take(&bucket, &rate, 20, 0));
    ck_assert(!limit_take(&bucket, &rate, 21, 1000000000));
    ck_assert(limit_take(&bucket, &rate, 20, 1000000000));
}
END_TEST

START_TEST(a_refusal_costs_nothing)
{
    struct limit_bucket bucket = {0};
    ck_assert(limit_take(&bucket, &rate, 15, 0));
    for (int i = 0; i < 100; i++)
        ck_assert(!limit_take(&bucket, &rate, 6, 0));
    ck_assert(limit_take(&bucket, &rate, 5, 0));
}
END_TEST

START_TEST(a_rate_of_zero_limits_nothing)
{
    struct limit_rate none = {0};
    struct limit_bucket bucket = {0};
    for (int i = 0; i < 100000; i++)
        ck_assert(limit_take(&bucket, &none, 1000, 0));
}
END_TEST

START_TEST(time_that_stands_or_goes_back_gives_nothing)
{
    struct limit_bucket bucket = {0};
    ck_assert(limit_take(&bucket, &rate, 20, 9000000));
    ck_assert(!limit_take(&bucket, &rate, 1, 8000000));
}
END_TEST

START_TEST(addresses_have_their_own_buckets)
{
    static struct limit_table table;
    struct limit_rate few = {.count = 4, .period_ms = 10000, .burst = 4};
    limit_table_init(&table);
    for (uint32_t address = 1; address <= 50; address++)
        for (int i = 0; i < 4; i++)
            ck_assert(limit_table_take(&table, address, &few, 1000000));
    int refused = 0;
    for (uint32_t address = 1; address <= 50; address++)
        refused += !limit_table_take(&table, address, &few, 1000000);
    ck_assert_int_ge(refused, 45); /* five in one set of four forget one another */
}
END_TEST

START_TEST(who_spends_is_remembered_among_many_that_do_not)
{
    static struct limit_table table;
    struct limit_rate few = {.count = 4, .period_ms = 10000, .burst = 4};
    limit_table_init(&table);
    for (int i = 0; i < 4; i++)
        ck_assert(limit_table_take(&table, 77, &few, 1000000));
    for (uint32_t address = 1000; address < 101000; address++)
        (void)limit_table_take(&table, address, &few, 1000000);
    ck_assert(!limit_table_take(&table, 77, &few, 1000000));
}
END_TEST

START_TEST(a_flood_is_much_and_long)
{
    struct limit_excess excess = {0};
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert(!limit_is_flood(&excess, 100, 5000000)); /* much, but at once */
    ck_assert(!limit_is_flood(&excess, 100, 5999999));
    ck_assert(limit_is_flood(&excess, 100, 6000000));
    excess = (struct limit_excess){0};
    for (uint64_t i = 0; i < 99; i++)
        ck_assert(!limit_is_flood(&excess, 100, 5000000 + i * 900000)); /* long, but little */
    ck_assert(limit_is_flood(&excess, 100, 5000000 + 99 * 900000));
}
END_TEST

START_TEST(a_calm_second_ends_a_flood)
{
    struct limit_excess excess = {0};
    for (uint64_t i = 0; i < 99; i++)
        ck_assert(!limit_is_flood(&excess, 100, 5000000 + i * 20000));
    for (uint64_t i = 0; i < 99; i++)
        ck_assert(!limit_is_flood(&excess, 100, 7980000 + i * 20000));
    ck_assert(limit_is_flood(&excess, 100, 7980000 + 99 * 20000));
}
END_TEST

TESTING_MAIN("limit", a_flood_is_much_and_long, a_calm_second_ends_a_flood,
             a_zeroed_bucket_holds_its_burst, tokens_come_back_at_the_rate,
             a_bucket_never_holds_more_than_its_burst, a_refusal_costs_nothing,
             a_rate_of_zero_limits_nothing, time_that_stands_or_goes_back_gives_nothing,
             addresses_have_their_own_buckets, who_spends_is_remembered_among_many_that_do_not)
