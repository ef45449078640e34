/* pick_up.h - the rule of PICK_UP: a pile goes from the ground into the bag. */
#ifndef TILTH_SIM_PICK_UP_H
#define TILTH_SIM_PICK_UP_H

#include "sim/sim.h"

/* All of it, or nothing; of a pile that no bag can hold, since content let more into a slot once,
 * as much as an empty one takes. Refuses: reach_check, nothing that lies there, a full bag. Makes:
 * PILE (gone, or the rest), SLOT. */
enum refusal pick_up_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

#endif
