/* What stands over several cells is one thing: over all borders, for all who see any of it, and in
 * the database. */
#include <stdio.h>
#include <string.h>

#include "bottle/audit.h"
#include "bottle/operator.h"
#include "bottle/player.h"
#include "bottle/site.h"

enum { COST = 20, QUADRANTS = 4, PLACES = 3, CELLS = 6, NEAR_VIEW_CELLS = 8, AWAY_CELLS = 18 };

/* Primary cells of a building of 3 x 2 in a yard: over a corner, an upright and a level border. */
static const struct cell_pos places[PLACES] = {{0, -1}, {0, 1}, {1, -1}};

static struct bottle *begin(uint64_t seed)
{
    struct bottle *bottle = bottle_create(seed);
    bottle->settings.free_building = false;
    bottle->settings.reach_px = 1000;
    return bottle;
}

static struct cell_pos beside(struct cell_pos cell, int32_t x, int32_t y)
{
    return (struct cell_pos){cell.x + x, cell.y + y};
}

/* A player in the yard, where no building of `places` stands; with so much wood. */
static struct player *enter(struct bottle *bottle, const char *name, struct cell_pos cell,
                            uint32_t wood)
{
    char line[64];
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    (void)snprintf(line, sizeof line, "give %s wood_block %u", name, wood);
    if (wood > 0)
        ck_assert_uint_eq(operator_ask(bottle, line), CONSOLE_DONE);
    player_carry(player, cell);
    BOTTLE_UNTIL(bottle, 5000,
                 grid_is_same_cell(player_cell(player), cell) &&
                     tilth_client_is_occupied(player->client, cell.x, cell.y) >= 0);
    bottle_run(bottle, 500);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    return player;
}

static void expect_done(struct player *player, uint32_t number)
{
    uint32_t done = player->done;
    ck_assert_uint_ne(number, 0);
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 5000));
    ck_assert_msg(player->done == done + 1, "%s", player->refusal);
}

static void expect_refused(struct player *player, uint32_t number, const char *refusal)
{
    uint32_t refused = player->refused;
    ck_assert_uint_ne(number, 0);
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 5000));
    ck_assert_uint_eq(player->refused, refused + 1);
    ck_assert_str_eq(player->refusal, refusal);
}

/* How many of the building's cells the player sees it in, occupied, and solid. */
static uint32_t cells_seen(const struct player *player, struct cell_pos site)
{
    struct tilth_structure seen;
    uint32_t count = 0;
    for (int32_t i = 0; i < CELLS; i++) {
        struct cell_pos cell = beside(site, i % 3 - 1, i / 3);
        count += player_sees_structure(player, cell, &seen) && seen.x == site.x &&
                 seen.y == site.y && seen.width == 3 && seen.height == 2 &&
                 tilth_client_is_occupied(player->client, cell.x, cell.y) == 1 &&
                 tilth_client_is_solid(player->client, cell.x, cell.y) == 1 &&
                 strcmp(player_sees(player, cell.x, cell.y), "building") == 0;
    }
    return count;
}

/* How many of these cells are free for something, as the player sees it. */
static uint32_t cells_free(const struct player *player, struct cell_pos site)
{
    uint32_t count = 0;
    for (int32_t i = 0; i < CELLS; i++) {
        struct cell_pos cell = beside(site, i % 3 - 1, i / 3);
        count += tilth_client_is_occupied(player->client, cell.x, cell.y) == 0;
    }
    return count;
}

/* One builds, the other takes it down. */
static void build_and_unbuild(struct player *ann, struct player *bob, struct cell_pos site)
{
    struct bottle *bottle = ann->bottle;
    expect_done(ann, player_build(ann, "building", site.x, site.y));
    ck_assert_uint_eq(player_has(ann, "wood_block"), 0);
    ck_assert_uint_eq(cells_seen(ann, site), CELLS); /* before the outcome was told */
    BOTTLE_UNTIL(bottle, 2000, cells_seen(bob, site) == CELLS);
    ck_assert_uint_eq(cells_seen(bob, site), CELLS);
    expect_refused(bob, player_build(bob, "building", site.x, site.y), "CELL_OCCUPIED");
    expect_refused(bob, player_place(bob, "sign", site.x + 1, site.y + 1), "CELL_OCCUPIED");
    expect_done(bob, player_unbuild(bob, site.x + 1, site.y + 1));
    ck_assert_uint_eq(player_has(bob, "wood_block"), COST);
    BOTTLE_UNTIL(bottle, 2000, cells_free(ann, site) == CELLS);
    ck_assert_uint_eq(cells_free(ann, site), CELLS);
    ck_assert_uint_eq(cells_free(bob, site), CELLS);
    expect_refused(ann, player_build(ann, "building", site.x, site.y), "ITEMS_MISSING");
    expect_refused(ann, player_unbuild(ann, site.x, site.y), "NOT_BUILT");
}

START_TEST(a_building_stands_over_borders_and_corners_everywhere)
{
    static const struct site_quadrant quadrants[QUADRANTS] = {{1, 1}, {-1, 1}, {-1, -1}, {1, -1}};
    struct bottle *bottle = begin(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *players[2] = {NULL};
    for (uint32_t i = 0; i < QUADRANTS; i++) {
        struct cell_pos yard = site_yard(bottle, quadrants[i], 0);
        struct cell_pos posts[2] = {beside(yard, -2, 2), beside(yard, -2, -2)};
        players[0] = players[0] ? players[0] : enter(bottle, "ann", posts[0], COST);
        players[1] = players[1] ? players[1] : enter(bottle, "bob", posts[1], 0);
        for (uint32_t n = 0; n < 2; n++)
            player_carry(players[n], posts[n]);
        bottle_run(bottle, 200);
        for (uint32_t place = 0; place < PLACES; place++) {
            struct cell_pos site = beside(yard, places[place].x, places[place].y);
            BOTTLE_UNTIL(bottle, 5000,
                         cells_free(players[0], site) + cells_free(players[1], site) == 2 * CELLS);
            struct player *builder = players[(i * PLACES + place) % 2];
            build_and_unbuild(builder, players[(i * PLACES + place + 1) % 2], site);
        }
    }
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_STRUCTURE), 0);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* Who sees one of four chunks sees all of it; who has only that in memory cannot change it. */
START_TEST(one_chunk_in_view_shows_the_whole)
{
    struct bottle *bottle = begin(1);
    struct tilth_structure seen;
    struct tilth_chunk chunk;
    bottle->settings.view_cells = NEAR_VIEW_CELLS;
    bottle->settings.chunk_idle_s = 0;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct cell_pos yard = site_yard(bottle, (struct site_quadrant){-1, 1}, 0);
    struct cell_pos away = site_stand(bottle, beside(yard, AWAY_CELLS, AWAY_CELLS));
    struct player *ann = enter(bottle, "ann", away, COST);
    struct cell_pos site = beside(yard, 0, -1);
    expect_refused(ann, player_build(ann, "building", site.x, site.y), "CHUNK_LOADING");
    expect_refused(ann, player_build(ann, "building", yard.x, yard.y), "CHUNK_LOADING");
    struct player *bob = enter(bottle, "bob", away, 0);
    player_carry(ann, beside(yard, -2, 2));
    BOTTLE_UNTIL(bottle, 5000, cells_free(ann, site) == CELLS);
    expect_done(ann, player_build(ann, "building", site.x, site.y));
    BOTTLE_UNTIL(bottle, 2000, player_sees_structure(bob, yard, &seen));
    struct chunk_pos home = grid_chunk_of(site);
    ck_assert(!tilth_client_chunk(bob->client, home.x, home.y, &chunk));
    ck_assert(player_sees_structure(bob, yard, &seen));
    ck_assert(seen.x == site.x && seen.y == site.y && seen.west == site.x - 1);
    ck_assert(seen.width == 3 && seen.height == 2);
    ck_assert_int_eq(tilth_client_is_occupied(bob->client, yard.x + 1, yard.y), 1);

    player_carry(ann, away); /* all but one chunk leave memory */
    BOTTLE_UNTIL(bottle, 60000, bottle->server.host->world.chunk_pool.used == 1);
    ck_assert_uint_eq(bottle->server.host->world.chunk_pool.used, 1);
    expect_refused(bob, player_unbuild(bob, yard.x, yard.y), "CHUNK_LOADING");
    player_carry(bob, beside(yard, -2, -2));
    BOTTLE_UNTIL(bottle, 5000, cells_seen(bob, site) == CELLS);
    ck_assert_uint_eq(cells_seen(bob, site), CELLS);
    expect_done(bob, player_unbuild(bob, yard.x, yard.y));
    ck_assert_uint_eq(player_has(bob, "wood_block"), COST);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* Two want to build on the same ground in the same tick. */
START_TEST(one_of_two_builders_comes_first)
{
    struct bottle_seeds seeds = bottle_seeds(60);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = begin(seeds.first + i);
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        struct cell_pos yard = site_yard(bottle, (struct site_quadrant){1, 1}, 0);
        struct player *players[2] = {enter(bottle, "ann", beside(yard, -2, 2), COST),
                                     enter(bottle, "bob", beside(yard, -2, -2), COST)};
        for (uint32_t round = 0; round < 4; round++) {
            uint32_t done[2] = {players[0]->done, players[1]->done};
            for (int32_t n = 0; n < 2; n++)
                (void)player_build(players[n], "building", yard.x + n, yard.y - n);
            BOTTLE_HOLDS(bottle, player_await_outcomes(players[0], 5000) &&
                                     player_await_outcomes(players[1], 5000));
            bool is_ann = players[0]->done > done[0];
            struct player *first = players[!is_ann], *second = players[is_ann];
            ck_assert_uint_eq(players[0]->done + players[1]->done, done[0] + done[1] + 1);
            ck_assert_str_eq(second->refusal, "CELL_OCCUPIED");
            ck_assert_uint_eq(player_has(first, "wood_block"), 0);
            ck_assert_uint_eq(player_has(second, "wood_block"), COST);
            expect_done(first, player_unbuild(first, yard.x, yard.y));
        }
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        bottle_destroy(&bottle);
    }
}
END_TEST

static uint32_t surprises(const struct player *player)
{
    struct tilth_stats stats;
    tilth_client_stats(player->client, &stats);
    return stats.corrections - stats.corrections_expected;
}

/* Walks that way for a while, which is predicted right; where it ends. */
static struct cell_pos push(struct player *player, int x, int y)
{
    uint32_t before = surprises(player);
    tilth_client_move(player->client, x, y);
    bottle_run(player->bottle, 2500);
    tilth_client_move(player->client, 0, 0);
    bottle_run(player->bottle, 500);
    ck_assert_uint_eq(surprises(player), before);
    ck_assert(grid_is_same_cell(grid_cell_of(player_real_pos(player)), player_cell(player)));
    return player_cell(player);
}

static void carry(struct player *player, struct cell_pos cell)
{
    player_carry(player, cell);
    BOTTLE_UNTIL(player->bottle, 5000, grid_is_same_cell(player_cell(player), cell));
    bottle_run(player->bottle, 500);
}

START_TEST(nobody_walks_through)
{
    struct sim_network_path path = {.latency_us = 60000, .jitter_us = 10000};
    struct bottle *bottle = begin(3);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct cell_pos yard = site_yard(bottle, (struct site_quadrant){-1, -1}, 0);
    struct cell_pos site = beside(yard, 0, -1);
    struct player *bob = enter(bottle, "bob", beside(yard, -2, -2), COST);
    struct player *ann = enter(bottle, "ann", yard, 0);
    sim_network_path(ann->address, SIM_NETWORK_UP, &path);
    sim_network_path(ann->address, SIM_NETWORK_DOWN, &path);
    expect_refused(bob, player_build(bob, "building", site.x, site.y), "ACTOR_IN_THE_WAY");
    carry(ann, beside(yard, -2, 0));
    expect_done(bob, player_build(bob, "building", site.x, site.y));
    bottle_run(bottle, 500);
    ck_assert_int_eq(push(ann, 1, 0).x, yard.x - 2); /* from the west, another chunk */
    carry(ann, beside(yard, 0, 2));
    ck_assert_int_eq(push(ann, 0, -1).y, yard.y + 1);
    carry(ann, beside(yard, 0, -2));
    ck_assert_int_eq(push(ann, 0, 1).y, yard.y - 2);
    ck_assert_int_lt(push(ann, -1, 1).x, yard.x - 1); /* along it, and past its end */
    carry(ann, beside(yard, -2, 0));
    expect_done(bob, player_unbuild(bob, yard.x, yard.y));
    bottle_run(bottle, 500);
    ck_assert_int_gt(push(ann, 1, 0).x, yard.x);
    bottle_destroy(&bottle);
}
END_TEST

/* It goes up under somebody who walks there: who is surprised ends outside, where the server has
 * it. */
START_TEST(what_is_built_before_somebody_stops_him)
{
    struct bottle_seeds seeds = bottle_seeds(60);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = begin(seeds.first + i);
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        struct cell_pos yard = site_yard(bottle, (struct site_quadrant){-1, -1}, 0);
        struct player *bob = enter(bottle, "bob", beside(yard, -2, -2), COST);
        struct player *ann = enter(bottle, "ann", beside(yard, -2, 0), 0);
        tilth_client_move(ann->client, 1, 0);
        bottle_run(bottle, rng_below(&bottle->rng, 200));
        uint32_t done = bob->done;
        (void)player_build(bob, "building", yard.x + 1, yard.y - 1);
        BOTTLE_HOLDS(bottle, player_await_outcomes(bob, 5000));
        bottle_run(bottle, 2500);
        tilth_client_move(ann->client, 0, 0);
        bottle_run(bottle, 500);
        ck_assert(bob->done > done || strcmp(bob->refusal, "ACTOR_IN_THE_WAY") == 0);
        ck_assert(bob->done == done || player_cell(ann).x < yard.x);
        ck_assert(bob->done > done || player_cell(ann).x > yard.x);
        ck_assert(grid_is_same_cell(grid_cell_of(player_real_pos(ann)), player_cell(ann)));
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        bottle_destroy(&bottle);
    }
}
END_TEST

START_TEST(a_large_tree_is_harvested_whole)
{
    char line[64];
    struct tilth_structure seen;
    struct bottle *bottle = begin(4);
    bottle->ledger.is_closed = true;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct cell_pos yard = site_yard(bottle, (struct site_quadrant){1, -1}, 0);
    struct player *ann = enter(bottle, "ann", beside(yard, -2, 2), 0);
    struct player *bob = enter(bottle, "bob", beside(yard, -2, -2), 0);
    expect_refused(ann, player_build(ann, "large_tree", yard.x, yard.y), "NOT_PLACEABLE");
    (void)snprintf(line, sizeof line, "structure place large_tree %d %d", yard.x - 1, yard.y - 1);
    ck_assert_uint_eq(operator_ask(bottle, line), CONSOLE_DONE);
    ck_assert_uint_eq(operator_ask(bottle, "give ann axe 1"), CONSOLE_DONE);
    BOTTLE_UNTIL(bottle, 2000, player_sees_structure(ann, yard, &seen));
    expect_refused(ann, player_unbuild(ann, yard.x, yard.y), "NOT_REMOVABLE");
    expect_refused(bob, player_harvest(bob, yard.x, yard.y), "TOOL_MISSING");
    ck_assert_uint_ne(player_harvest(ann, yard.x, yard.y - 1), 0); /* not its primary cell */
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 9000));
    ck_assert_uint_ge(player_has(ann, "wood_block"), 8);
    ck_assert_uint_eq(player_points(ann, "woodcutting"), 1);
    bottle_run(bottle, 500);
    for (int32_t i = 0; i < 4; i++) {
        struct cell_pos cell = beside(yard, i % 2 - 1, i / 2 - 1);
        ck_assert_int_eq(tilth_client_is_occupied(bob->client, cell.x, cell.y), 0);
        ck_assert_int_eq(tilth_client_is_solid(bob->client, cell.x, cell.y), 0);
    }
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_STRUCTURE), 0);
    bottle_destroy(&bottle);
}
END_TEST

/* Everybody goes where none of its chunks is in view, until none is in memory, and comes back. */
static void go_away_and_back(struct player *player, struct cell_pos home, struct cell_pos far)
{
    struct bottle *bottle = player->bottle;
    struct host *host = bottle->server.host;
    player_carry(player, far);
    BOTTLE_UNTIL(bottle, 60000, world_find_chunk(&host->world, grid_chunk_of(home)) == NULL);
    ck_assert_ptr_null(world_find_chunk(&host->world, grid_chunk_of(home)));
    player_carry(player, home);
    bottle_run(bottle, 500);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
}

START_TEST(it_outlives_memory_and_servers)
{
    struct bottle_seeds seeds = bottle_seeds(40);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = begin(seeds.first + i);
        bottle->settings.view_cells = NEAR_VIEW_CELLS;
        bottle->settings.chunk_idle_s = 0;
        bottle->settings.chunks_max = 16;
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        struct cell_pos yard = site_yard(bottle, (struct site_quadrant){-1, 1}, 0);
        struct cell_pos home = beside(yard, -2, 2), site = beside(yard, 0, -1);
        struct cell_pos far = site_stand(bottle, beside(yard, -300, 40));
        struct player *ann = enter(bottle, "ann", home, COST);
        expect_done(ann, player_build(ann, "building", site.x, site.y));
        go_away_and_back(ann, home, far);
        BOTTLE_UNTIL(bottle, 5000, cells_seen(ann, site) == CELLS);
        for (int n = 0; n < 2; n++) {
            ck_assert_uint_eq(cells_seen(ann, site), CELLS);
            BOTTLE_HOLDS(bottle, bottle_settle(bottle));
            BOTTLE_HOLDS(bottle, bottle_restart(bottle, n == 0));
        }
        ck_assert_uint_eq(cells_seen(ann, site), CELLS);
        expect_done(ann, player_unbuild(ann, yard.x, yard.y));
        BOTTLE_HOLDS(bottle, bottle_restart(bottle, i % 2 == 0)); /* told: it is durable */
        go_away_and_back(ann, home, far);
        BOTTLE_UNTIL(bottle, 5000, cells_free(ann, site) == CELLS);
        ck_assert_uint_eq(cells_free(ann, site), CELLS);
        ck_assert_uint_eq(player_has(ann, "wood_block"), COST);
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        bottle_destroy(&bottle);
    }
}
END_TEST

/* At no moment, and however the server ends, has the database more of it in one chunk than in
 * another, or the structure without its price. */
START_TEST(the_database_never_has_half_of_it)
{
    struct bottle_seeds seeds = bottle_seeds(40);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = begin(seeds.first + i);
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        struct cell_pos yard = site_yard(bottle, (struct site_quadrant){-1, -1}, 0);
        struct player *ann = enter(bottle, "ann", beside(yard, -2, 2), COST);
        BOTTLE_HOLDS(bottle, bottle_settle(bottle));
        for (uint32_t step = 0; step < 300; step++) {
            if (ann->ask_count < 2 && player_is_ready(ann))
                (void)(step % 2 == 0 ? player_build(ann, "building", yard.x, yard.y - 1)
                                     : player_unbuild(ann, yard.x, yard.y));
            bottle_run(bottle, 1 + rng_below(&bottle->rng, 30));
            BOTTLE_HOLDS(bottle, audit_rows(bottle));
            ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_SLOT) +
                                  sim_database_rows(bottle->database, CHANGE_STRUCTURE),
                              1);
            if (step % 100 == 99)
                BOTTLE_HOLDS(bottle, bottle_restart(bottle, step == 99));
        }
        ck_assert_uint_gt(ann->done, 0);
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        bottle_destroy(&bottle);
    }
}
END_TEST

TESTING_MAIN("structures", a_building_stands_over_borders_and_corners_everywhere,
             one_chunk_in_view_shows_the_whole, one_of_two_builders_comes_first,
             nobody_walks_through, what_is_built_before_somebody_stops_him,
             a_large_tree_is_harvested_whole, it_outlives_memory_and_servers,
             the_database_never_has_half_of_it)
