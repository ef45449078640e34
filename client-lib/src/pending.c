#include "pending.h"

#include <stdio.h>
#include <stdlib.h>

enum { NEAR_CELLS = 2, DONE_BITS = 64 };

void tilth_pending_init(struct pending *pending)
{
    *pending = (struct pending){.next_number = 1};
}

static struct cell_pos cell_of(const struct intent *intent)
{
    switch (intent->kind) {
    case INTENT_PLACE:
        return intent->place.cell;
    case INTENT_REMOVE:
        return intent->remove.cell;
    case INTENT_HARVEST:
        return intent->harvest.cell;
    case INTENT_NONE:
    case INTENT_MOVE:
    case INTENT_SAY:
    case INTENT_MOVE_STACK:
    case INTENT_KIND_COUNT:
        break;
    }
    return (struct cell_pos){0, 0};
}

uint32_t tilth_pending_add(struct pending *pending, const struct intent *intent)
{
    if (pending->count == TILTH_PENDING_MAX || pending->next_number == 0)
        return 0;
    uint32_t slot = (pending->first + pending->count) % TILTH_PENDING_MAX;
    pending->intents[slot] =
        (struct pending_intent){pending->next_number, intent->kind, cell_of(intent), false};
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
        bool is_change = intent->kind == INTENT_PLACE || intent->kind == INTENT_REMOVE ||
                         intent->kind == INTENT_HARVEST;
        if (is_change && !intent->is_over &&
            llabs((int64_t)intent->cell.x - here.x) <= NEAR_CELLS &&
            llabs((int64_t)intent->cell.y - here.y) <= NEAR_CELLS)
            return true;
    }
    return false;
}
