/* Walking: what the server does with the inputs that come, come late, or do not come. */
#include "bottle/player.h"
#include "walker.h"

static int32_t actor_x(const struct bottle *bottle)
{
    return bottle->server.host->world.actors[0].pos.x;
}

START_TEST(who_sends_nothing_any_more_stops)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    int32_t start = actor_x(bottle);
    tilth_client_move(ann->client, -1, 0);
    bottle_run(bottle, 1000);
    ck_assert_int_lt(actor_x(bottle), start);
    ann->due_us = UINT64_MAX; /* its program hangs, its connection does not end yet */
    bottle_run(bottle, 500);
    int32_t stop = actor_x(bottle);
    bottle_run(bottle, 2000);
    ck_assert_int_eq(actor_x(bottle), stop);
    bottle_destroy(&bottle);
}
END_TEST

enum { EDGE_X = GRID_REGION_CHUNKS * GRID_CHUNK_CELLS, NEAR_EDGE_X = EDGE_X - 6, WEST_CELLS = 4 };

static bool is_row_free(const struct player *player, int32_t y)
{
    for (int32_t x = NEAR_EDGE_X - WEST_CELLS; x <= NEAR_EDGE_X; x++) {
        if (tilth_client_is_solid(player->client, x, y))
            return false;
    }
    return true;
}

/* A player near the end of a region, beyond which the server knows nothing and reads nothing now.
 */
static struct player *begin_at_the_edge(struct bottle *bottle)
{
    struct tilth_chunk chunk;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    bottle->is_stalled[BOTTLE_LOADER] = true;
    struct cell_pos cell = {NEAR_EDGE_X, GRID_CHUNK_CELLS / 2};
    player_carry(ann, cell);
    BOTTLE_UNTIL(bottle, 20000, tilth_client_chunk(ann->client, GRID_REGION_CHUNKS - 1, 0, &chunk));
    while (cell.y < GRID_CHUNK_CELLS && !is_row_free(ann, cell.y))
        cell.y++;
    ck_assert_int_lt(cell.y, GRID_CHUNK_CELLS);
    player_carry(ann, cell);
    bottle_run(bottle, 3000);
    ck_assert_int_eq(player_cell(ann).y, cell.y);
    ck_assert(!player_is_ready(ann));
    return ann;
}

/* How a walk to a cell of the player's row ends; a walk without an end is WALKER_WALKING. */
static enum walker_state walk_to(struct player *player, int32_t x, uint32_t patience_ms)
{
    struct walker_goal goal = {{x, player_cell(player).y}, patience_ms};
    enum walker_state state = WALKER_WALKING;
    walker_goto(player->walker, player->client, goal, bottle_now_ms());
    for (uint32_t i = 0; i < 6000 && state == WALKER_WALKING; i++) {
        bottle_run(player->bottle, 10);
        state = walker_run(player->walker, player->client, bottle_now_ms());
    }
    return state;
}

START_TEST(who_needs_land_that_does_not_come_is_told)
{
    struct bottle *bottle = bottle_create(1);
    struct player *ann = begin_at_the_edge(bottle);
    ck_assert_int_eq(walk_to(ann, EDGE_X + 3, WALKER_PATIENCE_MS), WALKER_UNSEEN);
    ck_assert_uint_lt(walker_land(ann->client), WALKER_CHUNKS_AROUND);
    ck_assert_int_lt(player_cell(ann).x, EDGE_X);
    /* what is in view is enough for this way: it waits for nothing */
    ck_assert_int_eq(walk_to(ann, NEAR_EDGE_X - WEST_CELLS, 0), WALKER_ARRIVED);
    ck_assert_int_eq(walk_to(ann, EDGE_X + 3, 0), WALKER_UNSEEN);
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(land_that_comes_late_is_walked_into)
{
    struct bottle *bottle = bottle_create(1);
    struct player *ann = begin_at_the_edge(bottle);
    int32_t x = EDGE_X + 1;
    ck_assert_int_eq(walk_to(ann, x, 1), WALKER_UNSEEN);
    bottle->is_stalled[BOTTLE_LOADER] = false;
    enum walker_state state = walk_to(ann, x, 60000);
    ck_assert(state == WALKER_ARRIVED || (state == WALKER_BLOCKED && player_is_ready(ann)));
    ck_assert_int_ne(tilth_client_is_solid(ann->client, x, player_cell(ann).y),
                     state == WALKER_ARRIVED);
    bottle_destroy(&bottle);
}
END_TEST

/* A lost connection is waited for, however long the patience with land is. */
START_TEST(a_lost_connection_is_waited_for)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    sim_network_cut(ann->address, true);
    BOTTLE_UNTIL(bottle, 60000, !tilth_client_is_connected(ann->client));
    struct walker_goal goal = {{player_cell(ann).x, player_cell(ann).y}, 1};
    walker_goto(ann->walker, ann->client, goal, bottle_now_ms());
    for (uint32_t i = 0; i < 100; i++) {
        bottle_run(bottle, 100);
        ck_assert_int_eq(walker_run(ann->walker, ann->client, bottle_now_ms()), WALKER_WALKING);
    }
    sim_network_cut(ann->address, false);
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    ck_assert_int_eq(walk_to(ann, goal.cell.x, 1), WALKER_ARRIVED);
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("walking", who_sends_nothing_any_more_stops, who_needs_land_that_does_not_come_is_told,
             land_that_comes_late_is_walked_into, a_lost_connection_is_waited_for)
