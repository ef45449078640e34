/* catalog_reader.h - the part of the catalogue that reads JSON values and refuses mistakes.
 *
 * Reads the lists of a catalogue into a zeroed struct catalog, in the order of the calls here;
 * refuses with file, entry and key. First every list gives its names, so that any entry can name
 * any other; then the entries are read whole. Inside shared/catalog. Any thread; no allocation. */
#ifndef TILTH_CATALOG_CATALOG_READER_H
#define TILTH_CATALOG_CATALOG_READER_H

#include "base/error.h"
#include "base/json.h"
#include "catalog/catalog.h"

/* Whether each entry says its id (catalog_write's text) or is numbered in order (files). */
enum catalog_numbering { CATALOG_NUMBERING_ORDER, CATALOG_NUMBERING_WRITTEN };

/* What a catalogue is read from. */
struct catalog_origin {
    enum catalog_numbering numbering;
    const struct image_painter *painter; /* of files: who makes their pictures; or NULL */
};

/* The list of a kind of types: its key, and what its entries may have. */
struct type_list {
    const char *key;
    enum entity_kind kind;
    const char *const *keys; /* ended by NULL; the first is "type", where ids are written */
};

/* The three lists of types: entities, items, structures. */
enum { TYPE_LISTS = 3 };
const struct type_list *catalog_type_list(uint32_t index); /* index < TYPE_LISTS */

/* The name of the entity type that is enum natural's `index`, 1 <= index < NATURAL_COUNT. */
const char *catalog_reader_natural_name(uint32_t index);

/* Is the text a name: [a-z][a-z0-9_]*, shorter than CATALOG_NAME_BYTES? */
bool catalog_reader_is_name(const char *text);

/* Reads the entry's name and puts it into the entry's path, so that all later errors say it. */
bool catalog_reader_name(struct json *entry, char out_name[CATALOG_NAME_BYTES],
                         struct error *error);

/* Reads an optional whole number; absent leaves *out_value as it is. */
bool catalog_reader_integer(struct json entry, const char *key, struct json_range range,
                            int64_t *out_value, struct error *error);

/* Reads an optional flag; absent leaves *out_value as it is. */
bool catalog_reader_flag(struct json entry, const char *key, bool *out_value, struct error *error);

/* Reads the name of a type under the key: its id. The types' names must have been read. */
bool catalog_reader_type(struct json entry, const char *key, const struct catalog *catalog,
                         uint16_t *out_type, struct error *error);

/* Reads the name under "item" of a type that can lie in a bag: an entity type or an item. */
bool catalog_reader_item(struct json entry, const struct catalog *catalog, uint16_t *out_type,
                         struct error *error);

/* Reads {"item": name, "count": n}, n 1..CATALOG_STACK_MAX. The caller has checked the keys. */
bool catalog_reader_item_count(struct json entry, const struct catalog *catalog,
                               struct item_count *out_item, struct error *error);

/* Where a list of items goes. */
struct item_counts {
    struct item_count *items; /* [max] */
    uint32_t count, max;
};

/* Reads a list of such, none twice; out_items says for how many there is room. */
bool catalog_reader_item_counts(struct json list, const struct catalog *catalog,
                                struct item_counts *out_items, struct error *error);

/* Reads the member "kit". The types' names must have been read. */
bool catalog_reader_kit(struct json top, struct catalog *catalog, struct error *error);

/* Reads the member "terrains": each {name, solid, buildable}, the generator's among them. */
bool catalog_reader_terrains(struct json top, struct catalog *catalog, struct error *error);

/* Reads the member "skills": each {name, levels} and, when the ids are written, skill. */
bool catalog_reader_skills(struct json top, const struct catalog_origin *origin,
                           struct catalog *catalog, struct error *error);

/* Reads the names (and written ids) of a list of types, and the kinds of tool among them. */
bool catalog_reader_type_names(struct json top, const struct type_list *list,
                               const struct catalog_origin *origin, struct catalog *catalog,
                               struct error *error);

/* Reads the entries of a list of types whole; all names are known. */
bool catalog_reader_types(struct json top, const struct type_list *list,
                          const struct catalog_origin *origin, struct catalog *catalog,
                          struct error *error);

/* Reads the member "harvest" of the type's entry, if it has one. */
bool catalog_reader_harvest(struct json entry, const struct catalog *catalog,
                            struct entity_def *def, struct error *error);

/* Reads the members of a structure's entry: width, height, primary, collision, cost. */
bool catalog_reader_structure(struct json entry, const struct catalog *catalog,
                              struct entity_def *def, struct error *error);

/* Refuses a catalogue that lacks what the generator grows; `list` is where to put it. */
bool catalog_reader_check_naturals(struct json list, const struct catalog *catalog,
                                   struct error *error);

#endif
