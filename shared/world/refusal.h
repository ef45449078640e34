/* refusal.h - why an intent did not happen. Made from refusals.def. Constants, any thread. */
#ifndef TILTH_WORLD_REFUSAL_H
#define TILTH_WORLD_REFUSAL_H

#include <stdint.h>

enum refusal {
#define REFUSAL(NAME, words) REFUSAL_##NAME,
#include "world/refusals.def"
#undef REFUSAL
    REFUSAL_COUNT
};

/* The refusal's name in capitals ("OUT_OF_REACH"); "UNKNOWN" for a number that is none. */
const char *refusal_name(uint32_t refusal);

/* The refusal in words for the player; "an unknown reason" for a number that is none. */
const char *refusal_words(uint32_t refusal);

#endif
