#include "world/refusal.h"

struct refusal_text {
    const char *name;
    const char *words;
};

static const struct refusal_text refusal_texts[REFUSAL_COUNT] = {
#define REFUSAL(NAME, words) {#NAME, words},
#include "world/refusals.def"
#undef REFUSAL
};

const char *refusal_name(uint32_t refusal)
{
    return refusal < REFUSAL_COUNT ? refusal_texts[refusal].name : "UNKNOWN";
}

const char *refusal_words(uint32_t refusal)
{
    return refusal < REFUSAL_COUNT ? refusal_texts[refusal].words : "an unknown reason";
}
