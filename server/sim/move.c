#include "sim/move.h"

enum refusal move_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct actor *mover = &sim->world->actors[actor];
    enum direction direction = (enum direction)intent->move.direction;
    struct change moved = {.kind = CHANGE_ACTOR};
    moved.actor = (struct change_actor){
        .actor = actor,
        .is_present = 1,
        .character = mover->character,
        .pos = movement_step(sim->world, mover->pos, direction, sim->rules.step_units),
        .direction = direction,
    };
    sim_change(sim, &moved);
    return REFUSAL_NONE;
}
