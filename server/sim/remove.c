#include "sim/remove.h"

#include "sim/bag.h"
#include "sim/reach.h"

static const struct entity *newest_entity(const struct world *world, struct cell_pos cell)
{
    const struct entity *newest = world_first_entity(world, cell);
    for (const struct entity *next = newest; next != NULL; next = world_next_entity(world, next)) {
        if (next->id.value > newest->id.value)
            newest = next;
    }
    return newest;
}

enum refusal remove_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    struct cell_pos cell = intent->remove.cell;
    enum refusal refusal = reach_check(sim, actor, cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    const struct entity *entity = newest_entity(sim->world, cell);
    uint16_t type = entity != NULL ? entity->type : world_natural_type(sim->world, cell);
    if (type == 0)
        return REFUSAL_CELL_EMPTY;
    const struct character *owner = bag_owner(sim, actor);
    const struct entity_def *def = &sim->world->catalog->entities[type];
    bool is_free = bag_is_free(sim, actor);
    if (!def->is_removable && !(is_free && def->harvest.time_ms > 0))
        return REFUSAL_NOT_REMOVABLE;
    struct stack stack = {.type = type, .quantity = 1, .image = entity != NULL ? entity->image : 0};
    if (!is_free && !bag_has_room(sim, owner, &stack))
        return REFUSAL_BAG_FULL;

    struct change change = {.kind = CHANGE_CELL};
    if (entity != NULL) {
        change.kind = CHANGE_ENTITY;
        change.entity = (struct change_entity){entity->id, cell, 0, 0, {0}};
    } else {
        change.cell = (struct change_cell){cell, 1, type};
    }
    sim_change(sim, &change);
    if (!is_free)
        bag_add(sim, owner, &stack);
    return REFUSAL_NONE;
}
