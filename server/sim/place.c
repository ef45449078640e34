#include "sim/place.h"

#include "sim/bag.h"
#include "sim/lapse.h"
#include "sim/reach.h"
#include "sim/room.h"

/* The slot that the thing comes from, in *out_slot. */
static enum refusal find_item(const struct sim *sim, uint32_t actor,
                              const struct intent_place *place, uint32_t *out_slot)
{
    const struct character *owner = bag_owner(sim, actor);
    uint32_t slot = place->slot == 0 ? bag_find(sim, owner, place->type) : place->slot - 1;
    if (place->slot != 0 && slot >= sim->world->slots_max)
        return REFUSAL_SLOT_UNKNOWN;
    if (slot == WORLD_SLOTS_MAX || world_slot(sim->world, owner, slot)->type != place->type)
        return REFUSAL_NO_SUCH_ITEM;
    *out_slot = slot;
    return REFUSAL_NONE;
}

static enum refusal place_check(const struct sim *sim, uint32_t actor,
                                const struct intent_place *place)
{
    const struct world *world = sim->world;
    const struct entity_def *def = catalog_find_type(world->catalog, place->type);
    if (def == NULL)
        return REFUSAL_UNKNOWN_TYPE;
    if (!def->is_placeable || def->kind != KIND_ENTITY)
        return REFUSAL_NOT_PLACEABLE;
    enum refusal refusal = reach_check(sim, actor, place->cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (!world->catalog->terrains[world_terrain(world, place->cell)].is_buildable)
        return REFUSAL_NOT_BUILDABLE;
    if (!room_is_free(world, place->cell, place->type))
        return REFUSAL_CELL_OCCUPIED;
    if (def->is_solid && room_has_actor(world, place->cell))
        return REFUSAL_ACTOR_IN_THE_WAY;
    return room_for_entity(world, place->cell) ? REFUSAL_NONE : REFUSAL_WORLD_FULL;
}

enum refusal place_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct intent_place *place = &intent->place;
    const struct character *owner = bag_owner(sim, actor);
    bool is_free = bag_is_free(sim, actor);
    uint32_t slot = 0, image = 0;
    enum refusal refusal = place_check(sim, actor, place);
    if (refusal == REFUSAL_NONE && !is_free)
        refusal = find_item(sim, actor, place, &slot);
    if (refusal != REFUSAL_NONE)
        return refusal;

    if (!is_free) {
        image = world_slot(sim->world, owner, slot)->image;
        bag_take(sim, owner, slot, 1);
    }
    if (!world_is_kept(sim->world, place->cell)) {
        struct change kept = {.kind = CHANGE_CELL};
        kept.cell = (struct change_cell){place->cell, 1, 0}; /* free: nothing is replaced */
        sim_change(sim, &kept);
    }
    struct change placed = {.kind = CHANGE_ENTITY};
    placed.entity = (struct change_entity){.id = {sim_new_id(sim)},
                                           .cell = place->cell,
                                           .type = place->type,
                                           .image = image,
                                           .placer = owner->id,
                                           .until = lapse_grow_until(sim, place->type, sim->tick)};
    sim_change(sim, &placed);
    return REFUSAL_NONE;
}
