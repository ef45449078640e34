/* clock.h - the two times there are, read at the edges and passed down as a value.
 *
 * Only role loops and the edges of the process read the clock; everything below gets a struct
 * moment, so tests and replay supply their own. */
#ifndef TILTH_BASE_CLOCK_H
#define TILTH_BASE_CLOCK_H

#include <stdint.h>

struct moment {
    uint64_t mono_us; /* CLOCK_MONOTONIC in microseconds: for intervals */
    int64_t wall_us;  /* microseconds since 1970-01-01 UTC: for people, never for rules */
};

/* Both clocks, now. */
struct moment clock_now(void);

/* Sleeps until the monotonic time, in microseconds; returns at once when it has passed. */
void clock_sleep_until(uint64_t mono_us);

/* Writes the wall time as 2026-11-23T08:00:00.123456Z. */
void clock_format(int64_t wall_us, char out_text[28]);

#endif
