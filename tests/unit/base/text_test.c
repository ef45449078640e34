#include "base/text.h"

#include <string.h>

#include "testing.h"

#include "base/rng.h"

START_TEST(test_add_and_clear)
{
    char buffer[16];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    ck_assert_str_eq(buffer, "");
    text_add(&text, "%d and ", 12);
    text_add(&text, "%s", "more");
    ck_assert_str_eq(buffer, "12 and more");
    ck_assert_uint_eq(text.size_bytes, 11);
    ck_assert(!text.is_cut);
    text_clear(&text);
    ck_assert_str_eq(buffer, "");
    ck_assert_uint_eq(text.size_bytes, 0);
}
END_TEST

START_TEST(test_what_does_not_fit_ends_the_text)
{
    char buffer[8];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    text_add(&text, "1234567");
    ck_assert(!text.is_cut);
    text_add(&text, "%s", "");
    ck_assert(!text.is_cut);
    text_add(&text, "8");
    ck_assert(text.is_cut);
    ck_assert_str_eq(buffer, "1234567");
    text_clear(&text);
    text_add(&text, "123456789");
    ck_assert_str_eq(buffer, "1234567");
    ck_assert(text.is_cut);
    text_init(&text, buffer, 1);
    text_add(&text, "x");
    ck_assert(text.is_cut);
    ck_assert_str_eq(buffer, "");
}
END_TEST

START_TEST(test_nothing_follows_a_hole)
{
    char buffer[8];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    text_add(&text, "123");
    text_json_string(&text, NULL, "long long");
    size_t size = text.size_bytes;
    ck_assert(text.is_cut);
    text_add(&text, "a");
    text_json_bool(&text, NULL, true);
    ck_assert_uint_eq(text.size_bytes, size);
    ck_assert_uint_eq(strlen(buffer), size);
}
END_TEST

START_TEST(test_cut_keeps_whole_characters)
{
    char buffer[16];
    struct text text;
    static const char umlauts[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\xb1"; /* 1 + 2 + 3 + 4 */
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6};
    for (size_t room = 0; room < 10; room++) {
        text_init(&text, buffer, room + 1);
        text_add(&text, "%s", umlauts);
        ck_assert(text.is_cut);
        ck_assert_uint_eq(text.size_bytes, expected[room]);
        ck_assert_uint_eq(strlen(buffer), expected[room]);
    }
    text_init(&text, buffer, 11);
    text_add(&text, "%s", umlauts);
    ck_assert(!text.is_cut);
    ck_assert_uint_eq(text.size_bytes, 10);
}
END_TEST

/* The bytes as a JSON string must be `expected`. */
static void expect_quoted(const char *bytes, size_t size_bytes, const char *expected)
{
    char buffer[256];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    text_json_quote(&text, bytes, size_bytes);
    ck_assert(!text.is_cut);
    ck_assert_str_eq(buffer, expected);
}

START_TEST(test_json_escapes)
{
    expect_quoted("", 0, "\"\"");
    expect_quoted("plain", 5, "\"plain\"");
    expect_quoted("\"\\/", 3, "\"\\\"\\\\/\"");
    expect_quoted("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"");
    expect_quoted("\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"");
    expect_quoted("\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\xb1", 9,
                  "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\xb1\"");
}
END_TEST

#define REPLACED "\xef\xbf\xbd"

START_TEST(test_json_replaces_what_is_not_utf8)
{
    expect_quoted("a\xff"
                  "b",
                  3, "\"a" REPLACED "b\"");
    expect_quoted("\xc0\x80", 2, "\"" REPLACED REPLACED "\"");              /* overlong 0 */
    expect_quoted("\xed\xa0\x80", 3, "\"" REPLACED REPLACED REPLACED "\""); /* surrogate */
    expect_quoted("\xe2\x82", 2, "\"" REPLACED REPLACED "\"");              /* ends too early */
    expect_quoted("\xf4\x90\x80\x80", 4, "\"" REPLACED REPLACED REPLACED REPLACED "\"");
    expect_quoted("\xe2\"", 2, "\"" REPLACED "\\\"\""); /* the quote is not swallowed */
}
END_TEST

START_TEST(test_json_puts_commas)
{
    char buffer[256];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    text_json_open(&text, NULL, '{');
    text_json_number(&text, "a", INT64_MIN);
    text_json_string(&text, "b\"", "{[,:");
    text_json_open(&text, "c", '[');
    text_json_bool(&text, NULL, true);
    text_json_bool(&text, NULL, false);
    text_json_open(&text, NULL, '{');
    text_json_close(&text, '}');
    text_json_open(&text, NULL, '[');
    text_json_close(&text, ']');
    text_json_number(&text, NULL, 0);
    text_json_close(&text, ']');
    text_json_string(&text, "d", "");
    text_json_close(&text, '}');
    ck_assert_str_eq(buffer, "{\"a\":-9223372036854775808,\"b\\\"\":\"{[,:\","
                             "\"c\":[true,false,{},[],0],\"d\":\"\"}");
    text_add(&text, "\n");
    text_json_open(&text, NULL, '{');
    ck_assert_str_eq(strchr(buffer, '\n'), "\n{");
}
END_TEST

START_TEST(test_distance)
{
    ck_assert_uint_eq(text_distance("", ""), 0);
    ck_assert_uint_eq(text_distance("", "abc"), 3);
    ck_assert_uint_eq(text_distance("abc", ""), 3);
    ck_assert_uint_eq(text_distance("kitten", "sitting"), 3);
    ck_assert_uint_eq(text_distance("solid", "soild"), 2);
    ck_assert_uint_eq(text_distance("tree", "trees"), 1);
    char long_text[66];
    memset(long_text, 'a', 65);
    long_text[65] = 0;
    ck_assert_uint_eq(text_distance(long_text, long_text), 65);
    ck_assert_uint_eq(text_distance(long_text + 1, long_text + 1), 0);
}
END_TEST

/* A short word over two letters, so that words are near each other. */
static void random_word(struct rng *rng, char out_word[8])
{
    size_t size = rng_below(rng, 8);
    for (size_t i = 0; i < size; i++)
        out_word[i] = rng_chance(rng, 500000) ? 'a' : 'b';
    out_word[size] = 0;
}

START_TEST(test_misspelt)
{
    ck_assert_uint_eq(text_misspelt("help", "help"), 0);
    ck_assert_uint_eq(text_misspelt("hlep", "help"), 2);
    ck_assert_uint_lt(text_misspelt("sta", "status"), text_misspelt("sta", "say"));
    ck_assert_uint_lt(text_misspelt("statsu", "status"), UINT32_MAX);
    ck_assert_uint_lt(text_misspelt("kik", "kick"), UINT32_MAX);
    ck_assert_uint_eq(text_misspelt("tabulator", "tab"), UINT32_MAX);
    ck_assert_uint_eq(text_misspelt("toad", "say"), UINT32_MAX);
    ck_assert_uint_eq(text_misspelt("go", "say"), UINT32_MAX);
    ck_assert_uint_eq(text_misspelt("", "say"), UINT32_MAX);
    ck_assert_uint_eq(text_misspelt("x", ""), UINT32_MAX);
}
END_TEST

START_TEST(test_distance_is_a_metric)
{
    struct rng rng;
    rng_init(&rng, 3);
    for (int i = 0; i < 5000; i++) {
        char a[8];
        char b[8];
        char c[8];
        random_word(&rng, a);
        random_word(&rng, b);
        random_word(&rng, c);
        ck_assert_uint_eq(text_distance(a, b), text_distance(b, a));
        ck_assert_int_eq(text_distance(a, b) == 0, strcmp(a, b) == 0);
        ck_assert_uint_le(text_distance(a, c), text_distance(a, b) + text_distance(b, c));
    }
}
END_TEST

START_TEST(test_parse_integer)
{
    int64_t value = 0;
    ck_assert(text_parse_integer("42", 0, 42, &value) && value == 42);
    ck_assert(text_parse_integer("-7", -7, 0, &value) && value == -7);
    ck_assert(text_parse_integer("-0", 0, 0, &value) && value == 0);
    ck_assert(text_parse_integer("007", 0, 9, &value) && value == 7);
    ck_assert(text_parse_integer("9223372036854775807", INT64_MIN, INT64_MAX, &value));
    ck_assert_int_eq(value, INT64_MAX);
    ck_assert(text_parse_integer("-9223372036854775808", INT64_MIN, INT64_MAX, &value));
    ck_assert_int_eq(value, INT64_MIN);
}
END_TEST

START_TEST(test_parse_integer_refuses)
{
    static const char *const wrong[] = {"",
                                        "-",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "12x",
                                        "0x10",
                                        "1.0",
                                        "1e3",
                                        "--1",
                                        "x",
                                        "\n1",
                                        "9223372036854775808",
                                        "-9223372036854775809"};
    int64_t value = 5;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!text_parse_integer(wrong[i], INT64_MIN, INT64_MAX, &value), "%s", wrong[i]);
    ck_assert(!text_parse_integer("43", 0, 42, &value));
    ck_assert(!text_parse_integer("-1", 0, 42, &value));
    ck_assert_int_eq(value, 5);
}
END_TEST

START_TEST(test_printable)
{
    ck_assert(text_is_printable("", 0));
    ck_assert(text_is_printable("Gr\xc3\xbc\xc3\x9f dich \xf0\x9f\x8c\xb1~", 17));
    ck_assert(text_is_printable("\xc2\xa0", 2));
    ck_assert(!text_is_printable("\n", 1));
    ck_assert(!text_is_printable("a\0b", 3));
    ck_assert(!text_is_printable("\x1b[2J", 4));
    ck_assert(!text_is_printable("\x7f", 1));
    ck_assert(!text_is_printable("\xc2\x9b", 2)); /* C1: the one-character escape */
    ck_assert(!text_is_printable("\x80", 1));
    ck_assert(!text_is_printable("\xe0\x80\x80", 3));
    ck_assert(!text_is_printable("\xf5\x80\x80\x80", 4));
    ck_assert(!text_is_printable("\xf0\x9f\x8c", 3));
}
END_TEST

START_TEST(test_json_decimals)
{
    static const struct {
        int64_t value;
        int32_t scale;
        const char *text;
    } cases[] = {
        {0, 16, "0"},
        {16, 16, "1"},
        {1, 16, "0.0625"},
        {-1, 16, "-0.0625"},
        {776, 16, "48.5"},
        {-15708, 10000, "-1.5708"},
        {1, 1000000, "0.000001"},
        {300000, 1000000, "0.3"},
        {10, 3, "3.333333"},
        {INT64_MIN, 1, "-9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[64];
        struct text text;
        text_init(&text, bytes, sizeof bytes);
        text_json_decimal(&text, NULL, cases[i].value, cases[i].scale);
        ck_assert_str_eq(bytes, cases[i].text);
    }
    char bytes[64];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    text_json_open(&text, NULL, '{');
    text_json_null(&text, "a");
    text_json_decimal(&text, "b", 1, 2);
    text_json_close(&text, '}');
    ck_assert_str_eq(bytes, "{\"a\":null,\"b\":0.5}");
}
END_TEST

TESTING_MAIN("text", test_add_and_clear, test_what_does_not_fit_ends_the_text,
             test_nothing_follows_a_hole, test_cut_keeps_whole_characters, test_json_escapes,
             test_json_replaces_what_is_not_utf8, test_json_puts_commas, test_distance,
             test_misspelt, test_distance_is_a_metric, test_parse_integer,
             test_parse_integer_refuses, test_printable, test_json_decimals)
