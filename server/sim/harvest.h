/* harvest.h - the rule for the intent HARVEST: with a tool and a skill, in some time, what stands
 * in a cell becomes things in the bag.
 *
 * What is asked begins a work of the actor (sim.h), which goes on while it stands still, and ends
 * with the harvest or a refusal. Content says what is needed and what comes out (harvest_def in
 * catalog.h); the rolls are roll.h's. All is checked when it begins and again when it ends, with
 * room for the largest possible yield, so that no refusal ever follows a roll but NOTHING_FOUND.
 * Owner: the tick. */
#ifndef TILTH_SIM_HARVEST_H
#define TILTH_SIM_HARVEST_H

#include "sim/sim.h"

/* Begins: SIM_UNDER_WAY. Refuses: BUSY, reach_check's, CELL_EMPTY, NOT_HARVESTABLE, TOOL_MISSING
 * (sim->missing names it), BAG_FULL, and where content leaves something behind WORLD_FULL,
 * CELL_OCCUPIED, ACTOR_IN_THE_WAY. Makes nothing yet. */
enum refusal harvest_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

/* Goes on with the actor's harvest, once a tick: SIM_UNDER_WAY, or how it ended. At the end makes
 * CELL, ENTITY or STRUCTURE and IMAGE_EDIT, ENTITY for what stays behind, SLOT for what comes and
 * for the tool, and SKILL. Refuses: INTERRUPTED, CELL_EMPTY
 * (somebody was faster), NOTHING_FOUND (no roll hit: the thing stays), and as when it began. */
enum refusal harvest_go_on(struct sim *sim, uint32_t actor);

#endif
