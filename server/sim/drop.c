#include "sim/drop.h"

#include "sim/bag.h"
#include "sim/lapse.h"
#include "sim/reach.h"
#include "sim/room.h"

/* A pile in the cell that takes all of it, or NULL. One that is due is gone. */
static const struct pile *find_pile(const struct sim *sim, struct cell_pos cell,
                                    const struct stack *stack)
{
    const struct world *world = sim->world;
    const struct pile *pile = world_first_pile(world, cell);
    while (pile != NULL && (pile->until <= sim->tick ||
                            stack_room(&pile->stack, stack, world->catalog) < stack->quantity))
        pile = world_next_pile(world, pile);
    return pile;
}

enum refusal drop_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct intent_drop *drop = &intent->drop;
    const struct character *owner = bag_owner(sim, actor);
    struct stack dropped;
    enum refusal refusal =
        bag_part(sim, owner, &(struct bag_wish){drop->slot, drop->quantity}, &dropped);
    if (refusal == REFUSAL_NONE)
        refusal = reach_check(sim, actor, drop->cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (world_is_solid(sim->world, drop->cell))
        return REFUSAL_CELL_OCCUPIED;
    const struct pile *onto = find_pile(sim, drop->cell, &dropped);
    if (onto == NULL && !room_for_pile(sim->world, drop->cell))
        return REFUSAL_WORLD_FULL;

    struct change change = {.kind = CHANGE_PILE};
    uint32_t quantity = dropped.quantity;
    if (onto != NULL)
        change = world_pile_change(onto);
    else
        change.pile = (struct change_pile){.id = {sim_new_id(sim)}, .cell = drop->cell};
    stack_move(&change.pile.stack, &dropped, quantity);
    change.pile.until = lapse_pile_until(sim, change.pile.stack.type);
    bag_take(sim, owner, drop->slot, quantity);
    sim_change(sim, &change);
    return REFUSAL_NONE;
}
