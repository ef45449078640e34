#include "link/door.h"

#include "base/log.h"
#include "testing.h"

enum { NOW_US = 50000000 };

static struct door door;

static void open_door(struct door_options options)
{
    log_level_set(LOG_OFF);
    options.versions = (struct cookie_versions){0x0100, 0x0103};
    options.port = 4000;
    options.peers_max = options.peers_max == 0 ? 100 : options.peers_max;
    door_init(&door, &options, NOW_US);
}

static struct door_caller caller_from(uint32_t host)
{
    return (struct door_caller){.from = {.host = host, .port = 1000}, .now_us = NOW_US};
}

static struct cookie_answer ask(struct door_caller caller, uint16_t version)
{
    struct cookie_answer answer = {.status = COOKIE_STATUS_COUNT};
    struct cookie_hello hello = {.versions = {version, version}, .nonce = 5};
    ck_assert(door_hello(&door, &hello, &caller, &answer));
    return answer;
}

static enum firewall_verdict knock(struct door_caller caller, struct cookie_answer *out_answer)
{
    struct firewall_connect connect = {.connect_id = 77,
                                       .data = cookie_make(&door.jar, caller.from, caller.now_us)};
    *out_answer = (struct cookie_answer){.status = COOKIE_STATUS_COUNT};
    enum firewall_verdict verdict = door_knock(&door, &connect, &caller, out_answer);
    return verdict == FIREWALL_PASS ? door_connect(&door, &connect, &caller, out_answer) : verdict;
}

START_TEST(a_hello_gets_a_cookie_that_opens)
{
    open_door((struct door_options){0});
    struct door_caller caller = caller_from(1);
    struct cookie_answer answer = ask(caller, 0x0101);
    ck_assert_int_eq(answer.status, COOKIE_OK);
    ck_assert_uint_eq(answer.port, 4000);
    ck_assert_uint_eq(answer.nonce, 5);
    struct firewall_connect connect = {.connect_id = 1, .data = answer.cookie};
    ck_assert_int_eq(door_knock(&door, &connect, &caller, &answer), FIREWALL_PASS);
    ck_assert_int_eq(door_connect(&door, &connect, &caller, &answer), FIREWALL_PASS);
}
END_TEST

START_TEST(other_versions_full_and_closed_are_told)
{
    open_door((struct door_options){.peers_max = 10});
    struct door_caller caller = caller_from(1);
    ck_assert_int_eq(ask(caller, 0x0200).status, COOKIE_VERSION);
    ck_assert_int_eq(ask(caller, 0x0104).status, COOKIE_VERSION);
    ck_assert_uint_eq(ask(caller, 0x0200).versions.max, 0x0103);
    caller.census.taken = 10;
    ck_assert_int_eq(ask(caller, 0x0100).status, COOKIE_FULL);
    door.is_closed = true;
    ck_assert_int_eq(ask(caller, 0x0100).status, COOKIE_MAINTENANCE);
}
END_TEST

START_TEST(hellos_are_answered_at_a_rate)
{
    open_door((struct door_options){.hellos_s_max = 50});
    struct cookie_hello hello = {.versions = {0x0100, 0x0100}};
    struct cookie_answer answer;
    uint32_t answered = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        struct door_caller caller = caller_from(i);
        answered += door_hello(&door, &hello, &caller, &answer);
    }
    ck_assert_uint_eq(answered, 50);
    struct door_caller later = caller_from(1);
    later.now_us += 1000000;
    ck_assert(door_hello(&door, &hello, &later, &answer));
}
END_TEST

START_TEST(without_a_cookie_nobody_gets_in_or_an_answer)
{
    open_door((struct door_options){0});
    struct door_caller caller = caller_from(1);
    struct cookie_answer answer;
    struct firewall_connect connect = {.connect_id = 1};
    connect.data = cookie_make(&door.jar, caller_from(2).from, NOW_US);
    ck_assert_int_eq(door_knock(&door, &connect, &caller, &answer), FIREWALL_UNKNOWN);
}
END_TEST

START_TEST(a_repeated_connect_is_swallowed)
{
    open_door((struct door_options){.connects_s_max = 1});
    struct door_caller caller = caller_from(1);
    struct cookie_answer answer;
    caller.census.has_connect_id = true;
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(knock(caller, &answer), FIREWALL_CONSUMED);
    caller.census.has_connect_id = false;
    ck_assert_int_eq(knock(caller, &answer), FIREWALL_PASS);
}
END_TEST

START_TEST(places_end_and_the_client_hears_it)
{
    open_door((struct door_options){.peers_max = 10, .peers_per_address = 3});
    struct door_caller caller = caller_from(1);
    struct cookie_answer answer;
    caller.census.of_address = 2;
    ck_assert_int_eq(knock(caller, &answer), FIREWALL_PASS);
    caller.census.of_address = 3;
    ck_assert_int_eq(knock(caller, &answer), FIREWALL_OVER_LIMIT);
    ck_assert_int_eq(answer.status, COOKIE_ADDRESS);
    ck_assert_uint_eq(answer.nonce, 77);
    caller.census.taken = 10;
    ck_assert_int_eq(knock(caller, &answer), FIREWALL_OVER_LIMIT);
    ck_assert_int_eq(answer.status, COOKIE_FULL);
    door.is_closed = true;
    ck_assert_int_eq(knock(caller, &answer), FIREWALL_OVER_LIMIT);
    ck_assert_int_eq(answer.status, COOKIE_MAINTENANCE);
}
END_TEST

START_TEST(half_open_connections_are_bounded)
{
    open_door((struct door_options){.peers_max = 1000, .half_open_max = 20});
    struct door_caller caller = caller_from(1);
    struct cookie_answer answer;
    caller.census.half_open = 19;
    ck_assert_int_eq(knock(caller, &answer), FIREWALL_PASS);
    caller.census.half_open = 20;
    ck_assert_int_eq(knock(caller, &answer), FIREWALL_OVER_LIMIT);
    ck_assert_int_eq(answer.status, COOKIE_BUSY);
    ck_assert_uint_eq(answer.nonce, 77);
}
END_TEST

START_TEST(connects_have_rates_for_all_and_for_each_address)
{
    open_door((struct door_options){.connects_s_max = 10, .connects_per_address_10s = 4});
    struct cookie_answer answer;
    uint32_t passed = 0;
    for (int i = 0; i < 20; i++)
        passed += knock(caller_from(1), &answer) == FIREWALL_PASS;
    ck_assert_uint_eq(passed, 4);
    ck_assert_int_eq(answer.status, COOKIE_IMPATIENT);
    ck_assert_uint_eq(answer.nonce, 77);
    for (uint32_t i = 2; i < 40; i++)
        passed += knock(caller_from(i), &answer) == FIREWALL_PASS;
    ck_assert_uint_eq(passed, 10);
    ck_assert_int_eq(answer.status, COOKIE_BUSY);
}
END_TEST

START_TEST(who_knocks_too_often_may_come_in_later)
{
    open_door((struct door_options){.connects_per_address_10s = 4});
    struct door_caller caller = caller_from(1);
    struct cookie_answer answer;
    for (int i = 0; i < 20; i++)
        (void)knock(caller, &answer);
    caller.now_us += 2499999;
    ck_assert_int_eq(knock(caller, &answer), FIREWALL_OVER_LIMIT);
    caller.now_us += 1;
    ck_assert_int_eq(knock(caller, &answer), FIREWALL_PASS);
}
END_TEST

/* Sixty players behind one address are as welcome as sixty addresses of one player each. */
START_TEST(many_may_share_an_address)
{
    open_door((struct door_options){.peers_max = 1000, .connects_per_address_10s = 64});
    struct cookie_answer answer;
    for (int i = 0; i < 64; i++)
        ck_assert_int_eq(knock(caller_from(1), &answer), FIREWALL_PASS);
    ck_assert_int_eq(knock(caller_from(1), &answer), FIREWALL_OVER_LIMIT);
    for (uint32_t i = 2; i < 400; i++)
        ck_assert_int_eq(knock(caller_from(i), &answer), FIREWALL_PASS);
}
END_TEST

TESTING_MAIN("door", a_hello_gets_a_cookie_that_opens, other_versions_full_and_closed_are_told,
             hellos_are_answered_at_a_rate, without_a_cookie_nobody_gets_in_or_an_answer,
             a_repeated_connect_is_swallowed, places_end_and_the_client_hears_it,
             half_open_connections_are_bounded, connects_have_rates_for_all_and_for_each_address,
             who_knocks_too_often_may_come_in_later, many_may_share_an_address)
