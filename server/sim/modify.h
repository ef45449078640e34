/* modify.h - the rules of MODIFY and RESET: how one thing is drawn.
 *
 * Things that are drawn alike share one image configuration. Who may change what is a setting
 * (image_editors); builders always may. */
#ifndef TILTH_SIM_MODIFY_H
#define TILTH_SIM_MODIFY_H

#include "sim/target.h"

/* Refuses: reach_check, CELL_EMPTY, NOT_YOURS, chunks that are not loaded, and as
 * modify_set. Makes: IMAGE_CONFIG where nothing was drawn so, CELL and ENTITY, or STRUCTURE, and
 * IMAGE_EDIT. */
enum refusal modify_decide(struct sim *sim, uint32_t actor, const struct intent *intent);

/* Refuses as modify_decide, and NOT_CHANGED. Makes: ENTITY or STRUCTURE, and IMAGE_EDIT. */
enum refusal modify_reset(struct sim *sim, uint32_t actor, const struct intent *intent);

/* Draws the target so. Refuses: IMAGE_TOO_LARGE, IMAGE_UNKNOWN, IMAGE_BANNED, NOT_CHANGED,
 * WORLD_FULL. */
enum refusal modify_set(struct sim *sim, const struct target *target,
                        const struct change_image_config *look, struct editor by);

#endif
