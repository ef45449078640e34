#include "sim/reach.h"

enum refusal reach_check(const struct sim *sim, uint32_t actor, struct cell_pos cell)
{
    if (!grid_is_cell(cell.x, cell.y))
        return REFUSAL_OUT_OF_WORLD;
    if (!grid_is_within_reach(sim->world->actors[actor].pos, cell, sim->rules.reach_px))
        return REFUSAL_OUT_OF_REACH;
    const struct chunk *chunk = world_find_chunk(sim->world, grid_chunk_of(cell));
    if (chunk == NULL)
        return REFUSAL_CHUNK_LOADING;
    return chunk->is_closed ? REFUSAL_CHUNK_READ_ONLY : REFUSAL_NONE;
}
