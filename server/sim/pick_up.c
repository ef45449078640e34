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

/* How many of the type an empty bag takes at once. More than that lie together only where content
 * let more into a slot once: they are picked up in parts. */
static uint32_t most_of(const struct world *world, uint32_t type)
{
    uint32_t slots = world->slots_max < BAG_SLOTS_MAX ? world->slots_max : BAG_SLOTS_MAX;
    return slots * world->catalog->entities[type].stack_max;
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
    struct change rest = world_pile_change(pile);
    uint32_t most = most_of(sim->world, pile->stack.type);
    struct stack part = {.type = 0};
    stack_move(&part, &rest.pile.stack, pile->stack.quantity < most ? pile->stack.quantity : most);
    if (!bag_has_room(sim, owner, &part))
        return REFUSAL_BAG_FULL;
    sim_change(sim, &rest);
    bag_add(sim, owner, &part);
    return REFUSAL_NONE;
}
