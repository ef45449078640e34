/* rng.h - reproducible numbers: streams for tests and jitter, and rolls for the rules.
 *
 * Streams: SplitMix64 (Steele, Lea, Flood 2014; the constants are the paper's). A roll is a hash of
 * what is rolled for, so no order of calls can change it. Pure functions. */
#ifndef TILTH_BASE_RNG_H
#define TILTH_BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

/* Starts a stream; equal seeds give equal streams. */
void rng_init(struct rng *rng, uint64_t seed);

/* The next 64 bits of the stream. */
uint64_t rng_next(struct rng *rng);

/* A number in [0, bound), without modulo bias (Lemire 2019); bound > 0. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

/* True with probability per_million / 1,000,000. */
bool rng_chance(struct rng *rng, uint32_t per_million);

/* SplitMix64's finalizer: mixes 64 bits; bijective. */
uint64_t rng_mix(uint64_t value);

#endif
