#include "link/quota.h"

#include "testing.h"

enum { SECOND_US = 1000000 };

static const struct quota_limits limits = {
    .datagrams_s = 10, .bytes_s = 1000, .commands_s = 50, .flood_max = 20};

static const struct firewall_load usual = {.commands = 2, .size_bytes = 40, .has_payload = true};

static enum firewall_verdict send(struct quota *quota, const struct firewall_load *load,
                                  uint64_t now_us)
{
    return quota_judge(quota, &limits, FIREWALL_PASS, load, now_us);
}

/* How many of `count` pass at once. */
static uint32_t burst(const struct firewall_load *load, uint32_t count)
{
    struct quota quota = {0};
    uint32_t passed = 0;
    for (uint32_t i = 0; i < count; i++)
        passed += send(&quota, load, SECOND_US) == FIREWALL_PASS;
    return passed;
}

START_TEST(each_limit_holds)
{
    struct firewall_load heavy = {.commands = 1, .size_bytes = 500, .has_payload = true};
    struct firewall_load busy = {.commands = 20, .size_bytes = 90, .has_payload = true};
    struct firewall_load acks = {.commands = 2, .size_bytes = 20, .has_acks_only = true};
    ck_assert_uint_eq(burst(&usual, 100), 20);
    ck_assert_uint_eq(burst(&heavy, 100), 4);
    ck_assert_uint_eq(burst(&busy, 100), 5);
    ck_assert_uint_eq(burst(&acks, 100), 50); /* these draw on the commands alone */
}
END_TEST

START_TEST(what_the_firewall_says_stays)
{
    struct quota quota = {0};
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert_int_eq(
            quota_judge(&quota, &limits, FIREWALL_FORBIDDEN, &usual, i * SECOND_US / 100),
            FIREWALL_FORBIDDEN);
    ck_assert(!quota.is_flooding);
    ck_assert_int_eq(send(&quota, &usual, 20 * SECOND_US), FIREWALL_PASS);
}
END_TEST

START_TEST(who_does_not_stop_is_flooding)
{
    struct quota quota = {0};
    uint64_t now_us = SECOND_US;
    for (uint32_t i = 0; i < 1000 && !quota.is_flooding; i++, now_us += SECOND_US / 100)
        (void)send(&quota, &usual, now_us);
    ck_assert(quota.is_flooding);
    ck_assert_uint_ge(now_us, 2 * SECOND_US); /* there was time to hear of it */
    ck_assert_uint_le(now_us, 3 * SECOND_US);
}
END_TEST

START_TEST(who_is_too_fast_for_a_moment_is_not)
{
    struct quota quota = {0};
    for (uint64_t now_us = SECOND_US; now_us < 100ull * SECOND_US; now_us += 3 * SECOND_US) {
        uint32_t passed = 0;
        for (uint32_t i = 0; i < 50; i++)
            passed += send(&quota, &usual, now_us) == FIREWALL_PASS;
        ck_assert_uint_eq(passed, 20);
    }
    ck_assert(!quota.is_flooding);
}
END_TEST

START_TEST(at_the_end_only_goodbyes_pass)
{
    struct firewall_load goodbye = {.commands = 1, .size_bytes = 12};
    struct quota quota = {0};
    for (uint32_t i = 0; i < 100; i++)
        (void)send(&quota, &usual, SECOND_US);
    ck_assert_int_eq(send(&quota, &goodbye, SECOND_US), FIREWALL_OVER_LIMIT);
    quota_end(&quota);
    ck_assert_int_eq(send(&quota, &usual, SECOND_US), FIREWALL_OVER_LIMIT);
    ck_assert_int_eq(send(&quota, &goodbye, SECOND_US), FIREWALL_PASS);
}
END_TEST

START_TEST(zero_asks_for_the_usual)
{
    struct quota_limits settled = quota_limits_settle((struct quota_limits){.commands_s = 7});
    ck_assert_uint_eq(settled.datagrams_s, 80);
    ck_assert_uint_eq(settled.bytes_s, 16384);
    ck_assert_uint_eq(settled.commands_s, 7);
    ck_assert_uint_eq(settled.flood_max, 200);
}
END_TEST

TESTING_MAIN("quota", each_limit_holds, what_the_firewall_says_stays, who_does_not_stop_is_flooding,
             who_is_too_fast_for_a_moment_is_not, at_the_end_only_goodbyes_pass,
             zero_asks_for_the_usual)
