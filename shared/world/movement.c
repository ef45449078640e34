#include "world/movement.h"

#include <stdlib.h>

#include "base/ensure.h"

enum { SEARCH_CELLS = 33 * 33, DIAGONAL_NUMERATOR = 181, DIAGONAL_SHIFT = 8 };

struct step {
    int8_t x, y;
};

static const struct step direction_steps[] = {
    [DIRECTION_NONE] = {0, 0}, [DIRECTION_N] = {0, -1}, [DIRECTION_NE] = {1, -1},
    [DIRECTION_E] = {1, 0},    [DIRECTION_SE] = {1, 1}, [DIRECTION_S] = {0, 1},
    [DIRECTION_SW] = {-1, 1},  [DIRECTION_W] = {-1, 0}, [DIRECTION_NW] = {-1, -1},
};

/* The cells that an actor at a place touches, inclusive; computed in 64 bits since the square of an
 * actor at the edge reaches out of the world. */
struct cell_box {
    int64_t left, top, right, bottom;
};

static struct cell_box box_at(int64_t x, int64_t y)
{
    return (struct cell_box){
        grid_floor_divide(x - MOVEMENT_HALF_UNITS, GRID_CELL_UNITS),
        grid_floor_divide(y - MOVEMENT_HALF_UNITS, GRID_CELL_UNITS),
        grid_floor_divide(x + MOVEMENT_HALF_UNITS - 1, GRID_CELL_UNITS),
        grid_floor_divide(y + MOVEMENT_HALF_UNITS - 1, GRID_CELL_UNITS),
    };
}

/* What is solid: the world's cells, and those of a wall (NULL none). */
struct ground {
    const struct world *world;
    const struct movement_wall *wall;
};

static bool is_in_wall(const struct movement_wall *wall, int64_t x, int64_t y)
{
    const struct movement_line *column = &wall->column, *row = &wall->row;
    return (column->is_there && x == column->at && y >= column->first && y <= column->last) ||
           (row->is_there && y == row->at && x >= row->first && x <= row->last);
}

static bool is_solid_at(const struct ground *ground, int64_t x, int64_t y)
{
    if (!grid_is_cell(x, y) || (ground->wall != NULL && is_in_wall(ground->wall, x, y)))
        return true;
    return world_is_solid(ground->world, (struct cell_pos){(int32_t)x, (int32_t)y});
}

static bool is_column_solid(const struct ground *ground, int64_t x, const struct cell_box *box)
{
    for (int64_t y = box->top; y <= box->bottom; y++) {
        if (is_solid_at(ground, x, y))
            return true;
    }
    return false;
}

static bool is_row_solid(const struct ground *ground, int64_t y, const struct cell_box *box)
{
    for (int64_t x = box->left; x <= box->right; x++) {
        if (is_solid_at(ground, x, y))
            return true;
    }
    return false;
}

uint32_t movement_step_units(uint32_t speed_px_s, uint32_t tick_hz)
{
    ensure(tick_hz > 0);
    uint64_t units = (uint64_t)speed_px_s * GRID_UNITS_PX / tick_hz;
    return units < MOVEMENT_STEP_UNITS_MAX ? (uint32_t)units : MOVEMENT_STEP_UNITS_MAX;
}

/* An actor that touches the world's edge already, so that nothing stops it there, ends at it. */
static int32_t within_world(int64_t place)
{
    if (place < INT32_MIN)
        return INT32_MIN;
    return place > INT32_MAX ? INT32_MAX : (int32_t)place;
}

/* Moves along x until a newly touched column is solid, and then up to it. Columns that are touched
 * already do not stop an actor, so one that is inside something can walk out. */
static int64_t move_x(const struct ground *ground, struct world_pos pos, int64_t by)
{
    struct cell_box box = box_at(pos.x, pos.y);
    struct cell_box after = box_at(pos.x + by, pos.y);
    if (after.right > box.right && is_column_solid(ground, after.right, &box))
        return after.right * GRID_CELL_UNITS - MOVEMENT_HALF_UNITS;
    if (after.left < box.left && is_column_solid(ground, after.left, &box))
        return (after.left + 1) * GRID_CELL_UNITS + MOVEMENT_HALF_UNITS;
    return pos.x + by;
}

static int64_t move_y(const struct ground *ground, struct world_pos pos, int64_t by)
{
    struct cell_box box = box_at(pos.x, pos.y);
    struct cell_box after = box_at(pos.x, pos.y + by);
    if (after.bottom > box.bottom && is_row_solid(ground, after.bottom, &box))
        return after.bottom * GRID_CELL_UNITS - MOVEMENT_HALF_UNITS;
    if (after.top < box.top && is_row_solid(ground, after.top, &box))
        return (after.top + 1) * GRID_CELL_UNITS + MOVEMENT_HALF_UNITS;
    return pos.y + by;
}

struct world_pos movement_step(const struct world *world, struct world_pos pos,
                               enum direction direction, uint32_t step_units)
{
    return movement_step_along(world, NULL, pos, direction, step_units);
}

struct world_pos movement_step_along(const struct world *world, const struct movement_wall *wall,
                                     struct world_pos pos, enum direction direction,
                                     uint32_t step_units)
{
    struct ground ground = {world, wall};
    ensure(direction <= DIRECTION_NW && step_units <= MOVEMENT_STEP_UNITS_MAX);
    struct step step = direction_steps[direction];
    int64_t length = step_units;
    if (step.x != 0 && step.y != 0)
        length = length * DIAGONAL_NUMERATOR >> DIAGONAL_SHIFT;
    pos.x = within_world(move_x(&ground, pos, step.x * length));
    pos.y = within_world(move_y(&ground, pos, step.y * length));
    return pos;
}

/* To which side something at `held` was going on to `beyond`: -1 or 1, or 0 when it went no less
 * far from `from` than that. */
static int held_side(int64_t from, int64_t held, int64_t beyond)
{
    if (llabs(beyond - from) <= llabs(held - from))
        return 0;
    return beyond > held ? 1 : -1;
}

/* Does an actor with its middle at `place` end right at a cell's edge on this side? So does one
 * that is held on neither. */
static bool is_at_edge(int64_t place, int side)
{
    return side == 0 || grid_floor_modulo(place + side * MOVEMENT_HALF_UNITS, GRID_CELL_UNITS) == 0;
}

bool movement_explain(struct world_pos from, struct world_pos held, struct world_pos beyond,
                      struct movement_wall *inout_wall)
{
    int x = held_side(from.x, held.x, beyond.x), y = held_side(from.y, held.y, beyond.y);
    struct cell_box before = box_at(from.x, from.y), box = box_at(held.x, held.y);
    if ((x == 0 && y == 0) || !is_at_edge(held.x, x) || !is_at_edge(held.y, y))
        return false;
    /* a step goes along x first, past the rows that it comes from, and then along y */
    if (x != 0)
        inout_wall->column = (struct movement_line){true, x > 0 ? box.right + 1 : box.left - 1,
                                                    before.top, before.bottom};
    if (y != 0)
        inout_wall->row =
            (struct movement_line){true, y > 0 ? box.bottom + 1 : box.top - 1, box.left, box.right};
    return true;
}

bool movement_is_blocked(const struct world *world, struct world_pos pos)
{
    struct ground ground = {world, NULL};
    struct cell_box box = box_at(pos.x, pos.y);
    for (int64_t y = box.top; y <= box.bottom; y++) {
        if (is_row_solid(&ground, y, &box))
            return true;
    }
    return false;
}

bool movement_touches(struct world_pos pos, struct cell_pos cell)
{
    struct cell_box box = box_at(pos.x, pos.y);
    return cell.x >= box.left && cell.x <= box.right && cell.y >= box.top && cell.y <= box.bottom;
}

struct world_pos movement_nearest_free(const struct world *world, struct world_pos pos)
{
    if (!movement_is_blocked(world, pos))
        return pos;
    struct cell_pos origin = grid_cell_of(pos);
    for (uint32_t n = 0; n < SEARCH_CELLS; n++) {
        struct cell_pos offset = grid_spiral(n);
        struct cell_pos cell = {origin.x + offset.x, origin.y + offset.y};
        if (grid_is_cell(cell.x, cell.y) && !world_is_solid(world, cell))
            return grid_cell_middle(cell);
    }
    return pos;
}
