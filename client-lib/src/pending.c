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
        (struct pending_intent){pending->next_number, intent->kind, cell_of(intent)};
    pending->count++;
    return pending->next_number++;
}

static void drop_first(struct pending *pending)
{
    pending->first = (pending->first + 1) % TILTH_PENDING_MAX;
    pending->count--;
}

static void tell(struct events *events, enum tilth_event_kind kind, uint32_t number)
{
    struct tilth_event event = {.kind = kind, .number = number};
    tilth_events_push(events, &event);
}

static void tell_refused(struct events *events, uint32_t number, uint32_t refusal)
{
    struct tilth_event event = {.kind = TILTH_EVENT_REFUSED, .number = number};
    (void)snprintf(event.name, sizeof event.name, "%s", refusal_name(refusal));
    (void)snprintf(event.text, sizeof event.text, "%s", refusal_words(refusal));
    tilth_events_push(events, &event);
}

bool tilth_pending_answer(struct pending *pending, uint32_t number, uint32_t refusal,
                          struct events *events)
{
    uint32_t expected =
        pending->count > 0 ? pending->intents[pending->first].number : pending->next_number;
    if (number < expected)
        return true;
    if (pending->count == 0 || number > expected)
        return false;
    if (refusal == REFUSAL_NONE)
        tell(events, TILTH_EVENT_DONE, number);
    else
        tell_refused(events, number, refusal);
    drop_first(pending);
    return true;
}

void tilth_pending_settle(struct pending *pending, uint32_t last_intent, uint64_t done,
                          struct events *events)
{
    while (pending->count > 0 && pending->intents[pending->first].number <= last_intent) {
        uint32_t number = pending->intents[pending->first].number;
        uint32_t age = last_intent - number;
        bool is_done = age < DONE_BITS && (done >> age & 1) != 0;
        tell(events, is_done ? TILTH_EVENT_DONE : TILTH_EVENT_LOST, number);
        drop_first(pending);
    }
}

void tilth_pending_lose(struct pending *pending, struct events *events)
{
    while (pending->count > 0) {
        tell(events, TILTH_EVENT_LOST, pending->intents[pending->first].number);
        drop_first(pending);
    }
}

bool tilth_pending_is_near(const struct pending *pending, struct world_pos pos)
{
    struct cell_pos here = grid_cell_of(pos);
    for (uint32_t i = 0; i < pending->count; i++) {
        const struct pending_intent *intent =
            &pending->intents[(pending->first + i) % TILTH_PENDING_MAX];
        bool is_change = intent->kind == INTENT_PLACE || intent->kind == INTENT_REMOVE;
        if (is_change && llabs((int64_t)intent->cell.x - here.x) <= NEAR_CELLS &&
            llabs((int64_t)intent->cell.y - here.y) <= NEAR_CELLS)
            return true;
    }
    return false;
}
