#include "bottle/weather.h"

#include <errno.h>

#include "bottle/player.h"

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
    faults->code = rng_chance(&bottle->rng, 500000) ? ENOSPC : EIO;
    if (rng_chance(&bottle->rng, 500000))
        faults->writes_fail = between(bottle, 1, 4);
    else
        faults->syncs_fail = between(bottle, 1, 4);
}

static void hurt_database(struct bottle *bottle)
{
    uint64_t choice = rng_below(&bottle->rng, 4);
    if (choice == 0)
        sim_database_set_away(bottle->database, true);
    else if (choice == 1)
        sim_database_set_away(bottle->database, false);
    else
        sim_database_plan(bottle->database, between(bottle, 1, 10),
                          choice == 2 ? SIM_DATABASE_LOSE_BEFORE : SIM_DATABASE_LOSE_AFTER);
}

static void hurt_cache(struct bottle *bottle)
{
    uint64_t choice = rng_below(&bottle->rng, 3);
    if (choice == 0)
        sim_cache_flush(bottle->cache);
    else if (choice == 1)
        sim_cache_forge(bottle->cache);
    else
        sim_cache_set_away(bottle->cache, rng_chance(&bottle->rng, 500000));
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
    switch (rng_below(&bottle->rng, 9)) {
    case 0:
        return end_server(bottle);
    case 1:
        hurt_disk(bottle);
        break;
    case 2:
    case 3:
        hurt_database(bottle);
        break;
    case 4:
        hurt_cache(bottle);
        break;
    case 5:
    case 6:
        hurt_role(bottle);
        break;
    case 7:
        sim_network_cut(any_player(bottle)->address, true);
        break;
    default:
        sim_network_cut(any_player(bottle)->address, false);
        break;
    }
    return true;
}

bool weather_clear(struct bottle *bottle)
{
    *sim_disk_faults(bottle->disk) = (struct sim_disk_faults){.code = 0};
    sim_database_set_away(bottle->database, false);
    sim_database_plan(bottle->database, 0, SIM_DATABASE_WELL);
    sim_cache_set_away(bottle->cache, false);
    sim_network_cut(NULL, false);
    for (uint32_t i = 0; i < bottle->player_count; i++)
        sim_network_cut(bottle->players[i]->address, false);
    for (uint32_t i = 0; i < BOTTLE_ROLE_COUNT; i++)
        bottle->is_stalled[i] = false;
    return bottle->is_running || bottle_start(bottle);
}
