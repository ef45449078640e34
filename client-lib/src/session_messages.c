/* What each message does: one function a kind, called through a const table. */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/handshake.h"
#include "world/world_catalog.h"

static bool take_challenge(struct session *session, const struct message *message)
{
    struct message_hello hello = {.random = {session->random, sizeof session->random}};
    struct message auth = {.kind = MESSAGE_AUTH};
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    uint8_t signature[CRYPTO_SIGNATURE_BYTES];
    const struct session_options *options = &session->options;

    auth.auth.name = (struct span){(const uint8_t *)options->name, (uint32_t)strlen(options->name)};
    auth.auth.key = (struct span){options->keys.public_key, CRYPTO_PUBLIC_BYTES};
    handshake_transcript(session->connect_id, &hello, &message->challenge, &auth.auth, digest);
    crypto_sign_message(&options->keys, digest, sizeof digest, signature);
    auth.auth.signature = (struct span){signature, sizeof signature};
    session->phase = SESSION_PROVING;
    tilth_session_send(session, &auth);
    return true;
}

/* Is it still the same character in the same history, so that intent numbers mean the same? */
static bool is_same_history(const struct session *session, const struct message_welcome *welcome)
{
    char world[sizeof session->world_name];
    tilth_events_text(welcome->world, world, sizeof world);
    return session->has_welcome && strcmp(world, session->world_name) == 0 &&
           session->welcome.timeline == welcome->timeline &&
           session->welcome.character.value == welcome->character.value;
}

static void settle(struct session *session, const struct message_welcome *welcome)
{
    if (is_same_history(session, welcome))
        tilth_pending_settle(&session->pending,
                             &(struct pending_summary){welcome->last_intent, welcome->done, 0},
                             &session->events);
    tilth_pending_lose(&session->pending, &session->events);
    session->pending.next_number = welcome->last_intent + 1;
}

static bool start_playing(struct session *session)
{
    struct error error;
    const struct message_welcome *welcome = &session->welcome;
    uint32_t input = session->prediction.newest;
    struct mirror_options options = {
        .generator = {welcome->terrain_seed, welcome->generator_version},
        .is_seed_shared = welcome->is_seed_shared != 0,
        .view_cells = welcome->view_cells,
        .entities_max = session->options.entities_max,
        .slots_max = welcome->slots_max,
        .own = welcome->character,
    };
    struct catalog *catalog = catalog_parse(session->catalog_text, session->catalog_bytes, &error);
    if (catalog == NULL)
        return tilth_session_blame(session, error.text);
    tilth_mirror_close(&session->mirror);
    catalog_destroy(&session->catalog);
    session->catalog = catalog;
    tilth_mirror_open(&session->mirror, catalog, &options);
    tilth_prediction_start(&session->prediction, welcome->pos,
                           movement_step_units(welcome->speed_px_s, welcome->tick_hz));
    if (session->is_restored)
        tilth_prediction_go_on(&session->prediction, input);
    tilth_pace_start(&session->pace, welcome->tick_hz, session->now_us);
    tilth_pictures_restart(&session->pictures);
    tilth_upload_restart(&session->upload);
    session->phase = SESSION_PLAYING;
    struct tilth_event event = {.kind = session->is_restored ? TILTH_EVENT_RESTORED
                                                             : TILTH_EVENT_CONNECTED};
    tilth_events_push(&session->events, &event);
    return true;
}

/* The content has changed: the mirror, which shows nothing now, goes by it from now on. */
static bool renew_catalog(struct session *session)
{
    struct error error;
    struct catalog *catalog = catalog_parse(session->catalog_text, session->catalog_bytes, &error);
    if (catalog == NULL)
        return tilth_session_blame(session, error.text);
    tilth_mirror_clear(&session->mirror, &session->events);
    world_set_catalog(&session->mirror.world, catalog);
    catalog_destroy(&session->catalog);
    session->catalog = catalog;
    struct tilth_event event = {.kind = TILTH_EVENT_CONTENT_CHANGED};
    tilth_events_push(&session->events, &event);
    return true;
}

static bool take_recatalog(struct session *session, const struct message *message)
{
    session->welcome.catalog_bytes = message->recatalog.catalog_bytes;
    session->catalog_bytes = 0;
    return true;
}

/* Says that what is asked from now on is meant for this welcome's timeline. */
static void confirm(struct session *session, const struct message_welcome *welcome)
{
    struct message message = {.kind = MESSAGE_WELCOMED};
    message.welcomed.timeline = welcome->timeline;
    tilth_session_send(session, &message);
}

/* The world has gone back: whoever was seen is not, until the next snapshot. */
static void begin_again(struct session *session)
{
    session->is_restored = session->is_restored || session->phase == SESSION_PLAYING;
    session->opened_us = session->now_us;
    session->views_wrong = 0;
    session->surprised_us = 0;
    if (session->phase != SESSION_PROVING)
        tilth_actors_restart(&session->actors, &session->events);
}

static bool take_welcome(struct session *session, const struct message *message)
{
    const struct message_welcome *welcome = &message->welcome;
    if (!text_is_printable((const char *)welcome->world.bytes, welcome->world.size_bytes))
        return tilth_session_blame(session, "the world's name is malformed");
    if (welcome->is_seed_shared && !generator_has_version(welcome->generator_version)) {
        tilth_session_close(session,
                            "the world is made by a generator that this client does not have");
        return false;
    }
    begin_again(session);
    tilth_mirror_clear(&session->mirror, &session->events);
    settle(session, welcome);
    confirm(session, welcome);
    session->welcome = *welcome;
    session->has_welcome = true;
    tilth_events_text(welcome->world, session->world_name, sizeof session->world_name);
    session->welcome.world = (struct span){NULL, 0};
    tilth_actors_set_rate(&session->actors, welcome->tick_hz);
    session->catalog_bytes = 0;
    session->phase = SESSION_JOINING;
    return welcome->catalog_bytes > 0 || start_playing(session);
}

static bool take_rejected(struct session *session, const struct message *message)
{
    char words[SESSION_WORDS_BYTES];
    tilth_events_text(message->rejected.words, words, sizeof words);
    if (!text_is_printable(words, strlen(words)) || words[0] == 0)
        (void)snprintf(words, sizeof words, "the server ended the connection");
    session->is_rejected = true;
    session->may_retry = message->rejected.may_retry != 0;
    tilth_session_close(session, words);
    return false;
}

static bool take_catalog(struct session *session, const struct message *message)
{
    const struct message_catalog *slice = &message->catalog;
    if (slice->offset != session->catalog_bytes || slice->text.size_bytes == 0 ||
        slice->text.size_bytes > session->welcome.catalog_bytes - session->catalog_bytes)
        return tilth_session_blame(session, "a slice of the catalogue is out of place");
    memcpy(session->catalog_text + slice->offset, slice->text.bytes, slice->text.size_bytes);
    session->catalog_bytes += slice->text.size_bytes;
    if (session->catalog_bytes < session->welcome.catalog_bytes)
        return true;
    return session->phase == SESSION_PLAYING ? renew_catalog(session) : start_playing(session);
}

static bool take_result(struct session *session, const struct message *message)
{
    const struct message_result *result = &message->result;
    const struct entity_def *missing = catalog_find_type(session->catalog, result->missing);
    struct pending_answer answer = {result->number, result->refusal,
                                    missing != NULL ? missing->name : NULL};
    return tilth_pending_answer(&session->pending, &answer, &session->events) ||
           tilth_session_blame(session, "an intent was answered that was not asked");
}

static void answer_view(struct session *session, struct chunk_pos chunk, bool is_wrong)
{
    struct message viewed = {.kind = MESSAGE_VIEWED};
    viewed.viewed.chunk = chunk;
    viewed.viewed.is_wrong = is_wrong;
    session->counts.resyncs += is_wrong;
    tilth_session_send(session, &viewed);
}

/* What came may look in a way that is not known. */
static void note_looks(struct session *session)
{
    session->pictures.needs_scan = session->pictures.needs_scan || session->mirror.has_looks;
    session->mirror.has_looks = false;
}

static bool take_view(struct session *session, const struct message *message)
{
    enum mirror_verdict verdict =
        tilth_mirror_view(&session->mirror, &message->view, &session->events);
    note_looks(session);
    if (verdict == MIRROR_FULL) {
        tilth_session_close(session, "the server shows more than this client has room for");
        return false;
    }
    bool is_wrong = verdict == MIRROR_WRONG;
    session->views_wrong = is_wrong ? session->views_wrong + 1 : 0;
    if (session->views_wrong > SESSION_VIEWS_WRONG_MAX)
        return tilth_session_blame(session, "the chunks it sends do not fit their hashes");
    answer_view(session, message->view.chunk, is_wrong);
    return true;
}

/* A change right after a correction in the same chunk: the server had made it, and stopped us at
 * it, before it was durable and could be shown. */
static void explain_correction(struct session *session, struct chunk_pos chunk)
{
    if (session->surprised_us == 0 ||
        session->now_us > session->surprised_us + SESSION_SURPRISE_US ||
        !grid_is_same_chunk(grid_chunk_of(session->surprised_at), chunk))
        return;
    session->counts.corrections_expected++;
    session->surprised_us = 0;
}

static void note_correction(struct session *session, struct world_pos by)
{
    struct session_counts *counts = &session->counts;
    struct world_pos pos = tilth_prediction_pos(&session->prediction);
    uint32_t x = (uint32_t)llabs((int64_t)by.x), y = (uint32_t)llabs((int64_t)by.y);
    uint32_t units = x > y ? x : y;
    bool is_expected = tilth_pending_is_near(&session->pending, pos);
    counts->corrections++;
    counts->corrections_expected += is_expected;
    session->surprised_us = is_expected ? 0 : session->now_us;
    session->surprised_at = grid_cell_of(pos);
    if (units > counts->correction_units_max)
        counts->correction_units_max = units;
    struct tilth_event event = {.kind = TILTH_EVENT_CORRECTED, .x = by.x, .y = by.y};
    tilth_events_push(&session->events, &event);
}

static bool take_changes(struct session *session, const struct message *message)
{
    struct chunk_pos chunk = message->changes.chunk;
    struct world_pos by;
    explain_correction(session, chunk);
    if (tilth_mirror_change(&session->mirror, &message->changes, &session->events) == MIRROR_WRONG)
        answer_view(session, chunk, true);
    /* What was walked through on the way here may be solid by now: the server says so later. */
    else if (tilth_prediction_replay(&session->prediction, &session->mirror.world, &by)) {
        note_correction(session, by);
        explain_correction(session, chunk);
    }
    note_looks(session);
    return true;
}

static bool take_forget(struct session *session, const struct message *message)
{
    tilth_mirror_forget(&session->mirror, message->forget.chunk, &session->events);
    return true;
}

static bool take_own(struct session *session, const struct message *message)
{
    enum mirror_verdict verdict =
        tilth_mirror_own(&session->mirror, &message->own, &session->events);
    note_looks(session);
    return verdict == MIRROR_TAKEN ||
           tilth_session_blame(session, "what it says of the player's own things does not fit");
}

static bool take_named(struct session *session, const struct message *message)
{
    if (!handshake_is_name(message->named.name.bytes, message->named.name.size_bytes))
        return tilth_session_blame(session, "a player's name is malformed");
    tilth_actors_name(&session->actors, &message->named, &session->events);
    return true;
}

static bool take_heard(struct session *session, const struct message *message)
{
    const struct message_heard *heard = &message->heard;
    if (!text_is_printable((const char *)heard->text.bytes, heard->text.size_bytes) ||
        !text_is_printable((const char *)heard->name.bytes, heard->name.size_bytes))
        return tilth_session_blame(session, "a chat line is malformed");
    struct tilth_event event = {.kind = TILTH_EVENT_SAID};
    tilth_events_text(heard->name, event.name, sizeof event.name);
    tilth_events_text(heard->text, event.text, sizeof event.text);
    tilth_events_push(&session->events, &event);
    return true;
}

static bool take_resync(struct session *session, const struct message *message)
{
    session->counts.resyncs++;
    tilth_mirror_clear(&session->mirror, &session->events);
    const struct message_resync *resync = &message->resync;
    struct pending_summary summary = {resync->last_intent, resync->done, resync->under_way};
    tilth_pending_settle(&session->pending, &summary, &session->events);
    tilth_pictures_resync(session);
    tilth_upload_resync(&session->upload);
    return true;
}

struct handler {
    bool (*take)(struct session *session, const struct message *message);
    uint32_t phases; /* a bit for each in which it may come */
};

enum {
    GREETING = 1 << SESSION_GREETING,
    PROVING = 1 << SESSION_PROVING,
    PLAYING = 1 << SESSION_PLAYING,
    JOINING = 1 << SESSION_JOINING,
    ALL = GREETING | PROVING | JOINING | PLAYING,
};

/* What only a client sends has no entry. */
static const struct handler handlers[MESSAGE_KIND_COUNT] = {
    [MESSAGE_CHALLENGE] = {take_challenge, GREETING},
    [MESSAGE_WELCOME] = {take_welcome, PROVING | JOINING | PLAYING},
    [MESSAGE_REJECTED] = {take_rejected, ALL},
    [MESSAGE_CATALOG] = {take_catalog, JOINING | PLAYING},
    [MESSAGE_RECATALOG] = {take_recatalog, PLAYING},
    [MESSAGE_RESULT] = {take_result, PLAYING},
    [MESSAGE_VIEW] = {take_view, PLAYING},
    [MESSAGE_FORGET] = {take_forget, PLAYING},
    [MESSAGE_CHANGES] = {take_changes, PLAYING},
    /* these come on another channel than the welcome, and may overtake it */
    [MESSAGE_NAMED] = {take_named, PROVING | JOINING | PLAYING},
    [MESSAGE_HEARD] = {take_heard, PROVING | JOINING | PLAYING},
    [MESSAGE_LOOKS] = {tilth_pictures_take_looks, PROVING | JOINING | PLAYING},
    [MESSAGE_RESYNC] = {take_resync, PLAYING},
    [MESSAGE_OWN] = {take_own, PLAYING},
    [MESSAGE_IMAGE_PART] = {tilth_pictures_take_part, PLAYING},
    [MESSAGE_IMAGE_CREDIT] = {tilth_upload_take_credit, PLAYING},
    [MESSAGE_IMAGE_KEPT] = {tilth_upload_take_kept, PLAYING},
};

bool tilth_session_take(struct session *session, const struct message *message)
{
    const struct handler *handler = &handlers[message->kind];
    if (handler->take == NULL || !(handler->phases & 1u << session->phase)) {
        char what[64];
        (void)snprintf(what, sizeof what, "%s came at a wrong time",
                       message_schema(message->kind)->name);
        return tilth_session_blame(session, what);
    }
    bool goes_on = handler->take(session, message);
    return goes_on && session->phase != SESSION_CLOSED;
}

/* Remembers which snapshots came, for the acknowledgement; false when this one is old. */
static bool is_newest(struct session *session, uint32_t number)
{
    uint32_t newest = session->snapshot.number;
    if (number > newest) {
        uint32_t by = number - newest;
        uint64_t mask = (uint64_t)session->snapshot_mask << 1 | (newest != 0);
        session->snapshot_mask = by <= 32 ? (uint32_t)(mask << (by - 1)) : 0;
        return true;
    }
    uint32_t behind = newest - number;
    if (behind > 0 && behind <= 32)
        session->snapshot_mask |= 1u << (behind - 1);
    return false;
}

/* Changes that are told again: taken where they go on from what is there, so that a walk is not
 * predicted through what was placed while their first copy is lost. That one comes late, and
 * says nothing new then. They may come before the catalogue that has their types. */
static void take_news(struct session *session, struct span news)
{
    struct message message;
    size_t offset = 0;
    bool is_malformed = false;
    while (message_next(news.bytes, news.size_bytes, &offset, &message, &is_malformed)) {
        const struct chunk *chunk =
            message.kind == MESSAGE_CHANGES
                ? world_find_chunk(&session->mirror.world, message.changes.chunk)
                : NULL;
        if (chunk != NULL && chunk->version == message.changes.from &&
            tilth_mirror_has_types(&session->mirror, &message.changes))
            (void)take_changes(session, &message);
    }
}

void tilth_session_take_snapshot(struct session *session, const uint8_t *bytes, size_t size_bytes)
{
    struct state_snapshot snapshot = session->snapshot;
    struct world_pos by = {0, 0};
    if (session->phase != SESSION_PLAYING || !state_decode_snapshot(bytes, size_bytes, &snapshot))
        return;
    take_news(session, snapshot.news);
    snapshot.news = (struct span){NULL, 0};
    if (!is_newest(session, snapshot.number))
        return;
    session->snapshot = snapshot;
    session->counts.snapshots++;
    tilth_actors_take(&session->actors, &snapshot, session->now_us, &session->events);
    if (tilth_prediction_reconcile(&session->prediction, &session->mirror.world, snapshot.input,
                                   snapshot.pos, &by))
        note_correction(session, by);
    tilth_pace_report(&session->pace, snapshot.slack, snapshot.input, session->prediction.newest);
}
