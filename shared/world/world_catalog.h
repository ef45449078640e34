/* world_catalog.h - another catalogue under a world that is there: content was read again.
 *
 * One owner thread, the world's. No memory. */
#ifndef TILTH_WORLD_WORLD_CATALOG_H
#define TILTH_WORLD_WORLD_CATALOG_H

#include "world/world.h"

/* The world goes by the catalogue from now on, which must outlive it: what is solid in resident
 * chunks is laid anew. All types that are resident must be in it with their ids, and what the
 * generator grows has the ids that it had, unless no chunk is resident. Hashes stay. */
void world_set_catalog(struct world *world, const struct catalog *catalog);

#endif
