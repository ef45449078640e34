#include "sim/roll.h"

#include "testing.h"

enum { ROLLS = 20000 };

static uint32_t count_hits(struct sim *sim, struct roll roll, uint32_t chance_ppm)
{
    uint32_t hits = 0;
    for (uint32_t i = 0; i < ROLLS; i++) {
        sim->tick = i;
        hits += roll_hits(sim, roll, chance_ppm);
    }
    return hits;
}

START_TEST(chances_are_kept)
{
    struct sim sim = {.tick = 0};
    struct roll roll = {9, ROLL_YIELD, 0};
    roll_init(&sim, 5);
    ck_assert_uint_eq(count_hits(&sim, roll, 0), 0);
    ck_assert_uint_eq(count_hits(&sim, roll, CATALOG_PPM), ROLLS);
    uint32_t half = count_hits(&sim, roll, CATALOG_PPM / 2);
    ck_assert(half > ROLLS / 2 - 300 && half < ROLLS / 2 + 300); /* over four sigma */
}
END_TEST

/* Two rolls that agree in all hits of a thousand would be one. */
static bool agree(struct sim *left, struct roll left_roll, struct sim *right,
                  struct roll right_roll)
{
    for (uint64_t tick = 0; tick < 1000; tick++) {
        left->tick = tick;
        bool hits = roll_hits(left, left_roll, CATALOG_PPM / 2);
        right->tick = tick;
        if (hits != roll_hits(right, right_roll, CATALOG_PPM / 2))
            return false;
    }
    return true;
}

START_TEST(all_that_names_a_roll_matters)
{
    struct sim sim = {.tick = 0}, same = {.tick = 0}, other = {.tick = 0};
    struct roll roll = {9, ROLL_YIELD, 0};
    roll_init(&sim, 5);
    roll_init(&same, 5);
    roll_init(&other, 6);
    ck_assert(agree(&sim, roll, &same, roll));
    ck_assert(!agree(&sim, roll, &other, roll));
    ck_assert(!agree(&sim, roll, &same, (struct roll){8, ROLL_YIELD, 0}));
    ck_assert(!agree(&sim, roll, &same, (struct roll){9, ROLL_BONUS, 0}));
    ck_assert(!agree(&sim, roll, &same, (struct roll){9, ROLL_YIELD, 1}));
}
END_TEST

TESTING_MAIN("roll", chances_are_kept, all_that_names_a_roll_matters)
