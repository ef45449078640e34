#include "world/movement.h"

#include <string.h>

#include "testing.h"

#include "sample.h"

struct arena_world {
    struct catalog *catalog;
    struct world world;
};

/* Nine free chunks around (x, y), as far as they lie in the world. */
static void arena_make(struct arena_world *arena, int32_t x, int32_t y)
{
    arena->catalog = sample_catalog_make();
    sample_world_make(&arena->world, arena->catalog);
    for (int32_t i = 0; i < 9; i++) {
        struct chunk_pos pos = {x + i % 3 - 1, y + i / 3 - 1};
        if (grid_is_chunk(pos.x, pos.y))
            memset(world_add_chunk(&arena->world, pos)->solid, 0, sizeof(uint64_t[64]));
    }
}

static void arena_finish(struct arena_world *arena)
{
    world_finish(&arena->world);
    catalog_destroy(&arena->catalog);
}

static void wall(struct arena_world *arena, int32_t x, int32_t y)
{
    struct cell_pos cell = {x, y};
    uint32_t index = grid_cell_index(cell);
    struct chunk *chunk = world_find_chunk(&arena->world, grid_chunk_of(cell));
    chunk->solid[index / 64] |= UINT64_C(1) << (index % 64);
}

/* One cell in four of the inner 40 x 40 around the corner where four chunks meet is solid. */
static void wall_at_random(struct arena_world *arena, struct rng *rng)
{
    for (int32_t i = 0; i < 1600; i++) {
        if (rng_below(rng, 4) == 0)
            wall(arena, i % 40 - 20, i / 40 - 20);
    }
}

static const int8_t steps[9][2] = {{0, 0}, {0, -1}, {1, -1}, {1, 0},  {1, 1},
                                   {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}};

/* Does the actor at a place touch a solid cell that it did not touch before? In plain words: every
 * unit of its square, which reaches from -160 to +159, is in some cell. */
static bool is_newly_in(const struct world *world, int64_t x, int64_t y, struct cell_pos *before,
                        uint32_t before_count)
{
    for (int32_t i = 0; i < 4; i++) {
        int64_t at_x = x + (i % 2 ? MOVEMENT_HALF_UNITS - 1 : -MOVEMENT_HALF_UNITS);
        int64_t at_y = y + (i / 2 ? MOVEMENT_HALF_UNITS - 1 : -MOVEMENT_HALF_UNITS);
        int64_t cell_x = grid_floor_divide(at_x, GRID_CELL_UNITS);
        int64_t cell_y = grid_floor_divide(at_y, GRID_CELL_UNITS);
        bool was_in = false;
        for (uint32_t j = 0; j < before_count; j++)
            was_in = was_in || (before[j].x == cell_x && before[j].y == cell_y);
        if (was_in)
            continue;
        struct cell_pos cell = {(int32_t)cell_x, (int32_t)cell_y};
        if (!grid_is_cell(cell_x, cell_y) || world_is_solid(world, cell))
            return true;
    }
    return false;
}

/* The corners' cells of an actor. */
static uint32_t cells_of(struct world_pos pos, struct cell_pos out[4])
{
    for (int32_t i = 0; i < 4; i++) {
        int64_t x = pos.x + (i % 2 ? MOVEMENT_HALF_UNITS - 1 : -MOVEMENT_HALF_UNITS);
        int64_t y = pos.y + (i / 2 ? MOVEMENT_HALF_UNITS - 1 : -MOVEMENT_HALF_UNITS);
        out[i] = (struct cell_pos){(int32_t)grid_floor_divide(x, GRID_CELL_UNITS),
                                   (int32_t)grid_floor_divide(y, GRID_CELL_UNITS)};
    }
    return 4;
}

/* The rule in its plainest form: unit by unit, along x and then along y, until the next unit would
 * touch a solid cell anew. */
static struct world_pos plain_step(const struct world *world, struct world_pos pos, int direction,
                                   uint32_t units)
{
    if (steps[direction][0] != 0 && steps[direction][1] != 0)
        units = units * 181 / 256;
    for (int axis = 0; axis < 2; axis++) {
        struct cell_pos before[4];
        uint32_t count = cells_of(pos, before);
        for (uint32_t i = 0; i < units; i++) {
            struct world_pos next = {pos.x + (axis == 0 ? steps[direction][0] : 0),
                                     pos.y + (axis == 1 ? steps[direction][1] : 0)};
            if (is_newly_in(world, next.x, next.y, before, count))
                break;
            pos = next;
        }
    }
    return pos;
}

START_TEST(test_step_is_what_unit_by_unit_gives)
{
    struct arena_world arena;
    struct rng rng;
    rng_init(&rng, 6);
    for (uint32_t round = 0; round < 10; round++) {
        arena_make(&arena, 0, 0);
        wall_at_random(&arena, &rng);
        for (uint32_t i = 0; i < 4000; i++) {
            struct world_pos pos = {(int32_t)rng_below(&rng, 16384) - 8192,
                                    (int32_t)rng_below(&rng, 16384) - 8192};
            int direction = (int)rng_below(&rng, 9);
            uint32_t units = (uint32_t)rng_below(&rng, MOVEMENT_STEP_UNITS_MAX + 1);
            struct world_pos after =
                movement_step(&arena.world, pos, (enum direction)direction, units);
            struct world_pos plain = plain_step(&arena.world, pos, direction, units);
            ck_assert_int_eq(after.x, plain.x);
            ck_assert_int_eq(after.y, plain.y);
        }
        arena_finish(&arena);
    }
}
END_TEST

START_TEST(test_free_actor_stays_free)
{
    struct arena_world arena;
    struct rng rng;
    struct world_pos pos = {0, 0};
    rng_init(&rng, 8);
    arena_make(&arena, 0, 0);
    wall_at_random(&arena, &rng);
    pos = movement_nearest_free(&arena.world, pos);
    uint32_t moved = 0;
    for (uint32_t i = 0; i < 200000; i++) {
        enum direction direction = (enum direction)(rng_next(&rng) >> 8 & 7);
        struct world_pos after = movement_step(&arena.world, pos, direction + 1, 60 + i % 197);
        ck_assert(!movement_is_blocked(&arena.world, after));
        moved += after.x != pos.x || after.y != pos.y;
        pos = after;
        if (abs(pos.x) > 20 * GRID_CELL_UNITS || abs(pos.y) > 20 * GRID_CELL_UNITS)
            pos = movement_nearest_free(&arena.world, (struct world_pos){0, 0});
    }
    ck_assert_uint_gt(moved, 50000);
    arena_finish(&arena);
}
END_TEST

/* The world seen in a mirror moves as the mirror image does: no side is favoured. */
START_TEST(test_mirror_image_moves_alike)
{
    static const enum direction mirrored[9] = {DIRECTION_NONE, DIRECTION_S,  DIRECTION_SW,
                                               DIRECTION_W,    DIRECTION_NW, DIRECTION_N,
                                               DIRECTION_NE,   DIRECTION_E,  DIRECTION_SE};
    struct arena_world arena, mirror;
    struct rng rng;
    rng_init(&rng, 10);
    arena_make(&arena, 0, 0);
    arena_make(&mirror, 0, 0);
    for (int32_t i = 0; i < 1600; i++) {
        int32_t x = i % 40 - 20, y = i / 40 - 20;
        if (rng_below(&rng, 4) > 0)
            continue;
        wall(&arena, x, y);
        wall(&mirror, -1 - x, -1 - y);
    }
    for (uint32_t i = 0; i < 40000; i++) {
        struct world_pos pos = {(int32_t)rng_below(&rng, 16384) - 8192,
                                (int32_t)rng_below(&rng, 16384) - 8192};
        uint32_t direction = (uint32_t)rng_below(&rng, 9);
        uint32_t units = (uint32_t)rng_below(&rng, MOVEMENT_STEP_UNITS_MAX + 1);
        struct world_pos one = movement_step(&arena.world, pos, direction, units);
        struct world_pos other = movement_step(&mirror.world, (struct world_pos){-pos.x, -pos.y},
                                               mirrored[direction], units);
        ck_assert_int_eq(one.x, -other.x);
        ck_assert_int_eq(one.y, -other.y);
    }
    arena_finish(&arena);
    arena_finish(&mirror);
}
END_TEST

START_TEST(test_walls_stop_and_are_slid_along)
{
    struct arena_world arena;
    arena_make(&arena, 0, 0);
    for (int32_t y = -5; y <= 5; y++)
        wall(&arena, 2, y);
    struct world_pos pos = {2 * GRID_CELL_UNITS - MOVEMENT_HALF_UNITS - 7, 0};
    struct world_pos after = movement_step(&arena.world, pos, DIRECTION_E, 100);
    ck_assert_int_eq(after.x, pos.x + 7);
    after = movement_step(&arena.world, after, DIRECTION_SE, 100);
    ck_assert_int_eq(after.x, pos.x + 7);
    ck_assert_int_eq(after.y, 70); /* 100 * 181 / 256 */
    after = movement_step(&arena.world, after, DIRECTION_W, 256);
    ck_assert_int_eq(after.x, pos.x + 7 - 256);
    arena_finish(&arena);
}
END_TEST

/* What held a step is found again: along it the step ends at the same place, in a world that knows
 * only every other solid cell. */
START_TEST(test_what_held_a_step_explains_it)
{
    struct arena_world arena, known;
    struct rng rng;
    uint32_t held_count = 0;
    rng_init(&rng, 11);
    arena_make(&arena, 0, 0);
    arena_make(&known, 0, 0);
    wall_at_random(&arena, &rng);
    for (int32_t y = -64; y < 128; y++) {
        for (int32_t x = -64; x < 128; x++) {
            if (world_is_solid(&arena.world, (struct cell_pos){x, y}) && rng_below(&rng, 2) == 0)
                wall(&known, x, y);
        }
    }
    for (uint32_t i = 0; i < 40000; i++) {
        struct world_pos pos = {(int32_t)rng_below(&rng, 16384) - 8192,
                                (int32_t)rng_below(&rng, 16384) - 8192};
        enum direction direction = (enum direction)rng_below(&rng, 9);
        uint32_t units = (uint32_t)rng_below(&rng, MOVEMENT_STEP_UNITS_MAX + 1);
        struct movement_wall found = {.column.is_there = false};
        struct world_pos held = movement_step(&arena.world, pos, direction, units);
        struct world_pos after = movement_step(&known.world, pos, direction, units);
        held_count += after.x != held.x || after.y != held.y;
        for (uint32_t round = 0; round < 2 && (after.x != held.x || after.y != held.y); round++) {
            ck_assert(movement_explain(pos, held, after, &found));
            after = movement_step_along(&known.world, &found, pos, direction, units);
        }
        ck_assert_int_eq(after.x, held.x);
        ck_assert_int_eq(after.y, held.y);
    }
    ck_assert_uint_gt(held_count, 1000);
    arena_finish(&arena);
    arena_finish(&known);
}
END_TEST

START_TEST(test_only_the_edge_of_a_cell_explains_a_held_step)
{
    struct movement_wall found = {.row = {true, 1, 2, 3}};
    struct world_pos from = {0, 0}, beyond = {200, 0};
    struct world_pos edge = {GRID_CELL_UNITS - MOVEMENT_HALF_UNITS, 0};
    ck_assert(
        !movement_explain(from, (struct world_pos){100, 0}, beyond, &found));     /* amid a cell */
    ck_assert(!movement_explain(from, beyond, beyond, &found));                   /* not held */
    ck_assert(!movement_explain(from, (struct world_pos){0, 7}, beyond, &found)); /* pushed */
    ck_assert(!movement_explain(from, edge, beyond, &found)); /* farther than it could go */
    ck_assert(!found.column.is_there);
    beyond.x = edge.x + 60;
    ck_assert(movement_explain(from, edge, beyond, &found));
    ck_assert(found.column.is_there && found.column.at == 1);
    ck_assert(found.column.first == -1 && found.column.last == 0);
    ck_assert(found.row.is_there && found.row.at == 1); /* as it was */
}
END_TEST

START_TEST(test_speed)
{
    struct arena_world arena;
    struct world_pos pos = {0, 0};
    arena_make(&arena, 0, 0);
    ck_assert_uint_eq(movement_step_units(200, 20), 160);
    ck_assert_uint_eq(movement_step_units(0, 20), 0);
    ck_assert_uint_eq(movement_step_units(1, 17), 0);
    ck_assert_uint_eq(movement_step_units(UINT32_MAX, 1), MOVEMENT_STEP_UNITS_MAX);
    for (uint32_t i = 0; i < 20; i++)
        pos = movement_step(&arena.world, pos, DIRECTION_NE, 160);
    ck_assert_int_eq(pos.x, -pos.y);
    int64_t length2 = (int64_t)pos.x * pos.x + (int64_t)pos.y * pos.y;
    ck_assert_int_le(length2, INT64_C(3200) * 3200);
    ck_assert_int_ge(length2, INT64_C(3168) * 3168); /* one in a hundred slower at most */
    pos = movement_step(&arena.world, pos, DIRECTION_NONE, 160);
    ck_assert_int_eq(pos.x, 20 * 113);
    arena_finish(&arena);
}
END_TEST

START_TEST(test_who_is_inside_can_walk_out)
{
    for (int direction = DIRECTION_N; direction <= DIRECTION_NW; direction++) {
        struct arena_world arena;
        struct world_pos pos = grid_cell_middle((struct cell_pos){-1, -1});
        arena_make(&arena, 0, 0);
        wall(&arena, -1, -1);
        ck_assert(movement_is_blocked(&arena.world, pos));
        for (uint32_t i = 0; i < 6; i++)
            pos = movement_step(&arena.world, pos, (enum direction)direction, 160);
        ck_assert(!movement_is_blocked(&arena.world, pos));
        arena_finish(&arena);
    }
}
END_TEST

START_TEST(test_world_ends_at_its_edges)
{
    static const int32_t corners[4][2] = {{GRID_CHUNK_MIN, GRID_CHUNK_MIN},
                                          {GRID_CHUNK_MAX, GRID_CHUNK_MIN},
                                          {GRID_CHUNK_MIN, GRID_CHUNK_MAX},
                                          {GRID_CHUNK_MAX, GRID_CHUNK_MAX}};
    for (int i = 0; i < 4; i++) {
        struct arena_world arena;
        bool is_east = i & 1, is_south = i >> 1;
        enum direction out = is_south ? (is_east ? DIRECTION_SE : DIRECTION_SW)
                                      : (is_east ? DIRECTION_NE : DIRECTION_NW);
        struct world_pos edge = {is_east ? INT32_MAX : INT32_MIN, is_south ? INT32_MAX : INT32_MIN};
        int32_t in_x = is_east ? -1 : 1, in_y = is_south ? -1 : 1;
        struct world_pos pos = {edge.x + in_x * 1000, edge.y + in_y * 2000};
        arena_make(&arena, corners[i][0], corners[i][1]);
        for (int step = 0; step < 30; step++)
            pos = movement_step(&arena.world, pos, out, 200);
        ck_assert_int_eq(pos.x, edge.x + in_x * MOVEMENT_HALF_UNITS - (is_east ? -1 : 0));
        ck_assert_int_eq(pos.y, edge.y + in_y * MOVEMENT_HALF_UNITS - (is_south ? -1 : 0));
        ck_assert(!movement_is_blocked(&arena.world, pos));
        pos = movement_step(&arena.world, edge, out, 256); /* beyond where it could have walked */
        ck_assert_int_eq(pos.x, edge.x);
        ck_assert_int_eq(pos.y, edge.y);
        ck_assert(movement_is_blocked(&arena.world, pos));
        pos = movement_nearest_free(&arena.world, pos);
        ck_assert(!movement_is_blocked(&arena.world, pos));
        arena_finish(&arena);
    }
}
END_TEST

START_TEST(test_land_that_is_not_there_is_solid)
{
    struct arena_world arena;
    arena_make(&arena, 0, 0);
    struct world_pos pos = grid_cell_middle((struct cell_pos){2 * GRID_CHUNK_CELLS - 2, 0});
    for (uint32_t i = 0; i < 20; i++)
        pos = movement_step(&arena.world, pos, DIRECTION_E, 200);
    ck_assert_int_eq(pos.x, 2 * GRID_CHUNK_CELLS * GRID_CELL_UNITS - MOVEMENT_HALF_UNITS);
    pos = grid_cell_middle((struct cell_pos){10000, 10000}); /* nothing near: stay */
    struct world_pos stays = movement_nearest_free(&arena.world, pos);
    ck_assert_int_eq(stays.x, pos.x);
    ck_assert_int_eq(stays.y, pos.y);
    arena_finish(&arena);
}
END_TEST

START_TEST(test_nearest_free)
{
    struct arena_world arena;
    arena_make(&arena, 0, 0);
    for (int32_t i = 0; i < 49; i++)
        wall(&arena, i % 7 - 3, i / 7 - 3);
    struct world_pos pos = movement_nearest_free(&arena.world, (struct world_pos){5, 5});
    struct cell_pos cell = grid_cell_of(pos);
    ck_assert(!movement_is_blocked(&arena.world, pos));
    ck_assert_int_eq(abs(cell.x) > abs(cell.y) ? abs(cell.x) : abs(cell.y), 4);
    struct world_pos free = {6 * GRID_CELL_UNITS + 3, 77};
    pos = movement_nearest_free(&arena.world, free);
    ck_assert_int_eq(pos.x, free.x);
    ck_assert_int_eq(pos.y, free.y);
    for (int32_t i = 0; i < 33 * 33; i++)
        wall(&arena, i % 33 - 16, i / 33 - 16);
    pos = movement_nearest_free(&arena.world, (struct world_pos){5, 5});
    ck_assert_int_eq(pos.x, 5);
    arena_finish(&arena);
}
END_TEST

START_TEST(test_touches)
{
    struct world_pos pos = {GRID_CELL_UNITS, -GRID_CELL_UNITS}; /* where four cells meet */
    ck_assert(movement_touches(pos, (struct cell_pos){0, -1}));
    ck_assert(movement_touches(pos, (struct cell_pos){1, -2}));
    ck_assert(!movement_touches(pos, (struct cell_pos){2, -1}));
    ck_assert(!movement_touches(pos, (struct cell_pos){0, 0}));
    pos = (struct world_pos){MOVEMENT_HALF_UNITS, MOVEMENT_HALF_UNITS};
    ck_assert(!movement_touches(pos, (struct cell_pos){-1, 0}));
    pos.x--;
    ck_assert(movement_touches(pos, (struct cell_pos){-1, 0}));
    pos = (struct world_pos){INT32_MAX, INT32_MIN};
    ck_assert(movement_touches(pos, (struct cell_pos){GRID_CELL_MAX, GRID_CELL_MIN}));
}
END_TEST

TESTING_MAIN("movement", test_step_is_what_unit_by_unit_gives, test_free_actor_stays_free,
             test_mirror_image_moves_alike, test_walls_stop_and_are_slid_along,
             test_what_held_a_step_explains_it, test_only_the_edge_of_a_cell_explains_a_held_step,
             test_speed, test_who_is_inside_can_walk_out, test_world_ends_at_its_edges,
             test_land_that_is_not_there_is_solid, test_nearest_free, test_touches)
