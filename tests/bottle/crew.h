/* crew.h - four players who build: 200 things over nine chunks, negative ones among them.
 *
 * They stand where four chunks meet, in the middle of a square of 3 x 3 chunks, and reach all of
 * them (the bottle's reach is long). What is refused is tried elsewhere. */
#ifndef TILTH_BOTTLE_CREW_H
#define TILTH_BOTTLE_CREW_H

#include "bottle/player.h"

enum { CREW_SIZE = 4, CREW_THINGS = 200, CREW_REACH_CELLS = 30 };

struct crew {
    struct bottle *bottle;
    struct player *members[CREW_SIZE];
};

/* Settings that a crew needs; call it before bottle_start. */
void crew_prepare(struct bottle *bottle);

/* Four players connect and walk to their posts. False when they do not get there. */
bool crew_assemble(struct crew *crew, struct bottle *bottle);

/* They build for a while: each asks for a few things more, when it has few intents pending. Things
 * are removed too with the chance given. */
void crew_work(struct crew *crew, uint64_t duration_ms, uint32_t remove_ppm);

/* They build until so many things were confirmed, or it takes longer than two minutes. */
bool crew_build(struct crew *crew, uint32_t things);

/* Has each of the nine chunks something that was placed and confirmed? */
bool crew_has_built_widely(const struct crew *crew);

#endif
