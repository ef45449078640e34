/* place.h - the rule of PLACE: a new entity on a free cell. */
#ifndef TILTH_SIM_PLACE_H
#define TILTH_SIM_PLACE_H

#include "sim/sim.h"

/* Refuses: unknown or unplaceable type, reach_check, ground that is not buildable, an occupied
 * cell, a solid thing where an actor stands, no room. Makes: CELL (when not kept yet), ENTITY. */
enum refusal place_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

#endif
