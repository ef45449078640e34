#include "sim/move_stack.h"

#include "sim/bag.h"

enum refusal move_stack_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct intent_move_stack *move = &intent->move_stack;
    const struct character *owner = bag_owner(sim, actor);
    if (move->from >= sim->world->slots_max || move->into >= sim->world->slots_max)
        return REFUSAL_SLOT_UNKNOWN;
    struct stack from = *world_slot(sim->world, owner, move->from);
    struct stack into = *world_slot(sim->world, owner, move->into);
    if (stack_is_empty(&from))
        return REFUSAL_SLOT_EMPTY;
    if (move->quantity > from.quantity)
        return REFUSAL_NO_SUCH_ITEM;
    if (move->from == move->into)
        return REFUSAL_DOES_NOT_FIT;

    if (move->is_swap) {
        bag_put(sim, owner, move->from, &into);
        bag_put(sim, owner, move->into, &from);
        return REFUSAL_NONE;
    }
    uint32_t room = stack_room(&into, &from, sim->world->catalog);
    uint32_t wanted = move->quantity == 0 ? from.quantity : move->quantity;
    if (room == 0 || (move->quantity != 0 && room < wanted))
        return REFUSAL_DOES_NOT_FIT;
    stack_move(&into, &from, room < wanted ? room : wanted);
    bag_put(sim, owner, move->from, &from);
    bag_put(sim, owner, move->into, &into);
    return REFUSAL_NONE;
}
