#include "sim/place.h"

#include "sim/bag.h"
#include "sim/reach.h"

static bool is_actor_in(const struct world *world, struct cell_pos cell)
{
    for (uint32_t i = 0; i < world->actors_max; i++) {
        if (world->actors[i].is_present && movement_touches(world->actors[i].pos, cell))
            return true;
    }
    return false;
}

/* Is nothing in the cell that the type does not share it with? A generated thing shares with none:
 * its cell would have to be kept, and it would be gone. */
static bool is_free_for(const struct world *world, struct cell_pos cell, uint32_t type)
{
    if (world_natural_type(world, cell) != 0)
        return false;
    const struct entity *entity = world_first_entity(world, cell);
    for (; entity != NULL; entity = world_next_entity(world, entity)) {
        if (!catalog_may_share(world->catalog, entity->type, type))
            return false;
    }
    return true;
}

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
    if (!is_free_for(world, place->cell, place->type))
        return REFUSAL_CELL_OCCUPIED;
    if (def->is_solid && is_actor_in(world, place->cell))
        return REFUSAL_ACTOR_IN_THE_WAY;
    const struct chunk *chunk = world_find_chunk(world, grid_chunk_of(place->cell));
    if (world_is_full(world) || chunk->entity_count >= WORLD_CHUNK_ENTITIES_MAX)
        return REFUSAL_WORLD_FULL;
    return REFUSAL_NONE;
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
    placed.entity =
        (struct change_entity){{sim_new_id(sim)}, place->cell, place->type, image, owner->id};
    sim_change(sim, &placed);
    return REFUSAL_NONE;
}
