/* catalog_reader.h - the part of the catalogue that reads JSON values and refuses mistakes.
 *
 * Reads the two lists of a catalogue into a zeroed struct catalog; refuses with file, entry and
 * key. Used by catalog.c only, which adds what follows from both lists. Any thread; no allocation.
 */
#ifndef TILTH_CATALOG_CATALOG_READER_H
#define TILTH_CATALOG_CATALOG_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"

struct catalog;

/* Whether each entity says its type id (catalog_write's text) or is numbered in order (files). */
enum catalog_numbering { CATALOG_NUMBERING_ORDER, CATALOG_NUMBERING_WRITTEN };

/* The name of the entity type that is enum natural's `index`, 1 <= index < NATURAL_COUNT. */
const char *catalog_reader_natural_name(uint32_t index);

/* Is the text a name: [a-z][a-z0-9_]*, shorter than CATALOG_NAME_BYTES? */
bool catalog_reader_is_name(const char *text);

/* Reads the member "terrains" of the object: each {name, solid, buildable}, the generator's among
 * them. */
bool catalog_reader_terrains(struct json top, struct catalog *catalog, struct error *error);

/* Reads the member "entities" of the object: each {name, solid, placeable, removable, size_px} and,
 * when the ids are written, type; the generator's among them. */
bool catalog_reader_entities(struct json top, enum catalog_numbering numbering,
                             struct catalog *catalog, struct error *error);

#endif
