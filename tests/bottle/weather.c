#include "bottle/weather.h"

#include <errno.h>

#include "bottle/player.h"

enum { ROOM_BYTES = 1 << 20, CLOCK_JUMP_S = 24 * 3600 };

static uint32_t between(struct bottle *bottle, uint32_t low, uint32_t high)
{
    return low + (uint32_t)rng_below(&bottle->rng, high - low + 1);
}

static void choose_path(struct bottle *bottle, enum sim_network_direction direction)
{
    bool is_bad = rng_chance(&bottle->rng, 500000);
    struct sim_network_path path = {
        .latency_us = between(bottle, 0, 100000),
        .jitter_us = between(bottle, 0, 20000),
        .loss_ppm = is_bad ? between(bottle, 0, 80000) : 0,
        .double_ppm = is_bad ? between(bottle, 0, 30000) : 0,
        .reorder_ppm = is_bad ? between(bottle, 0, 100000) : 0,
    };
    sim_network_path(NULL, direction, &path);
}

void weather_climate(struct bottle *bottle)
{
    struct settings *settings = &bottle->settings;
    struct server_limits *limits = &bottle->limits;
    settings->reach_px = between(bottle, 50, 400);
    settings->view_cells = between(bottle, 8, 60);
    settings->tick_hz = between(bottle, 10, 40);
    settings->chunks_max = between(bottle, 48, 128);
    settings->chunk_idle_s = between(bottle, 0, 3);
    settings->save_position_s = between(bottle, 1, 10);
    settings->cache_entries = rng_chance(&bottle->rng, 500000) ? 0 : between(bottle, 1, 50);
    settings->share_seed = rng_chance(&bottle->rng, 700000);
    bottle->has_cache = rng_chance(&bottle->rng, 700000);
    if (rng_chance(&bottle->rng, 300000)) {
        limits->inbox_bytes = 4096;
        limits->frame_envelopes = between(bottle, 64, 200);
        limits->frame_changes = between(bottle, 8, 64);
        limits->held_bytes = between(bottle, 40000, 200000);
        limits->backlog_bytes = between(bottle, 4000, 32000);
    }
    choose_path(bottle, SIM_NETWORK_UP);
    choose_path(bottle, SIM_NETWORK_DOWN);
}

static struct player *any_player(struct bottle *bottle)
{
    return bottle->players[rng_below(&bottle->rng, bottle->player_count)];
}

static bool end_server(struct bottle *bottle)
{
    uint64_t choice = rng_below(&bottle->rng, 3);
    if (choice == 0)
        bottle_crash(bottle);
    else if (choice == 1)
        bottle_kill(bottle);
    else if (!weather_clear(bottle) || !bottle_stop(bottle))
        return false;
    bottle_run(bottle, rng_below(&bottle->rng, 3000));
    return weather_clear(bottle);
}

static void hurt_disk(struct bottle *bottle)
{
    struct sim_disk_faults *faults = sim_disk_faults(bottle->disk);
    uint64_t choice = rng_below(&bottle->rng, 8);
    faults->code = rng_chance(&bottle->rng, 500000) ? ENOSPC : EIO;
    if (choice < 3)
        faults->writes_fail = between(bottle, 1, 4);
    else if (choice < 6)
        faults->syncs_fail = between(bottle, 1, 4);
    else if (choice < 7)
        faults->reads_fail = 1;
    else
        faults->space_bytes = sim_disk_used_bytes(bottle->disk) + between(bottle, 0, ROOM_BYTES);
}

static void hurt_database(struct bottle *bottle)
{
    static const enum sim_database_fault planned[] = {SIM_DATABASE_LOSE_BEFORE,
                                                      SIM_DATABASE_LOSE_AFTER, SIM_DATABASE_FAIL};
    uint64_t choice = rng_below(&bottle->rng, 5);
    if (choice < 2)
        sim_database_set_away(bottle->database, choice == 0);
    else
        sim_database_plan(bottle->database, between(bottle, 1, 10), planned[choice - 2]);
}

static void hurt_cache(struct bottle *bottle)
{
    uint64_t choice = rng_below(&bottle->rng, 4);
    if (choice == 0)
        sim_cache_flush(bottle->cache);
    else if (choice == 1)
        sim_cache_forge(bottle->cache);
    else if (choice == 2)
        sim_cache_set_away(bottle->cache, rng_chance(&bottle->rng, 500000));
    else
        *sim_cache_faults(bottle->cache) = (struct sim_cache_faults){
            between(bottle, 0, 300000), between(bottle, 0, 300000), between(bottle, 0, 300000)};
}

/* Somebody sets the clock, or a time server does. */
static void hurt_clock(struct bottle *bottle)
{
    int64_t by_us = (int64_t)between(bottle, 0, 2 * CLOCK_JUMP_S) - CLOCK_JUMP_S;
    bottle->wall_skew_us += by_us * 1000 * 1000;
}

static void hurt_role(struct bottle *bottle)
{
    enum bottle_role role = (enum bottle_role)rng_below(&bottle->rng, BOTTLE_ROLE_COUNT);
    bottle->is_stalled[role] = true;
    bottle_run(bottle, between(bottle, 100, 3000));
    bottle->is_stalled[role] = false;
}

bool weather_storm(struct bottle *bottle)
{
    if (rng_below(&bottle->rng, 9) == 0)
        return end_server(bottle);
    weather_hurt(bottle);
    return true;
}

void weather_hurt(struct bottle *bottle)
{
    switch (rng_below(&bottle->rng, 9)) {
    case 0:
        hurt_disk(bottle);
        break;
    case 1:
    case 2:
        hurt_database(bottle);
        break;
    case 3:
        hurt_cache(bottle);
        break;
    case 4:
    case 5:
        hurt_role(bottle);
        break;
    case 6:
        hurt_clock(bottle);
        break;
    case 7:
        sim_network_cut(any_player(bottle)->address, true);
        break;
    default:
        sim_network_cut(any_player(bottle)->address, false);
        break;
    }
}

/* A store that cannot go on by itself waits for people, who start the server anew. */
static bool has_given_up(struct bottle *bottle)
{
    struct store_facts facts = {.is_stopped = false};
    if (bottle->is_running)
        store_facts(bottle->server.store, &facts);
    return facts.is_stopped;
}

void weather_heal(struct bottle *bottle)
{
    struct sim_disk_faults *faults = sim_disk_faults(bottle->disk);
    *faults = (struct sim_disk_faults){.sync_is_ignored = faults->sync_is_ignored};
    sim_database_set_away(bottle->database, false);
    sim_database_plan(bottle->database, 0, SIM_DATABASE_WELL);
    sim_cache_set_away(bottle->cache, false);
    *sim_cache_faults(bottle->cache) = (struct sim_cache_faults){.lost_ppm = 0};
    sim_network_cut(NULL, false);
    for (uint32_t i = 0; i < bottle->player_count; i++)
        sim_network_cut(bottle->players[i]->address, false);
    for (uint32_t i = 0; i < BOTTLE_ROLE_COUNT; i++)
        bottle->is_stalled[i] = false;
}

bool weather_clear(struct bottle *bottle)
{
    weather_heal(bottle);
    if (sim_disk_is_dead(bottle->disk))
        bottle_crash(bottle);
    else if (has_given_up(bottle))
        bottle_kill(bottle);
    return bottle->is_running || bottle_start(bottle);
}
