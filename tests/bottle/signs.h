/* signs.h - many things to look at: signs, on the free cells around a player. */
#ifndef TILTH_BOTTLE_SIGNS_H
#define TILTH_BOTTLE_SIGNS_H

#include "bottle/player.h"

/* Has the player place so many signs within its reach (settings.reach_px), the nearest first; their
 * cells are in cells[count] then. Ends the test when there is no room or one is refused. */
void signs_place(struct player *player, struct cell_pos cells[], uint32_t count);

/* Has the player draw the things as in images[count], one each. */
void signs_draw(struct player *player, const struct cell_pos cells[],
                const struct tilth_image images[], uint32_t count);

#endif
