#include "sim/bag.h"

#include "base/ensure.h"

const struct character *bag_owner(const struct sim *sim, uint32_t actor)
{
    const struct character *owner =
        world_find_character(sim->world, sim->world->actors[actor].character);
    ensure(owner != NULL);
    return owner;
}

bool bag_is_free(const struct sim *sim, uint32_t actor)
{
    return sim->rules.is_building_free || (bag_owner(sim, actor)->roles & ROLE_BUILDER) != 0;
}

uint32_t bag_find(const struct sim *sim, const struct character *owner, uint32_t type)
{
    ensure(type != 0);
    for (uint32_t slot = 0; slot < sim->world->slots_max; slot++) {
        if (world_slot(sim->world, owner, slot)->type == type)
            return slot;
    }
    return WORLD_SLOTS_MAX;
}

uint32_t bag_count(const struct sim *sim, const struct character *owner, uint32_t type)
{
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < sim->world->slots_max; slot++) {
        const struct stack *stack = world_slot(sim->world, owner, slot);
        count += stack->type == type ? stack->quantity : 0;
    }
    return count;
}

bool bag_has_room(const struct sim *sim, const struct character *owner, const struct stack *stack)
{
    struct stack rest = *stack;
    for (uint32_t slot = 0; slot < sim->world->slots_max && !stack_is_empty(&rest); slot++) {
        struct stack into = *world_slot(sim->world, owner, slot);
        stack_move(&into, &rest, stack_room(&into, &rest, sim->world->catalog));
    }
    return stack_is_empty(&rest);
}

/* Moves into the slots that are empty, or into those that are not, what they have room for. */
static void fill_slots(struct sim *sim, const struct character *owner, struct stack *rest,
                       bool are_empty)
{
    for (uint32_t slot = 0; slot < sim->world->slots_max && !stack_is_empty(rest); slot++) {
        struct stack into = *world_slot(sim->world, owner, slot);
        uint32_t room = stack_room(&into, rest, sim->world->catalog);
        if (stack_is_empty(&into) != are_empty || room == 0)
            continue;
        stack_move(&into, rest, room);
        bag_put(sim, owner, slot, &into);
    }
}

void bag_add(struct sim *sim, const struct character *owner, const struct stack *stack)
{
    struct stack rest = *stack;
    fill_slots(sim, owner, &rest, false);
    fill_slots(sim, owner, &rest, true);
    ensure(stack_is_empty(&rest)); /* bag_has_room was asked */
}

void bag_take(struct sim *sim, const struct character *owner, uint32_t slot, uint32_t quantity)
{
    struct stack stack = *world_slot(sim->world, owner, slot);
    struct stack taken = {.type = 0};
    stack_move(&taken, &stack, quantity);
    bag_put(sim, owner, slot, &stack);
}

void bag_put(struct sim *sim, const struct character *owner, uint32_t slot,
             const struct stack *stack)
{
    struct change change = {.kind = CHANGE_SLOT};
    change.slot = (struct change_slot){owner->id, slot, *stack};
    sim_change(sim, &change);
}
