#include "session.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { OUTBOX_BYTES = 1 << 16 };

void tilth_session_init(struct session *session, const struct session_options *options)
{
    *session = (struct session){.options = *options};
    session->catalog_text = memory_reserve("client catalogue", CATALOG_TEXT_BYTES, 1);
    tilth_actors_init(&session->actors);
    tilth_events_init(&session->events);
    tilth_pending_init(&session->pending);
    tilth_pictures_init(&session->pictures, &options->pictures);
    tilth_upload_init(&session->upload);
    ring_init(&session->outbox, "client outbox", OUTBOX_BYTES);
}

void tilth_session_finish(struct session *session)
{
    tilth_mirror_close(&session->mirror);
    catalog_destroy(&session->catalog);
    memory_release(session->catalog_text);
    tilth_actors_finish(&session->actors);
    tilth_events_finish(&session->events);
    tilth_pictures_finish(&session->pictures);
    tilth_upload_finish(&session->upload);
    ring_finish(&session->outbox);
    *session = (struct session){.phase = SESSION_CLOSED};
}

static void empty_outbox(struct session *session)
{
    uint32_t size_bytes;
    while (ring_read(&session->outbox, &session->outbox_at, &size_bytes) != NULL)
        continue;
    ring_release(&session->outbox, session->outbox_at);
}

void tilth_session_open(struct session *session, uint32_t connect_id, uint64_t now_us)
{
    empty_outbox(session);
    session->phase = SESSION_GREETING;
    session->is_rejected = false;
    session->is_restored = false;
    session->may_retry = false;
    session->words[0] = 0;
    session->opened_us = now_us;
    session->now_us = now_us;
    session->connect_id = connect_id;
    session->snapshot = (struct state_snapshot){.number = 0};
    session->snapshot_mask = 0;
    session->views_wrong = 0;
    session->catalog_bytes = 0;
    tilth_actors_clear(&session->actors, &session->events);

    crypto_random(session->random, sizeof session->random);
    struct message hello = {.kind = MESSAGE_HELLO};
    hello.hello.random = (struct span){session->random, sizeof session->random};
    tilth_session_send(session, &hello);
}

void tilth_session_close(struct session *session, const char *words)
{
    if (session->phase == SESSION_CLOSED)
        return;
    session->phase = SESSION_CLOSED;
    tilth_offers_clear(&session->mirror.offers, &session->events);
    (void)snprintf(session->words, sizeof session->words, "%s", words);
}

bool tilth_session_blame(struct session *session, const char *what)
{
    char words[SESSION_WORDS_BYTES];
    (void)snprintf(words, sizeof words, "the server does not keep to the protocol: %s", what);
    tilth_session_close(session, words);
    return false;
}

void tilth_session_receive(struct session *session, enum wire_channel channel, const uint8_t *bytes,
                           size_t size_bytes, uint64_t now_us)
{
    struct message message;
    size_t offset = 0;
    bool is_malformed = false;
    session->now_us = now_us;
    if (session->phase == SESSION_CLOSED)
        return;
    if (channel == CHANNEL_STATE) {
        tilth_session_take_snapshot(session, bytes, size_bytes);
        return;
    }
    while (message_next(bytes, size_bytes, &offset, &message, &is_malformed)) {
        if (message_channel(message.kind) != channel) {
            tilth_session_blame(session, "a message came on the wrong channel");
            return;
        }
        if (!tilth_session_take(session, &message))
            return;
    }
    if (is_malformed)
        tilth_session_blame(session, "a message is malformed");
}

static void queue_packet(struct session *session, enum wire_channel channel, const uint8_t *bytes,
                         size_t size_bytes)
{
    uint8_t *record = ring_reserve(&session->outbox, (uint32_t)size_bytes + 1);
    if (record == NULL) {
        tilth_session_close(session, "the server asks for more answers than can be sent");
        return;
    }
    record[0] = (uint8_t)channel;
    memcpy(record + 1, bytes, size_bytes);
    ring_commit(&session->outbox, (uint32_t)size_bytes + 1);
}

void tilth_session_send(struct session *session, const struct message *message)
{
    uint8_t bytes[VERSION_INTENT_BYTES];
    struct packet packet;
    framing_init(&packet, bytes, sizeof bytes);
    if (message_add(&packet, message))
        queue_packet(session, message_channel(message->kind), bytes, packet.size_bytes);
}

bool tilth_session_take_packet(struct session *session, enum wire_channel *out_channel,
                               struct span *out_packet)
{
    uint32_t size_bytes = 0;
    ring_release(&session->outbox, session->outbox_at);
    const uint8_t *record = ring_read(&session->outbox, &session->outbox_at, &size_bytes);
    if (record == NULL)
        return false;
    *out_channel = (enum wire_channel)record[0];
    *out_packet = (struct span){record + 1, size_bytes - 1};
    return true;
}

uint32_t tilth_session_ask(struct session *session, const struct intent *intent,
                           struct error *error)
{
    uint8_t body[VERSION_INTENT_BYTES];
    struct bit_writer writer;
    if (session->phase != SESSION_PLAYING) {
        (void)error_set(error, "not connected");
        return 0;
    }
    bits_write_init(&writer, body, sizeof body);
    codec_encode(&writer, intent_schema(intent->kind), intent_record(intent));
    size_t size_bytes = bits_finish_writing(&writer);
    if (session->pending.count + session->events.outcomes >= TILTH_PENDING_MAX ||
        !ring_has_room(&session->outbox, VERSION_INTENT_BYTES)) {
        (void)error_set(error, "%d intents wait for their outcome, or to be told it",
                        TILTH_PENDING_MAX);
        return 0;
    }
    struct message ask = {.kind = MESSAGE_ASK};
    ask.ask.number = tilth_pending_add(&session->pending, intent);
    ask.ask.kind = intent->kind;
    ask.ask.body = (struct span){body, (uint32_t)size_bytes};
    if (ask.ask.number == 0) {
        (void)error_set(error, "this character has asked for all that it ever can");
        return 0;
    }
    tilth_session_send(session, &ask);
    return ask.ask.number;
}

static void send_inputs(struct session *session)
{
    const struct prediction *prediction = &session->prediction;
    uint8_t bytes[STATE_BYTES_MAX];
    struct state_inputs inputs = {
        .newest = prediction->newest,
        .count = prediction->newest < STATE_INPUTS_MAX ? prediction->newest : STATE_INPUTS_MAX,
        .snapshot = session->snapshot.number,
        .snapshot_mask = session->snapshot_mask,
    };
    for (uint32_t i = 0; i < inputs.count; i++)
        inputs.directions[i] = tilth_prediction_direction(prediction, i);
    size_t size_bytes = state_encode_inputs(&inputs, bytes, sizeof bytes);
    if (inputs.count > 0 && ring_has_room(&session->outbox, STATE_BYTES_MAX))
        queue_packet(session, CHANNEL_STATE, bytes, size_bytes);
}

/* One stands still until the ground is known. */
static enum direction direction_now(const struct session *session)
{
    struct cell_pos here = grid_cell_of(tilth_prediction_pos(&session->prediction));
    return tilth_mirror_has_cell(&session->mirror, here.x, here.y) ? session->direction
                                                                   : DIRECTION_NONE;
}

void tilth_session_run(struct session *session, uint64_t now_us)
{
    bool is_shaking_hands = session->phase != SESSION_CLOSED && session->phase != SESSION_PLAYING;
    session->now_us = now_us;
    if (is_shaking_hands && now_us > session->opened_us + SESSION_HANDSHAKE_US)
        tilth_session_close(session, "the server did not finish the handshake in time");
    if (session->phase != SESSION_PLAYING)
        return;
    uint32_t due = tilth_pace_due(&session->pace, now_us);
    for (uint32_t i = 0; i < due; i++)
        (void)tilth_prediction_step(&session->prediction, &session->mirror.world,
                                    direction_now(session));
    if (due > 0)
        send_inputs(session);
    tilth_pictures_run(session);
    tilth_upload_run(session);
}
