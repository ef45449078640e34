#include "store/bulletin.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "testing.h"

enum { WRITES = 20000, WORDS = 40 };

struct value {
    uint64_t words[WORDS];
};

static void *write_values(void *state)
{
    struct bulletin *bulletin = state;
    struct value value;
    for (uint64_t n = 1; n <= WRITES; n++) {
        for (int i = 0; i < WORDS; i++)
            value.words[i] = n;
        bulletin_write(bulletin, &value, sizeof value);
    }
    return NULL;
}

START_TEST(test_a_reader_never_sees_halves)
{
    static struct bulletin bulletin;
    struct value value;
    pthread_t writer;
    uint64_t last = 0;
    bulletin_read(&bulletin, &value, sizeof value);
    ck_assert_uint_eq(value.words[0], 0);
    ck_assert_int_eq(pthread_create(&writer, NULL, write_values, &bulletin), 0);
    while (last < WRITES) {
        bulletin_read(&bulletin, &value, sizeof value);
        for (int i = 1; i < WORDS; i++)
            ck_assert_uint_eq(value.words[i], value.words[0]);
        ck_assert_uint_ge(value.words[0], last);
        last = value.words[0];
    }
    ck_assert_int_eq(pthread_join(writer, NULL), 0);
}
END_TEST

START_TEST(test_sizes_that_are_no_words)
{
    struct bulletin bulletin = {0};
    char text[12] = {0};
    bulletin_write(&bulletin, "eleven byte", 12);
    bulletin_read(&bulletin, text, 12);
    ck_assert_str_eq(text, "eleven byte");
}
END_TEST

TESTING_MAIN("bulletin", test_a_reader_never_sees_halves, test_sizes_that_are_no_words)
