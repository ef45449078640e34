#include "base/rng.h"

#include "base/ensure.h"

void rng_init(struct rng *rng, uint64_t seed)
{
    rng->state = seed;
}

uint64_t rng_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

uint64_t rng_next(struct rng *rng)
{
    rng->state += UINT64_C(0x9e3779b97f4a7c15);
    return rng_mix(rng->state);
}

/* The high 64 bits of the product; the low ones go to out_low. */
static uint64_t multiply(uint64_t a, uint64_t b, uint64_t *out_low)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    *out_low = (uint64_t)product;
    return (uint64_t)(product >> 64);
}

uint64_t rng_below(struct rng *rng, uint64_t bound)
{
    ensure(bound > 0);
    uint64_t low = 0;
    uint64_t result = multiply(rng_next(rng), bound, &low);
    if (low < bound) {
        /* The low products below 2^64 mod bound are the surplus that would bias the result. */
        uint64_t surplus = (0 - bound) % bound;
        while (low < surplus)
            result = multiply(rng_next(rng), bound, &low);
    }
    return result;
}

bool rng_chance(struct rng *rng, uint32_t per_million)
{
    return rng_below(rng, 1000000) < per_million;
}
