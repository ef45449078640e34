/* tick_times.h - how long ticks took: how many of each length, in steps of a sixteenth or less.
 *
 * The tick thread adds; any thread reads the counts, which only rise, so what happened between two
 * readings is their difference. For operators only: nothing in the world depends on it, it is not
 * recorded, and it stays empty in a replay. No lock, no memory of its own. Shown by the console's
 * `status`. */
#ifndef TILTH_HOST_TICK_TIMES_H
#define TILTH_HOST_TICK_TIMES_H

#include <stdatomic.h>
#include <stdint.h>

enum {
    TICK_TIMES_STEPS = 16, /* from one power of two to the next */
    TICK_TIMES_POWERS = 20,
    TICK_TIMES_BUCKETS = TICK_TIMES_STEPS * (TICK_TIMES_POWERS + 1),
};

/* Zeroed is empty. */
struct tick_times {
    _Atomic uint64_t counts[TICK_TIMES_BUCKETS]; /* the last one has all that were longer too */
    _Atomic uint64_t longest_us;
};

/* Tick thread: one more tick. */
void tick_times_add(struct tick_times *times, uint64_t us);

/* The longest time that is counted in a bucket, in microseconds; exact below TICK_TIMES_STEPS. */
uint64_t tick_times_bucket_us(uint32_t bucket);

/* How many ticks of a bucket there were since the start. */
uint64_t tick_times_count(const struct tick_times *times, uint32_t bucket);

/* So many of 100 ticks took at most so long: 1 to 100; rounded up to the bucket's longest time, and
 * never beyond the longest tick. 0 when there were none. */
uint64_t tick_times_percentile_us(const struct tick_times *times, uint32_t percent);

#endif
