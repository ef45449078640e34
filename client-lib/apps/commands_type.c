/* The command about types. */
#include "commands_parts.h"

static void print_counts(struct commands *commands, const char *key,
                         const struct tilth_count *counts, uint32_t count)
{
    struct text *output = &commands->output;
    text_json_open(output, key, '[');
    for (uint32_t i = 0; i < count; i++) {
        text_json_open(output, NULL, '{');
        text_json_string(output, "item", counts[i].type);
        text_json_number(output, "count", counts[i].count);
        text_json_decimal(output, "chance", counts[i].chance_ppm, 1000000);
        text_json_close(output, '}');
    }
    text_json_close(output, ']');
}

static void print_structure(struct commands *commands, const struct tilth_type *type)
{
    commands_pair(commands, "cells", type->width, type->height);
    commands_pair(commands, "primary", type->primary_x, type->primary_y);
    print_counts(commands, "cost", type->costs, type->cost_count);
}

static void print_harvest(struct commands *commands, const struct tilth_type *type)
{
    struct text *output = &commands->output;
    text_json_open(output, "harvest", '{');
    text_json_number(output, "time_ms", type->harvest_ms);
    text_json_string(output, "tool", type->harvest_tool);
    text_json_string(output, "skill", type->harvest_skill);
    print_counts(commands, "yields", type->yields, type->yield_count);
    text_json_close(output, '}');
}

enum outcome commands_type(struct commands *commands)
{
    static const char *const kinds[] = {
        [TILTH_KIND_ENTITY] = "entity",
        [TILTH_KIND_ITEM] = "item",
        [TILTH_KIND_STRUCTURE] = "structure",
    };
    struct text *output = &commands->output;
    struct tilth_type type;
    if (!tilth_client_type_facts(commands->client, commands->words[1], &type))
        return commands_fail(commands, tilth_client_is_connected(commands->client)
                                           ? "there is no such type in this world"
                                           : "not connected");
    text_json_string(output, "name", type.name);
    text_json_string(output, "kind", kinds[type.kind]);
    text_json_bool(output, "placeable", type.is_placeable);
    text_json_bool(output, "removable", type.is_removable);
    text_json_number(output, "stack_max", type.stack_max);
    if (type.tool[0] != 0)
        text_json_string(output, "tool", type.tool);
    if (type.durability != 0)
        text_json_number(output, "durability", type.durability);
    if (type.kind == TILTH_KIND_STRUCTURE)
        print_structure(commands, &type);
    if (type.harvest_ms != 0)
        print_harvest(commands, &type);
    commands_print_look(commands, &type.image);
    return OUTCOME_OK;
}
