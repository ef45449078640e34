#include "sim/bag.h"

#include <string.h>

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

uint32_t bag_find_tool(const struct sim *sim, const struct character *owner, uint32_t tool)
{
    const struct catalog *catalog = sim->world->catalog;
    for (uint32_t slot = 0; slot < sim->world->slots_max; slot++) {
        const struct stack *stack = world_slot(sim->world, owner, slot);
        if (!stack_is_empty(stack) && catalog->entities[stack->type].tool == tool)
            return slot;
    }
    return WORLD_SLOTS_MAX;
}

/* Slots as they would be. */
struct draft {
    struct stack slots[WORLD_SLOTS_MAX];
    bool is_changed[WORLD_SLOTS_MAX];
    uint32_t count;
};

/* Moves into the slots that are empty, or into those that are not, what they have room for. */
static void fill_slots(const struct sim *sim, struct draft *draft, struct stack *rest,
                       bool are_empty)
{
    for (uint32_t slot = 0; slot < draft->count && !stack_is_empty(rest); slot++) {
        struct stack *into = &draft->slots[slot];
        uint32_t room = stack_room(into, rest, sim->world->catalog);
        if (stack_is_empty(into) != are_empty || room == 0)
            continue;
        stack_move(into, rest, room);
        draft->is_changed[slot] = true;
    }
}

/* Drafts the bag with the stacks added: to those that they go with, then to empty slots. False when
 * they do not all fit. */
static bool draft_with(const struct sim *sim, const struct character *owner,
                       const struct stack *stacks, uint32_t count, struct draft *out)
{
    bool fits = true;
    out->count = sim->world->slots_max;
    memcpy(out->slots, world_slot(sim->world, owner, 0), out->count * sizeof out->slots[0]);
    memset(out->is_changed, 0, sizeof out->is_changed);
    for (uint32_t i = 0; i < count && fits; i++) {
        struct stack rest = stacks[i];
        fill_slots(sim, out, &rest, false);
        fill_slots(sim, out, &rest, true);
        fits = stack_is_empty(&rest);
    }
    return fits;
}

uint32_t bag_slots_for(const struct sim *sim, const struct character *owner,
                       const struct stack *stacks, uint32_t count)
{
    struct draft draft;
    uint32_t changed = 0;
    if (!draft_with(sim, owner, stacks, count, &draft))
        return BAG_NO_ROOM;
    for (uint32_t slot = 0; slot < draft.count; slot++)
        changed += draft.is_changed[slot];
    return changed;
}

bool bag_has_room(const struct sim *sim, const struct character *owner, const struct stack *stack)
{
    return bag_slots_for(sim, owner, stack, 1) <= BAG_SLOTS_MAX; /* BAG_NO_ROOM is more */
}

void bag_add(struct sim *sim, const struct character *owner, const struct stack *stack)
{
    struct draft draft;
    bool fits = draft_with(sim, owner, stack, 1, &draft);
    ensure(fits); /* bag_has_room was asked */
    for (uint32_t slot = 0; slot < draft.count; slot++) {
        if (draft.is_changed[slot])
            bag_put(sim, owner, slot, &draft.slots[slot]);
    }
}

enum refusal bag_part(const struct sim *sim, const struct character *owner,
                      const struct bag_wish *wish, struct stack *out_part)
{
    if (wish->slot >= sim->world->slots_max)
        return REFUSAL_SLOT_UNKNOWN;
    *out_part = *world_slot(sim->world, owner, wish->slot);
    if (stack_is_empty(out_part))
        return REFUSAL_SLOT_EMPTY;
    if (wish->quantity > out_part->quantity)
        return REFUSAL_NO_SUCH_ITEM;
    if (wish->quantity != 0)
        out_part->quantity = wish->quantity;
    return REFUSAL_NONE;
}

uint32_t bag_slots_with(const struct sim *sim, const struct character *owner,
                        struct item_count item)
{
    uint32_t slots = 0, left = item.count;
    for (uint32_t slot = 0; slot < sim->world->slots_max && left > 0; slot++) {
        const struct stack *stack = world_slot(sim->world, owner, slot);
        if (stack->type != item.type)
            continue;
        left -= stack->quantity < left ? stack->quantity : left;
        slots++;
    }
    return left > 0 ? BAG_NO_ROOM : slots;
}

void bag_take_count(struct sim *sim, const struct character *owner, struct item_count item)
{
    uint32_t left = item.count;
    for (uint32_t slot = 0; slot < sim->world->slots_max && left > 0; slot++) {
        const struct stack *stack = world_slot(sim->world, owner, slot);
        if (stack->type != item.type)
            continue;
        uint32_t taken = stack->quantity < left ? stack->quantity : left;
        bag_take(sim, owner, slot, taken);
        left -= taken;
    }
    ensure(left == 0); /* bag_slots_with was asked */
}

void bag_wear(struct sim *sim, const struct character *owner, uint32_t slot)
{
    struct stack tool = *world_slot(sim->world, owner, slot);
    uint32_t durability = sim->world->catalog->entities[tool.type].durability;
    if (durability == 0)
        return;
    tool.wear++;
    if (tool.wear >= durability) {
        tool.wear = 0;
        tool.quantity--;
    }
    if (tool.quantity == 0)
        tool = (struct stack){.type = 0};
    bag_put(sim, owner, slot, &tool);
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
