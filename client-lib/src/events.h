/* events.h - what the caller is told, in order, until it fetches it.
 *
 * A bounded queue. Ordinary events that find it full are dropped and counted. Outcomes always find
 * room: an intent is only asked while outcomes waiting here and intents pending are fewer than
 * TILTH_PENDING_MAX together, and an upload only begins while fewer than EVENTS_UPLOADS_MAX of
 * theirs wait. One owner thread; memory reserved at init. */
#ifndef TILTH_CLIENT_EVENTS_H
#define TILTH_CLIENT_EVENTS_H

#include "base/error.h"
#include "grid/grid.h"
#include "tilth.h"
#include "world/schema.h"

enum {
    EVENTS_ORDINARY_MAX = 1024,
    EVENTS_CONNECTION_MAX = 32, /* further ones, for connections come and gone */
    EVENTS_UPLOADS_MAX = 4,     /* outcomes of uploads */
    EVENTS_MAX =
        EVENTS_ORDINARY_MAX + EVENTS_CONNECTION_MAX + TILTH_PENDING_MAX + EVENTS_UPLOADS_MAX,
};

struct events {
    struct tilth_event *slots; /* [EVENTS_MAX] */
    uint32_t first;
    uint32_t count;
    uint32_t outcomes; /* DONE, REFUSED and LOST among them */
    uint32_t uploads;  /* UPLOADED and UPLOAD_FAILED among them */
    uint32_t dropped;
};

/* Reserves the queue. */
void tilth_events_init(struct events *events);
void tilth_events_finish(struct events *events); /* Gives the memory back. */

/* Appends; see above what happens when it is full. */
void tilth_events_push(struct events *events, const struct tilth_event *event);

/* Takes the oldest; false when there is none. */
bool tilth_events_pop(struct events *events, struct tilth_event *out_event);

/* Copies at most `capacity` - 1 bytes and ends them with 0: names and words from the wire. */
void tilth_events_text(struct span from, char *out_text, size_t capacity);

#endif
