/* site.h - where the land of a bottle has room for what a test wants to build.
 *
 * A yard is a square of free, buildable land as generated, SITE_YARD_CELLS to each side of the
 * place where four chunks meet: for all that lies over borders and corners. Pure functions of the
 * bottle's seed; nothing that players changed is looked at. See tests/scenario/structures_test.c.
 */
#ifndef TILTH_BOTTLE_SITE_H
#define TILTH_BOTTLE_SITE_H

#include "bottle/bottle.h"

enum { SITE_YARD_CELLS = 2 };

/* The corners of the world's plane: x and y are -1 or 1. */
struct site_quadrant {
    int32_t x, y;
};

/* The nearest yard with all of its chunks in the quadrant, at least so many chunks from the middle:
 * its cell to the south-east of the corner. Ends the test where there is none. */
struct cell_pos site_yard(const struct bottle *bottle, struct site_quadrant quadrant,
                          int32_t chunks_away);

/* The nearest cell with nothing in it where a player can stand, as generated. */
struct cell_pos site_stand(const struct bottle *bottle, struct cell_pos near);

#endif
