/* target.h - what stands in a cell, as remove and harvest see it: the newest thing that somebody
 * placed, else what is generated there. Inside server/sim only. Owner: the tick. */
#ifndef TILTH_SIM_TARGET_H
#define TILTH_SIM_TARGET_H

#include "sim/sim.h"

struct target {
    struct cell_pos cell;
    struct entity_id entity; /* 0: generated */
    uint16_t type;           /* 0: nothing is there */
    uint32_t image;
};

/* What is in the cell, whose chunk is resident. */
struct target target_find(const struct world *world, struct cell_pos cell);

/* Takes it out of the world. Makes: ENTITY, or CELL. */
void target_take(struct sim *sim, const struct target *target);

#endif
