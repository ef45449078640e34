/* world.h - the resident part of the world, and the one door through which it changes.
 *
 * Holds chunks with what is in them (entities in their cells, structures over several, piles),
 * characters and actors, and image configurations, in pools reserved at start.
 * world_apply applies one change and moves the world hash; it is the only way in on the server and
 * in the client's mirror, where world_check runs first on what was received. A cell without a CELL
 * change shows what the generator makes; a kept cell shows its entities only.
 * The world hash is the sum of change_hash over all kept keys: world.hash here is the truth's,
 * moved by differences, although most chunks are not resident; chunk.hash is the sum over one
 * chunk's keys. A structure is in each chunk that it touches, whole, so that each of them can come
 * and go alone, and counts once for each. One owner thread: the tick, or the client's caller. */
#ifndef TILTH_WORLD_WORLD_H
#define TILTH_WORLD_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"
#include "catalog/catalog.h"
#include "world/change.h"
#include "world/generator.h"
#include "world/images.h"

#define WORLD_NONE UINT32_MAX

/* In one chunk; together they weigh at most WORLD_CHUNK_ENTITIES_MAX (world_weight). */
enum {
    WORLD_CHUNK_ENTITIES_MAX = GRID_CHUNK_AREA * 3 / 2,
    WORLD_CHUNK_STRUCTURES_MAX = GRID_CHUNK_AREA / 4,
    WORLD_CHUNK_PILES_MAX = GRID_CHUNK_AREA / 4,
    WORLD_STRUCTURE_WEIGHT = 2, /* in entities */
    WORLD_PILE_WEIGHT = 2,
};

#define WORLD_NEVER UINT64_MAX /* a tick */

struct entity {
    struct entity_id id;
    struct character_id placer;
    struct cell_pos cell;
    uint64_t until; /* tick, 0: it stays as it is */
    uint32_t image;
    uint32_t next; /* in its chunk's row */
    uint16_t type;
};

/* As one chunk has it. */
struct structure {
    struct structure_id id;
    struct character_id placer;
    struct cell_pos cell; /* the one that names it */
    uint32_t image;
    uint32_t next; /* in its chunk */
    uint16_t type;
    uint8_t width, height, left, top;
};

struct pile {
    struct pile_id id;
    struct cell_pos cell;
    uint64_t until; /* tick */
    uint32_t next;  /* in its chunk */
    struct stack stack;
};

struct chunk {
    struct chunk_pos pos;
    uint64_t version; /* sequence number of the last tick record that changed it, 0 never */
    struct hash128 hash;
    uint32_t next_in_bucket;
    uint32_t kept_count;
    bool is_closed; /* to changes, by the server's host: sim and console refuse them */
    uint32_t entity_count, structure_count, pile_count;
    uint32_t structures, piles;         /* the first ones, or WORLD_NONE */
    uint32_t rows[GRID_CHUNK_CELLS];    /* first entity of each row of cells, or WORLD_NONE */
    uint64_t kept[GRID_CHUNK_CELLS];    /* a bit a cell: kept */
    uint64_t solid[GRID_CHUNK_CELLS];   /* a bit a cell: actors cannot enter */
    uint64_t covered[GRID_CHUNK_CELLS]; /* a bit a cell: a structure stands there */
    struct generator_chunk base;        /* as generated; natural is masked by `kept` */
};

struct character {
    struct character_id id;
    struct account_id account;
    struct world_pos pos; /* the durable one; the actor's may be ahead */
    uint64_t done;
    uint32_t last_intent;
    uint32_t actor; /* index, or WORLD_NONE when nobody plays it now */
    uint32_t next_in_bucket;
    uint64_t version; /* sequence number of the last tick record that changed it */
    uint8_t roles;    /* of its account: enum account_role */
    char name[WORLD_NAME_BYTES + 1];
    uint8_t key[CRYPTO_PUBLIC_BYTES];
};

struct actor {
    struct character_id character;
    struct world_pos pos;
    uint8_t direction; /* enum direction */
    bool is_present;
};

struct world_options {
    const struct catalog *catalog; /* must outlive the world */
    struct generator generator;
    uint32_t chunks_max;
    uint32_t entities_max;
    uint32_t structures_max; /* counted once for each chunk that they touch */
    uint32_t piles_max;
    uint32_t image_configs_max;
    uint32_t images_max; /* pictures that are known; 0 in a mirror, which does not count uses */
    uint32_t characters_max;
    uint32_t slots_max;  /* in a character's bag, 1..WORLD_SLOTS_MAX */
    uint32_t actors_max; /* at most 65,535 */
};

struct world {
    const struct catalog *catalog;
    struct generator generator;
    struct hash128 hash;

    struct pool chunk_pool;
    struct chunk *chunks;
    uint32_t *buckets; /* chunk hash table */
    uint32_t bucket_count;

    uint64_t *dues; /* by chunk: no later than the tick when something in it is due */
    struct pool entity_pool;
    struct entity *entities;
    struct pool structure_pool;
    struct structure *structures;
    struct pool pile_pool;
    struct pile *piles;
    struct images images;

    struct pool character_pool;
    struct character *characters;
    uint32_t *character_buckets; /* character hash table, by id; as long as the pool */
    struct stack *slots;         /* slots_max for each character */
    uint32_t *skills;            /* experience: CATALOG_SKILLS_MAX for each character */
    uint32_t slots_max;

    struct actor *actors; /* by actor index */
    uint32_t actors_max;
};

/* Reserves the pools and starts with nothing resident and hash 0. */
void world_init(struct world *world, const struct world_options *options);
void world_finish(struct world *world); /* Gives the memory back; a zeroed world is allowed. */

/* The resident chunk, or NULL. */
struct chunk *world_find_chunk(const struct world *world, struct chunk_pos pos);

/* Makes a chunk resident as generated, version 0; it must not be. NULL when the pool is full. */
struct chunk *world_add_chunk(struct world *world, struct chunk_pos pos);

/* The same for a chunk that somebody else generated: a server that keeps its seed to itself. Every
 * terrain must be below TERRAIN_COUNT and every natural below NATURAL_COUNT. */
struct chunk *world_add_chunk_as(struct world *world, struct chunk_pos pos,
                                 const struct generator_chunk *base);

void world_remove_chunk(struct world *world,
                        struct chunk *chunk); /* Out of memory; the world hash stays. */

/* Applies a change where it is loaded or mirrored: one with CHANGE_IN_CHUNK to this chunk alone,
 * whose hash moves, one with CHANGE_IS_OWN (chunk NULL) to a resident character; the world's hash
 * and the uses of images stay. The change must have passed world_check. */
void world_load(struct world *world, struct chunk *chunk, const struct change *change);

/* Applies one change. It must be possible (rules see to it; received ones pass world_check). */
void world_apply(struct world *world, const struct change *change);

/* May the change be applied to the chunk, or (NULL) to what is resident? For received data; false
 * says why. */
bool world_check(const struct world *world, const struct chunk *chunk, const struct change *change,
                 struct error *error);

/* Is there no room for one more entity? */
bool world_is_full(const struct world *world);

/* Is the cell solid: off the world, not resident, solid terrain, or a solid entity in it? */
bool world_is_solid(const struct world *world, struct cell_pos cell);

/* Is the cell kept? Its chunk must be resident. */
bool world_is_kept(const struct world *world, struct cell_pos cell);

/* The generated entity's type that shows in the cell: 0 when none, or when the cell is kept. */
uint16_t world_natural_type(const struct world *world, struct cell_pos cell);

/* The terrain of a cell of a resident chunk. */
enum terrain world_terrain(const struct world *world, struct cell_pos cell);

/* The first entity in the cell (resident chunk), or NULL; and the one after it in the same cell. */
const struct entity *world_first_entity(const struct world *world, struct cell_pos cell);
const struct entity *world_next_entity(const struct world *world,
                                       const struct entity *entity); /* The next, or NULL. */

/* The structure that stands in the cell (resident chunk), or NULL. */
const struct structure *world_structure_at(const struct world *world, struct cell_pos cell);

/* The first pile in the cell (resident chunk), or NULL; and the one after it in the same cell. */
const struct pile *world_first_pile(const struct world *world, struct cell_pos cell);
const struct pile *world_next_pile(const struct world *world,
                                   const struct pile *pile); /* The next, or NULL. */

/* The change of an entity, a structure or a pile, as it is. */
struct change world_entity_change(const struct entity *entity);
struct change world_structure_change(const struct structure *structure); /* Of a structure. */
struct change world_pile_change(const struct pile *pile);                /* Of a pile. */

/* What is in the chunk, in entities: at most WORLD_CHUNK_ENTITIES_MAX. */
uint32_t world_weight(const struct chunk *chunk);

/* The type of what stands in the cell of a resident chunk: entity, structure or generated; or 0. */
uint16_t world_type_at(const struct world *world, struct cell_pos cell);

/* Does something stand in the cell (resident chunk)? What only lies there does not count. */
bool world_is_occupied(const struct world *world, struct cell_pos cell);

/* The resident character with the id or name (exact), or NULL. */
struct character *world_find_character(const struct world *world, struct character_id id);
struct character *world_find_name(const struct world *world,
                                  const char *name); /* Case is ignored. */

/* Makes a character resident as loaded, with what lasts of it and its account; NULL when full. Does
 * not move the world hash. A character id of 0 waits for the account's first CHARACTER change. */
struct character *world_load_character(struct world *world, const struct change *account,
                                       const struct change *character);

/* Gives a resident character its account's name, key and roles; or, loaded with id 0, its id. */
void world_rename_character(struct character *character, const struct change_account *account);
/* Its id. */
void world_name_character(struct world *world, struct character *character, struct character_id id);

/* A slot of a resident character's bag, slot < slots_max. */
const struct stack *world_slot(const struct world *world, const struct character *character,
                               uint32_t slot);

/* Its experience in a skill, in points. */
uint32_t world_skill(const struct world *world, const struct character *character, uint32_t skill);

/* Takes a character without an actor out of memory; the world hash stays. */
void world_remove_character(struct world *world, struct character *character);

#endif
