/* What a player can do: walk, and ask for changes. */
#include "tilth.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "wire/handshake.h"

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

static bool check_cell(int32_t x, int32_t y, struct error *error)
{
    return grid_is_cell(x, y) || error_set(error, "cell (%d,%d) is outside of the world", x, y);
}

/* Tells why when it was not asked: number 0. */
static uint32_t asked(uint32_t number, struct tilth_error *out_error, const struct error *error)
{
    if (number == 0 && out_error != NULL)
        (void)snprintf(out_error->text, sizeof out_error->text, "%s", error->text);
    return number;
}

static bool check_connected(const struct session *session, struct error *error)
{
    return session->phase == SESSION_PLAYING || error_set(error, "not connected");
}

/* The name nearest to what was typed, of this kind; NULL when none is near. */
static const char *suggest(const struct catalog *catalog, const char *name, enum entity_kind kind)
{
    const char *nearest = NULL;
    uint32_t least = UINT32_MAX;
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        const struct entity_def *def = catalog_find_type(catalog, type);
        uint32_t away =
            def != NULL && def->kind == kind ? text_misspelt(name, def->name) : UINT32_MAX;
        if (away < least)
            nearest = def->name;
        least = away < least ? away : least;
    }
    return nearest;
}

/* Why a thing that there is cannot be asked for so. */
static bool refuse_kind(const struct entity_def *def, struct error *error)
{
    if (def->kind == KIND_STRUCTURE)
        return error_set(error, "\"%s\" is a structure: it is built, not placed", def->name);
    if (def->kind == KIND_ITEM)
        return error_set(error, "\"%s\" is an item: it only lies in bags or on the ground",
                         def->name);
    return error_set(error, "\"%s\" is no structure: it is placed, not built", def->name);
}

/* The id of a type of this kind by name; 0 and the error when the world does not have it. */
static uint32_t type_of(const struct session *session, const char *name, enum entity_kind kind,
                        struct error *error)
{
    if (!check_connected(session, error))
        return 0;
    if (name == NULL)
        name = "";
    const struct entity_def *def = catalog_find_name(session->catalog, name);
    if (def != NULL && def->kind != kind)
        (void)refuse_kind(def, error);
    if (def != NULL)
        return def->kind == kind ? def->type : 0;
    const char *nearest = suggest(session->catalog, name, kind);
    const char *what = kind == KIND_STRUCTURE ? "structure " : "";
    if (nearest != NULL)
        (void)error_set(error, "there is no %s\"%s\" in this world; did you mean \"%s\"?", what,
                        name, nearest);
    else
        (void)error_set(error, "there is no %s\"%s\" in this world", what, name);
    return 0;
}

uint32_t tilth_client_place(struct tilth_client *client, const char *type, int32_t x, int32_t y,
                            struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_PLACE};
    uint32_t number = 0;
    intent.place.type = type_of(&client->session, type, KIND_ENTITY, &error);
    intent.place.cell = (struct cell_pos){x, y};
    if (intent.place.type != 0 && check_cell(x, y, &error))
        number = tilth_session_ask(&client->session, &intent, &error);
    return asked(number, out_error, &error);
}

static bool check_slot(const struct session *session, uint32_t slot, uint32_t quantity,
                       struct error *error)
{
    if (!check_connected(session, error))
        return false;
    return (slot < session->welcome.slots_max && quantity <= CATALOG_STACK_MAX) ||
           error_set(error, "slots are 0 to %u, quantities 1 to %d, or 0 for all",
                     session->welcome.slots_max - 1, CATALOG_STACK_MAX);
}

/* The type of what is in the slot; 0 and the error when it cannot be placed. */
static uint32_t type_in(const struct session *session, uint32_t slot, struct error *error)
{
    if (!check_slot(session, slot, 0, error))
        return 0;
    const struct mirror *mirror = &session->mirror;
    const struct stack *stack = world_slot(&mirror->world, tilth_mirror_character(mirror), slot);
    const struct entity_def *def = catalog_find_type(session->catalog, stack->type);
    if (def == NULL)
        (void)error_set(error, "nothing is in slot %u", slot);
    else if (def->kind != KIND_ENTITY)
        (void)refuse_kind(def, error);
    return def != NULL && def->kind == KIND_ENTITY ? def->type : 0;
}

uint32_t tilth_client_place_from(struct tilth_client *client, uint32_t slot, int32_t x, int32_t y,
                                 struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_PLACE, .place = {.cell = {x, y}, .slot = slot + 1}};
    uint32_t number = 0;
    intent.place.type = type_in(&client->session, slot, &error);
    if (intent.place.type != 0 && check_cell(x, y, &error))
        number = tilth_session_ask(&client->session, &intent, &error);
    return asked(number, out_error, &error);
}

/* Asks for something that is done to a cell, which the intent has. */
static uint32_t ask_at(struct tilth_client *client, const struct intent *intent,
                       struct cell_pos cell, struct tilth_error *out_error)
{
    struct error error;
    uint32_t number = 0;
    if (check_cell(cell.x, cell.y, &error))
        number = tilth_session_ask(&client->session, intent, &error);
    return asked(number, out_error, &error);
}

uint32_t tilth_client_remove(struct tilth_client *client, int32_t x, int32_t y,
                             struct tilth_error *out_error)
{
    struct intent intent = {.kind = INTENT_REMOVE, .remove = {{x, y}}};
    return ask_at(client, &intent, intent.remove.cell, out_error);
}

uint32_t tilth_client_harvest(struct tilth_client *client, int32_t x, int32_t y,
                              struct tilth_error *out_error)
{
    struct intent intent = {.kind = INTENT_HARVEST, .harvest = {{x, y}}};
    return ask_at(client, &intent, intent.harvest.cell, out_error);
}

static uint32_t ask_move(struct tilth_client *client, const struct intent_move_stack *move,
                         struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_MOVE_STACK, .move_stack = *move};
    uint32_t number = 0;
    if (check_slot(&client->session, move->from, move->quantity, &error) &&
        check_slot(&client->session, move->into, 0, &error))
        number = tilth_session_ask(&client->session, &intent, &error);
    return asked(number, out_error, &error);
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

uint32_t tilth_client_drop(struct tilth_client *client, const struct tilth_drop *drop,
                           struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_DROP};
    uint32_t number = 0;
    intent.drop = (struct intent_drop){drop->slot, drop->quantity, {drop->x, drop->y}};
    if (check_slot(&client->session, drop->slot, drop->quantity, &error) &&
        check_cell(drop->x, drop->y, &error))
        number = tilth_session_ask(&client->session, &intent, &error);
    return asked(number, out_error, &error);
}

uint32_t tilth_client_pick_up(struct tilth_client *client, int32_t x, int32_t y,
                              struct tilth_error *out_error)
{
    struct intent intent = {.kind = INTENT_PICK_UP, .pick_up = {.cell = {x, y}}};
    return ask_at(client, &intent, intent.pick_up.cell, out_error);
}

uint32_t tilth_client_pick_up_pile(struct tilth_client *client, const struct tilth_pile *pile,
                                   struct tilth_error *out_error)
{
    struct intent intent = {.kind = INTENT_PICK_UP,
                            .pick_up = {.cell = {pile->x, pile->y}, .pile = pile->id}};
    if (pile->id != 0 && pile->id <= ID_MAX)
        return ask_at(client, &intent, intent.pick_up.cell, out_error);
    struct error error;
    (void)error_set(&error, "no pile has the id %" PRIu64, pile->id);
    return asked(0, out_error, &error);
}

/* The name of a player as a span; false and the error when it cannot be one. */
static bool read_name(const char *name, struct span *out_name, struct error *error)
{
    if (name == NULL)
        name = "";
    *out_name = (struct span){(const uint8_t *)name, (uint32_t)strlen(name)};
    return handshake_is_name(out_name->bytes, out_name->size_bytes) ||
           error_set(error, "\"%.64s\" is no player's name: 1 to %d letters, digits, '_' or '-'",
                     name, WORLD_NAME_BYTES);
}

uint32_t tilth_client_give(struct tilth_client *client, uint32_t slot, uint32_t quantity,
                           const char *name, struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_GIVE, .give = {.slot = slot, .quantity = quantity}};
    uint32_t number = 0;
    if (check_slot(&client->session, slot, quantity, &error) &&
        read_name(name, &intent.give.name, &error))
        number = tilth_session_ask(&client->session, &intent, &error);
    return asked(number, out_error, &error);
}

uint32_t tilth_client_answer(struct tilth_client *client, const char *name, int is_accepted,
                             struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_ANSWER, .answer = {.is_accepted = is_accepted != 0}};
    uint32_t number = 0;
    if (read_name(name, &intent.answer.name, &error))
        number = tilth_session_ask(&client->session, &intent, &error);
    return asked(number, out_error, &error);
}

uint32_t tilth_client_build(struct tilth_client *client, const char *type, int32_t x, int32_t y,
                            struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_BUILD, .build = {.cell = {x, y}}};
    uint32_t number = 0;
    intent.build.type = type_of(&client->session, type, KIND_STRUCTURE, &error);
    if (intent.build.type != 0 && check_cell(x, y, &error))
        number = tilth_session_ask(&client->session, &intent, &error);
    return asked(number, out_error, &error);
}

uint32_t tilth_client_unbuild(struct tilth_client *client, int32_t x, int32_t y,
                              struct tilth_error *out_error)
{
    struct intent intent = {.kind = INTENT_UNBUILD, .unbuild = {{x, y}}};
    return ask_at(client, &intent, intent.unbuild.cell, out_error);
}

/* Is the value of the field within the limit, to both sides? */
static bool check_units(const char *field, int32_t value, int32_t limit, struct error *error)
{
    return (value >= -limit && value <= limit) ||
           error_set(error, "image: %s is %d; it may be %d to %d", field, value, -limit, limit);
}

/* A look as the intent has it; false and the error when a value is beyond its range. */
static bool read_image(const struct tilth_image *image, struct intent_modify *out,
                       struct error *error)
{
    int32_t angle = image->turns ? -IMAGE_ANGLE_UNITS_MAX : image->angle_units;
    char custom[TILTH_CUSTOM_BYTES];
    (void)snprintf(custom, sizeof custom, "%.32s", image->custom);
    if (image->size_units < 1 || image->size_units > IMAGE_SIZE_UNITS_MAX)
        return error_set(error, "image: size_units is %u; it may be 1 to %d", image->size_units,
                         IMAGE_SIZE_UNITS_MAX);
    if (!check_units("angle_units", angle, IMAGE_ANGLE_UNITS_MAX, error) ||
        !check_units("offset_x_units", image->offset_x_units, IMAGE_OFFSET_UNITS_MAX, error) ||
        !check_units("offset_y_units", image->offset_y_units, IMAGE_OFFSET_UNITS_MAX, error))
        return false;
    out->size = image->size_units;
    out->turns = image->turns != 0;
    out->angle = (uint32_t)(angle + IMAGE_ANGLE_UNITS_MAX); /* 0 when it turns */
    out->offset_x = (uint32_t)(image->offset_x_units + IMAGE_OFFSET_UNITS_MAX);
    out->offset_y = (uint32_t)(image->offset_y_units + IMAGE_OFFSET_UNITS_MAX);
    return custom[0] == 0 || hash_parse(custom, &out->custom) ||
           error_set(error, "image: custom is \"%s\"; it may be 32 hexadecimal digits, or empty",
                     custom);
}

uint32_t tilth_client_modify(struct tilth_client *client, int32_t x, int32_t y,
                             const struct tilth_image *image, struct tilth_error *out_error)
{
    struct error error;
    struct intent intent = {.kind = INTENT_MODIFY, .modify = {.cell = {x, y}}};
    if (!read_image(image, &intent.modify, &error))
        return asked(0, out_error, &error);
    return ask_at(client, &intent, intent.modify.cell, out_error);
}

uint32_t tilth_client_reset(struct tilth_client *client, int32_t x, int32_t y,
                            struct tilth_error *out_error)
{
    struct intent intent = {.kind = INTENT_RESET, .reset = {{x, y}}};
    return ask_at(client, &intent, intent.reset.cell, out_error);
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
    return asked(number, out_error, &error);
}

uint32_t tilth_client_pending(const struct tilth_client *client)
{
    return client->session.pending.open_count;
}
