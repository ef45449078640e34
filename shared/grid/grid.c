#include "grid/grid.h"

#include "base/ensure.h"
#include "base/rng.h"

int64_t grid_floor_divide(int64_t dividend, int64_t divisor)
{
    ensure(divisor > 0);
    return dividend / divisor - (dividend % divisor < 0);
}

int64_t grid_floor_modulo(int64_t dividend, int64_t divisor)
{
    ensure(divisor > 0);
    int64_t remainder = dividend % divisor;
    return remainder < 0 ? remainder + divisor : remainder;
}

/* For quotients that fit because the dividend does. */
static int32_t divide(int32_t dividend, int32_t divisor)
{
    return (int32_t)grid_floor_divide(dividend, divisor);
}

struct cell_pos grid_cell_of(struct world_pos pos)
{
    return (struct cell_pos){divide(pos.x, GRID_CELL_UNITS), divide(pos.y, GRID_CELL_UNITS)};
}

struct chunk_pos grid_chunk_of(struct cell_pos cell)
{
    return (struct chunk_pos){divide(cell.x, GRID_CHUNK_CELLS), divide(cell.y, GRID_CHUNK_CELLS)};
}

struct region_pos grid_region_of(struct chunk_pos chunk)
{
    return (struct region_pos){divide(chunk.x, GRID_REGION_CHUNKS),
                               divide(chunk.y, GRID_REGION_CHUNKS)};
}

uint32_t grid_cell_index(struct cell_pos cell)
{
    return (uint32_t)(grid_floor_modulo(cell.y, GRID_CHUNK_CELLS) * GRID_CHUNK_CELLS +
                      grid_floor_modulo(cell.x, GRID_CHUNK_CELLS));
}

struct cell_pos grid_cell_at(struct chunk_pos chunk, uint32_t cell_index)
{
    ensure(grid_is_chunk(chunk.x, chunk.y) && cell_index < GRID_CHUNK_AREA);
    return (struct cell_pos){
        chunk.x * GRID_CHUNK_CELLS + (int32_t)(cell_index % GRID_CHUNK_CELLS),
        chunk.y * GRID_CHUNK_CELLS + (int32_t)(cell_index / GRID_CHUNK_CELLS),
    };
}

uint32_t grid_chunk_index(struct chunk_pos chunk)
{
    return (uint32_t)(grid_floor_modulo(chunk.y, GRID_REGION_CHUNKS) * GRID_REGION_CHUNKS +
                      grid_floor_modulo(chunk.x, GRID_REGION_CHUNKS));
}

struct chunk_pos grid_chunk_at(struct region_pos region, uint32_t chunk_index)
{
    ensure(chunk_index < GRID_REGION_AREA);
    int64_t x = (int64_t)region.x * GRID_REGION_CHUNKS + chunk_index % GRID_REGION_CHUNKS;
    int64_t y = (int64_t)region.y * GRID_REGION_CHUNKS + chunk_index / GRID_REGION_CHUNKS;
    ensure(grid_is_chunk(x, y));
    return (struct chunk_pos){(int32_t)x, (int32_t)y};
}

struct world_pos grid_cell_corner(struct cell_pos cell)
{
    ensure(grid_is_cell(cell.x, cell.y));
    return (struct world_pos){cell.x * GRID_CELL_UNITS, cell.y * GRID_CELL_UNITS};
}

struct world_pos grid_cell_middle(struct cell_pos cell)
{
    struct world_pos corner = grid_cell_corner(cell);
    return (struct world_pos){corner.x + GRID_CELL_UNITS / 2, corner.y + GRID_CELL_UNITS / 2};
}

bool grid_is_cell(int64_t x, int64_t y)
{
    return x >= GRID_CELL_MIN && x <= GRID_CELL_MAX && y >= GRID_CELL_MIN && y <= GRID_CELL_MAX;
}

bool grid_is_chunk(int64_t x, int64_t y)
{
    return x >= GRID_CHUNK_MIN && x <= GRID_CHUNK_MAX && y >= GRID_CHUNK_MIN && y <= GRID_CHUNK_MAX;
}

bool grid_is_same_cell(struct cell_pos a, struct cell_pos b)
{
    return a.x == b.x && a.y == b.y;
}

bool grid_is_same_chunk(struct chunk_pos a, struct chunk_pos b)
{
    return a.x == b.x && a.y == b.y;
}

bool grid_is_same_region(struct region_pos a, struct region_pos b)
{
    return a.x == b.x && a.y == b.y;
}

/* The mix is a bijection, so different places have different keys. */
static uint64_t key_of(int32_t x, int32_t y)
{
    return rng_mix((uint64_t)(uint32_t)x << 32 | (uint32_t)y);
}

uint64_t grid_chunk_key(struct chunk_pos chunk)
{
    return key_of(chunk.x, chunk.y);
}

uint64_t grid_region_key(struct region_pos region)
{
    return key_of(region.x, region.y);
}

static uint64_t square_saturated(uint64_t value)
{
    uint64_t square = 0;
    return __builtin_mul_overflow(value, value, &square) ? UINT64_MAX : square;
}

static uint64_t length2(uint64_t dx, uint64_t dy)
{
    uint64_t sum = 0;
    bool is_beyond = __builtin_add_overflow(square_saturated(dx), square_saturated(dy), &sum);
    return is_beyond ? UINT64_MAX : sum;
}

/* How far the coordinate is from the nearest unit of the cell's span on one axis. Total, since the
 * cell may be what a client claims. */
static uint64_t distance_to_span(int32_t at, int32_t cell)
{
    int64_t first = (int64_t)cell * GRID_CELL_UNITS;
    int64_t last = first + GRID_CELL_UNITS - 1;
    if (at < first)
        return (uint64_t)(first - at);
    return at > last ? (uint64_t)(at - last) : 0;
}

uint64_t grid_distance2_to_cell(struct world_pos pos, struct cell_pos cell)
{
    return length2(distance_to_span(pos.x, cell.x), distance_to_span(pos.y, cell.y));
}

uint64_t grid_distance2(struct world_pos a, struct world_pos b)
{
    int64_t dx = (int64_t)a.x - b.x;
    int64_t dy = (int64_t)a.y - b.y;
    return length2((uint64_t)(dx < 0 ? -dx : dx), (uint64_t)(dy < 0 ? -dy : dy));
}

bool grid_is_within_reach(struct world_pos pos, struct cell_pos cell, uint32_t reach_px)
{
    uint64_t reach2 = square_saturated((uint64_t)reach_px * GRID_UNITS_PX);
    return grid_distance2_to_cell(pos, cell) <= reach2;
}

/* The largest whole number whose square is at most the value, bit by bit from the top. */
static uint32_t square_root(uint32_t value)
{
    uint32_t root = 0;
    for (uint32_t bit = UINT32_C(1) << 15; bit > 0; bit >>= 1) {
        uint32_t candidate = root | bit;
        if (candidate * candidate <= value)
            root = candidate;
    }
    return root;
}

bool grid_area_has(struct cell_area area, struct cell_pos cell)
{
    return cell.x >= area.least.x && cell.x <= area.most.x && cell.y >= area.least.y &&
           cell.y <= area.most.y;
}

bool grid_area_in_chunk(struct cell_area area, struct chunk_pos chunk, struct cell_area *out_part)
{
    struct cell_pos first = grid_cell_at(chunk, 0);
    struct cell_pos last = grid_cell_at(chunk, GRID_CHUNK_AREA - 1);
    *out_part = (struct cell_area){
        {area.least.x > first.x ? area.least.x : first.x,
         area.least.y > first.y ? area.least.y : first.y},
        {area.most.x < last.x ? area.most.x : last.x, area.most.y < last.y ? area.most.y : last.y},
    };
    return out_part->least.x <= out_part->most.x && out_part->least.y <= out_part->most.y;
}

bool grid_area_next(struct cell_area area, struct cell_pos *cell)
{
    if (cell->x < area.most.x) {
        cell->x++;
        return true;
    }
    cell->x = area.least.x;
    cell->y++;
    return cell->y <= area.most.y;
}

struct cell_pos grid_spiral(uint32_t n)
{
    /* Ring r has 8r cells and follows the (2r - 1)^2 cells of the rings inside it. */
    int64_t ring = ((int64_t)square_root(n) + 1) / 2;
    if (ring == 0)
        return (struct cell_pos){0, 0};
    int64_t step = n - (2 * ring - 1) * (2 * ring - 1);
    int64_t along = step % (2 * ring);
    int64_t x = 0;
    int64_t y = 0;
    switch (step / (2 * ring)) {
    case 0: /* down the east side */
        x = ring, y = along - ring + 1;
        break;
    case 1: /* west along the south side */
        x = ring - 1 - along, y = ring;
        break;
    case 2: /* up the west side */
        x = -ring, y = ring - 1 - along;
        break;
    default: /* east along the north side, to the corner below which the next ring begins */
        x = along - ring + 1, y = -ring;
        break;
    }
    return (struct cell_pos){(int32_t)x, (int32_t)y};
}
