#include "bottle/player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "bottle/dice.h"
#include "walker.h"

enum { SEEN_MAX = GRID_CHUNK_AREA * 3 / 2 /* of each kind, in a chunk */ };

enum { UPDATE_US_MIN = 4000, UPDATE_US_SPREAD = 14000, READY_MS = 30000, WALK_MS = 120000 };

static void create_client(struct player *player, bool is_reconnecting)
{
    struct bottle *bottle = player->bottle;
    struct tilth_error error = {""};
    struct tilth_options client = {
        .address = BOTTLE_ADDRESS,
        .port = BOTTLE_PORT,
        .name = player->name,
        .key_path = player->key_path[0] != '\0' ? player->key_path : NULL,
        .is_reconnecting = is_reconnecting,
        .entities_max = player->entities_max,
    };
    player->client = tilth_client_create(&client, &error);
    if (player->client == NULL)
        (void)fprintf(stderr, "%s\n", error.text);
    ensure(player->client != NULL);
    dice_load(player->client, rng_next(&bottle->rng));
}

struct player *player_create(struct bottle *bottle, const struct player_options *options)
{
    struct player *player = calloc(1, sizeof *player);
    ensure(player != NULL);
    player->walker = calloc(1, sizeof *player->walker);
    ensure(player->walker != NULL && bottle->player_count < BOTTLE_PLAYERS_MAX);
    player->bottle = bottle;
    player->rank = bottle->player_count;
    player->entities_max = options->entities_max;
    if (player->entities_max == 0)
        player->entities_max = bottle->settings.entities_max;
    (void)snprintf(player->name, sizeof player->name, "%s", options->name);
    if (options->key_path != NULL)
        (void)snprintf(player->key_path, sizeof player->key_path, "%s", options->key_path);
    create_client(player, !options->gives_up);
    (void)snprintf(player->address, sizeof player->address, "10.8.0.%u", bottle->player_count + 1);
    if (options->address != NULL)
        (void)snprintf(player->address, sizeof player->address, "%s", options->address);
    player->due_us = bottle_now_us();
    bottle->players[bottle->player_count++] = player;
    return player;
}

struct player *player_join(struct bottle *bottle, const char *name)
{
    return player_create(bottle, &(struct player_options){.name = name});
}

void player_destroy(struct player **player)
{
    if (*player == NULL)
        return;
    tilth_client_destroy(&(*player)->client);
    free((*player)->walker);
    free(*player);
    *player = NULL;
}

void player_leave(struct player *player)
{
    tilth_client_destroy(&player->client);
    player->is_gone = true;
    player->is_walking = false;
    player->due_us = UINT64_MAX;
    player->ask_count = 0;
}

void player_sleep(struct player *player)
{
    player_leave(player);
}

void player_wake(struct player *player)
{
    ensure(player->is_gone && player->key_path[0] != '\0');
    create_client(player, true);
    player->is_gone = false;
    player->due_us = bottle_now_us();
}

/* --- what it is told ------------------------------------------------------------------------- */

/* Up to which record players may be shown. */
static uint64_t shown_max(struct bottle *bottle)
{
    switch ((enum server_durability)bottle->settings.durability) {
    case SERVER_DURABLE_JOURNAL:
        return journal_durable_seq(bottle->server.journal);
    case SERVER_DURABLE_DATABASE:
        return store_applied_seq(bottle->server.store);
    case SERVER_DURABLE_RELAXED:
        break;
    }
    return UINT64_MAX;
}

/* What a player sees must be durable already. */
static void see_chunk(struct player *player, struct chunk_pos pos)
{
    struct bottle *bottle = player->bottle;
    struct tilth_chunk chunk;
    struct hash128 hash;
    if (!tilth_client_chunk(player->client, pos.x, pos.y, &chunk))
        return;
    ensure(hash_parse(chunk.hash, &hash));
    if (chunk.version == UINT64_MAX)
        bottle_break(bottle, "what a player was sent of a chunk did not fit what it had");
    if (bottle->is_running && chunk.version > shown_max(bottle))
        bottle_break(bottle, "a player was shown what is not durable yet");
    if (!ledger_see(&bottle->ledger, pos, chunk.version, hash))
        bottle_break(bottle, "players were shown two contents of one version of a chunk");
}

/* Outcomes come in order, but for asks that take their time: later ones may pass them. */
static struct player_ask take_ask(struct player *player, uint32_t number)
{
    uint32_t i = 0;
    while (i < player->ask_count && player->asks[i].number != number && player->asks[i].takes_time)
        i++;
    if (i == player->ask_count || player->asks[i].number != number) {
        bottle_break(player->bottle, "an outcome came twice, out of order, or for nothing");
        return (struct player_ask){.type = PLAYER_SAYS};
    }
    struct player_ask ask = player->asks[i];
    player->ask_count--;
    memmove(player->asks + i, player->asks + i + 1,
            (player->ask_count - i) * sizeof player->asks[0]);
    return ask;
}

static void take_done(struct player *player, uint32_t number)
{
    struct player_ask ask = take_ask(player, number);
    struct tilth_cell cell;
    player->done++;
    player->harvested += ask.is_harvest;
    ledger_tell(&player->bottle->ledger,
                (struct ledger_outcome){player->rank, number, !ask.is_words});
    if (ask.type == PLAYER_SAYS || player->bottle->ledger.is_closed)
        return;
    ledger_add(&player->bottle->ledger, ask.cell, ask.type);
    if (tilth_client_cell(player->client, ask.cell.x, ask.cell.y, &cell) && !cell.is_kept)
        bottle_break(player->bottle, "an intent is done, but not in the mirror");
}

static void take_offer(struct player *player, const struct tilth_event *event)
{
    player->offered += event->x > 0;
    player->offers_over += event->x == 0;
    player->offer_quantity = (uint32_t)event->x;
    (void)snprintf(player->offer_by, sizeof player->offer_by, "%s", event->name);
    (void)snprintf(player->offer_of, sizeof player->offer_of, "%.31s", event->text);
}

/* Refused or lost: what the last one's name is. */
static void take_failure(struct player *player, const struct tilth_event *event)
{
    bool is_lost = event->kind == TILTH_EVENT_LOST;
    (void)take_ask(player, event->number);
    player->lost += is_lost;
    player->refused += !is_lost;
    if (!is_lost)
        (void)snprintf(player->refusal, sizeof player->refusal, "%s", event->name);
}

static void take_event(struct player *player, const struct tilth_event *event)
{
    switch (event->kind) {
    case TILTH_EVENT_CONNECTED:
        player->connected++;
        break;
    case TILTH_EVENT_RESTORED:
        player->restored++;
        break;
    case TILTH_EVENT_DISCONNECTED:
        player->is_retrying = event->is_retrying != 0;
        (void)snprintf(player->words, sizeof player->words, "%s", event->text);
        break;
    case TILTH_EVENT_DONE:
        take_done(player, event->number);
        break;
    case TILTH_EVENT_REFUSED:
    case TILTH_EVENT_LOST:
        take_failure(player, event);
        break;
    case TILTH_EVENT_CORRECTED:
        player->corrections++;
        player->correction_units =
            (uint32_t)(abs(event->x) > abs(event->y) ? abs(event->x) : abs(event->y));
        break;
    case TILTH_EVENT_CELL_CHANGED:
        see_chunk(player, grid_chunk_of((struct cell_pos){event->x, event->y}));
        break;
    case TILTH_EVENT_CHUNK_APPEARED:
        see_chunk(player, (struct chunk_pos){event->x, event->y});
        break;
    case TILTH_EVENT_SAID:
        player->said++;
        (void)snprintf(player->words, sizeof player->words, "%s", event->text);
        break;
    case TILTH_EVENT_UPLOADED:
        (void)snprintf(player->upload, sizeof player->upload, "%.32s", event->text);
        break;
    case TILTH_EVENT_UPLOAD_FAILED:
        (void)snprintf(player->words, sizeof player->words, "%s", event->text);
        break;
    case TILTH_EVENT_OFFERED:
        take_offer(player, event);
        break;
    case TILTH_EVENT_LEVEL_UP:
        player->levels_up++;
        break;
    case TILTH_EVENT_NONE:
    case TILTH_EVENT_CHUNK_VANISHED:
    case TILTH_EVENT_ACTOR_APPEARED:
    case TILTH_EVENT_ACTOR_VANISHED:
    case TILTH_EVENT_NAMED:
    case TILTH_EVENT_SLOT_CHANGED:
    case TILTH_EVENT_SKILL_CHANGED:
    case TILTH_EVENT_LOOK:
    case TILTH_EVENT_PICTURE:
    case TILTH_EVENT_CONTENT_CHANGED:
        break;
    }
}

static void walk(struct player *player)
{
    if (!player->is_walking || !player_is_ready(player))
        return;
    player->is_walking =
        walker_run(player->walker, player->client, bottle_now_ms()) == WALKER_WALKING;
}

void player_step(struct player *player)
{
    struct tilth_event event;
    if (player->is_gone || player->due_us > bottle_now_us())
        return;
    player->due_us =
        bottle_now_us() + UPDATE_US_MIN + rng_below(&player->bottle->rng, UPDATE_US_SPREAD);
    sim_network_client_address(player->address);
    tilth_client_update(player->client, bottle_now_ms());
    while (tilth_client_next(player->client, &event))
        take_event(player, &event);
    walk(player);
}

/* --- what it does ---------------------------------------------------------------------------- */

bool player_is_ready(const struct player *player)
{
    return !player->is_gone && tilth_client_is_ready(player->client);
}

bool player_await_ready(struct player *player)
{
    BOTTLE_UNTIL(player->bottle, READY_MS, player_is_ready(player));
    return player_is_ready(player) ||
           bottle_tell(player->bottle, "%s does not get in: %s", player->name, player->words);
}

static uint32_t remember(struct player *player, uint32_t number, struct player_ask ask)
{
    if (number == 0)
        return 0;
    ensure(player->ask_count < TILTH_PENDING_MAX);
    ask.number = number;
    player->asks[player->ask_count++] = ask;
    return number;
}

uint32_t player_place(struct player *player, const char *type, int32_t x, int32_t y)
{
    const struct world *world = &player->bottle->server.host->world;
    const struct entity_def *def = catalog_find_name(world->catalog, type);
    ensure(def != NULL);
    return remember(player, tilth_client_place(player->client, type, x, y, NULL),
                    (struct player_ask){.cell = {x, y}, .type = def->type});
}

uint32_t player_remove(struct player *player, int32_t x, int32_t y)
{
    return remember(player, tilth_client_remove(player->client, x, y, NULL),
                    (struct player_ask){.cell = {x, y}});
}

uint32_t player_harvest(struct player *player, int32_t x, int32_t y)
{
    return remember(player, tilth_client_harvest(player->client, x, y, NULL),
                    (struct player_ask){.cell = {x, y}, .takes_time = true, .is_harvest = true});
}

uint32_t player_has(const struct player *player, const char *type)
{
    struct tilth_slot slot;
    uint32_t sum = 0;
    for (uint32_t i = 0; tilth_client_slot(player->client, i, &slot); i++)
        sum += strcmp(slot.type, type) == 0 ? slot.quantity : 0;
    return sum;
}

uint32_t player_points(const struct player *player, const char *skill)
{
    struct tilth_skill known;
    for (uint32_t i = 1; tilth_client_skill(player->client, i, &known); i++) {
        if (strcmp(known.name, skill) == 0)
            return known.points;
    }
    return 0;
}

uint32_t player_say(struct player *player, const char *text)
{
    return remember(player, tilth_client_say(player->client, text, NULL),
                    (struct player_ask){.type = PLAYER_SAYS, .is_words = true});
}

uint32_t player_move_stack(struct player *player, uint32_t from, uint32_t into, uint32_t quantity)
{
    return remember(player, tilth_client_move_stack(player->client, from, into, quantity, NULL),
                    (struct player_ask){.type = PLAYER_SAYS});
}

static const struct player_ask uncounted = {.type = PLAYER_SAYS};

uint32_t player_drop(struct player *player, uint32_t slot, uint32_t quantity, struct cell_pos cell)
{
    struct tilth_drop drop = {slot, quantity, cell.x, cell.y};
    return remember(player, tilth_client_drop(player->client, &drop, NULL), uncounted);
}

uint32_t player_pick_up(struct player *player, int32_t x, int32_t y)
{
    return remember(player, tilth_client_pick_up(player->client, x, y, NULL), uncounted);
}

uint32_t player_give(struct player *player, uint32_t slot, uint32_t quantity, const char *name)
{
    return remember(player, tilth_client_give(player->client, slot, quantity, name, NULL),
                    (struct player_ask){.type = PLAYER_SAYS, .takes_time = true});
}

uint32_t player_answer(struct player *player, const char *name, bool is_accepted)
{
    return remember(player, tilth_client_answer(player->client, name, is_accepted, NULL),
                    uncounted);
}

uint32_t player_build(struct player *player, const char *type, int32_t x, int32_t y)
{
    return remember(player, tilth_client_build(player->client, type, x, y, NULL), uncounted);
}

uint32_t player_unbuild(struct player *player, int32_t x, int32_t y)
{
    return remember(player, tilth_client_unbuild(player->client, x, y, NULL), uncounted);
}

uint32_t player_swap(struct player *player, uint32_t from, uint32_t into)
{
    return remember(player, tilth_client_swap_slots(player->client, from, into, NULL), uncounted);
}

uint32_t player_modify(struct player *player, int32_t x, int32_t y, const struct tilth_image *image)
{
    return remember(player, tilth_client_modify(player->client, x, y, image, NULL), uncounted);
}

uint32_t player_reset(struct player *player, int32_t x, int32_t y)
{
    return remember(player, tilth_client_reset(player->client, x, y, NULL), uncounted);
}

bool player_await_outcomes(struct player *player, uint64_t limit_ms)
{
    BOTTLE_UNTIL(player->bottle, limit_ms, player->ask_count == 0);
    return player->ask_count == 0 || bottle_tell(player->bottle, "%s waits for %u outcomes in vain",
                                                 player->name, player->ask_count);
}

void player_head_for(struct player *player, int32_t x, int32_t y)
{
    walker_goto(player->walker, player->client, (struct walker_goal){{x, y}, WALKER_PATIENCE_MS},
                bottle_now_ms());
    player->is_walking = true;
}

bool player_goto(struct player *player, int32_t x, int32_t y)
{
    player_head_for(player, x, y);
    BOTTLE_UNTIL(player->bottle, WALK_MS, !player->is_walking);
    struct cell_pos here = player_cell(player);
    player->is_walking = false;
    return (here.x == x && here.y == y) ||
           bottle_tell(player->bottle, "%s came to (%d,%d) instead of (%d,%d)", player->name,
                       here.x, here.y, x, y);
}

static struct actor *actor_of(const struct player *player)
{
    struct host *host = player->bottle->server.host;
    int32_t session = session_find(host, player->name);
    ensure(session != SESSION_NONE);
    return &host->world.actors[session];
}

void player_carry(struct player *player, struct cell_pos cell)
{
    actor_of(player)->pos = grid_cell_middle(cell);
}

struct world_pos player_real_pos(const struct player *player)
{
    return actor_of(player)->pos;
}

struct cell_pos player_cell(const struct player *player)
{
    struct tilth_position position = {0};
    (void)tilth_client_position(player->client, &position);
    return (struct cell_pos){position.cell_x, position.cell_y};
}

const char *player_sees(const struct player *player, int32_t x, int32_t y)
{
    struct tilth_cell cell;
    if (!tilth_client_cell(player->client, x, y, &cell))
        return NULL;
    return cell.type_count > 0 ? cell.types[0] : "";
}

uint32_t player_slot(const struct player *player, const char *type)
{
    struct tilth_slot slot;
    for (uint32_t i = 0; tilth_client_slot(player->client, i, &slot); i++) {
        if (strcmp(slot.type, type) == 0)
            return i;
    }
    return UINT32_MAX;
}

bool player_sees_structure(const struct player *player, struct cell_pos cell,
                           struct tilth_structure *out_structure)
{
    struct chunk_pos chunk = grid_chunk_of(cell);
    struct tilth_structure *found = calloc(SEEN_MAX, sizeof *found);
    ensure(found != NULL);
    size_t count = tilth_client_structures(player->client, chunk.x, chunk.y, found, SEEN_MAX);
    bool is_there = false;
    for (size_t i = 0; i < count && !is_there; i++) {
        struct cell_pos least = {found[i].west, found[i].north};
        struct cell_pos most = {least.x + (int32_t)found[i].width - 1,
                                least.y + (int32_t)found[i].height - 1};
        is_there = grid_area_has((struct cell_area){least, most}, cell);
        if (is_there)
            *out_structure = found[i];
    }
    free(found);
    return is_there;
}

bool player_sees_pile(const struct player *player, struct cell_pos cell,
                      struct tilth_pile *out_pile)
{
    struct chunk_pos chunk = grid_chunk_of(cell);
    struct tilth_pile *found = calloc(SEEN_MAX, sizeof *found);
    ensure(found != NULL);
    size_t count = tilth_client_piles(player->client, chunk.x, chunk.y, found, SEEN_MAX);
    const struct tilth_pile *oldest = NULL;
    for (size_t i = 0; i < count; i++) {
        bool is_here = found[i].x == cell.x && found[i].y == cell.y;
        if (is_here && (oldest == NULL || found[i].id < oldest->id))
            oldest = &found[i];
    }
    if (oldest != NULL)
        *out_pile = *oldest;
    free(found);
    return oldest != NULL;
}

uint32_t player_sees_image(const struct player *player, struct cell_pos cell)
{
    struct chunk_pos chunk = grid_chunk_of(cell);
    struct tilth_structure structure;
    if (player_sees_structure(player, cell, &structure))
        return structure.image;
    struct tilth_entity *found = calloc(SEEN_MAX, sizeof *found);
    ensure(found != NULL);
    size_t count = tilth_client_entities(player->client, chunk.x, chunk.y, found, SEEN_MAX);
    uint32_t image = 0;
    for (size_t i = 0; i < count; i++) {
        if (found[i].x == cell.x && found[i].y == cell.y)
            image = found[i].image;
    }
    free(found);
    return image;
}
