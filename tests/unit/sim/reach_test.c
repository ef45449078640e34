#include "sim/reach.h"

#include "testing.h"

#include "sim_sample.h"

enum { REACH_UNITS = 50 * GRID_UNITS_PX };

static enum refusal reach_from(struct sim_sample *sample, int64_t x, int64_t y,
                               struct cell_pos cell)
{
    sample->world.actors[0].pos = (struct world_pos){(int32_t)x, (int32_t)y};
    return reach_check(&sample->sim, 0, cell);
}

/* From all four sides of cells in all quadrants and at chunk borders: 800 units are in reach, 801
 * are not. A cell's last unit is one before its end. */
START_TEST(test_reach_to_the_unit)
{
    static const struct cell_pos cells[] = {{10, 10}, {-11, 10}, {10, -11}, {-11, -11}, {0, 0},
                                            {-1, -1}, {63, 0},   {-64, 0},  {0, 63},    {0, -64}};
    struct sim_sample sample;
    sim_sample_make(&sample);
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        struct world_pos first = grid_cell_corner(cells[i]), middle = grid_cell_middle(cells[i]);
        struct world_pos last = {first.x + GRID_CELL_UNITS - 1, first.y + GRID_CELL_UNITS - 1};
        for (int64_t beyond = 0; beyond < 2; beyond++) {
            enum refusal expected = beyond ? REFUSAL_OUT_OF_REACH : REFUSAL_NONE;
            int64_t by = REACH_UNITS + beyond;
            ck_assert_int_eq(reach_from(&sample, first.x - by, middle.y, cells[i]), expected);
            ck_assert_int_eq(reach_from(&sample, last.x + by, middle.y, cells[i]), expected);
            ck_assert_int_eq(reach_from(&sample, middle.x, first.y - by, cells[i]), expected);
            ck_assert_int_eq(reach_from(&sample, middle.x, last.y + by, cells[i]), expected);
        }
        ck_assert_int_eq(reach_from(&sample, middle.x, middle.y, cells[i]), REFUSAL_NONE);
    }
    sim_sample_finish(&sample);
}
END_TEST

/* 480 and 640 make 800 with Pythagoras. */
START_TEST(test_reach_around_corners)
{
    struct sim_sample sample;
    struct cell_pos cell = {-1, -1};
    sim_sample_make(&sample);
    ck_assert_int_eq(reach_from(&sample, -512 - 480, -512 - 640, cell), REFUSAL_NONE);
    ck_assert_int_eq(reach_from(&sample, -512 - 481, -512 - 640, cell), REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(reach_from(&sample, -1 + 640, -512 - 480, cell), REFUSAL_NONE);
    ck_assert_int_eq(reach_from(&sample, -1 + 641, -512 - 480, cell), REFUSAL_OUT_OF_REACH);
    ck_assert_int_eq(reach_from(&sample, -1 + 480, -1 + 640, cell), REFUSAL_NONE);
    ck_assert_int_eq(reach_from(&sample, -1 + 480, -1 + 641, cell), REFUSAL_OUT_OF_REACH);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_what_is_not_there)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    struct cell_pos loading = {GRID_CHUNK_CELLS, 0};
    struct world_pos beside = grid_cell_middle((struct cell_pos){GRID_CHUNK_CELLS - 1, 0});
    ck_assert_int_eq(reach_from(&sample, beside.x, beside.y, loading), REFUSAL_CHUNK_LOADING);
    ck_assert_int_eq(reach_from(&sample, 0, 0, loading), REFUSAL_OUT_OF_REACH);
    struct cell_pos outside = {GRID_CELL_MAX + 1, 0};
    ck_assert_int_eq(reach_from(&sample, INT32_MAX, 0, outside), REFUSAL_OUT_OF_WORLD);
    outside = (struct cell_pos){0, INT32_MIN};
    ck_assert_int_eq(reach_from(&sample, 0, INT32_MIN, outside), REFUSAL_OUT_OF_WORLD);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(test_reach_at_the_worlds_edge)
{
    struct sim_sample sample;
    sim_sample_make(&sample);
    sim_sample_chunk(&sample, GRID_CHUNK_MIN, GRID_CHUNK_MAX);
    struct cell_pos corner = {GRID_CELL_MIN, GRID_CELL_MAX};
    ck_assert_int_eq(reach_from(&sample, INT32_MIN, INT32_MAX, corner), REFUSAL_NONE);
    ck_assert_int_eq(reach_from(&sample, INT32_MAX, INT32_MIN, corner), REFUSAL_OUT_OF_REACH);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("reach", test_reach_to_the_unit, test_reach_around_corners, test_what_is_not_there,
             test_reach_at_the_worlds_edge)
