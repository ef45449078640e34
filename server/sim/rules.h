/* rules.h - the table of rules: which function decides which intent.
 *
 * Adding an intent: docs/howto/add-an-intent.md. */
#ifndef TILTH_SIM_RULES_H
#define TILTH_SIM_RULES_H

#include "sim/sim.h"

/* Decides the intent of an actor that is present: makes its changes and returns REFUSAL_NONE, or
 * changes nothing and returns why not. sim_has_room must hold. */
enum refusal rules_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

#endif
