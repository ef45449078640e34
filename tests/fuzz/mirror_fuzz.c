/* mirror_fuzz.c - a whole conversation with a hostile server: no packet, in whatever order and
 * state, may do more than end the session in words. The first byte chooses how far the handshake
 * has come and whether the seed is shared. Then come steps: a byte that says what it is, a byte of
 * size, and so many bytes. */
#include "fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "session.h"

enum { ENTITIES_MAX = 64, PACKET_BYTES = 4096, TICK_US = 50000 };

enum step {
    STEP_PACKET,
    STEP_SNAPSHOT,
    STEP_CHANGES,
    STEP_CONTENT,
    STEP_TIME,
    STEP_ASK,
    STEP_NEWS,
    STEP_LOOKS,
    STEP_PART,
    STEP_UPLOAD,
    STEPS
};

static const char catalog_text[] =
    "{\"terrains\":[{\"name\":\"water\",\"solid\":true,\"buildable\":false},"
    "{\"name\":\"sand\",\"solid\":false,\"buildable\":true},"
    "{\"name\":\"grassland\",\"solid\":false,\"buildable\":true},"
    "{\"name\":\"forest\",\"solid\":false,\"buildable\":true},"
    "{\"name\":\"rock\",\"solid\":false,\"buildable\":true}],\"entities\":["
    "{\"name\":\"tree\",\"type\":1,\"solid\":true,\"placeable\":true,\"removable\":true},"
    "{\"name\":\"rock\",\"type\":2,\"solid\":true,\"placeable\":true,\"removable\":true},"
    "{\"name\":\"grass\",\"type\":3,\"solid\":false,\"placeable\":true,\"removable\":true}],"
    "\"items\":[],\"structures\":[{\"name\":\"hut\",\"type\":4,\"placeable\":true,"
    "\"removable\":true,\"width\":2,\"height\":2,\"primary\":[0,0]}],\"skills\":[]}";

static void send(struct session *session, const struct message *message)
{
    uint8_t bytes[PACKET_BYTES];
    struct packet packet;
    framing_init(&packet, bytes, sizeof bytes);
    if (message_add(&packet, message))
        tilth_session_receive(session, message_channel(message->kind), bytes, packet.size_bytes,
                              session->now_us);
}

/* Comes as far as the catalogue's end, with an empty chunk (0,0) in view. */
static void join(struct session *session, bool is_seed_shared)
{
    static const uint8_t bytes[16] = "0123456789abcde";
    struct message message = {.kind = MESSAGE_CHALLENGE};
    message.challenge.random = (struct span){bytes, 16};
    message.challenge.exchange = message.challenge.server_key = (struct span){bytes, 0};
    send(session, &message);
    message = (struct message){.kind = MESSAGE_WELCOME};
    message.welcome = (struct message_welcome){
        .character = {1},
        .tick_hz = 20,
        .speed_px_s = 100,
        .view_cells = 1,
        .world = {bytes, 5},
        .is_seed_shared = is_seed_shared,
        .generator_version = GENERATOR_VERSION,
        .catalog_bytes = sizeof catalog_text - 1,
    };
    send(session, &message);
    for (uint32_t at = 0; at < sizeof catalog_text - 1; at += 500) {
        uint32_t left = (uint32_t)sizeof catalog_text - 1 - at;
        message = (struct message){.kind = MESSAGE_CATALOG};
        message.catalog.offset = at;
        message.catalog.text =
            (struct span){(const uint8_t *)catalog_text + at, left < 500 ? left : 500};
        send(session, &message);
    }
    ensure(session->phase == SESSION_PLAYING);
    static const uint8_t empty[5];
    message = (struct message){.kind = MESSAGE_VIEW};
    message.view.content = (struct span){empty, sizeof empty};
    message.view.base = (struct span){empty, 0};
    send(session, &message);
}

static void ask(struct session *session, uint8_t by)
{
    struct error error;
    struct intent intent = {.kind = INTENT_REMOVE};
    intent.remove.cell = (struct cell_pos){by, by};
    (void)tilth_session_ask(session, &intent, &error);
    session->direction = (enum direction)(by % (DIRECTION_NW + 1));
}

/* Changes or content of chunk (0,0) or its neighbour, with a body of any bytes. */
static void send_chunk(struct session *session, enum step step, uint8_t detail, struct span body)
{
    struct message message = {.kind = step == STEP_CHANGES ? MESSAGE_CHANGES : MESSAGE_VIEW};
    struct chunk_pos chunk = {detail & 1, 0};
    if (step == STEP_CHANGES) {
        message.changes = (struct message_changes){chunk, 0, (uint64_t)(detail >> 1) + 1, body};
    } else {
        message.view = (struct message_view){.chunk = chunk, .version = detail >> 1};
        message.view.content = message.view.base = body;
    }
    send(session, &message);
}

/* A snapshot that is right, with the bytes as news behind it. */
static void send_news(struct session *session, struct span news)
{
    uint8_t bytes[STATE_BYTES_MAX];
    struct state_snapshot snapshot = {.number = session->snapshot.number + 1, .news = news};
    size_t size = state_encode_snapshot(&snapshot, bytes, sizeof bytes);
    if (size > 0)
        tilth_session_receive(session, CHANNEL_STATE, bytes, size, session->now_us);
}

/* How things look, or a part of a picture: the one that a look names, or any. */
static void send_looks(struct session *session, enum step step, uint8_t detail, struct span body)
{
    const struct images *images = &session->mirror.world.images;
    struct message message = {.kind = step == STEP_LOOKS ? MESSAGE_LOOKS : MESSAGE_IMAGE_PART};
    if (step == STEP_LOOKS) {
        message.looks = (struct message_looks){detail & 1, body};
    } else {
        message.image_part = (struct message_image_part){
            .size = (detail & 7u) * 64, .is_last = detail >> 3 & 1, .bytes = body};
        if (session->mirror.is_open)
            message.image_part.id = images->configs[0].value.custom;
    }
    send(session, &message);
}

/* A picture goes out: the file, credit for it, and how it ends. */
static void upload(struct session *session, uint8_t detail, struct span body)
{
    struct error error;
    struct message message = {.kind = MESSAGE_IMAGE_CREDIT};
    (void)tilth_upload_begin(session, body.bytes, body.size_bytes, &error);
    tilth_session_run(session, session->now_us);
    message.image_credit = (struct message_image_credit){detail & 3u, detail + 1u};
    if (detail & 1)
        send(session, &message);
    message = (struct message){.kind = MESSAGE_IMAGE_KEPT};
    message.image_kept = (struct message_image_kept){
        .number = (detail & 3u) + 1,
        .words = {body.bytes, body.size_bytes < 200 ? body.size_bytes : 200}};
    if (detail & 2)
        send(session, &message);
}

static void take_step(struct session *session, uint8_t what, const uint8_t *bytes, size_t size)
{
    enum step step = (enum step)(what % STEPS);
    uint8_t detail = what / STEPS;
    struct span body = {bytes, (uint32_t)size};
    session->now_us += 1000;
    switch (step) {
    case STEP_PACKET:
        tilth_session_receive(session, (enum wire_channel)(detail % CHANNEL_COUNT), bytes, size,
                              session->now_us);
        break;
    case STEP_SNAPSHOT:
        tilth_session_receive(session, CHANNEL_STATE, bytes, size, session->now_us);
        break;
    case STEP_CHANGES:
    case STEP_CONTENT:
        send_chunk(session, step, detail, body);
        break;
    case STEP_TIME:
        tilth_session_run(session, session->now_us + detail * TICK_US);
        break;
    case STEP_NEWS:
        send_news(session, body);
        break;
    case STEP_LOOKS:
    case STEP_PART:
        send_looks(session, step, detail, body);
        break;
    case STEP_UPLOAD:
        upload(session, detail, body);
        break;
    case STEP_ASK:
    case STEPS:
        ask(session, detail);
        break;
    }
}

static void drain(struct session *session)
{
    enum wire_channel channel;
    struct span packet;
    struct tilth_event event;
    while (tilth_session_take_packet(session, &channel, &packet))
        continue;
    while (tilth_events_pop(&session->events, &event))
        continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct error error;
    struct session_options options = {
        .name = "ann", .entities_max = ENTITIES_MAX, .pictures = {.memory_bytes = 4096}};
    static const uint8_t no_seed = 1, no_handshake = 2;
    if (size_bytes < 1 || !crypto_start(&error))
        return 0;
    struct session *session = memory_reserve("fuzz", 1, sizeof *session);
    tilth_session_init(session, &options);
    tilth_session_open(session, 1, 1000000);
    if (!(data[0] & no_handshake))
        join(session, !(data[0] & no_seed));
    size_t at = 1;
    while (at + 2 <= size_bytes) {
        size_t size = data[at + 1];
        size_t left = size_bytes - at - 2;
        size = size < left ? size : left;
        take_step(session, data[at], data + at + 2, size);
        at += 2 + size;
        if (data[at - 1] & 1)
            drain(session);
    }
    ensure((session->phase == SESSION_CLOSED) == (session->words[0] != 0));
    ensure(memchr(session->words, 0, sizeof session->words) != NULL);
    tilth_session_finish(session);
    memory_release(session);
    return 0;
}
