#include "base/memory.h"

#include <pthread.h>
#include <string.h>

#include "testing.h"
#include "unit/base/aborts.h"

START_TEST(test_reserved_memory_is_zeroed_aligned_and_counted)
{
    ck_assert_uint_eq(memory_reserved_bytes(), 0);
    uint8_t *small = memory_reserve("small", 3, 7);
    uint8_t *large = memory_reserve("large", 1000, 100);
    ck_assert_uint_eq((uintptr_t)small % 64, 0);
    ck_assert_uint_eq((uintptr_t)large % 64, 0);
    for (size_t i = 0; i < 100000; i++)
        ck_assert(large[i] == 0);
    memset(small, 0xff, 21);
    memset(large, 0xff, 100000);
    uint64_t both = memory_reserved_bytes();
    ck_assert_uint_ge(both, 100021);
    ck_assert_uint_le(both, 100021 + 512);
    memory_release(small);
    ck_assert_uint_lt(memory_reserved_bytes(), both);
    memory_release(large);
    memory_release(NULL);
    ck_assert_uint_eq(memory_reserved_bytes(), 0);
}
END_TEST

START_TEST(test_nothing_at_all_is_still_memory)
{
    void *nothing = memory_reserve("nothing", 0, 8);
    ck_assert_ptr_nonnull(nothing);
    memory_release(nothing);
    ck_assert_uint_eq(memory_reserved_bytes(), 0);
}
END_TEST

START_TEST(test_too_much_fails_the_contract)
{
    ck_assert_aborts(memory_reserve("overflow", SIZE_MAX / 2, 3));
    ck_assert_aborts(memory_reserve("overflow", SIZE_MAX, 1));
}
END_TEST

START_TEST(test_a_sealed_thread_reserves_nothing)
{
    ck_assert(!memory_is_sealed());
    void *before = memory_reserve("before", 1, 8);
    memory_seal();
    ck_assert(memory_is_sealed());
    ck_assert_aborts(memory_reserve("sealed", 1, 8));
    memory_release(before); /* giving back is allowed */
    memory_unseal();
    ck_assert(!memory_is_sealed());
    memory_release(memory_reserve("after", 1, 8));
}
END_TEST

static void *reserve_often(void *argument)
{
    (void)argument;
    for (int i = 0; i < 1000; i++)
        memory_release(memory_reserve("thread", 1, 100));
    return memory_is_sealed() ? "sealed" : NULL;
}

START_TEST(test_a_seal_and_the_count_know_threads)
{
    memory_seal();
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, reserve_often, NULL), 0);
    for (int i = 0; i < 2; i++) {
        void *result = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &result), 0);
        ck_assert_ptr_null(result);
    }
    memory_unseal();
    ck_assert_uint_eq(memory_reserved_bytes(), 0);
}
END_TEST

TESTING_MAIN("memory", test_reserved_memory_is_zeroed_aligned_and_counted,
             test_nothing_at_all_is_still_memory, test_too_much_fails_the_contract,
             test_a_sealed_thread_reserves_nothing, test_a_seal_and_the_count_know_threads)
