/* catalog.h - what exists in a game: terrains, entity types, items, structures, skills; read from
 * JSON, then const.
 *
 * Reads terrains.json, entities.json, items.json, structures.json and skills.json of a folder, and
 * kit.json, what a new character carries, if it is there; a
 * mistake is refused with file, entry, key and reason. Entity types, items and structures share one
 * row of ids and are all called types; harvests give, and structures cost, what lies in a bag:
 * entity types and items. Ids of types and skills are given once, by name, by the database
 * (entity_types, skill_types) and never change, so they are what journal, wire and rows carry; a
 * fresh catalogue numbers them in file order until catalog_assign_ids. A catalogue is about 400 KB
 * without pointers, and is changed by no one once it has its ids; the tick has a copy of its own.
 * The client library gets the same catalogue as text from the server. */
#ifndef TILTH_CATALOG_CATALOG_H
#define TILTH_CATALOG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "catalog/image.h"

enum {
    CATALOG_NAME_BYTES = 32,  /* with the ending 0; [a-z][a-z0-9_]* */
    CATALOG_TYPES_MAX = 1024, /* of all kinds; ids are 1..1023, 0 is "none" */
    CATALOG_TERRAINS_MAX = 16,
    CATALOG_SKILLS_MAX = 32,     /* ids are 1..31, 0 is "none" */
    CATALOG_LEVELS_MAX = 10,     /* of a skill */
    CATALOG_TOOL_KINDS_MAX = 32, /* kinds are 1..31, 0 is "none" */
    CATALOG_YIELDS_MAX = 8,      /* of one harvest */
    CATALOG_TIERS_MAX = 8,       /* of a harvest's bonus */
    CATALOG_COSTS_MAX = 8,       /* kinds of item that a structure costs */
    CATALOG_KIT_MAX = 16,        /* kinds of item that a new character carries */
    CATALOG_SHARES_MAX = 16,     /* types that one names as sharing its cell */
    CATALOG_FOOTPRINT_MAX = 8,   /* cells on each side of a structure */
    CATALOG_SIZE_PX_MAX = 4095,  /* how large content may draw a thing */
    CATALOG_STACK_MAX = 65535,
    CATALOG_PPM = 1000000, /* chances are kept in millionths */
    CATALOG_DURABILITY_MAX = 1000000,
    CATALOG_SECONDS_MAX = 31536000,     /* of growing and lying: a year */
    CATALOG_LIES_S_DEFAULT = 600,       /* of a type that does not say it */
    CATALOG_TEXT_BYTES = (1 << 18) - 1, /* catalog_write's result is no longer: more is refused */
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

/* So many of a type. */
struct item_count {
    uint16_t type;
    uint16_t count;
};

/* What a harvest may give: count of type, with the chance, rolled once. */
struct yield_def {
    struct item_count item;
    uint32_t chance_ppm;
};

/* One more of the bonus item, with the chance, from this level on. */
struct tier_def {
    uint8_t level;
    uint32_t chance_ppm;
};

struct harvest_def {
    uint32_t time_ms; /* 0: it cannot be harvested */
    uint8_t tool;     /* kind of tool, 0 none */
    uint8_t skill;    /* id, 0 none */
    uint8_t yield_count;
    uint8_t tier_count;
    bool is_intact;  /* what it gives of its own type keeps its look */
    uint16_t leaves; /* entity type that stands there then, 0 nothing */
    uint16_t bonus_type;
    struct yield_def yields[CATALOG_YIELDS_MAX];
    struct tier_def tiers[CATALOG_TIERS_MAX]; /* each is rolled on its own */
};

/* What becomes of a thing by itself. */
struct growth_def {
    uint16_t into; /* entity type or structure, 0: it stays what it is */
    uint32_t after_s;
};

/* The cells of a structure; a cell that is not solid belongs to it all the same. */
struct footprint_def {
    uint8_t width, height;        /* cells; 1 x 1 for all that is no structure */
    uint8_t primary_x, primary_y; /* the cell that is named when it is placed */
    uint64_t solid;               /* bit y * CATALOG_FOOTPRINT_MAX + x: actors cannot enter */
};

enum entity_kind {
    KIND_ENTITY,    /* stands in a cell */
    KIND_ITEM,      /* lies in bags only, and on the ground as a pile */
    KIND_STRUCTURE, /* stands in several cells */
};

struct entity_def {
    char name[CATALOG_NAME_BYTES];
    uint16_t type; /* the id, 0 when the slot is not used */
    enum entity_kind kind;
    bool is_solid;     /* actors cannot enter its cell */
    bool is_placeable; /* players may place it */
    bool is_removable; /* players may remove it, and get it back */
    bool is_mixing;    /* stacks also with another provenance, and keeps the newest */
    uint8_t tool;      /* the kind of tool that it is, 0 none */
    uint8_t cost_count;
    uint8_t share_count;
    uint16_t stack_max;  /* in one slot */
    uint32_t durability; /* uses until it breaks, 0 never */
    uint32_t lies_s;     /* a stack is gone after so long on the ground */
    struct image_def image;
    struct growth_def growth;
    struct footprint_def footprint;
    struct harvest_def harvest;
    struct item_count costs[CATALOG_COSTS_MAX]; /* of a structure */
    uint16_t shares[CATALOG_SHARES_MAX];        /* types that may stand in the same cell */
};

struct skill_def {
    char name[CATALOG_NAME_BYTES];
    uint8_t skill; /* the id, 0 when the slot is not used */
    uint8_t level_count;
    uint32_t levels[CATALOG_LEVELS_MAX]; /* experience points that level i + 1 takes; rising */
};

struct catalog {
    struct terrain_def terrains[CATALOG_TERRAINS_MAX];
    struct entity_def entities[CATALOG_TYPES_MAX];               /* by type id; [0] is "none" */
    struct skill_def skills[CATALOG_SKILLS_MAX];                 /* by skill id; [0] is "none" */
    char tool_kinds[CATALOG_TOOL_KINDS_MAX][CATALOG_NAME_BYTES]; /* [0] is "" */
    uint16_t natural_types[NATURAL_COUNT];                       /* enum natural -> type id */
    uint16_t type_count;                                         /* types in use */
    uint16_t skill_count;                                        /* skills in use */
    uint16_t kit_count;
    struct item_count kit[CATALOG_KIT_MAX]; /* of a new character */
    struct hash128 hash;                    /* of catalog_write's text */
};

/* A name and the id that it has for ever. */
struct catalog_id {
    char name[CATALOG_NAME_BYTES];
    uint16_t id;
};

/* The ids of all types, or of all skills. */
struct catalog_ids {
    struct catalog_id ids[CATALOG_TYPES_MAX];
    uint32_t count;
};

/* Which of the two rows of ids. */
enum catalog_row { CATALOG_ROW_TYPES, CATALOG_ROW_SKILLS };

/* Reads the folder into a new catalogue; NULL and the error on any mistake. The painter makes the
 * pictures that are in it; without one (NULL) there may be none. */
struct catalog *catalog_load(const char *folder, const struct image_painter *painter,
                             struct error *error);

/* Reads what catalog_write wrote: the same catalogue with the same ids. */
struct catalog *catalog_parse(const char *text, size_t size_bytes, struct error *error);
void catalog_destroy(struct catalog **catalog); /* NULL-safe. */

/* Gives the types (or the skills) the ids in `known` by name; those not in it get the lowest ids
 * above all known. Writes every name and id of the row to out_all, lowest id first. A known name
 * that the catalogue lacks keeps its id unused. Refuses too many, and known ids that are out of
 * range or stand there twice; the catalogue is then as before. */
bool catalog_assign_ids(struct catalog *catalog, enum catalog_row row,
                        const struct catalog_ids *known, struct catalog_ids *out_all,
                        struct error *error);

/* Writes the catalogue as JSON with ids; deterministic. Returns bytes written without the ending 0,
 * or 0 when `capacity_bytes` is too small. */
size_t catalog_write(const struct catalog *catalog, char *out_text, size_t capacity_bytes);

/* The def of a type id, or NULL when no type has it. */
const struct entity_def *catalog_find_type(const struct catalog *catalog, uint32_t type);

/* The def with that name, or NULL. */
const struct entity_def *catalog_find_name(const struct catalog *catalog, const char *name);

/* The first type that is drawn with the picture, or NULL. */
const struct entity_def *catalog_find_picture(const struct catalog *catalog, struct hash128 id);

/* The def of a skill id, or NULL when no skill has it; and the one with that name, or NULL. */
const struct skill_def *catalog_find_skill(const struct catalog *catalog, uint32_t skill);
const struct skill_def *catalog_find_skill_name(const struct catalog *catalog,
                                                const char *name); /* By name. */

/* The level that so many experience points are: 0 to the number of levels. */
uint32_t catalog_skill_level(const struct skill_def *skill, uint32_t points);

/* May things of the two types stand in one cell? Says so if either names the other. */
bool catalog_may_share(const struct catalog *catalog, uint32_t type_a, uint32_t type_b);

/* The name nearest to a wrong one, for "did you mean"; NULL when none is near. */
const char *catalog_suggest(const struct catalog *catalog, const char *name);

#endif
