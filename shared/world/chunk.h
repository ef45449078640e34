/* chunk.h - what a change does to one resident chunk: cells, entities, structures, piles.
 *
 * Inside shared/world; world_apply.c says which chunks a change touches. Each put moves the chunk's
 * hash by what its key adds. One owner thread. */
#ifndef TILTH_WORLD_CHUNK_H
#define TILTH_WORLD_CHUNK_H

#include "world/world.h"

/* Works out anew which cells are solid: by terrain, and by all that is in them. */
void chunk_lay_solid(const struct world *world, struct chunk *chunk);

/* Applies a change with CHANGE_IN_CHUNK to the chunk. */
void chunk_put(struct world *world, struct chunk *chunk, const struct change *change);

/* The image configuration that the change's key has now, 0 none. */
uint32_t chunk_image_of(const struct world *world, const struct chunk *chunk,
                        const struct change *change);

/* May such a change be applied to the chunk, which it touches? False says why. */
bool chunk_check(const struct world *world, const struct chunk *chunk, const struct change *change,
                 struct error *error);

#endif
