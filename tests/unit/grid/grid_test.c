#include "grid/grid.h"

#include "testing.h"

#include "base/rng.h"

enum { SEEDS = 50, DRAWS = 2000 };

/* A number in [min, max] that is often at or next to a boundary: the ends, 0, or a multiple of a
 * power of two, which all borders of cells, chunks and regions are. */
static int64_t draw(struct rng *rng, int64_t min, int64_t max)
{
    uint64_t span = (uint64_t)max - (uint64_t)min + 1;
    int64_t value = (int64_t)((uint64_t)min + rng_below(rng, span));
    uint64_t kind = rng_below(rng, 4);
    if (kind == 0)
        value = rng_chance(rng, 500000) ? min : max;
    if (kind == 1)
        value = (int64_t)((uint64_t)(value >> rng_below(rng, 21)) << rng_below(rng, 16));
    if (kind == 2)
        value &= -(INT64_C(1) << rng_below(rng, 17));
    value += (int64_t)rng_below(rng, 5) - 2;
    return value < min ? min : value > max ? max : value;
}

static struct world_pos draw_pos(struct rng *rng)
{
    return (struct world_pos){(int32_t)draw(rng, INT32_MIN, INT32_MAX),
                              (int32_t)draw(rng, INT32_MIN, INT32_MAX)};
}

static struct cell_pos draw_cell(struct rng *rng)
{
    return (struct cell_pos){(int32_t)draw(rng, GRID_CELL_MIN, GRID_CELL_MAX),
                             (int32_t)draw(rng, GRID_CELL_MIN, GRID_CELL_MAX)};
}

static struct chunk_pos draw_chunk(struct rng *rng)
{
    return (struct chunk_pos){(int32_t)draw(rng, GRID_CHUNK_MIN, GRID_CHUNK_MAX),
                              (int32_t)draw(rng, GRID_CHUNK_MIN, GRID_CHUNK_MAX)};
}

static void expect_cell(struct cell_pos actual, int32_t x, int32_t y)
{
    ck_assert_int_eq(actual.x, x);
    ck_assert_int_eq(actual.y, y);
}

START_TEST(test_floor_division_by_hand)
{
    static const struct {
        int64_t dividend, divisor, quotient, remainder;
    } rows[] = {
        {0, 64, 0, 0},      {1, 64, 0, 1},
        {63, 64, 0, 63},    {64, 64, 1, 0},
        {-1, 64, -1, 63},   {-64, 64, -1, 0},
        {-65, 64, -2, 63},  {-63, 64, -1, 1},
        {7, 1, 7, 0},       {-7, 1, -7, 0},
        {-1, 512, -1, 511}, {5, 7, 0, 5},
        {-5, 7, -1, 2},     {INT64_MIN, 1, INT64_MIN, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_eq(grid_floor_divide(rows[i].dividend, rows[i].divisor), rows[i].quotient);
        ck_assert_int_eq(grid_floor_modulo(rows[i].dividend, rows[i].divisor), rows[i].remainder);
    }
}
END_TEST

START_TEST(test_floor_division_identity)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rng rng;
        rng_init(&rng, seed);
        for (int i = 0; i < DRAWS; i++) {
            int64_t dividend = draw(&rng, INT64_MIN / 2, INT64_MAX / 2);
            int64_t divisor = draw(&rng, 1, INT64_C(1) << 40);
            int64_t quotient = grid_floor_divide(dividend, divisor);
            int64_t remainder = grid_floor_modulo(dividend, divisor);
            ck_assert(remainder >= 0 && remainder < divisor);
            ck_assert_int_eq(quotient * divisor + remainder, dividend);
        }
    }
}
END_TEST

START_TEST(test_world_edges)
{
    expect_cell(grid_cell_of((struct world_pos){INT32_MIN, INT32_MAX}), GRID_CELL_MIN,
                GRID_CELL_MAX);
    struct chunk_pos chunk = grid_chunk_of((struct cell_pos){GRID_CELL_MIN, GRID_CELL_MAX});
    ck_assert_int_eq(chunk.x, GRID_CHUNK_MIN);
    ck_assert_int_eq(chunk.y, GRID_CHUNK_MAX);
    struct region_pos region = grid_region_of(chunk);
    ck_assert_int_eq(region.x, -2048);
    ck_assert_int_eq(region.y, 2047);
    struct world_pos corner = grid_cell_corner((struct cell_pos){GRID_CELL_MIN, GRID_CELL_MAX});
    ck_assert_int_eq(corner.x, INT32_MIN);
    ck_assert_int_eq(corner.y, INT32_MAX - GRID_CELL_UNITS + 1);
    ck_assert(grid_is_cell(GRID_CELL_MIN, GRID_CELL_MAX));
    ck_assert(!grid_is_cell(GRID_CELL_MIN - 1, 0) && !grid_is_cell(0, GRID_CELL_MIN - 1));
    ck_assert(!grid_is_cell(GRID_CELL_MAX + 1, 0) && !grid_is_cell(0, GRID_CELL_MAX + 1));
    ck_assert(grid_is_chunk(GRID_CHUNK_MAX, GRID_CHUNK_MIN));
    ck_assert(!grid_is_chunk(GRID_CHUNK_MIN - 1, 0) && !grid_is_chunk(0, GRID_CHUNK_MIN - 1));
    ck_assert(!grid_is_chunk(GRID_CHUNK_MAX + 1, 0) && !grid_is_chunk(0, GRID_CHUNK_MAX + 1));
    ck_assert(!grid_is_cell(INT64_MAX, INT64_MIN) && !grid_is_chunk(INT64_MIN, INT64_MAX));
}
END_TEST

/* Every border of the three sizes, from both sides. */
START_TEST(test_borders_from_both_sides)
{
    for (int32_t cell = -200; cell <= 200; cell++) {
        struct world_pos corner = grid_cell_corner((struct cell_pos){cell, -cell});
        expect_cell(grid_cell_of(corner), cell, -cell);
        corner.x--;
        expect_cell(grid_cell_of(corner), cell - 1, -cell);
        corner.x += GRID_CELL_UNITS;
        corner.y += GRID_CELL_UNITS;
        expect_cell(grid_cell_of(corner), cell, -cell + 1);
    }
    for (int32_t chunk = -70; chunk <= 70; chunk++) {
        int32_t edge = chunk * GRID_CHUNK_CELLS;
        ck_assert_int_eq(grid_chunk_of((struct cell_pos){edge, 0}).x, chunk);
        ck_assert_int_eq(grid_chunk_of((struct cell_pos){0, edge - 1}).y, chunk - 1);
        ck_assert_uint_eq(grid_cell_index((struct cell_pos){edge, edge}), 0);
        ck_assert_uint_eq(grid_cell_index((struct cell_pos){edge - 1, edge - 1}), 4095);
        ck_assert_uint_eq(grid_cell_index((struct cell_pos){edge + 1, edge}), 1);
        ck_assert_uint_eq(grid_cell_index((struct cell_pos){edge, edge + 1}), 64);
        int32_t region_edge = chunk * GRID_REGION_CHUNKS;
        ck_assert_int_eq(grid_region_of((struct chunk_pos){region_edge, 0}).x, chunk);
        ck_assert_int_eq(grid_region_of((struct chunk_pos){0, region_edge - 1}).y, chunk - 1);
        ck_assert_uint_eq(grid_chunk_index((struct chunk_pos){region_edge, region_edge}), 0);
        ck_assert_uint_eq(grid_chunk_index((struct chunk_pos){region_edge - 1, region_edge}), 31);
        ck_assert_uint_eq(grid_chunk_index((struct chunk_pos){region_edge, region_edge - 1}), 992);
    }
}
END_TEST

START_TEST(test_there_and_back)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rng rng;
        rng_init(&rng, seed);
        for (int i = 0; i < DRAWS; i++) {
            struct cell_pos cell = draw_cell(&rng);
            struct chunk_pos chunk = grid_chunk_of(cell);
            ck_assert(grid_is_chunk(chunk.x, chunk.y));
            ck_assert_uint_lt(grid_cell_index(cell), GRID_CHUNK_AREA);
            ck_assert(grid_is_same_cell(grid_cell_at(chunk, grid_cell_index(cell)), cell));
            ck_assert(grid_is_same_cell(grid_cell_of(grid_cell_corner(cell)), cell));
            ck_assert(grid_is_same_cell(grid_cell_of(grid_cell_middle(cell)), cell));
            chunk = draw_chunk(&rng);
            struct region_pos region = grid_region_of(chunk);
            ck_assert_uint_lt(grid_chunk_index(chunk), GRID_REGION_AREA);
            ck_assert(grid_is_same_chunk(grid_chunk_at(region, grid_chunk_index(chunk)), chunk));
            uint32_t index = (uint32_t)rng_below(&rng, GRID_CHUNK_AREA);
            cell = grid_cell_at(chunk, index);
            ck_assert(grid_is_same_chunk(grid_chunk_of(cell), chunk));
            ck_assert_uint_eq(grid_cell_index(cell), index);
        }
    }
}
END_TEST

START_TEST(test_a_position_lies_in_its_cell)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rng rng;
        rng_init(&rng, seed);
        for (int i = 0; i < DRAWS; i++) {
            struct world_pos pos = draw_pos(&rng);
            struct cell_pos cell = grid_cell_of(pos);
            ck_assert(grid_is_cell(cell.x, cell.y));
            struct world_pos corner = grid_cell_corner(cell);
            ck_assert(pos.x >= corner.x && pos.x - corner.x < GRID_CELL_UNITS);
            ck_assert(pos.y >= corner.y && pos.y - corner.y < GRID_CELL_UNITS);
            ck_assert_uint_eq(grid_distance2_to_cell(pos, cell), 0);
        }
    }
}
END_TEST

START_TEST(test_equality_looks_at_both_axes)
{
    ck_assert(grid_is_same_cell((struct cell_pos){-1, 2}, (struct cell_pos){-1, 2}));
    ck_assert(!grid_is_same_cell((struct cell_pos){-1, 2}, (struct cell_pos){-1, 3}));
    ck_assert(!grid_is_same_cell((struct cell_pos){-1, 2}, (struct cell_pos){1, 2}));
    ck_assert(!grid_is_same_chunk((struct chunk_pos){-1, 2}, (struct chunk_pos){-1, 3}));
    ck_assert(!grid_is_same_chunk((struct chunk_pos){-1, 2}, (struct chunk_pos){1, 2}));
    ck_assert(grid_is_same_region((struct region_pos){-1, 2}, (struct region_pos){-1, 2}));
    ck_assert(!grid_is_same_region((struct region_pos){-1, 2}, (struct region_pos){-1, 3}));
    ck_assert(!grid_is_same_region((struct region_pos){-1, 2}, (struct region_pos){1, 2}));
}
END_TEST

/* 64 x 64 neighbours around the origin into 4,096 buckets: chance fills about 63 % of them. */
START_TEST(test_keys_spread)
{
    static uint8_t buckets[4096];
    uint32_t filled = 0;
    for (int32_t y = -32; y < 32; y++) {
        for (int32_t x = -32; x < 32; x++) {
            uint64_t key = grid_chunk_key((struct chunk_pos){x, y});
            filled += buckets[key % 4096]++ == 0;
            ck_assert_uint_eq(key, grid_chunk_key((struct chunk_pos){x, y}));
            if (x != y)
                ck_assert_uint_ne(key, grid_chunk_key((struct chunk_pos){y, x}));
        }
    }
    ck_assert_uint_gt(filled, 4096 * 60 / 100);
    ck_assert_uint_ne(grid_region_key((struct region_pos){0, 1}),
                      grid_region_key((struct region_pos){1, 0}));
    ck_assert_uint_ne(grid_region_key((struct region_pos){0, -1}),
                      grid_region_key((struct region_pos){-1, 0}));
}
END_TEST

START_TEST(test_distance_by_hand)
{
    struct cell_pos cell = {0, 0};
    ck_assert_uint_eq(grid_distance2_to_cell((struct world_pos){0, 511}, cell), 0);
    ck_assert_uint_eq(grid_distance2_to_cell((struct world_pos){-1, 5}, cell), 1);
    ck_assert_uint_eq(grid_distance2_to_cell((struct world_pos){512, 5}, cell), 1);
    ck_assert_uint_eq(grid_distance2_to_cell((struct world_pos){-3, -4}, cell), 25);
    ck_assert_uint_eq(grid_distance2_to_cell((struct world_pos){514, 515}, cell), 25);
    ck_assert_uint_eq(grid_distance2((struct world_pos){-1, -1}, (struct world_pos){2, 3}), 25);
    ck_assert_uint_eq(grid_distance2((struct world_pos){5, 5}, (struct world_pos){5, 5}), 0);
}
END_TEST

START_TEST(test_distance_saturates)
{
    struct world_pos low = {INT32_MIN, INT32_MIN};
    struct world_pos high = {INT32_MAX, INT32_MAX};
    ck_assert_uint_eq(grid_distance2(low, high), UINT64_MAX);
    uint64_t one_axis = grid_distance2(low, (struct world_pos){INT32_MAX, INT32_MIN});
    ck_assert_uint_eq(one_axis, (uint64_t)UINT32_MAX * UINT32_MAX);
    struct cell_pos nowhere = {INT32_MAX, INT32_MIN};
    ck_assert_uint_eq(grid_distance2_to_cell(low, nowhere), UINT64_MAX);
    ck_assert(!grid_is_within_reach(low, nowhere, 1000));
}
END_TEST

/* The distance to a cell is the least of the distances to its units; the nearest is on the rim, and
 * the position's coordinates clamped to the cell find it. */
START_TEST(test_distance_is_that_of_the_nearest_unit)
{
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct rng rng;
        rng_init(&rng, seed);
        struct cell_pos cell = draw_cell(&rng);
        struct world_pos corner = grid_cell_corner(cell);
        struct world_pos pos = draw_pos(&rng);
        uint64_t nearest = UINT64_MAX;
        for (int32_t i = 0; i < GRID_CELL_UNITS * GRID_CELL_UNITS; i++) {
            struct world_pos unit = {corner.x + i % GRID_CELL_UNITS,
                                     corner.y + i / GRID_CELL_UNITS};
            uint64_t distance = grid_distance2(pos, unit);
            nearest = distance < nearest ? distance : nearest;
        }
        ck_assert_uint_eq(grid_distance2_to_cell(pos, cell), nearest);
    }
}
END_TEST

START_TEST(test_reach_is_inclusive)
{
    struct cell_pos cell = {-3, 7};
    struct world_pos corner = grid_cell_corner(cell);
    struct world_pos pos = {corner.x - 96 * GRID_UNITS_PX, corner.y};
    ck_assert(grid_is_within_reach(pos, cell, 96));
    pos.x--;
    ck_assert(!grid_is_within_reach(pos, cell, 96));
    ck_assert(grid_is_within_reach(pos, cell, 97));
    ck_assert(grid_is_within_reach(corner, cell, 0));
    corner.y--;
    ck_assert(!grid_is_within_reach(corner, cell, 0));
    ck_assert(grid_is_within_reach(corner, cell, UINT32_MAX));
}
END_TEST

static int32_t magnitude(int32_t value)
{
    return value < 0 ? -value : value;
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

START_TEST(test_spiral_visits_each_cell_once_ring_by_ring)
{
    enum { RINGS = 40, SIDE = 2 * RINGS + 1 };
    static bool is_seen[SIDE][SIDE];
    struct cell_pos before = grid_spiral(0);
    expect_cell(before, 0, 0);
    is_seen[RINGS][RINGS] = true;
    int32_t ring_before = 0;
    for (uint32_t n = 1; n < SIDE * SIDE; n++) {
        struct cell_pos cell = grid_spiral(n);
        int32_t ring = larger(magnitude(cell.x), magnitude(cell.y));
        ck_assert_int_le(ring, RINGS);
        ck_assert_int_ge(ring, ring_before);
        ck_assert_int_eq(magnitude(cell.x - before.x) + magnitude(cell.y - before.y), 1);
        ck_assert(!is_seen[cell.y + RINGS][cell.x + RINGS]);
        is_seen[cell.y + RINGS][cell.x + RINGS] = true;
        ring_before = ring;
        before = cell;
    }
}
END_TEST

START_TEST(test_spiral_far_out)
{
    for (uint32_t ring = 1; ring <= 32767; ring++) {
        uint32_t first = (2 * ring - 1) * (2 * ring - 1);
        struct cell_pos last_inside = grid_spiral(first - 1);
        struct cell_pos first_outside = grid_spiral(first);
        expect_cell(last_inside, (int32_t)ring - 1, 1 - (int32_t)ring);
        expect_cell(first_outside, (int32_t)ring, 1 - (int32_t)ring);
    }
    struct cell_pos last = grid_spiral(UINT32_MAX);
    ck_assert_int_eq(larger(magnitude(last.x), magnitude(last.y)), 32768);
}
END_TEST

START_TEST(test_areas_cell_by_cell)
{
    struct cell_area area = {{-2, -1}, {1, 1}};
    struct cell_pos cell = area.least;
    for (int32_t y = -1; y <= 1; y++) {
        for (int32_t x = -2; x <= 1; x++) {
            expect_cell(cell, x, y);
            ck_assert(grid_area_has(area, cell));
            ck_assert_int_eq(grid_area_next(area, &cell), x != 1 || y != 1);
        }
    }
    static const struct cell_pos outside[] = {{-3, 0}, {2, 0}, {0, -2}, {0, 2}};
    for (uint32_t i = 0; i < 4; i++)
        ck_assert(!grid_area_has(area, outside[i]));
    struct cell_area one = {{GRID_CELL_MAX, GRID_CELL_MIN}, {GRID_CELL_MAX, GRID_CELL_MIN}};
    cell = one.least;
    ck_assert(grid_area_has(one, cell));
    ck_assert(!grid_area_next(one, &cell));
}
END_TEST

/* The parts in all chunks are the area: each cell in one of them. */
START_TEST(test_parts_of_an_area)
{
    struct cell_area area = {{-65, -1}, {64, 5}}, part;
    uint32_t cells = 0, chunks = 0;
    for (int32_t y = -2; y <= 2; y++) {
        for (int32_t x = -3; x <= 3; x++) {
            struct chunk_pos chunk = {x, y};
            if (!grid_area_in_chunk(area, chunk, &part))
                continue;
            struct cell_pos cell = part.least;
            chunks++;
            do {
                ck_assert(grid_area_has(area, cell));
                ck_assert(grid_is_same_chunk(grid_chunk_of(cell), chunk));
                cells++;
            } while (grid_area_next(part, &cell));
        }
    }
    ck_assert_uint_eq(chunks, 4 * 2);
    ck_assert_uint_eq(cells, 130 * 7);
    ck_assert(!grid_area_in_chunk(area, (struct chunk_pos){2, 0}, &part));
    ck_assert(!grid_area_in_chunk(area, (struct chunk_pos){0, 1}, &part));
    ck_assert(!grid_area_in_chunk(area, (struct chunk_pos){2, 1}, &part));
    ck_assert(grid_area_in_chunk(area, (struct chunk_pos){1, 0}, &part));
    expect_cell(part.least, 64, 0);
    expect_cell(part.most, 64, 5);
}
END_TEST

TESTING_MAIN("grid", test_floor_division_by_hand, test_floor_division_identity, test_world_edges,
             test_borders_from_both_sides, test_there_and_back, test_a_position_lies_in_its_cell,
             test_equality_looks_at_both_axes, test_keys_spread, test_distance_by_hand,
             test_distance_saturates, test_distance_is_that_of_the_nearest_unit,
             test_reach_is_inclusive, test_spiral_visits_each_cell_once_ring_by_ring,
             test_spiral_far_out, test_areas_cell_by_cell, test_parts_of_an_area)
