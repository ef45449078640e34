/* offers.h - what other players offer to this one, until they do not any more.
 *
 * With the connection, and where all is shown anew, all are over here; the whole OWN that follows
 * tells of those that are open. A value, one owner thread. */
#ifndef TILTH_CLIENT_OFFERS_H
#define TILTH_CLIENT_OFFERS_H

#include "catalog/catalog.h"
#include "events.h"
#include "world/change.h"

struct offer {
    char name[WORLD_NAME_BYTES + 1];
    struct stack stack;
};

struct offers {
    struct offer offers[TILTH_OFFERS_MAX]; /* the oldest first */
    uint32_t count;
};

/* Takes a change that says what somebody offers, and tells of it. Of too many the oldest goes. */
void tilth_offers_take(struct offers *offers, const struct catalog *catalog,
                       const struct change_offer *change, struct events *events);

/* All are over; tells of each. */
void tilth_offers_clear(struct offers *offers, struct events *events);

#endif
