/* What leaves for players, and when; what goes on while disk or database do not. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bottle/crew.h"
#include "host/replay.h"

static struct player *start_with(struct bottle *bottle, const char *name)
{
    BOTTLE_HOLDS(bottle, bottle->is_running || bottle_start(bottle));
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    return player;
}

/* Two players who see each other, and a cell beside the first. */
struct pair {
    struct bottle *bottle;
    struct player *ann, *bob;
    struct cell_pos cell;
};

static struct pair start_pair(enum server_durability durability)
{
    struct pair pair = {.bottle = bottle_create(1)};
    pair.bottle->settings.durability = durability;
    pair.ann = start_with(pair.bottle, "ann");
    pair.bob = start_with(pair.bottle, "bob");
    pair.cell = (struct cell_pos){player_cell(pair.ann).x + 1, player_cell(pair.ann).y};
    return pair;
}

/* Does a player see the sign there, or (is_there false) nothing? */
static bool sees_sign(const struct player *player, struct cell_pos cell, bool is_there)
{
    return strcmp(player_sees(player, cell.x, cell.y), is_there ? "sign" : "") == 0;
}

/* Ann's sign is confirmed within the time, and bob sees it. */
static void must_be_shown(const struct pair *pair, uint64_t limit_ms)
{
    BOTTLE_HOLDS(pair->bottle, player_await_outcomes(pair->ann, limit_ms));
    ck_assert_uint_eq(pair->ann->done, 1);
    BOTTLE_UNTIL(pair->bottle, 1000, sees_sign(pair->bob, pair->cell, true));
    ck_assert(sees_sign(pair->bob, pair->cell, true));
}

/* Ann asks for a sign, and for four seconds nobody is told of it. */
static void must_not_be_shown(const struct pair *pair)
{
    ck_assert_uint_ne(player_place(pair->ann, "sign", pair->cell.x, pair->cell.y), 0);
    uint64_t ticks = pair->bottle->ticks;
    bottle_run(pair->bottle, 4000);
    ck_assert_uint_ge(pair->bottle->ticks, ticks + 79); /* the tick does not wait */
    ck_assert_uint_eq(pair->ann->ask_count, 1);
    ck_assert(sees_sign(pair->ann, pair->cell, false));
    ck_assert(sees_sign(pair->bob, pair->cell, false));
}

START_TEST(nothing_is_shown_before_it_is_durable)
{
    struct pair pair = start_pair(SERVER_DURABLE_JOURNAL);
    struct bottle *bottle = pair.bottle;
    bottle->is_stalled[BOTTLE_JOURNAL] = true;
    must_not_be_shown(&pair);
    BOTTLE_HOLDS(bottle,
                 player_goto(pair.bob, pair.cell.x, pair.cell.y + 4)); /* nor does walking */
    bottle->is_stalled[BOTTLE_JOURNAL] = false;
    must_be_shown(&pair, 1000);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* durability = database: the disk alone is not enough. */
START_TEST(nothing_is_shown_before_the_database_has_it)
{
    struct pair pair = start_pair(SERVER_DURABLE_DATABASE);
    struct bottle *bottle = pair.bottle;
    sim_database_set_away(bottle->database, true);
    must_not_be_shown(&pair);
    ck_assert_uint_gt(journal_durable_seq(bottle->server.journal),
                      store_applied_seq(bottle->server.store));
    sim_database_set_away(bottle->database, false);
    must_be_shown(&pair, 15000); /* the store tries again with pauses */
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* durability = relaxed: shown at once; a power loss takes it back, whole, and everybody sees the
 * same again. */
START_TEST(relaxed_shows_what_a_crash_may_take_back)
{
    struct pair pair = start_pair(SERVER_DURABLE_RELAXED);
    struct bottle *bottle = pair.bottle;
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    bottle->ledger.is_closed = true; /* what players are told may go */
    bottle->is_stalled[BOTTLE_JOURNAL] = true;
    ck_assert_uint_ne(player_place(pair.ann, "sign", pair.cell.x, pair.cell.y), 0);
    must_be_shown(&pair, 1000);
    bottle->is_stalled[BOTTLE_JOURNAL] = false;
    BOTTLE_HOLDS(bottle, bottle_restart(bottle, true));
    BOTTLE_UNTIL(bottle, 3000, sees_sign(pair.bob, pair.cell, false));
    ck_assert(sees_sign(pair.ann, pair.cell, false));
    ck_assert(sees_sign(pair.bob, pair.cell, false));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* The name of the only other player that it sees; NULL when there is none. */
static const char *sees_called(const struct player *player)
{
    struct tilth_actor actor;
    return tilth_client_actors(player->client, &actor, 1) == 1 ? actor.name : NULL;
}

START_TEST(a_new_name_is_not_shown_before_it_is_durable)
{
    struct bottle *bottle = bottle_create(1);
    struct player *ann = start_with(bottle, "ann");
    bottle->is_stalled[BOTTLE_JOURNAL] = true;
    struct player *eve = player_join(bottle, "eve");
    BOTTLE_UNTIL(bottle, 2000, sees_called(ann) != NULL);
    struct player *other = player_join(bottle, "eve"); /* with a key of its own */
    for (uint32_t i = 0; i < 200; i++) {
        bottle_run(bottle, 10);
        ck_assert_ptr_nonnull(sees_called(ann)); /* where she is, is no secret */
        ck_assert_str_eq(sees_called(ann), "");
        ck_assert_str_eq(other->words, ""); /* nor is the name taken yet */
        ck_assert(!player_is_ready(eve));
    }
    bottle->is_stalled[BOTTLE_JOURNAL] = false;
    BOTTLE_UNTIL(bottle, 1000, sees_called(ann)[0] != '\0');
    ck_assert_str_eq(sees_called(ann), "eve");
    BOTTLE_UNTIL(bottle, 1000, other->words[0] != '\0');
    ck_assert_str_eq(other->words, "this name belongs to another player's key");
    player_leave(other);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* A name that is durable already is shown, whatever the disk does now. */
START_TEST(a_known_name_is_shown_while_the_disk_stands_still)
{
    struct bottle *bottle = bottle_create(1);
    struct player *ann = start_with(bottle, "ann");
    player_carry(ann, (struct cell_pos){300, 0});
    bottle_run(bottle, 1000);
    struct player *eve = start_with(bottle, "eve");
    ck_assert_ptr_null(sees_called(ann));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    bottle->is_stalled[BOTTLE_JOURNAL] = true;
    (void)player_place(eve, "sign", player_cell(eve).x + 1, player_cell(eve).y);
    bottle_run(bottle, 500);
    player_carry(ann, player_cell(eve));
    BOTTLE_UNTIL(bottle, 2000, sees_called(ann) != NULL);
    bottle_run(bottle, 200);
    ck_assert_uint_eq(eve->ask_count, 1); /* waits for the disk */
    ck_assert_str_eq(sees_called(ann), "eve");
    bottle->is_stalled[BOTTLE_JOURNAL] = false;
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* The database is away: what is in memory goes on and changes are confirmed; kept land that is not
 * stays closed and solid; afterwards everything is applied. */
START_TEST(play_goes_on_while_the_database_is_away)
{
    struct bottle *bottle = bottle_create(1);
    struct crew crew;
    crew_prepare(bottle);
    bottle->has_cache = false;
    bottle->settings.cache_entries = 0;
    bottle->settings.view_cells = 16;
    BOTTLE_HOLDS(bottle, bottle_start(bottle) && crew_assemble(&crew, bottle));
    BOTTLE_HOLDS(bottle, crew_build(&crew, CREW_THINGS) && bottle_settle(bottle));
    for (uint32_t i = 1; i < CREW_SIZE; i++)
        player_leave(crew.members[i]);
    BOTTLE_HOLDS(bottle, bottle_stop(bottle) && bottle_start(bottle));
    BOTTLE_HOLDS(bottle, player_await_ready(crew.members[0]));
    struct player *ann = crew.members[0];
    bottle_run(bottle, 1000);
    sim_database_set_away(bottle->database, true);
    uint64_t ticks = bottle->ticks;
    crew_work(&crew, 1000, 0);
    uint32_t done = ann->done;
    player_head_for(ann, 100, 0); /* over chunk (1,0), which is kept */
    crew_work(&crew, 19000, 0);
    ck_assert_uint_ge(bottle->ticks, ticks + 399);
    ck_assert_uint_gt(ann->done, done);
    ck_assert_int_gt(player_cell(ann).x, 30); /* it walked ... */
    ck_assert_int_lt(player_cell(ann).x, 64); /* ... to where the closed land begins */
    ck_assert(tilth_client_is_solid(ann->client, 65, 0));
    sim_database_set_away(bottle->database, false);
    ann->is_walking = false;
    tilth_client_move(ann->client, 0, 0);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    ck_assert(player_sees(ann, 65, 0) != NULL);
    bottle_destroy(&bottle);
}
END_TEST

/* A standby that lacks what was done last takes over. Nobody comes in before the journal has
 * brought it there, or an old character, with an old bag, would come back to life. */
START_TEST(a_standby_that_is_behind_is_caught_up_first)
{
    char path[64];
    struct bottle *bottle = bottle_create(1);
    bottle->settings.cache_entries = 0; /* else she comes in from there */
    bottle->has_cache = false;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    (void)snprintf(path, sizeof path, "/tmp/tilth-standby-%d", getpid());
    struct player_options options = {.name = "ann", .key_path = path};
    struct player *ann = player_create(bottle, &options);
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos before = player_cell(ann);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    struct sim_database *standby = sim_database_copy(bottle->database);
    BOTTLE_HOLDS(bottle, player_goto(ann, before.x + 4, before.y + 4));
    struct cell_pos after = player_cell(ann);
    player_sleep(ann);
    BOTTLE_UNTIL(bottle, 60000, bottle->server.host->world.character_pool.used == 0);
    ck_assert_uint_eq(bottle->server.host->world.character_pool.used, 0);
    bottle->is_stalled[BOTTLE_STORE] = true;
    sim_database_fail_over(bottle->database, standby);
    player_wake(ann);
    bottle_run(bottle, 10000);
    ck_assert(!player_is_ready(ann));
    ck_assert_uint_eq(bottle->server.host->world.character_pool.used, 0);
    bottle->is_stalled[BOTTLE_STORE] = false;
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    ck_assert(grid_is_same_cell(player_cell(ann), after));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    sim_database_destroy(&standby);
    bottle_destroy(&bottle);
    (void)unlink(path);
}
END_TEST

START_TEST(changes_are_refused_when_the_database_is_too_far_behind)
{
    struct bottle *bottle = bottle_create(1);
    bottle->settings.dirty_bytes_max = 400;
    struct player *ann = start_with(bottle, "ann");
    struct cell_pos here = player_cell(ann);
    sim_database_set_away(bottle->database, true);
    for (int32_t i = 0; i < 30; i++) {
        (void)player_place(ann, "floor_tile", here.x + 1, here.y);
        (void)player_remove(ann, here.x + 1, here.y);
        bottle_run(bottle, 100);
    }
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 2000));
    ck_assert_str_eq(ann->refusal, "STORE_BEHIND");
    ck_assert_uint_gt(ann->done, 2);
    sim_database_set_away(bottle->database, false);
    bottle_run(bottle, 15000);
    uint32_t done = ann->done;
    (void)player_place(ann, "floor_tile", here.x, here.y + 1);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 2000));
    ck_assert_uint_eq(ann->done, done + 1);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* A recorded run, with loads at random moments, ends in the same hash when it is run again. */
static bool replays(struct bottle *bottle, const char *path)
{
    struct crew crew;
    struct replay_result result = {.ticks = 0};
    struct error error = {""};
    crew_prepare(bottle);
    bottle->settings.chunk_idle_s = 0;
    if (!bottle_start(bottle) || !crew_assemble(&crew, bottle) || !crew_build(&crew, 60) ||
        !bottle_stop(bottle))
        return false; /* now there is something to load */
    (void)snprintf(bottle->settings.record, sizeof bottle->settings.record, "%s", path);
    bottle->pace_us[BOTTLE_LOADER] = 400000;
    if (!bottle_start(bottle) || !crew_build(&crew, 120) || !bottle_check(bottle))
        return false;
    struct hash128 hash = bottle->server.host->world.hash;
    uint64_t tick = bottle->server.host->tick;
    bottle_kill(bottle); /* writes what is left of the recording */
    if (!replay_run(path, &result, &error))
        return bottle_tell(bottle, "%s", error.text);
    return (result.last_tick == tick && hash_is_equal(result.hash, hash)) ||
           bottle_tell(bottle, "the replay ends at tick %llu of %llu, or in another hash",
                       (unsigned long long)result.last_tick, (unsigned long long)tick);
}

START_TEST(a_recording_replays_to_the_same_hash)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        char path[] = "/tmp/tilth-recording-XXXXXX";
        int file = mkstemp(path);
        ck_assert_int_ge(file, 0);
        (void)close(file);
        (void)unlink(path);
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, replays(bottle, path));
        bottle_destroy(&bottle);
        (void)unlink(path);
    }
}
END_TEST

TESTING_MAIN("durability", nothing_is_shown_before_it_is_durable,
             nothing_is_shown_before_the_database_has_it, relaxed_shows_what_a_crash_may_take_back,
             a_new_name_is_not_shown_before_it_is_durable,
             a_known_name_is_shown_while_the_disk_stands_still,
             play_goes_on_while_the_database_is_away, a_standby_that_is_behind_is_caught_up_first,
             changes_are_refused_when_the_database_is_too_far_behind,
             a_recording_replays_to_the_same_hash)
