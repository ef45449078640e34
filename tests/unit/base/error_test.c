#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "testing.h"

START_TEST(test_set)
{
    struct error error;
    ck_assert(!error_set(&error, "slot %d is %s", 3, "full"));
    ck_assert_str_eq(error.text, "slot 3 is full");
    ck_assert(!error_set(&error, "again: %s", error.text)); /* its own text as an argument */
    ck_assert_str_eq(error.text, "again: slot 3 is full");
}
END_TEST

START_TEST(test_add_puts_before)
{
    struct error error;
    (void)error_set(&error, "disk full");
    ck_assert(!error_add(&error, "segment %d", 12));
    ck_assert_str_eq(error.text, "segment 12: disk full");
}
END_TEST

START_TEST(test_system_says_the_reason)
{
    struct error error;
    ck_assert(!error_system(&error, ENOENT, "%s", "a/file"));
    ck_assert_str_eq(error.text, "a/file: No such file or directory");
}
END_TEST

START_TEST(test_null_is_allowed)
{
    ck_assert(!error_set(NULL, "text"));
    ck_assert(!error_add(NULL, "text"));
    ck_assert(!error_system(NULL, EIO, "text"));
}
END_TEST

START_TEST(test_long_texts_are_cut)
{
    struct error error;
    char word[2 * ERROR_TEXT_BYTES];
    memset(word, 'w', sizeof word - 1);
    word[sizeof word - 1] = 0;
    (void)error_set(&error, "%s", word);
    ck_assert_uint_eq(strlen(error.text), ERROR_TEXT_BYTES - 1);
    (void)error_add(&error, "front");
    ck_assert_uint_eq(strlen(error.text), ERROR_TEXT_BYTES - 1);
    ck_assert_int_eq(strncmp(error.text, "front: www", 10), 0);
    (void)error_system(&error, EIO, "%s", word);
    ck_assert_uint_eq(strlen(error.text), ERROR_TEXT_BYTES - 1);
}
END_TEST

START_TEST(test_control_characters_are_not_told)
{
    struct error error;
    (void)error_set(&error, "key \"%s\": unknown", "\x1b[2J\x07\x7f\n\t\xc3\xa4");
    ck_assert_str_eq(error.text, "key \"?[2J??\n\t\xc3\xa4\": unknown");
}
END_TEST

TESTING_MAIN("error", test_control_characters_are_not_told, test_set, test_add_puts_before,
             test_system_says_the_reason, test_null_is_allowed, test_long_texts_are_cut)
