/* target.h - what stands in a cell, as the verbs see it.
 *
 * That is the newest thing that somebody placed, else the structure, else what is generated there.
 * Inside server/sim and for the console's commands. Owner: the tick. */
#ifndef TILTH_SIM_TARGET_H
#define TILTH_SIM_TARGET_H

#include "sim/sim.h"

struct target {
    struct cell_pos cell; /* a structure's primary one */
    uint16_t type;        /* 0: nothing is there */
    bool is_structure;
    uint64_t thing; /* id of the entity or the structure, 0: generated */
    struct character_id placer;
    uint32_t image;
};

/* What is in the cell, whose chunk is resident. */
struct target target_find(const struct world *world, struct cell_pos cell);

/* The structure in the cell, whose chunk is resident; type 0 when there is none. */
struct target target_find_structure(const struct world *world, struct cell_pos cell);

/* May all chunks be changed that the target lies in? CHUNK_LOADING, CHUNK_READ_ONLY, or NONE. */
enum refusal target_check_chunks(const struct world *world, const struct target *target);

/* Takes it out of the world. Makes: ENTITY, STRUCTURE or CELL, and IMAGE_EDIT. */
void target_take(struct sim *sim, const struct target *target);

/* Who changes a look. */
struct editor {
    enum editor_kind kind;
    uint64_t id; /* a player's character */
};

/* Gives it an image configuration, 0 its type's; what was generated becomes an entity. Makes: CELL,
 * ENTITY or STRUCTURE, IMAGE_EDIT. */
void target_set_image(struct sim *sim, const struct target *target, uint32_t image,
                      struct editor by);

#endif
