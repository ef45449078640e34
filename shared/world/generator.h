/* generator.h - the world before anybody changed it.
 *
 * Reads seed, version and chunk; makes the terrain and the natural entity of each of its 4096
 * cells; the same on every machine, server and client, for ever: a world keeps the generator
 * version it was made with. Integer lattice noise: value noise with Perlin's fade curve, octaves
 * whose lattices are moved against each other, so that no grid shows. About 15 us a chunk. Pure
 * function, any thread, no memory. Golden hashes: tests/unit/world/generator_test.c. */
#ifndef TILTH_WORLD_GENERATOR_H
#define TILTH_WORLD_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "grid/grid.h"

enum {
    GENERATOR_VERSION = 1,       /* the newest; worlds name theirs */
    GENERATOR_SPAWN_CHUNKS = 64, /* searched for land on each side */
};

struct generator {
    uint64_t seed;
    uint32_t version;
};

/* What the generator makes of one chunk, by cell index. */
struct generator_chunk {
    uint8_t terrain[GRID_CHUNK_AREA]; /* enum terrain */
    uint8_t natural[GRID_CHUNK_AREA]; /* enum natural */
};

/* Is it a version this build can make? */
bool generator_has_version(uint32_t version);

/* Generates a chunk; the version must be one that generator_has_version. */
void generator_make(const struct generator *generator, struct chunk_pos chunk,
                    struct generator_chunk *out);

/* Where new players begin: a cell on land, with room for building beside it, near (0, 0); that
 * itself when there is no land for GENERATOR_SPAWN_CHUNKS around. */
struct cell_pos generator_spawn(const struct generator *generator);

#endif
