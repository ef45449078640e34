#include "world/generator.h"

#include "base/ensure.h"
#include "base/rng.h"
#include "catalog/catalog.h"

/* Octaves of value noise: lattice points every 2^shift cells, the coarse ones weigh most. */
struct octave {
    uint8_t shift;
    uint8_t weight;
};

static const struct octave height_octaves[] = {{7, 8}, {5, 4}, {4, 2}, {3, 1}};
static const struct octave moist_octaves[] = {{6, 4}, {5, 2}, {3, 1}};

enum {
    HEIGHT_COUNT = sizeof height_octaves / sizeof height_octaves[0],
    MOIST_COUNT = sizeof moist_octaves / sizeof moist_octaves[0],
    LATTICE_MAX = GRID_CHUNK_CELLS / 8 + 1,
    NOISE_BITS = 16, /* fields run over 0..65535 * (sum of weights) */
};

enum { SALT_HEIGHT = 1, SALT_MOIST = 64, SALT_NATURAL = 128 };

/* Field values where terrains meet, in 1/256 of the field's range. */
enum { LEVEL_WATER = 92, LEVEL_SAND = 100, LEVEL_ROCK = 168, LEVEL_FOREST = 134 };

/* How many of 256 cells grow something, by terrain. */
enum { FOREST_TREES = 72, GRASSLAND_TREES = 4, GRASSLAND_GRASS = 40, ROCK_ROCKS = 40, SAND_ROCKS = 2 };

static uint32_t lattice_value(uint64_t salt, int64_t x, int64_t y)
{
    uint64_t key = (uint64_t)(uint32_t)x << 32 | (uint32_t)y;
    return (uint32_t)(rng_mix(key ^ salt) >> (64 - NOISE_BITS));
}

/* Adds one row of an octave to `sums`. `edge` holds the lattice values of the row, interpolated in y
 * and so scaled by the lattice width; stepping in x scales once more, and the shift takes both away.
 * The largest number is 65,535 * 128 * 128, which fits 31 bits. */
static void octave_row(const uint32_t *edge, const struct octave *octave, uint32_t phase,
                       uint32_t *sums)
{
    uint32_t width = 1u << octave->shift;
    uint32_t x = 0;
    while (x < GRID_CHUNK_CELLS) {
        uint32_t cell = (x + phase) >> octave->shift;
        uint32_t inside = (x + phase) & (width - 1);
        uint32_t count = width - inside;
        if (count > GRID_CHUNK_CELLS - x)
            count = GRID_CHUNK_CELLS - x;
        int32_t step = (int32_t)edge[cell + 1] - (int32_t)edge[cell];
        int32_t value = (int32_t)(edge[cell] * width) + step * (int32_t)inside;
        for (uint32_t i = 0; i < count; i++, value += step)
            sums[x + i] += ((uint32_t)value >> (2 * octave->shift)) * octave->weight;
        x += count;
    }
}

static void octave_add(const struct octave *octave, uint64_t salt, struct chunk_pos chunk,
                       uint32_t sums[GRID_CHUNK_AREA])
{
    uint32_t width = 1u << octave->shift;
    int64_t first_x = (int64_t)chunk.x * GRID_CHUNK_CELLS;
    int64_t first_y = (int64_t)chunk.y * GRID_CHUNK_CELLS;
    int64_t lattice_x = grid_floor_divide(first_x, width);
    int64_t lattice_y = grid_floor_divide(first_y, width);
    uint32_t phase_x = (uint32_t)grid_floor_modulo(first_x, width);
    uint32_t phase_y = (uint32_t)grid_floor_modulo(first_y, width);
    uint32_t columns = (GRID_CHUNK_CELLS - 1 + phase_x) / width + 2;
    uint32_t rows = (GRID_CHUNK_CELLS - 1 + phase_y) / width + 2;
    uint32_t lattice[LATTICE_MAX + 1][LATTICE_MAX + 1];

    ensure(columns <= LATTICE_MAX + 1 && rows <= LATTICE_MAX + 1);
    for (uint32_t y = 0; y < rows; y++) {
        for (uint32_t x = 0; x < columns; x++)
            lattice[y][x] = lattice_value(salt, lattice_x + x, lattice_y + y);
    }
    for (uint32_t y = 0; y < GRID_CHUNK_CELLS; y++) {
        uint32_t row = (y + phase_y) / width;
        uint32_t inside = (y + phase_y) % width;
        uint32_t edge[LATTICE_MAX + 1];
        for (uint32_t x = 0; x < columns; x++)
            edge[x] = lattice[row][x] * (width - inside) + lattice[row + 1][x] * inside;
        octave_row(edge, octave, phase_x, &sums[y * GRID_CHUNK_CELLS]);
    }
}

static uint32_t field_make(const struct octave *octaves, uint32_t count, uint64_t salt,
                           struct chunk_pos chunk, uint32_t sums[GRID_CHUNK_AREA])
{
    uint32_t weights = 0;
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++)
        sums[i] = 0;
    for (uint32_t i = 0; i < count; i++) {
        octave_add(&octaves[i], rng_mix(salt + i), chunk, sums);
        weights += octaves[i].weight;
    }
    return weights;
}

static enum terrain terrain_at(uint32_t height, uint32_t moist)
{
    if (height < LEVEL_WATER)
        return TERRAIN_WATER;
    if (height < LEVEL_SAND)
        return TERRAIN_SAND;
    if (height >= LEVEL_ROCK)
        return TERRAIN_ROCK;
    return moist >= LEVEL_FOREST ? TERRAIN_FOREST : TERRAIN_GRASSLAND;
}

static enum natural natural_at(enum terrain terrain, uint32_t roll)
{
    switch (terrain) {
    case TERRAIN_FOREST:
        return roll < FOREST_TREES ? NATURAL_TREE : NATURAL_NONE;
    case TERRAIN_GRASSLAND:
        if (roll < GRASSLAND_TREES)
            return NATURAL_TREE;
        return roll < GRASSLAND_TREES + GRASSLAND_GRASS ? NATURAL_GRASS : NATURAL_NONE;
    case TERRAIN_ROCK:
        return roll < ROCK_ROCKS ? NATURAL_ROCK : NATURAL_NONE;
    case TERRAIN_SAND:
        return roll < SAND_ROCKS ? NATURAL_ROCK : NATURAL_NONE;
    case TERRAIN_WATER:
        return NATURAL_NONE;
    }
    return NATURAL_NONE;
}

bool generator_has_version(uint32_t version)
{
    return version == GENERATOR_VERSION;
}

void generator_make(const struct generator *generator, struct chunk_pos chunk,
                    struct generator_chunk *out)
{
    ensure(generator_has_version(generator->version));
    uint32_t height[GRID_CHUNK_AREA], moist[GRID_CHUNK_AREA];
    uint64_t salt = rng_mix(generator->seed);
    uint32_t height_weights =
        field_make(height_octaves, HEIGHT_COUNT, salt + SALT_HEIGHT, chunk, height);
    uint32_t moist_weights = field_make(moist_octaves, MOIST_COUNT, salt + SALT_MOIST, chunk, moist);
    uint64_t natural_salt = rng_mix(salt + SALT_NATURAL) ^ grid_chunk_key(chunk);
    uint64_t rolls = 0;

    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++) {
        if (i % 8 == 0)
            rolls = rng_mix(natural_salt + i); /* one roll of 8 bits for each of 8 cells */
        uint32_t level = height[i] / height_weights >> (NOISE_BITS - 8);
        uint32_t wet = moist[i] / moist_weights >> (NOISE_BITS - 8);
        enum terrain terrain = terrain_at(level, wet);
        out->terrain[i] = (uint8_t)terrain;
        out->natural[i] = (uint8_t)natural_at(terrain, (uint32_t)(rolls & 0xFF));
        rolls >>= 8;
    }
}
