#include "prediction.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "stage.h"
#include "testing.h"

enum { STEP = 128, LEAD = 6, MADE_MAX = 4096 };

static struct stage *stage_create(void)
{
    struct stage *stage = memory_reserve("stage", 1, sizeof *stage);
    stage_init(stage);
    return stage;
}

static void stage_free(struct stage *stage)
{
    stage_finish(stage);
    memory_release(stage);
}

START_TEST(what_the_server_confirms_moves_nothing)
{
    struct stage *stage = stage_create();
    struct prediction prediction;
    struct world_pos by, server = stage->pos;
    tilth_prediction_start(&prediction, server, STEP);
    for (uint32_t i = 1; i <= 40; i++) {
        ck_assert(tilth_prediction_step(&prediction, &stage->world, 1 + i % 8));
        if (i <= 5) /* the server is five inputs behind */
            continue;
        server = movement_step(&stage->world, server, 1 + (i - 5) % 8, STEP);
        ck_assert(!tilth_prediction_reconcile(&prediction, &stage->world, i - 5, server, &by));
    }
    ck_assert_uint_eq(prediction.newest, 40);
    ck_assert_uint_eq(prediction.acked, 35);
    stage_free(stage);
}
END_TEST

START_TEST(it_is_settled_when_the_server_has_told_of_the_last_step)
{
    struct stage *stage = stage_create();
    struct prediction prediction;
    struct world_pos by, server = stage->pos;
    tilth_prediction_start(&prediction, server, STEP);
    ck_assert(tilth_prediction_is_settled(&prediction));
    for (uint32_t i = 1; i <= 6; i++) /* four steps, then two inputs that stand still */
        ck_assert(tilth_prediction_step(&prediction, &stage->world,
                                        i <= 4 ? DIRECTION_E : DIRECTION_NONE));
    for (uint32_t i = 1; i <= 4; i++) {
        ck_assert(!tilth_prediction_is_settled(&prediction));
        server = movement_step(&stage->world, server, DIRECTION_E, STEP);
        (void)tilth_prediction_reconcile(&prediction, &stage->world, i, server, &by);
    }
    ck_assert(tilth_prediction_is_settled(&prediction));
    stage_free(stage);
}
END_TEST

START_TEST(a_correction_replays_what_is_not_confirmed)
{
    struct stage *stage = stage_create();
    struct prediction prediction;
    struct world_pos by, start = stage->pos;
    tilth_prediction_start(&prediction, start, STEP);
    for (int i = 0; i < 6; i++)
        ck_assert(tilth_prediction_step(&prediction, &stage->world, DIRECTION_NONE));
    struct world_pos pushed = {start.x + 3, start.y - 4};
    ck_assert(tilth_prediction_reconcile(&prediction, &stage->world, 2, pushed, &by));
    ck_assert(by.x == 3 && by.y == -4);
    ck_assert(tilth_prediction_pos(&prediction).x == pushed.x);
    ck_assert(!tilth_prediction_reconcile(&prediction, &stage->world, 6, pushed, &by));
    ck_assert(!tilth_prediction_reconcile(&prediction, &stage->world, 1, start, &by)); /* old */
    stage_free(stage);
}
END_TEST

START_TEST(a_wall_the_server_knew_first_stops_one)
{
    struct stage *stage = stage_create();
    struct prediction prediction;
    struct world_pos by;
    struct cell_pos here = grid_cell_of(stage->pos), wall = {here.x + 1, here.y};
    stage_put(stage, wall, 0); /* free ground, whatever was generated */
    struct world_pos start = grid_cell_middle(here), server = start;
    tilth_prediction_start(&prediction, start, STEP);
    for (int i = 0; i < 4; i++)
        ck_assert(tilth_prediction_step(&prediction, &stage->world, DIRECTION_E));
    stage_put(stage, wall, catalog_find_name(stage->catalog, "wood_block")->type);
    for (uint32_t i = 1; i <= 4; i++)
        server = movement_step(&stage->world, server, DIRECTION_E, STEP);
    ck_assert(tilth_prediction_reconcile(&prediction, &stage->world, 4, server, &by));
    ck_assert(by.x < 0 && by.x > -GRID_CELL_UNITS && by.y == 0);
    stage_free(stage);
}
END_TEST

START_TEST(a_server_that_went_on_by_itself_is_followed)
{
    struct stage *stage = stage_create();
    struct prediction prediction;
    struct world_pos by, server = stage->pos;
    tilth_prediction_start(&prediction, server, STEP);
    ck_assert(tilth_prediction_step(&prediction, &stage->world, DIRECTION_W));
    for (int i = 0; i < 4; i++) /* it repeated our direction for three inputs that came late */
        server = movement_step(&stage->world, server, DIRECTION_W, STEP);
    ck_assert(!tilth_prediction_reconcile(&prediction, &stage->world, 4, server, &by));
    ck_assert_uint_eq(prediction.newest, 4);
    ck_assert(tilth_prediction_step(&prediction, &stage->world, DIRECTION_NONE));
    ck_assert_uint_eq(prediction.newest, 5);
    stage_free(stage);
}
END_TEST

START_TEST(a_silent_server_ends_in_waiting_and_a_mad_one_in_nothing)
{
    struct stage *stage = stage_create();
    struct prediction prediction;
    struct world_pos by;
    tilth_prediction_start(&prediction, stage->pos, STEP);
    uint32_t made = 0;
    while (tilth_prediction_step(&prediction, &stage->world, DIRECTION_N))
        made++;
    ck_assert_uint_eq(made, PREDICTION_INPUTS_MAX - 1);
    const uint32_t inputs[] = {3, 255, 256, 40000, UINT32_MAX - 1, UINT32_MAX, 0, 1};
    const int32_t edges[] = {INT32_MIN, -1, 0, INT32_MAX};
    for (uint32_t i = 0; i < 32; i++) {
        struct world_pos pos = {edges[i % 4], edges[i / 4 % 4]};
        (void)tilth_prediction_reconcile(&prediction, &stage->world, inputs[i % 8], pos, &by);
        (void)tilth_prediction_step(&prediction, &stage->world, 1 + i % 8);
    }
    stage_free(stage);
}
END_TEST

/* A player who is LEAD inputs ahead of the server, and two lands: what is, and what was shown. */
struct race {
    struct stage *truth, *shown;
    struct prediction prediction;
    struct world_pos pos; /* where the server has the player */
    uint8_t made[MADE_MAX];
    uint32_t applied; /* inputs, by the server */
    bool is_deaf;     /* snapshots are lost */
    uint32_t told;    /* input of the latest snapshot */
    struct world_pos told_pos;
    bool was_held;        /* when it came */
    uint32_t corrections; /* how many, and the latest */
    struct world_pos by;
    uint32_t repeated; /* corrections that tell of nothing new: held as before */
};

static void set_solid(struct stage *stage, int32_t x, int32_t y, bool is_solid)
{
    struct cell_pos cell = {x, y};
    uint32_t index = grid_cell_index(cell);
    struct chunk *chunk = world_find_chunk(&stage->world, grid_chunk_of(cell));
    chunk->solid[index / 64] &= ~(UINT64_C(1) << (index % 64));
    chunk->solid[index / 64] |= (uint64_t)is_solid << (index % 64);
}

/* Free land without end; the player is in the middle of cell (0,0). */
static struct race *race_create(void)
{
    struct race *race = calloc(1, sizeof *race);
    race->truth = stage_create();
    race->shown = stage_create();
    for (int32_t i = 0; i < 16; i++) {
        struct chunk_pos pos = {i % 4 - 2, i / 4 - 2};
        memset(world_find_chunk(&race->truth->world, pos)->solid, 0, sizeof(uint64_t[64]));
        memset(world_find_chunk(&race->shown->world, pos)->solid, 0, sizeof(uint64_t[64]));
    }
    race->pos = grid_cell_middle((struct cell_pos){0, 0});
    tilth_prediction_start(&race->prediction, race->pos, STEP);
    return race;
}

static void race_destroy(struct race *race)
{
    stage_free(race->truth);
    stage_free(race->shown);
    free(race);
}

/* Has the player been held where the last snapshot told that it is, going on in one direction? */
static bool is_still_held(const struct race *race)
{
    bool is_held = race->pos.x == race->told_pos.x && race->pos.y == race->told_pos.y;
    for (uint32_t n = race->told; n < race->applied; n++)
        is_held = is_held && race->made[n % MADE_MAX] == race->made[race->applied % MADE_MAX];
    return is_held;
}

static void take_snapshot(struct race *race)
{
    bool is_corrected = tilth_prediction_reconcile(&race->prediction, &race->shown->world,
                                                   race->applied, race->pos, &race->by);
    race->corrections += is_corrected;
    bool is_held = is_still_held(race);
    race->repeated += is_corrected && is_held && race->was_held;
    race->was_held = is_held;
    race->told = race->applied;
    race->told_pos = race->pos;
}

/* So many inputs of a direction; the server applies the ones of LEAD inputs ago. */
static void go(struct race *race, enum direction direction, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ck_assert(tilth_prediction_step(&race->prediction, &race->shown->world, direction));
        race->made[race->prediction.newest % MADE_MAX] = (uint8_t)direction;
        if (race->prediction.newest - race->applied <= LEAD)
            continue;
        enum direction applied = (enum direction)race->made[++race->applied % MADE_MAX];
        race->pos = movement_step(&race->truth->world, race->pos, applied, STEP);
        if (!race->is_deaf)
            take_snapshot(race);
    }
}

/* The land is shown as it is. */
static void show(struct race *race)
{
    struct world_pos by;
    for (int32_t i = 0; i < 16; i++) {
        struct chunk_pos pos = {i % 4 - 2, i / 4 - 2};
        memcpy(world_find_chunk(&race->shown->world, pos)->solid,
               world_find_chunk(&race->truth->world, pos)->solid, sizeof(uint64_t[64]));
    }
    race->corrections += tilth_prediction_replay(&race->prediction, &race->shown->world, &by);
}

static bool is_wall_presumed(const struct race *race)
{
    return race->prediction.wall.column.is_there || race->prediction.wall.row.is_there;
}

/* The player is where the server has it. */
static void check_agreed(struct race *race)
{
    struct world_pos pos = tilth_prediction_pos(&race->prediction);
    ck_assert_int_eq(pos.x, race->pos.x);
    ck_assert_int_eq(pos.y, race->pos.y);
}

START_TEST(an_obstacle_without_news_is_one_correction)
{
    for (int direction = DIRECTION_N; direction <= DIRECTION_NW; direction++) {
        struct race *race = race_create();
        for (int32_t i = -3; i <= 3; i++) { /* a yard */
            set_solid(race->truth, i, -3, true);
            set_solid(race->truth, i, 3, true);
            set_solid(race->truth, -3, i, true);
            set_solid(race->truth, 3, i, true);
        }
        go(race, (enum direction)direction, 60);
        ck_assert_uint_eq(race->corrections, 1);
        ck_assert_int_le(abs(race->by.x), (LEAD + 1) * STEP);
        ck_assert_int_le(abs(race->by.y), (LEAD + 1) * STEP);
        ck_assert(is_wall_presumed(race));
        check_agreed(race);
        show(race);
        ck_assert(!is_wall_presumed(race));
        go(race, (enum direction)direction, 20);
        ck_assert_uint_eq(race->corrections, 1);
        check_agreed(race);
        race_destroy(race);
    }
}
END_TEST

START_TEST(lost_snapshots_make_no_second_correction)
{
    for (uint32_t lost = 0; lost < 32; lost++) {
        struct race *race = race_create();
        set_solid(race->truth, 3, 0, true);
        for (uint32_t i = 0; i < 40; i++) {
            race->is_deaf = (lost >> i % 5 & 1) != 0 && i < 35;
            go(race, DIRECTION_E, 1);
        }
        ck_assert_uint_eq(race->corrections, 1);
        check_agreed(race);
        race_destroy(race);
    }
}
END_TEST

START_TEST(an_obstacle_without_news_is_slid_along)
{
    struct race *race = race_create();
    set_solid(race->truth, 2, -3, true);
    set_solid(race->truth, 2, -4, true);
    race->pos = grid_cell_middle((struct cell_pos){1, -2});
    tilth_prediction_start(&race->prediction, race->pos, STEP);
    go(race, DIRECTION_N, 3);
    go(race, DIRECTION_NE, 40); /* held by one, by the next, and on behind them */
    ck_assert_uint_eq(race->corrections, 2);
    ck_assert_int_gt(race->pos.x, 3 * GRID_CELL_UNITS);
    go(race, DIRECTION_NONE, 2 * LEAD);
    ck_assert(!is_wall_presumed(race));
    check_agreed(race);
    race_destroy(race);
}
END_TEST

/* Placed and taken away again before there was news of either. */
START_TEST(an_obstacle_that_is_gone_lets_one_go_on)
{
    struct race *race = race_create();
    set_solid(race->truth, 3, 0, true);
    go(race, DIRECTION_E, 30);
    ck_assert_uint_eq(race->corrections, 1);
    set_solid(race->truth, 3, 0, false);
    go(race, DIRECTION_E,
       1); /* the server moves on: so does the player, by as much as it is ahead */
    ck_assert_uint_eq(race->corrections, 2);
    ck_assert_int_eq(race->by.x, (LEAD + 1) * STEP);
    ck_assert(!is_wall_presumed(race));
    go(race, DIRECTION_E, 30);
    ck_assert_uint_eq(race->corrections, 2);
    ck_assert_int_gt(race->pos.x, 6 * GRID_CELL_UNITS);
    go(race, DIRECTION_NONE, 2 * LEAD);
    check_agreed(race);
    race_destroy(race);
}
END_TEST

START_TEST(who_turns_away_presumes_nothing_any_more)
{
    struct race *race = race_create();
    set_solid(race->truth, 3, 0, true);
    go(race, DIRECTION_E, 30);
    ck_assert(is_wall_presumed(race));
    go(race, DIRECTION_W, LEAD - 1);
    ck_assert(is_wall_presumed(race)); /* the server is to be held once more */
    go(race, DIRECTION_W, 1);
    ck_assert(!is_wall_presumed(race));
    set_solid(race->truth, 3, 0, false);
    go(race, DIRECTION_E, 60); /* nothing is there now, and nothing stops one for a moment */
    ck_assert_uint_eq(race->corrections, 1);
    ck_assert_int_gt(race->pos.x, 5 * GRID_CELL_UNITS);
    race_destroy(race);
}
END_TEST

/* The server left an input out: it is a step behind, and no wall. */
START_TEST(an_input_that_starved_is_no_obstacle)
{
    for (int32_t edge = 0; edge < 2; edge++) {
        struct race *race = race_create();
        go(race, DIRECTION_E, LEAD + 8);
        if (edge == 1) /* by chance it ends right at a cell's edge */
            race->pos.x = 3 * GRID_CELL_UNITS - MOVEMENT_HALF_UNITS;
        race->applied++;
        take_snapshot(race);
        ck_assert_uint_eq(race->corrections, 1);
        ck_assert_int_eq(is_wall_presumed(race), edge == 1);
        go(race, DIRECTION_E, 30);
        ck_assert(!is_wall_presumed(race));
        ck_assert_uint_eq(race->corrections, edge == 1 ? 2 : 1);
        go(race, DIRECTION_NONE, 2 * LEAD);
        check_agreed(race);
        race_destroy(race);
    }
}
END_TEST

/* A walk at random through land of which every eighth cell is news, with a twentieth of the
 * snapshots lost. */
static void walk_at_random(uint64_t seed)
{
    struct race *race = race_create();
    struct rng rng;
    rng_init(&rng, seed);
    for (int32_t i = 0; i < 1600; i++)
        set_solid(race->truth, i % 40 - 20, i / 40 - 20, rng_below(&rng, 8) == 0);
    set_solid(race->truth, 0, 0, false);
    for (uint32_t i = 0; i < 60; i++) {
        enum direction direction = (enum direction)rng_below(&rng, DIRECTION_NW + 1);
        for (uint64_t n = rng_below(&rng, 20); n > 0; n--) {
            race->is_deaf = rng_below(&rng, 20) == 0;
            go(race, direction, 1);
        }
    }
    race->is_deaf = false;
    go(race, DIRECTION_NONE, 2 * LEAD);
    ck_assert_uint_eq(race->repeated, 0);
    ck_assert(!is_wall_presumed(race));
    check_agreed(race);
    race_destroy(race);
}

START_TEST(whatever_is_unknown_corrects_once_and_is_walked_around)
{
    for (uint64_t seed = 1; seed <= 40; seed++)
        walk_at_random(seed);
}
END_TEST

TESTING_MAIN("prediction", what_the_server_confirms_moves_nothing,
             it_is_settled_when_the_server_has_told_of_the_last_step,
             a_correction_replays_what_is_not_confirmed, a_wall_the_server_knew_first_stops_one,
             a_server_that_went_on_by_itself_is_followed,
             a_silent_server_ends_in_waiting_and_a_mad_one_in_nothing,
             an_obstacle_without_news_is_one_correction, lost_snapshots_make_no_second_correction,
             an_obstacle_without_news_is_slid_along, an_obstacle_that_is_gone_lets_one_go_on,
             who_turns_away_presumes_nothing_any_more, an_input_that_starved_is_no_obstacle,
             whatever_is_unknown_corrects_once_and_is_walked_around)
