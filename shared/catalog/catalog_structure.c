/* The cells that a structure consists of, and what it costs. */
#include "catalog/catalog_reader.h"

/* A cell of the structure: [x, y], counted from its upper left one. */
static bool read_cell(struct json pair, const struct footprint_def *footprint, uint8_t *out_x,
                      uint8_t *out_y, struct error *error)
{
    int64_t x = 0, y = 0;
    if (json_count(pair) != 2 || json_is_object(pair))
        return json_error(pair, error, "must be a cell: [x, y]");
    if (!json_integer(json_at(pair, 0), (struct json_range){0, footprint->width - 1}, &x, error) ||
        !json_integer(json_at(pair, 1), (struct json_range){0, footprint->height - 1}, &y, error))
        return false;
    *out_x = (uint8_t)x;
    *out_y = (uint8_t)y;
    return true;
}

/* "collision": a list of cells; absent, all of them. */
static bool read_collision(struct json entry, struct footprint_def *footprint, struct error *error)
{
    struct json list;
    for (uint32_t y = 0; y < footprint->height; y++) {
        for (uint32_t x = 0; x < footprint->width; x++)
            footprint->solid |= UINT64_C(1) << (y * CATALOG_FOOTPRINT_MAX + x);
    }
    if (!json_has(entry, "collision"))
        return true;
    if (!json_get_array(entry, "collision", &list, error))
        return false;
    footprint->solid = 0;
    for (uint32_t i = 0; i < json_count(list); i++) {
        uint8_t x = 0, y = 0;
        struct json cell = json_at(list, i);
        if (!read_cell(cell, footprint, &x, &y, error))
            return false;
        uint64_t bit = UINT64_C(1) << (y * CATALOG_FOOTPRINT_MAX + x);
        if ((footprint->solid & bit) != 0)
            return json_error(cell, error, "stands there twice");
        footprint->solid |= bit;
    }
    return true;
}

bool catalog_reader_item_counts(struct json list, const struct catalog *catalog,
                                struct item_counts *out_items, struct error *error)
{
    static const char *const keys[] = {"item", "count", NULL};
    uint32_t count = json_count(list);
    if (count > out_items->max)
        return json_error(list, error, "more than %u kinds of item", out_items->max);
    for (uint32_t i = 0; i < count; i++) {
        struct json item = json_at(list, i);
        if (!json_check_keys(item, keys, error) ||
            !catalog_reader_item_count(item, catalog, &out_items->items[i], error))
            return false;
        for (uint32_t j = 0; j < i; j++) {
            if (out_items->items[j].type == out_items->items[i].type)
                return json_error(item, error, "key \"item\": stands there twice");
        }
    }
    out_items->count = count;
    return true;
}

static bool read_costs(struct json entry, const struct catalog *catalog, struct entity_def *def,
                       struct error *error)
{
    struct item_counts costs = {def->costs, 0, CATALOG_COSTS_MAX};
    struct json list;
    if (!json_has(entry, "cost"))
        return true;
    if (!json_get_array(entry, "cost", &list, error) ||
        !catalog_reader_item_counts(list, catalog, &costs, error))
        return false;
    def->cost_count = (uint8_t)costs.count;
    return true;
}

bool catalog_reader_kit(struct json top, struct catalog *catalog, struct error *error)
{
    struct item_counts kit = {catalog->kit, 0, CATALOG_KIT_MAX};
    struct json list;
    if (!json_get_array(top, "kit", &list, error) ||
        !catalog_reader_item_counts(list, catalog, &kit, error))
        return false;
    catalog->kit_count = (uint16_t)kit.count;
    return true;
}

bool catalog_reader_structure(struct json entry, const struct catalog *catalog,
                              struct entity_def *def, struct error *error)
{
    struct json_range range = {1, CATALOG_FOOTPRINT_MAX};
    struct footprint_def footprint = {.width = 0};
    struct json primary;
    int64_t width = 0, height = 0;
    if (!json_get_integer(entry, "width", range, &width, error) ||
        !json_get_integer(entry, "height", range, &height, error) ||
        !json_get_array(entry, "primary", &primary, error))
        return false;
    footprint.width = (uint8_t)width;
    footprint.height = (uint8_t)height;
    if (!read_cell(primary, &footprint, &footprint.primary_x, &footprint.primary_y, error) ||
        !read_collision(entry, &footprint, error) || !read_costs(entry, catalog, def, error))
        return false;
    def->footprint = footprint;
    return true;
}
