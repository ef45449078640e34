/* place.h - the rule of PLACE: a new entity on a free cell. */
#ifndef TILTH_SIM_PLACE_H
#define TILTH_SIM_PLACE_H

#include "sim/sim.h"

/* Takes it out of the bag, from the slot that is named or the first that has it, with its look; who
 * builds freely (bag.h) needs none. Refuses: unknown or unplaceable type, reach_check, ground that
 * is not buildable, a cell with something that it does not share (catalog_may_share), a solid thing
 * where an actor stands, no room in the world, no such item. Makes: CELL (when not kept yet),
 * ENTITY, SLOT. */
enum refusal place_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

#endif
