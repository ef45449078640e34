#include "sim/target.h"

#include "base/ensure.h"

static const struct entity *newest_entity(const struct world *world, struct cell_pos cell)
{
    const struct entity *newest = world_first_entity(world, cell);
    for (const struct entity *next = newest; next != NULL; next = world_next_entity(world, next)) {
        if (next->id.value > newest->id.value)
            newest = next;
    }
    return newest;
}

struct target target_find_structure(const struct world *world, struct cell_pos cell)
{
    const struct structure *structure = world_structure_at(world, cell);
    if (structure == NULL)
        return (struct target){.cell = cell};
    return (struct target){.cell = structure->cell,
                           .type = structure->type,
                           .is_structure = true,
                           .thing = structure->id.value,
                           .placer = structure->placer,
                           .image = structure->image};
}

struct target target_find(const struct world *world, struct cell_pos cell)
{
    const struct entity *entity = newest_entity(world, cell);
    if (entity != NULL)
        return (struct target){.cell = cell,
                               .type = entity->type,
                               .thing = entity->id.value,
                               .placer = entity->placer,
                               .image = entity->image};
    struct target structure = target_find_structure(world, cell);
    if (structure.type != 0)
        return structure;
    return (struct target){.cell = cell, .type = world_natural_type(world, cell)};
}

/* The structure's change as it is; its primary cell's chunk may be another than the one where it
 * was found, so that all must be loaded. */
static struct change structure_change(const struct world *world, const struct target *target)
{
    const struct structure *structure = world_structure_at(world, target->cell);
    ensure(structure != NULL && structure->id.value == target->thing);
    return world_structure_change(structure);
}

static enum refusal check_chunk(const struct world *world, struct chunk_pos pos)
{
    const struct chunk *chunk = world_find_chunk(world, pos);
    if (chunk == NULL)
        return REFUSAL_CHUNK_LOADING;
    return chunk->is_closed ? REFUSAL_CHUNK_READ_ONLY : REFUSAL_NONE;
}

enum refusal target_check_chunks(const struct world *world, const struct target *target)
{
    struct chunk_pos touched[CHANGE_CHUNKS_MAX];
    enum refusal refusal = check_chunk(world, grid_chunk_of(target->cell));
    if (refusal == REFUSAL_CHUNK_LOADING || !target->is_structure)
        return refusal;
    struct change change = structure_change(world, target);
    uint32_t count = change_chunks(&change, touched);
    for (uint32_t i = 0; i < count && refusal == REFUSAL_NONE; i++)
        refusal = check_chunk(world, touched[i]);
    return refusal;
}

static struct change entity_change(const struct world *world, const struct target *target)
{
    const struct entity *entity = world_first_entity(world, target->cell);
    while (entity != NULL && entity->id.value != target->thing)
        entity = world_next_entity(world, entity);
    ensure(entity != NULL);
    return world_entity_change(entity);
}

/* Who gave the thing its look is not of interest any more, or is this one now. */
static void tell_edit(struct sim *sim, uint64_t thing, uint32_t image, struct editor by)
{
    struct change edit = {.kind = CHANGE_IMAGE_EDIT};
    edit.image_edit = (struct change_image_edit){thing, image, by.kind, by.id, sim->tick};
    sim_change(sim, &edit);
}

void target_take(struct sim *sim, const struct target *target)
{
    struct change change = {.kind = CHANGE_CELL};
    if (target->is_structure) {
        change = structure_change(sim->world, target);
        change.structure.is_there = 0;
    } else if (target->thing != 0) {
        change.kind = CHANGE_ENTITY;
        change.entity = (struct change_entity){.id = {target->thing}, .cell = target->cell};
    } else {
        change.cell = (struct change_cell){target->cell, 1, target->type};
    }
    sim_change(sim, &change);
    if (target->image != 0)
        tell_edit(sim, target->thing, 0, (struct editor){EDITOR_SYSTEM, 0});
}

void target_set_image(struct sim *sim, const struct target *target, uint32_t image,
                      struct editor by)
{
    struct change change = {.kind = CHANGE_ENTITY};
    uint64_t thing = target->thing;
    if (target->is_structure) {
        change = structure_change(sim->world, target);
        change.structure.image = image;
    } else if (thing != 0) {
        change = entity_change(sim->world, target);
        change.entity.image = image;
    } else {
        struct change kept = {.kind = CHANGE_CELL};
        kept.cell = (struct change_cell){target->cell, 1, target->type};
        sim_change(sim, &kept);
        thing = sim_new_id(sim);
        change.entity = (struct change_entity){
            .id = {thing}, .cell = target->cell, .type = target->type, .image = image};
    }
    sim_change(sim, &change);
    tell_edit(sim, thing, image, by);
}
