/* The catalogue as JSON with ids: what a client gets, and what new ids go through. */
#include "base/ensure.h"
#include "catalog/catalog_reader.h"

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

static void write_skills(const struct catalog *catalog, struct text *text)
{
    text_json_open(text, "skills", '[');
    for (uint32_t i = 1; i < CATALOG_SKILLS_MAX; i++) {
        const struct skill_def *def = &catalog->skills[i];
        if (def->skill == 0)
            continue;
        text_json_open(text, NULL, '{');
        text_json_string(text, "name", def->name);
        text_json_number(text, "skill", def->skill);
        text_json_open(text, "levels", '[');
        for (uint32_t level = 0; level < def->level_count; level++)
            text_json_number(text, NULL, def->levels[level]);
        text_json_close(text, ']');
        text_json_close(text, '}');
    }
    text_json_close(text, ']');
}

static const char *name_of(const struct catalog *catalog, uint16_t type)
{
    const struct entity_def *def = catalog_find_type(catalog, type);
    ensure(def != NULL); /* the reader has resolved it */
    return def->name;
}

static void write_item_count(const struct catalog *catalog, const struct item_count *item,
                             struct text *text)
{
    text_json_string(text, "item", name_of(catalog, item->type));
    text_json_number(text, "count", item->count);
}

static void write_bonus(const struct catalog *catalog, const struct harvest_def *harvest,
                        struct text *text)
{
    text_json_open(text, "bonus", '{');
    text_json_string(text, "item", name_of(catalog, harvest->bonus_type));
    text_json_open(text, "tiers", '[');
    for (uint32_t i = 0; i < harvest->tier_count; i++) {
        text_json_open(text, NULL, '{');
        text_json_number(text, "level", harvest->tiers[i].level);
        text_json_decimal(text, "chance", harvest->tiers[i].chance_ppm, CATALOG_PPM);
        text_json_close(text, '}');
    }
    text_json_close(text, ']');
    text_json_close(text, '}');
}

static void write_harvest(const struct catalog *catalog, const struct harvest_def *harvest,
                          struct text *text)
{
    if (harvest->time_ms == 0)
        return;
    text_json_open(text, "harvest", '{');
    text_json_number(text, "time_ms", harvest->time_ms);
    if (harvest->tool != 0)
        text_json_string(text, "tool", catalog->tool_kinds[harvest->tool]);
    if (harvest->skill != 0)
        text_json_string(text, "skill", catalog->skills[harvest->skill].name);
    text_json_open(text, "yields", '[');
    for (uint32_t i = 0; i < harvest->yield_count; i++) {
        text_json_open(text, NULL, '{');
        write_item_count(catalog, &harvest->yields[i].item, text);
        text_json_decimal(text, "chance", harvest->yields[i].chance_ppm, CATALOG_PPM);
        text_json_close(text, '}');
    }
    text_json_close(text, ']');
    if (harvest->tier_count > 0)
        write_bonus(catalog, harvest, text);
    text_json_bool(text, "intact", harvest->is_intact);
    if (harvest->leaves != 0)
        text_json_string(text, "leaves", name_of(catalog, harvest->leaves));
    text_json_close(text, '}');
}

static void write_footprint(const struct footprint_def *footprint, struct text *text)
{
    text_json_number(text, "width", footprint->width);
    text_json_number(text, "height", footprint->height);
    text_json_open(text, "primary", '[');
    text_json_number(text, NULL, footprint->primary_x);
    text_json_number(text, NULL, footprint->primary_y);
    text_json_close(text, ']');
    text_json_open(text, "collision", '[');
    for (uint32_t bit = 0; bit < 64; bit++) {
        if ((footprint->solid >> bit & 1) == 0)
            continue;
        text_json_open(text, NULL, '[');
        text_json_number(text, NULL, bit % CATALOG_FOOTPRINT_MAX);
        text_json_number(text, NULL, bit / CATALOG_FOOTPRINT_MAX);
        text_json_close(text, ']');
    }
    text_json_close(text, ']');
}

struct items {
    const struct item_count *items;
    uint32_t count;
};

static void write_items(const struct catalog *catalog, const char *key, const struct items *list,
                        struct text *text)
{
    text_json_open(text, key, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        text_json_open(text, NULL, '{');
        write_item_count(catalog, &list->items[i], text);
        text_json_close(text, '}');
    }
    text_json_close(text, ']');
}

static void write_structure(const struct catalog *catalog, const struct entity_def *def,
                            struct text *text)
{
    write_footprint(&def->footprint, text);
    write_items(catalog, "cost", &(struct items){def->costs, def->cost_count}, text);
}

static void write_shares(const struct catalog *catalog, const struct entity_def *def,
                         struct text *text)
{
    text_json_open(text, "shares_with", '[');
    for (uint32_t i = 0; i < def->share_count; i++)
        text_json_string(text, NULL, name_of(catalog, def->shares[i]));
    text_json_close(text, ']');
}

static void write_entity(const struct catalog *catalog, const struct entity_def *def,
                         struct text *text)
{
    text_json_bool(text, "solid", def->is_solid);
    if (def->share_count > 0)
        write_shares(catalog, def, text);
    if (def->growth.into == 0)
        return;
    text_json_open(text, "grows", '{');
    text_json_string(text, "into", name_of(catalog, def->growth.into));
    text_json_number(text, "after_s", def->growth.after_s);
    text_json_close(text, '}');
}

static void write_item(const struct catalog *catalog, const struct entity_def *def,
                       struct text *text)
{
    text_json_bool(text, "mixes", def->is_mixing);
    if (def->tool != 0)
        text_json_string(text, "tool", catalog->tool_kinds[def->tool]);
    if (def->durability != 0)
        text_json_number(text, "durability", def->durability);
}

static void write_image(const struct image_def *image, struct text *text)
{
    struct image_def usual = image_default();
    if (image_is_equal(image, &usual))
        return;
    text_json_open(text, "image", '{');
    image_write(image, text);
    text_json_close(text, '}');
}

static void write_type(const struct catalog *catalog, const struct entity_def *def,
                       struct text *text)
{
    text_json_open(text, NULL, '{');
    text_json_string(text, "name", def->name);
    text_json_number(text, "type", def->type);
    text_json_number(text, "stack", def->stack_max);
    text_json_number(text, "lies_s", def->lies_s);
    write_image(&def->image, text);
    if (def->kind == KIND_ITEM) {
        write_item(catalog, def, text);
    } else {
        text_json_bool(text, "placeable", def->is_placeable);
        text_json_bool(text, "removable", def->is_removable);
        write_harvest(catalog, &def->harvest, text);
        if (def->kind == KIND_ENTITY)
            write_entity(catalog, def, text);
        else
            write_structure(catalog, def, text);
    }
    text_json_close(text, '}');
}

static void write_types(const struct catalog *catalog, const struct type_list *list,
                        struct text *text)
{
    text_json_open(text, list->key, '[');
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        const struct entity_def *def = &catalog->entities[type];
        if (def->type != 0 && def->kind == list->kind)
            write_type(catalog, def, text);
    }
    text_json_close(text, ']');
}

size_t catalog_write(const struct catalog *catalog, char *out_text, size_t capacity_bytes)
{
    struct text text;
    if (capacity_bytes == 0)
        return 0;
    text_init(&text, out_text, capacity_bytes);
    text_json_open(&text, NULL, '{');
    write_terrains(catalog, &text);
    write_skills(catalog, &text);
    for (uint32_t i = 0; i < TYPE_LISTS; i++)
        write_types(catalog, catalog_type_list(i), &text);
    if (catalog->kit_count > 0)
        write_items(catalog, "kit", &(struct items){catalog->kit, catalog->kit_count}, &text);
    text_json_close(&text, '}');
    return text.is_cut ? 0 : text.size_bytes;
}
