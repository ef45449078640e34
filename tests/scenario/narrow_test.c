/* Queues so small that they fill up: what does not fit is told later, and nothing is lost. */
#include "bottle/crew.h"

static bool holds(struct bottle *bottle, enum bottle_role stalled)
{
    struct crew crew;
    crew_prepare(bottle);
    bottle->limits.inbox_bytes = 4096;
    bottle->limits.frame_envelopes = 64;
    bottle->limits.frame_changes = 16;
    bottle->limits.frame_bytes = 300 << 10;
    bottle->limits.held_bytes = 60 << 10;
    bottle->limits.backlog_bytes = 8 << 10;
    if (!bottle_start(bottle) || !crew_assemble(&crew, bottle))
        return false;
    for (uint32_t i = 0; i < 6; i++) {
        crew_work(&crew, 500, 200000);
        bottle->is_stalled[stalled] = true;
        crew_work(&crew, 200 + rng_below(&bottle->rng, 2000), 200000);
        bottle->is_stalled[stalled] = false;
    }
    return bottle_check(bottle);
}

static void check_role(enum bottle_role stalled)
{
    struct bottle_seeds seeds = bottle_seeds(40);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, holds(bottle, stalled));
        bottle_destroy(&bottle);
    }
}

START_TEST(a_tick_that_stands_still_fills_the_inbox)
{
    check_role(BOTTLE_TICK);
}
END_TEST

START_TEST(a_net_thread_that_stands_still_fills_the_frames)
{
    check_role(BOTTLE_NET);
}
END_TEST

START_TEST(a_disk_that_stands_still_fills_what_is_held)
{
    check_role(BOTTLE_JOURNAL);
}
END_TEST

TESTING_MAIN("narrow", a_tick_that_stands_still_fills_the_inbox,
             a_net_thread_that_stands_still_fills_the_frames,
             a_disk_that_stands_still_fills_what_is_held)
