#include "base/arena.h"

#include <string.h>

#include "testing.h"

#include "base/rng.h"

START_TEST(test_pieces_are_aligned_and_apart)
{
    _Alignas(16) static uint8_t memory[4096 + 16];
    for (size_t offset = 0; offset < 16; offset++) {
        struct arena arena;
        arena_init(&arena, memory + offset, 4096);
        struct rng rng;
        rng_init(&rng, offset);
        uint8_t *end = memory + offset;
        size_t size = rng_below(&rng, 60);
        for (uint8_t *piece = arena_take(&arena, size); piece != NULL;
             piece = arena_take(&arena, size)) {
            ck_assert_uint_eq((uintptr_t)piece % 16, 0);
            ck_assert(piece >= end && piece + size <= memory + offset + 4096);
            ck_assert(piece - end < 16); /* no more is lost than alignment takes */
            end = piece + size;
            size = rng_below(&rng, 60);
        }
        ck_assert(end + 15 + size > memory + offset + 4096);
    }
}
END_TEST

START_TEST(test_a_used_up_arena_refuses)
{
    _Alignas(16) uint8_t memory[64];
    struct arena arena;
    arena_init(&arena, memory, sizeof memory);
    ck_assert_ptr_null(arena_take(&arena, 65));
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX));
    ck_assert_ptr_eq(arena_take(&arena, 64), memory);
    ck_assert_ptr_null(arena_take(&arena, 1));
    arena_reset(&arena);
    ck_assert_ptr_eq(arena_take(&arena, 33), memory);
    ck_assert_ptr_null(arena_take(&arena, 17)); /* 16 are left behind the alignment */
    ck_assert_ptr_eq(arena_take(&arena, 16), memory + 48);
}
END_TEST

START_TEST(test_copy)
{
    _Alignas(16) uint8_t memory[32];
    struct arena arena;
    arena_init(&arena, memory, sizeof memory);
    char *copy = arena_copy(&arena, "words", 6);
    ck_assert_str_eq(copy, "words");
    ck_assert_ptr_nonnull(arena_copy(&arena, NULL, 0));
    ck_assert_ptr_null(arena_copy(&arena, "12345678901234567", 17));
    ck_assert_str_eq(copy, "words");
}
END_TEST

START_TEST(test_an_empty_arena)
{
    struct arena arena;
    arena_init(&arena, NULL, 0);
    ck_assert_ptr_null(arena_take(&arena, 1));
}
END_TEST

TESTING_MAIN("arena", test_pieces_are_aligned_and_apart, test_a_used_up_arena_refuses, test_copy,
             test_an_empty_arena)
