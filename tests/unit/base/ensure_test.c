#include "base/ensure.h"

#include <string.h>

#include "testing.h"
#include "unit/base/aborts.h"

#include "base/log.h"

START_TEST(test_what_holds_goes_on)
{
    int evaluated = 0;
    ensure(++evaluated == 1);
    ck_assert_int_eq(evaluated, 1); /* once, in release builds too */
}
END_TEST

START_TEST(test_what_does_not_hold_aborts)
{
    ck_assert_aborts(ensure(1 + 1 == 3));
}
END_TEST

START_TEST(test_the_message_has_condition_place_and_crumbs)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = aborts_fork();
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        log_crumb("tick", 41, 7);
        int cows = 3;
        ensure(cows == 4);
        _exit(0);
    }
    (void)close(ends[1]);
    char text[1024] = {0};
    size_t size = 0;
    ssize_t result = 1;
    while (result > 0 && size < sizeof text - 1) {
        result = read(ends[0], text + size, sizeof text - 1 - size);
        size += result > 0 ? (size_t)result : 0;
    }
    (void)close(ends[0]);
    ck_assert(aborts_has(child));
    ck_assert_ptr_nonnull(strstr(text, "ensure failed: cows == 4 at "));
    ck_assert_ptr_nonnull(strstr(text, "ensure_test.c:"));
    ck_assert_ptr_nonnull(strstr(text, "tick 41 7"));
}
END_TEST

TESTING_MAIN("ensure", test_what_holds_goes_on, test_what_does_not_hold_aborts,
             test_the_message_has_condition_place_and_crumbs)
