#include "pending.h"

#include <stdio.h>
#include <stdlib.h>

enum { NEAR_CELLS = 2, DONE_BITS = 64 };

void tilth_pending_init(struct pending *pending)
{
    *pending = (struct pending){.next_number = 1};
}

/* Within how many cells of *out_cell does the intent change where one can walk? 0: it does not. */
static uint32_t ground_around(const struct intent *intent, struct cell_pos *out_cell)
{
    switch (intent->kind) {
    case INTENT_PLACE:
        *out_cell = intent->place.cell;
        return NEAR_CELLS;
    case INTENT_REMOVE:
        *out_cell = intent->remove.cell;
        return NEAR_CELLS;
    case INTENT_HARVEST:
        *out_cell = intent->harvest.cell;
        return NEAR_CELLS;
    case INTENT_BUILD:
        *out_cell = intent->build.cell;
        return NEAR_CELLS + CATALOG_FOOTPRINT_MAX;
    case INTENT_UNBUILD:
        *out_cell = intent->unbuild.cell;
        return NEAR_CELLS + CATALOG_FOOTPRINT_MAX;
    case INTENT_NONE:
    case INTENT_MOVE:
    case INTENT_SAY:
    case INTENT_MOVE_STACK:
    case INTENT_DROP:
    case INTENT_PICK_UP:
    case INTENT_GIVE:
    case INTENT_ANSWER:
    case INTENT_MODIFY:
    case INTENT_RESET:
    case INTENT_KIND_COUNT:
        break;
    }
    return 0;
}

uint32_t tilth_pending_add(struct pending *pending, const struct intent *intent)
{
    if (pending->count == TILTH_PENDING_MAX || pending->next_number == 0)
        return 0;
    uint32_t slot = (pending->first + pending->count) % TILTH_PENDING_MAX;
    struct pending_intent *added = &pending->intents[slot];
    *added = (struct pending_intent){.number = pending->next_number};
    added->around = ground_around(intent, &added->cell);
    pending->count++;
    pending->open_count++;
    return pending->next_number++;
}

/* Intent number `i` from the oldest. */
static struct pending_intent *intent_at(struct pending *pending, uint32_t i)
{
    return &pending->intents[(pending->first + i) % TILTH_PENDING_MAX];
}

/* Tells an outcome; what is over leaves the window from its oldest end. */
static void end(struct pending *pending, uint32_t i, const struct tilth_event *event,
                struct events *events)
{
    struct pending_intent *intent = intent_at(pending, i);
    struct tilth_event told = *event;
    told.number = intent->number;
    intent->is_over = true;
    pending->open_count--;
    tilth_events_push(events, &told);
    while (pending->count > 0 && pending->intents[pending->first].is_over) {
        pending->first = (pending->first + 1) % TILTH_PENDING_MAX;
        pending->count--;
    }
}

static struct tilth_event event_of(const struct pending_answer *answer)
{
    struct tilth_event event = {.kind = TILTH_EVENT_DONE};
    if (answer->refusal == REFUSAL_NONE)
        return event;
    event.kind = TILTH_EVENT_REFUSED;
    (void)snprintf(event.name, sizeof event.name, "%s", refusal_name(answer->refusal));
    (void)snprintf(event.text, sizeof event.text, "%s%s%s", refusal_words(answer->refusal),
                   answer->missing != NULL ? ": " : "",
                   answer->missing != NULL ? answer->missing : "");
    return event;
}

bool tilth_pending_answer(struct pending *pending, const struct pending_answer *answer,
                          struct events *events)
{
    uint32_t oldest = pending->next_number - pending->count; /* numbers follow each other */
    uint32_t i = answer->number - oldest;
    if (i >= pending->count)
        return answer->number < oldest;
    struct tilth_event event = event_of(answer);
    if (!intent_at(pending, i)->is_over)
        end(pending, i, &event, events);
    return true;
}

void tilth_pending_settle(struct pending *pending, const struct pending_summary *summary,
                          struct events *events)
{
    uint32_t oldest = pending->next_number - pending->count;
    for (uint32_t number = oldest; number != pending->next_number; number++) {
        if (number > summary->last_intent || number == summary->under_way)
            continue;
        /* what is over leaves the window: its oldest has another number then */
        uint32_t i = number - (pending->next_number - pending->count);
        uint32_t age = summary->last_intent - number;
        bool is_done = age < DONE_BITS && (summary->done >> age & 1) != 0;
        struct tilth_event event = {.kind = is_done ? TILTH_EVENT_DONE : TILTH_EVENT_LOST};
        if (!intent_at(pending, i)->is_over)
            end(pending, i, &event, events);
    }
}

void tilth_pending_lose(struct pending *pending, struct events *events)
{
    struct tilth_event lost = {.kind = TILTH_EVENT_LOST};
    while (pending->count > 0)
        end(pending, 0, &lost, events); /* the oldest is not over */
}

bool tilth_pending_is_near(const struct pending *pending, struct world_pos pos)
{
    struct cell_pos here = grid_cell_of(pos);
    for (uint32_t i = 0; i < pending->count; i++) {
        const struct pending_intent *intent =
            &pending->intents[(pending->first + i) % TILTH_PENDING_MAX];
        if (intent->around > 0 && !intent->is_over &&
            llabs((int64_t)intent->cell.x - here.x) <= intent->around &&
            llabs((int64_t)intent->cell.y - here.y) <= intent->around)
            return true;
    }
    return false;
}
