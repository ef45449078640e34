#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

enum { OUT_BYTES = 1 << 22, PACKET_BYTES = 1 << 19, SLICE_BYTES = 1000, AROUND = 1 };

static void load_catalog(struct stage *stage)
{
    char folder[512];
    struct error error;
    const char *source = getenv("TILTH_SOURCE_DIR");
    (void)snprintf(folder, sizeof folder, "%s/shared/content", source != NULL ? source : ".");
    stage->catalog = catalog_load(folder, NULL, &error);
    if (stage->catalog == NULL)
        (void)fprintf(stderr, "%s\n", error.text);
    ensure(stage->catalog != NULL);
    stage->catalog_text = memory_reserve("stage", CATALOG_TEXT_BYTES, 1);
    stage->catalog_bytes = catalog_write(stage->catalog, stage->catalog_text, CATALOG_TEXT_BYTES);
}

static void load_world(struct stage *stage)
{
    struct world_options options = {
        .catalog = stage->catalog,
        .generator = {.seed = 42, .version = GENERATOR_VERSION},
        .chunks_max = 64,
        .entities_max = 16384,
        .structures_max = 64,
        .piles_max = 256,
        .characters_max = 1,
        .slots_max = 8,
        .actors_max = 1,
    };
    world_init(&stage->world, &options);
    for (int32_t y = -AROUND - 1; y <= AROUND; y++) {
        for (int32_t x = -AROUND - 1; x <= AROUND; x++)
            (void)world_add_chunk(&stage->world, (struct chunk_pos){x, y});
    }
    stage->pos = movement_nearest_free(&stage->world, (struct world_pos){256, 256});
    stage->bob_pos = stage->pos;
}

void stage_init(struct stage *stage)
{
    struct error error;
    ensure(crypto_start(&error));
    *stage = (struct stage){.is_seed_shared = true, .connect_id = STAGE_CONNECT_ID};
    stage->next_id = 1;
    load_catalog(stage);
    load_world(stage);
    stage->content = memory_reserve("stage", 1, sizeof *stage->content);
    stage->codec = content_codec_create();
    ring_init(&stage->out, "stage", OUT_BYTES);
}

void stage_finish(struct stage *stage)
{
    world_finish(&stage->world);
    catalog_destroy(&stage->catalog);
    memory_release(stage->catalog_text);
    memory_release(stage->content);
    content_codec_destroy(&stage->codec);
    ring_finish(&stage->out);
}

void stage_reconnect(struct stage *stage)
{
    enum wire_channel channel;
    struct span packet;
    while (stage_take_packet(stage, &channel, &packet))
        continue;
    stage->is_joined = false;
    stage->inputs = (struct state_inputs){.newest = 0};
    stage->applied = stage->newest = stage->snapshot = 0;
}

void stage_send_bytes(struct stage *stage, enum wire_channel channel, const uint8_t *bytes,
                      size_t size_bytes)
{
    uint8_t *record = ring_reserve(&stage->out, (uint32_t)size_bytes + 1);
    ensure(record != NULL);
    record[0] = (uint8_t)channel;
    memcpy(record + 1, bytes, size_bytes);
    ring_commit(&stage->out, (uint32_t)size_bytes + 1);
}

void stage_send(struct stage *stage, const struct message *message)
{
    uint8_t *bytes = malloc(PACKET_BYTES);
    struct packet packet;
    framing_init(&packet, bytes, PACKET_BYTES);
    ensure(message_add(&packet, message));
    stage_send_bytes(stage, message_channel(message->kind), bytes, packet.size_bytes);
    free(bytes);
}

bool stage_take_packet(struct stage *stage, enum wire_channel *out_channel, struct span *out_packet)
{
    uint32_t size_bytes = 0;
    ring_release(&stage->out, stage->out_at);
    const uint8_t *record = ring_read(&stage->out, &stage->out_at, &size_bytes);
    if (record == NULL)
        return false;
    *out_channel = (enum wire_channel)record[0];
    *out_packet = (struct span){record + 1, size_bytes - 1};
    return true;
}

void stage_send_view(struct stage *stage, struct chunk_pos pos)
{
    static const uint8_t nothing[1];
    uint8_t content[1 << 16], base[CONTENT_BASE_BYTES_MAX];
    struct message view = {.kind = MESSAGE_VIEW};
    const struct chunk *chunk = world_find_chunk(&stage->world, pos);
    ensure(chunk != NULL);
    content_gather(&stage->world, chunk, stage->content);
    size_t size = content_encode(stage->codec, stage->content, content, sizeof content);
    view.view.chunk = pos;
    view.view.version = chunk->version;
    view.view.hash = chunk->hash;
    view.view.content = (struct span){content, (uint32_t)size};
    view.view.base = (struct span){nothing, 0};
    if (!stage->is_seed_shared) {
        size = content_encode_base(stage->codec, &chunk->base, base, sizeof base);
        view.view.base = (struct span){base, (uint32_t)size};
    }
    stage_send(stage, &view);
}

static void send_catalog(struct stage *stage)
{
    for (size_t at = 0; at < stage->catalog_bytes; at += SLICE_BYTES) {
        size_t left = stage->catalog_bytes - at;
        struct message slice = {.kind = MESSAGE_CATALOG};
        slice.catalog.offset = (uint32_t)at;
        slice.catalog.text = (struct span){(const uint8_t *)stage->catalog_text + at,
                                           (uint32_t)(left < SLICE_BYTES ? left : SLICE_BYTES)};
        stage_send(stage, &slice);
    }
}

static void send_welcome(struct stage *stage)
{
    struct message welcome = {.kind = MESSAGE_WELCOME};
    welcome.welcome = (struct message_welcome){
        .character = {5},
        .actor = 1,
        .tick = stage->tick,
        .tick_hz = STAGE_HZ,
        .speed_px_s = STAGE_SPEED_PX_S,
        .reach_px = 50,
        .view_cells = STAGE_VIEW_CELLS,
        .world = {(const uint8_t *)"stage", 5},
        .timeline = stage->timeline,
        .is_seed_shared = stage->is_seed_shared,
        .terrain_seed = stage->is_seed_shared ? 42 : 0,
        .generator_version = GENERATOR_VERSION,
        .pos = stage->pos,
        .last_intent = stage->last_intent,
        .done = stage->done,
        .catalog_bytes = (uint32_t)stage->catalog_bytes,
        .slots_max = 8,
    };
    stage_send(stage, &welcome);
}

void stage_restore(struct stage *stage)
{
    stage->timeline++;
    stage->last_intent = 0;
    stage->done = 0;
    send_welcome(stage);
    send_catalog(stage);
}

static void take_hello(struct stage *stage, const struct message *message)
{
    static const uint8_t random[16] = "challenge";
    static const uint8_t nothing[1];
    struct message challenge = {.kind = MESSAGE_CHALLENGE};
    memcpy(stage->hello_random, message->hello.random.bytes, sizeof stage->hello_random);
    challenge.challenge.random = (struct span){random, 16};
    challenge.challenge.exchange = (struct span){nothing, 0};
    challenge.challenge.server_key = (struct span){nothing, 0};
    stage_send(stage, &challenge);
}

static bool is_proven(const struct stage *stage, const struct message_auth *auth)
{
    struct message_hello hello = {.random = {stage->hello_random, 16}};
    struct message_challenge challenge = {.random = {(const uint8_t *)"challenge\0\0\0\0\0\0", 16}};
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    handshake_transcript(stage->connect_id, &hello, &challenge, auth, digest);
    return crypto_verify(auth->key.bytes, digest, sizeof digest, auth->signature.bytes);
}

static void send_named(struct stage *stage)
{
    struct message named = {.kind = MESSAGE_NAMED};
    named.named.actor = STAGE_BOB;
    named.named.name = (struct span){(const uint8_t *)"bob", 3};
    stage_send(stage, &named);
}

static void take_auth(struct stage *stage, const struct message *message)
{
    if (!is_proven(stage, &message->auth)) {
        struct message rejected = {.kind = MESSAGE_REJECTED};
        rejected.rejected.words = (struct span){(const uint8_t *)"the proof is wrong", 18};
        stage_send(stage, &rejected);
        return;
    }
    stage->is_joined = true;
    send_named(stage);
    send_welcome(stage);
    send_catalog(stage);
    for (uint32_t i = 0; i < stage->world.chunk_pool.capacity; i++) {
        if (pool_is_used(&stage->world.chunk_pool, i))
            stage_send_view(stage, stage->world.chunks[i].pos);
    }
}

static void put_change(struct stage *stage, struct packet *packet, const struct change *change)
{
    world_apply(&stage->world, change);
    ensure(framing_add_change(packet, change));
}

void stage_put(struct stage *stage, struct cell_pos cell, uint32_t type)
{
    uint8_t bytes[4096];
    struct packet packet;
    struct chunk *chunk = world_find_chunk(&stage->world, grid_chunk_of(cell));
    struct message changes = {.kind = MESSAGE_CHANGES};
    const struct entity *entity = world_first_entity(&stage->world, cell);
    uint64_t from = chunk->version;
    framing_init(&packet, bytes, sizeof bytes);
    if (!world_is_kept(&stage->world, cell)) {
        struct change keep = {.kind = CHANGE_CELL};
        keep.cell = (struct change_cell){cell, 1, world_natural_type(&stage->world, cell)};
        put_change(stage, &packet, &keep);
    }
    struct change put = {.kind = CHANGE_ENTITY};
    put.entity.id.value = type == 0 && entity != NULL ? entity->id.value : stage->next_id++;
    put.entity.cell = cell;
    put.entity.type = type;
    if (type != 0 || entity != NULL)
        put_change(stage, &packet, &put);
    struct change mark = {.kind = CHANGE_CHUNK};
    mark.chunk = (struct change_chunk){chunk->pos, ++stage->version, chunk->hash, from};
    put_change(stage, &packet, &mark);
    changes.changes = (struct message_changes){
        chunk->pos, from, stage->version, {bytes, (uint32_t)packet.size_bytes}};
    if (!stage->is_silent)
        stage_send(stage, &changes);
}

void stage_change(struct stage *stage, const struct change *change)
{
    struct chunk_pos chunks[CHANGE_CHUNKS_MAX];
    uint32_t count = change_chunks(change, chunks);
    stage->version++;
    world_apply(&stage->world, change);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t bytes[1024];
        struct packet packet;
        struct chunk *chunk = world_find_chunk(&stage->world, chunks[i]);
        struct message changes = {.kind = MESSAGE_CHANGES};
        struct change mark = {.kind = CHANGE_CHUNK};
        uint64_t from = chunk->version;
        framing_init(&packet, bytes, sizeof bytes);
        ensure(framing_add_change(&packet, change));
        mark.chunk = (struct change_chunk){chunk->pos, stage->version, chunk->hash, from};
        put_change(stage, &packet, &mark);
        changes.changes = (struct message_changes){
            chunk->pos, from, stage->version, {bytes, (uint32_t)packet.size_bytes}};
        if (!stage->is_silent)
            stage_send(stage, &changes);
    }
}

void stage_own(struct stage *stage, const struct change *change, bool is_whole)
{
    uint8_t bytes[1024];
    struct packet packet;
    struct message own = {.kind = MESSAGE_OWN};
    framing_init(&packet, bytes, sizeof bytes);
    ensure(framing_add_change(&packet, change));
    own.own.is_whole = is_whole;
    own.own.body = (struct span){bytes, (uint32_t)packet.size_bytes};
    stage_send(stage, &own);
}

static void send_result(struct stage *stage, uint32_t number, enum refusal refusal)
{
    struct message result = {.kind = MESSAGE_RESULT};
    result.result.number = number;
    result.result.refusal = refusal;
    if (!stage->is_silent)
        stage_send(stage, &result);
}

void stage_end_offer(struct stage *stage, enum refusal refusal)
{
    send_result(stage, stage->offered, refusal);
    stage->offered = 0;
}

static uint32_t build(struct stage *stage, const struct intent_build *build)
{
    const struct footprint_def *footprint = &stage->catalog->entities[build->type].footprint;
    struct change change = {.kind = CHANGE_STRUCTURE};
    change.structure = (struct change_structure){
        .id = {stage->next_id},
        .cell = build->cell,
        .is_there = 1,
        .type = build->type,
        .width = footprint->width,
        .height = footprint->height,
        .left = footprint->primary_x,
        .top = footprint->primary_y,
    };
    struct cell_area area;
    if (!change_area(&change, &area))
        return REFUSAL_OUT_OF_WORLD;
    struct cell_pos cell = area.least;
    do {
        if (world_find_chunk(&stage->world, grid_chunk_of(cell)) == NULL)
            return REFUSAL_CHUNK_LOADING;
        if (world_is_occupied(&stage->world, cell))
            return REFUSAL_CELL_OCCUPIED;
    } while (grid_area_next(area, &cell));
    stage->next_id++;
    stage_change(stage, &change);
    return REFUSAL_NONE;
}

static uint32_t decide(struct stage *stage, const struct message_ask *ask)
{
    struct intent intent = {.kind = (enum intent_kind)ask->kind};
    if (stage->is_refusing || ask->kind >= INTENT_KIND_COUNT ||
        !codec_decode_body(ask->body.bytes, ask->body.size_bytes, intent_schema(intent.kind),
                           intent_record_of(&intent)))
        return REFUSAL_OUT_OF_REACH;
    if (intent.kind == INTENT_SAY) {
        struct message heard = {.kind = MESSAGE_HEARD};
        heard.heard.name = (struct span){(const uint8_t *)"ann", 3};
        heard.heard.text = intent.say.text;
        stage_send(stage, &heard);
        return REFUSAL_NONE;
    }
    if (intent.kind == INTENT_BUILD)
        return build(stage, &intent.build);
    bool is_place = intent.kind == INTENT_PLACE;
    if (!is_place && intent.kind != INTENT_REMOVE)
        return REFUSAL_WORLD_READ_ONLY; /* the stage does not play this */
    struct cell_pos cell = is_place ? intent.place.cell : intent.remove.cell;
    if (world_find_chunk(&stage->world, grid_chunk_of(cell)) == NULL)
        return REFUSAL_CHUNK_LOADING;
    if (world_is_occupied(&stage->world, cell) == is_place)
        return is_place ? REFUSAL_CELL_OCCUPIED : REFUSAL_CELL_EMPTY;
    stage_put(stage, cell, is_place ? intent.place.type : 0);
    return REFUSAL_NONE;
}

static void take_ask(struct stage *stage, const struct message *message)
{
    ensure(message->ask.number == stage->last_intent + 1);
    bool is_offer = message->ask.kind == INTENT_GIVE && stage->offered == 0 && !stage->is_refusing;
    uint32_t refusal = is_offer ? REFUSAL_NONE : decide(stage, &message->ask);
    stage->last_intent = message->ask.number;
    stage->done = stage->done << 1 | (refusal == REFUSAL_NONE && !is_offer);
    if (is_offer)
        stage->offered = message->ask.number;
    else
        send_result(stage, message->ask.number, (enum refusal)refusal);
}

static void take_message(struct stage *stage, const struct message *message)
{
    if (message->kind == MESSAGE_HELLO)
        take_hello(stage, message);
    if (message->kind == MESSAGE_AUTH)
        take_auth(stage, message);
    if (message->kind == MESSAGE_WELCOMED)
        stage->welcomed = message->welcomed.timeline;
    if (message->kind == MESSAGE_ASK && stage->welcomed == stage->timeline)
        take_ask(stage, message);
    if (message->kind != MESSAGE_VIEWED)
        return;
    stage->views_right += !message->viewed.is_wrong;
    stage->views_wrong += message->viewed.is_wrong;
    if (message->viewed.is_wrong && world_find_chunk(&stage->world, message->viewed.chunk) != NULL)
        stage_send_view(stage, message->viewed.chunk);
}

static void take_inputs(struct stage *stage, const uint8_t *bytes, size_t size_bytes)
{
    if (!state_decode_inputs(bytes, size_bytes, &stage->inputs))
        return;
    for (uint32_t i = stage->inputs.count; i-- > 0;) {
        uint32_t number = stage->inputs.newest - i;
        if (number <= stage->newest || number <= stage->applied)
            continue;
        stage->waiting[number % STAGE_INPUTS] = stage->inputs.directions[i];
        stage->newest = number;
    }
}

void stage_take(struct stage *stage, enum wire_channel channel, const uint8_t *bytes,
                size_t size_bytes)
{
    struct message message;
    size_t offset = 0;
    bool is_malformed;
    if (channel == CHANNEL_STATE) {
        take_inputs(stage, bytes, size_bytes);
        return;
    }
    while (message_next(bytes, size_bytes, &offset, &message, &is_malformed))
        take_message(stage, &message);
}

void stage_tick(struct stage *stage)
{
    uint32_t step = movement_step_units(STAGE_SPEED_PX_S, STAGE_HZ);
    struct state_snapshot snapshot = {.is_complete = true};
    uint8_t bytes[STATE_BYTES_MAX];
    bool is_starving = stage->applied >= stage->newest;
    stage->tick++;
    if (!stage->is_joined)
        return;
    if (!is_starving) {
        stage->applied++;
        uint8_t direction = stage->waiting[stage->applied % STAGE_INPUTS];
        stage->pos = movement_step(&stage->world, stage->pos, (enum direction)direction, step);
    }
    stage->bob_pos.x += (int32_t)step;
    snapshot.number = ++stage->snapshot;
    snapshot.tick = (uint32_t)stage->tick;
    snapshot.input = stage->applied;
    uint32_t slack = stage->newest - stage->applied;
    snapshot.slack = is_starving ? -1 : (int8_t)(slack < 7 ? slack : 7);
    snapshot.pos = stage->pos;
    if (stage->is_bob_here)
        snapshot.actors[snapshot.actor_count++] =
            (struct state_actor){STAGE_BOB, 0, DIRECTION_E, stage->bob_pos, 0};
    size_t size = state_encode_snapshot(&snapshot, bytes, sizeof bytes);
    stage_send_bytes(stage, CHANNEL_STATE, bytes, size);
}

void stage_carry(struct stage *stage, struct session *session, uint64_t now_us)
{
    enum wire_channel channel;
    struct span packet;
    bool is_moving = true;
    while (is_moving) {
        is_moving = false;
        while (tilth_session_take_packet(session, &channel, &packet)) {
            stage_take(stage, channel, packet.bytes, packet.size_bytes);
            is_moving = true;
        }
        while (stage_take_packet(stage, &channel, &packet)) {
            tilth_session_receive(session, channel, packet.bytes, packet.size_bytes, now_us);
            is_moving = true;
        }
    }
}

bool stage_join(struct stage *stage, struct session *session, uint64_t now_us)
{
    tilth_session_open(session, stage->connect_id, now_us);
    stage_carry(stage, session, now_us);
    return session->phase == SESSION_PLAYING;
}
