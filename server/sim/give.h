/* give.h - the rules of GIVE and ANSWER: things go from one player to another who is near.
 *
 * An offer is a work of the giver (sim.h): it takes its time, and ends when the other answers, when
 * either of them is too far away or leaves, when what was offered is not in its slot any more, or
 * when nobody answers in time (offer_s). The other player is told with an OFFER. A player offers
 * one thing at a time, and is offered one by each. Owner: the tick. */
#ifndef TILTH_SIM_GIVE_H
#define TILTH_SIM_GIVE_H

#include "sim/sim.h"

/* Begins: SIM_UNDER_WAY. Refuses: BUSY, a slot that is not there or empty, more than is in it,
 * NO_SUCH_PLAYER (not here, or out of reach, or oneself). Makes: OFFER. */
enum refusal give_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

/* The other's answer to the offer of the player of that name; yes means all of it, at once.
 * Refuses: NO_OFFER, BAG_FULL (the offer still stands). Makes, when accepted: SLOT in both bags. */
enum refusal give_answer(struct sim *sim, uint32_t actor, const struct intent *intent);

/* Goes on with the actor's offer, once a tick: SIM_UNDER_WAY, or how it ended: NONE, DECLINED,
 * NO_SUCH_PLAYER, SLOT_EMPTY (it is not there any more). Makes: OFFER, empty, unless it was
 * taken. */
enum refusal give_go_on(struct sim *sim, uint32_t actor);

/* What the actor offers to the other and nobody has answered yet, as an OFFER with spans of the
 * actor's character; false when that is nothing. */
bool give_find(const struct sim *sim, uint32_t actor, uint32_t to, struct change *out_offer);

/* The actor takes its offer back. Makes: OFFER, empty. */
void give_stop(struct sim *sim, uint32_t actor);

#endif
