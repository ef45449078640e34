/* A player's own movement is shown at once, and right. */
#include <string.h>

#include "bottle/player.h"

enum {
    WALK_CELLS = 220,
    TRIES_MAX = 1000000,
    ROAD_CELL_MAX = 440,
    SURVEY_CHUNKS = 16, /* all of a road that begins at ROAD_CELL_MAX */
    HALF_TRIP_US = 75000,
    LOSS_PPM = 50000
};

/* The land as generated; remembers the row of chunks that was looked at last. */
struct survey {
    struct generator generator;
    struct generator_chunk chunks[SURVEY_CHUNKS]; /* [x modulo SURVEY_CHUNKS] */
    struct chunk_pos places[SURVEY_CHUNKS];
};

static bool is_free(struct survey *survey, struct cell_pos cell)
{
    uint32_t at = grid_cell_index(cell);
    struct chunk_pos pos = grid_chunk_of(cell);
    uint32_t slot = (uint32_t)pos.x % SURVEY_CHUNKS;
    struct generator_chunk *chunk = &survey->chunks[slot];
    if (!grid_is_same_chunk(pos, survey->places[slot]))
        generator_make(&survey->generator, pos, chunk);
    survey->places[slot] = pos;
    return chunk->terrain[at] != 0 && chunk->natural[at] != NATURAL_TREE &&
           chunk->natural[at] != NATURAL_ROCK;
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
    struct survey survey = {.generator = {bottle->settings.seed, GENERATOR_VERSION}};
    struct cell_pos cell = {1, 0};
    for (uint32_t i = 0; i < SURVEY_CHUNKS; i++)
        survey.places[i] = (struct chunk_pos){-1, -1}; /* none yet */
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

/* Ann walks, and Bob places a block so near that she has walked into it when she hears of it. */
struct surprise {
    struct bottle *bottle;
    struct player *ann, *bob;
    struct cell_pos block;
    uint32_t corrections; /* Ann's, before */
};

/* What comes to Ann from now on is lost, or it is as it was. */
static void make_deaf(struct player *ann, bool is_deaf)
{
    struct sim_network_path path = {.latency_us = HALF_TRIP_US,
                                    .loss_ppm = is_deaf ? 1000000 : LOSS_PPM};
    sim_network_path(ann->address, SIM_NETWORK_DOWN, &path);
}

static int32_t predicted_x(const struct player *player)
{
    struct tilth_position position = {0};
    (void)tilth_client_position(player->client, &position);
    return position.x;
}

/* Until the block stands and the server has told so; is_deaf: all that Ann was told is lost. */
static struct surprise begin_surprise(uint64_t seed, bool is_deaf)
{
    struct bottle *bottle = bottle_create(seed);
    bottle->settings.reach_px = 1000;
    struct cell_pos road = find_road(bottle);
    struct player *ann = begin(bottle, road);
    struct player *bob = player_join(bottle, "bob");
    BOTTLE_HOLDS(bottle, player_await_ready(bob));
    player_carry(bob, (struct cell_pos){road.x + 20, road.y});
    bottle_run(bottle, 2000);
    struct surprise surprise = {bottle, ann, bob, {0, road.y}, ann->corrections};

    tilth_client_move(ann->client, 1, 0);
    bottle_run(bottle, 1000 + rng_below(&bottle->rng, 500));
    BOTTLE_UNTIL(bottle, 1000, predicted_x(ann) % GRID_CELL_UNITS > GRID_CELL_UNITS / 2);
    surprise.block.x = player_cell(ann).x + 1;
    make_deaf(ann, is_deaf);
    ck_assert_uint_ne(player_place(bob, "stone_block", surprise.block.x, road.y), 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(bob, 1000));
    ck_assert_uint_eq(bob->done, 1);
    make_deaf(ann, false);
    return surprise;
}

/* Until the block is shown, and everything has come to rest. */
static void end_surprise(const struct surprise *surprise)
{
    BOTTLE_UNTIL(surprise->bottle, 30000,
                 strcmp(player_sees(surprise->ann, surprise->block.x, surprise->block.y), "") != 0);
    bottle_run(surprise->bottle, 3000);
    ck_assert_str_eq(player_sees(surprise->ann, surprise->block.x, surprise->block.y),
                     "stone_block");
}

/* Ann was put right once, by a cell at most. */
static void check_one_correction(const struct surprise *surprise)
{
    const struct player *ann = surprise->ann;
    ck_assert_msg(ann->corrections == surprise->corrections + 1, "seed %llu: %u corrections",
                  (unsigned long long)surprise->bottle->seed,
                  ann->corrections - surprise->corrections);
    ck_assert_msg(ann->correction_units <= TILTH_CELL_UNITS, "seed %llu: by %u units",
                  (unsigned long long)surprise->bottle->seed, ann->correction_units);
    ck_assert_int_eq(player_cell(ann).x, surprise->block.x - 1);
}

START_TEST(a_block_placed_a_moment_ago_is_one_correction)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct surprise surprise = begin_surprise(seeds.first + i, false);
        end_surprise(&surprise);
        check_one_correction(&surprise);
        bottle_destroy(&surprise.bottle);
    }
}
END_TEST

START_TEST(a_block_whose_news_are_lost_is_one_correction_too)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct surprise surprise = begin_surprise(seeds.first + i, true);
        end_surprise(&surprise);
        check_one_correction(&surprise);
        bottle_destroy(&surprise.bottle);
    }
}
END_TEST

/* Nobody stays held by a block that has gone before it was shown. */
START_TEST(a_block_that_comes_and_goes_unseen_lets_one_go_on)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct surprise surprise = begin_surprise(seeds.first + i, true);
        struct bottle *bottle = surprise.bottle;
        struct player *ann = surprise.ann;
        BOTTLE_UNTIL(bottle, 2000, ann->corrections > surprise.corrections);
        ck_assert_uint_ne(player_remove(surprise.bob, surprise.block.x, surprise.block.y), 0);
        BOTTLE_UNTIL(bottle, 5000, player_cell(ann).x > surprise.block.x + 3);
        ck_assert_int_gt(player_cell(ann).x, surprise.block.x + 3);
        ck_assert_uint_le(ann->corrections, surprise.corrections + 2); /* held, and let go */
        tilth_client_move(ann->client, 0, 0);
        bottle_run(bottle, 2000);
        ck_assert_int_eq(player_cell(ann).x, grid_cell_of(player_real_pos(ann)).x);
        bottle_destroy(&surprise.bottle);
    }
}
END_TEST

TESTING_MAIN("prediction", a_straight_walk_over_a_bad_link_is_not_corrected,
             a_block_placed_a_moment_ago_is_one_correction,
             a_block_whose_news_are_lost_is_one_correction_too,
             a_block_that_comes_and_goes_unseen_lets_one_go_on)
