#include "world/generator.h"

#include <string.h>

#include "base/ensure.h"
#include "base/rng.h"
#include "catalog/catalog.h"

/* Octaves of value noise: lattice points every 2^shift cells, the coarse ones weigh most. Each is
 * moved by its own part of the lattice, so that no lines of two octaves fall together. */
struct octave {
    uint8_t shift;
    uint8_t halvings; /* its values run over 2^FIELD_BITS / 2^halvings */
    uint8_t move;     /* cells */
};

static const struct octave height_octaves[] = {{7, 2, 0},  {7, 2, 64}, {6, 2, 21},
                                               {5, 3, 11}, {4, 4, 6},  {3, 5, 3}};
static const struct octave moist_octaves[] = {
    {6, 2, 37}, {6, 2, 5}, {5, 2, 17}, {4, 3, 9}, {3, 4, 1}};

enum { SPAWN_BARE_MIN = 3 /* of the cells around one, for a corner of a chunk all */ };

enum {
    HEIGHT_COUNT = sizeof height_octaves / sizeof height_octaves[0],
    MOIST_COUNT = sizeof moist_octaves / sizeof moist_octaves[0],
    LATTICE_MAX = GRID_CHUNK_CELLS / 8 + 2,
    FIELD_BITS = 15, /* a field's values lie in 0..2^15 - 1, so that 16 bits hold them */
    FADE_BITS = 15,
};

enum { SALT_HEIGHT = 1, SALT_MOIST = 64, SALT_NATURAL = 128 };

/* Field values where terrains meet. */
enum { LEVEL_WATER = 12700, LEVEL_SAND = 13400, LEVEL_ROCK = 19500, LEVEL_FOREST = 15600 };

/* What grows on a terrain: in how many of 256 cells the first kind, and in how many the second. */
struct growth {
    enum natural first, second;
    uint16_t first_count, second_count;
};

static const struct growth growths[TERRAIN_COUNT] = {
    [TERRAIN_WATER] = {NATURAL_NONE, NATURAL_NONE, 0, 0},
    [TERRAIN_SAND] = {NATURAL_ROCK, NATURAL_NONE, 2, 0},
    [TERRAIN_GRASSLAND] = {NATURAL_TREE, NATURAL_GRASS, 4, 40},
    [TERRAIN_FOREST] = {NATURAL_TREE, NATURAL_NONE, 72, 0},
    [TERRAIN_ROCK] = {NATURAL_ROCK, NATURAL_NONE, 40, 0},
};

enum { ROLL_COUNT = 256 };

/* Where the chunk's rows (or columns) lie in an octave's lattice. */
struct axis {
    int64_t first;                   /* lattice coordinate of the first point */
    uint32_t count;                  /* points */
    uint8_t point[GRID_CHUNK_CELLS]; /* the last point at or before the cell, from `first` */
    int16_t fade[GRID_CHUNK_CELLS];  /* how much of the next point, of 2^FADE_BITS */
};

/* 3t^2 - 2t^3 (the smoothstep of Perlin 1985) of t = inside / width. */
static int16_t fade_at(uint32_t inside, uint32_t shift)
{
    uint64_t t = (uint64_t)inside << (FADE_BITS - shift);
    return (int16_t)(t * t * ((3u << FADE_BITS) - 2 * t) >> (2 * FADE_BITS));
}

static void axis_lay(const struct octave *octave, int32_t chunk, struct axis *out)
{
    int64_t start = (int64_t)chunk * GRID_CHUNK_CELLS + octave->move;
    int64_t width = (int64_t)1 << octave->shift;
    uint32_t phase = (uint32_t)grid_floor_modulo(start, width);
    out->first = grid_floor_divide(start, width);
    for (uint32_t i = 0; i < GRID_CHUNK_CELLS; i++) {
        out->point[i] = (uint8_t)((i + phase) >> octave->shift);
        out->fade[i] = fade_at((i + phase) & ((uint32_t)width - 1), octave->shift);
    }
    out->count = out->point[GRID_CHUNK_CELLS - 1] + 2u;
    ensure(out->count <= LATTICE_MAX);
}

static int16_t lattice_value(uint64_t salt, int64_t x, int64_t y, uint32_t halvings)
{
    uint64_t key = (uint64_t)(uint32_t)x << 32 | (uint32_t)y;
    return (int16_t)(rng_mix(key ^ salt) >> (64 - FIELD_BITS + halvings));
}

/* From a to b by the fade. Both lie below 2^14, so twice their difference fits 16 bits, and the
 * product's upper half is one multiplication of a vector. */
static int16_t blend(int16_t a, int16_t b, int16_t fade)
{
    int16_t twice = (int16_t)(2 * (b - a));
    return (int16_t)(a + ((int32_t)twice * fade >> 16));
}

/* A lattice row's values at the chunk's columns. */
static void row_lay(const struct axis *columns, uint64_t salt, int64_t y, uint32_t halvings,
                    int16_t out[GRID_CHUNK_CELLS])
{
    int16_t values[LATTICE_MAX];
    for (uint32_t i = 0; i < columns->count; i++)
        values[i] = lattice_value(salt, columns->first + i, y, halvings);
    for (uint32_t x = 0; x < GRID_CHUNK_CELLS; x++) {
        uint32_t point = columns->point[x];
        out[x] = blend(values[point], values[point + 1], columns->fade[x]);
    }
}

static void octave_add(const struct octave *octave, uint64_t salt, struct chunk_pos chunk,
                       int16_t field[GRID_CHUNK_AREA])
{
    struct axis columns, rows;
    int16_t lines[LATTICE_MAX][GRID_CHUNK_CELLS];
    axis_lay(octave, chunk.x, &columns);
    axis_lay(octave, chunk.y, &rows);
    for (uint32_t i = 0; i < rows.count; i++)
        row_lay(&columns, salt, rows.first + i, octave->halvings, lines[i]);
    for (uint32_t y = 0; y < GRID_CHUNK_CELLS; y++) {
        const int16_t *above = lines[rows.point[y]];
        const int16_t *below = lines[rows.point[y] + 1];
        int16_t *sums = &field[y * GRID_CHUNK_CELLS];
        int16_t fade = rows.fade[y];
        for (uint32_t x = 0; x < GRID_CHUNK_CELLS; x++)
            sums[x] = (int16_t)(sums[x] + blend(above[x], below[x], fade));
    }
}

static void field_make(const struct octave *octaves, uint32_t count, uint64_t salt,
                       struct chunk_pos chunk, int16_t field[GRID_CHUNK_AREA])
{
    memset(field, 0, GRID_CHUNK_AREA * sizeof field[0]);
    for (uint32_t i = 0; i < count; i++)
        octave_add(&octaves[i], rng_mix(salt + i), chunk, field);
}

/* Terrains follow each other in height, and forest is wet grassland. Without branches. */
static void terrain_lay(const int16_t height[GRID_CHUNK_AREA], const int16_t moist[GRID_CHUNK_AREA],
                        uint8_t out[GRID_CHUNK_AREA])
{
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++) {
        int dry = (height[i] >= LEVEL_WATER) + (height[i] >= LEVEL_SAND);
        int wet = (height[i] >= LEVEL_SAND) & (moist[i] >= LEVEL_FOREST);
        out[i] = height[i] >= LEVEL_ROCK ? TERRAIN_ROCK : (uint8_t)(dry + wet);
    }
}

/* What grows by terrain and roll. */
static void growth_lay(uint8_t out[TERRAIN_COUNT][ROLL_COUNT])
{
    memset(out, NATURAL_NONE, TERRAIN_COUNT * sizeof out[0]);
    for (uint32_t terrain = 0; terrain < TERRAIN_COUNT; terrain++) {
        const struct growth *growth = &growths[terrain];
        memset(out[terrain], growth->first, growth->first_count);
        memset(out[terrain] + growth->first_count, growth->second, growth->second_count);
    }
}

bool generator_has_version(uint32_t version)
{
    return version == GENERATOR_VERSION;
}

void generator_make(const struct generator *generator, struct chunk_pos chunk,
                    struct generator_chunk *out)
{
    ensure(generator_has_version(generator->version));
    int16_t height[GRID_CHUNK_AREA], moist[GRID_CHUNK_AREA];
    uint8_t growth[TERRAIN_COUNT][ROLL_COUNT];
    uint64_t salt = rng_mix(generator->seed);
    uint64_t natural_salt = rng_mix(salt + SALT_NATURAL) ^ grid_chunk_key(chunk);

    field_make(height_octaves, HEIGHT_COUNT, salt + SALT_HEIGHT, chunk, height);
    field_make(moist_octaves, MOIST_COUNT, salt + SALT_MOIST, chunk, moist);
    terrain_lay(height, moist, out->terrain);
    growth_lay(growth);
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i += 8) {
        uint64_t rolls = rng_mix(natural_salt + i); /* one roll of 8 bits for each of 8 cells */
        for (uint32_t j = 0; j < 8; j++, rolls >>= 8)
            out->natural[i + j] = growth[out->terrain[i + j]][rolls & 0xFF];
    }
}

static bool is_bare_land(const struct generator_chunk *chunk, int32_t x, int32_t y)
{
    if (x < 0 || y < 0 || x >= GRID_CHUNK_CELLS || y >= GRID_CHUNK_CELLS)
        return false; /* of another chunk: not looked at */
    uint32_t index = (uint32_t)(y * GRID_CHUNK_CELLS + x);
    return chunk->terrain[index] != TERRAIN_WATER && chunk->natural[index] == NATURAL_NONE;
}

/* Is the cell land, with room beside it? */
static bool is_spawn(const struct generator_chunk *chunk, uint32_t index)
{
    int32_t x = (int32_t)(index % GRID_CHUNK_CELLS), y = (int32_t)(index / GRID_CHUNK_CELLS);
    uint32_t bare = 0;
    if (chunk->terrain[index] == TERRAIN_WATER)
        return false;
    for (int32_t i = 0; i < 9; i++)
        bare += i != 4 && is_bare_land(chunk, x + i % 3 - 1, y + i / 3 - 1);
    return bare >= SPAWN_BARE_MIN;
}

/* The nearest cell to (0, 0) in a chunk that one can begin in, if it is nearer than *nearest. */
static void search_spawn(const struct generator *generator, struct chunk_pos pos, int64_t *nearest,
                         struct cell_pos *spawn)
{
    struct generator_chunk chunk;
    generator_make(generator, pos, &chunk);
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++) {
        struct cell_pos cell = grid_cell_at(pos, i);
        int64_t away = (int64_t)cell.x * cell.x + (int64_t)cell.y * cell.y;
        if (away >= *nearest || !is_spawn(&chunk, i))
            continue;
        *nearest = away;
        *spawn = cell;
    }
}

struct cell_pos generator_spawn(const struct generator *generator)
{
    struct cell_pos spawn = {0, 0};
    int64_t nearest = INT64_MAX;
    for (int32_t ring = 0; ring <= GENERATOR_SPAWN_CHUNKS && nearest == INT64_MAX; ring++) {
        for (int32_t y = -ring; y <= ring; y++) {
            int32_t step = ring > 0 && y > -ring && y < ring ? 2 * ring : 1; /* its edge only */
            for (int32_t x = -ring; x <= ring; x += step)
                search_spawn(generator, (struct chunk_pos){x, y}, &nearest, &spawn);
        }
    }
    return spawn;
}
