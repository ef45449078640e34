/* What a harvest takes, gives and leaves. */
#include <string.h>

#include "catalog/catalog_reader.h"

enum { HARVEST_MS_MAX = 600000 };

/* "chance": a fraction above 0, 1 at most. */
static bool read_chance(struct json entry, uint32_t *out_ppm, struct error *error)
{
    int64_t ppm = 0;
    struct json_scale scale = {1, CATALOG_PPM, CATALOG_PPM};
    if (!json_get_scaled(entry, "chance", scale, &ppm, error))
        return false;
    *out_ppm = (uint32_t)ppm;
    return true;
}

static bool read_yields(struct json harvest, const struct catalog *catalog, struct harvest_def *out,
                        struct error *error)
{
    static const char *const keys[] = {"item", "count", "chance", NULL};
    struct json list;
    if (!json_get_array(harvest, "yields", &list, error))
        return false;
    uint32_t count = json_count(list);
    if (count < 1 || count > CATALOG_YIELDS_MAX)
        return json_error(list, error, "must have 1 to %d yields", CATALOG_YIELDS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        struct json entry = json_at(list, i);
        struct yield_def *yield = &out->yields[i];
        if (!json_check_keys(entry, keys, error) ||
            !catalog_reader_item_count(entry, catalog, &yield->item, error) ||
            !read_chance(entry, &yield->chance_ppm, error))
            return false;
    }
    out->yield_count = (uint8_t)count;
    return true;
}

/* Levels beyond the skill's are refused: no one reaches them. */
static bool read_tiers(struct json bonus, const struct catalog *catalog, struct harvest_def *out,
                       struct error *error)
{
    static const char *const keys[] = {"level", "chance", NULL};
    struct json_range levels = {1, catalog->skills[out->skill].level_count};
    struct json list;
    if (!json_get_array(bonus, "tiers", &list, error))
        return false;
    uint32_t count = json_count(list);
    if (count < 1 || count > CATALOG_TIERS_MAX)
        return json_error(list, error, "must have 1 to %d tiers", CATALOG_TIERS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        struct json entry = json_at(list, i);
        int64_t level = 0;
        if (!json_check_keys(entry, keys, error) ||
            !json_get_integer(entry, "level", levels, &level, error) ||
            !read_chance(entry, &out->tiers[i].chance_ppm, error))
            return false;
        out->tiers[i].level = (uint8_t)level;
    }
    out->tier_count = (uint8_t)count;
    return true;
}

static bool read_bonus(struct json harvest, const struct catalog *catalog, struct harvest_def *out,
                       struct error *error)
{
    static const char *const keys[] = {"item", "tiers", NULL};
    struct json bonus;
    if (!json_has(harvest, "bonus"))
        return true;
    if (out->skill == 0)
        return json_error(harvest, error, "key \"bonus\": needs a skill");
    return json_get_object(harvest, "bonus", &bonus, error) &&
           json_check_keys(bonus, keys, error) &&
           catalog_reader_item(bonus, catalog, &out->bonus_type, error) &&
           read_tiers(bonus, catalog, out, error);
}

static bool read_tool(struct json harvest, const struct catalog *catalog, struct harvest_def *out,
                      struct error *error)
{
    const char *name = NULL;
    if (!json_has(harvest, "tool"))
        return true;
    if (!json_get_string(harvest, "tool", &name, error))
        return false;
    for (uint32_t kind = 1; kind < CATALOG_TOOL_KINDS_MAX; kind++) {
        if (name[0] != 0 && strcmp(catalog->tool_kinds[kind], name) == 0)
            out->tool = (uint8_t)kind;
    }
    return out->tool != 0 ||
           json_error(harvest, error, "key \"tool\": no item is a tool of the kind \"%.40s\"",
                      name);
}

static bool read_skill(struct json harvest, const struct catalog *catalog, struct harvest_def *out,
                       struct error *error)
{
    const char *name = NULL;
    if (!json_has(harvest, "skill"))
        return true;
    if (!json_get_string(harvest, "skill", &name, error))
        return false;
    const struct skill_def *skill = catalog_find_skill_name(catalog, name);
    if (skill == NULL)
        return json_error(harvest, error, "key \"skill\": there is no skill \"%.40s\"", name);
    out->skill = skill->skill;
    return true;
}

static bool read_leaves(struct json harvest, const struct catalog *catalog, uint32_t own_type,
                        struct harvest_def *out, struct error *error)
{
    if (!json_has(harvest, "leaves"))
        return true;
    if (!catalog_reader_type(harvest, "leaves", catalog, &out->leaves, error))
        return false;
    if (out->leaves == own_type)
        return json_error(harvest, error, "key \"leaves\": must be another type");
    return catalog->entities[out->leaves].kind == KIND_ENTITY ||
           json_error(harvest, error, "key \"leaves\": must be an entity type");
}

bool catalog_reader_harvest(struct json entry, const struct catalog *catalog,
                            struct entity_def *def, struct error *error)
{
    static const char *const keys[] = {"tool",  "skill",  "time_ms", "yields",
                                       "bonus", "intact", "leaves",  NULL};
    struct harvest_def harvest = {.time_ms = 0};
    struct json object;
    int64_t time_ms = 0;
    if (!json_has(entry, "harvest"))
        return true;
    if (!json_get_object(entry, "harvest", &object, error) ||
        !json_check_keys(object, keys, error) ||
        !json_get_integer(object, "time_ms", (struct json_range){1, HARVEST_MS_MAX}, &time_ms,
                          error) ||
        !read_tool(object, catalog, &harvest, error) ||
        !read_skill(object, catalog, &harvest, error) ||
        !read_yields(object, catalog, &harvest, error) ||
        !read_bonus(object, catalog, &harvest, error) ||
        !catalog_reader_flag(object, "intact", &harvest.is_intact, error) ||
        !read_leaves(object, catalog, def->type, &harvest, error))
        return false;
    harvest.time_ms = (uint32_t)time_ms;
    def->harvest = harvest;
    return true;
}
