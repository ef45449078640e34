#include "catalog/catalog.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/catalog_reader.h"

/* Fills in what follows from the lists. */
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
    catalog->hash = hash_128(text, size_bytes, 0);
    free(text);
    return size_bytes > 0 ||
           error_set(error, "the content is too large: as one text it has more than %d bytes",
                     CATALOG_TEXT_BYTES - 1);
}

/* Where the lists are: one document each, or all in one. */
struct catalog_lists {
    struct json terrains, skills;
    struct json types[TYPE_LISTS];
    struct json kit; /* while has_kit */
    bool has_kit;
};

static bool read_lists(const struct catalog_lists *lists, const struct catalog_origin *origin,
                       struct catalog *catalog, struct error *error)
{
    if (!catalog_reader_terrains(lists->terrains, catalog, error) ||
        !catalog_reader_skills(lists->skills, origin, catalog, error))
        return false;
    for (uint32_t i = 0; i < TYPE_LISTS; i++) {
        if (!catalog_reader_type_names(lists->types[i], catalog_type_list(i), origin, catalog,
                                       error))
            return false;
    }
    for (uint32_t i = 0; i < TYPE_LISTS; i++) {
        if (!catalog_reader_types(lists->types[i], catalog_type_list(i), origin, catalog, error))
            return false;
    }
    if (lists->has_kit && !catalog_reader_kit(lists->kit, catalog, error))
        return false;
    return catalog_settle(catalog, error);
}

static struct catalog *catalog_read(const struct catalog_lists *lists,
                                    const struct catalog_origin *origin, struct error *error)
{
    struct catalog *catalog = calloc(1, sizeof *catalog);
    if (catalog == NULL)
        (void)error_set(error, "out of memory");
    else if (!read_lists(lists, origin, catalog, error))
        catalog_destroy(&catalog);
    return catalog;
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

enum { KIT_FILE = TYPE_LISTS + 2, FILES };

/* Is the file there? One that is but cannot be read is a mistake. */
static bool has_file(const char *folder, const char *file)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    return access(path, F_OK) == 0;
}

/* Opens all files; those that were opened are in `documents` also when it fails. */
static bool load_files(const char *folder, struct json_document *documents[FILES],
                       struct catalog_lists *lists, struct error *error)
{
    static const char *const keys[FILES] = {"terrains", "skills",     "entities",
                                            "items",    "structures", "kit"};
    struct json tops[FILES] = {{.document = NULL}};
    bool has_kit = has_file(folder, "kit.json");
    for (uint32_t i = 0; i < FILES; i++) {
        char file[CATALOG_NAME_BYTES];
        (void)snprintf(file, sizeof file, "%s.json", keys[i]);
        if (i == KIT_FILE && !has_kit)
            continue;
        documents[i] = load_file(folder, file, keys[i], error);
        if (documents[i] == NULL)
            return false;
        tops[i] = json_top(documents[i]);
    }
    *lists = (struct catalog_lists){
        tops[0], tops[1], {tops[2], tops[3], tops[4]}, tops[KIT_FILE], has_kit};
    return true;
}

struct catalog *catalog_load(const char *folder, const struct image_painter *painter,
                             struct error *error)
{
    struct json_document *documents[FILES] = {NULL};
    struct catalog_lists lists;
    struct catalog_origin origin = {CATALOG_NUMBERING_ORDER, painter};
    struct catalog *catalog = NULL;
    if (load_files(folder, documents, &lists, error))
        catalog = catalog_read(&lists, &origin, error);
    for (uint32_t i = 0; i < FILES; i++)
        json_destroy(&documents[i]);
    return catalog;
}

struct catalog *catalog_parse(const char *text, size_t size_bytes, struct error *error)
{
    static const char *const keys[] = {"terrains",   "skills", "entities", "items",
                                       "structures", "kit",    NULL};
    struct catalog_origin origin = {CATALOG_NUMBERING_WRITTEN, NULL};
    struct catalog *catalog = NULL;
    struct json_document *document = json_parse("catalogue", text, size_bytes, error);
    if (document == NULL)
        return NULL;
    struct json top = json_top(document);
    struct catalog_lists lists = {top, top, {top, top, top}, top, json_has(top, "kit")};
    if (json_check_keys(top, keys, error))
        catalog = catalog_read(&lists, &origin, error);
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

const struct entity_def *catalog_find_picture(const struct catalog *catalog, struct hash128 id)
{
    bool is_none = hash_is_equal(id, (struct hash128){0, 0}); /* most types have no picture */
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX && !is_none; type++) {
        const struct entity_def *def = &catalog->entities[type];
        if (def->type != 0 && hash_is_equal(def->image.custom, id))
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

const struct skill_def *catalog_find_skill(const struct catalog *catalog, uint32_t skill)
{
    if (skill >= CATALOG_SKILLS_MAX || catalog->skills[skill].skill == 0)
        return NULL;
    return &catalog->skills[skill];
}

const struct skill_def *catalog_find_skill_name(const struct catalog *catalog, const char *name)
{
    for (uint32_t skill = 1; skill < CATALOG_SKILLS_MAX; skill++) {
        const struct skill_def *def = &catalog->skills[skill];
        if (def->skill != 0 && strcmp(def->name, name) == 0)
            return def;
    }
    return NULL;
}

uint32_t catalog_skill_level(const struct skill_def *skill, uint32_t points)
{
    uint32_t level = 0;
    while (level < skill->level_count && points >= skill->levels[level])
        level++;
    return level;
}

static bool names(const struct entity_def *def, uint32_t type)
{
    for (uint32_t i = 0; i < def->share_count; i++) {
        if (def->shares[i] == type)
            return true;
    }
    return false;
}

bool catalog_may_share(const struct catalog *catalog, uint32_t type_a, uint32_t type_b)
{
    ensure(type_a < CATALOG_TYPES_MAX && type_b < CATALOG_TYPES_MAX);
    return names(&catalog->entities[type_a], type_b) || names(&catalog->entities[type_b], type_a);
}
