#include "offers.h"

#include <stdio.h>
#include <string.h>

static void tell_over(struct events *events, const struct offer *offer)
{
    struct tilth_event event = {.kind = TILTH_EVENT_OFFERED};
    (void)snprintf(event.name, sizeof event.name, "%s", offer->name);
    tilth_events_push(events, &event);
}

static void remove_at(struct offers *offers, uint32_t at)
{
    offers->count--;
    memmove(&offers->offers[at], &offers->offers[at + 1],
            (offers->count - at) * sizeof offers->offers[0]);
}

static void add(struct offers *offers, const struct offer *offer, struct events *events)
{
    if (offers->count == TILTH_OFFERS_MAX) {
        tell_over(events, &offers->offers[0]);
        remove_at(offers, 0);
    }
    offers->offers[offers->count++] = *offer;
}

void tilth_offers_take(struct offers *offers, const struct catalog *catalog,
                       const struct change_offer *change, struct events *events)
{
    struct offer offer = {.stack = change->stack};
    struct tilth_event event = {.kind = TILTH_EVENT_OFFERED, .x = (int32_t)change->stack.quantity};
    const struct entity_def *def = catalog_find_type(catalog, change->stack.type);
    tilth_events_text(change->name, offer.name, sizeof offer.name);
    for (uint32_t i = 0; i < offers->count; i++) {
        if (strcmp(offers->offers[i].name, offer.name) == 0)
            remove_at(offers, i);
    }
    if (def != NULL && offer.stack.quantity > 0)
        add(offers, &offer, events);
    (void)snprintf(event.name, sizeof event.name, "%s", offer.name);
    (void)snprintf(event.text, sizeof event.text, "%s", def != NULL ? def->name : "");
    tilth_events_push(events, &event);
}

void tilth_offers_clear(struct offers *offers, struct events *events)
{
    for (uint32_t i = 0; i < offers->count; i++)
        tell_over(events, &offers->offers[i]);
    offers->count = 0;
}
