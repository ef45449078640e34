/* dice.h - a client whose chance comes from the seed too, so that a seed is one world only. */
#ifndef TILTH_BOTTLE_DICE_H
#define TILTH_BOTTLE_DICE_H

#include <stdint.h>

#include "tilth.h"

/* From now on the client's pauses before it dials again follow from the seed. */
void dice_load(struct tilth_client *client, uint64_t seed);

#endif
