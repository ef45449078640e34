#include "world/generator.h"

#include <string.h>

#include "testing.h"

#include "base/hash.h"
#include "base/rng.h"
#include "catalog/catalog.h"

struct golden {
    uint64_t seed;
    struct chunk_pos chunk;
    const char *hash; /* of terrain, then natural */
};

/* These never change: worlds that people live in are made of them. */
static const struct golden goldens[] = {
    {UINT64_C(1), {0, 0}, "2f461a1778975b9f24dbe8bc8d790863"},
    {UINT64_C(1), {-1, 0}, "f4907f3a3bcab6d4690a2c49e8d03ddc"},
    {UINT64_C(1), {0, -1}, "e8682b118738a323e3e685bda74b1363"},
    {UINT64_C(1), {-1, -1}, "da1d83e956bbf5623ad34090d25b8fa2"},
    {UINT64_C(1), {17, -42}, "4b363b47202a79ab5b1afb8c9e295d60"},
    {UINT64_C(1), {-300, 299}, "d5f0ea20b5f559671c27296b68b6146f"},
    {UINT64_C(1), {31, 32}, "5fa3c72d480a5e06fc9c89784d5de447"},
    {UINT64_C(1), {5000, -6000}, "ff6ba744ade06bb67d6a08f5627cd526"},
    {UINT64_C(1), {-65536, -65536}, "eeafd284b9475ac08b0e141fa59a8778"},
    {UINT64_C(1), {65535, 65535}, "420c69598a8feaf78090438e9ae701a3"},
    {UINT64_C(1), {-65536, 65535}, "79eb85e9df67f1d089c99473dbd52c4e"},
    {UINT64_C(1), {65535, -65536}, "506229124cb4ebe6f0b369060ed50ddc"},
    {UINT64_C(11400714819323198485), {0, 0}, "9fabf0c716eb649cae31269e5d476e47"},
    {UINT64_C(11400714819323198485), {-1, 0}, "57203114a03a1e8ec2ea0280e4c4af14"},
    {UINT64_C(11400714819323198485), {0, -1}, "b64a83ae46d112e4cbfc423d9797ffbf"},
    {UINT64_C(11400714819323198485), {-1, -1}, "be41efba081701401f8676ebc1d43668"},
    {UINT64_C(11400714819323198485), {17, -42}, "3043364fc5fdda72634533804ad6fc1f"},
    {UINT64_C(11400714819323198485), {-300, 299}, "121385042ea226ef3063e6a89a2333a5"},
    {UINT64_C(11400714819323198485), {31, 32}, "91a8288a1a5c578eedd53d91113afc29"},
    {UINT64_C(11400714819323198485), {5000, -6000}, "af3896ea24b475f19a8dec5f3b5b3d89"},
    {UINT64_C(11400714819323198485), {-65536, -65536}, "f2b99af3546ace1c379e0f9b8a417f84"},
    {UINT64_C(11400714819323198485), {65535, 65535}, "8f5155ab60bbc1a93f1f3b6955a3887d"},
    {UINT64_C(11400714819323198485), {-65536, 65535}, "228f685efa18cdaac043756fcf835922"},
    {UINT64_C(11400714819323198485), {65535, -65536}, "e6fdd44e19063e617d803cfe4b0fc589"},
};

static void ck_assert_golden(const struct golden *golden)
{
    struct generator generator = {golden->seed, 1};
    struct generator_chunk made;
    char text[33];
    memset(&made, 0xEE, sizeof made); /* what was there does not matter */
    generator_make(&generator, golden->chunk, &made);
    hash_format(hash_128(&made, sizeof made, 0), text);
    ck_assert_msg(strcmp(text, golden->hash) == 0, "{%llu, {%d, %d}, \"%s\"},",
                  (unsigned long long)golden->seed, golden->chunk.x, golden->chunk.y, text);
}

START_TEST(test_chunks_are_what_they_were)
{
    ck_assert_uint_eq(sizeof(struct generator_chunk), 2 * GRID_CHUNK_AREA);
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++)
        ck_assert_golden(&goldens[i]);
}
END_TEST

/* The rule in its plainest form: any one cell, in 64 bits, without rows, vectors or chunks. */
struct plain_octave {
    int64_t width;
    int64_t divisor;
    int64_t move;
};

static const struct plain_octave plain_height[] = {
    {128, 4, 0}, {128, 4, 64}, {64, 4, 21}, {32, 8, 11}, {16, 16, 6}, {8, 32, 3},
};
static const struct plain_octave plain_moist[] = {
    {64, 4, 37}, {64, 4, 5}, {32, 4, 17}, {16, 8, 9}, {8, 16, 1},
};

static int64_t plain_lattice(uint64_t salt, int64_t x, int64_t y, int64_t divisor)
{
    uint64_t key = (uint64_t)(uint32_t)x << 32 | (uint32_t)y;
    return (int64_t)(rng_mix(key ^ salt) >> 49) / divisor;
}

/* The remainder of a halved product is dropped downwards, also below 0. */
static int64_t plain_blend(int64_t a, int64_t b, int64_t inside, int64_t width)
{
    int64_t t = inside * 32768 / width;
    int64_t fade = t * t * (98304 - 2 * t) / (INT64_C(1) << 30);
    return a + grid_floor_divide((b - a) * fade, 32768);
}

static int64_t plain_field(const struct plain_octave *octaves, uint32_t count, uint64_t salt,
                           struct cell_pos cell)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct plain_octave *octave = &octaves[i];
        int64_t x = grid_floor_divide(cell.x + octave->move, octave->width);
        int64_t y = grid_floor_divide(cell.y + octave->move, octave->width);
        int64_t inside_x = grid_floor_modulo(cell.x + octave->move, octave->width);
        int64_t inside_y = grid_floor_modulo(cell.y + octave->move, octave->width);
        uint64_t mixed = rng_mix(salt + i);
        int64_t line[2];
        for (int64_t j = 0; j < 2; j++)
            line[j] = plain_blend(plain_lattice(mixed, x, y + j, octave->divisor),
                                  plain_lattice(mixed, x + 1, y + j, octave->divisor), inside_x,
                                  octave->width);
        sum += plain_blend(line[0], line[1], inside_y, octave->width);
    }
    return sum;
}

static enum terrain plain_terrain(uint64_t seed, struct cell_pos cell)
{
    uint64_t salt = rng_mix(seed);
    int64_t height = plain_field(plain_height, 6, salt + 1, cell);
    int64_t moist = plain_field(plain_moist, 5, salt + 64, cell);
    if (height < 12700)
        return TERRAIN_WATER;
    if (height < 13400)
        return TERRAIN_SAND;
    if (height >= 19500)
        return TERRAIN_ROCK;
    return moist >= 15600 ? TERRAIN_FOREST : TERRAIN_GRASSLAND;
}

/* A function of seed and cell alone cannot break at a chunk's border. */
START_TEST(test_terrain_is_a_function_of_the_cell)
{
    static const struct chunk_pos corners[] = {
        {-1, -1},
        {0, 0},
        {12, -40},
        {GRID_CHUNK_MIN, GRID_CHUNK_MAX - 1},
        {GRID_CHUNK_MAX - 1, GRID_CHUNK_MIN},
        {GRID_CHUNK_MIN, GRID_CHUNK_MIN},
    };
    struct generator generator = {77, GENERATOR_VERSION};
    for (size_t i = 0; i < sizeof corners / sizeof corners[0] * 4; i++) {
        struct chunk_pos chunk = corners[i / 4];
        struct generator_chunk made;
        chunk.x += i & 1;
        chunk.y += i >> 1 & 1;
        generator_make(&generator, chunk, &made);
        for (uint32_t index = 0; index < GRID_CHUNK_AREA; index++) {
            enum terrain expected = plain_terrain(77, grid_cell_at(chunk, index));
            ck_assert_int_eq(made.terrain[index], expected);
        }
    }
}
END_TEST

static void count_steps(const struct generator *generator, struct chunk_pos chunk, uint32_t *inside,
                        uint32_t *across)
{
    struct generator_chunk west, east;
    struct chunk_pos beside = {chunk.x + 1, chunk.y};
    generator_make(generator, chunk, &west);
    generator_make(generator, beside, &east);
    for (uint32_t row = 0; row < GRID_CHUNK_AREA; row += GRID_CHUNK_CELLS) {
        *inside += west.terrain[row + 31] != west.terrain[row + 32];
        *across += west.terrain[row + 63] != east.terrain[row];
    }
}

START_TEST(test_borders_do_not_show)
{
    struct generator generator = {5, GENERATOR_VERSION};
    uint32_t inside = 0, across = 0;
    for (int32_t i = 0; i < 500; i++)
        count_steps(&generator, (struct chunk_pos){i * 3 - 700, i * 5 - 1200}, &inside, &across);
    ck_assert_uint_gt(inside, 500);
    ck_assert_uint_lt(across, inside * 2);
    ck_assert_uint_lt(inside, across * 2);
}
END_TEST

/* What may grow where, and about how much of it. */
static const uint16_t growth_of_256[TERRAIN_COUNT][NATURAL_COUNT] = {
    [TERRAIN_WATER] = {256, 0, 0, 0},      [TERRAIN_SAND] = {254, 0, 2, 0},
    [TERRAIN_GRASSLAND] = {212, 4, 0, 40}, [TERRAIN_FOREST] = {184, 72, 0, 0},
    [TERRAIN_ROCK] = {216, 0, 40, 0},
};

START_TEST(test_mix_is_sane)
{
    struct generator generator = {0, GENERATOR_VERSION};
    uint64_t counts[TERRAIN_COUNT][NATURAL_COUNT] = {{0}};
    for (int32_t i = 0; i < 2000; i++) {
        struct generator_chunk made;
        generator.seed = (uint64_t)i / 200;
        generator_make(&generator, (struct chunk_pos){i * 7 - 900, i * 13 - 3000}, &made);
        for (uint32_t cell = 0; cell < GRID_CHUNK_AREA; cell++)
            counts[made.terrain[cell]][made.natural[cell]]++;
    }
    for (uint32_t terrain = 0; terrain < TERRAIN_COUNT; terrain++) {
        uint64_t total = 0;
        for (uint32_t natural = 0; natural < NATURAL_COUNT; natural++)
            total += counts[terrain][natural];
        ck_assert_uint_gt(total * 100, UINT64_C(3) * 2000 * GRID_CHUNK_AREA);
        ck_assert_uint_lt(total * 100, UINT64_C(60) * 2000 * GRID_CHUNK_AREA);
        for (uint32_t natural = 0; natural < NATURAL_COUNT; natural++) {
            uint64_t expected = total * growth_of_256[terrain][natural] / 256;
            ck_assert_uint_ge(counts[terrain][natural] * 100, expected * 95);
            ck_assert_uint_le(counts[terrain][natural] * 100, expected * 105);
        }
    }
}
END_TEST

START_TEST(test_seeds_and_versions)
{
    struct generator_chunk one, other;
    struct generator generator = {1, GENERATOR_VERSION};
    generator_make(&generator, (struct chunk_pos){3, 4}, &one);
    generator.seed = 2;
    generator_make(&generator, (struct chunk_pos){3, 4}, &other);
    ck_assert_mem_ne(&one, &other, sizeof one);
    ck_assert(generator_has_version(1));
    ck_assert(!generator_has_version(0));
    ck_assert(!generator_has_version(GENERATOR_VERSION + 1));
}
END_TEST

START_TEST(test_spawn_is_on_land)
{
    struct generator_chunk chunk;
    uint32_t away = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct generator generator = {seed, GENERATOR_VERSION};
        struct cell_pos spawn = generator_spawn(&generator);
        generator_make(&generator, grid_chunk_of(spawn), &chunk);
        ck_assert_uint_ne(chunk.terrain[grid_cell_index(spawn)], TERRAIN_WATER);
        away += spawn.x != 0 || spawn.y != 0;
    }
    ck_assert_uint_gt(away, 10); /* seas at (0, 0) */
    ck_assert_uint_lt(away, 200);
}
END_TEST

TESTING_MAIN("generator", test_chunks_are_what_they_were, test_terrain_is_a_function_of_the_cell,
             test_borders_do_not_show, test_mix_is_sane, test_seeds_and_versions,
             test_spawn_is_on_land)
