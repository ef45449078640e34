#include "host/session.h"

#include <string.h>
#include <strings.h>

#include "base/ensure.h"
#include "base/log.h"
#include "host/host.h"
#include "host/own.h"
#include "sim/bag.h"
#include "sim/rules.h"

enum {
    CATALOG_SLICE_BYTES = 1000,
    WELCOME_SLACK_BYTES = 512, /* around each slice, and the welcome itself */
    OWN_SLOT_BYTES = 96,       /* a slot of the bag, at most */
};

static void session_open(struct host *host, const struct inbox_join *join)
{
    struct session *session = &host->sessions[join->head.session];
    uint8_t life = session->life;
    *session = (struct session){
        .state = SESSION_FINDING,
        .generation = join->head.generation,
        .life = (uint8_t)((life + 1) % SESSION_LIVES),
        .character = WORLD_NONE,
        .first_intent = SESSION_NONE,
        .last_queued = SESSION_NONE,
        .input_newest = join->input,
        .input_applied = join->input,
    };
    memcpy(session->name, join->name, sizeof session->name);
    session->name[WORLD_NAME_BYTES] = '\0';
    memcpy(session->key, join->key, sizeof session->key);
}

/* False when the frame has no room. */
static bool send_message(struct host *host, uint32_t index, enum envelope_kind kind,
                         const struct message *message, uint64_t release_seq)
{
    struct packet packet;
    struct envelope envelope = {
        .kind = kind,
        .session = index,
        .generation = host->sessions[index].generation,
        .channel = message_channel(message->kind),
        .release_seq = release_seq,
    };
    uint32_t offset = 0;
    framing_init(&packet, host->bytes, HOST_BYTES);
    ensure(message_add(&packet, message));
    envelope.size_bytes = (uint32_t)packet.size_bytes;
    return frame_add_envelope(host->options.frames, &envelope, packet.bytes, &offset);
}

void session_send(struct host *host, uint32_t index, enum envelope_kind kind,
                  const struct message *message, uint64_t release_seq)
{
    struct session *session = &host->sessions[index];
    if (session->owes_resync)
        return; /* the resync says it all; what comes after a gap would not be understood */
    session->owes_resync = !send_message(host, index, kind, message, release_seq);
}

/* Says why, now or as soon as there is room in a frame. */
static void say_farewell(struct host *host, uint32_t index)
{
    struct session *session = &host->sessions[index];
    struct message message = {.kind = MESSAGE_REJECTED};
    const char *words = session->farewell;
    message.rejected.words = (struct span){(const uint8_t *)words, (uint32_t)strlen(words)};
    message.rejected.may_retry = session->may_retry;
    if (send_message(host, index, ENVELOPE_CLOSE, &message, session->farewell_seq))
        session->farewell = NULL;
}

static void send_away(struct host *host, uint32_t index, const char *words, uint64_t release_seq)
{
    struct session *session = &host->sessions[index];
    session->farewell = words;
    session->farewell_seq = release_seq;
    say_farewell(host, index);
    session_leave(host, index, session->generation);
}

void session_reject(struct host *host, uint32_t index, const char *words)
{
    host->sessions[index].may_retry = false;
    send_away(host, index, words, 0);
}

void session_put_off(struct host *host, uint32_t index, const char *words)
{
    host->sessions[index].may_retry = true;
    send_away(host, index, words, 0);
}

int32_t session_find(const struct host *host, const char *name)
{
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        const struct session *session = &host->sessions[i];
        if (session->state == SESSION_PLAYING && strcasecmp(session->name, name) == 0)
            return (int32_t)i;
    }
    return SESSION_NONE;
}

bool session_holds(const struct host *host, uint32_t character)
{
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        if (host->sessions[i].state != SESSION_FREE && host->sessions[i].character == character)
            return true;
    }
    return false;
}

bool session_let_go(struct host *host, uint32_t index)
{
    struct character *character = &host->world.characters[index];
    if (!pool_is_used(&host->world.character_pool, index) || character->id.value == 0 ||
        character->actor != WORLD_NONE || character->version > host->inputs.applied_seq ||
        session_holds(host, index) || host->residency.is_holding)
        return false;
    world_remove_character(&host->world, character);
    return true;
}

static struct character *character_of(const struct host *host, const struct session *session)
{
    ensure(session->character != WORLD_NONE);
    return &host->world.characters[session->character];
}

/* The account is known: the session holds the character from now on, and its land is wanted. */
static void begin_placing(struct host *host, uint32_t index, struct character *character)
{
    struct session *session = &host->sessions[index];
    session->character = (uint32_t)(character - host->world.characters);
    session->last_intent = character->last_intent;
    session->done = character->done;
    session->home = grid_chunk_of(grid_cell_of(character->pos));
    if (!residency_pin(&host->residency, session->home)) {
        session->character = WORLD_NONE;
        session_put_off(host, index, "the server has no room for more of the world");
        return;
    }
    session->state = SESSION_PLACING;
}

/* Somebody else who plays the same character goes: who connects again takes over. */
static void take_over(struct host *host, uint32_t index, uint32_t character)
{
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        const struct session *other = &host->sessions[i];
        if (i != index && other->state != SESSION_FREE && other->character == character)
            session_reject(host, i, "you connected again from elsewhere");
    }
}

/* The record that holds all that lasts of the character: what is done is recorded in its own tick.
 * So players come in, and catch up, also while the journal cannot be written. */
static uint64_t kept_seq(const struct host *host, const struct character *character)
{
    return host->sim.lasting > 0 ? host->next_seq : character->version;
}

/* The name is known: is the key its owner's? That it belongs to somebody may be news itself. */
static void claim(struct host *host, uint32_t index, struct character *character)
{
    const struct session *session = &host->sessions[index];
    if (memcmp(character->key, session->key, CRYPTO_PUBLIC_BYTES) != 0) {
        send_away(host, index, "this name belongs to another player's key",
                  kept_seq(host, character));
        return;
    }
    take_over(host, index, (uint32_t)(character - host->world.characters));
    begin_placing(host, index, character);
}

/* Makes room among the characters, if need be by letting go those that nobody plays. */
static bool has_character_room(struct host *host)
{
    const struct pool *pool = &host->world.character_pool;
    for (uint32_t i = 0; pool->used == pool->capacity && i < pool->capacity; i++)
        (void)session_let_go(host, i);
    return pool->used < pool->capacity;
}

/* What content gives to a new character, as far as its bag has room. */
static void give_kit(struct host *host, const struct character *character)
{
    const struct catalog *catalog = host->world.catalog;
    for (uint32_t i = 0; host->options.limits.has_kit && i < catalog->kit_count; i++) {
        struct stack stack = {.type = catalog->kit[i].type, .quantity = catalog->kit[i].count};
        if (bag_has_room(&host->sim, character, &stack))
            bag_add(&host->sim, character, &stack);
    }
}

/* The character is new. It stays in memory until it is in the database, whatever becomes of the
 * session. */
static void bring_in(struct host *host, uint32_t index, const struct change *change)
{
    sim_change(&host->sim, change);
    struct character *character = world_find_character(&host->world, change->character.id);
    character->version = host->next_seq;
    give_kit(host, character);
    begin_placing(host, index, character);
}

/* A name that nobody has: it belongs to this key from now on. */
static void create_player(struct host *host, uint32_t index)
{
    const struct session *session = &host->sessions[index];
    if (host->sim.is_read_only || host->sim.is_store_behind || !has_character_room(host)) {
        session_put_off(host, index, "no new players right now: the server cannot save");
        return;
    }
    struct change account = {.kind = CHANGE_ACCOUNT};
    account.account = (struct change_account){
        .id = {sim_new_id(&host->sim)},
        .name = {(const uint8_t *)session->name, (uint32_t)strlen(session->name)},
        .key = {session->key, CRYPTO_PUBLIC_BYTES},
    };
    struct change character = {.kind = CHANGE_CHARACTER};
    character.character = (struct change_character){
        .id = {sim_new_id(&host->sim)},
        .account = account.account.id,
        .pos = grid_cell_middle(host->spawn),
    };
    sim_change(&host->sim, &account);
    bring_in(host, index, &character);
}

/* A character for an account that has none in this world. */
static void create_character(struct host *host, uint32_t index, const struct change *account)
{
    struct change character = {.kind = CHANGE_CHARACTER};
    if (host->sim.is_read_only || !has_character_room(host)) {
        session_put_off(host, index, "no new players right now: the server cannot save");
        return;
    }
    if (memcmp(account->account.key.bytes, host->sessions[index].key, CRYPTO_PUBLIC_BYTES) != 0) {
        session_reject(host, index, "this name belongs to another player's key");
        return;
    }
    character.character.account = account->account.id;
    ensure(world_load_character(&host->world, account, &character) != NULL);
    character.character.id.value = sim_new_id(&host->sim);
    character.character.pos = grid_cell_middle(host->spawn);
    bring_in(host, index, &character);
}

void session_join(struct host *host, const struct inbox_join *join)
{
    struct session *session = &host->sessions[join->head.session];
    if (session->state != SESSION_FREE)
        session_leave(host, join->head.session, session->generation);
    session_open(host, join);
    struct character *character = world_find_name(&host->world, session->name);
    if (character != NULL)
        claim(host, join->head.session, character);
}

static void ask_loader(struct host *host, struct session *session)
{
    struct loader_request request = {.kind = LOADER_ACCOUNT};
    memcpy(request.name, session->name, sizeof request.name);
    session->is_asked = ring_write(host->options.requests, &request, sizeof request);
}

/* Puts what a character owns, framed, into memory. False when the rows do not fit: slots_max is
 * less than it was, or somebody has changed them by hand. */
static bool load_own(struct host *host, struct span own)
{
    struct framed framed;
    size_t offset = 0;
    while (framing_next(own.bytes, own.size_bytes, &offset, &framed)) {
        struct change change;
        struct error error = {""};
        ensure(framing_change(&framed, &change));
        if (!world_check(&host->world, NULL, &change, &error)) {
            log_error("host", "character %llu cannot come in: %s",
                      (unsigned long long)change_owner(&change).value, error.text);
            return false;
        }
        world_load(&host->world, NULL, &change);
    }
    return true;
}

static void take_found(struct host *host, uint32_t index, const struct loader_result *result,
                       const uint8_t *bytes)
{
    struct change account, character;
    struct framed framed;
    size_t offset = 0;
    ensure(framing_next(bytes, result->size_bytes, &offset, &framed));
    ensure(framing_change(&framed, &account) && account.kind == CHANGE_ACCOUNT);
    if (!framing_next(bytes, result->size_bytes, &offset, &framed)) {
        create_character(host, index, &account);
        return;
    }
    ensure(framing_change(&framed, &character) && character.kind == CHANGE_CHARACTER);
    struct span own = {bytes + offset, result->size_bytes - (uint32_t)offset};
    struct character *loaded = NULL;
    if (has_character_room(host))
        loaded = world_load_character(&host->world, &account, &character);
    if (loaded == NULL) {
        session_put_off(host, index, "the server has no room for more players");
    } else if (!load_own(host, own)) {
        world_remove_character(&host->world, loaded);
        session_put_off(host, index, "your bag is larger than this server allows now");
    } else {
        claim(host, index, loaded);
    }
}

static void take_account(struct host *host, uint32_t index, const struct loader_result *result,
                         const uint8_t *bytes)
{
    struct character *character = world_find_name(&host->world, host->sessions[index].name);
    if (character != NULL) /* made or loaded while the answer was on its way */
        claim(host, index, character);
    else if (result->status == LOADER_FOUND)
        take_found(host, index, result, bytes);
    else if (result->status == LOADER_ABSENT)
        create_player(host, index);
    else
        session_put_off(host, index,
                        "the database is away: players who are not in memory cannot join now");
}

void session_take_account(struct host *host, const struct loader_result *result,
                          const uint8_t *bytes)
{
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        const struct session *session = &host->sessions[i];
        if (session->state == SESSION_FINDING && session->is_asked &&
            strcasecmp(session->name, result->name) == 0)
            take_account(host, i, result, bytes);
    }
}

uint64_t session_kept_seq(const struct host *host, uint32_t index)
{
    return kept_seq(host, character_of(host, &host->sessions[index]));
}

const struct character *session_character(const struct host *host, uint32_t index)
{
    return character_of(host, &host->sessions[index]);
}

static void send_catalog(struct host *host, uint32_t index, uint64_t release_seq)
{
    for (uint32_t at = 0; at < host->catalog_bytes; at += CATALOG_SLICE_BYTES) {
        struct message message = {.kind = MESSAGE_CATALOG};
        uint32_t left = host->catalog_bytes - at;
        uint32_t size = left < CATALOG_SLICE_BYTES ? left : CATALOG_SLICE_BYTES;
        message.catalog =
            (struct message_catalog){at, {(const uint8_t *)host->catalog_text + at, size}};
        session_send(host, index, ENVELOPE_MESSAGE, &message, release_seq);
    }
}

static void send_welcome(struct host *host, uint32_t index)
{
    const struct session *session = &host->sessions[index];
    const struct host_options *options = &host->options;
    struct message message = {.kind = MESSAGE_WELCOME};
    message.welcome = (struct message_welcome){
        .character = character_of(host, session)->id,
        .actor = index,
        .tick = host->tick,
        .tick_hz = options->limits.tick_hz,
        .speed_px_s = options->limits.speed_px_s,
        .reach_px = options->limits.reach_px,
        .view_cells = options->limits.view_cells,
        .world = {(const uint8_t *)options->world_name, (uint32_t)strlen(options->world_name)},
        .timeline = options->timeline,
        .is_seed_shared = options->limits.share_seed,
        .terrain_seed = options->limits.share_seed ? options->generator.seed : 0,
        .generator_version = options->generator.version,
        .pos = host->world.actors[index].pos,
        .last_intent = session->last_intent,
        .done = session->done,
        .catalog_bytes = host->catalog_bytes,
        .slots_max = host->world.slots_max,
    };
    session_send(host, index, ENVELOPE_WELCOME, &message, session->welcome_seq);
    send_catalog(host, index, session->welcome_seq);
}

/* The land is there: the actor appears, on the nearest free place. */
static void begin_playing(struct host *host, uint32_t index)
{
    struct session *session = &host->sessions[index];
    struct character *character = character_of(host, session);
    struct change appeared = {.kind = CHANGE_ACTOR};
    appeared.actor = (struct change_actor){
        .actor = index,
        .is_present = 1,
        .character = character->id,
        .pos = movement_nearest_free(&host->world, character->pos),
    };
    sim_change(&host->sim, &appeared);
    character->actor = index;
    session->state = SESSION_PLAYING;
    session->welcome_seq = kept_seq(host, character);
    session->catalog_number = host->catalog_number;
    session->save_at = host->tick + host->save_ticks;
    residency_unpin(&host->residency, session->home);
    send_welcome(host, index);
    own_send_all(host, index);
    log_info("host", "%s has joined", session->name);
}

/* A catalogue goes out whole, with bag and all, or not yet. */
static bool has_catalog_room(const struct host *host)
{
    uint32_t slices = (host->catalog_bytes + CATALOG_SLICE_BYTES - 1) / CATALOG_SLICE_BYTES;
    uint32_t own_bytes = host->world.slots_max * OWN_SLOT_BYTES;
    return frame_has_room(host->options.frames, slices + 2,
                          host->catalog_bytes + own_bytes + (slices + 2) * WELCOME_SLACK_BYTES);
}

static void step_placing(struct host *host, uint32_t index)
{
    const struct session *session = &host->sessions[index];
    if (residency_is_damaged(&host->residency, session->home))
        session_put_off(host, index, "the place where you were cannot be loaded right now");
    else if (world_find_chunk(&host->world, session->home) != NULL && has_catalog_room(host))
        begin_playing(host, index);
}

void session_step_joining(struct host *host)
{
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        struct session *session = &host->sessions[i];
        if (session->state == SESSION_FINDING && !session->is_asked)
            ask_loader(host, session);
        else if (session->state == SESSION_PLACING)
            step_placing(host, i);
        else if (session->state == SESSION_PLAYING && session->owes_resync)
            session_resync(host, i);
        else if (session->state == SESSION_FREE && session->farewell != NULL)
            say_farewell(host, i);
    }
}

/* States what lasts of the character, if it is not what is known already. */
static void keep_character(struct host *host, uint32_t index)
{
    const struct session *session = &host->sessions[index];
    const struct character *character = character_of(host, session);
    struct world_pos pos = host->world.actors[index].pos;
    bool is_same = pos.x == character->pos.x && pos.y == character->pos.y &&
                   session->last_intent == character->last_intent &&
                   session->done == character->done;
    if (is_same || host->sim.is_read_only)
        return;
    struct change change = {.kind = CHANGE_CHARACTER};
    change.character = (struct change_character){character->id, character->account, pos,
                                                 session->last_intent, session->done};
    sim_change(&host->sim, &change);
}

void session_keep_characters(struct host *host)
{
    if (host->sim.is_read_only)
        return; /* later: what is touched stays touched */
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        struct session *session = &host->sessions[i];
        bool is_due = session->is_touched || host->tick >= session->save_at;
        if (session->state != SESSION_PLAYING || !is_due)
            continue;
        keep_character(host, i);
        session->is_touched = false;
        session->save_at = host->tick + host->save_ticks;
    }
}

static void leave_world(struct host *host, uint32_t index)
{
    struct session *session = &host->sessions[index];
    struct change gone = {.kind = CHANGE_ACTOR};
    keep_character(host, index);
    rules_stop(&host->sim, index);
    session->work = 0;
    gone.actor = (struct change_actor){.actor = index};
    sim_change(&host->sim, &gone);
    character_of(host, session)->actor = WORLD_NONE;
    view_drop(host, index);
    log_info("host", "%s has left", session->name);
}

void session_leave(struct host *host, uint32_t index, uint32_t generation)
{
    struct session *session = &host->sessions[index];
    if (session->state == SESSION_FREE || session->generation != generation)
        return;
    if (session->state == SESSION_PLAYING)
        leave_world(host, index);
    else if (session->state == SESSION_PLACING)
        residency_unpin(&host->residency, session->home);
    session->state = SESSION_FREE;
    session->character = WORLD_NONE;
    session->first_intent = SESSION_NONE;
    session->last_queued = SESSION_NONE;
}

/* Does the answer tell of the world as others may just have changed it? The other refusals wait for
 * the session's own results only. */
static bool shows_lasting(enum refusal refusal)
{
    static const bool shows[REFUSAL_COUNT] = {
        [REFUSAL_NONE] = true,          [REFUSAL_CELL_OCCUPIED] = true,
        [REFUSAL_CELL_EMPTY] = true,    [REFUSAL_NOT_REMOVABLE] = true,
        [REFUSAL_WORLD_FULL] = true,    [REFUSAL_NOT_HARVESTABLE] = true,
        [REFUSAL_TOOL_MISSING] = true,  [REFUSAL_NOTHING_LIES_THERE] = true,
        [REFUSAL_NOT_BUILT] = true,     [REFUSAL_NOT_YOURS] = true,
        [REFUSAL_IMAGE_UNKNOWN] = true, [REFUSAL_IMAGE_BANNED] = true,
        [REFUSAL_NOT_CHANGED] = true,   [REFUSAL_SLOT_EMPTY] = true,
        [REFUSAL_BAG_FULL] = true,      [REFUSAL_DECLINED] = true,
        [REFUSAL_NO_OFFER] = true,      [REFUSAL_ITEMS_MISSING] = true,
    };
    return shows[refusal];
}

void session_answer(struct host *host, uint32_t index, uint32_t number, enum refusal refusal)
{
    struct session *session = &host->sessions[index];
    session_skip(host, index, number);
    uint32_t age = session->last_intent - number;
    if (refusal == REFUSAL_NONE && age < 64)
        session->done |= UINT64_C(1) << age;
    if (session->work == number)
        session->work = 0;
    session->is_touched = session->is_touched || refusal == REFUSAL_NONE;
    host->facts.intents++;
    host->facts.refusals += refusal != REFUSAL_NONE;

    struct message message = {.kind = MESSAGE_RESULT};
    bool names = refusal == REFUSAL_TOOL_MISSING || refusal == REFUSAL_ITEMS_MISSING;
    uint32_t missing = names ? host->sim.missing : 0;
    message.result = (struct message_result){number, refusal, missing};
    session_send(host, index, ENVELOPE_RESULT, &message,
                 shows_lasting(refusal) ? host_release_seq(host) : 0);
}

void session_skip(struct host *host, uint32_t index, uint32_t number)
{
    struct session *session = &host->sessions[index];
    if (number <= session->last_intent)
        return;
    uint32_t by = number - session->last_intent;
    session->done = by < 64 ? session->done << by : 0;
    session->last_intent = number;
}

void session_begin_work(struct host *host, uint32_t index, uint32_t number)
{
    session_skip(host, index, number);
    host->sessions[index].work = number;
}

/* The content is another one than at the welcome: whether the client knows that one by now is not
 * known, when messages were given up. */
static void send_recatalog(struct host *host, uint32_t index, uint64_t release_seq)
{
    struct message message = {.kind = MESSAGE_RECATALOG};
    message.recatalog.catalog_bytes = host->catalog_bytes;
    session_send(host, index, ENVELOPE_MESSAGE, &message, release_seq);
    send_catalog(host, index, release_seq);
}

void session_resync(struct host *host, uint32_t index)
{
    struct session *session = &host->sessions[index];
    struct message message = {.kind = MESSAGE_RESYNC};
    uint64_t release_seq = kept_seq(host, character_of(host, session));
    bool has_old_catalog = session->catalog_number != host->catalog_number;
    message.resync = (struct message_resync){session->last_intent, session->done, session->work};
    session->owes_resync = has_old_catalog && !has_catalog_room(host);
    view_restart(host, index);
    if (session->owes_resync)
        return; /* later, whole */
    session_send(host, index, ENVELOPE_RESYNC, &message, release_seq);
    if (has_old_catalog)
        send_recatalog(host, index, release_seq);
    own_send_all(host, index);
}
