#include "base/board.h"

#include <pthread.h>

#include "testing.h"

/* All numbers of a value are the same: a torn read shows. */
struct value {
    uint64_t numbers[100];
};

enum { ROUNDS = 20000 };

static void *publish_all(void *argument)
{
    struct board *board = argument;
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        struct value value;
        for (size_t i = 0; i < 100; i++)
            value.numbers[i] = round;
        board_publish(board, &value, sizeof value);
    }
    return NULL;
}

START_TEST(a_reader_sees_whole_values)
{
    static struct board board;
    pthread_t writer;
    struct value value = {.numbers = {0}};
    ck_assert_int_eq(pthread_create(&writer, NULL, publish_all, &board), 0);
    while (value.numbers[0] < ROUNDS) {
        uint64_t before = value.numbers[0];
        board_read(&board, &value, sizeof value);
        ck_assert_uint_ge(value.numbers[0], before);
        for (size_t i = 1; i < 100; i++)
            ck_assert_uint_eq(value.numbers[i], value.numbers[0]);
    }
    ck_assert_int_eq(pthread_join(writer, NULL), 0);
}
END_TEST

START_TEST(sizes_that_are_no_multiple_of_a_word_fit)
{
    static struct board board;
    char out[11] = "";
    board_publish(&board, "0123456789", 11);
    board_read(&board, out, sizeof out);
    ck_assert_str_eq(out, "0123456789");
}
END_TEST

TESTING_MAIN("board", a_reader_sees_whole_values, sizes_that_are_no_multiple_of_a_word_fit)
