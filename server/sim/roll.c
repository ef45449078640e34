#include "sim/roll.h"

#include <string.h>

enum { SPARE_BITS = 20 };

void roll_init(struct sim *sim, uint64_t rule_seed)
{
    static const char context[] = "tilth rolls";
    uint8_t bytes[sizeof rule_seed + sizeof context], digest[CRYPTO_DIGEST_BYTES];
    for (size_t i = 0; i < sizeof rule_seed; i++)
        bytes[i] = (uint8_t)(rule_seed >> 8 * i);
    memcpy(bytes + sizeof rule_seed, context, sizeof context);
    crypto_digest(bytes, sizeof bytes, digest);
    memcpy(sim->roll_key, digest, sizeof sim->roll_key);
}

static void put(uint8_t *bytes, uint64_t value)
{
    for (size_t i = 0; i < sizeof value; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

bool roll_hits(const struct sim *sim, struct roll roll, uint32_t chance_ppm)
{
    uint8_t bytes[24];
    put(bytes, sim->tick);
    put(bytes + 8, roll.roller);
    put(bytes + 16, (uint64_t)roll.purpose << 32 | roll.n);
    uint64_t value = crypto_siphash(sim->roll_key, bytes, sizeof bytes);
    /* 44 bits times 20 fit 64; even but for 2^-24 */
    return (value >> SPARE_BITS) * CATALOG_PPM >> (64 - SPARE_BITS) < chance_ppm;
}
