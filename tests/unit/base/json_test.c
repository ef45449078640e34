#include "base/json.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

/* Parses text that is JSON. */
static struct json_document *parse(const char *text)
{
    struct error error = {""};
    struct json_document *document = json_parse("test.json", text, strlen(text), &error);
    ck_assert_msg(document != NULL, "%s: %s", text, error.text);
    return document;
}

static void expect_not_json(const char *bytes, size_t size_bytes, const char *expected)
{
    struct error error = {""};
    ck_assert_msg(json_parse("test.json", bytes, size_bytes, &error) == NULL, "%s", bytes);
    ck_assert_str_eq(error.text, expected);
}

#define EXPECT_NOT_JSON(text, place)                                                               \
    expect_not_json(text, sizeof(text) - 1, "test.json:" place ": this is not JSON")

START_TEST(test_mistakes_have_line_and_column)
{
    EXPECT_NOT_JSON("", "1:1");
    EXPECT_NOT_JSON("x", "1:1");
    EXPECT_NOT_JSON("{\n  \"a\": 1,\n  \"b\": oak\n}", "3:8");
    EXPECT_NOT_JSON("[1,\n2,\n]", "3:1");
    EXPECT_NOT_JSON("{\"a\" 1}", "1:6");
    EXPECT_NOT_JSON("[1, 2", "1:5");
}
END_TEST

START_TEST(test_rest_behind_the_value_is_refused)
{
    EXPECT_NOT_JSON("{} x", "1:4");
    EXPECT_NOT_JSON("{}\n{}", "2:1");
    EXPECT_NOT_JSON("[1]]", "1:4");
    struct json_document *document = parse(" {} \r\n\t ");
    json_destroy(&document);
}
END_TEST

START_TEST(test_strings_that_would_change_unseen_are_refused)
{
    EXPECT_NOT_JSON("[\"a\\u0000b\"]", "1:4");
    EXPECT_NOT_JSON("[\"a\0b\"]", "1:4");
    EXPECT_NOT_JSON("[\"a\nb\"]", "1:4");
    EXPECT_NOT_JSON("[1]\0", "1:4");
    struct json_document *document = parse("[\"a\\\\u0000b\\\"\"]");
    json_destroy(&document);
}
END_TEST

START_TEST(test_size_is_bounded)
{
    static char bytes[JSON_FILE_BYTES + 1];
    memset(bytes, ' ', sizeof bytes);
    bytes[0] = '1';
    expect_not_json(bytes, sizeof bytes, "test.json: larger than 4194304 bytes");
    struct json_document *document = json_parse("test.json", bytes, JSON_FILE_BYTES, NULL);
    ck_assert_ptr_nonnull(document);
    json_destroy(&document);
    memset(bytes, '[', 100000); /* deeper than any stack allows */
    ck_assert_ptr_null(json_parse("test.json", bytes, 100000, NULL));
}
END_TEST

START_TEST(test_load)
{
    struct error error = {""};
    ck_assert_ptr_null(json_load("/tmp/tilth-no-such-file.json", &error));
    ck_assert_str_eq(error.text, "/tmp/tilth-no-such-file.json: No such file or directory");
    ck_assert_ptr_null(json_load("/tmp", &error));
    ck_assert_str_eq(error.text, "/tmp: Is a directory");
    char path[] = "/tmp/tilth-json-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, "{\"a\":\n1}", 8), 8);
    struct json_document *document = json_load(path, &error);
    ck_assert_ptr_nonnull(document);
    ck_assert(json_has(json_top(document), "a"));
    json_destroy(&document);
    ck_assert_ptr_null(document);
    json_destroy(&document);
    json_destroy(NULL);
    ck_assert_int_eq(write(fd, "}", 1), 1);
    ck_assert_ptr_null(json_load(path, &error));
    ck_assert_int_eq(strncmp(error.text, path, strlen(path)), 0);
    ck_assert_str_eq(error.text + strlen(path), ":2:3: this is not JSON");
    (void)close(fd);
    (void)unlink(path);
}
END_TEST

START_TEST(test_getters_give_values)
{
    struct json_document *document = parse(
        "{\"s\": \"h\\u00e4\", \"t\": true, \"f\": false, \"n\": -5, \"a\": [1, {\"x\": {}}]}");
    struct json top = json_top(document);
    const char *string = NULL;
    bool is_true = false;
    bool is_false = true;
    int64_t number = 0;
    struct json array;
    struct json object;
    ck_assert(json_get_string(top, "s", &string, NULL));
    ck_assert_str_eq(string, "h\xc3\xa4");
    ck_assert(json_get_bool(top, "t", &is_true, NULL) && is_true);
    ck_assert(json_get_bool(top, "f", &is_false, NULL) && !is_false);
    ck_assert(json_get_integer(top, "n", (struct json_range){-5, -5}, &number, NULL));
    ck_assert_int_eq(number, -5);
    ck_assert(json_get_array(top, "a", &array, NULL));
    ck_assert_uint_eq(json_count(array), 2);
    ck_assert_uint_eq(json_count(top), 5);
    ck_assert_uint_eq(json_count(json_at(array, 0)), 0);
    ck_assert(!json_is_object(json_at(array, 0)) && json_is_object(json_at(array, 1)));
    ck_assert(json_get_object(json_at(array, 1), "x", &object, NULL));
    ck_assert_str_eq(object.path, "a[1].x");
    ck_assert(json_has(top, "s") && !json_has(top, "S") && !json_has(array, "s"));
    json_destroy(&document);
}
END_TEST

START_TEST(test_errors_name_file_entry_and_key)
{
    struct json_document *document = parse("{\"list\": [1, {\"name\": \"rock\", \"solid\": 1}]}");
    struct error error = {""};
    struct json list;
    struct json wrong;
    const char *string = NULL;
    bool flag = true;
    ck_assert(json_get_array(json_top(document), "list", &list, &error));
    struct json entry = json_at(list, 1);
    json_label(&entry, "rock");
    ck_assert(!json_get_bool(entry, "solid", &flag, &error));
    ck_assert_str_eq(error.text, "test.json: list[1] (rock): key \"solid\": must be true or false");
    ck_assert(flag);
    ck_assert(!json_get_bool(entry, "buildable", &flag, &error));
    ck_assert_str_eq(error.text, "test.json: list[1] (rock): key \"buildable\": missing");
    ck_assert(!json_get_string(entry, "solid", &string, &error));
    ck_assert_str_eq(error.text, "test.json: list[1] (rock): key \"solid\": must be a string");
    ck_assert(!json_get_array(entry, "name", &wrong, &error));
    ck_assert_str_eq(error.text, "test.json: list[1] (rock): key \"name\": must be an array");
    ck_assert(!json_get_object(entry, "name", &wrong, &error));
    ck_assert_str_eq(error.text, "test.json: list[1] (rock): key \"name\": must be an object");
    ck_assert(!json_get_object(json_top(document), "other", &wrong, &error));
    ck_assert_str_eq(error.text, "test.json: key \"other\": missing");
    ck_assert(!json_get_bool(json_at(list, 0), "solid", &flag, &error));
    ck_assert_str_eq(error.text, "test.json: list[0]: must be an object with the key \"solid\"");
    ck_assert(!json_error(entry, &error, "too %s", "soft"));
    ck_assert_str_eq(error.text, "test.json: list[1] (rock): too soft");
    ck_assert(!json_get_bool(entry, "solid", &flag, NULL));
    json_destroy(&document);
}
END_TEST

START_TEST(test_whole_numbers_are_exact_or_refused)
{
    static const char *const wrong[] = {"1.5",
                                        "1e99",
                                        "-1e99",
                                        "\"1\"",
                                        "true",
                                        "null",
                                        "[]",
                                        "9007199254740993",
                                        "9007199254740992",
                                        "-9007199254740993",
                                        "18446744073709551616",
                                        "1e-300"};
    struct json_range all = {INT64_MIN, INT64_MAX};
    int64_t number = 77;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "{\"n\": %s}", wrong[i]);
        struct json_document *document = parse(text);
        struct error error = {""};
        ck_assert_msg(!json_get_integer(json_top(document), "n", all, &number, &error), "%s", text);
        ck_assert_str_eq(error.text, "test.json: key \"n\": must be a whole number from "
                                     "-9007199254740991 to 9007199254740991");
        json_destroy(&document);
    }
    ck_assert_int_eq(number, 77);
    struct json_document *document = parse("{\"n\": 9007199254740991, \"m\": 1e3}");
    ck_assert(json_get_integer(json_top(document), "n", all, &number, NULL));
    ck_assert_int_eq(number, INT64_C(9007199254740991));
    ck_assert(json_get_integer(json_top(document), "m", all, &number, NULL));
    ck_assert_int_eq(number, 1000);
    json_destroy(&document);
}
END_TEST

START_TEST(test_ranges_are_inclusive)
{
    struct json_document *document = parse("{\"n\": 10}");
    struct json top = json_top(document);
    struct error error = {""};
    int64_t number = 0;
    ck_assert(json_get_integer(top, "n", (struct json_range){10, 10}, &number, &error));
    ck_assert(!json_get_integer(top, "n", (struct json_range){11, 20}, &number, &error));
    ck_assert_str_eq(error.text, "test.json: key \"n\": must be a whole number from 11 to 20");
    ck_assert(!json_get_integer(top, "n", (struct json_range){-3, 9}, &number, &error));
    json_destroy(&document);
}
END_TEST

static void expect_keys_refused(const char *text, const char *expected)
{
    static const char *const known[] = {"name", "solid", "size_px", NULL};
    struct json_document *document = parse(text);
    struct error error = {""};
    ck_assert(!json_check_keys(json_top(document), known, &error));
    ck_assert_str_eq(error.text, expected);
    json_destroy(&document);
}

START_TEST(test_check_keys)
{
    static const char *const known[] = {"name", "solid", NULL};
    struct json_document *document = parse("{\"solid\": 1}");
    ck_assert(json_check_keys(json_top(document), known, NULL));
    json_destroy(&document);
    expect_keys_refused("{\"soild\": 1}",
                        "test.json: key \"soild\": unknown; did you mean \"solid\"?");
    expect_keys_refused("{\"Name\": 1}",
                        "test.json: key \"Name\": unknown; did you mean \"name\"?");
    expect_keys_refused("{\"colour\": 1}", "test.json: key \"colour\": unknown; the known ones "
                                           "are: name, solid, size_px");
    expect_keys_refused("{\"\": 1}",
                        "test.json: key \"\": unknown; the known ones are: name, solid, size_px");
    expect_keys_refused("{\"name\": 1, \"solid\": 2, \"name\": 1}",
                        "test.json: key \"name\": stands there twice");
    expect_keys_refused("[1]", "test.json: must be an object");
}
END_TEST

START_TEST(test_long_names_are_cut_in_errors)
{
    static char text[20000];
    memset(text, 'k', sizeof text);
    memcpy(text, "{\"", 2);
    memcpy(text + sizeof text - 6, "\": 1}", 6);
    struct json_document *document = parse(text);
    static const char *const known[] = {"name", NULL};
    struct error error = {""};
    ck_assert(!json_check_keys(json_top(document), known, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "k\": unknown; the known ones are: name"));
    struct json top = json_top(document);
    for (int i = 0; i < 20; i++)
        json_label(&top, "a name that is long enough");
    ck_assert_uint_lt(strlen(top.path), JSON_PATH_BYTES);
    json_destroy(&document);
}
END_TEST

START_TEST(test_scaled_numbers)
{
    static const char text[] = "{\"a\": 1.53, \"b\": -1.53, \"c\": 2, \"d\": \"2\", \"e\": null}";
    struct json_scale scale = {-32, 32, 16};
    struct error error = {""};
    int64_t value = 0;
    struct json_document *document = json_parse("test.json", text, strlen(text), &error);
    ck_assert_ptr_nonnull(document);
    struct json top = json_top(document);
    ck_assert(json_get_scaled(top, "a", scale, &value, &error));
    ck_assert_int_eq(value, 24); /* 24.48 */
    ck_assert(json_get_scaled(top, "b", scale, &value, &error));
    ck_assert_int_eq(value, -24);
    ck_assert(json_get_scaled(top, "c", scale, &value, &error));
    ck_assert_int_eq(value, 32);
    ck_assert(!json_get_scaled(top, "c", (struct json_scale){-32, 32, 17}, &value, &error));
    ck_assert_str_eq(error.text, "test.json: key \"c\": must be a number from -1.882352941 to "
                                 "1.882352941, not 2");
    ck_assert(!json_get_scaled(top, "d", scale, &value, &error));
    ck_assert(!json_get_scaled(top, "e", scale, &value, &error));
    ck_assert(!json_get_scaled(top, "f", scale, &value, &error));
    ck_assert(json_is_null(top, "e") && !json_is_null(top, "a") && !json_is_null(top, "f"));
    json_destroy(&document);
}
END_TEST

START_TEST(test_elements)
{
    static const char text[] = "{\"list\": [\"x\", 7, 7.5, null]}";
    struct json_range range = {0, 7};
    struct error error = {""};
    struct json list;
    const char *string = NULL;
    int64_t value = 0;
    struct json_document *document = json_parse("test.json", text, strlen(text), &error);
    ck_assert_ptr_nonnull(document);
    ck_assert(json_get_array(json_top(document), "list", &list, &error));
    ck_assert(json_string(json_at(list, 0), &string, &error));
    ck_assert_str_eq(string, "x");
    ck_assert(!json_string(json_at(list, 1), &string, &error));
    ck_assert_str_eq(error.text, "test.json: list[1]: must be a string");
    ck_assert(json_integer(json_at(list, 1), range, &value, &error));
    ck_assert_int_eq(value, 7);
    ck_assert(!json_integer(json_at(list, 1), (struct json_range){0, 6}, &value, &error));
    ck_assert(!json_integer(json_at(list, 2), range, &value, &error));
    ck_assert(!json_integer(json_at(list, 3), range, &value, &error));
    ck_assert_str_eq(error.text, "test.json: list[3]: must be a whole number from 0 to 7");
    json_destroy(&document);
}
END_TEST

TESTING_MAIN("json", test_mistakes_have_line_and_column, test_rest_behind_the_value_is_refused,
             test_strings_that_would_change_unseen_are_refused, test_size_is_bounded, test_load,
             test_getters_give_values, test_errors_name_file_entry_and_key,
             test_whole_numbers_are_exact_or_refused, test_ranges_are_inclusive, test_check_keys,
             test_long_names_are_cut_in_errors, test_scaled_numbers, test_elements)
