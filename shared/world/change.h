/* change.h - a change: what happened to one key of the world. Made from changes.def.
 *
 * Rules make changes, world_apply applies them, and wire, journal, database, replay and the
 * client's mirror read them. Values; spans in them live as long as where they came from. Any
 * thread. */
#ifndef TILTH_WORLD_CHANGE_H
#define TILTH_WORLD_CHANGE_H

#include "base/crypto.h"
#include "catalog/catalog.h"
#include "world/stack.h"

enum {
    WORLD_NAME_BYTES = 24,       /* a player's name, without an ending 0 */
    WORLD_SAY_BYTES = 256,       /* one chat line, UTF-8 */
    WORLD_SLOTS_MAX = 256,       /* of a character's bag */
    WORLD_IMAGE_BYTES = 1 << 16, /* of a picture, as PNG */
    WORLD_IMAGE_SIDE_PX = 4096,  /* its width and height */
    CHANGE_CHUNKS_MAX = 4,       /* that one change touches */
};

/* Who gave something its look. */
enum editor_kind { EDITOR_SYSTEM, EDITOR_PLAYER, EDITOR_OPERATOR, EDITOR_COUNT };

/* What an account may do beyond what all may. */
enum account_role { ROLE_BUILDER = 1 /* places and removes without a bag */ };

/* The eight ways to move, clockwise from north, and standing still. */
enum direction {
    DIRECTION_NONE,
    DIRECTION_N,
    DIRECTION_NE,
    DIRECTION_E,
    DIRECTION_SE,
    DIRECTION_S,
    DIRECTION_SW,
    DIRECTION_W,
    DIRECTION_NW,
};

enum change_flag { CHANGE_LASTS = 1, CHANGE_COUNTS = 2, CHANGE_IN_CHUNK = 4, CHANGE_IS_OWN = 8 };

/* clang-format off */
#define BEGIN(NAME, name, flags) struct change_##name {
#define FIELD(record, type, field, least, most) SCHEMA_C_##type field;
#define END(NAME, name) };
/* clang-format on */
#include "world/changes.def"
#undef BEGIN
#undef FIELD
#undef END

enum change_kind {
    CHANGE_NONE,
#define BEGIN(NAME, name, flags) CHANGE_##NAME,
#define FIELD(record, type, field, least, most)
#define END(NAME, name)
#include "world/changes.def"
#undef BEGIN
#undef FIELD
#undef END
    CHANGE_KIND_COUNT
};

struct change {
    enum change_kind kind;
    union {
#define BEGIN(NAME, name, flags) struct change_##name name;
#define FIELD(record, type, field, least, most)
#define END(NAME, name)
#include "world/changes.def"
#undef BEGIN
#undef FIELD
#undef END
    };
};

/* The schema of a kind; 0 < kind < CHANGE_KIND_COUNT. */
const struct schema *change_schema(enum change_kind kind);

/* The record inside the change, for the functions of schema.h and codec.h. */
const void *change_record(const struct change *change);
void *change_record_of(struct change *change); /* The same, to be written to. */

/* The change's character, for kinds with CHANGE_IS_OWN. */
struct character_id change_owner(const struct change *change);

/* The change's cell, for kinds with CHANGE_IN_CHUNK; a structure's is the one that names it. */
struct cell_pos change_cell(const struct change *change);

/* The cells that a change of such a kind is about: all of them are within the world, or false. */
bool change_area(const struct change *change, struct cell_area *out_area);

/* The number of how what the change leaves in a cell or a slot is drawn; 0: as its type, or nothing
 * is. */
uint32_t change_look(const struct change *change);

/* The chunks that these lie in, at most CHANGE_CHUNKS_MAX: how many. */
uint32_t change_chunks(const struct change *change, struct chunk_pos *out_chunks);

/* Does a change of such a kind touch the chunk? */
bool change_is_in(const struct change *change, struct chunk_pos chunk);

/* schema_hash of the change: what its key adds to the world hash while it has this value. */
struct hash128 change_hash(const struct change *change);

#endif
