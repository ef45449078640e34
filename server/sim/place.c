#include "sim/place.h"

#include "sim/reach.h"

static bool is_actor_in(const struct world *world, struct cell_pos cell)
{
    for (uint32_t i = 0; i < world->actors_max; i++) {
        if (world->actors[i].is_present && movement_touches(world->actors[i].pos, cell))
            return true;
    }
    return false;
}

static enum refusal place_check(const struct sim *sim, uint32_t actor,
                                const struct intent_place *place)
{
    const struct world *world = sim->world;
    const struct entity_def *def = catalog_find_type(world->catalog, place->type);
    if (def == NULL)
        return REFUSAL_UNKNOWN_TYPE;
    if (!def->is_placeable)
        return REFUSAL_NOT_PLACEABLE;
    enum refusal refusal = reach_check(sim, actor, place->cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (!world->catalog->terrains[world_terrain(world, place->cell)].is_buildable)
        return REFUSAL_NOT_BUILDABLE;
    if (world_is_occupied(world, place->cell))
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
    enum refusal refusal = place_check(sim, actor, place);
    if (refusal != REFUSAL_NONE)
        return refusal;

    if (!world_is_kept(sim->world, place->cell)) {
        struct change kept = {.kind = CHANGE_CELL};
        kept.cell = (struct change_cell){place->cell, 1, 0}; /* free: nothing is replaced */
        sim_change(sim, &kept);
    }
    struct change placed = {.kind = CHANGE_ENTITY};
    placed.entity = (struct change_entity){
        {sim_new_id(sim)}, place->cell, place->type, 0, sim->world->actors[actor].character};
    sim_change(sim, &placed);
    return REFUSAL_NONE;
}
