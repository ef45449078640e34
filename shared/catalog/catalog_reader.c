#include "catalog/catalog_reader.h"

#include <string.h>

#include "base/ensure.h"

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

bool catalog_reader_name(struct json *entry, char out_name[CATALOG_NAME_BYTES], struct error *error)
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

bool catalog_reader_integer(struct json entry, const char *key, struct json_range range,
                            int64_t *out_value, struct error *error)
{
    return !json_has(entry, key) || json_get_integer(entry, key, range, out_value, error);
}

bool catalog_reader_flag(struct json entry, const char *key, bool *out_value, struct error *error)
{
    return !json_has(entry, key) || json_get_bool(entry, key, out_value, error);
}

bool catalog_reader_type(struct json entry, const char *key, const struct catalog *catalog,
                         uint16_t *out_type, struct error *error)
{
    const char *name = NULL;
    if (!json_get_string(entry, key, &name, error))
        return false;
    const struct entity_def *def = catalog_find_name(catalog, name);
    const char *nearest = catalog_suggest(catalog, name);
    if (def == NULL)
        return json_error(entry, error, "key \"%s\": there is no type \"%.40s\"%s%s%s", key, name,
                          nearest != NULL ? "; did you mean \"" : "",
                          nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
    *out_type = def->type;
    return true;
}

bool catalog_reader_item(struct json entry, const struct catalog *catalog, uint16_t *out_type,
                         struct error *error)
{
    uint16_t type = 0;
    if (!catalog_reader_type(entry, "item", catalog, &type, error))
        return false;
    if (catalog->entities[type].kind == KIND_STRUCTURE)
        return json_error(entry, error, "key \"item\": \"%s\" is a structure, which lies in no bag",
                          catalog->entities[type].name);
    *out_type = type;
    return true;
}

bool catalog_reader_item_count(struct json entry, const struct catalog *catalog,
                               struct item_count *out_item, struct error *error)
{
    int64_t count = 0;
    struct json_range range = {1, CATALOG_STACK_MAX};
    if (!catalog_reader_item(entry, catalog, &out_item->type, error) ||
        !json_get_integer(entry, "count", range, &count, error))
        return false;
    out_item->count = (uint16_t)count;
    return true;
}

static bool read_terrain(struct json entry, struct terrain_def *out_def, struct error *error)
{
    static const char *const keys[] = {"name", "solid", "buildable", NULL};
    return catalog_reader_name(&entry, out_def->name, error) &&
           json_check_keys(entry, keys, error) &&
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

/* The experience that each level takes: positive and rising. */
static bool read_levels(struct json entry, struct skill_def *def, struct error *error)
{
    struct json list;
    if (!json_get_array(entry, "levels", &list, error))
        return false;
    uint32_t count = json_count(list);
    if (count < 1 || count > CATALOG_LEVELS_MAX)
        return json_error(list, error, "must have 1 to %d levels", CATALOG_LEVELS_MAX);
    int64_t least = 1;
    for (uint32_t i = 0; i < count; i++) {
        int64_t points = 0;
        if (!json_integer(json_at(list, i), (struct json_range){least, UINT32_MAX}, &points, error))
            return false;
        def->levels[i] = (uint32_t)points;
        least = points + 1;
    }
    def->level_count = (uint8_t)count;
    return true;
}

static bool read_skill(struct json entry, const struct catalog_origin *origin,
                       struct catalog *catalog, struct error *error)
{
    static const char *const file_keys[] = {"name", "levels", NULL};
    static const char *const written_keys[] = {"name", "skill", "levels", NULL};
    bool is_written = origin->numbering == CATALOG_NUMBERING_WRITTEN;
    struct skill_def def = {.skill = 0};
    int64_t skill = catalog->skill_count + 1;
    struct json_range range = {1, CATALOG_SKILLS_MAX - 1};
    if (!catalog_reader_name(&entry, def.name, error) ||
        !json_check_keys(entry, is_written ? written_keys : file_keys, error) ||
        !read_levels(entry, &def, error) ||
        (is_written && !json_get_integer(entry, "skill", range, &skill, error)))
        return false;
    if (catalog_find_skill_name(catalog, def.name) != NULL)
        return twice_error(entry, def.name, error);
    if (catalog->skills[skill].skill != 0)
        return json_error(entry, error, "key \"skill\": %u is the id of an earlier entry",
                          (unsigned)skill);
    def.skill = (uint8_t)skill;
    catalog->skills[skill] = def;
    catalog->skill_count++;
    return true;
}

bool catalog_reader_skills(struct json top, const struct catalog_origin *origin,
                           struct catalog *catalog, struct error *error)
{
    struct json list;
    if (!json_get_array(top, "skills", &list, error))
        return false;
    uint32_t count = json_count(list);
    if (count >= CATALOG_SKILLS_MAX)
        return json_error(list, error, "more than %d skills", CATALOG_SKILLS_MAX - 1);
    for (uint32_t i = 0; i < count; i++) {
        if (!read_skill(json_at(list, i), origin, catalog, error))
            return false;
    }
    return true;
}

bool catalog_reader_check_naturals(struct json list, const struct catalog *catalog,
                                   struct error *error)
{
    for (uint32_t i = NATURAL_NONE + 1; i < NATURAL_COUNT; i++) {
        const struct entity_def *def = catalog_find_name(catalog, natural_names[i]);
        if (def == NULL || def->kind != KIND_ENTITY)
            return json_error(list, error,
                              "the entity \"%s\", which the generator grows, is missing",
                              natural_names[i]);
    }
    return true;
}
