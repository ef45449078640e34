/* say.h - the rule of SAY: a line of text to everybody. */
#ifndef TILTH_SIM_SAY_H
#define TILTH_SIM_SAY_H

#include "sim/sim.h"

/* Refuses text that is not printable UTF-8 of 1 to WORLD_SAY_BYTES. Makes: SAID. */
enum refusal say_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

#endif
