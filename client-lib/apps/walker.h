/* walker.h - walks a player somewhere through the public API: straight, or around obstacles.
 *
 * Call walker_run after every tilth_client_update; it holds and lets go of directions. Ways are
 * searched breadth first over the cells around the player, so only as far as the world is in view;
 * a farther place is walked to piece by piece. About 120 KB, no other memory. */
#ifndef TILTH_APPS_WALKER_H
#define TILTH_APPS_WALKER_H

#include <stdbool.h>
#include "tilth.h"

enum {
    WALKER_RADIUS_CELLS = 64, /* searched around the player */
    WALKER_SIDE = 2 * WALKER_RADIUS_CELLS + 1,
    WALKER_AREA = WALKER_SIDE * WALKER_SIDE,
    WALKER_STUCK_MS = 700,      /* without getting nearer: blocked */
    WALKER_SEARCHES_MAX = 8,    /* that bring it no nearer */
    WALKER_PATIENCE_MS = 15000, /* for land that is not in view yet */
};

enum walker_state { WALKER_WALKING, WALKER_ARRIVED, WALKER_BLOCKED };

struct walker_cell {
    int32_t x, y;
};

struct walker {
    bool is_searching; /* goto: walk around obstacles; else straight */
    struct walker_cell goal;
    int64_t target_x, target_y; /* units: where it walks to right now */
    int64_t best_distance;
    uint64_t better_ms; /* when it last got nearer */
    uint64_t ready_ms;  /* when the land around it was last in view */
    int64_t nearest;    /* squared distance in cells from the goal, of all searches */
    uint32_t searches;  /* since it was */
    uint32_t way_count; /* cells still to walk, the last one first */
    struct walker_cell way[WALKER_AREA];
    uint8_t came_from[WALKER_AREA]; /* 0 not seen, else 1 + the step that led here */
    uint16_t queue[WALKER_AREA];
};

/* Starts to walk straight by so many cells on each axis, sliding along what is in the way. */
void walker_move(struct walker *walker, struct tilth_client *client, int32_t dx, int32_t dy,
                 uint64_t now_ms);

/* Starts to walk to a cell. */
void walker_goto(struct walker *walker, struct tilth_client *client, int32_t x, int32_t y,
                 uint64_t now_ms);

/* Steers. The player stands still again when it returns anything but WALKER_WALKING. */
enum walker_state walker_run(struct walker *walker, struct tilth_client *client, uint64_t now_ms);

#endif
