#include "world/refusal.h"

#include <ctype.h>
#include <string.h>

#include "testing.h"

/* Numbers are on the wire and in the records of clients: they never change. */
START_TEST(test_numbers_are_for_ever)
{
    ck_assert_int_eq(REFUSAL_NONE, 0);
    ck_assert_int_eq(REFUSAL_OUT_OF_WORLD, 1);
    ck_assert_int_eq(REFUSAL_OUT_OF_REACH, 2);
    ck_assert_int_eq(REFUSAL_CHUNK_LOADING, 3);
    ck_assert_int_eq(REFUSAL_CELL_OCCUPIED, 4);
    ck_assert_int_eq(REFUSAL_WORLD_READ_ONLY, 12);
    ck_assert_int_eq(REFUSAL_TOO_FAST, 15);
}
END_TEST

START_TEST(test_names_and_words)
{
    ck_assert_str_eq(refusal_name(REFUSAL_OUT_OF_REACH), "OUT_OF_REACH");
    ck_assert_str_eq(refusal_words(REFUSAL_OUT_OF_REACH), "too far away");
    ck_assert_str_eq(refusal_name(REFUSAL_COUNT), "UNKNOWN");
    ck_assert_str_eq(refusal_words(UINT32_MAX), "an unknown reason");
    for (uint32_t i = 0; i < REFUSAL_COUNT; i++) {
        ck_assert_uint_ge(strlen(refusal_name(i)), 4);
        ck_assert_uint_ge(strlen(refusal_words(i)), 8);
        ck_assert(islower((unsigned char)refusal_words(i)[0]));
        for (uint32_t other = 0; other < i; other++)
            ck_assert_str_ne(refusal_words(i), refusal_words(other));
    }
}
END_TEST

TESTING_MAIN("refusal", test_numbers_are_for_ever, test_names_and_words)
