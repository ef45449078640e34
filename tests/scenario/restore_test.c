/* The world goes back to an earlier time while players are connected. */
#include <stdio.h>
#include <unistd.h>

#include "bottle/player.h"
#include "host/tick.h"

enum { LATENCY_US = 150 * 1000, PLAYERS = 6, STAGES = 3 };

static struct bottle *start(uint64_t seed)
{
    struct bottle *bottle = bottle_create(seed);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    return bottle;
}

static void place(struct player *player, int32_t dx, int32_t dy)
{
    struct cell_pos here = player_cell(player);
    (void)player_place(player, "floor_tile", here.x + dx, here.y + dy);
}

static struct hash128 world_hash(const struct bottle *bottle)
{
    return bottle->server.host->world.hash;
}

/* What was asked of the world that is no more never happens in the one that is, though it is on its
 * way when that opens; and nobody's connection ends. */
START_TEST(what_was_asked_before_is_lost)
{
    struct sim_network_path path = {.latency_us = LATENCY_US};
    struct bottle *bottle = start(1);
    sim_network_path(NULL, SIM_NETWORK_UP, &path);
    sim_network_path(NULL, SIM_NETWORK_DOWN, &path);
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    place(ann, 1, 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    struct sim_database *copy = sim_database_copy(bottle->database);
    struct hash128 before = world_hash(bottle);
    place(ann, 0, 1);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    ck_assert_uint_eq(ann->done, 2);

    BOTTLE_HOLDS(bottle, bottle_go_back(bottle, copy));
    ck_assert(hash_is_equal(world_hash(bottle), before));
    for (int i = 0; i < 10; i++) { /* it has not heard of it yet */
        place(ann, -1, 0);
        (void)player_remove(ann, player_cell(ann).x + 1, player_cell(ann).y);
        bottle_run(bottle, 20);
    }
    BOTTLE_UNTIL(bottle, 5000, ann->restored == 1);
    ck_assert_uint_eq(ann->restored, 1);
    ck_assert_uint_eq(ann->connected, 1);
    ck_assert_str_eq(ann->words, "");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    ck_assert_uint_eq(ann->done, 2);
    ck_assert_uint_ge(ann->lost, 10);

    place(ann, 0, 1);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    ck_assert_uint_eq(ann->done, 3);
    ck_assert_uint_eq(ann->connected, 1);
    sim_database_destroy(&copy);
    bottle_destroy(&bottle);
}
END_TEST

/* Somebody whose character was made later is a new one then, under the same name. */
START_TEST(who_came_later_begins_anew)
{
    struct bottle *bottle = start(3);
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    struct sim_database *copy = sim_database_copy(bottle->database);
    struct player *bob = player_join(bottle, "bob");
    BOTTLE_HOLDS(bottle, player_await_ready(bob));
    BOTTLE_HOLDS(bottle, player_goto(bob, player_cell(bob).x + 5, player_cell(bob).y));
    BOTTLE_HOLDS(bottle, bottle_go_back(bottle, copy));
    BOTTLE_UNTIL(bottle, 5000, ann->restored == 1 && bob->restored == 1);
    BOTTLE_HOLDS(bottle, player_await_ready(bob));
    ck_assert_uint_eq(bob->connected, 1);
    place(bob, 1, 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(bob, 5000));
    ck_assert_uint_eq(bob->done, 1);
    sim_database_destroy(&copy);
    bottle_destroy(&bottle);
}
END_TEST

/* Who connects again while the world stands still is in, and not thrown out by the connection that
 * he lost, in whichever order both are remembered. */
START_TEST(who_connects_again_meanwhile_stays)
{
    char path[64];
    struct bottle *bottle = start(5);
    (void)snprintf(path, sizeof path, "/tmp/tilth-again-%d", getpid());
    struct player_options options = {.name = "ann", .key_path = path, .gives_up = true};
    struct player *first = player_join(bottle, "first");
    BOTTLE_HOLDS(bottle, player_await_ready(first));
    struct player *lost = player_create(bottle, &options);
    BOTTLE_HOLDS(bottle, player_await_ready(lost));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    struct sim_database *copy = sim_database_copy(bottle->database);
    player_leave(first); /* her slot is free: it comes before that of the lost one */
    bottle_run(bottle, 2000);
    sim_network_cut(lost->address, true);
    bottle->is_stalled[BOTTLE_TICK] = true;
    struct player *again = player_create(bottle, &options);
    bottle_run(bottle, 1000);
    BOTTLE_HOLDS(bottle, bottle_go_back(bottle, copy));
    BOTTLE_HOLDS(bottle, player_await_ready(again));
    bottle_run(bottle, 3000);
    ck_assert_uint_eq(again->connected, 1);
    ck_assert_str_eq(again->words, "");
    ck_assert(player_is_ready(again));
    sim_database_destroy(&copy);
    bottle_destroy(&bottle);
    (void)unlink(path);
}
END_TEST

static void place_some(struct bottle *bottle, struct player *const players[PLAYERS],
                       uint64_t pause_ms)
{
    for (int i = 0; i < 40; i++) {
        place(players[i % PLAYERS], i % 3 - 1, 1 + i % 2);
        bottle_run(bottle, pause_ms);
    }
}

static void go_back_often(uint64_t seed)
{
    struct sim_network_path path = {
        .latency_us = 30000, .jitter_us = 30000, .loss_ppm = 20000, .reorder_ppm = 50000};
    struct bottle *bottle = start(seed);
    struct player *players[PLAYERS];
    char name[16];
    sim_network_path(NULL, SIM_NETWORK_UP, &path);
    sim_network_path(NULL, SIM_NETWORK_DOWN, &path);
    for (int i = 0; i < PLAYERS; i++) {
        (void)snprintf(name, sizeof name, "p%d", i);
        players[i] = player_join(bottle, name);
        BOTTLE_HOLDS(bottle, player_await_ready(players[i]));
    }
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    struct sim_database *copy = sim_database_copy(bottle->database);
    for (uint32_t stage = 1; stage <= STAGES; stage++) {
        place_some(bottle, players, 25);
        BOTTLE_HOLDS(bottle, bottle_go_back(bottle, copy));
        place_some(bottle, players, 5);
        for (int i = 0; i < PLAYERS; i++) {
            BOTTLE_UNTIL(bottle, 10000, players[i]->restored == stage);
            ck_assert_uint_eq(players[i]->restored, stage);
        }
    }
    BOTTLE_HOLDS(bottle, bottle_settle(bottle)); /* all see what is there */
    for (int i = 0; i < PLAYERS; i++)
        ck_assert_uint_eq(players[i]->connected, 1);
    sim_database_destroy(&copy);
    bottle_destroy(&bottle);
}

/* Again and again, with everybody asking, on a network that loses and turns things around;
 * afterwards all that anybody sees is what is there. */
START_TEST(nobody_is_lost_however_often)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++)
        go_back_often(seeds.first + i);
}
END_TEST

TESTING_MAIN("restore", what_was_asked_before_is_lost, who_came_later_begins_anew,
             who_connects_again_meanwhile_stays, nobody_is_lost_however_often)
