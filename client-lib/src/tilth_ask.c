/* What a player can do: walk, and ask for changes. */
#include "tilth.h"

#include <stdio.h>
#include <string.h>

#include "client.h"

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

void tilth_client_move(struct tilth_client *client, int dx, int dy)
{
    static const uint8_t directions[3][3] = {
        {DIRECTION_NW, DIRECTION_N, DIRECTION_NE},
        {DIRECTION_W, DIRECTION_NONE, DIRECTION_E},
        {DIRECTION_SW, DIRECTION_S, DIRECTION_SE},
    };
    client->session.direction = (enum direction)directions[sign(dy) + 1][sign(dx) + 1];
}

static void tell(struct tilth_error *out_error, const struct error *error)
{
    if (out_error != NULL)
        (void)snprintf(out_error->text, sizeof out_error->text, "%s", error->text);
}

static bool check_cell(int32_t x, int32_t y, struct error *error)
{
    return grid_is_cell(x, y) || error_set(error, "cell (%d,%d) is outside of the world", x, y);
}

/* The id of a type by name; 0 and the error when the world does not have it. */
static uint32_t type_of(const struct session *session, const char *name, struct error *error)
{
    if (session->phase != SESSION_PLAYING) {
        (void)error_set(error, "not connected");
        return 0;
    }
    if (name == NULL)
        name = "";
    const struct entity_def *def = catalog_find_name(session->catalog, name);
    if (def != NULL)
        return def->type;
    const char *nearest = catalog_suggest(session->catalog, name);
    if (nearest != NULL)
        (void)error_set(error, "there is no \"%s\" in this world; did you mean \"%s\"?", name,
                        nearest);
    else
        (void)error_set(error, "there is no \"%s\" in this world", name);
    return 0;
}

uint32_t tilth_client_place(struct tilth_client *client, const char *type, int32_t x, int32_t y,
                            struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_PLACE};
    uint32_t number = 0;
    intent.place.type = type_of(&client->session, type, &error);
    intent.place.cell = (struct cell_pos){x, y};
    if (intent.place.type != 0 && check_cell(x, y, &error))
        number = tilth_session_ask(&client->session, &intent, &error);
    if (number == 0)
        tell(out_error, &error);
    return number;
}

/* Asks for something that is done to a cell, which the intent has. */
static uint32_t ask_at(struct tilth_client *client, const struct intent *intent,
                       struct cell_pos cell, struct tilth_error *out_error)
{
    struct error error;
    uint32_t number = 0;
    if (check_cell(cell.x, cell.y, &error))
        number = tilth_session_ask(&client->session, intent, &error);
    if (number == 0)
        tell(out_error, &error);
    return number;
}

uint32_t tilth_client_remove(struct tilth_client *client, int32_t x, int32_t y,
                             struct tilth_error *out_error)
{
    struct intent intent = {.kind = INTENT_REMOVE};
    intent.remove.cell = (struct cell_pos){x, y};
    return ask_at(client, &intent, intent.remove.cell, out_error);
}

uint32_t tilth_client_harvest(struct tilth_client *client, int32_t x, int32_t y,
                              struct tilth_error *out_error)
{
    struct intent intent = {.kind = INTENT_HARVEST};
    intent.harvest.cell = (struct cell_pos){x, y};
    return ask_at(client, &intent, intent.harvest.cell, out_error);
}

static uint32_t ask_move(struct tilth_client *client, const struct intent_move_stack *move,
                         struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_MOVE_STACK, .move_stack = *move};
    const struct session *session = &client->session;
    uint32_t slots_max = session->has_welcome ? session->welcome.slots_max : 0;
    uint32_t number = 0;
    if (move->from >= slots_max || move->into >= slots_max || move->quantity > CATALOG_STACK_MAX)
        (void)error_set(&error, "slots are 0 to %u, quantities 1 to %d",
                        slots_max > 0 ? slots_max - 1 : 0, CATALOG_STACK_MAX);
    else
        number = tilth_session_ask(&client->session, &intent, &error);
    if (number == 0)
        tell(out_error, &error);
    return number;
}

uint32_t tilth_client_move_stack(struct tilth_client *client, uint32_t from, uint32_t into,
                                 uint32_t quantity, struct tilth_error *out_error)
{
    struct intent_move_stack move = {from, into, quantity, 0};
    return ask_move(client, &move, out_error);
}

uint32_t tilth_client_swap_slots(struct tilth_client *client, uint32_t from, uint32_t into,
                                 struct tilth_error *out_error)
{
    struct intent_move_stack move = {from, into, 0, 1};
    return ask_move(client, &move, out_error);
}

uint32_t tilth_client_say(struct tilth_client *client, const char *text,
                          struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_SAY};
    uint32_t number = 0;
    size_t size_bytes = text != NULL ? strlen(text) : 0;
    bool is_fit =
        size_bytes >= 1 && size_bytes <= WORLD_SAY_BYTES && text_is_printable(text, size_bytes);
    intent.say.text = (struct span){(const uint8_t *)text, (uint32_t)size_bytes};
    if (!is_fit)
        (void)error_set(&error, "1 to %d bytes of UTF-8 without control characters are needed",
                        WORLD_SAY_BYTES);
    else
        number = tilth_session_ask(&client->session, &intent, &error);
    if (number == 0)
        tell(out_error, &error);
    return number;
}

uint32_t tilth_client_pending(const struct tilth_client *client)
{
    return client->session.pending.open_count;
}
