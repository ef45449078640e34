/* Entity types, items and structures: first all names, then all entries. */
#include <string.h>

#include "base/ensure.h"
#include "catalog/catalog_reader.h"

/* What entries may have: "type" only where ids are written. */
static const char *const entity_keys[] = {
    "type",  "name",   "solid",       "placeable", "removable", "image",
    "stack", "lies_s", "shares_with", "harvest",   "grows",     NULL,
};
static const char *const item_keys[] = {
    "type", "name", "stack", "lies_s", "mixes", "tool", "durability", "image", NULL,
};
static const char *const structure_keys[] = {
    "type",    "name",      "placeable", "removable", "image", "width",  "height",
    "primary", "collision", "cost",      "harvest",   "stack", "lies_s", NULL,
};

static const struct type_list type_lists[TYPE_LISTS] = {
    {"entities", KIND_ENTITY, entity_keys},
    {"items", KIND_ITEM, item_keys},
    {"structures", KIND_STRUCTURE, structure_keys},
};

enum { STACK_DEFAULT = 99 };

const struct type_list *catalog_type_list(uint32_t index)
{
    ensure(index < TYPE_LISTS);
    return &type_lists[index];
}

/* The number of the kind of tool, which is made when it is new; 0 when there is no place left. */
static uint8_t add_tool_kind(struct catalog *catalog, const char *name)
{
    for (uint32_t kind = 1; kind < CATALOG_TOOL_KINDS_MAX; kind++) {
        if (catalog->tool_kinds[kind][0] == 0)
            memcpy(catalog->tool_kinds[kind], name, strlen(name) + 1);
        if (strcmp(catalog->tool_kinds[kind], name) == 0)
            return (uint8_t)kind;
    }
    return 0;
}

static bool read_tool_kind(struct json entry, struct catalog *catalog, struct entity_def *def,
                           struct error *error)
{
    const char *name = NULL;
    if (!json_has(entry, "tool"))
        return true;
    if (!json_get_string(entry, "tool", &name, error))
        return false;
    if (!catalog_reader_is_name(name))
        return json_error(entry, error, "key \"tool\": \"%.40s\" is not a name", name);
    def->tool = add_tool_kind(catalog, name);
    return def->tool != 0 || json_error(entry, error, "key \"tool\": more than %d kinds of tool",
                                        CATALOG_TOOL_KINDS_MAX - 1);
}

static bool read_type_name(struct json entry, const struct type_list *list,
                           const struct catalog_origin *origin, struct catalog *catalog,
                           struct error *error)
{
    struct entity_def def = {.kind = list->kind};
    int64_t type = catalog->type_count + 1;
    if (!catalog_reader_name(&entry, def.name, error))
        return false;
    if (origin->numbering == CATALOG_NUMBERING_WRITTEN &&
        !json_get_integer(entry, "type", (struct json_range){1, CATALOG_TYPES_MAX - 1}, &type,
                          error))
        return false;
    if (type >= CATALOG_TYPES_MAX)
        return json_error(entry, error, "more than %d types", CATALOG_TYPES_MAX - 1);
    if (catalog_find_name(catalog, def.name) != NULL)
        return json_error(entry, error, "key \"name\": \"%s\" is the name of an earlier entry",
                          def.name);
    if (catalog->entities[type].type != 0)
        return json_error(entry, error, "key \"type\": %u is the type of an earlier entry",
                          (unsigned)type);
    if (list->kind == KIND_ITEM && !read_tool_kind(entry, catalog, &def, error))
        return false;
    def.type = (uint16_t)type;
    catalog->entities[type] = def;
    catalog->type_count++;
    return true;
}

bool catalog_reader_type_names(struct json top, const struct type_list *list,
                               const struct catalog_origin *origin, struct catalog *catalog,
                               struct error *error)
{
    struct json entries;
    if (!json_get_array(top, list->key, &entries, error))
        return false;
    uint32_t count = json_count(entries);
    for (uint32_t i = 0; i < count; i++) {
        if (!read_type_name(json_at(entries, i), list, origin, catalog, error))
            return false;
    }
    return list->kind != KIND_ENTITY || catalog_reader_check_naturals(entries, catalog, error);
}

/* Files have their pictures with them: the one that an id names might be gone some day. */
static bool check_no_id(struct json image, const struct catalog_origin *origin, struct error *error)
{
    const char *key = json_has(image, "customImage") ? "customImage" : "custom_image";
    return origin->numbering == CATALOG_NUMBERING_WRITTEN || !json_has(image, key) ||
           json_is_null(image, key) ||
           json_error(image, error,
                      "key \"%s\": content has its pictures with it, in \"custom_image_data\"",
                      key);
}

static bool read_image(struct json entry, const struct catalog_origin *origin,
                       struct entity_def *def, struct error *error)
{
    struct json image;
    struct image_reading reading = {CATALOG_SIZE_PX_MAX, origin->painter};
    def->image = image_default();
    return !json_has(entry, "image") ||
           (json_get_object(entry, "image", &image, error) && check_no_id(image, origin, error) &&
            image_read(image, &reading, &def->image, error));
}

static bool read_shares(struct json entry, const struct catalog *catalog, struct entity_def *def,
                        struct error *error)
{
    struct json list;
    if (!json_has(entry, "shares_with"))
        return true;
    if (!json_get_array(entry, "shares_with", &list, error))
        return false;
    uint32_t count = json_count(list);
    if (count > CATALOG_SHARES_MAX)
        return json_error(list, error, "more than %d types", CATALOG_SHARES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = NULL;
        struct json element = json_at(list, i);
        if (!json_string(element, &name, error))
            return false;
        const struct entity_def *other = catalog_find_name(catalog, name);
        if (other == NULL || other->kind != KIND_ENTITY)
            return json_error(element, error, "there is no entity type \"%.40s\"", name);
        for (uint32_t j = 0; j < i; j++) {
            if (def->shares[j] == other->type)
                return json_error(element, error, "\"%s\" stands there twice", name);
        }
        def->shares[def->share_count++] = other->type;
    }
    return true;
}

static bool read_growth(struct json entry, const struct catalog *catalog, struct entity_def *def,
                        struct error *error)
{
    static const char *const keys[] = {"into", "after_s", NULL};
    struct json growth;
    uint16_t into = 0;
    int64_t after_s = 0;
    if (!json_has(entry, "grows"))
        return true;
    if (!json_get_object(entry, "grows", &growth, error) || !json_check_keys(growth, keys, error) ||
        !catalog_reader_type(growth, "into", catalog, &into, error) ||
        !json_get_integer(growth, "after_s", (struct json_range){1, CATALOG_SECONDS_MAX}, &after_s,
                          error))
        return false;
    if (into == def->type)
        return json_error(growth, error, "key \"into\": must be another type");
    if (catalog->entities[into].kind == KIND_ITEM)
        return json_error(growth, error, "key \"into\": must be an entity type or a structure");
    def->growth = (struct growth_def){into, (uint32_t)after_s};
    return true;
}

static bool read_stack(struct json entry, struct entity_def *def, struct error *error)
{
    int64_t stack = STACK_DEFAULT, durability = 0, lies_s = CATALOG_LIES_S_DEFAULT;
    struct json_range stacks = {1, CATALOG_STACK_MAX}, uses = {1, CATALOG_DURABILITY_MAX};
    struct json_range seconds = {1, CATALOG_SECONDS_MAX};
    def->is_mixing = true;
    if (!catalog_reader_integer(entry, "stack", stacks, &stack, error) ||
        !catalog_reader_integer(entry, "lies_s", seconds, &lies_s, error) ||
        !catalog_reader_integer(entry, "durability", uses, &durability, error) ||
        !catalog_reader_flag(entry, "mixes", &def->is_mixing, error))
        return false;
    if (durability > 0 && def->tool == 0)
        return json_error(entry, error, "key \"durability\": only a tool wears");
    if (durability > 0 && json_has(entry, "stack") && stack != 1)
        return json_error(entry, error, "key \"stack\": what wears does not stack");
    def->stack_max = durability > 0 ? 1 : (uint16_t)stack;
    def->durability = (uint32_t)durability;
    def->lies_s = (uint32_t)lies_s;
    return true;
}

/* What the kinds of type do not share. */
static bool read_kind(struct json entry, const struct catalog *catalog, struct entity_def *def,
                      struct error *error)
{
    if (def->kind == KIND_ITEM)
        return true;
    if (!json_get_bool(entry, "placeable", &def->is_placeable, error) ||
        !json_get_bool(entry, "removable", &def->is_removable, error) ||
        !catalog_reader_harvest(entry, catalog, def, error))
        return false;
    if (def->kind == KIND_STRUCTURE)
        return catalog_reader_structure(entry, catalog, def, error);
    return json_get_bool(entry, "solid", &def->is_solid, error) &&
           read_shares(entry, catalog, def, error) && read_growth(entry, catalog, def, error);
}

static bool read_type(struct json entry, const struct type_list *list,
                      const struct catalog_origin *origin, struct catalog *catalog,
                      struct error *error)
{
    char name[CATALOG_NAME_BYTES];
    const char *const *keys = list->keys + (origin->numbering == CATALOG_NUMBERING_ORDER);
    if (!catalog_reader_name(&entry, name, error) || !json_check_keys(entry, keys, error))
        return false;
    const struct entity_def *named = catalog_find_name(catalog, name);
    ensure(named != NULL);
    struct entity_def def = *named;
    def.footprint = (struct footprint_def){.width = 1, .height = 1};
    if (!read_image(entry, origin, &def, error) || !read_stack(entry, &def, error) ||
        !read_kind(entry, catalog, &def, error))
        return false;
    catalog->entities[def.type] = def;
    return true;
}

bool catalog_reader_types(struct json top, const struct type_list *list,
                          const struct catalog_origin *origin, struct catalog *catalog,
                          struct error *error)
{
    struct json entries;
    if (!json_get_array(top, list->key, &entries, error))
        return false;
    uint32_t count = json_count(entries);
    for (uint32_t i = 0; i < count; i++) {
        if (!read_type(json_at(entries, i), list, origin, catalog, error))
            return false;
    }
    return true;
}
