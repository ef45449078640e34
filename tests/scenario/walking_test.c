/* Walking: what the server does with the inputs that come, come late, or do not come. */
#include "bottle/player.h"

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

TESTING_MAIN("walking", who_sends_nothing_any_more_stops)
