/* walker.h - walks a player somewhere through the public API: straight, or around obstacles.
 *
 * Call walker_run after every tilth_client_update; it holds and lets go of directions. Ways are
 * searched breadth first over the cells around the player, so only as far as the world is in view;
 * a farther place is walked to piece by piece, and land that is still to come is waited for as long
 * as some comes. A lost connection is waited for too: how long is for the caller to say. About
 * 120 KB, no other memory. */
#ifndef TILTH_APPS_WALKER_H
#define TILTH_APPS_WALKER_H

#include <stdbool.h>
#include "tilth.h"

enum {
    WALKER_RADIUS_CELLS = 64, /* searched around the player */
    WALKER_SIDE = 2 * WALKER_RADIUS_CELLS + 1,
    WALKER_AREA = WALKER_SIDE * WALKER_SIDE,
    WALKER_STUCK_MS = 700,     /* without getting nearer: blocked */
    WALKER_SEARCHES_MAX = 8,   /* that bring it no nearer */
    WALKER_PATIENCE_MS = 5000, /* what patience usually is */
    WALKER_CHUNKS_AROUND = 9,  /* the player's, and those that touch it */
};

enum walker_state {
    WALKER_WALKING,
    WALKER_ARRIVED,
    WALKER_BLOCKED, /* something is in the way */
    WALKER_UNSEEN,  /* land on the way did not come into view */
};

struct walker_cell {
    int32_t x, y;
};

/* Where to, and how long to wait for land on the way while none comes. */
struct walker_goal {
    struct walker_cell cell;
    uint32_t patience_ms;
};

struct walker {
    bool is_searching; /* goto: walk around obstacles; else straight */
    bool is_whole;     /* the way leads as far as any can: no other land is needed */
    bool is_waiting;   /* stands still until there is more land, or a connection */
    struct walker_goal goal;
    int64_t target_x, target_y; /* units: where it walks to right now */
    int64_t best_distance;
    uint64_t better_ms; /* when it last got nearer */
    uint64_t land_ms;   /* waiting: when it began, or land last came */
    uint32_t land;      /* chunks around in view at that time */
    int64_t nearest;    /* squared distance in cells from the goal, of all searches */
    uint32_t searches;  /* since it was */
    uint32_t way_count; /* cells still to walk, the last one first */
    struct walker_cell way[WALKER_AREA];
    uint8_t came_from[WALKER_AREA]; /* by offset: the step that led there, or what is known */
    uint16_t queue[WALKER_AREA];
};

/* Starts to walk straight by so many cells on each axis, sliding along what is in the way. */
void walker_move(struct walker *walker, struct tilth_client *client, int32_t dx, int32_t dy,
                 uint64_t now_ms);

/* Starts to walk to a cell. */
void walker_goto(struct walker *walker, struct tilth_client *client, struct walker_goal goal,
                 uint64_t now_ms);

/* How many of the WALKER_CHUNKS_AROUND chunks around the player are in view. */
uint32_t walker_land(const struct tilth_client *client);

/* Steers. The player stands still again when it returns anything but WALKER_WALKING. */
enum walker_state walker_run(struct walker *walker, struct tilth_client *client, uint64_t now_ms);

#endif
