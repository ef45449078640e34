/* grid.h - where things are: cells, chunks, regions and fixed-point positions. Integers only.
 *
 * A cell is GRID_CELL_PX pixels wide, a chunk GRID_CHUNK_CELLS cells, a region GRID_REGION_CHUNKS
 * chunks. A world position is in units of 1/16 px. The world is the square of chunks from
 * GRID_CHUNK_MIN to GRID_CHUNK_MAX in x and y, so that every position fits 32 bits. All division is
 * floor division; negative coordinates are ordinary. x grows to the east, y to the south.
 * Pure functions, any thread. Used by everything above; see shared/world/movement.c. */
#ifndef TILTH_GRID_GRID_H
#define TILTH_GRID_GRID_H

#include <stdbool.h>
#include <stdint.h>

#define GRID_CELL_PX       32
#define GRID_UNITS_PX      16                             /* position units in a pixel */
#define GRID_CELL_UNITS    (GRID_CELL_PX * GRID_UNITS_PX) /* 512 */
#define GRID_CHUNK_CELLS   64
#define GRID_CHUNK_AREA    (GRID_CHUNK_CELLS * GRID_CHUNK_CELLS)
#define GRID_REGION_CHUNKS 32
#define GRID_REGION_AREA   (GRID_REGION_CHUNKS * GRID_REGION_CHUNKS)
#define GRID_CHUNK_MIN     (-65536)
#define GRID_CHUNK_MAX     65535
#define GRID_CELL_MIN      (GRID_CHUNK_MIN * GRID_CHUNK_CELLS)
#define GRID_CELL_MAX      (GRID_CHUNK_MAX * GRID_CHUNK_CELLS + GRID_CHUNK_CELLS - 1)

struct world_pos {
    int32_t x, y; /* 1/16 px */
};
struct cell_pos {
    int32_t x, y; /* cells, GRID_CELL_MIN..GRID_CELL_MAX */
};
struct cell_area {
    struct cell_pos least, most; /* both within */
};
struct chunk_pos {
    int32_t x, y; /* chunks, GRID_CHUNK_MIN..GRID_CHUNK_MAX */
};
struct region_pos {
    int32_t x, y; /* regions */
};

/* Floor division and its remainder (0 <= remainder < divisor); divisor > 0. */
int64_t grid_floor_divide(int64_t dividend, int64_t divisor);
int64_t grid_floor_modulo(int64_t dividend, int64_t divisor); /* The remainder. */

/* The cell that a position lies in. */
struct cell_pos grid_cell_of(struct world_pos pos);

/* The chunk that a cell lies in; the region that a chunk lies in. */
struct chunk_pos grid_chunk_of(struct cell_pos cell);
struct region_pos grid_region_of(struct chunk_pos chunk); /* The region of a chunk. */

/* The cell's number inside its chunk: row by row, 0..4095. */
uint32_t grid_cell_index(struct cell_pos cell);

/* The cell with that number (0..4095) in the chunk, which lies in the world. */
struct cell_pos grid_cell_at(struct chunk_pos chunk, uint32_t cell_index);

/* The chunk's number inside its region: row by row, 0..1023. */
uint32_t grid_chunk_index(struct chunk_pos chunk);

/* The chunk with that number (0..1023) in the region, which lies in the world. */
struct chunk_pos grid_chunk_at(struct region_pos region, uint32_t chunk_index);

/* The upper left corner and the middle of a cell in the world, in units. */
struct world_pos grid_cell_corner(struct cell_pos cell);
struct world_pos grid_cell_middle(struct cell_pos cell); /* The middle. */

/* Do the coordinates lie in the world? */
bool grid_is_cell(int64_t x, int64_t y);
bool grid_is_chunk(int64_t x, int64_t y); /* The same for chunk coordinates. */

/* Equality. */
bool grid_is_same_cell(struct cell_pos a, struct cell_pos b);
bool grid_is_same_chunk(struct chunk_pos a, struct chunk_pos b);    /* Equality of chunks. */
bool grid_is_same_region(struct region_pos a, struct region_pos b); /* Equality of regions. */

/* A number that is the same for the same chunk and spreads well: for hash tables. */
uint64_t grid_chunk_key(struct chunk_pos chunk);
uint64_t grid_region_key(struct region_pos region); /* The same for regions. */

/* Squared distance, in units^2, from a position to the nearest unit of a cell; 0 only inside it.
 * Any cell may be asked for, also one outside the world; saturates at UINT64_MAX. */
uint64_t grid_distance2_to_cell(struct world_pos pos, struct cell_pos cell);

/* Squared distance, in units^2, between two positions; saturates at UINT64_MAX. */
uint64_t grid_distance2(struct world_pos a, struct world_pos b);

/* Is the nearest unit of the cell (any cell) within reach_px pixels of the position (inclusive)? */
bool grid_is_within_reach(struct world_pos pos, struct cell_pos cell, uint32_t reach_px);

/* Does the cell lie in the area? */
bool grid_area_has(struct cell_area area, struct cell_pos cell);

/* What of the area lies in the chunk; false when nothing does. */
bool grid_area_in_chunk(struct cell_area area, struct chunk_pos chunk, struct cell_area *out_part);

/* The cell behind this one in the area, row by row; false behind the last. */
bool grid_area_next(struct cell_area area, struct cell_pos *cell);

/* The n-th cell of the square spiral around (0,0): 0 is the middle, then ring by ring, each cell
 * once, always a step from the one before. For "the nearest free cell". An offset in cells. */
struct cell_pos grid_spiral(uint32_t n);

#endif
