/* drop.h - the rule of DROP: things go from a slot onto the ground. */
#ifndef TILTH_SIM_DROP_H
#define TILTH_SIM_DROP_H

#include "sim/sim.h"

/* They lie in the cell, with all that is known of them, for as long as content says (lies_s); onto
 * a pile that goes with them, which begins anew, or as one of their own. Refuses: a slot that the
 * bag does not have, an empty one, more than is there, reach_check, a solid cell, no room. Makes:
 * SLOT, PILE. */
enum refusal drop_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

#endif
