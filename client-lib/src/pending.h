/* pending.h - intents that were asked and have no outcome yet, oldest first.
 *
 * Numbers rise by one, so the queue is a window of at most TILTH_PENDING_MAX numbers, which is what
 * the server's 64 "done" bits cover; those that are over stay in it behind one that takes its time.
 * It outlives connections: a welcome or a resync settles it.
 * Values, no memory of its own, one owner thread. */
#ifndef TILTH_CLIENT_PENDING_H
#define TILTH_CLIENT_PENDING_H

#include "events.h"
#include "world/intent.h"

struct pending_intent {
    uint32_t number;
    uint32_t around; /* it changes where one can walk, so many cells around `cell`; 0: nowhere */
    struct cell_pos cell;
    bool is_over; /* its outcome was told */
};

struct pending {
    struct pending_intent intents[TILTH_PENDING_MAX];
    uint32_t first;
    uint32_t count;
    uint32_t open_count;  /* of them, those that are not over */
    uint32_t next_number; /* what the next intent will be */
};

/* Starts empty; the next number is 1. */
void tilth_pending_init(struct pending *pending);

/* Appends an intent and gives it its number; 0 when TILTH_PENDING_MAX wait. */
uint32_t tilth_pending_add(struct pending *pending, const struct intent *intent);

/* What the server says of an intent. */
struct pending_answer {
    uint32_t number, refusal;
    const char *missing; /* with TOOL_MISSING and ITEMS_MISSING: a type's name, or NULL */
};

/* Takes an answer. One to an intent that is over is a repetition and is ignored. False when it
 * answers one that was not asked. */
bool tilth_pending_answer(struct pending *pending, const struct pending_answer *answer,
                          struct events *events);

/* What became of the intents up to last_intent: bit n of `done` is set when last_intent - n ended
 * in a change. `under_way` (0 none) is not over. */
struct pending_summary {
    uint32_t last_intent;
    uint64_t done;
    uint32_t under_way;
};

/* Tells by it what is not told yet. */
void tilth_pending_settle(struct pending *pending, const struct pending_summary *summary,
                          struct events *events);

/* Tells every intent still pending as lost. */
void tilth_pending_lose(struct pending *pending, struct events *events);

/* Does a pending change lie so near to the position that it may change where one can walk? */
bool tilth_pending_is_near(const struct pending *pending, struct world_pos pos);

#endif
