#include "sim/target.h"

static const struct entity *newest_entity(const struct world *world, struct cell_pos cell)
{
    const struct entity *newest = world_first_entity(world, cell);
    for (const struct entity *next = newest; next != NULL; next = world_next_entity(world, next)) {
        if (next->id.value > newest->id.value)
            newest = next;
    }
    return newest;
}

struct target target_find(const struct world *world, struct cell_pos cell)
{
    const struct entity *entity = newest_entity(world, cell);
    if (entity != NULL)
        return (struct target){cell, entity->id, entity->type, entity->image};
    return (struct target){.cell = cell, .type = world_natural_type(world, cell)};
}

void target_take(struct sim *sim, const struct target *target)
{
    struct change change = {.kind = CHANGE_CELL};
    if (target->entity.value != 0) {
        change.kind = CHANGE_ENTITY;
        change.entity = (struct change_entity){target->entity, target->cell, 0, 0, {0}};
    } else {
        change.cell = (struct change_cell){target->cell, 1, target->type};
    }
    sim_change(sim, &change);
}
