#include "bottle/torture.h"

#include <stdio.h>
#include <unistd.h>

#include "bottle/weather.h"
#include "host/replay.h"

enum { FOLK_MIN = 2, FOLK_SPREAD = 4, LIVES_SPREAD = 5, STEPS_MIN = 10, STEPS_SPREAD = 80 };
enum { HURT_PPM = 60000, STANDBY_PPM = 10000 }; /* a step */
enum { HEARTBEAT_MS = 1500 /* from one to the next, and a bit */ };

void torture_open(struct torture *torture, uint64_t seed)
{
    struct bottle *bottle = bottle_create(seed);
    *torture = (struct torture){.bottle = bottle};
    folk_open(&torture->folk, bottle, FOLK_MIN + (uint32_t)rng_below(&bottle->rng, FOLK_SPREAD));
    weather_climate(bottle);
    bottle->settings.durability =
        rng_below(&bottle->rng, 6) == 0 ? SERVER_DURABLE_DATABASE : SERVER_DURABLE_JOURNAL;
    torture->is_recorded = rng_below(&bottle->rng, 4) == 0;
}

void torture_close(struct torture *torture)
{
    (void)unlink(torture->bottle->settings.record);
    sim_database_destroy(&torture->standby);
    bottle_destroy(&torture->bottle);
    folk_close(&torture->folk);
}

/* The database has a standby, which falls behind from now on; or that takes over. */
static void change_database(struct torture *torture)
{
    struct sim_database *database = torture->bottle->database;
    if (torture->standby == NULL) {
        torture->standby = sim_database_copy(database);
        return;
    }
    sim_database_fail_over(database, torture->standby);
    sim_database_destroy(&torture->standby);
    torture->fail_overs++;
}

/* They live, in the weather, until the next death. */
static bool live(struct torture *torture)
{
    struct bottle *bottle = torture->bottle;
    uint64_t steps = STEPS_MIN + rng_below(&bottle->rng, STEPS_SPREAD);
    for (; steps > 0 && !bottle->is_broken; steps--) {
        folk_step(&torture->folk);
        if (rng_chance(&bottle->rng, HURT_PPM))
            weather_hurt(bottle);
        if (rng_chance(&bottle->rng, STANDBY_PPM))
            change_database(torture);
    }
    return !bottle->is_broken;
}

/* Runs the recording of the last server again: it ends in the same world. */
static bool is_replay_right(struct torture *torture)
{
    struct bottle *bottle = torture->bottle;
    struct replay_result result = {.ticks = 0};
    struct error error = {""};
    struct hash128 hash = bottle->server.host->world.hash;
    uint64_t tick = bottle->server.host->tick;
    bottle_kill(bottle); /* writes what is left of the recording */
    if (!replay_run(bottle->settings.record, &result, &error))
        return bottle_tell(bottle, "replay: %s", error.text);
    return (result.last_tick == tick && hash_is_equal(result.hash, hash)) ||
           bottle_tell(bottle, "the replay ends at tick %llu of %llu, or in another hash",
                       (unsigned long long)result.last_tick, (unsigned long long)tick);
}

static bool judge(struct torture *torture)
{
    struct bottle *bottle = torture->bottle;
    if (!weather_clear(bottle))
        return false;
    folk_rest(&torture->folk);
    bottle_run(bottle, HEARTBEAT_MS); /* a store with nothing to do hears so of a new database */
    if (!bottle_check(bottle) || !folk_audit(&torture->folk, &torture->books))
        return false;
    torture->outcomes = bottle->ledger.outcome_count;
    torture->views = bottle->ledger.view_count;
    return !torture->is_recorded || is_replay_right(torture);
}

bool torture_run(struct torture *torture)
{
    struct bottle *bottle = torture->bottle;
    struct settings *settings = &bottle->settings;
    if (!bottle_start(bottle))
        return false;
    for (uint64_t lives = 1 + rng_below(&bottle->rng, LIVES_SPREAD); lives > 0; lives--) {
        if (!live(torture))
            return false;
        if (lives == 1 && torture->is_recorded)
            (void)snprintf(settings->record, sizeof settings->record, "%s/life",
                           torture->folk.content.path);
        if (!death_pass(bottle, &torture->deaths))
            return false;
    }
    return live(torture) && judge(torture);
}
