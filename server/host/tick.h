/* tick.h - one tick of the world.
 *
 * tick_run reads what has arrived, decides, advances, commits, publishes, in that order, in bounded
 * time, without a lock, a system call (but a wake-up) or an allocation. */
#ifndef TILTH_HOST_TICK_H
#define TILTH_HOST_TICK_H

#include "host/host.h"

/* Runs one tick. `inputs` is what the caller read from the other threads' counters
 * (tick_inputs_now), or what a recording holds. */
void tick_run(struct host *host, const struct tick_inputs *inputs);

/* Reads the counters for the next tick. */
struct tick_inputs tick_inputs_now(struct host *host, struct tick_seqs seqs, struct moment now);

#endif
