#include "prediction.h"

#include "stage.h"
#include "testing.h"

enum { STEP = 128 };

static struct stage *stage_create(void)
{
    struct stage *stage = calloc(1, sizeof *stage);
    stage_init(stage);
    return stage;
}

static void stage_free(struct stage *stage)
{
    stage_finish(stage);
    free(stage);
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

TESTING_MAIN("prediction", what_the_server_confirms_moves_nothing,
             a_correction_replays_what_is_not_confirmed, a_wall_the_server_knew_first_stops_one,
             a_server_that_went_on_by_itself_is_followed,
             a_silent_server_ends_in_waiting_and_a_mad_one_in_nothing)
