/* folk.h - players who live from their bags, and do by chance all that can be asked.
 *
 * They harvest, place, remove, carry, drop, pick up, give and answer, build and take down, draw,
 * walk about a green, log out and come back. In a world of their own content, where all that takes
 * time takes little: harvests, growth, piles. Judge with bottle_check, and folk_audit behind it.
 * See tests/scenario/folk_test.c. */
#ifndef TILTH_BOTTLE_FOLK_H
#define TILTH_BOTTLE_FOLK_H

#include "bottle/books.h"
#include "bottle/content_folder.h"
#include "bottle/player.h"

struct folk {
    struct bottle *bottle;
    struct content_folder content;
    uint32_t count;
    struct player *members[BOTTLE_PLAYERS_MAX];
    uint32_t deaths; /* of servers */
};

/* Their content and settings, for so many; the bottle has not started. */
void folk_open(struct folk *folk, struct bottle *bottle, uint32_t count);
void folk_close(struct folk *folk); /* Behind bottle_destroy: content and keys are gone. */

enum { FOLK_STEP_MS = 60 };

/* They live for a step, and come before it the first time; while no server runs they wait. */
void folk_step(struct folk *folk);

/* Who sleeps wakes, and nobody walks any more. */
void folk_rest(struct folk *folk);

/* They come, and live for so long; with the chance of the server dying in any second. False when it
 * does not come back. */
bool folk_live(struct folk *folk, uint64_t duration_ms, uint32_t death_ppm);

/* Looks at a calm bottle: books_audit, history_audit, and is each harvest that was told as done one
 * point of experience? False says what is wrong, in bottle->words. */
bool folk_audit(struct folk *folk, struct books_facts *out_facts);

#endif
