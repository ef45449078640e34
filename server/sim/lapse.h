/* lapse.h - what happens by itself as time goes by: things grow, piles are gone, and looks that
 * nothing has any more are forgotten.
 *
 * Looks and pictures are kept unused for image_keep_s; where three quarters of the room for them is
 * taken, looks that are unused go at once, and pictures after a minute. What grows by the content
 * of today, and did not when it was placed, begins to when it is seen so.
 *
 * Each thing says at which tick it is due (changes.def: `until`). A chunk that was not in memory
 * then catches up when it comes: what grows does so step by step, each counted from the tick when
 * the last was due. Owner: the tick. */
#ifndef TILTH_SIM_LAPSE_H
#define TILTH_SIM_LAPSE_H

#include "sim/sim.h"

/* The tick when a thing of the type that begins to grow at `since` becomes something else; 0 when
 * it stays what it is. */
uint64_t lapse_grow_until(const struct sim *sim, uint32_t type, uint64_t since);

/* The tick when a pile of the type that begins to lie now is gone. */
uint64_t lapse_pile_until(const struct sim *sim, uint32_t type);

/* Once a tick: all that is due in resident chunks, as far as the log has room; the rest in the next
 * tick. What would grow where somebody stands, or where there is no room, waits. Makes: ENTITY,
 * STRUCTURE, PILE, IMAGE_EDIT; IMAGE_CONFIG and IMAGE. Nothing while nothing can be saved. */
void lapse_step(struct sim *sim);

#endif
