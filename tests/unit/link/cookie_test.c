#include "link/cookie.h"

#include <string.h>

#include "testing.h"
#include "wire/version.h"

enum { SECOND_US = 1000000 };

static const struct endpoint caller = {.host = 0x0100007F, .port = 40000};

START_TEST(hello_comes_back_as_it_went)
{
    uint8_t bytes[COOKIE_HELLO_BYTES];
    struct cookie_hello hello = {.versions = {0x0100, 0x0103}, .nonce = 0x1122334455667788};
    struct cookie_hello got;
    cookie_hello_encode(&hello, bytes);
    ck_assert(cookie_is_handshake(bytes, sizeof bytes));
    ck_assert(cookie_hello_decode(bytes, sizeof bytes, &got));
    ck_assert_uint_eq(got.versions.min, 0x0100);
    ck_assert_uint_eq(got.versions.max, 0x0103);
    ck_assert_uint_eq(got.nonce, hello.nonce);
}
END_TEST

/* The bytes on the wire, so that a change of the layout is noticed. */
START_TEST(hello_bytes_are_these)
{
    static const uint8_t golden[20] = {0xFF, 0xFF, 'T', 'L', 'T', 'H', 1, 0, 0, 1,
                                       3,    1,    8,   7,   6,   5,   4, 3, 2, 1};
    uint8_t bytes[COOKIE_HELLO_BYTES];
    struct cookie_hello hello = {.versions = {0x0100, 0x0103}, .nonce = 0x0102030405060708};
    cookie_hello_encode(&hello, bytes);
    ck_assert_mem_eq(bytes, golden, sizeof golden);
}
END_TEST

START_TEST(hello_of_another_size_or_type_is_refused)
{
    uint8_t bytes[COOKIE_HELLO_BYTES + 1] = {0};
    struct cookie_hello hello = {.versions = {0x0100, 0x0100}};
    struct cookie_hello got;
    cookie_hello_encode(&hello, bytes);
    ck_assert(!cookie_hello_decode(bytes, COOKIE_HELLO_BYTES - 1, &got));
    ck_assert(!cookie_hello_decode(bytes, COOKIE_HELLO_BYTES + 1, &got));
    ck_assert(!cookie_hello_decode(bytes, 0, &got));
    for (int at = 0; at < 7; at++) {
        bytes[at] ^= 1;
        ck_assert(!cookie_hello_decode(bytes, COOKIE_HELLO_BYTES, &got));
        bytes[at] ^= 1;
    }
    hello.versions.min = 0x0101;
    cookie_hello_encode(&hello, bytes);
    ck_assert(!cookie_hello_decode(bytes, COOKIE_HELLO_BYTES, &got));
}
END_TEST

START_TEST(answer_comes_back_as_it_went)
{
    uint8_t bytes[COOKIE_ANSWER_BYTES];
    struct cookie_answer answer = {.status = COOKIE_FULL,
                                   .versions = {0x0200, 0x0207},
                                   .nonce = UINT64_MAX - 5,
                                   .port = 4001,
                                   .cookie = 0xDEADBEEF};
    struct cookie_answer got;
    cookie_answer_encode(&answer, bytes);
    ck_assert(cookie_answer_decode(bytes, sizeof bytes, &got));
    ck_assert_int_eq(got.status, COOKIE_FULL);
    ck_assert_uint_eq(got.versions.max, 0x0207);
    ck_assert_uint_eq(got.nonce, answer.nonce);
    ck_assert_uint_eq(got.port, 4001);
    ck_assert_uint_eq(got.cookie, 0xDEADBEEF);
}
END_TEST

START_TEST(answer_of_another_size_type_or_status_is_refused)
{
    uint8_t bytes[COOKIE_ANSWER_BYTES + 1] = {0};
    struct cookie_answer answer = {.status = COOKIE_OK};
    struct cookie_answer got;
    cookie_answer_encode(&answer, bytes);
    ck_assert(!cookie_answer_decode(bytes, COOKIE_ANSWER_BYTES - 1, &got));
    ck_assert(!cookie_answer_decode(bytes, COOKIE_ANSWER_BYTES + 1, &got));
    bytes[7] = COOKIE_STATUS_COUNT;
    ck_assert(!cookie_answer_decode(bytes, COOKIE_ANSWER_BYTES, &got));
    bytes[7] = COOKIE_OK;
    bytes[6] = 1;
    ck_assert(!cookie_answer_decode(bytes, COOKIE_ANSWER_BYTES, &got));
}
END_TEST

START_TEST(an_answer_is_far_smaller_than_its_question)
{
    ck_assert_int_le(COOKIE_ANSWER_BYTES, 40);
    ck_assert_int_le(COOKIE_ANSWER_BYTES * 30, COOKIE_HELLO_BYTES);
    ck_assert_int_eq(COOKIE_HELLO_BYTES, VERSION_DATAGRAM_BYTES);
}
END_TEST

START_TEST(the_highest_common_version_is_chosen)
{
    struct cookie_versions server = {0x0100, 0x0103};
    ck_assert_uint_eq(cookie_versions_choose(server, (struct cookie_versions){0x0100, 0x0102}),
                      0x0102);
    ck_assert_uint_eq(cookie_versions_choose(server, (struct cookie_versions){0x0102, 0x0109}),
                      0x0103);
    ck_assert_uint_eq(cookie_versions_choose(server, (struct cookie_versions){0x0200, 0x0200}), 0);
    ck_assert_uint_eq(cookie_versions_choose(server, (struct cookie_versions){0x0001, 0x00FF}), 0);
}
END_TEST

START_TEST(versions_are_told_in_words)
{
    char text[COOKIE_VERSIONS_TEXT_BYTES];
    cookie_versions_format((struct cookie_versions){0x0100, 0x0103}, text);
    ck_assert_str_eq(text, "1.0 to 1.3");
    cookie_versions_format((struct cookie_versions){0x0200, 0x0200}, text);
    ck_assert_str_eq(text, "2.0");
    cookie_versions_format((struct cookie_versions){0, 0xFFFF}, text);
    ck_assert_str_eq(text, "0.0 to 255.255");
}
END_TEST

START_TEST(a_cookie_holds_for_its_caller_alone)
{
    struct cookie_jar jar;
    struct endpoint other_port = {caller.host, (uint16_t)(caller.port + 1)};
    struct endpoint other_host = {caller.host + 1, caller.port};
    cookie_jar_init(&jar, 0);
    uint32_t cookie = cookie_make(&jar, caller, 100 * SECOND_US);
    ck_assert(cookie_check(&jar, caller, cookie, 100 * SECOND_US));
    ck_assert(!cookie_check(&jar, caller, cookie ^ 1, 100 * SECOND_US));
    ck_assert(!cookie_check(&jar, other_port, cookie, 100 * SECOND_US));
    ck_assert(!cookie_check(&jar, other_host, cookie, 100 * SECOND_US));
}
END_TEST

START_TEST(a_cookie_holds_for_two_buckets)
{
    struct cookie_jar jar;
    uint64_t begin_us = 8ULL * 1000 * SECOND_US;
    cookie_jar_init(&jar, begin_us);
    uint32_t cookie = cookie_make(&jar, caller, begin_us);
    ck_assert(cookie_check(&jar, caller, cookie, begin_us + 15999999));
    ck_assert(!cookie_check(&jar, caller, cookie, begin_us + 16000000));
    ck_assert(!cookie_check(&jar, caller, cookie, begin_us - 1));
    cookie = cookie_make(&jar, caller, begin_us + 7999999);
    ck_assert(cookie_check(&jar, caller, cookie, begin_us + 8000000));
    ck_assert(!cookie_check(&jar, caller, cookie, begin_us + 16000000));
}
END_TEST

START_TEST(a_cookie_outlives_the_change_of_keys)
{
    struct cookie_jar jar;
    uint64_t hour_us = 3600ULL * SECOND_US;
    cookie_jar_init(&jar, hour_us);
    uint8_t first[CRYPTO_SIPHASH_KEY_BYTES];
    memcpy(first, jar.keys[1], sizeof first);
    for (uint64_t hour = 2; hour < 8; hour++) {
        uint32_t cookie = cookie_make(&jar, caller, hour * hour_us - 1);
        ck_assert(cookie_check(&jar, caller, cookie, hour * hour_us));
        ck_assert(cookie_check(&jar, caller, cookie, hour * hour_us + 7999999));
        ck_assert(!cookie_check(&jar, caller, cookie, hour * hour_us + 8000000));
        ck_assert_uint_eq(jar.hour, hour);
    }
    ck_assert_mem_ne(first, jar.keys[1], sizeof first);
}
END_TEST

START_TEST(a_long_sleep_leaves_no_old_key)
{
    struct cookie_jar jar;
    uint64_t hour_us = 3600ULL * SECOND_US;
    cookie_jar_init(&jar, hour_us);
    struct cookie_jar before = jar;
    (void)cookie_make(&jar, caller, 11 * hour_us);
    ck_assert_mem_ne(before.keys[0], jar.keys[0], sizeof jar.keys[0]);
    ck_assert_mem_ne(before.keys[1], jar.keys[1], sizeof jar.keys[1]);
}
END_TEST

START_TEST(two_servers_make_other_cookies)
{
    struct cookie_jar a, b;
    cookie_jar_init(&a, 0);
    cookie_jar_init(&b, 0);
    ck_assert_uint_ne(cookie_make(&a, caller, 0), cookie_make(&b, caller, 0));
}
END_TEST

TESTING_MAIN("cookie", hello_comes_back_as_it_went, hello_bytes_are_these,
             hello_of_another_size_or_type_is_refused, answer_comes_back_as_it_went,
             answer_of_another_size_type_or_status_is_refused,
             an_answer_is_far_smaller_than_its_question, the_highest_common_version_is_chosen,
             versions_are_told_in_words, a_cookie_holds_for_its_caller_alone,
             a_cookie_holds_for_two_buckets, a_cookie_outlives_the_change_of_keys,
             a_long_sleep_leaves_no_old_key, two_servers_make_other_cookies)
