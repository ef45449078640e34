/* The whole client against a stage, on a network that delays, loses and breaks. */
#include "sim_network/sim_network.h"

#include <stdlib.h>

#include "base/memory.h"
#include "stage_link.h"
#include "testing.h"

enum { STEP_US = 5000, PORT = 7400 };

static const char server_address[] = "192.0.2.1";

struct rig {
    struct stage_link server;
    struct tilth_client *client;
    struct tilth_event latest[TILTH_EVENT_CORRECTED + 1];
    uint32_t counts[TILTH_EVENT_CORRECTED + 1];
};

static struct rig *rig_create(uint64_t seed, uint32_t round_trip_ms, uint32_t loss_ppm)
{
    struct rig *rig = memory_reserve("rig", 1, sizeof *rig);
    struct error error;
    struct tilth_error why;
    sim_network_start(seed);
    struct sim_network_path path = {
        .latency_us = round_trip_ms * 500, .jitter_us = 5000, .loss_ppm = loss_ppm};
    sim_network_path(NULL, SIM_NETWORK_UP, &path);
    sim_network_path(NULL, SIM_NETWORK_DOWN, &path);
    ck_assert_uint_eq(stage_link_open(&rig->server, server_address, PORT, &error), PORT);
    struct tilth_options options = {
        .address = server_address, .port = PORT, .name = "ann", .is_reconnecting = 1};
    rig->client = tilth_client_create(&options, &why);
    ck_assert_ptr_nonnull(rig->client);
    return rig;
}

static void rig_destroy(struct rig *rig)
{
    tilth_client_destroy(&rig->client);
    stage_link_close(&rig->server);
    sim_network_stop();
    memory_release(rig);
}

static void run_ms(struct rig *rig, uint32_t duration_ms)
{
    uint64_t end_us = sim_network_now_us() + duration_ms * 1000;
    struct tilth_event event;
    while (sim_network_now_us() < end_us) {
        sim_network_advance(STEP_US);
        stage_link_serve(&rig->server, sim_network_now_us());
        tilth_client_update(rig->client, sim_network_now_us() / 1000);
        while (tilth_client_next(rig->client, &event)) {
            rig->latest[event.kind] = event;
            rig->counts[event.kind]++;
        }
    }
}

static void run_until_ready(struct rig *rig)
{
    for (int i = 0; i < 600 && !tilth_client_is_ready(rig->client); i++)
        run_ms(rig, 50);
    ck_assert(tilth_client_is_ready(rig->client));
}

static struct tilth_stats stats_of(const struct rig *rig)
{
    struct tilth_stats stats;
    tilth_client_stats(rig->client, &stats);
    return stats;
}

/* A road to the east from where the player is, free on both sides of the cell's row. */
static void clear_road(struct rig *rig)
{
    struct stage *stage = &rig->server.stage;
    struct cell_pos here = grid_cell_of(stage->pos);
    stage->pos = grid_cell_middle(here);
    for (int32_t x = -1; x < 60; x++) {
        struct cell_pos cell = {here.x + x, here.y};
        struct chunk *chunk = world_find_chunk(&stage->world, grid_chunk_of(cell));
        chunk->base.terrain[grid_cell_index(cell)] = TERRAIN_SAND; /* no sea: the base is sent */
        if (world_is_occupied(&stage->world, cell))
            stage_put(stage, cell, 0);
        uint32_t index = grid_cell_index(cell);
        chunk->solid[index / 64] &= ~((uint64_t)1 << (index % 64));
    }
    stage->is_seed_shared = false;
}

START_TEST(a_straight_walk_over_a_bad_network_is_not_corrected)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct rig *rig = rig_create(seed, 150, 50000);
        clear_road(rig);
        run_until_ready(rig);
        run_ms(rig, 2000);
        struct tilth_position before, after;
        ck_assert(tilth_client_position(rig->client, &before));
        tilth_client_move(rig->client, 1, 0);
        run_ms(rig, 5000);
        tilth_client_move(rig->client, 0, 0);
        run_ms(rig, 2000);
        ck_assert(tilth_client_position(rig->client, &after));
        ck_assert_int_gt(after.cell_x, before.cell_x + 12);
        ck_assert_int_eq(after.x, rig->server.stage.pos.x);
        ck_assert_uint_eq(stats_of(rig).corrections, 0);
        ck_assert_uint_eq(stats_of(rig).resyncs, 0);
        rig_destroy(rig);
    }
}
END_TEST

START_TEST(a_block_in_the_way_corrects_by_what_was_walked_meanwhile)
{
    struct rig *rig = rig_create(3, 150, 0);
    clear_road(rig);
    run_until_ready(rig);
    run_ms(rig, 1000);
    tilth_client_move(rig->client, 1, 0);
    run_ms(rig, 1000);
    struct stage *stage = &rig->server.stage;
    struct cell_pos ahead = grid_cell_of((struct world_pos){stage->pos.x + 100, stage->pos.y});
    stage_put(stage, (struct cell_pos){ahead.x + 1, ahead.y},
              catalog_find_name(stage->catalog, "stone_block")->type);
    run_ms(rig, 2000);
    ck_assert_uint_ge(stats_of(rig).corrections, 1);
    /* the round trip, the inputs that wait at the server, and a tick on either side */
    uint32_t ahead_ms = 150 + PACE_SLACK * 1000 / STAGE_HZ + 2 * 1000 / STAGE_HZ;
    ck_assert_uint_le(stats_of(rig).correction_units_max,
                      STAGE_SPEED_PX_S * GRID_UNITS_PX * ahead_ms / 1000);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_cut_is_healed_and_no_intent_stays_in_doubt)
{
    struct rig *rig = rig_create(5, 50, 10000);
    struct tilth_error error;
    struct tilth_position here;
    run_until_ready(rig);
    ck_assert(tilth_client_position(rig->client, &here));
    uint32_t first = tilth_client_say(rig->client, "before", &error);
    ck_assert_uint_eq(first, 1);
    run_ms(rig, 500);
    ck_assert_uint_eq(rig->latest[TILTH_EVENT_DONE].number, first);
    sim_network_cut(NULL, true);
    ck_assert_uint_eq(tilth_client_say(rig->client, "into the void", &error), 2);
    for (int i = 0; i < 600 && rig->counts[TILTH_EVENT_DISCONNECTED] == 0; i++)
        run_ms(rig, 100);
    ck_assert_uint_gt(rig->counts[TILTH_EVENT_DISCONNECTED], 0);
    ck_assert(rig->latest[TILTH_EVENT_DISCONNECTED].is_retrying);
    ck_assert_uint_eq(tilth_client_pending(rig->client), 1);
    sim_network_cut(NULL, false);
    run_until_ready(rig);
    ck_assert_uint_eq(rig->counts[TILTH_EVENT_CONNECTED], 2);
    ck_assert_uint_eq(tilth_client_pending(rig->client), 0);
    ck_assert_uint_eq(rig->latest[TILTH_EVENT_LOST].number, 2);
    ck_assert_uint_eq(tilth_client_say(rig->client, "again", &error), 2);
    run_ms(rig, 1000);
    ck_assert_uint_eq(rig->latest[TILTH_EVENT_DONE].number, 2);
    rig_destroy(rig);
}
END_TEST

START_TEST(starving_heals_itself)
{
    struct rig *rig = rig_create(7, 100, 0);
    clear_road(rig);
    run_until_ready(rig);
    tilth_client_move(rig->client, 1, 0);
    for (int i = 0; i < 5; i++) {
        run_ms(rig, 1500);
        sim_network_cut(NULL, true);
        run_ms(rig, 200);
        sim_network_cut(NULL, false);
    }
    tilth_client_move(rig->client, 0, 0);
    run_ms(rig, 3000);
    struct tilth_position here;
    ck_assert(tilth_client_position(rig->client, &here));
    ck_assert_int_eq(here.x, rig->server.stage.pos.x);
    ck_assert_uint_le(rig->server.stage.newest - rig->server.stage.applied, 4);
    rig_destroy(rig);
}
END_TEST

TESTING_MAIN("client_network", a_straight_walk_over_a_bad_network_is_not_corrected,
             a_block_in_the_way_corrects_by_what_was_walked_meanwhile,
             a_cut_is_healed_and_no_intent_stays_in_doubt, starving_heals_itself)
