#include "link/dial.h"

#include <string.h>

#include "testing.h"

static const struct cookie_versions versions = {0x0100, 0x0102};
static const struct endpoint server = {.host = 0x0100007F, .port = 4000};

static bool hear(struct dial *dial, struct cookie_answer answer)
{
    uint8_t bytes[COOKIE_ANSWER_BYTES];
    cookie_answer_encode(&answer, bytes);
    return dial_hear(dial, bytes, sizeof bytes);
}

START_TEST(hello_is_repeated_every_half_second)
{
    struct dial dial;
    uint8_t hello[COOKIE_HELLO_BYTES];
    uint32_t count = 0;
    dial_init(&dial, server, versions);
    for (uint64_t now_us = 50; now_us < 10000050; now_us += 1000)
        count += dial_tick(&dial, now_us, hello);
    ck_assert_uint_eq(count, 20);
    ck_assert_int_eq(dial.state, DIAL_HELLO);
    ck_assert(!dial_tick(&dial, 10000050, hello));
    ck_assert_int_eq(dial.state, DIAL_REFUSED);
    ck_assert_str_eq(dial.text, "no answer from 127.0.0.1:4000");
}
END_TEST

START_TEST(hello_names_versions_and_nonce)
{
    struct dial dial;
    uint8_t bytes[COOKIE_HELLO_BYTES];
    struct cookie_hello hello;
    dial_init(&dial, server, versions);
    ck_assert(dial_tick(&dial, 1, bytes));
    ck_assert(cookie_hello_decode(bytes, sizeof bytes, &hello));
    ck_assert_uint_eq(hello.nonce, dial.nonce);
    ck_assert_uint_eq(hello.versions.max, 0x0102);
}
END_TEST

START_TEST(a_cookie_says_how_to_go_on)
{
    struct dial dial;
    dial_init(&dial, server, versions);
    ck_assert(hear(&dial, (struct cookie_answer){.nonce = dial.nonce, .port = 4007, .cookie = 9}));
    ck_assert_int_eq(dial.state, DIAL_COOKIE);
    ck_assert_uint_eq(dial.port, 4007);
    ck_assert_uint_eq(dial.cookie, 9);
}
END_TEST

START_TEST(answers_without_the_nonce_are_not_heard)
{
    struct dial dial;
    uint8_t garbage[COOKIE_ANSWER_BYTES] = {0};
    dial_init(&dial, server, versions);
    ck_assert(!hear(&dial, (struct cookie_answer){.nonce = dial.nonce + 1, .port = 4007}));
    ck_assert(!hear(&dial, (struct cookie_answer){.nonce = ~dial.nonce, .status = COOKIE_FULL}));
    ck_assert(!dial_hear(&dial, garbage, sizeof garbage));
    ck_assert_int_eq(dial.state, DIAL_HELLO);
}
END_TEST

START_TEST(a_port_of_zero_is_no_answer)
{
    struct dial dial;
    dial_init(&dial, server, versions);
    (void)hear(&dial, (struct cookie_answer){.nonce = dial.nonce, .port = 0});
    ck_assert_int_eq(dial.state, DIAL_HELLO);
}
END_TEST

START_TEST(refusals_are_told_in_words)
{
    static const struct {
        enum cookie_status status;
        const char *text;
    } cases[] = {
        {COOKIE_VERSION, "the server speaks protocol 2.0 to 2.3, this client 1.0 to 1.2"},
        {COOKIE_FULL, "the server is full"},
        {COOKIE_ADDRESS, "the server has too many connections from this address"},
        {COOKIE_MAINTENANCE, "the server is closed for maintenance"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dial dial;
        dial_init(&dial, server, versions);
        ck_assert(hear(&dial, (struct cookie_answer){.nonce = dial.nonce,
                                                     .status = cases[i].status,
                                                     .versions = {0x0200, 0x0203}}));
        ck_assert_int_eq(dial.state, DIAL_REFUSED);
        ck_assert_str_eq(dial.text, cases[i].text);
    }
}
END_TEST

START_TEST(while_connecting_only_a_refusal_by_connect_id_counts)
{
    struct dial dial;
    dial_init(&dial, server, versions);
    uint64_t nonce = dial.nonce;
    ck_assert(hear(&dial, (struct cookie_answer){.nonce = nonce, .port = 4007, .cookie = 9}));
    dial_connecting(&dial, 777);
    ck_assert(!hear(&dial, (struct cookie_answer){.nonce = nonce, .status = COOKIE_FULL}));
    (void)hear(&dial, (struct cookie_answer){.nonce = 777, .port = 4008});
    ck_assert_int_eq(dial.state, DIAL_CONNECT);
    ck_assert_uint_eq(dial.port, 4007);
    ck_assert(hear(&dial, (struct cookie_answer){.nonce = 777, .status = COOKIE_ADDRESS}));
    ck_assert_int_eq(dial.state, DIAL_REFUSED);
}
END_TEST

START_TEST(patience_holds_for_connecting_too)
{
    struct dial dial;
    uint8_t hello[COOKIE_HELLO_BYTES];
    dial_init(&dial, server, versions);
    ck_assert(dial_tick(&dial, 1, hello));
    dial_connecting(&dial, 777);
    ck_assert(!dial_tick(&dial, 9000000, hello));
    ck_assert_int_eq(dial.state, DIAL_CONNECT);
    ck_assert(!dial_tick(&dial, 10000001, hello));
    ck_assert_int_eq(dial.state, DIAL_REFUSED);
}
END_TEST

START_TEST(a_busy_server_is_tried_on)
{
    static const struct {
        enum cookie_status status;
        const char *text;
    } cases[] = {
        {COOKIE_BUSY, "too many players connect to the server at once"},
        {COOKIE_IMPATIENT, "too many connect to the server from this address at once"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dial dial;
        uint8_t hello[COOKIE_HELLO_BYTES];
        dial_init(&dial, server, versions);
        ck_assert(dial_tick(&dial, 1, hello));
        dial_connecting(&dial, 777);
        ck_assert(hear(&dial, (struct cookie_answer){.nonce = 777, .status = cases[i].status}));
        ck_assert_int_eq(dial.state, DIAL_CONNECT);
        (void)dial_tick(&dial, 10000001, hello);
        ck_assert_int_eq(dial.state, DIAL_REFUSED);
        ck_assert_str_eq(dial.text, cases[i].text);
    }
}
END_TEST

TESTING_MAIN("dial", hello_is_repeated_every_half_second, hello_names_versions_and_nonce,
             a_cookie_says_how_to_go_on, answers_without_the_nonce_are_not_heard,
             a_port_of_zero_is_no_answer, refusals_are_told_in_words,
             while_connecting_only_a_refusal_by_connect_id_counts,
             patience_holds_for_connecting_too, a_busy_server_is_tried_on)
