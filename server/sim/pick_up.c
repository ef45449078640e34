#include "sim/pick_up.h"

#include "sim/bag.h"
#include "sim/reach.h"

/* The pile that is meant: the one of the id, or the one with the lowest. One that is due is gone.
 */
static const struct pile *find_pile(const struct sim *sim, const struct intent_pick_up *pick_up)
{
    const struct pile *found = NULL;
    const struct pile *pile = world_first_pile(sim->world, pick_up->cell);
    for (; pile != NULL; pile = world_next_pile(sim->world, pile)) {
        bool is_meant = pick_up->pile == 0 || pick_up->pile == pile->id.value;
        if (is_meant && pile->until > sim->tick &&
            (found == NULL || pile->id.value < found->id.value))
            found = pile;
    }
    return found;
}

enum refusal pick_up_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct character *owner = bag_owner(sim, actor);
    enum refusal refusal = reach_check(sim, actor, intent->pick_up.cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    const struct pile *pile = find_pile(sim, &intent->pick_up);
    if (pile == NULL)
        return REFUSAL_NOTHING_LIES_THERE;
    struct stack stack = pile->stack;
    if (!bag_has_room(sim, owner, &stack))
        return REFUSAL_BAG_FULL;
    struct change gone = world_pile_change(pile);
    gone.pile.stack = (struct stack){.type = 0};
    sim_change(sim, &gone);
    bag_add(sim, owner, &stack);
    return REFUSAL_NONE;
}
