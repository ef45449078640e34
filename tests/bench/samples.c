#include "bench/samples.h"

#include <stdlib.h>
#include <time.h>

#include "base/ensure.h"

void samples_init(struct samples *samples, uint32_t capacity)
{
    *samples = (struct samples){.capacity = capacity};
    samples->values = calloc(capacity, sizeof *samples->values);
    ensure(samples->values != NULL);
}

void samples_finish(struct samples *samples)
{
    free(samples->values);
    *samples = (struct samples){.values = NULL};
}

void samples_add(struct samples *samples, uint64_t value)
{
    if (samples->count == samples->capacity)
        return;
    samples->values[samples->count++] = value;
    samples->total += value;
}

static int order(const void *a_any, const void *b_any)
{
    uint64_t a = *(const uint64_t *)a_any, b = *(const uint64_t *)b_any;
    return (a > b) - (a < b);
}

uint64_t samples_percentile(struct samples *samples, uint32_t percent)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->values, samples->count, sizeof *samples->values, order);
    uint64_t rank = ((uint64_t)samples->count * percent + 99) / 100;
    return samples->values[rank > 0 ? rank - 1 : 0];
}

double samples_mean(const struct samples *samples)
{
    return samples->count == 0 ? 0 : (double)samples->total / samples->count;
}

static uint64_t read_ns(clockid_t clock)
{
    struct timespec now;
    ensure(clock_gettime(clock, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t samples_now_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

uint64_t samples_cpu_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}
