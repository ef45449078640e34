/* pace.h - when the next input is due: the server's tick rate, a little faster or slower.
 *
 * The server holds inputs that wait to be applied; each snapshot tells how many (the slack). Too
 * few and a late datagram leaves the server without an input; too many and everything lags. The
 * pace keeps about PACE_SLACK waiting by ticking up to 5 % faster or slower, and skips ahead at
 * once when the server starved. Values; time is a parameter. */
#ifndef TILTH_CLIENT_PACE_H
#define TILTH_CLIENT_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PACE_SLACK = 2,           /* inputs that should wait at the server */
    PACE_CATCH_UP_MAX = 5,    /* ticks made up for after a pause of the caller */
    PACE_SLEW_PER_MILLE = 50, /* faster or slower at most */
};

struct pace {
    uint32_t tick_us;       /* the server's */
    int32_t slew_per_mille; /* + faster */
    int32_t slack_16;       /* smoothed, in sixteenths */
    uint64_t next_us;       /* when the next input is due */
    uint32_t ahead;         /* inputs to make at once, beside the ones that are due */
    uint32_t patience; /* starving is told anew only by snapshots of this input or a later one */
};

/* Starts now, with PACE_SLACK inputs ahead. */
void tilth_pace_start(struct pace *pace, uint32_t tick_hz, uint64_t now_us);

/* How many inputs to make now, at most PACE_CATCH_UP_MAX + PACE_SLACK. */
uint32_t tilth_pace_due(struct pace *pace, uint64_t now_us);

/* Takes a snapshot's slack after `input`; `newest` is the newest input made. */
void tilth_pace_report(struct pace *pace, int32_t slack, uint32_t input, uint32_t newest);

#endif
