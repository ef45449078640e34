/* room.h - is there room for a thing: in a cell, in a chunk, in memory?
 *
 * The checks that place, build, drop and growth share. Inside server/sim and for the console's
 * commands. Cells are of resident chunks. Owner: the tick. */
#ifndef TILTH_SIM_ROOM_H
#define TILTH_SIM_ROOM_H

#include "sim/sim.h"

/* Does nothing stand in the cell that the type does not share it with (catalog_may_share)? A
 * generated thing shares with none: its cell would have to be kept, and it would be gone. */
bool room_is_free(const struct world *world, struct cell_pos cell, uint32_t type);

/* The same, but for the entity `except`, which will be gone. */
bool room_is_free_but(const struct world *world, struct cell_pos cell, uint32_t type,
                      struct entity_id except);

/* Does an actor touch the cell? */
bool room_has_actor(const struct world *world, struct cell_pos cell);

/* Is there room for one more entity in the cell's chunk, and in memory? */
bool room_for_entity(const struct world *world, struct cell_pos cell);

/* The same for a pile. */
bool room_for_pile(const struct world *world, struct cell_pos cell);

/* May a structure stand in its cells: all on loaded, buildable ground, nothing there that it does
 * not share with (but the entity `except`, 0 none), no actor where it is solid? OUT_OF_WORLD,
 * CHUNK_LOADING, CHUNK_READ_ONLY, NOT_BUILDABLE, CELL_OCCUPIED, ACTOR_IN_THE_WAY, WORLD_FULL, or
 * NONE. */
enum refusal room_for_structure(const struct world *world, const struct change *structure,
                                struct entity_id except);

/* The STRUCTURE change of a new one of the type with its primary cell there; id and placer 0. */
struct change room_structure(const struct catalog *catalog, uint32_t type, struct cell_pos cell);

#endif
