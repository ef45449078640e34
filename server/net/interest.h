/* interest.h - who is near whom: a grid over one frame's actors, made anew for each frame.
 *
 * Inside server/net only. Squares of INTEREST_SQUARE_CELLS cells in a hash table with chains, so
 * the size of the world does not matter; a query walks the squares around a position. Memory:
 * reserved at create for actors_max. */
#ifndef TILTH_NET_INTEREST_H
#define TILTH_NET_INTEREST_H

#include "net/frame.h"

enum { INTEREST_SQUARE_CELLS = 32 };

struct interest;

/* Reserves the grid. */
struct interest *interest_create(uint32_t actors_max);
void interest_destroy(struct interest **interest); /* NULL-safe. */

/* Sorts the frame's actors into the grid; the frame must stay until the last query. */
void interest_build(struct interest *interest, const struct frame *frame);

/* What a query asks for. */
struct interest_area {
    struct world_pos pos;
    uint32_t view_cells; /* to every side */
    uint32_t found_max;
};

/* The indexes (into frame->actors) of the actors within the area, at most area->found_max, in no
 * order; returns how many were written. */
uint32_t interest_query(const struct interest *interest, const struct interest_area *area,
                        uint16_t *out_found);

#endif
