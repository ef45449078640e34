/* bag.h - what the rules do with bags: find, take, and add, in terms of slots.
 *
 * Whether everything fits is asked first, and nothing is changed by asking; then what is taken or
 * added makes SLOT changes. Inside server/sim and for the console's commands. Owner: the tick. */
#ifndef TILTH_SIM_BAG_H
#define TILTH_SIM_BAG_H

#include "sim/sim.h"

#define BAG_NO_ROOM UINT32_MAX

enum { BAG_SLOTS_MAX = 48 }; /* that one intent may change: a tick's record is bounded */

/* The character that an actor plays. */
const struct character *bag_owner(const struct sim *sim, uint32_t actor);

/* Does the actor place and remove without a bag? */
bool bag_is_free(const struct sim *sim, uint32_t actor);

/* The first slot that has the type, or WORLD_SLOTS_MAX. */
uint32_t bag_find(const struct sim *sim, const struct character *owner, uint32_t type);

/* How many of the type are in the bag. */
uint32_t bag_count(const struct sim *sim, const struct character *owner, uint32_t type);

/* The first slot with a tool of the kind, or WORLD_SLOTS_MAX. */
uint32_t bag_find_tool(const struct sim *sim, const struct character *owner, uint32_t tool);

/* How many slots change when the stacks are added in this order, each of which may be more than one
 * slot takes; BAG_NO_ROOM: they do not all fit. */
uint32_t bag_slots_for(const struct sim *sim, const struct character *owner,
                       const struct stack *stacks, uint32_t count);

/* Is there room for all of the stack, in as many slots as one intent may change? */
bool bag_has_room(const struct sim *sim, const struct character *owner, const struct stack *stack);

/* Adds the whole stack, for which there is room: to stacks that it goes with, then to empty slots.
 * Makes a SLOT change for each slot. */
void bag_add(struct sim *sim, const struct character *owner, const struct stack *stack);

/* So many out of a slot; 0: all. */
struct bag_wish {
    uint32_t slot, quantity;
};

/* What that is, which stays where it is. SLOT_UNKNOWN, SLOT_EMPTY, NO_SUCH_ITEM (more than is
 * there), or NONE. */
enum refusal bag_part(const struct sim *sim, const struct character *owner,
                      const struct bag_wish *wish, struct stack *out_part);

/* How many slots change when so many of a type are taken; BAG_NO_ROOM: there are not so many. */
uint32_t bag_slots_with(const struct sim *sim, const struct character *owner,
                        struct item_count item);

/* Takes so many of a type, which are there: from the first slots that have them. Makes SLOT for
 * each. */
void bag_take_count(struct sim *sim, const struct character *owner, struct item_count item);

/* Uses the tool in a slot once: it wears, and breaks at its last use. Where several are in the
 * slot, as content allowed it once, one breaks and the next is new. Makes: SLOT, or nothing when
 * tools of its type last for ever. */
void bag_wear(struct sim *sim, const struct character *owner, uint32_t slot);

/* Takes so many out of a slot, which has them. Makes: SLOT. */
void bag_take(struct sim *sim, const struct character *owner, uint32_t slot, uint32_t quantity);

/* States what is in a slot. Makes: SLOT. */
void bag_put(struct sim *sim, const struct character *owner, uint32_t slot,
             const struct stack *stack);

#endif
