/* catalog.h - what exists in a game: terrains and entity types, read from JSON, then const.
 *
 * Reads <folder>/terrains.json and <folder>/entities.json; a mistake is refused with file, entry
 * and key. Type ids are given once, by name, by the database (entity_types) and never change, so
 * they are what journal, wire and rows carry; a fresh catalogue numbers its types in file order
 * until catalog_assign_ids. A catalogue is about 50 KB, is changed by no one after start, and is
 * shared by all threads. The client library gets the same catalogue as text from the server. */
#ifndef TILTH_CATALOG_CATALOG_H
#define TILTH_CATALOG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

enum {
    CATALOG_NAME_BYTES = 32,  /* with the ending 0; [a-z][a-z0-9_]* */
    CATALOG_TYPES_MAX = 1024, /* entity types; ids are 1..1023, 0 is "none" */
    CATALOG_TERRAINS_MAX = 16,
    CATALOG_SIZE_PX_MAX = 512,   /* how large an entity may be drawn, from 1 */
    CATALOG_TEXT_BYTES = 131072, /* holds catalog_write's result, however full the catalogue */
};

/* What the generator lays down: their places in catalog.terrains. Every name must be in
 * terrains.json, in any order; terrains of other names follow in the file's order. */
enum terrain { TERRAIN_WATER, TERRAIN_SAND, TERRAIN_GRASSLAND, TERRAIN_FOREST, TERRAIN_ROCK };
enum { TERRAIN_COUNT = TERRAIN_ROCK + 1 };

/* What the generator grows, in this order; every name (tree, rock, grass) must be an entity type.
 */
enum natural { NATURAL_NONE, NATURAL_TREE, NATURAL_ROCK, NATURAL_GRASS };
enum { NATURAL_COUNT = NATURAL_GRASS + 1 };

struct terrain_def {
    char name[CATALOG_NAME_BYTES];
    bool is_solid;     /* actors cannot enter */
    bool is_buildable; /* entities may be placed on it */
};

struct entity_def {
    char name[CATALOG_NAME_BYTES];
    uint16_t type;     /* the id, 0 when the slot is not used */
    bool is_solid;     /* actors cannot enter its cell */
    bool is_placeable; /* players may place it */
    bool is_removable; /* players may remove it */
    uint16_t size_px;  /* how large it is drawn by default */
};

struct catalog {
    struct terrain_def terrains[CATALOG_TERRAINS_MAX];
    struct entity_def entities[CATALOG_TYPES_MAX]; /* by type id; [0] is "none" */
    uint16_t natural_types[NATURAL_COUNT];         /* enum natural -> type id */
    uint16_t type_count;                           /* types in use */
    struct hash128 hash;                           /* of catalog_write's text */
};

/* A name and the id that it has for ever. */
struct catalog_id {
    char name[CATALOG_NAME_BYTES];
    uint16_t type;
};

struct catalog_ids {
    struct catalog_id ids[CATALOG_TYPES_MAX];
    uint32_t count;
};

/* Reads the folder into a new catalogue; NULL and the error on any mistake. */
struct catalog *catalog_load(const char *folder, struct error *error);

/* Reads what catalog_write wrote: the same catalogue with the same ids. */
struct catalog *catalog_parse(const char *text, size_t size_bytes, struct error *error);
void catalog_destroy(struct catalog **catalog); /* NULL-safe. */

/* Gives the types the ids in `known` by name; types not in it get the lowest ids above all known.
 * Writes every name and id of the catalogue to out_all, lowest id first. A known name that the
 * catalogue lacks keeps its id unused. Refuses too many types, and known ids that are out of range
 * or stand there twice; the catalogue is then as before. */
bool catalog_assign_ids(struct catalog *catalog, const struct catalog_ids *known,
                        struct catalog_ids *out_all, struct error *error);

/* Writes the catalogue as JSON with ids; deterministic. Returns bytes written without the ending 0,
 * or 0 when `capacity_bytes` is too small. */
size_t catalog_write(const struct catalog *catalog, char *out_text, size_t capacity_bytes);

/* The def of a type id, or NULL when no type has it. */
const struct entity_def *catalog_find_type(const struct catalog *catalog, uint32_t type);

/* The def with that name, or NULL. */
const struct entity_def *catalog_find_name(const struct catalog *catalog, const char *name);

/* The name nearest to a wrong one, for "did you mean"; NULL when none is near. */
const char *catalog_suggest(const struct catalog *catalog, const char *name);

#endif
