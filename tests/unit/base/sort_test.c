#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

#include "testing.h"

#include "base/rng.h"

enum { ROWS_MAX = 1024, SEED = 7 };

struct row {
    uint64_t key;
    char rest[61];
};

static uint64_t compared;

static int order_rows(const void *a, const void *b)
{
    uint64_t left = ((const struct row *)a)->key, right = ((const struct row *)b)->key;
    compared++;
    return (left > right) - (left < right);
}

static const struct sort_order order = {sizeof(struct row), order_rows};

enum shape { RISING, FALLING, RANDOM, ALMOST_RISING, ALMOST_FALLING, FALLING_HALVES, SHAPES };

static void make(struct row rows[], uint32_t count, enum shape shape, struct rng *rng)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key = i;
        if (shape == FALLING || shape == ALMOST_FALLING)
            key = count - i;
        else if (shape == RANDOM)
            key = rng_next(rng);
        else if (shape == FALLING_HALVES)
            key = i < count / 2 ? 2 * (uint64_t)(count - i) : 2 * (uint64_t)(2 * count - i) + 1;
        memset(&rows[i], 0, sizeof rows[i]);
        rows[i].key = key;
        rows[i].rest[60] = (char)(key % 128);
    }
    if ((shape == ALMOST_RISING || shape == ALMOST_FALLING) && count > 1) {
        struct row first = rows[0];
        rows[0] = rows[count / 2];
        rows[count / 2] = first;
    }
}

/* Whatever the order was, it becomes what qsort makes of it, and no shape of it is a bad one. */
START_TEST(rows_of_any_shape)
{
    static struct row rows[ROWS_MAX], sorted[ROWS_MAX];
    static const uint32_t counts[] = {0, 1, 2, 3, 12, 13, 14, 100, 1023, ROWS_MAX};
    struct rng rng;
    rng_init(&rng, SEED);
    for (size_t n = 0; n < sizeof counts / sizeof counts[0]; n++) {
        for (int shape = 0; shape < SHAPES; shape++) {
            make(rows, counts[n], (enum shape)shape, &rng);
            memcpy(sorted, rows, sizeof rows);
            if (counts[n] > 0)
                qsort(sorted, counts[n], sizeof sorted[0], order_rows);
            compared = 0;
            sort_rows(rows, counts[n], &order);
            ck_assert_mem_eq(rows, sorted, counts[n] * sizeof rows[0]);
            ck_assert_msg(compared <= 22 * counts[n], "%u rows, shape %d: %llu", counts[n], shape,
                          (unsigned long long)compared);
        }
    }
}
END_TEST

TESTING_MAIN("sort", rows_of_any_shape)
