#include "catalog/catalog.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/catalog_reader.h"

/* Fills in what follows from the lists, after the lists or the ids have changed. */
static bool catalog_settle(struct catalog *catalog, struct error *error)
{
    for (uint32_t i = NATURAL_NONE + 1; i < NATURAL_COUNT; i++) {
        const struct entity_def *def = catalog_find_name(catalog, catalog_reader_natural_name(i));
        ensure(def != NULL); /* the reader has checked it */
        catalog->natural_types[i] = def->type;
    }
    char *text = malloc(CATALOG_TEXT_BYTES);
    if (text == NULL)
        return error_set(error, "out of memory");
    size_t size_bytes = catalog_write(catalog, text, CATALOG_TEXT_BYTES);
    ensure(size_bytes > 0);
    catalog->hash = hash_128(text, size_bytes, 0);
    free(text);
    return true;
}

/* Reads the two documents, which may be one, each with the keys it may have. */
static struct catalog *catalog_read(struct json terrains, struct json entities,
                                    enum catalog_numbering numbering, struct error *error)
{
    struct catalog *catalog = calloc(1, sizeof *catalog);
    if (catalog == NULL) {
        (void)error_set(error, "out of memory");
        return NULL;
    }
    if (catalog_reader_terrains(terrains, catalog, error) &&
        catalog_reader_entities(entities, numbering, catalog, error) &&
        catalog_settle(catalog, error))
        return catalog;
    catalog_destroy(&catalog);
    return NULL;
}

/* Loads <folder>/<file>, whose only key is `key`. */
static struct json_document *load_file(const char *folder, const char *file, const char *key,
                                       struct error *error)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/%s", folder, file);
    if (size < 0 || (size_t)size >= sizeof path) {
        (void)error_set(error, "%.64s...: the path is too long", folder);
        return NULL;
    }
    const char *const keys[] = {key, NULL};
    struct json_document *document = json_load(path, error);
    if (document != NULL && !json_check_keys(json_top(document), keys, error))
        json_destroy(&document);
    return document;
}

struct catalog *catalog_load(const char *folder, struct error *error)
{
    struct catalog *catalog = NULL;
    struct json_document *terrains = load_file(folder, "terrains.json", "terrains", error);
    if (terrains == NULL)
        return NULL;
    struct json_document *entities = load_file(folder, "entities.json", "entities", error);
    if (entities != NULL)
        catalog =
            catalog_read(json_top(terrains), json_top(entities), CATALOG_NUMBERING_ORDER, error);
    json_destroy(&entities);
    json_destroy(&terrains);
    return catalog;
}

struct catalog *catalog_parse(const char *text, size_t size_bytes, struct error *error)
{
    static const char *const keys[] = {"terrains", "entities", NULL};
    struct catalog *catalog = NULL;
    struct json_document *document = json_parse("catalogue", text, size_bytes, error);
    if (document == NULL)
        return NULL;
    struct json top = json_top(document);
    if (json_check_keys(top, keys, error))
        catalog = catalog_read(top, top, CATALOG_NUMBERING_WRITTEN, error);
    json_destroy(&document);
    return catalog;
}

void catalog_destroy(struct catalog **catalog)
{
    if (catalog == NULL || *catalog == NULL)
        return;
    free(*catalog);
    *catalog = NULL;
}

/* Checks what a database said: every id in range, every name a name, nothing twice. */
static bool check_known(const struct catalog_ids *known, struct error *error)
{
    bool is_taken[CATALOG_TYPES_MAX] = {false};
    if (known->count >= CATALOG_TYPES_MAX)
        return error_set(error, "more than %d known entity types", CATALOG_TYPES_MAX - 1);
    for (uint32_t i = 0; i < known->count; i++) {
        const struct catalog_id *id = &known->ids[i];
        if (memchr(id->name, 0, sizeof id->name) == NULL || !catalog_reader_is_name(id->name))
            return error_set(error, "the known entity type %u has no proper name", id->type);
        if (id->type == 0 || id->type >= CATALOG_TYPES_MAX)
            return error_set(error, "the entity type \"%s\" has the id %u, beyond 1 to %d",
                             id->name, id->type, CATALOG_TYPES_MAX - 1);
        if (is_taken[id->type])
            return error_set(error, "the entity type id %u is known twice", id->type);
        is_taken[id->type] = true;
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(known->ids[j].name, id->name) == 0)
                return error_set(error, "the entity type \"%s\" is known twice", id->name);
        }
    }
    return true;
}

/* The known id of the name, or 0. */
static uint16_t known_type(const struct catalog_ids *known, const char *name)
{
    for (uint32_t i = 0; i < known->count; i++) {
        if (strcmp(known->ids[i].name, name) == 0)
            return known->ids[i].type;
    }
    return 0;
}

/* Copies every def to the place of its new id. False when the ids do not suffice. */
static bool renumber(const struct catalog *catalog, const struct catalog_ids *known,
                     struct entity_def out_entities[CATALOG_TYPES_MAX], struct error *error)
{
    uint32_t next_type = 1;
    for (uint32_t i = 0; i < known->count; i++) {
        if (known->ids[i].type >= next_type)
            next_type = known->ids[i].type + 1u;
    }
    for (uint32_t old = 1; old < CATALOG_TYPES_MAX; old++) {
        struct entity_def def = catalog->entities[old];
        if (def.type == 0)
            continue;
        def.type = known_type(known, def.name);
        if (def.type == 0 && next_type >= CATALOG_TYPES_MAX)
            return error_set(error, "too many entity types: no id up to %d is left for \"%s\"",
                             CATALOG_TYPES_MAX - 1, def.name);
        if (def.type == 0)
            def.type = (uint16_t)next_type++;
        out_entities[def.type] = def;
    }
    return true;
}

static void list_ids(const struct catalog *catalog, struct catalog_ids *out_all)
{
    out_all->count = 0;
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        const struct entity_def *def = &catalog->entities[type];
        if (def->type == 0)
            continue;
        struct catalog_id *id = &out_all->ids[out_all->count++];
        memcpy(id->name, def->name, sizeof id->name);
        id->type = def->type;
    }
}

bool catalog_assign_ids(struct catalog *catalog, const struct catalog_ids *known,
                        struct catalog_ids *out_all, struct error *error)
{
    if (!check_known(known, error))
        return false;
    struct catalog *changed = malloc(sizeof *changed);
    if (changed == NULL)
        return error_set(error, "out of memory");
    *changed = *catalog;
    memset(changed->entities, 0, sizeof changed->entities);
    bool is_changed =
        renumber(catalog, known, changed->entities, error) && catalog_settle(changed, error);
    if (is_changed) {
        *catalog = *changed;
        list_ids(catalog, out_all);
    }
    free(changed);
    return is_changed;
}

static void write_terrains(const struct catalog *catalog, struct text *text)
{
    text_json_open(text, "terrains", '[');
    for (uint32_t i = 0; i < CATALOG_TERRAINS_MAX; i++) {
        const struct terrain_def *def = &catalog->terrains[i];
        if (def->name[0] == 0)
            continue;
        text_json_open(text, NULL, '{');
        text_json_string(text, "name", def->name);
        text_json_bool(text, "solid", def->is_solid);
        text_json_bool(text, "buildable", def->is_buildable);
        text_json_close(text, '}');
    }
    text_json_close(text, ']');
}

static void write_entities(const struct catalog *catalog, struct text *text)
{
    text_json_open(text, "entities", '[');
    for (uint32_t i = 1; i < CATALOG_TYPES_MAX; i++) {
        const struct entity_def *def = &catalog->entities[i];
        if (def->type == 0)
            continue;
        text_json_open(text, NULL, '{');
        text_json_string(text, "name", def->name);
        text_json_number(text, "type", def->type);
        text_json_bool(text, "solid", def->is_solid);
        text_json_bool(text, "placeable", def->is_placeable);
        text_json_bool(text, "removable", def->is_removable);
        text_json_number(text, "size_px", def->size_px);
        text_json_close(text, '}');
    }
    text_json_close(text, ']');
}

size_t catalog_write(const struct catalog *catalog, char *out_text, size_t capacity_bytes)
{
    if (capacity_bytes == 0)
        return 0;
    struct text text;
    text_init(&text, out_text, capacity_bytes);
    text_json_open(&text, NULL, '{');
    write_terrains(catalog, &text);
    write_entities(catalog, &text);
    text_json_close(&text, '}');
    return text.is_cut ? 0 : text.size_bytes;
}

const struct entity_def *catalog_find_type(const struct catalog *catalog, uint32_t type)
{
    if (type >= CATALOG_TYPES_MAX || catalog->entities[type].type == 0)
        return NULL;
    return &catalog->entities[type];
}

const struct entity_def *catalog_find_name(const struct catalog *catalog, const char *name)
{
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        const struct entity_def *def = &catalog->entities[type];
        if (def->type != 0 && strcmp(def->name, name) == 0)
            return def;
    }
    return NULL;
}

const char *catalog_suggest(const struct catalog *catalog, const char *name)
{
    const char *nearest = NULL;
    uint32_t nearest_distance = 3; /* more typing mistakes than two are another word */
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        const struct entity_def *def = &catalog->entities[type];
        if (def->type == 0)
            continue;
        uint32_t distance = text_distance(name, def->name);
        if (distance < nearest_distance && distance < strlen(def->name)) {
            nearest = def->name;
            nearest_distance = distance;
        }
    }
    return nearest;
}
