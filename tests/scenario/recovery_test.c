/* What was confirmed is there after every kind of end, and with every kind of cache. */
#include <errno.h>

#include "bottle/crew.h"

enum { THINGS = 60 };

/* A crew has built; the server has ended in between, as often as the cases say. */
enum ending { ENDING_KILL, ENDING_STOP, ENDING_CRASH };

static bool restart(struct bottle *bottle, enum ending ending)
{
    if (ending == ENDING_KILL)
        bottle_kill(bottle);
    else if (ending == ENDING_CRASH)
        bottle_crash(bottle);
    else if (!bottle_stop(bottle))
        return false;
    return bottle_start(bottle);
}

static bool survives(struct bottle *bottle, enum ending ending)
{
    struct crew crew;
    crew_prepare(bottle);
    return bottle_start(bottle) && crew_assemble(&crew, bottle) && crew_build(&crew, THINGS) &&
           restart(bottle, ending) && crew_build(&crew, 2 * THINGS) && restart(bottle, ending) &&
           bottle_check(bottle);
}

static void check_ending(enum ending ending)
{
    struct bottle_seeds seeds = bottle_seeds(30);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, survives(bottle, ending));
        bottle_destroy(&bottle);
    }
}

START_TEST(a_kill_loses_nothing)
{
    check_ending(ENDING_KILL);
}
END_TEST

START_TEST(a_stop_loses_nothing)
{
    check_ending(ENDING_STOP);
}
END_TEST

/* The remote cache is made useless midway, each time in another way. */
static bool survives_cache(struct bottle *bottle, uint32_t way)
{
    struct crew crew;
    crew_prepare(bottle);
    bottle->settings.cache_entries = 0; /* else it would not be asked */
    bottle->has_cache = way != 3;
    if (!bottle_start(bottle) || !crew_assemble(&crew, bottle) || !crew_build(&crew, THINGS) ||
        !bottle_settle(bottle))
        return false;
    bottle_kill(bottle);
    if (!bottle_start(bottle) || !bottle_settle(bottle))
        return false; /* now the cache is warm */
    if (way == 0)
        sim_cache_flush(bottle->cache);
    else if (way == 1)
        sim_cache_set_away(bottle->cache, true);
    else
        sim_cache_forge(bottle->cache);
    return restart(bottle, ENDING_KILL) && crew_build(&crew, 2 * THINGS) && bottle_check(bottle);
}

START_TEST(a_cache_that_forgets_lies_or_is_away_costs_nothing)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, survives_cache(bottle, (uint32_t)(i % 4)));
        bottle_destroy(&bottle);
    }
}
END_TEST

/* A player with things pending when the power goes: each is told DONE or LOST, and so it is. */
START_TEST(pending_intents_end_as_done_or_lost)
{
    struct bottle_seeds seeds = bottle_seeds(30);
    uint32_t done = 0, lost = 0;
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        struct player *ann = player_join(bottle, "ann");
        BOTTLE_HOLDS(bottle, player_await_ready(ann));
        struct cell_pos here = player_cell(ann);
        for (int32_t x = -1; x <= 1; x += 2)
            for (int32_t y = -1; y <= 1; y++)
                (void)player_place(ann, "floor_tile", here.x + x, here.y + y);
        bottle_run(bottle, rng_below(&bottle->rng, 150));
        uint32_t before = ann->done;
        bottle_crash(bottle);
        BOTTLE_HOLDS(bottle, bottle_start(bottle) && bottle_check(bottle));
        ck_assert_uint_eq(ann->done + ann->refused + ann->lost, 6);
        done += ann->done - before;
        lost += ann->lost;
        bottle_destroy(&bottle);
    }
    if (seeds.count >= 60)
        ck_assert_msg(done > 0 && lost > 0, "%u done after the crash, %u lost", done, lost);
}
END_TEST

static bool places_one(struct player *player, int32_t x, int32_t y)
{
    uint32_t done = player->done;
    (void)player_place(player, "floor_tile", x, y);
    return player_await_outcomes(player, 3000) && player->done == done + 1;
}

START_TEST(a_full_disk_makes_the_world_read_only_until_there_is_room)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos here = player_cell(ann);
    ck_assert(places_one(ann, here.x + 1, here.y));
    struct sim_disk_faults *faults = sim_disk_faults(bottle->disk);
    *faults = (struct sim_disk_faults){.writes_fail = UINT32_MAX, .code = ENOSPC};
    bottle_run(bottle, 3000); /* the next heartbeat cannot be written */
    (void)player_place(ann, "floor_tile", here.x, here.y + 1);
    bottle_run(bottle, 1000);
    tilth_client_move(ann->client, 0, -1);
    bottle_run(bottle, 500);
    tilth_client_move(ann->client, 0, 0);
    ck_assert_int_lt(player_cell(ann).y, here.y);           /* movement goes on */
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 1000)); /* it is told while it is so */
    *faults = (struct sim_disk_faults){.code = 0};
    ck_assert_str_eq(ann->refusal, "WORLD_READ_ONLY");
    bottle_run(bottle, 3000);
    here = player_cell(ann);
    ck_assert(places_one(ann, here.x + 1, here.y));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(an_io_error_is_survived)
{
    struct bottle_seeds seeds = bottle_seeds(30);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        struct crew crew;
        crew_prepare(bottle);
        BOTTLE_HOLDS(bottle, bottle_start(bottle) && crew_assemble(&crew, bottle));
        sim_disk_faults(bottle->disk)->syncs_fail = 1 + (uint32_t)i % 3;
        BOTTLE_HOLDS(bottle, crew_build(&crew, THINGS));
        bottle_crash(bottle);
        *sim_disk_faults(bottle->disk) = (struct sim_disk_faults){.code = 0};
        BOTTLE_HOLDS(bottle, bottle_start(bottle) && bottle_check(bottle));
        bottle_destroy(&bottle);
    }
}
END_TEST

TESTING_MAIN("recovery", a_kill_loses_nothing, a_stop_loses_nothing,
             a_cache_that_forgets_lies_or_is_away_costs_nothing,
             pending_intents_end_as_done_or_lost,
             a_full_disk_makes_the_world_read_only_until_there_is_room, an_io_error_is_survived)
