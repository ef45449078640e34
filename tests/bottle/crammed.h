/* crammed.h - land as full as it can be, in the database of a world that has not begun.
 *
 * Each chunk has all its cells kept and WORLD_CHUNK_ENTITIES_MAX entities, of random types, ids,
 * images and placers, so that nothing makes its content smaller. Nothing in it is solid. */
#ifndef TILTH_BOTTLE_CRAMMED_H
#define TILTH_BOTTLE_CRAMMED_H

#include "bottle/bottle.h"

/* Makes the world of the bottle's settings, with the chunks from `from` to `to`, both included, so
 * full. Call it before bottle_start. The journal does not know of it, so do not audit the bottle.
 */
void crammed_make(struct bottle *bottle, struct chunk_pos from, struct chunk_pos to);

#endif
