/* What players were told is there after a power loss, once: over 200 seeds, and over a thousand as
 * a test of its own, torture_power_loss. */
#include "bottle/crew.h"

/* Builds, loses power, starts again, and looks. Every second seed loses it at any moment while
 * building is under way, once more. */
static bool survives(struct bottle *bottle)
{
    struct crew crew;
    crew_prepare(bottle);
    if (!bottle_start(bottle) || !crew_assemble(&crew, bottle))
        return false;
    if (bottle->seed % 2 == 0) {
        crew_work(&crew, 50 + rng_below(&bottle->rng, 1500), 100000);
        bottle_crash(bottle);
        bottle_run(bottle, rng_below(&bottle->rng, 500));
        if (!bottle_start(bottle))
            return false;
    }
    if (!crew_build(&crew, CREW_THINGS) || !crew_has_built_widely(&crew))
        return false;
    bottle_crash(bottle);
    return bottle_start(bottle) && bottle_check(bottle);
}

START_TEST(nothing_confirmed_is_lost_or_doubled)
{
    struct bottle_seeds seeds = bottle_seeds(200);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, survives(bottle));
        bottle_destroy(&bottle);
    }
}
END_TEST

/* The same with a disk that says yes and does nothing: if that were not found, nothing would be. */
START_TEST(the_same_finds_a_loss_when_sync_does_nothing)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    uint32_t found = 0;
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        sim_disk_faults(bottle->disk)->sync_is_ignored = true;
        found += !survives(bottle);
        bottle_destroy(&bottle);
    }
    ck_assert_uint_ge(found * 2, seeds.count); /* the database may have had it all already */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {nothing_confirmed_is_lost_or_doubled,
                                  the_same_finds_a_loss_when_sync_does_nothing};
    return testing_run("power_loss", tests, 2, 550.0); /* many worlds take their time */
}
