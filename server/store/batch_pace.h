/* batch_pace.h - how many rows a transaction shall write, so that it takes about as long as it may.
 *
 * What the database takes in a while is measured from batch to batch, and half the way is gone
 * towards what fits: with batches of a fifth of a second the database is less than half a second
 * behind the journal for as long as it keeps up at all, however fast it is. Pure; time is a
 * parameter. One owner thread. */
#ifndef TILTH_STORE_BATCH_PACE_H
#define TILTH_STORE_BATCH_PACE_H

#include "base/clock.h"

enum { BATCH_PACE_ROWS_MIN = 1024 };

struct batch_pace {
    uint32_t rows; /* of the next batch, at most */
    uint32_t rows_max;
    uint64_t goal_us;    /* that a batch shall take; 0: rows_max, always */
    uint64_t begun_us;   /* when the one began that is being measured */
    uint32_t begun_rows; /* its rows, 0: none is */
};

/* Begins with rows_max. */
void batch_pace_init(struct batch_pace *pace, uint32_t rows_max, uint64_t goal_us);

/* A batch of so many rows began at `now`, and is applied. */
void batch_pace_note(struct batch_pace *pace, struct moment now, uint32_t rows);

/* The next step begins: what was noted is over. Small batches that were quick say nothing. */
void batch_pace_look(struct batch_pace *pace, struct moment now);

#endif
