/* weather.h - what can go wrong around a bottle, at random: the seed's choice.
 *
 * Each storm takes one thing away, or breaks it for a while; weather_clear heals everything. */
#ifndef TILTH_BOTTLE_WEATHER_H
#define TILTH_BOTTLE_WEATHER_H

#include "bottle/bottle.h"

/* Random settings, limits and ways, so that every seed is another kind of server. Before the start.
 */
void weather_climate(struct bottle *bottle);

/* Something happens. False when a server that was stopped does not start again. */
bool weather_storm(struct bottle *bottle);

/* The same, but no server ends by it. */
void weather_hurt(struct bottle *bottle);

/* Everything works again, but a server that is dead stays so. */
void weather_heal(struct bottle *bottle);

/* Everything works again; a server whose store has given up is started anew. False when the server
 * does not start. */
bool weather_clear(struct bottle *bottle);

#endif
