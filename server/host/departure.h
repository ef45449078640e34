/* departure.h - a character leaves memory: what it is goes to the loader's cache.
 *
 * Inside server/host. All of it is in the database; who comes back soon costs no query. Owner: the
 * tick. */
#ifndef TILTH_HOST_DEPARTURE_H
#define TILTH_HOST_DEPARTURE_H

#include "host/host.h"

/* Offers it, unless the loader has much to do: losing it costs only time. */
void departure_offer(struct host *host, const struct character *character);

#endif
