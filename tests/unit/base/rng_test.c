#include "base/rng.h"

#include "testing.h"

START_TEST(test_the_stream_is_splitmix64)
{
    static const uint64_t expected[] = {6457827717110365317U, 3203168211198807973U,
                                        9817491932198370423U, 4593380528125082431U,
                                        16408922859458223821U};
    struct rng rng;
    rng_init(&rng, 1234567);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        ck_assert_uint_eq(rng_next(&rng), expected[i]);
    rng_init(&rng, 0);
    ck_assert_uint_eq(rng_next(&rng), UINT64_C(0xe220a8397b1dcdaf));
}
END_TEST

START_TEST(test_equal_seeds_give_equal_streams)
{
    struct rng a;
    struct rng b;
    rng_init(&a, 9);
    rng_init(&b, 9);
    for (uint64_t i = 1; i < 1000; i++)
        ck_assert_uint_eq(rng_below(&a, i), rng_below(&b, i));
}
END_TEST

START_TEST(test_below_is_below_and_even)
{
    struct rng rng;
    rng_init(&rng, 1);
    uint32_t counts[6] = {0};
    for (int i = 0; i < 60000; i++)
        counts[rng_below(&rng, 6)]++;
    for (int i = 0; i < 6; i++)
        ck_assert_msg(counts[i] > 9500 && counts[i] < 10500, "%d: %u", i, counts[i]);
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_eq(rng_below(&rng, 1), 0);
}
END_TEST

/* With a bound of 3/4 of 2^64, taking a remainder would give the lowest third half of all. */
START_TEST(test_large_bounds_have_no_bias)
{
    struct rng rng;
    rng_init(&rng, 2);
    const uint64_t third = UINT64_C(1) << 62;
    uint32_t counts[3] = {0};
    for (int i = 0; i < 30000; i++) {
        uint64_t value = rng_below(&rng, 3 * third);
        ck_assert_uint_lt(value, 3 * third);
        counts[value / third]++;
    }
    for (int i = 0; i < 3; i++)
        ck_assert_msg(counts[i] > 9500 && counts[i] < 10500, "%d: %u", i, counts[i]);
}
END_TEST

/* Of four inputs three results are made; without the rejection, each multiple of 3 is met twice. */
START_TEST(test_large_bounds_have_no_favourites)
{
    struct rng rng;
    rng_init(&rng, 4);
    const uint64_t bound = 3 * (UINT64_C(1) << 62);
    uint32_t counts[3] = {0};
    for (int i = 0; i < 30000; i++)
        counts[rng_below(&rng, bound) % 3]++;
    for (int i = 0; i < 3; i++)
        ck_assert_msg(counts[i] > 9500 && counts[i] < 10500, "%d: %u", i, counts[i]);
}
END_TEST

START_TEST(test_chance)
{
    struct rng rng;
    rng_init(&rng, 3);
    uint32_t hits = 0;
    for (int i = 0; i < 100000; i++) {
        ck_assert(!rng_chance(&rng, 0));
        ck_assert(rng_chance(&rng, 1000000));
        hits += rng_chance(&rng, 250000);
    }
    ck_assert(hits > 24000 && hits < 26000);
}
END_TEST

START_TEST(test_mix_changes_half_of_the_bits)
{
    struct rng rng;
    rng_init(&rng, 5);
    int changed = 0;
    for (int i = 0; i < 6400; i++) {
        uint64_t value = rng_next(&rng);
        uint64_t flipped = value ^ UINT64_C(1) << i % 64;
        ck_assert_uint_ne(rng_mix(value), rng_mix(flipped)); /* bijective */
        changed += __builtin_popcountll(rng_mix(value) ^ rng_mix(flipped));
    }
    ck_assert(changed > 6400 * 31 && changed < 6400 * 33);
}
END_TEST

TESTING_MAIN("rng", test_the_stream_is_splitmix64, test_equal_seeds_give_equal_streams,
             test_below_is_below_and_even, test_large_bounds_have_no_bias,
             test_large_bounds_have_no_favourites, test_chance, test_mix_changes_half_of_the_bits)
