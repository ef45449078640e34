/* remove.h - the rule of REMOVE: what is in a cell goes, placed or grown. */
#ifndef TILTH_SIM_REMOVE_H
#define TILTH_SIM_REMOVE_H

#include "sim/sim.h"

/* It comes into the bag with its look; who builds freely (bag.h) gets nothing, and may
 * remove what others harvest. Refuses:
 * reach_check, an empty cell, a type that cannot be removed, a full bag. Makes: ENTITY with type 0
 * for the newest entity in the cell; or CELL, kept, for what is generated there; SLOT. */
enum refusal remove_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

#endif
