/* reach.h - may an actor touch a cell? The checks that place, remove and later verbs share. */
#ifndef TILTH_SIM_REACH_H
#define TILTH_SIM_REACH_H

#include "sim/sim.h"

/* OUT_OF_WORLD, OUT_OF_REACH (from the actor's position to the cell's nearest point),
 * CHUNK_LOADING, CHUNK_READ_ONLY, or NONE. */
enum refusal reach_check(const struct sim *sim, uint32_t actor, struct cell_pos cell);

#endif
