#include "base/wake.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "testing.h"

#include "base/clock.h"

enum { LONG_US = 20000000, SHORT_US = 20000 };

/* How long the wait took, in microseconds. */
static uint64_t wait_us(struct wake *wake, int other_fd, uint64_t timeout_us)
{
    uint64_t before = clock_now().mono_us;
    wake_wait(wake, other_fd, timeout_us);
    return clock_now().mono_us - before;
}

START_TEST(test_signals_before_the_wait_count_once)
{
    struct wake wake;
    ck_assert(wake_open(&wake));
    wake_signal(&wake);
    wake_signal(&wake);
    ck_assert_uint_lt(wait_us(&wake, -1, LONG_US), LONG_US / 2);
    ck_assert_uint_ge(wait_us(&wake, -1, SHORT_US), SHORT_US); /* they are used up */
    wake_close(&wake);
    ck_assert_int_eq(wake.fd, -1);
    wake_close(&wake);
}
END_TEST

START_TEST(test_the_other_descriptor_ends_the_wait)
{
    struct wake wake;
    int ends[2];
    ck_assert(wake_open(&wake));
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_uint_ge(wait_us(&wake, ends[0], SHORT_US), SHORT_US);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    ck_assert_uint_lt(wait_us(&wake, ends[0], LONG_US), LONG_US / 2);
    char byte = 0;
    ck_assert_int_eq(read(ends[0], &byte, 1), 1); /* the wait has not read it */
    (void)close(ends[0]);
    (void)close(ends[1]);
    wake_close(&wake);
}
END_TEST

struct work {
    struct wake wake;
    _Atomic uint32_t given;
};

enum { ITEMS = 1000 };

static void *give(void *argument)
{
    struct work *work = argument;
    for (uint32_t i = 0; i < ITEMS; i++) {
        atomic_fetch_add(&work->given, 1);
        wake_signal(&work->wake);
    }
    return NULL;
}

/* If a signal could be lost between looking and sleeping, this would sleep for ever. */
START_TEST(test_no_signal_of_another_thread_is_lost)
{
    struct work work = {.given = 0};
    ck_assert(wake_open(&work.wake));
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, give, &work), 0);
    uint64_t longest = 0;
    while (atomic_load(&work.given) < ITEMS) {
        uint64_t waited = wait_us(&work.wake, -1, LONG_US);
        longest = waited > longest ? waited : longest;
    }
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_lt(longest, LONG_US / 2);
    wake_close(&work.wake);
}
END_TEST

TESTING_MAIN("wake", test_signals_before_the_wait_count_once,
             test_the_other_descriptor_ends_the_wait, test_no_signal_of_another_thread_is_lost)
