/* move.h - the rule of MOVE: one step of one actor in this tick. */
#ifndef TILTH_SIM_MOVE_H
#define TILTH_SIM_MOVE_H

#include "sim/sim.h"

/* Never refuses: a blocked step ends at the obstacle. Makes: ACTOR. */
enum refusal move_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

#endif
