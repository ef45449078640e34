/* Land as full as it can be, on ways that are narrow: it arrives, and nothing is sent in vain. */
#include <string.h>

#include "bottle/crammed.h"
#include "bottle/player.h"

enum { CHANGES = 20, CHUNKS = 4 };

static bool has_all(const struct player *player)
{
    struct tilth_chunk chunk;
    for (int32_t i = 0; i < CHUNKS; i++) {
        if (!tilth_client_chunk(player->client, i % 2 - 1, i / 2 - 1, &chunk) ||
            chunk.kept_count != GRID_CHUNK_AREA)
            return false;
    }
    return true;
}

static struct net_facts facts_of(struct bottle *bottle)
{
    struct net_facts facts;
    net_facts(bottle->server.nets[0], &facts);
    return facts;
}

/* One on a way of so many bytes a second comes to where four full chunks meet; another, who is
 * there already, changes them meanwhile. */
static void check_way(uint32_t rate_bytes_s)
{
    struct bottle *bottle = bottle_create(1);
    struct sim_network_path way = {.latency_us = 30000, .rate_bytes_s = rate_bytes_s};
    bottle->settings.entities_max = 1 << 17;
    bottle->limits.backlog_bytes = 320 << 10;
    bottle->limits.frame_bytes = 4 << 20;
    crammed_make(bottle, (struct chunk_pos){-1, -1}, (struct chunk_pos){0, 0});
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *bob = player_join(bottle, "bob");
    BOTTLE_UNTIL(bottle, 60000, player_is_ready(bob) && has_all(bob));
    struct player *ann = player_join(bottle, "ann");
    sim_network_path(ann->address, SIM_NETWORK_DOWN, &way);
    struct cell_pos here = player_cell(bob);
    for (int32_t i = 0; i < CHANGES; i++) {
        ck_assert_uint_ne(player_remove(bob, here.x - 1 + i % 3, here.y - 1 + i / 3 % 3), 0);
        bottle_run(bottle, 300);
    }
    BOTTLE_UNTIL(bottle, 200000, has_all(ann));
    ck_assert(has_all(ann));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle)); /* and sees the same as the server */
    ck_assert_uint_eq(ann->connected, 1);
    ck_assert_uint_eq(facts_of(bottle).given_up, 0);
    ck_assert_uint_ge(bob->done, CHANGES / 2);
    bottle_destroy(&bottle);
}

START_TEST(full_land_arrives_on_a_wide_way)
{
    check_way(0);
}
END_TEST

START_TEST(full_land_arrives_on_a_narrow_way)
{
    check_way(64 << 10);
}
END_TEST

START_TEST(full_land_arrives_on_a_very_narrow_way)
{
    check_way(8 << 10);
}
END_TEST

TESTING_MAIN("crowded", full_land_arrives_on_a_wide_way, full_land_arrives_on_a_narrow_way,
             full_land_arrives_on_a_very_narrow_way)
