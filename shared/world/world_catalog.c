#include "world/world_catalog.h"

#include <string.h>

#include "base/ensure.h"
#include "world/chunk.h"

/* Is something solid in one that is not in the other, or in other cells? */
static bool has_other_solids(const struct catalog *a, const struct catalog *b)
{
    bool is_other = false;
    for (uint32_t i = 0; i < CATALOG_TERRAINS_MAX; i++)
        is_other = is_other || a->terrains[i].is_solid != b->terrains[i].is_solid;
    for (uint32_t i = 1; i < CATALOG_TYPES_MAX && !is_other; i++) {
        const struct footprint_def *left = &a->entities[i].footprint;
        const struct footprint_def *right = &b->entities[i].footprint;
        is_other = a->entities[i].is_solid != b->entities[i].is_solid ||
                   left->width != right->width || left->height != right->height ||
                   left->primary_x != right->primary_x || left->primary_y != right->primary_y ||
                   left->solid != right->solid;
    }
    return is_other;
}

/* Does something grow in the second that does not in the first? */
static bool has_new_growth(const struct catalog *a, const struct catalog *b)
{
    bool is_new = false;
    for (uint32_t i = 1; i < CATALOG_TYPES_MAX && !is_new; i++)
        is_new = a->entities[i].growth.into == 0 && b->entities[i].growth.into != 0;
    return is_new;
}

void world_set_catalog(struct world *world, const struct catalog *catalog)
{
    bool is_to_lay = has_other_solids(world->catalog, catalog);
    bool is_to_grow = has_new_growth(world->catalog, catalog);
    ensure(memcmp(world->catalog->natural_types, catalog->natural_types,
                  sizeof catalog->natural_types) == 0 ||
           world->chunk_pool.used == 0);
    world->catalog = catalog;
    for (uint32_t i = 0; i < world->chunk_pool.capacity; i++) {
        if (!pool_is_used(&world->chunk_pool, i))
            continue;
        if (is_to_lay)
            chunk_lay_solid(world, &world->chunks[i]);
        if (is_to_grow)
            world->dues[i] = 1;
    }
}
