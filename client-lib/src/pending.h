/* pending.h - intents that were asked and have no outcome yet, oldest first.
 *
 * Numbers rise by one, so the queue is a window of at most TILTH_PENDING_MAX numbers, which is what
 * the server's 64 "done" bits cover. It outlives connections: a welcome or a resync settles it.
 * Values, no memory of its own, one owner thread. */
#ifndef TILTH_CLIENT_PENDING_H
#define TILTH_CLIENT_PENDING_H

#include "events.h"
#include "world/intent.h"

struct pending_intent {
    uint32_t number;
    enum intent_kind kind;
    struct cell_pos cell; /* of PLACE and REMOVE */
};

struct pending {
    struct pending_intent intents[TILTH_PENDING_MAX];
    uint32_t first;
    uint32_t count;
    uint32_t next_number; /* what the next intent will be */
};

/* Starts empty; the next number is 1. */
void tilth_pending_init(struct pending *pending);

/* Appends an intent and gives it its number; 0 when TILTH_PENDING_MAX wait. */
uint32_t tilth_pending_add(struct pending *pending, const struct intent *intent);

/* Takes the answer to the oldest intent. An answer to an older one is a repetition and is ignored.
 * False when it answers one that was not asked, or out of order. */
bool tilth_pending_answer(struct pending *pending, uint32_t number, uint32_t refusal,
                          struct events *events);

/* Settles every intent up to last_intent by its bit in `done` (bit n: last_intent - n). */
void tilth_pending_settle(struct pending *pending, uint32_t last_intent, uint64_t done,
                          struct events *events);

/* Tells every intent still pending as lost. */
void tilth_pending_lose(struct pending *pending, struct events *events);

/* Does a pending change lie within two cells of the position? */
bool tilth_pending_is_near(const struct pending *pending, struct world_pos pos);

#endif
