/* testing.h - what every test program shares: a main() around one list of check tests.
 *
 * Use: TESTING_MAIN("ring", test_a, test_b, ...) at the end of the file; the arguments are
 * START_TEST names. The program exits with 1 when a test fails. CK_FORK=no debugs in place. */
#ifndef TILTH_TESTS_TESTING_H
#define TILTH_TESTS_TESTING_H

#include <check.h>
#include <stdlib.h>

/* Check writes down where a test is at every assertion, which takes microseconds: too long for
 * those that assert a million times. What fails is still told with its place. */
#undef ck_assert_msg
#define ck_assert_msg(expr, ...)                                                                   \
    ((expr) ? (void)0                                                                              \
            : _ck_assert_failed(__FILE__, __LINE__, "Assertion '" #expr "' failed", __VA_ARGS__))

/* The rounds of a test that draws at random: fewer in builds with sanitizers, which are slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TESTING_ROUNDS(rounds) ((rounds) / 40)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TESTING_ROUNDS(rounds) ((rounds) / 40)
#endif
#endif
#ifndef TESTING_ROUNDS
#define TESTING_ROUNDS(rounds) (rounds)
#endif

/* Runs the tests of one program. timeout_s holds for each test, in seconds, 0 for none; a test
 * that hangs is ended by it, no test depends on it. Returns the process's exit code. */
static inline int testing_run(const char *name, const TTest *const *tests, int count,
                              double timeout_s)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, timeout_s);
    for (int i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define TESTING_MAIN(name, ...)                                                                    \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return testing_run(name, tests, (int)(sizeof tests / sizeof tests[0]), 110.0);             \
    }

#endif
