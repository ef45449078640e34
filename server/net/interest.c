#include "net/interest.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

#define INTEREST_END UINT16_MAX

enum { SQUARE_UNITS = INTEREST_SQUARE_CELLS * GRID_CELL_UNITS };

struct interest {
    const struct frame *frame;
    uint16_t *first; /* [bucket_count] */
    uint16_t *next;  /* [actors_max] */
    uint32_t bucket_count;
};

struct interest *interest_create(uint32_t actors_max)
{
    struct interest *interest = memory_reserve("interest", 1, sizeof *interest);
    interest->bucket_count = actors_max * 2 + 1;
    interest->first = memory_reserve("interest", interest->bucket_count, sizeof(uint16_t));
    interest->next = memory_reserve("interest", actors_max, sizeof(uint16_t));
    return interest;
}

void interest_destroy(struct interest **interest)
{
    if (*interest == NULL)
        return;
    memory_release((*interest)->first);
    memory_release((*interest)->next);
    memory_release(*interest);
    *interest = NULL;
}

static uint32_t bucket_of(const struct interest *interest, int64_t square_x, int64_t square_y)
{
    uint64_t key = (uint64_t)(uint32_t)square_x << 32 | (uint32_t)square_y;
    return (uint32_t)(rng_mix(key) % interest->bucket_count);
}

void interest_build(struct interest *interest, const struct frame *frame)
{
    interest->frame = frame;
    memset(interest->first, 0xFF, interest->bucket_count * sizeof(uint16_t));
    for (uint32_t i = 0; i < frame->actor_count; i++) {
        struct world_pos pos = frame->actors[i].pos;
        uint32_t bucket = bucket_of(interest, grid_floor_divide(pos.x, SQUARE_UNITS),
                                    grid_floor_divide(pos.y, SQUARE_UNITS));
        interest->next[i] = interest->first[bucket];
        interest->first[bucket] = (uint16_t)i;
    }
}

/* A query in progress. */
struct query {
    struct world_pos pos;
    int64_t view_units;
    uint16_t *found;
    uint32_t count, max;
};

static void query_square(const struct interest *interest, int64_t x, int64_t y, struct query *query)
{
    uint16_t i = interest->first[bucket_of(interest, x, y)];
    for (; i != INTEREST_END; i = interest->next[i]) {
        struct world_pos pos = interest->frame->actors[i].pos;
        bool is_here = grid_floor_divide(pos.x, SQUARE_UNITS) == x &&
                       grid_floor_divide(pos.y, SQUARE_UNITS) == y; /* buckets are shared */
        bool is_near = llabs((int64_t)pos.x - query->pos.x) <= query->view_units &&
                       llabs((int64_t)pos.y - query->pos.y) <= query->view_units;
        if (is_here && is_near && query->count < query->max)
            query->found[query->count++] = i;
    }
}

uint32_t interest_query(const struct interest *interest, const struct interest_area *area,
                        uint16_t *out_found)
{
    int64_t view_units = (int64_t)area->view_cells * GRID_CELL_UNITS;
    struct query query = {area->pos, view_units, out_found, 0, area->found_max};
    int64_t left = grid_floor_divide(area->pos.x - view_units, SQUARE_UNITS);
    int64_t right = grid_floor_divide(area->pos.x + view_units, SQUARE_UNITS);
    int64_t top = grid_floor_divide(area->pos.y - view_units, SQUARE_UNITS);
    int64_t bottom = grid_floor_divide(area->pos.y + view_units, SQUARE_UNITS);
    for (int64_t y = top; y <= bottom; y++) {
        for (int64_t x = left; x <= right; x++)
            query_square(interest, x, y, &query);
    }
    return query.count;
}
