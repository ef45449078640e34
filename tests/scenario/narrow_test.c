/* Queues so small that they fill up: what does not fit is told later, and nothing is lost. */
#include <stdio.h>

#include "bottle/crew.h"
#include "bottle/operator.h"

static bool holds(struct bottle *bottle, enum bottle_role stalled)
{
    struct crew crew;
    crew_prepare(bottle);
    bottle->limits.inbox_bytes = 4096;
    bottle->limits.frame_envelopes = 64;
    bottle->limits.frame_changes = 16;
    bottle->limits.frame_bytes = 300 << 10;
    bottle->limits.held_bytes = 60 << 10;
    bottle->limits.backlog_bytes = 8 << 10;
    if (!bottle_start(bottle) || !crew_assemble(&crew, bottle))
        return false;
    for (uint32_t i = 0; i < 6; i++) {
        crew_work(&crew, 500, 200000);
        bottle->is_stalled[stalled] = true;
        crew_work(&crew, 200 + rng_below(&bottle->rng, 2000), 200000);
        bottle->is_stalled[stalled] = false;
    }
    return bottle_check(bottle);
}

static void check_role(enum bottle_role stalled)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, holds(bottle, stalled));
        bottle_destroy(&bottle);
    }
}

START_TEST(a_tick_that_stands_still_fills_the_inbox)
{
    check_role(BOTTLE_TICK);
}
END_TEST

START_TEST(a_net_thread_that_stands_still_fills_the_frames)
{
    check_role(BOTTLE_NET);
}
END_TEST

START_TEST(a_disk_that_stands_still_fills_what_is_held)
{
    check_role(BOTTLE_JOURNAL);
}
END_TEST

enum { VIEWS_PER_TICK = 4, COMERS = 12 };

/* Many come at once: a tick shows them no more chunks than its budget has room for, and each sees
 * everything in the end, the last as well as the first. */
START_TEST(many_who_come_at_once_share_the_tick)
{
    struct host_facts facts = {.tick = 0};
    struct bottle *bottle = bottle_create(1);
    struct player *comers[COMERS];
    uint64_t views = 0, ticks = 0;
    bottle->settings.view_entities_per_tick_max = VIEWS_PER_TICK * 16;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    for (uint32_t i = 0; i < COMERS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "comer%u", i);
        comers[i] = player_join(bottle, name);
    }
    for (uint32_t i = 0; i < 4000; i++) {
        bottle_run(bottle, 5);
        host_facts(bottle->server.host, &facts);
        ck_assert_uint_le(facts.views - views, (facts.tick - ticks) * VIEWS_PER_TICK);
        views = facts.views;
        ticks = facts.tick;
    }
    ck_assert_uint_ge(views, COMERS);
    for (uint32_t i = 0; i < COMERS; i++)
        ck_assert(player_is_ready(comers[i]));
    bottle_destroy(&bottle);
}
END_TEST

/* Piles of one stone each, so many in each of the four chunks that meet where players begin. */
static void drop_piles(struct player *player, uint32_t per_chunk)
{
    uint32_t piles[4] = {0};
    BOTTLE_HOLDS(player->bottle, player_await_ready(player));
    ck_assert_uint_eq(operator_ask(player->bottle, "give ann stone 99"), CONSOLE_DONE);
    bottle_run(player->bottle, 500);
    for (uint32_t n = 0; n < 600; n++) {
        struct cell_pos cell = grid_spiral(n);
        uint32_t *count = &piles[(cell.x < 0) + 2 * (cell.y < 0)];
        if (*count == per_chunk || tilth_client_is_solid(player->client, cell.x, cell.y) ||
            tilth_client_is_occupied(player->client, cell.x, cell.y) != 0)
            continue;
        ck_assert_uint_ne(player_drop(player, player_slot(player, "stone"), 1, cell), 0);
        (*count)++;
        bottle_run(player->bottle, 30);
    }
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 5000));
    ck_assert_msg(player->refused == 0, "%s", player->refusal);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(piles[i], per_chunk);
}

/* What lies in a chunk costs a tick as much as what stands in it. */
START_TEST(piles_are_counted_in_a_view)
{
    enum { PER_CHUNK = 24, COST = 16 + PER_CHUNK * WORLD_PILE_WEIGHT };
    struct host_facts before, now;
    struct bottle *bottle = bottle_create(1);
    bottle->settings.view_entities_per_tick_max = COST;
    bottle->settings.view_cells = 8;
    bottle->settings.reach_px = 1000;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    drop_piles(player_join(bottle, "ann"), PER_CHUNK);
    for (uint32_t i = 0; i < COMERS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "comer%u", i);
        (void)player_join(bottle, name);
    }
    host_facts(bottle->server.host, &before);
    for (uint32_t i = 0; i < 2000; i++) {
        bottle_run(bottle, 5);
        host_facts(bottle->server.host, &now);
        ck_assert_uint_le(now.views - before.views, now.tick - before.tick);
        before = now;
    }
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("narrow", a_tick_that_stands_still_fills_the_inbox,
             a_net_thread_that_stands_still_fills_the_frames,
             a_disk_that_stands_still_fills_what_is_held, many_who_come_at_once_share_the_tick,
             piles_are_counted_in_a_view)
