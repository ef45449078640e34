/* build.h - the rules of BUILD and UNBUILD: structures over several cells. */
#ifndef TILTH_SIM_BUILD_H
#define TILTH_SIM_BUILD_H

#include "sim/sim.h"
#include "sim/target.h"

/* Takes what it costs out of the bag; who builds freely (bag.h) pays nothing. Refuses: an unknown
 * type or one that is no structure players build, reach_check for the primary cell,
 * room_for_structure, ITEMS_MISSING (sim->missing names the first), BAG_SCATTERED. Makes:
 * STRUCTURE, SLOT. */
enum refusal build_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

/* All of it goes, and what it cost comes back; a builder gets nothing. Refuses: reach_check,
 * NOT_BUILT, a type that cannot be removed, chunks that are not loaded, a full bag. Makes:
 * STRUCTURE (gone), SLOT, IMAGE_EDIT. */
enum refusal build_undo(struct sim *sim, uint32_t actor, const struct intent *intent);

/* The same for a structure that was found. */
enum refusal build_take(struct sim *sim, uint32_t actor, const struct target *structure);

#endif
