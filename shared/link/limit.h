/* limit.h - token buckets, and a small table of them by address.
 *
 * A bucket is one number: the time at which it will be full again (the virtual scheduling form of
 * the generic cell rate algorithm, ITU-T I.371 annex A), so a zeroed bucket is a full one. A rate
 * of count 0 limits nothing. Time is a parameter in microseconds. One owner thread, no allocation.
 */
#ifndef TILTH_LINK_LIMIT_H
#define TILTH_LINK_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"

enum { LIMIT_TABLE_SETS = 256, LIMIT_TABLE_WAYS = 4 };

struct limit_rate {
    uint32_t count;     /* tokens that come back ... */
    uint32_t period_ms; /* ... in this time */
    uint32_t burst;     /* tokens of a full bucket */
};

struct limit_bucket {
    uint64_t full_at_ns;
};

/* Takes `cost` tokens; false, and nothing taken, when the bucket holds less. */
bool limit_take(struct limit_bucket *bucket, const struct limit_rate *rate, uint32_t cost,
                uint64_t now_us);

/* What somebody has asked for beyond a limit. Zeroed: nothing. */
struct limit_excess {
    uint64_t since_us, last_us;
    uint32_t count;
};

enum {
    LIMIT_CALM_US = 1000 * 1000,  /* without excess: what was before is forgotten */
    LIMIT_FLOOD_US = 1000 * 1000, /* the shortest flood: who floods can hear that he is too fast */
};

/* Counts one thing more beyond the limit. True when that makes it a flood: `count_max` of them, for
 * LIMIT_FLOOD_US or longer, and never calm in between. */
bool limit_is_flood(struct limit_excess *excess, uint32_t count_max, uint64_t now_us);

/* One bucket for each of the latest addresses. When a set is full, the fullest bucket makes room,
 * so that only who has hardly spent anything is forgotten. Ask it about proven addresses only:
 * forged ones would push the others out. */
struct limit_table {
    uint8_t key[CRYPTO_SIPHASH_KEY_BYTES]; /* secret, so that nobody chooses who shares a set */
    struct {
        uint32_t address;
        struct limit_bucket bucket;
    } entries[LIMIT_TABLE_SETS][LIMIT_TABLE_WAYS];
};

/* Empties the table and draws its key. */
void limit_table_init(struct limit_table *table);

/* Takes one token from the address's bucket. */
bool limit_table_take(struct limit_table *table, uint32_t address, const struct limit_rate *rate,
                      uint64_t now_us);

#endif
