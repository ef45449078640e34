#include "base/ring.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "testing.h"

#include "base/memory.h"
#include "base/rng.h"

/* What both ends know of record n without telling each other: its size and its bytes. */
static uint32_t size_of_record(uint64_t number, uint32_t size_max)
{
    return (uint32_t)(rng_mix(number) % (size_max + 1));
}

static uint8_t byte_of_record(uint64_t number, uint32_t at)
{
    return (uint8_t)(number * 31 + at);
}

/* Counts the bytes of record n that are not what they should be. */
static uint32_t wrong_bytes(const uint8_t *record, uint32_t size, uint64_t number,
                            uint32_t size_max)
{
    uint32_t wrong = size != size_of_record(number, size_max);
    for (uint32_t i = 0; i < size; i++)
        wrong += record[i] != byte_of_record(number, i);
    return wrong;
}

START_TEST(test_records_come_out_in_order_and_aligned)
{
    struct ring ring;
    ring_init(&ring, "test", 256);
    ck_assert(ring_write(&ring, "first", 6));
    ck_assert(ring_write(&ring, "", 0));
    ck_assert(ring_write(&ring, "third one", 10));
    struct ring_cursor cursor = {0};
    uint32_t size = 99;
    const void *record = ring_read(&ring, &cursor, &size);
    ck_assert_uint_eq((uintptr_t)record % 8, 0);
    ck_assert_uint_eq(size, 6);
    ck_assert_str_eq(record, "first");
    ck_assert_ptr_nonnull(ring_read(&ring, &cursor, &size));
    ck_assert_uint_eq(size, 0);
    record = ring_read(&ring, &cursor, &size);
    ck_assert_uint_eq((uintptr_t)record % 8, 0);
    ck_assert_str_eq(record, "third one");
    ck_assert_ptr_null(ring_read(&ring, &cursor, &size));
    ck_assert_uint_eq(size, 10); /* written on success only */
    ring_finish(&ring);
    ring_finish(&ring);
}
END_TEST

START_TEST(test_full_ring_refuses_until_released)
{
    struct ring ring;
    ring_init(&ring, "test", 64);
    uint64_t value = 7;
    for (int i = 0; i < 4; i++)
        ck_assert(ring_write(&ring, &value, sizeof value)); /* 8 and a header of 8 */
    ck_assert_uint_eq(ring_used_bytes(&ring), 64);
    ck_assert(!ring_has_room(&ring, 0));
    ck_assert(!ring_write(&ring, &value, sizeof value));
    struct ring_cursor cursor = {0};
    uint32_t size = 0;
    ck_assert_ptr_nonnull(ring_read(&ring, &cursor, &size));
    ck_assert(!ring_has_room(&ring, 8)); /* read is not released */
    ring_release(&ring, cursor);
    ck_assert(ring_has_room(&ring, 8));
    ck_assert(!ring_has_room(&ring, 9));
    ck_assert(ring_write(&ring, &value, sizeof value));
    ck_assert(!ring_has_room(&ring, 0));
    ring_finish(&ring);
}
END_TEST

START_TEST(test_more_than_a_quarter_has_no_room)
{
    struct ring ring;
    ring_init(&ring, "test", 64);
    ck_assert(ring_has_room(&ring, 16));
    ck_assert(!ring_has_room(&ring, 17));
    ring_finish(&ring);
}
END_TEST

START_TEST(test_commit_may_be_smaller_and_reserve_may_repeat)
{
    struct ring ring;
    ring_init(&ring, "test", 256);
    ck_assert_ptr_nonnull(ring_reserve(&ring, 64));
    char *room = ring_reserve(&ring, 40);
    ck_assert_uint_eq(ring_used_bytes(&ring), 0); /* nothing is published yet */
    memcpy(room, "abc", 4);
    ring_commit(&ring, 4);
    ck_assert_uint_eq(ring_used_bytes(&ring), 16);
    struct ring_cursor cursor = ring_first(&ring);
    uint32_t size = 0;
    ck_assert_str_eq(ring_read(&ring, &cursor, &size), "abc");
    ck_assert_uint_eq(size, 4);
    ck_assert_ptr_null(ring_read(&ring, &cursor, &size));
    ring_finish(&ring);
}
END_TEST

START_TEST(test_first_is_the_oldest_not_released)
{
    struct ring ring;
    ring_init(&ring, "test", 256);
    for (uint64_t i = 0; i < 5; i++)
        ck_assert(ring_write(&ring, &i, sizeof i));
    struct ring_cursor ahead = {0};
    uint32_t size = 0;
    for (int i = 0; i < 2; i++)
        ck_assert_ptr_nonnull(ring_read(&ring, &ahead, &size));
    ring_release(&ring, ahead);
    while (ring_read(&ring, &ahead, &size) != NULL) {
    }
    struct ring_cursor first = ring_first(&ring);
    const uint64_t *record = ring_read(&ring, &first, &size);
    ck_assert_uint_eq(*record, 2);
    ring_finish(&ring);
}
END_TEST

/* One thread, random sizes, reads and releases at random distances: every wrap is met. */
START_TEST(test_every_wrap_keeps_the_records)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct ring ring;
        ring_init(&ring, "test", 512);
        struct rng rng;
        rng_init(&rng, seed);
        struct ring_cursor cursor = {0};
        uint64_t written = 0;
        uint64_t read = 0;
        while (read < 5000) {
            uint8_t bytes[128];
            uint32_t size = size_of_record(written, sizeof bytes);
            for (uint32_t i = 0; i < size; i++)
                bytes[i] = byte_of_record(written, i);
            bool has_room = ring_has_room(&ring, size);
            ck_assert_int_eq(ring_write(&ring, bytes, size), has_room);
            written += has_room;
            if (has_room && rng_chance(&rng, 500000))
                continue;
            uint32_t size_read = 0;
            const uint8_t *record = ring_read(&ring, &cursor, &size_read);
            ck_assert_int_eq(record != NULL, read < written);
            if (record != NULL)
                ck_assert(record + size_read <= ring.memory + ring.size_bytes);
            if (record != NULL)
                ck_assert_uint_eq(wrong_bytes(record, size_read, read++, sizeof bytes), 0);
            if (!has_room || rng_chance(&rng, 300000))
                ring_release(&ring, cursor);
        }
        ring_finish(&ring);
    }
}
END_TEST

enum { THREAD_RECORDS = 1000000, THREAD_SIZE_MAX = 48 };

static void *write_a_million(void *argument)
{
    struct ring *ring = argument;
    for (uint64_t number = 0; number < THREAD_RECORDS; number++) {
        uint32_t size = size_of_record(number, THREAD_SIZE_MAX);
        uint8_t *room = ring_reserve(ring, THREAD_SIZE_MAX);
        while (room == NULL) {
            (void)sched_yield();
            room = ring_reserve(ring, THREAD_SIZE_MAX);
        }
        for (uint32_t i = 0; i < size; i++)
            room[i] = byte_of_record(number, i);
        ring_commit(ring, size);
    }
    return NULL;
}

START_TEST(test_two_threads_pass_a_million_records)
{
    struct ring ring;
    ring_init(&ring, "test", 4096);
    pthread_t writer;
    ck_assert_int_eq(pthread_create(&writer, NULL, write_a_million, &ring), 0);
    struct ring_cursor cursor = {0};
    uint32_t wrong = 0;
    for (uint64_t number = 0; number < THREAD_RECORDS;) {
        uint32_t size = 0;
        const uint8_t *record = ring_read(&ring, &cursor, &size);
        if (record == NULL) {
            ring_release(&ring, cursor);
            (void)sched_yield();
            continue;
        }
        wrong += wrong_bytes(record, size, number++, THREAD_SIZE_MAX);
        if (number % 7 == 0)
            ring_release(&ring, cursor);
    }
    ck_assert_int_eq(pthread_join(writer, NULL), 0);
    uint32_t size = 0;
    ck_assert_ptr_null(ring_read(&ring, &cursor, &size));
    ck_assert_uint_eq(wrong, 0);
    ring_release(&ring, cursor);
    ck_assert_uint_eq(ring_used_bytes(&ring), 0);
    ring_finish(&ring);
    ck_assert_uint_eq(memory_reserved_bytes(), 0);
}
END_TEST

TESTING_MAIN("ring", test_records_come_out_in_order_and_aligned,
             test_full_ring_refuses_until_released, test_more_than_a_quarter_has_no_room,
             test_commit_may_be_smaller_and_reserve_may_repeat,
             test_first_is_the_oldest_not_released, test_every_wrap_keeps_the_records,
             test_two_threads_pass_a_million_records)
