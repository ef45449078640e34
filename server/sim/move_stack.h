/* move_stack.h - the rule of MOVE_STACK: things go from one slot of a bag to another. */
#ifndef TILTH_SIM_MOVE_STACK_H
#define TILTH_SIM_MOVE_STACK_H

#include "sim/sim.h"

/* Into an empty slot they are moved, or so many split off; into a slot with the like they are
 * merged, as many as it takes; a swap exchanges two slots. Refuses: slots that the bag does not
 * have, an empty slot to take from, more than is there, things that do not go together, one slot
 * twice. Makes: two SLOT. */
enum refusal move_stack_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

#endif
