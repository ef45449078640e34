#include "host/tick_times.h"

#include "base/ensure.h"

/* Below TICK_TIMES_STEPS each time has a bucket; above, each power of two has TICK_TIMES_STEPS. */
static uint32_t bucket_of(uint64_t us)
{
    uint32_t power = 0;
    while (us >> power >= 2 * TICK_TIMES_STEPS)
        power++;
    uint64_t bucket = power * TICK_TIMES_STEPS + (us >> power);
    return bucket < TICK_TIMES_BUCKETS ? (uint32_t)bucket : TICK_TIMES_BUCKETS - 1;
}

uint64_t tick_times_bucket_us(uint32_t bucket)
{
    ensure(bucket < TICK_TIMES_BUCKETS);
    if (bucket < TICK_TIMES_STEPS)
        return bucket;
    uint32_t power = bucket / TICK_TIMES_STEPS - 1;
    uint64_t step = bucket % TICK_TIMES_STEPS + TICK_TIMES_STEPS;
    return ((step + 1) << power) - 1;
}

void tick_times_add(struct tick_times *times, uint64_t us)
{
    (void)atomic_fetch_add_explicit(&times->counts[bucket_of(us)], 1, memory_order_relaxed);
    if (us > atomic_load_explicit(&times->longest_us, memory_order_relaxed))
        atomic_store_explicit(&times->longest_us, us, memory_order_relaxed);
}

uint64_t tick_times_count(const struct tick_times *times, uint32_t bucket)
{
    ensure(bucket < TICK_TIMES_BUCKETS);
    return atomic_load_explicit(&times->counts[bucket], memory_order_relaxed);
}

uint64_t tick_times_percentile_us(const struct tick_times *times, uint32_t percent)
{
    uint64_t longest_us = atomic_load_explicit(&times->longest_us, memory_order_relaxed);
    uint64_t total = 0;
    for (uint32_t i = 0; i < TICK_TIMES_BUCKETS; i++)
        total += tick_times_count(times, i);
    uint64_t wanted = (total * percent + 99) / 100;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < TICK_TIMES_BUCKETS && total > 0; i++) {
        seen += tick_times_count(times, i);
        if (seen >= wanted && i < TICK_TIMES_BUCKETS - 1 && tick_times_bucket_us(i) < longest_us)
            return tick_times_bucket_us(i);
        if (seen >= wanted)
            return longest_us;
    }
    return 0;
}
