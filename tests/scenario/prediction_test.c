/* A player's own movement is shown at once, and right. */
#include <stdio.h>

#include "bottle/player.h"

enum {
    WALK_CELLS = 220,
    TRIES_MAX = 1000000,
    ROAD_CELL_MAX = 440,
    HALF_TRIP_US = 75000,
    LOSS_PPM = 50000
};

/* The land as generated; remembers the chunk that was looked at last. */
struct survey {
    struct generator generator;
    struct generator_chunk chunk;
    struct chunk_pos pos;
};

static bool is_free(struct survey *survey, struct cell_pos cell)
{
    uint32_t at = grid_cell_index(cell);
    struct chunk_pos pos = grid_chunk_of(cell);
    if (!grid_is_same_chunk(pos, survey->pos))
        generator_make(&survey->generator, pos, &survey->chunk);
    survey->pos = pos;
    return survey->chunk.terrain[at] != 0 && survey->chunk.natural[at] != NATURAL_TREE &&
           survey->chunk.natural[at] != NATURAL_ROCK;
}

/* How many cells to the east of this one are free, up to the road's length. */
static int32_t free_cells(struct survey *survey, struct cell_pos cell)
{
    int32_t count = 0;
    while (count < WALK_CELLS && is_free(survey, (struct cell_pos){cell.x + count, cell.y}))
        count++;
    return count;
}

/* The first cell of a row of land without anything solid that is long enough. */
static struct cell_pos find_road(const struct bottle *bottle)
{
    struct survey survey = {.generator = {bottle->settings.seed, GENERATOR_VERSION},
                            .pos = {-1, -1}};
    struct cell_pos cell = {1, 0};
    for (uint32_t n = 0; n < TRIES_MAX; n++) {
        int32_t count = free_cells(&survey, cell);
        if (count == WALK_CELLS)
            return cell;
        cell.x += count + 1;
        if (cell.x > ROAD_CELL_MAX)
            cell = (struct cell_pos){1, cell.y + 3};
    }
    ck_abort_msg("no road in this world");
    return cell;
}

static void make_far(const char *address)
{
    struct sim_network_path path = {.latency_us = HALF_TRIP_US, .loss_ppm = LOSS_PPM};
    sim_network_path(address, SIM_NETWORK_UP, &path);
    sim_network_path(address, SIM_NETWORK_DOWN, &path);
}

/* A far player at the beginning of the road. */
static struct player *begin(struct bottle *bottle, struct cell_pos road)
{
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    player_carry(ann, road);
    bottle_run(bottle, 2000);
    make_far(ann->address);
    bottle_run(bottle, 3000);
    ck_assert(player_is_ready(ann));
    ck_assert_int_eq(player_cell(ann).x, road.x);
    return ann;
}

START_TEST(a_straight_walk_over_a_bad_link_is_not_corrected)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        struct cell_pos road = find_road(bottle);
        struct player *ann = begin(bottle, road);
        uint32_t corrections = ann->corrections;
        tilth_client_move(ann->client, 1, 0);
        BOTTLE_UNTIL(bottle, 120000, player_cell(ann).x >= road.x + WALK_CELLS - 10);
        ck_assert_int_ge(player_cell(ann).x, road.x + WALK_CELLS - 10);
        ck_assert_msg(ann->corrections == corrections, "seed %llu: %u corrections, by %u units",
                      (unsigned long long)bottle->seed, ann->corrections - corrections,
                      ann->correction_units);
        bottle_destroy(&bottle);
    }
}
END_TEST

START_TEST(a_block_placed_a_moment_ago_is_one_correction)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    uint32_t oftener = 0;
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct bottle *bottle = bottle_create(seeds.first + i);
        bottle->settings.reach_px = 1000;
        struct cell_pos road = find_road(bottle);
        struct player *ann = begin(bottle, road);
        struct player *bob = player_join(bottle, "bob");
        BOTTLE_HOLDS(bottle, player_await_ready(bob));
        ann->correction_units = 0;
        player_carry(bob, (struct cell_pos){road.x + 20, road.y});
        bottle_run(bottle, 2000);
        uint32_t corrections = ann->corrections;
        tilth_client_move(ann->client, 1, 0);
        bottle_run(bottle, 1000 + rng_below(&bottle->rng, 500));
        /* so near that it is news to a player who has walked on meanwhile */
        BOTTLE_UNTIL(bottle, 1000, player_real_pos(ann).x % GRID_CELL_UNITS > GRID_CELL_UNITS / 2);
        struct cell_pos real = grid_cell_of(player_real_pos(ann));
        ck_assert_uint_ne(player_place(bob, "stone_block", real.x + 2, real.y), 0);
        BOTTLE_HOLDS(bottle, player_await_outcomes(bob, 1000));
        ck_assert_uint_eq(bob->done, 1);
        bottle_run(bottle, 3000);
        ck_assert_int_eq(player_cell(ann).x, real.x + 1);
        bool is_one = ann->corrections == corrections + 1;
        ck_assert_msg(!is_one || ann->correction_units <= TILTH_CELL_UNITS,
                      "seed %llu: by %u units", (unsigned long long)bottle->seed,
                      ann->correction_units);
        ck_assert_uint_gt(ann->corrections, corrections);
        oftener += !is_one;
        bottle_destroy(&bottle);
    }
    /* only where the news of the block was lost: then every snapshot corrects until it comes */
    ck_assert_uint_le(oftener * 4, seeds.count + 3);
}
END_TEST

TESTING_MAIN("prediction", a_straight_walk_over_a_bad_link_is_not_corrected,
             a_block_placed_a_moment_ago_is_one_correction)
