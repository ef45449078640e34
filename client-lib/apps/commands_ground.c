/* The commands by which things go from the bag to the ground and to other players, and back. */
#include "commands_parts.h"

bool commands_count(struct commands *commands, uint32_t word, int32_t least, uint32_t *out_value)
{
    int32_t value = 0;
    if (!commands_number(commands, word, &value))
        return false;
    if (value < least) {
        (void)commands_fail(commands, "slots are counted from 0, things from 1");
        return false;
    }
    *out_value = (uint32_t)value;
    return true;
}

enum outcome commands_drop(struct commands *commands)
{
    struct tilth_error error;
    struct tilth_position here = {0};
    struct tilth_drop drop = {.slot = 0};
    uint32_t count = commands->word_count - 1;
    bool has_quantity = count == 2 || count == 4;
    (void)tilth_client_position(commands->client, &here);
    drop.x = here.cell_x;
    drop.y = here.cell_y;
    if (!commands_count(commands, 1, 0, &drop.slot) ||
        (has_quantity && !commands_count(commands, 2, 1, &drop.quantity)) ||
        (count > 2 && !commands_cell(commands, count - 1, &drop.x, &drop.y)))
        return OUTCOME_FAILED;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    commands_touch(commands, drop.x, drop.y);
    return commands_asked(commands, tilth_client_drop(commands->client, &drop, &error), &error);
}

/* A word as the id of a pile. */
static bool read_pile(struct commands *commands, uint32_t word, uint64_t *out_id)
{
    int64_t value;
    if (!text_parse_integer(commands->words[word], 1, INT64_MAX, &value)) {
        (void)commands_fail(commands, "a pile is named by its id; piles lists them");
        return false;
    }
    *out_id = (uint64_t)value;
    return true;
}

enum outcome commands_pickup(struct commands *commands)
{
    struct tilth_error error;
    struct tilth_pile pile = {.id = 0};
    bool is_named = commands->word_count > 3;
    if (!commands_cell(commands, 1, &pile.x, &pile.y) ||
        (is_named && !read_pile(commands, 3, &pile.id)))
        return OUTCOME_FAILED;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    commands_touch(commands, pile.x, pile.y);
    uint32_t number = is_named ? tilth_client_pick_up_pile(commands->client, &pile, &error)
                               : tilth_client_pick_up(commands->client, pile.x, pile.y, &error);
    return commands_asked(commands, number, &error);
}

enum outcome commands_give(struct commands *commands)
{
    struct tilth_error error;
    uint32_t slot = 0, quantity = 0;
    if (!commands_count(commands, 1, 0, &slot) || !commands_count(commands, 2, 1, &quantity))
        return OUTCOME_FAILED;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    uint32_t number =
        tilth_client_give(commands->client, slot, quantity, commands->words[3], &error);
    return commands_asked(commands, number, &error);
}

enum outcome commands_offers(struct commands *commands)
{
    struct tilth_offer offers[TILTH_OFFERS_MAX];
    size_t count = tilth_client_offers(commands->client, offers, TILTH_OFFERS_MAX);
    text_json_open(&commands->output, "offers", '[');
    for (size_t i = 0; i < count; i++) {
        text_json_open(&commands->output, NULL, '{');
        text_json_string(&commands->output, "name", offers[i].name);
        text_json_string(&commands->output, "item", offers[i].type);
        text_json_number(&commands->output, "quantity", offers[i].quantity);
        text_json_close(&commands->output, '}');
    }
    text_json_close(&commands->output, ']');
    return OUTCOME_OK;
}

static enum outcome answer(struct commands *commands, int is_accepted)
{
    struct tilth_error error;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    uint32_t number =
        tilth_client_answer(commands->client, commands->words[1], is_accepted, &error);
    return commands_asked(commands, number, &error);
}

enum outcome commands_accept(struct commands *commands)
{
    return answer(commands, 1);
}

enum outcome commands_decline(struct commands *commands)
{
    return answer(commands, 0);
}
