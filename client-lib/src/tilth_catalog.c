/* What a caller can know of types. */
#include "client.h"

static struct tilth_count count_of(const struct catalog *catalog, const struct item_count *item,
                                   uint32_t chance_ppm)
{
    return (struct tilth_count){catalog->entities[item->type].name, item->count, chance_ppm};
}

static void add_harvest(const struct catalog *catalog, const struct harvest_def *harvest,
                        struct tilth_type *out_type)
{
    const struct skill_def *skill = catalog_find_skill(catalog, harvest->skill);
    out_type->harvest_ms = harvest->time_ms;
    out_type->harvest_tool = catalog->tool_kinds[harvest->tool];
    out_type->harvest_skill = skill != NULL ? skill->name : "";
    out_type->yield_count = harvest->yield_count;
    for (uint32_t i = 0; i < harvest->yield_count; i++)
        out_type->yields[i] =
            count_of(catalog, &harvest->yields[i].item, harvest->yields[i].chance_ppm);
}

int tilth_client_type_facts(const struct tilth_client *client, const char *type,
                            struct tilth_type *out_type)
{
    static const enum tilth_kind kinds[] = {
        [KIND_ENTITY] = TILTH_KIND_ENTITY,
        [KIND_ITEM] = TILTH_KIND_ITEM,
        [KIND_STRUCTURE] = TILTH_KIND_STRUCTURE,
    };
    const struct catalog *catalog = client->session.catalog;
    const struct entity_def *def =
        catalog != NULL && type != NULL ? catalog_find_name(catalog, type) : NULL;
    if (def == NULL)
        return 0;
    *out_type = (struct tilth_type){
        .name = def->name,
        .kind = kinds[def->kind],
        .is_placeable = def->is_placeable,
        .is_removable = def->is_removable,
        .stack_max = def->stack_max,
        .tool = catalog->tool_kinds[def->tool],
        .durability = def->durability,
        .width = def->footprint.width,
        .height = def->footprint.height,
        .primary_x = def->footprint.primary_x,
        .primary_y = def->footprint.primary_y,
        .cost_count = def->cost_count,
    };
    for (uint32_t i = 0; i < def->cost_count; i++)
        out_type->costs[i] = count_of(catalog, &def->costs[i], CATALOG_PPM);
    add_harvest(catalog, &def->harvest, out_type);
    (void)tilth_client_type_image(client, type, &out_type->image);
    return 1;
}
