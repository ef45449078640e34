/* The database refuses rows, because of what somebody did by hand: all else goes on, and nothing is
 * lost or doubled. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bottle/folk.h"
#include "host/replay.h"

enum { ALL_PPM = 1000000, FEW = 6, LIFE_S = 20 };

static struct player *start_with(struct bottle *bottle, const char *name)
{
    BOTTLE_HOLDS(bottle, bottle->is_running || bottle_start(bottle));
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    return player;
}

/* Asks for a sign: how it went, "" for done. */
static const char *place(struct player *player, struct cell_pos cell)
{
    uint32_t done = player->done;
    ck_assert_uint_ne(player_place(player, "sign", cell.x, cell.y), 0);
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 3000));
    return player->done > done ? "" : player->refusal;
}

static uint32_t quarantined(struct bottle *bottle)
{
    struct store_facts facts;
    store_facts(bottle->server.store, &facts);
    ck_assert_uint_eq(facts.quarantined, sim_database_quarantined(bottle->database));
    return facts.quarantined;
}

/* As an operator does, over a connection of one's own; the store finds it out by itself. */
static struct quarantined_retried retry(struct bottle *bottle)
{
    struct database connection;
    struct quarantined_retried done = {.applied = 0};
    struct error error = {""};
    sim_database_open(bottle->database, &connection);
    ck_assert_int_eq(connection.ops->connect(connection.state, &error), DATABASE_OK);
    ck_assert_int_eq(connection.ops->retry_quarantined(connection.state, &bottle->server.world, "",
                                                       &done, &error),
                     DATABASE_OK);
    sim_database_close(&connection);
    bottle_run(bottle, 3000);
    return done;
}

/* Ann and her bottle, with a sign that the database refuses beside her. */
struct stuck {
    struct bottle *bottle;
    struct player *ann;
    struct cell_pos sign, beside, elsewhere; /* the last one in another chunk */
};

static struct stuck get_stuck(void)
{
    struct stuck stuck = {.bottle = bottle_create(1)};
    stuck.ann = start_with(stuck.bottle, "ann");
    struct cell_pos here = player_cell(stuck.ann);
    struct chunk_pos chunk = grid_chunk_of(here);
    stuck.sign = (struct cell_pos){here.x + 1, here.y};
    stuck.beside = (struct cell_pos){here.x, here.y + 1};
    stuck.elsewhere = (struct cell_pos){-2, here.y};
    ck_assert(grid_is_same_chunk(chunk, grid_chunk_of(stuck.sign)));
    ck_assert(!grid_is_same_chunk(chunk, grid_chunk_of(stuck.elsewhere)));
    BOTTLE_HOLDS(stuck.bottle, bottle_settle(stuck.bottle));
    sim_database_refuse(stuck.bottle->database, CHANGE_ENTITY, ALL_PPM);
    ck_assert_str_eq(place(stuck.ann, stuck.sign), "");
    BOTTLE_HOLDS(stuck.bottle, bottle_settle(stuck.bottle));
    sim_database_refuse(stuck.bottle->database, CHANGE_ENTITY, 0);
    bottle_run(stuck.bottle, 500);
    ck_assert_uint_eq(quarantined(stuck.bottle), 1);
    return stuck;
}

START_TEST(only_its_chunk_is_closed)
{
    struct stuck stuck = get_stuck();
    struct player *ann = stuck.ann;
    ck_assert_str_eq(place(ann, stuck.beside), "CHUNK_READ_ONLY");
    ck_assert_uint_ne(player_remove(ann, stuck.sign.x, stuck.sign.y), 0);
    BOTTLE_HOLDS(stuck.bottle, player_await_outcomes(ann, 3000));
    ck_assert_str_eq(ann->refusal, "CHUNK_READ_ONLY");
    ck_assert_str_eq(player_sees(ann, stuck.sign.x, stuck.sign.y), "sign");
    BOTTLE_HOLDS(stuck.bottle, player_goto(ann, 0, stuck.elsewhere.y));
    ck_assert_str_eq(place(ann, stuck.elsewhere), "");
    BOTTLE_HOLDS(stuck.bottle, bottle_check(stuck.bottle));
    ck_assert_uint_eq(quarantined(stuck.bottle), 1);
    bottle_destroy(&stuck.bottle);
}
END_TEST

/* What waits is there after a power loss, with an empty cache, and closed; and opens by a retry. */
START_TEST(it_is_there_after_a_crash_and_opens_again)
{
    struct stuck stuck = get_stuck();
    struct bottle *bottle = stuck.bottle;
    bottle->has_cache = false;
    bottle->settings.cache_entries = 0;
    BOTTLE_HOLDS(bottle, bottle_restart(bottle, true));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    ck_assert_str_eq(player_sees(stuck.ann, stuck.sign.x, stuck.sign.y), "sign");
    ck_assert_str_eq(place(stuck.ann, stuck.beside), "CHUNK_READ_ONLY");
    ck_assert_uint_eq(retry(bottle).applied, 1);
    ck_assert_uint_eq(quarantined(bottle), 0);
    ck_assert_str_eq(place(stuck.ann, stuck.beside), "");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    BOTTLE_HOLDS(bottle, bottle_restart(bottle, true));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

static uint32_t drop(struct bottle *bottle, const char *key)
{
    struct database connection;
    struct error error = {""};
    uint32_t count = 0;
    sim_database_open(bottle->database, &connection);
    ck_assert_int_eq(connection.ops->connect(connection.state, &error), DATABASE_OK);
    ck_assert_int_eq(connection.ops->drop_quarantined(connection.state, &bottle->server.world, key,
                                                      &count, &error),
                     DATABASE_OK);
    sim_database_close(&connection);
    return count;
}

/* What was given up is as the table has it from the next start on, for all: memory, journal,
 * database and players. */
START_TEST(what_is_given_up_is_as_its_row_says)
{
    struct stuck stuck = get_stuck();
    struct bottle *bottle = stuck.bottle;
    BOTTLE_HOLDS(bottle, player_goto(stuck.ann, 0, stuck.elsewhere.y));
    ck_assert_str_eq(place(stuck.ann, stuck.elsewhere), "");
    ck_assert_uint_eq(drop(bottle, "entity 5"), 0);
    ck_assert_uint_eq(drop(bottle, ""), 1);
    ck_assert_str_eq(player_sees(stuck.ann, stuck.sign.x, stuck.sign.y), "sign"); /* until then */
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle->ledger.is_closed = true; /* what was confirmed, an operator has taken back */
    bottle->ledger.cell_count = 0;
    bottle_kill(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    bottle->is_stalled[BOTTLE_STORE] = true;
    bottle_run(bottle, 3000); /* durable, but not applied: the next start goes on with it */
    BOTTLE_HOLDS(bottle, bottle_restart(bottle, true));
    bottle->is_stalled[BOTTLE_STORE] = false;
    BOTTLE_UNTIL(bottle, 5000, quarantined(bottle) == 0);
    ck_assert_uint_eq(quarantined(bottle), 0);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    ck_assert_str_eq(player_sees(stuck.ann, stuck.sign.x, stuck.sign.y), "");
    ck_assert_str_eq(player_sees(stuck.ann, stuck.elsewhere.x, stuck.elsewhere.y), "sign");
    ck_assert_str_eq(place(stuck.ann, stuck.elsewhere), "CELL_OCCUPIED");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* It stays in memory when nobody is near; and when it must go, it comes back as it was. */
START_TEST(a_closed_chunk_stays_while_there_is_room)
{
    struct stuck stuck = get_stuck();
    struct bottle *bottle = stuck.bottle;
    struct chunk_pos chunk = grid_chunk_of(stuck.sign);
    bottle->settings.chunk_idle_s = 0;
    BOTTLE_HOLDS(bottle, bottle_stop(bottle) && bottle_start(bottle));
    BOTTLE_HOLDS(bottle, player_await_ready(stuck.ann));
    player_carry(stuck.ann, (struct cell_pos){2000, 2000});
    bottle_run(bottle, 5000);
    const struct chunk *kept = world_find_chunk(&bottle->server.host->world, chunk);
    ck_assert_ptr_nonnull(kept);
    ck_assert(kept->is_closed);
    ck_assert_uint_eq(retry(bottle).applied, 1);
    bottle_run(bottle, 2000);
    ck_assert_ptr_null(world_find_chunk(&bottle->server.host->world, chunk));
    bottle_destroy(&bottle);
}
END_TEST

/* All kinds of rows are refused, some keys of each, while players do everything and servers die. */
START_TEST(whatever_is_refused_nothing_is_lost)
{
    static const enum change_kind kinds[] = {CHANGE_NONE, CHANGE_SLOT,   CHANGE_CHARACTER,
                                             CHANGE_PILE, CHANGE_SKILL,  CHANGE_CHUNK,
                                             CHANGE_CELL, CHANGE_ACCOUNT};
    static const uint32_t ppms[] = {10000, 200000, 300000, 20000, 500000, 100000, 10000, 500000};
    struct bottle_seeds seeds = bottle_seeds(24);
    uint32_t waiting = 0;
    for (uint64_t i = 0; i < seeds.count; i++) {
        static struct folk folk;
        struct books_facts facts;
        struct bottle *bottle = bottle_create(seeds.first + i);
        uint32_t which = (uint32_t)((seeds.first + i) % (sizeof kinds / sizeof kinds[0]));
        folk_open(&folk, bottle, FEW);
        bottle->has_cache = (seeds.first + i) % 2 == 0;
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        sim_database_refuse(bottle->database, kinds[which], ppms[which]);
        BOTTLE_HOLDS(bottle, folk_live(&folk, LIFE_S * 1000, 50000));
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        BOTTLE_HOLDS(bottle, folk_audit(&folk, &facts));
        waiting += quarantined(bottle);
        sim_database_refuse(bottle->database, CHANGE_NONE, 0);
        ck_assert_uint_eq(retry(bottle).refused, 0);
        BOTTLE_HOLDS(bottle, folk_live(&folk, 2000, 0) && bottle_check(bottle));
        ck_assert_uint_eq(quarantined(bottle), 0);
        bottle_destroy(&bottle);
        folk_close(&folk);
    }
    ck_assert_uint_gt(waiting, seeds.count);
}
END_TEST

/* Whatever is given up: what is left is one world, in memory, journal and database. */
START_TEST(what_is_left_holds_together)
{
    static const enum change_kind kinds[] = {CHANGE_NONE, CHANGE_STRUCTURE, CHANGE_ENTITY,
                                             CHANGE_SLOT, CHANGE_PILE,      CHANGE_CELL};
    struct bottle_seeds seeds = bottle_seeds(24);
    uint32_t given_up = 0, left = 0;
    for (uint64_t i = 0; i < seeds.count; i++) {
        static struct folk folk;
        struct bottle *bottle = bottle_create(seeds.first + i);
        uint32_t which = (uint32_t)((seeds.first + i) % (sizeof kinds / sizeof kinds[0]));
        folk_open(&folk, bottle, FEW);
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        BOTTLE_HOLDS(bottle, folk_live(&folk, LIFE_S * 250, 0));
        sim_database_refuse(bottle->database, kinds[which], 100000);
        BOTTLE_HOLDS(bottle, folk_live(&folk, LIFE_S * 500, 0) && bottle_settle(bottle));
        uint32_t waiting = quarantined(bottle);
        (void)drop(bottle, "");
        bottle->ledger.is_closed = true; /* an operator takes back what was confirmed */
        bottle->ledger.cell_count = bottle->ledger.chunk_count = 0;
        BOTTLE_HOLDS(bottle, bottle_restart(bottle, true) && bottle_settle(bottle));
        bottle_run(bottle, 3000);
        left += quarantined(bottle);
        given_up += waiting - quarantined(bottle);
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        BOTTLE_HOLDS(bottle, bottle_restart(bottle, true) && bottle_check(bottle));
        bottle_destroy(&bottle);
        folk_close(&folk);
    }
    ck_assert_uint_gt(given_up, left);
}
END_TEST

/* Which chunks are closed, and when, is an input like others. */
START_TEST(it_can_be_replayed)
{
    struct bottle_seeds seeds = bottle_seeds(8);
    uint64_t refused = 0;
    for (uint64_t i = 0; i < seeds.count; i++) {
        static struct folk folk;
        struct replay_result result = {.ticks = 0};
        struct error error = {""};
        struct bottle *bottle = bottle_create(seeds.first + i);
        struct settings *settings = &bottle->settings;
        folk_open(&folk, bottle, FEW);
        (void)snprintf(settings->record, sizeof settings->record, "%s/day", folk.content.path);
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        sim_database_refuse(bottle->database, CHANGE_NONE, 10000);
        BOTTLE_HOLDS(bottle, folk_live(&folk, LIFE_S * 500, 0));
        sim_database_refuse(bottle->database, CHANGE_NONE, 0);
        (void)retry(bottle);
        BOTTLE_HOLDS(bottle, folk_live(&folk, LIFE_S * 250, 0) && bottle_check(bottle));
        refused += bottle->server.host->facts.refusals;
        struct hash128 hash = bottle->server.host->world.hash;
        bottle_kill(bottle); /* writes what is left of the recording */
        ck_assert_msg(replay_run(settings->record, &result, &error), "%s", error.text);
        ck_assert(hash_is_equal(result.hash, hash));
        (void)unlink(settings->record);
        bottle_destroy(&bottle);
        folk_close(&folk);
    }
    ck_assert_uint_gt(refused, 0);
}
END_TEST

TESTING_MAIN("quarantine", only_its_chunk_is_closed, it_is_there_after_a_crash_and_opens_again,
             what_is_given_up_is_as_its_row_says, a_closed_chunk_stays_while_there_is_room,
             whatever_is_refused_nothing_is_lost, what_is_left_holds_together, it_can_be_replayed)
