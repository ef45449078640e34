#include "sim/build.h"

#include "sim/bag.h"
#include "sim/reach.h"
#include "sim/room.h"

/* Are the items in the bag that it costs? */
static enum refusal check_costs(struct sim *sim, const struct character *owner,
                                const struct entity_def *def)
{
    uint32_t changed = 0;
    for (uint32_t i = 0; i < def->cost_count; i++) {
        uint32_t slots = bag_slots_with(sim, owner, def->costs[i]);
        if (slots == BAG_NO_ROOM) {
            sim->missing = def->costs[i].type;
            return REFUSAL_ITEMS_MISSING;
        }
        changed += slots;
    }
    return changed > BAG_SLOTS_MAX ? REFUSAL_BAG_SCATTERED : REFUSAL_NONE;
}

enum refusal build_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct intent_build *build = &intent->build;
    const struct catalog *catalog = sim->world->catalog;
    const struct character *owner = bag_owner(sim, actor);
    const struct entity_def *def = catalog_find_type(catalog, build->type);
    bool is_free = bag_is_free(sim, actor);
    if (def == NULL)
        return REFUSAL_UNKNOWN_TYPE;
    if (def->kind != KIND_STRUCTURE || !def->is_placeable)
        return REFUSAL_NOT_PLACEABLE;
    enum refusal refusal = reach_check(sim, actor, build->cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    struct change built = room_structure(catalog, build->type, build->cell);
    refusal = room_for_structure(sim->world, &built, (struct entity_id){0});
    if (refusal == REFUSAL_NONE && !is_free)
        refusal = check_costs(sim, owner, def);
    if (refusal != REFUSAL_NONE)
        return refusal;

    for (uint32_t i = 0; i < def->cost_count && !is_free; i++)
        bag_take_count(sim, owner, def->costs[i]);
    built.structure.id.value = sim_new_id(sim);
    built.structure.placer = owner->id;
    sim_change(sim, &built);
    return REFUSAL_NONE;
}

enum refusal build_take(struct sim *sim, uint32_t actor, const struct target *structure)
{
    const struct character *owner = bag_owner(sim, actor);
    const struct entity_def *def = &sim->world->catalog->entities[structure->type];
    struct stack back[CATALOG_COSTS_MAX];
    bool is_free = bag_is_free(sim, actor);
    if (!def->is_removable && !(is_free && def->harvest.time_ms > 0))
        return REFUSAL_NOT_REMOVABLE;
    enum refusal refusal = target_check_chunks(sim->world, structure);
    if (refusal != REFUSAL_NONE)
        return refusal;
    for (uint32_t i = 0; i < def->cost_count; i++)
        back[i] = (struct stack){.type = def->costs[i].type, .quantity = def->costs[i].count};
    /* BAG_NO_ROOM is more than any limit */
    if (!is_free && bag_slots_for(sim, owner, back, def->cost_count) > BAG_SLOTS_MAX)
        return REFUSAL_BAG_FULL;
    target_take(sim, structure);
    for (uint32_t i = 0; i < def->cost_count && !is_free; i++)
        bag_add(sim, owner, &back[i]);
    return REFUSAL_NONE;
}

enum refusal build_undo(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    enum refusal refusal = reach_check(sim, actor, intent->unbuild.cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    struct target structure = target_find_structure(sim->world, intent->unbuild.cell);
    return structure.type == 0 ? REFUSAL_NOT_BUILT : build_take(sim, actor, &structure);
}
