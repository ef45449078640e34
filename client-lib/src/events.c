#include "events.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

void tilth_events_init(struct events *events)
{
    *events = (struct events){.slots = NULL};
    events->slots = memory_reserve("client events", EVENTS_MAX, sizeof *events->slots);
}

void tilth_events_finish(struct events *events)
{
    memory_release(events->slots);
    *events = (struct events){.slots = NULL};
}

static bool is_outcome(enum tilth_event_kind kind)
{
    return kind == TILTH_EVENT_DONE || kind == TILTH_EVENT_REFUSED || kind == TILTH_EVENT_LOST;
}

static bool is_of_upload(enum tilth_event_kind kind)
{
    return kind == TILTH_EVENT_UPLOADED || kind == TILTH_EVENT_UPLOAD_FAILED;
}

static uint32_t room_for(enum tilth_event_kind kind)
{
    if (is_outcome(kind) || is_of_upload(kind))
        return EVENTS_MAX;
    if (kind == TILTH_EVENT_CONNECTED || kind == TILTH_EVENT_DISCONNECTED ||
        kind == TILTH_EVENT_RESTORED)
        return EVENTS_ORDINARY_MAX + EVENTS_CONNECTION_MAX;
    return EVENTS_ORDINARY_MAX;
}

void tilth_events_push(struct events *events, const struct tilth_event *event)
{
    if (events->count >= room_for(event->kind)) {
        ensure(room_for(event->kind) < EVENTS_MAX); /* asking reserved an outcome's room */
        events->dropped++;
        return;
    }
    events->slots[(events->first + events->count) % EVENTS_MAX] = *event;
    events->count++;
    events->outcomes += is_outcome(event->kind);
    events->uploads += is_of_upload(event->kind);
}

bool tilth_events_pop(struct events *events, struct tilth_event *out_event)
{
    if (events->count == 0)
        return false;
    *out_event = events->slots[events->first];
    events->first = (events->first + 1) % EVENTS_MAX;
    events->count--;
    events->outcomes -= is_outcome(out_event->kind);
    events->uploads -= is_of_upload(out_event->kind);
    return true;
}

void tilth_events_text(struct span from, char *out_text, size_t capacity)
{
    size_t size = from.size_bytes < capacity ? from.size_bytes : capacity - 1;
    if (size > 0)
        memcpy(out_text, from.bytes, size);
    out_text[size] = 0;
}
