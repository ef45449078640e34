/* roll.h - dice that fall alike for the same world, tick and roller, and that nobody can compute
 * who does not know the world's rule seed.
 *
 * A roll is SipHash-2-4 of (tick, roller, purpose, n) under a key made of the rule seed, which
 * stays on the server. Pure functions on values, any thread. */
#ifndef TILTH_SIM_ROLL_H
#define TILTH_SIM_ROLL_H

#include "sim/sim.h"

/* What is rolled for: so that no two rolls of a tick are the same one. Append only. */
enum roll_purpose { ROLL_YIELD = 1, ROLL_BONUS };

struct roll {
    uint64_t roller; /* id of a character or entity */
    enum roll_purpose purpose;
    uint32_t n; /* which one of the purpose */
};

/* Makes the key of all rolls. */
void roll_init(struct sim *sim, uint64_t rule_seed);

/* Does it fall within the chance, which is in millionths? 0 never, CATALOG_PPM always. */
bool roll_hits(const struct sim *sim, struct roll roll, uint32_t chance_ppm);

#endif
