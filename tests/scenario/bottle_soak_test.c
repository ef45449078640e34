/* Random players do random things on a random server in random weather; then all is looked at. */
#include <stdio.h>

#include "bottle/player.h"
#include "bottle/weather.h"

enum { ROUNDS = 60, ROUND_MS = 400, FAR_CELLS = 150, PENDING_MAX = 20 };

static const char *const soak_types[] = {"wood_block", "floor_tile", "sign", "rock"};

static int32_t offset(struct bottle *bottle, int32_t most)
{
    return (int32_t)rng_below(&bottle->rng, (uint64_t)(2 * most + 1)) - most;
}

static void ask(struct bottle *bottle, struct player *player)
{
    struct cell_pos here = player_cell(player);
    int32_t reach = (int32_t)bottle->settings.reach_px / GRID_CELL_PX + 1;
    int32_t x = here.x + offset(bottle, reach), y = here.y + offset(bottle, reach);
    uint64_t choice = rng_below(&bottle->rng, 10);
    if (player->ask_count >= PENDING_MAX)
        return;
    if (choice == 0)
        (void)player_say(player, "so it goes");
    else if (choice < 4)
        (void)player_remove(player, x, y);
    else
        (void)player_place(player, soak_types[rng_below(&bottle->rng, 4)], x, y);
}

static void act(struct bottle *bottle, struct player *player)
{
    if (!player_is_ready(player))
        return;
    uint64_t choice = rng_below(&bottle->rng, 8);
    if (choice == 0) {
        player_head_for(player, offset(bottle, FAR_CELLS), offset(bottle, FAR_CELLS));
    } else if (choice == 1) {
        player->is_walking = false;
        tilth_client_move(player->client, offset(bottle, 1), offset(bottle, 1));
    } else {
        for (uint64_t i = rng_below(&bottle->rng, 8); i > 0; i--)
            ask(bottle, player);
    }
}

static bool live(struct bottle *bottle)
{
    weather_climate(bottle);
    if (!bottle_start(bottle))
        return false;
    for (uint64_t i = 2 + rng_below(&bottle->rng, 4); i > 0; i--) {
        char name[16];
        (void)snprintf(name, sizeof name, "soaked%u", bottle->player_count);
        (void)player_join(bottle, name);
    }
    for (uint32_t round = 0; round < ROUNDS; round++) {
        bottle_run(bottle, rng_below(&bottle->rng, ROUND_MS));
        for (uint32_t i = 0; i < bottle->player_count; i++)
            act(bottle, bottle->players[i]);
        if (rng_chance(&bottle->rng, 250000) && !weather_storm(bottle))
            return false;
    }
    for (uint32_t i = 0; i < bottle->player_count; i++) {
        bottle->players[i]->is_walking = false;
        tilth_client_move(bottle->players[i]->client, 0, 0);
    }
    return weather_clear(bottle) && bottle_check(bottle);
}

START_TEST(random_weather_loses_nothing)
{
    struct bottle_seeds seeds = bottle_seeds(200);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        BOTTLE_HOLDS(bottle, live(bottle));
        bottle_destroy(&bottle);
    }
}
END_TEST

START_TEST(a_seed_is_one_world_only)
{
    struct hash128 hashes[2];
    struct sim_network_facts facts[2];
    uint64_t first = bottle_seeds(1).first;
    for (uint64_t seed = first; seed < first + 5; seed++) {
        for (int i = 0; i < 2; i++) {
            struct bottle *bottle = bottle_create(seed);
            BOTTLE_HOLDS(bottle, live(bottle));
            hashes[i] = bottle->server.host->world.hash;
            sim_network_facts(&facts[i]);
            bottle_destroy(&bottle);
        }
        ck_assert_msg(hash_is_equal(hashes[0], hashes[1]), "seed %llu", (unsigned long long)seed);
        ck_assert_uint_eq(facts[0].delivered, facts[1].delivered);
    }
}
END_TEST

TESTING_MAIN("bottle_soak", random_weather_loses_nothing, a_seed_is_one_world_only)
