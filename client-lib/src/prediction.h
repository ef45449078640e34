/* prediction.h - one's own place ahead of the server: steps taken now, put right later.
 *
 * Every input has a number and is applied at once with the server's own arithmetic
 * (world/movement.h). A snapshot tells where the server was after input n; when that is not what
 * was predicted, the inputs after n are replayed from there. Where only something solid explains
 * what the server says, it is presumed to be there until its news come: one correction, not one a
 * snapshot. Values, no memory of its own. */
#ifndef TILTH_CLIENT_PREDICTION_H
#define TILTH_CLIENT_PREDICTION_H

#include "world/movement.h"

enum { PREDICTION_INPUTS_MAX = 256 }; /* ahead of the server at most; then one waits */

struct prediction_input {
    uint8_t direction;
    struct world_pos pos; /* after it */
};

struct prediction {
    uint32_t step_units;
    uint32_t acked;            /* the newest input that the server told of */
    uint32_t newest;           /* the newest input made */
    struct movement_wall wall; /* presumed: the server was held there, and the land shows nothing */
    struct prediction_input inputs[PREDICTION_INPUTS_MAX]; /* by number, acked..newest are valid */
};

/* Starts at a position with no inputs made: the first will be number 1. */
void tilth_prediction_start(struct prediction *prediction, struct world_pos pos,
                            uint32_t step_units);

/* After start: the first input will be the one behind `input`. */
void tilth_prediction_go_on(struct prediction *prediction, uint32_t input);

/* Makes the next input and steps. False, and nothing happens, when the server is too far behind. */
bool tilth_prediction_step(struct prediction *prediction, const struct world *world,
                           enum direction direction);

/* Where one is now, by all inputs made. */
struct world_pos tilth_prediction_pos(const struct prediction *prediction);

/* Has the server told of the place where one stands, and do the inputs that it has not told of keep
 * one there? */
bool tilth_prediction_is_settled(const struct prediction *prediction);

/* The direction of input number newest - back; back < PREDICTION_INPUTS_MAX. */
uint8_t tilth_prediction_direction(const struct prediction *prediction, uint32_t back);

/* The land has changed: makes all inputs that the server has not told of anew. True when one is
 * somewhere else now: then *out_by is how far that is. */
bool tilth_prediction_replay(struct prediction *prediction, const struct world *world,
                             struct world_pos *out_by);

/* Takes the server's position after `input`. When the server went on by itself, repeating our last
 * direction for inputs that came too late, these numbers are ours from now on. True when the
 * prediction was wrong: then *out_by is how far the position now moved. */
bool tilth_prediction_reconcile(struct prediction *prediction, const struct world *world,
                                uint32_t input, struct world_pos pos, struct world_pos *out_by);

#endif
