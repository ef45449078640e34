/* land_picture: draws generated land as a PPM, one pixel a cell, to look at what the generator
 * makes.
 *
 *   land_picture SEED CHUNK_X CHUNK_Y CHUNKS > land.ppm
 */
#include <stdio.h>
#include <stdlib.h>

#include "catalog/catalog.h"
#include "world/generator.h"

struct colour {
    uint8_t red, green, blue;
};

static const struct colour terrain_colours[TERRAIN_COUNT] = {
    [TERRAIN_WATER] = {64, 120, 176},     [TERRAIN_SAND] = {222, 205, 150},
    [TERRAIN_GRASSLAND] = {126, 178, 96}, [TERRAIN_FOREST] = {84, 140, 78},
    [TERRAIN_ROCK] = {150, 146, 140},
};

static const struct colour natural_colours[NATURAL_COUNT] = {
    [NATURAL_TREE] = {34, 84, 46},
    [NATURAL_ROCK] = {104, 100, 96},
    [NATURAL_GRASS] = {150, 200, 110},
};

static struct colour colour_of(const struct generator_chunk *chunk, uint32_t cell_index)
{
    uint8_t natural = chunk->natural[cell_index];
    return natural != NATURAL_NONE ? natural_colours[natural]
                                   : terrain_colours[chunk->terrain[cell_index]];
}

/* Draws one row of chunks. */
static void draw_row(const struct generator *generator, struct chunk_pos first, uint32_t chunks,
                     struct generator_chunk *row)
{
    for (uint32_t i = 0; i < chunks; i++)
        generator_make(generator, (struct chunk_pos){first.x + (int32_t)i, first.y}, &row[i]);
    for (uint32_t y = 0; y < GRID_CHUNK_CELLS; y++) {
        for (uint32_t x = 0; x < chunks * GRID_CHUNK_CELLS; x++) {
            struct colour colour =
                colour_of(&row[x / GRID_CHUNK_CELLS], y * GRID_CHUNK_CELLS + x % GRID_CHUNK_CELLS);
            (void)fwrite(&colour, sizeof colour, 1, stdout);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        (void)fprintf(stderr, "land_picture SEED CHUNK_X CHUNK_Y CHUNKS > land.ppm\n");
        return EXIT_FAILURE;
    }
    struct generator generator = {strtoull(argv[1], NULL, 10), GENERATOR_VERSION};
    struct chunk_pos first = {(int32_t)strtol(argv[2], NULL, 10),
                              (int32_t)strtol(argv[3], NULL, 10)};
    uint32_t chunks = (uint32_t)strtoul(argv[4], NULL, 10);
    struct generator_chunk *row = calloc(chunks, sizeof *row);
    if (row == NULL)
        return EXIT_FAILURE;
    (void)printf("P6\n%u %u\n255\n", chunks * GRID_CHUNK_CELLS, chunks * GRID_CHUNK_CELLS);
    for (uint32_t y = 0; y < chunks; y++, first.y++)
        draw_row(&generator, first, chunks, row);
    free(row);
    return EXIT_SUCCESS;
}
