#include "bottle/site.h"

enum { SEARCH_CHUNKS = 24, YARD_SIDE_CHUNKS = 2, STANDS_MAX = 400 };

/* Is all of the chunk's part of the area free? */
static bool is_part_free(const struct generator *generator, struct chunk_pos pos,
                         struct cell_area area)
{
    static struct generator_chunk chunk;
    struct cell_area part;
    bool is_free = true;
    if (!grid_area_in_chunk(area, pos, &part))
        return true;
    generator_make(generator, pos, &chunk);
    struct cell_pos cell = part.least;
    do {
        uint32_t at = grid_cell_index(cell);
        is_free = chunk.terrain[at] != TERRAIN_WATER && chunk.natural[at] == NATURAL_NONE;
    } while (is_free && grid_area_next(part, &cell));
    return is_free;
}

/* Is there a yard where this chunk's least cell is the one to the south-east of the corner? */
static bool is_yard(const struct generator *generator, struct chunk_pos pos)
{
    struct cell_pos corner = grid_cell_at(pos, 0);
    struct cell_area area = {{corner.x - SITE_YARD_CELLS, corner.y - SITE_YARD_CELLS},
                             {corner.x + SITE_YARD_CELLS, corner.y + SITE_YARD_CELLS}};
    bool is_free = true;
    for (int32_t i = 0; i < YARD_SIDE_CHUNKS * YARD_SIDE_CHUNKS && is_free; i++)
        is_free = is_part_free(generator, (struct chunk_pos){pos.x - i % 2, pos.y - i / 2}, area);
    return is_free;
}

struct cell_pos site_yard(const struct bottle *bottle, struct site_quadrant quadrant,
                          int32_t chunks_away)
{
    struct generator generator = {bottle->settings.seed, GENERATOR_VERSION};
    for (int32_t n = 0; n < SEARCH_CHUNKS * SEARCH_CHUNKS; n++) {
        struct cell_pos offset = grid_spiral((uint32_t)n);
        int32_t away = chunks_away + SEARCH_CHUNKS / 2 + 1;
        struct chunk_pos pos = {quadrant.x * (away + offset.x), quadrant.y * (away + offset.y)};
        if (is_yard(&generator, pos))
            return grid_cell_at(pos, 0);
    }
    ck_abort_msg("no yard in this quadrant");
    return (struct cell_pos){0, 0};
}

struct cell_pos site_stand(const struct bottle *bottle, struct cell_pos near)
{
    struct generator generator = {bottle->settings.seed, GENERATOR_VERSION};
    for (uint32_t n = 0; n < STANDS_MAX; n++) {
        struct cell_pos offset = grid_spiral(n);
        struct cell_pos cell = {near.x + offset.x, near.y + offset.y};
        if (is_part_free(&generator, grid_chunk_of(cell), (struct cell_area){cell, cell}))
            return cell;
    }
    ck_abort_msg("nobody can stand near (%d,%d)", near.x, near.y);
    return near;
}
