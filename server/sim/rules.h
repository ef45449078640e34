/* rules.h - the table of rules: which function decides which intent.
 *
 * Adding an intent: docs/howto/add-an-intent.md. */
#ifndef TILTH_SIM_RULES_H
#define TILTH_SIM_RULES_H

#include "sim/sim.h"

/* Decides the intent of an actor that is present: makes its changes and returns REFUSAL_NONE, or
 * changes nothing and returns why not, or SIM_UNDER_WAY where it takes its time. sim_has_room must
 * hold. */
enum refusal rules_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

/* Goes on with what the actor is busy with (sim->works), once a tick behind the movement: makes its
 * changes, or says how else it ended, or SIM_UNDER_WAY. */
enum refusal rules_go_on(struct sim *sim, uint32_t actor);

/* The actor leaves, and with it what it is busy with. */
void rules_stop(struct sim *sim, uint32_t actor);

#endif
