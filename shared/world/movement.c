#include "world/movement.h"

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

static bool is_solid_at(const struct world *world, int64_t x, int64_t y)
{
    if (!grid_is_cell(x, y))
        return true;
    return world_is_solid(world, (struct cell_pos){(int32_t)x, (int32_t)y});
}

static bool is_column_solid(const struct world *world, int64_t x, const struct cell_box *box)
{
    for (int64_t y = box->top; y <= box->bottom; y++) {
        if (is_solid_at(world, x, y))
            return true;
    }
    return false;
}

static bool is_row_solid(const struct world *world, int64_t y, const struct cell_box *box)
{
    for (int64_t x = box->left; x <= box->right; x++) {
        if (is_solid_at(world, x, y))
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
static int64_t move_x(const struct world *world, struct world_pos pos, int64_t by)
{
    struct cell_box box = box_at(pos.x, pos.y);
    struct cell_box after = box_at(pos.x + by, pos.y);
    if (after.right > box.right && is_column_solid(world, after.right, &box))
        return after.right * GRID_CELL_UNITS - MOVEMENT_HALF_UNITS;
    if (after.left < box.left && is_column_solid(world, after.left, &box))
        return (after.left + 1) * GRID_CELL_UNITS + MOVEMENT_HALF_UNITS;
    return pos.x + by;
}

static int64_t move_y(const struct world *world, struct world_pos pos, int64_t by)
{
    struct cell_box box = box_at(pos.x, pos.y);
    struct cell_box after = box_at(pos.x, pos.y + by);
    if (after.bottom > box.bottom && is_row_solid(world, after.bottom, &box))
        return after.bottom * GRID_CELL_UNITS - MOVEMENT_HALF_UNITS;
    if (after.top < box.top && is_row_solid(world, after.top, &box))
        return (after.top + 1) * GRID_CELL_UNITS + MOVEMENT_HALF_UNITS;
    return pos.y + by;
}

struct world_pos movement_step(const struct world *world, struct world_pos pos,
                               enum direction direction, uint32_t step_units)
{
    ensure(direction <= DIRECTION_NW && step_units <= MOVEMENT_STEP_UNITS_MAX);
    struct step step = direction_steps[direction];
    int64_t length = step_units;
    if (step.x != 0 && step.y != 0)
        length = length * DIAGONAL_NUMERATOR >> DIAGONAL_SHIFT;
    pos.x = within_world(move_x(world, pos, step.x * length));
    pos.y = within_world(move_y(world, pos, step.y * length));
    return pos;
}

bool movement_is_blocked(const struct world *world, struct world_pos pos)
{
    struct cell_box box = box_at(pos.x, pos.y);
    for (int64_t y = box.top; y <= box.bottom; y++) {
        if (is_row_solid(world, y, &box))
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
