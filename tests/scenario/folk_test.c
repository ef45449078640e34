/* Many players do everything at once, and servers die: every thing is somewhere, once. */
#include <stdio.h>
#include <unistd.h>

#include "bottle/folk.h"
#include "host/replay.h"

enum { FEW = 8, CROWD = 20, CROWD_S = 6, MANY = 50, RECORDED_S = 12 };

/* How many live, for how long, and how often their server dies. */
struct life {
    uint32_t count, seconds, death_ppm;
    struct books_facts facts;
};

static void live(uint64_t seed, struct life *life)
{
    static struct folk folk;
    struct bottle *bottle = bottle_create(seed);
    folk_open(&folk, bottle, life->count);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    BOTTLE_HOLDS(bottle, folk_live(&folk, life->seconds * 1000, life->death_ppm));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    BOTTLE_HOLDS(bottle, folk_audit(&folk, &life->facts));
    bottle_destroy(&bottle);
    folk_close(&folk);
}

START_TEST(what_they_do_all_day_loses_nothing)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct life life = {.count = FEW, .seconds = 60};
        life.death_ppm = (seeds.first + i) % 2 == 0 ? 0 : 60000;
        live(seeds.first + i, &life);
        ck_assert_uint_gt(life.facts.harvests, 0);
        ck_assert_uint_gt(life.facts.grown, 0);
    }
}
END_TEST

/* TILTH_SECONDS=600: a large one, for so long in virtual time. */
START_TEST(nor_does_a_crowd)
{
    const char *seconds = getenv("TILTH_SECONDS");
    struct bottle_seeds seeds = bottle_seeds(4);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct life life = {.count = CROWD, .seconds = CROWD_S, .death_ppm = 50000};
        if (seconds != NULL)
            life = (struct life){MANY, (uint32_t)strtoul(seconds, NULL, 10), .death_ppm = 10000};
        live(seeds.first + i, &life);
        ck_assert_uint_eq(life.facts.characters, life.count);
    }
}
END_TEST

/* A day that was recorded ends in the same world when it is run again. */
START_TEST(it_can_be_replayed)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        static struct folk folk;
        struct replay_result result = {.ticks = 0};
        struct error error = {""};
        struct bottle *bottle = bottle_create(seeds.first + i);
        struct settings *settings = &bottle->settings;
        folk_open(&folk, bottle, FEW);
        (void)snprintf(settings->record, sizeof settings->record, "%s/day", folk.content.path);
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        BOTTLE_HOLDS(bottle, folk_live(&folk, RECORDED_S * 1000, 0));
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        struct hash128 hash = bottle->server.host->world.hash;
        uint64_t tick = bottle->server.host->tick;
        bottle_kill(bottle); /* writes what is left of the recording */
        ck_assert_msg(replay_run(settings->record, &result, &error), "%s", error.text);
        ck_assert_uint_eq(result.last_tick, tick);
        ck_assert(hash_is_equal(result.hash, hash));
        (void)unlink(settings->record);
        bottle_destroy(&bottle);
        folk_close(&folk);
    }
}
END_TEST

TESTING_MAIN("folk", what_they_do_all_day_loses_nothing, nor_does_a_crowd, it_can_be_replayed)
