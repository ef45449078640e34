/* flood.h - a client that does not keep to the rules of its own library. */
#ifndef TILTH_BOTTLE_FLOOD_H
#define TILTH_BOTTLE_FLOOD_H

#include <stdint.h>

#include "tilth.h"

/* Sends so many intents (to say something), all of them `number`, whatever waits already; returns
 * how many found room in the outbox. One that was answered already is not answered again. */
uint32_t flood_say(struct tilth_client *client, uint32_t number, uint32_t count);

#endif
