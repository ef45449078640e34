#include "bottle/death.h"

#include "bottle/bitrot.h"
#include "bottle/weather.h"

enum { TRIES = 3, LAST_MS = 1500, REST_MS = 1500, FEW_CHANGES = 8, MANY_CHANGES = 400 };
enum { START_CALLS = 12 /* to the database, of a start, about */, ROT_PPM = 300000 };

static uint32_t below(struct bottle *bottle, uint32_t bound)
{
    return (uint32_t)rng_below(&bottle->rng, bound);
}

/* The end comes within one of the changes to come. A segment that is made takes many. */
static void end_soon(struct bottle *bottle)
{
    uint32_t most = below(bottle, 4) > 0 ? FEW_CHANGES : MANY_CHANGES;
    sim_disk_faults(bottle->disk)->dies_in = 1 + below(bottle, most);
}

/* Ends the server; up to which record everything was confirmed. */
static uint64_t die(struct bottle *bottle, struct death_facts *facts)
{
    bool is_kill = below(bottle, 3) == 0;
    if (below(bottle, 2) == 0) {
        end_soon(bottle);
        BOTTLE_UNTIL(bottle, LAST_MS, sim_disk_is_dead(bottle->disk));
    }
    uint64_t durable_seq = journal_durable_seq(bottle->server.journal);
    bool is_midway = sim_disk_is_dead(bottle->disk);
    facts->kills += is_kill;
    facts->kills_midway += is_kill && is_midway;
    facts->crashes += !is_kill;
    facts->crashes_midway += !is_kill && is_midway;
    (is_kill ? bottle_kill : bottle_crash)(bottle);
    bottle_run(bottle, below(bottle, REST_MS));
    return durable_seq;
}

static bool break_at(struct bottle *bottle, const struct bitrot *rot, const char *what)
{
    struct error words = bottle->words;
    (void)bottle_tell(bottle, "bit %u of byte %llu of %s (record %llu) %s; last words: %.200s",
                      rot->bit, (unsigned long long)rot->offset, rot->name,
                      (unsigned long long)rot->record, what, words.text);
    bottle->is_broken = true;
    return false;
}

/* A start over a flipped bit, in good weather; then over an intact copy, if that is what it takes.
 */
static bool start_over_rot(struct bottle *bottle, const struct bitrot *rot,
                           struct death_facts *facts)
{
    facts->flips++;
    facts->starts++;
    if (bottle_start(bottle))
        return !rot->must_stop ||
               break_at(bottle, rot, "was confirmed, and a start passed over it");
    facts->starts_failed++;
    facts->flips_told++;
    if (!rot->must_stop && !rot->may_be_told)
        return break_at(bottle, rot, "says nothing, and stopped the start");
    if (!bitrot_is_named(rot, bottle->words.text))
        return break_at(bottle, rot, "was not named");
    bitrot_heal(bottle, rot);
    facts->starts++;
    return bottle_start(bottle);
}

/* A start while something fails. */
static bool start_in_trouble(struct bottle *bottle, struct death_facts *facts)
{
    static const enum sim_database_fault faults[] = {SIM_DATABASE_LOSE_BEFORE,
                                                     SIM_DATABASE_LOSE_AFTER, SIM_DATABASE_FAIL};
    if (below(bottle, 2) == 0)
        end_soon(bottle);
    if (below(bottle, 2) == 0)
        sim_database_plan(bottle->database, 1 + below(bottle, START_CALLS),
                          faults[below(bottle, 3)]);
    facts->starts++;
    if (bottle_start(bottle))
        return true;
    facts->starts_failed++;
    (below(bottle, 2) == 0 ? bottle_kill : bottle_crash)(bottle);
    return false;
}

/* The bit flips while the server runs, which finds it or not, or while none does. */
static bool pass_over_rot(struct bottle *bottle, struct death_facts *facts)
{
    struct bitrot rot = {.offset = 0};
    bool is_live = below(bottle, 2) == 0 && !sim_disk_is_dead(bottle->disk);
    if (is_live) {
        sim_disk_faults(bottle->disk)->reads_fail = 0;
        rot = bitrot_strike(bottle, journal_durable_seq(bottle->server.journal));
        rot.may_be_told = true; /* it may be in what is written next */
        bottle_run(bottle, below(bottle, LAST_MS));
    }
    uint64_t durable_seq = die(bottle, facts);
    weather_heal(bottle);
    if (!is_live)
        rot = bitrot_strike(bottle, durable_seq);
    return rot.name[0] != '\0' ? start_over_rot(bottle, &rot, facts) : bottle_start(bottle);
}

bool death_pass(struct bottle *bottle, struct death_facts *facts)
{
    if (rng_chance(&bottle->rng, ROT_PPM))
        return pass_over_rot(bottle, facts);
    (void)die(bottle, facts);
    for (uint32_t i = below(bottle, TRIES + 1); i > 0; i--) {
        if (start_in_trouble(bottle, facts))
            return true;
    }
    facts->starts++;
    return weather_clear(bottle);
}
