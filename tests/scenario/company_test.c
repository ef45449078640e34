/* Players see each other, and each other's cells; who comes late or slowly sees the same. */
#include <string.h>

#include "bottle/crew.h"

enum { ROUNDS = 8, LINES = 200 };

static bool sees_actor(const struct player *player, const char *name, struct tilth_actor *out)
{
    struct tilth_actor actors[8];
    size_t count = tilth_client_actors(player->client, actors, 8);
    for (size_t i = 0; i < count; i++) {
        *out = actors[i];
        if (strcmp(actors[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool sees(const struct player *player, struct cell_pos cell, const char *type)
{
    const char *seen = player_sees(player, cell.x, cell.y);
    return seen != NULL && strcmp(seen, type) == 0;
}

/* A free cell beside the player. */
static struct cell_pos cell_beside(const struct player *player)
{
    struct cell_pos here = player_cell(player);
    for (uint32_t n = 1; n < 9; n++) {
        struct cell_pos by = grid_spiral(n);
        struct cell_pos cell = {here.x + by.x, here.y + by.y};
        if (sees(player, cell, ""))
            return cell;
    }
    return here;
}

START_TEST(two_players_see_each_others_moves)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    struct player *bob = player_join(bottle, "bob");
    struct tilth_actor seen = {0};
    struct tilth_position there;
    BOTTLE_HOLDS(bottle, player_await_ready(ann) && player_await_ready(bob));
    BOTTLE_UNTIL(bottle, 2000, sees_actor(bob, "ann", &seen));
    ck_assert(sees_actor(bob, "ann", &seen));
    BOTTLE_HOLDS(bottle, player_goto(ann, 6, 3));
    bottle_run(bottle, 1000);
    ck_assert(sees_actor(bob, "ann", &seen));
    ck_assert(tilth_client_position(ann->client, &there));
    ck_assert_int_le(abs(seen.x - there.x), GRID_UNITS_PX); /* others are told to half a pixel */
    ck_assert_int_le(abs(seen.y - there.y), GRID_UNITS_PX);
    player_leave(ann);
    BOTTLE_UNTIL(bottle, 30000, !sees_actor(bob, "ann", &seen));
    ck_assert(!sees_actor(bob, "ann", &seen));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(two_players_see_each_others_cells_and_a_late_third_the_same)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, bottle_start(bottle));
        struct player *ann = player_join(bottle, "ann");
        struct player *bob = player_join(bottle, "bob");
        BOTTLE_HOLDS(bottle, player_await_ready(ann) && player_await_ready(bob));
        struct cell_pos first = cell_beside(ann);
        ck_assert_uint_ne(player_place(ann, "sign", first.x, first.y), 0);
        BOTTLE_UNTIL(bottle, 2000, sees(bob, first, "sign"));
        ck_assert(sees(bob, first, "sign"));
        struct cell_pos second = cell_beside(bob);
        ck_assert_uint_ne(player_place(bob, "floor_tile", second.x, second.y), 0);
        ck_assert_uint_ne(player_remove(bob, first.x, first.y), 0);
        BOTTLE_UNTIL(bottle, 2000, sees(ann, second, "floor_tile") && sees(ann, first, ""));
        ck_assert(sees(ann, second, "floor_tile") && sees(ann, first, ""));
        struct player *eve = player_join(bottle, "eve");
        struct tilth_chunk seen, late;
        struct chunk_pos chunk = grid_chunk_of(first);
        BOTTLE_HOLDS(bottle, player_await_ready(eve));
        ck_assert(tilth_client_chunk(ann->client, chunk.x, chunk.y, &seen));
        ck_assert(tilth_client_chunk(eve->client, chunk.x, chunk.y, &late));
        ck_assert_str_eq(seen.hash, late.hash);
        BOTTLE_HOLDS(bottle, bottle_check(bottle));
        bottle_destroy(&bottle);
    }
}
END_TEST

START_TEST(all_hear_what_is_said)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    struct player *bob = player_join(bottle, "bob");
    BOTTLE_HOLDS(bottle, player_await_ready(ann) && player_await_ready(bob));
    ck_assert_uint_ne(player_say(ann, "good day"), 0);
    BOTTLE_UNTIL(bottle, 2000, ann->said == 1 && bob->said == 1);
    ck_assert_str_eq(bob->words, "good day");
    ck_assert_str_eq(ann->words, "good day");
    bottle_destroy(&bottle);
}
END_TEST

/* The way to one player is narrow, or cut for a while, while others build: its view is given up
 * and begun anew, and it ends with the same. */
static bool ends_equal(struct bottle *bottle, bool is_cut)
{
    struct crew crew;
    struct sim_network_path narrow = {.rate_bytes_s = 3000, .latency_us = 40000};
    crew_prepare(bottle);
    bottle->limits.backlog_bytes = 16 << 10;
    if (!bottle_start(bottle) || !crew_assemble(&crew, bottle))
        return false;
    struct player *slow = player_join(bottle, "slow");
    if (!player_await_ready(slow))
        return false;
    if (is_cut)
        sim_network_cut(slow->address, true);
    else
        sim_network_path(slow->address, SIM_NETWORK_DOWN, &narrow);
    crew_work(&crew, 4000, 200000);
    sim_network_cut(slow->address, false);
    crew_work(&crew, 1000, 200000);
    narrow = (struct sim_network_path){.latency_us = 40000};
    sim_network_path(slow->address, SIM_NETWORK_DOWN, &narrow);
    return bottle_check(bottle);
}

START_TEST(a_slow_player_ends_with_the_same_world)
{
    struct bottle_seeds seeds = bottle_seeds(40);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, ends_equal(bottle, i % 2 == 0));
        bottle_destroy(&bottle);
    }
}
END_TEST

/* The operator says something to all, so often. */
static void announce(struct bottle *bottle, uint32_t times)
{
    struct {
        struct console_line head;
        char text[224];
    } record = {.head = {.client = 1, .size_bytes = sizeof record.text}};
    memset(record.text, 'x', sizeof record.text);
    memcpy(record.text, "say ", 4);
    for (uint32_t i = 0; i < times; i++)
        ck_assert(ring_write(&bottle->server.lines, &record, sizeof record));
}

/* One client takes in nothing and acknowledges nothing; the way to the others is long, so that
 * much is on its way to them, too. They lose nothing. */
START_TEST(who_never_acknowledges_takes_nothing_from_others)
{
    static const char *const names[] = {"ann", "bob", "cid"};
    struct bottle *bottle = bottle_create(1);
    struct sim_network_path far = {.latency_us = 60000};
    struct player *players[3];
    struct net_facts facts;
    bottle->settings.sessions_max = 4;
    bottle->limits.backlog_bytes = 320 << 10;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    for (uint32_t i = 0; i < 3; i++) {
        players[i] = player_join(bottle, names[i]);
        BOTTLE_HOLDS(bottle, player_await_ready(players[i]));
        sim_network_path(players[i]->address, SIM_NETWORK_DOWN, &far);
    }
    struct player *mute = player_join(bottle, "mute"); /* the last to be sent anything */
    BOTTLE_HOLDS(bottle, player_await_ready(mute));
    sim_network_cut(mute->address, true);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        announce(bottle, LINES);
        bottle_run(bottle, 400);
    }
    for (uint32_t i = 0; i < 3; i++) {
        BOTTLE_UNTIL(bottle, 10000, players[i]->said == ROUNDS * LINES);
        ck_assert_uint_eq(players[i]->said, ROUNDS * LINES);
    }
    net_facts(bottle->server.nets[0], &facts);
    ck_assert_uint_eq(facts.given_up, 1); /* the mute one's, and it is not begun anew in vain */
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("company", two_players_see_each_others_moves,
             two_players_see_each_others_cells_and_a_late_third_the_same, all_hear_what_is_said,
             a_slow_player_ends_with_the_same_world,
             who_never_acknowledges_takes_nothing_from_others)
