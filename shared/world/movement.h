/* movement.h - one step of one actor: the same arithmetic on the server and in prediction.
 *
 * An actor is a square of 2 * MOVEMENT_HALF_UNITS; solid cells (world_is_solid) stop it, axis by
 * axis, so it slides along walls. A diagonal step is step * 181 / 256 on each axis (1/sqrt 2 to
 * 8 bits). Pure integers; reads the world, changes nothing. */
#ifndef TILTH_WORLD_MOVEMENT_H
#define TILTH_WORLD_MOVEMENT_H

#include "world/world.h"

enum {
    MOVEMENT_HALF_UNITS = 10 * GRID_UNITS_PX,      /* half the actor's width: 10 px */
    MOVEMENT_STEP_UNITS_MAX = GRID_CELL_UNITS / 2, /* so that no step jumps over a cell */
};

/* Units moved in one tick at speed_px_s and tick_hz, rounded down, at most
 * MOVEMENT_STEP_UNITS_MAX. */
uint32_t movement_step_units(uint32_t speed_px_s, uint32_t tick_hz);

/* Where an actor at `pos` is after one step in the direction. */
struct world_pos movement_step(const struct world *world, struct world_pos pos,
                               enum direction direction, uint32_t step_units);

/* Cells in a line: those from first to last in the column or row `at`. In 64 bits since the line
 * may lie outside of the world. */
struct movement_line {
    bool is_there;
    int64_t at, first, last;
};

/* What is presumed to be solid beside an actor: a piece of a column, of a row, or both. */
struct movement_wall {
    struct movement_line column, row;
};

/* The same as movement_step where the cells of the wall (NULL none) are solid too. */
struct world_pos movement_step_along(const struct world *world, const struct movement_wall *wall,
                                     struct world_pos pos, enum direction direction,
                                     uint32_t step_units);

/* A step from `from` ended at `held`, and by what is known would have gone on to `beyond`: puts the
 * cells that can have stopped it into the wall, on each axis where it was held, in place of what
 * was there. False, and the wall is as it was, when nothing solid can have: then the actor does not
 * end at the edge of a cell. */
bool movement_explain(struct world_pos from, struct world_pos held, struct world_pos beyond,
                      struct movement_wall *inout_wall);

/* Does an actor at `pos` touch a solid cell? */
bool movement_is_blocked(const struct world *world, struct world_pos pos);

/* Does an actor at `pos` touch the cell? */
bool movement_touches(struct world_pos pos, struct cell_pos cell);

/* The middle of the nearest cell around `pos` (square spiral, at most 1,089 cells) where an actor
 * is not blocked; `pos` itself when it is free, or when none is near. */
struct world_pos movement_nearest_free(const struct world *world, struct world_pos pos);

#endif
