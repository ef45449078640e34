#include "sim/remove.h"

#include "sim/bag.h"
#include "sim/build.h"
#include "sim/reach.h"
#include "sim/target.h"

enum refusal remove_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    struct cell_pos cell = intent->remove.cell;
    enum refusal refusal = reach_check(sim, actor, cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    struct target target = target_find(sim->world, cell);
    if (target.type == 0)
        return REFUSAL_CELL_EMPTY;
    if (target.is_structure)
        return build_take(sim, actor, &target);
    const struct character *owner = bag_owner(sim, actor);
    const struct entity_def *def = &sim->world->catalog->entities[target.type];
    bool is_free = bag_is_free(sim, actor);
    if (!def->is_removable && !(is_free && def->harvest.time_ms > 0))
        return REFUSAL_NOT_REMOVABLE;
    struct stack stack = {.type = target.type, .quantity = 1, .image = target.image};
    if (!is_free && !bag_has_room(sim, owner, &stack))
        return REFUSAL_BAG_FULL;
    target_take(sim, &target);
    if (!is_free)
        bag_add(sim, owner, &stack);
    return REFUSAL_NONE;
}
