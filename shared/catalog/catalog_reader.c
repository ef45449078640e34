#include "catalog/catalog_reader.h"

#include <string.h>

#include "base/ensure.h"
#include "catalog/catalog.h"

static const char *const terrain_names[TERRAIN_COUNT] = {
    [TERRAIN_WATER] = "water",   [TERRAIN_SAND] = "sand", [TERRAIN_GRASSLAND] = "grassland",
    [TERRAIN_FOREST] = "forest", [TERRAIN_ROCK] = "rock",
};
static const char *const natural_names[NATURAL_COUNT] = {
    [NATURAL_TREE] = "tree",
    [NATURAL_ROCK] = "rock",
    [NATURAL_GRASS] = "grass",
};

const char *catalog_reader_natural_name(uint32_t index)
{
    ensure(index > NATURAL_NONE && index < NATURAL_COUNT);
    return natural_names[index];
}

bool catalog_reader_is_name(const char *text)
{
    size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return text[0] >= 'a' && text[0] <= 'z' && text[size] == 0 && size < CATALOG_NAME_BYTES;
}

/* Reads the entry's name and puts it into the entry's path, so that all later errors say it. */
static bool read_name(struct json *entry, char out_name[CATALOG_NAME_BYTES], struct error *error)
{
    const char *name = NULL;
    if (!json_get_string(*entry, "name", &name, error))
        return false;
    if (strlen(name) >= CATALOG_NAME_BYTES)
        return json_error(*entry, error, "key \"name\": \"%.40s\" is longer than %d characters",
                          name, CATALOG_NAME_BYTES - 1);
    if (!catalog_reader_is_name(name))
        return json_error(*entry, error,
                          "key \"name\": \"%s\" must begin with a letter a-z and hold a-z, 0-9 and "
                          "_ only",
                          name);
    memcpy(out_name, name, strlen(name) + 1);
    json_label(entry, name);
    return true;
}

static bool twice_error(struct json entry, const char *name, struct error *error)
{
    return json_error(entry, error, "key \"name\": \"%s\" is the name of an earlier entry", name);
}

static bool read_terrain(struct json entry, struct terrain_def *out_def, struct error *error)
{
    static const char *const keys[] = {"name", "solid", "buildable", NULL};
    return read_name(&entry, out_def->name, error) && json_check_keys(entry, keys, error) &&
           json_get_bool(entry, "solid", &out_def->is_solid, error) &&
           json_get_bool(entry, "buildable", &out_def->is_buildable, error);
}

/* The generator's terrains have the places of their enum, all others come after these. */
static uint32_t terrain_place(const char *name, uint32_t next_place)
{
    for (uint32_t i = 0; i < TERRAIN_COUNT; i++) {
        if (strcmp(terrain_names[i], name) == 0)
            return i;
    }
    return next_place;
}

static bool has_terrain(const struct catalog *catalog, const char *name)
{
    for (uint32_t i = 0; i < CATALOG_TERRAINS_MAX; i++) {
        if (strcmp(catalog->terrains[i].name, name) == 0)
            return true;
    }
    return false;
}

bool catalog_reader_terrains(struct json top, struct catalog *catalog, struct error *error)
{
    struct json list;
    if (!json_get_array(top, "terrains", &list, error))
        return false;
    uint32_t count = json_count(list);
    uint32_t next_place = TERRAIN_COUNT;
    for (uint32_t i = 0; i < count; i++) {
        struct json entry = json_at(list, i);
        struct terrain_def def = {0};
        if (!read_terrain(entry, &def, error))
            return false;
        if (has_terrain(catalog, def.name))
            return twice_error(entry, def.name, error);
        uint32_t place = terrain_place(def.name, next_place);
        if (place >= CATALOG_TERRAINS_MAX)
            return json_error(list, error, "more than %d terrains", CATALOG_TERRAINS_MAX);
        next_place += place == next_place;
        catalog->terrains[place] = def;
    }
    for (uint32_t i = 0; i < TERRAIN_COUNT; i++) {
        if (catalog->terrains[i].name[0] == 0)
            return json_error(list, error,
                              "the terrain \"%s\", which the generator lays, is missing",
                              terrain_names[i]);
    }
    return true;
}

static bool read_entity(struct json entry, enum catalog_numbering numbering,
                        struct entity_def *out_def, struct error *error)
{
    static const char *const file_keys[] = {"name",      "solid",   "placeable",
                                            "removable", "size_px", NULL};
    static const char *const written_keys[] = {"name",      "type",    "solid", "placeable",
                                               "removable", "size_px", NULL};
    bool has_type = numbering == CATALOG_NUMBERING_WRITTEN;
    int64_t size_px = 0;
    int64_t type = 0;
    bool is_read = read_name(&entry, out_def->name, error) &&
                   json_check_keys(entry, has_type ? written_keys : file_keys, error) &&
                   json_get_bool(entry, "solid", &out_def->is_solid, error) &&
                   json_get_bool(entry, "placeable", &out_def->is_placeable, error) &&
                   json_get_bool(entry, "removable", &out_def->is_removable, error) &&
                   json_get_integer(entry, "size_px", (struct json_range){1, CATALOG_SIZE_PX_MAX},
                                    &size_px, error);
    if (is_read && has_type)
        is_read = json_get_integer(entry, "type", (struct json_range){1, CATALOG_TYPES_MAX - 1},
                                   &type, error);
    out_def->size_px = (uint16_t)size_px;
    out_def->type = (uint16_t)type;
    return is_read;
}

static bool check_naturals(struct json list, const struct catalog *catalog, struct error *error)
{
    for (uint32_t i = NATURAL_NONE + 1; i < NATURAL_COUNT; i++) {
        if (catalog_find_name(catalog, natural_names[i]) == NULL)
            return json_error(list, error,
                              "the entity \"%s\", which the generator grows, is missing",
                              natural_names[i]);
    }
    return true;
}

bool catalog_reader_entities(struct json top, enum catalog_numbering numbering,
                             struct catalog *catalog, struct error *error)
{
    struct json list;
    if (!json_get_array(top, "entities", &list, error))
        return false;
    uint32_t count = json_count(list);
    if (count >= CATALOG_TYPES_MAX)
        return json_error(list, error, "more than %d entity types", CATALOG_TYPES_MAX - 1);
    for (uint32_t i = 0; i < count; i++) {
        struct json entry = json_at(list, i);
        struct entity_def def = {0};
        if (!read_entity(entry, numbering, &def, error))
            return false;
        if (catalog_find_name(catalog, def.name) != NULL)
            return twice_error(entry, def.name, error);
        if (numbering == CATALOG_NUMBERING_ORDER)
            def.type = (uint16_t)(i + 1);
        if (catalog->entities[def.type].type != 0)
            return json_error(entry, error, "key \"type\": %u is the type of an earlier entry",
                              def.type);
        catalog->entities[def.type] = def;
    }
    catalog->type_count = (uint16_t)count;
    return check_naturals(list, catalog, error);
}
