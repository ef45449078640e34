/* samples.h - what the benches measure with: two clocks in nanoseconds, samples, percentiles.
 *
 * Memory: reserved at init; samples beyond it are counted and not kept. One thread each. */
#ifndef TILTH_BENCH_SAMPLES_H
#define TILTH_BENCH_SAMPLES_H

#include <stdint.h>

struct samples {
    uint64_t *values;
    uint64_t total;
    uint32_t count, capacity;
};

/* Reserves room for so many; ends the program when there is no memory. */
void samples_init(struct samples *samples, uint32_t capacity);
void samples_finish(struct samples *samples); /* Gives it back; a zeroed one is allowed. */

/* One more. */
void samples_add(struct samples *samples, uint64_t value);

/* So many of 100 are at most this; sorts what there is. 0 when there are none. */
uint64_t samples_percentile(struct samples *samples, uint32_t percent);

/* The mean of all; 0 when there are none. */
double samples_mean(const struct samples *samples);

/* Time that passed, and time that this thread was running, in nanoseconds. */
uint64_t samples_now_ns(void);
uint64_t samples_cpu_ns(void); /* Of this thread. */

#endif
