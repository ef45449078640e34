/* The commands about what a player owns. */
#include <stdio.h>
#include <string.h>

#include "commands_parts.h"

/* Where things in a slot come from. */
static void print_source(struct commands *commands, const struct tilth_slot *slot)
{
    struct text *output = &commands->output;
    if (slot->source[0] == '\0')
        return;
    text_json_open(output, "harvested", '{');
    text_json_string(output, "from", slot->source);
    text_json_open(output, "cell", '[');
    text_json_number(output, NULL, slot->source_x);
    text_json_number(output, NULL, slot->source_y);
    text_json_close(output, ']');
    text_json_number(output, "tick", (int64_t)slot->tick);
    text_json_number(output, "time_s", slot->time_s);
    text_json_string(output, "tool", slot->tool);
    text_json_open(output, "player", '[');
    text_json_number(output, NULL, slot->x);
    text_json_number(output, NULL, slot->y);
    text_json_close(output, ']');
    text_json_string(output, "skill", slot->skill);
    text_json_number(output, "level", slot->level);
    text_json_close(output, '}');
}

static void print_slot(struct commands *commands, uint32_t number, const struct tilth_slot *slot)
{
    struct text *output = &commands->output;
    text_json_open(output, NULL, '{');
    text_json_number(output, "slot", number);
    text_json_string(output, "type", slot->type);
    text_json_number(output, "quantity", slot->quantity);
    if (slot->image != 0)
        text_json_number(output, "image", slot->image);
    if (slot->durability != 0)
        text_json_number(output, "uses_left", (int64_t)slot->durability - slot->wear);
    print_source(commands, slot);
    text_json_close(output, '}');
}

enum outcome commands_inventory(struct commands *commands)
{
    struct tilth_slot slot;
    uint32_t count = 0;
    text_json_open(&commands->output, "slots", '[');
    for (; tilth_client_slot(commands->client, count, &slot); count++) {
        if (slot.type[0] != '\0')
            print_slot(commands, count, &slot);
    }
    text_json_close(&commands->output, ']');
    text_json_number(&commands->output, "slots_max", count);
    return count > 0 ? OUTCOME_OK : commands_fail(commands, "not connected");
}

/* The ways to move things between slots. */
struct way {
    const char *name;
    bool is_swap;
    bool has_quantity;
    bool wants_empty, wants_full; /* the slot that they go into */
};

static const struct way ways[] = {
    {"move", false, false, true, false},
    {"split", false, true, true, false},
    {"merge", false, false, false, true},
    {"swap", true, false, false, false},
};

static const struct way *find_way(const char *name)
{
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(ways[i].name, name) == 0)
            return &ways[i];
    }
    return NULL;
}

/* Does the slot that things go into look as the way wants it? The server decides in the end. */
static enum outcome check_target(struct commands *commands, const struct way *way, uint32_t into)
{
    struct tilth_slot slot;
    if (!tilth_client_slot(commands->client, into, &slot))
        return commands_fail(commands, "your bag does not have that slot");
    bool is_empty = slot.type[0] == '\0';
    if (way->wants_empty && !is_empty)
        return commands_fail(commands, "something is in that slot: merge or swap");
    if (way->wants_full && is_empty)
        return commands_fail(commands, "nothing is in that slot: move or split");
    return OUTCOME_OK;
}

enum outcome commands_slot(struct commands *commands)
{
    struct tilth_error error;
    int32_t from, into, quantity = 0;
    const struct way *way = find_way(commands->words[1]);
    uint32_t words = way != NULL && way->has_quantity ? 5 : 4;
    if (way == NULL || commands->word_count != words)
        return commands_fail(commands, "usage: slot move|merge|swap FROM INTO, or slot split FROM "
                                       "INTO QUANTITY");
    if (!commands_number(commands, 2, &from) || !commands_number(commands, 3, &into) ||
        (way->has_quantity && !commands_number(commands, 4, &quantity)))
        return OUTCOME_FAILED;
    if (from < 0 || into < 0 || (way->has_quantity && quantity < 1))
        return commands_fail(commands, "slots are counted from 0, things from 1");
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    if (check_target(commands, way, (uint32_t)into) != OUTCOME_OK)
        return OUTCOME_FAILED;
    uint32_t number =
        way->is_swap
            ? tilth_client_swap_slots(commands->client, (uint32_t)from, (uint32_t)into, &error)
            : tilth_client_move_stack(commands->client, (uint32_t)from, (uint32_t)into,
                                      (uint32_t)quantity, &error);
    return commands_asked(commands, number, &error);
}

enum outcome commands_skills(struct commands *commands)
{
    struct tilth_skill skill;
    text_json_open(&commands->output, "skills", '[');
    for (uint32_t number = 1; number < 32; number++) {
        if (!tilth_client_skill(commands->client, number, &skill))
            continue;
        text_json_open(&commands->output, NULL, '{');
        text_json_string(&commands->output, "name", skill.name);
        text_json_number(&commands->output, "level", skill.level);
        text_json_number(&commands->output, "points", skill.points);
        text_json_number(&commands->output, "next_points", skill.next_points);
        text_json_close(&commands->output, '}');
    }
    text_json_close(&commands->output, ']');
    return OUTCOME_OK;
}
