#include "session.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "stage.h"
#include "testing.h"

struct rig {
    struct stage stage;
    struct session session;
    uint64_t now_us;
};

static struct rig *rig_create(void)
{
    struct rig *rig = memory_reserve("rig", 1, sizeof *rig);
    struct session_options options = {.name = "ann", .entities_max = 10000, .delay_us = 100000};
    stage_init(&rig->stage);
    crypto_keypair_make(&options.keys);
    tilth_session_init(&rig->session, &options);
    rig->now_us = 1000000;
    return rig;
}

static struct rig *rig_join(void)
{
    struct rig *rig = rig_create();
    ck_assert_msg(stage_join(&rig->stage, &rig->session, rig->now_us), "%s", rig->session.words);
    return rig;
}

static void rig_destroy(struct rig *rig)
{
    tilth_session_finish(&rig->session);
    stage_finish(&rig->stage);
    memory_release(rig);
}

/* So many server ticks at 20 Hz, the client in between. */
static void run_ticks(struct rig *rig, uint32_t count)
{
    for (uint32_t i = 0; i < count * 5; i++) {
        rig->now_us += 10000;
        tilth_session_run(&rig->session, rig->now_us);
        if (i % 5 == 4)
            stage_tick(&rig->stage);
        stage_carry(&rig->stage, &rig->session, rig->now_us);
    }
}

static struct tilth_event next_of(struct rig *rig, enum tilth_event_kind kind)
{
    struct tilth_event event = {.kind = TILTH_EVENT_NONE};
    while (tilth_events_pop(&rig->session.events, &event) && event.kind != kind)
        continue;
    return event;
}

static uint32_t ask_place(struct rig *rig, struct cell_pos cell)
{
    struct error error;
    struct intent intent = {.kind = INTENT_PLACE};
    intent.place.type = catalog_find_name(rig->stage.catalog, "wood_block")->type;
    intent.place.cell = cell;
    return tilth_session_ask(&rig->session, &intent, &error);
}

/* A cell near the player that is free. */
static struct cell_pos free_cell(const struct rig *rig, uint32_t from)
{
    struct cell_pos here = grid_cell_of(rig->stage.pos);
    for (uint32_t n = from;; n++) {
        struct cell_pos offset = grid_spiral(n);
        struct cell_pos cell = {here.x + offset.x, here.y + offset.y};
        if (!world_is_occupied(&rig->stage.world, cell))
            return cell;
    }
}

static void send(struct rig *rig, const struct message *message)
{
    stage_send(&rig->stage, message);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
}

START_TEST(joining_shows_the_world)
{
    struct rig *rig = rig_join();
    ck_assert_uint_eq(rig->session.mirror.world.chunk_pool.used, 16);
    ck_assert_uint_eq(rig->stage.views_right, 16);
    ck_assert_uint_eq(rig->stage.views_wrong, 0);
    ck_assert_str_eq(next_of(rig, TILTH_EVENT_NAMED).name, "bob");
    ck_assert_int_eq(next_of(rig, TILTH_EVENT_CONNECTED).kind, TILTH_EVENT_CONNECTED);
    rig_destroy(rig);
}
END_TEST

START_TEST(joining_without_the_seed_shows_the_same)
{
    struct rig *rig = rig_create();
    rig->stage.is_seed_shared = false;
    ck_assert(stage_join(&rig->stage, &rig->session, rig->now_us));
    struct cell_pos cell = free_cell(rig, 1);
    ck_assert_uint_eq(ask_place(rig, cell), 1);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    ck_assert_uint_eq(rig->session.counts.resyncs, 0);
    ck_assert(world_is_occupied(&rig->session.mirror.world, cell));
    rig_destroy(rig);
}
END_TEST

START_TEST(an_intent_ends_done_or_refused)
{
    struct rig *rig = rig_join();
    struct cell_pos cell = free_cell(rig, 1);
    ck_assert_uint_eq(ask_place(rig, cell), 1);
    ck_assert_uint_eq(ask_place(rig, cell), 2);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_DONE).number, 1);
    struct tilth_event refused = next_of(rig, TILTH_EVENT_REFUSED);
    ck_assert_uint_eq(refused.number, 2);
    ck_assert_str_eq(refused.name, "CELL_OCCUPIED");
    ck_assert(world_is_occupied(&rig->session.mirror.world, cell));
    rig_destroy(rig);
}
END_TEST

START_TEST(walking_is_predicted_without_corrections)
{
    struct rig *rig = rig_join();
    run_ticks(rig, 20);
    for (int direction = DIRECTION_N; direction <= DIRECTION_NW; direction++) {
        rig->session.direction = (enum direction)direction;
        run_ticks(rig, 15);
    }
    rig->session.direction = DIRECTION_NONE;
    run_ticks(rig, 10);
    struct world_pos pos = tilth_prediction_pos(&rig->session.prediction);
    ck_assert_uint_eq(rig->session.counts.corrections, 0);
    ck_assert_uint_gt(rig->session.counts.snapshots, 100);
    ck_assert(pos.x == rig->stage.pos.x && pos.y == rig->stage.pos.y);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_push_is_one_correction)
{
    struct rig *rig = rig_join();
    run_ticks(rig, 20);
    rig->stage.pos.x += 7;
    run_ticks(rig, 20);
    ck_assert_uint_eq(rig->session.counts.corrections, 1);
    ck_assert_uint_eq(rig->session.counts.corrections_expected, 0);
    ck_assert_int_eq(next_of(rig, TILTH_EVENT_CORRECTED).x, 7);
    stage_put(&rig->stage, free_cell(rig, 1), 1); /* so that was why */
    run_ticks(rig, 2);
    ck_assert_uint_eq(rig->session.counts.corrections_expected, 1);
    rig->stage.is_silent = true; /* a block of one's own that is not confirmed yet */
    (void)ask_place(rig, free_cell(rig, 1));
    rig->stage.pos.x -= 7;
    run_ticks(rig, 20);
    ck_assert_uint_eq(rig->session.counts.corrections, 2);
    ck_assert_uint_eq(rig->session.counts.corrections_expected, 2);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_lost_connection_leaves_no_intent_in_doubt)
{
    struct rig *rig = rig_join();
    rig->stage.is_silent = true;
    struct cell_pos cell = free_cell(rig, 1);
    ck_assert_uint_eq(ask_place(rig, cell), 1);
    ck_assert_uint_eq(ask_place(rig, cell), 2); /* occupied by then */
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    ck_assert_uint_eq(ask_place(rig, free_cell(rig, 2)), 3); /* never arrives */
    tilth_session_close(&rig->session, "gone");
    ck_assert_uint_eq(ask_place(rig, cell), 0);

    rig->stage.is_silent = false;
    stage_reconnect(&rig->stage);
    ck_assert(stage_join(&rig->stage, &rig->session, rig->now_us));
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_DONE).number, 1);
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_LOST).number, 2);
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_LOST).number, 3);
    ck_assert_uint_eq(rig->session.pending.count, 0);
    ck_assert(world_is_occupied(&rig->session.mirror.world, cell));
    ck_assert_uint_eq(ask_place(rig, free_cell(rig, 2)), 3);
    run_ticks(rig, 20);
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_DONE).number, 3);
    ck_assert_uint_eq(rig->session.counts.corrections, 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(another_history_loses_what_was_pending)
{
    struct rig *rig = rig_join();
    rig->stage.is_silent = true;
    ck_assert_uint_eq(ask_place(rig, free_cell(rig, 1)), 1);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    tilth_session_close(&rig->session, "gone");
    stage_reconnect(&rig->stage);
    rig->session.welcome.timeline++; /* as if the world had been restored meanwhile */
    ck_assert(stage_join(&rig->stage, &rig->session, rig->now_us));
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_LOST).number, 1);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_resync_forgets_chunks_and_settles)
{
    struct rig *rig = rig_join();
    rig->stage.is_silent = true;
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(ask_place(rig, free_cell(rig, i + 1)), i + 1);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    struct message resync = {.kind = MESSAGE_RESYNC};
    resync.resync = (struct message_resync){.last_intent = 2, .done = 1};
    send(rig, &resync);
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_LOST).number, 1);
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_DONE).number, 2);
    ck_assert_uint_eq(rig->session.pending.count, 1);
    ck_assert_uint_eq(rig->session.mirror.world.chunk_pool.used, 0);
    ck_assert_int_eq(rig->session.phase, SESSION_PLAYING);
    run_ticks(rig, 3);
    stage_send_view(&rig->stage, (struct chunk_pos){0, 0});
    run_ticks(rig, 3);
    ck_assert_uint_eq(rig->session.mirror.world.chunk_pool.used, 1);
    rig_destroy(rig);
}
END_TEST

static uint32_t ask_give(struct rig *rig)
{
    struct error error;
    struct intent intent = {.kind = INTENT_GIVE};
    intent.give = (struct intent_give){0, 1, {(const uint8_t *)"bob", 3}};
    return tilth_session_ask(&rig->session, &intent, &error);
}

START_TEST(an_offer_is_answered_when_it_is)
{
    struct rig *rig = rig_join();
    ck_assert_uint_eq(ask_give(rig), 1);
    ck_assert_uint_eq(ask_place(rig, free_cell(rig, 1)), 2);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_DONE).number, 2);
    ck_assert_uint_eq(rig->session.pending.open_count, 1);
    struct message resync = {.kind = MESSAGE_RESYNC};
    resync.resync = (struct message_resync){.last_intent = 2, .done = 1, .under_way = 1};
    send(rig, &resync);
    ck_assert_uint_eq(rig->session.pending.open_count, 1);
    stage_end_offer(&rig->stage, REFUSAL_DECLINED);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    struct tilth_event declined = next_of(rig, TILTH_EVENT_REFUSED);
    ck_assert_uint_eq(declined.number, 1);
    ck_assert_str_eq(declined.name, "DECLINED");
    ck_assert_uint_eq(rig->session.pending.count, 0);

    ck_assert_uint_eq(ask_give(rig), 3); /* the connection ends before its answer */
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    tilth_session_close(&rig->session, "gone");
    stage_reconnect(&rig->stage);
    ck_assert(stage_join(&rig->stage, &rig->session, rig->now_us));
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_LOST).number, 3);
    rig_destroy(rig);
}
END_TEST

/* Where a building fits from `cell`, one to the west and one to the south of it. */
static bool is_site(const struct rig *rig, struct cell_pos cell)
{
    for (int32_t i = 0; i < 6; i++) {
        struct cell_pos part = {cell.x - 1 + i % 3, cell.y + i / 3};
        if (world_is_occupied(&rig->stage.world, part) || world_is_solid(&rig->stage.world, part) ||
            movement_touches(rig->stage.pos, part))
            return false;
    }
    return true;
}

START_TEST(what_is_built_stands_in_the_way_without_corrections)
{
    struct rig *rig = rig_join();
    struct error error;
    struct intent intent = {.kind = INTENT_BUILD};
    struct cell_pos here = grid_cell_of(rig->stage.pos);
    uint32_t n = 1;
    intent.build.type = catalog_find_name(rig->stage.catalog, "building")->type;
    do {
        struct cell_pos offset = grid_spiral(n++);
        intent.build.cell = (struct cell_pos){here.x + offset.x, here.y + offset.y};
    } while (!is_site(rig, intent.build.cell));
    run_ticks(rig, 20);
    ck_assert_uint_eq(tilth_session_ask(&rig->session, &intent, &error), 1);
    ck_assert_uint_eq(tilth_session_ask(&rig->session, &intent, &error), 2);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_DONE).number, 1);
    ck_assert_str_eq(next_of(rig, TILTH_EVENT_REFUSED).name, "CELL_OCCUPIED");
    ck_assert(world_is_solid(&rig->session.mirror.world, intent.build.cell));
    for (int direction = DIRECTION_N; direction <= DIRECTION_NW; direction++) {
        rig->session.direction = (enum direction)direction;
        run_ticks(rig, 20);
    }
    ck_assert_uint_eq(rig->session.counts.corrections, 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(only_so_many_intents_wait_or_are_untold)
{
    struct rig *rig = rig_join();
    rig->stage.is_refusing = true;
    for (uint32_t i = 0; i < TILTH_PENDING_MAX; i++) {
        ck_assert_uint_eq(ask_place(rig, (struct cell_pos){0, 0}), i + 1);
        stage_carry(&rig->stage, &rig->session, rig->now_us);
    }
    ck_assert_uint_eq(rig->session.pending.count, 0);
    ck_assert_uint_eq(ask_place(rig, (struct cell_pos){0, 0}), 0);
    (void)next_of(rig, TILTH_EVENT_REFUSED);
    ck_assert_uint_eq(ask_place(rig, (struct cell_pos){0, 0}), TILTH_PENDING_MAX + 1);
    rig_destroy(rig);
}
END_TEST

START_TEST(rejected_words_are_told)
{
    struct rig *rig = rig_create();
    rig->stage.connect_id++; /* so the signature is for another connection */
    tilth_session_open(&rig->session, STAGE_CONNECT_ID, rig->now_us);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    ck_assert_int_eq(rig->session.phase, SESSION_CLOSED);
    ck_assert(rig->session.is_rejected && !rig->session.may_retry);
    ck_assert_str_eq(rig->session.words, "the proof is wrong");
    rig_destroy(rig);
}
END_TEST

START_TEST(names_for_a_terminal_end_it)
{
    static const uint8_t escape[] = "bob\033[2J";
    for (int i = 0; i < 2; i++) {
        struct rig *rig = i == 0 ? rig_join() : rig_create();
        struct message message = {.kind = MESSAGE_WELCOME};
        message.welcome = (struct message_welcome){
            .character = {5}, .tick_hz = 20, .view_cells = 8, .world = {escape, 7}};
        struct change offer = {.kind = CHANGE_OFFER};
        offer.offer = (struct change_offer){{5}, {escape, 7}, {.quantity = 0}};
        if (i == 0) {
            stage_own(&rig->stage, &offer, false);
            stage_carry(&rig->stage, &rig->session, rig->now_us);
        } else {
            tilth_session_open(&rig->session, STAGE_CONNECT_ID, rig->now_us);
            rig->session.phase = SESSION_PROVING;
            (void)tilth_session_take(&rig->session, &message);
        }
        ck_assert_int_eq(rig->session.phase, SESSION_CLOSED);
        ck_assert_ptr_nonnull(strstr(rig->session.words, i == 0 ? "does not fit" : "world's name"));
        ck_assert_int_ne(next_of(rig, TILTH_EVENT_OFFERED).kind, TILTH_EVENT_OFFERED);
        rig_destroy(rig);
    }
}
END_TEST

START_TEST(a_server_that_says_nothing_is_given_up)
{
    struct rig *rig = rig_create();
    tilth_session_open(&rig->session, STAGE_CONNECT_ID, rig->now_us);
    tilth_session_run(&rig->session, rig->now_us + SESSION_HANDSHAKE_US);
    ck_assert_int_eq(rig->session.phase, SESSION_GREETING);
    tilth_session_run(&rig->session, rig->now_us + SESSION_HANDSHAKE_US + 1);
    ck_assert_int_eq(rig->session.phase, SESSION_CLOSED);
    rig_destroy(rig);
}
END_TEST

/* A message of each kind, as valid as can be without knowing the world. */
static struct message sample_of(enum message_kind kind)
{
    static const uint8_t bytes[64] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const struct schema *schema = message_schema(kind);
    struct message message = {.kind = kind};
    uint8_t *record = (uint8_t *)&message.hello;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        struct span span = {bytes, (uint32_t)field->min};
        uint32_t least = (uint32_t)field->min;
        if (field->type == FIELD_SPAN)
            memcpy(record + field->offset, &span, sizeof span);
        if (field->type == FIELD_UINT)
            memcpy(record + field->offset, &least, sizeof least);
        if (field->type == FIELD_BIG)
            memcpy(record + field->offset, &field->min, sizeof field->min);
    }
    return message;
}

START_TEST(every_message_at_every_time_ends_in_words_or_goes_on)
{
    for (int kind = MESSAGE_HELLO; kind < MESSAGE_KIND_COUNT; kind++) {
        for (int phase = SESSION_GREETING; phase <= SESSION_PLAYING; phase++) {
            struct rig *rig = phase == SESSION_PLAYING ? rig_join() : rig_create();
            if (phase != SESSION_PLAYING)
                tilth_session_open(&rig->session, STAGE_CONNECT_ID, rig->now_us);
            rig->session.phase = (enum session_phase)phase;
            struct message message = sample_of((enum message_kind)kind);
            stage_send(&rig->stage, &message);
            enum wire_channel channel;
            struct span packet;
            ck_assert(stage_take_packet(&rig->stage, &channel, &packet));
            tilth_session_receive(&rig->session, channel, packet.bytes, packet.size_bytes,
                                  rig->now_us);
            ck_assert((rig->session.phase == SESSION_CLOSED) == (rig->session.words[0] != 0));
            rig_destroy(rig);
        }
    }
}
END_TEST

START_TEST(a_catalogue_out_of_place_ends_it)
{
    for (int i = 0; i < 3; i++) {
        struct rig *rig = rig_create();
        tilth_session_open(&rig->session, STAGE_CONNECT_ID, rig->now_us);
        rig->session.phase = SESSION_JOINING;
        rig->session.welcome.catalog_bytes = 10;
        struct message slice = {.kind = MESSAGE_CATALOG};
        slice.catalog.offset = i == 0;
        slice.catalog.text = (struct span){(const uint8_t *)"0123456789ABC", i == 1   ? 13
                                                                             : i == 2 ? 10
                                                                                      : 1};
        stage_send(&rig->stage, &slice);
        stage_carry(&rig->stage, &rig->session, rig->now_us);
        ck_assert_int_eq(rig->session.phase, SESSION_CLOSED);
        ck_assert(strstr(rig->session.words, "protocol") != NULL);
        rig_destroy(rig);
    }
}
END_TEST

/* Sends the text as a new catalogue, in slices. */
static void send_recatalog(struct rig *rig, const char *text)
{
    enum { SLICE_BYTES = 1000 };
    struct message resync = {.kind = MESSAGE_RESYNC}, message = {.kind = MESSAGE_RECATALOG};
    uint32_t size = (uint32_t)strlen(text);
    send(rig, &resync);
    message.recatalog.catalog_bytes = size;
    send(rig, &message);
    for (uint32_t at = 0; at < size && rig->session.phase == SESSION_PLAYING; at += SLICE_BYTES) {
        struct message slice = {.kind = MESSAGE_CATALOG};
        slice.catalog.offset = at;
        slice.catalog.text = (struct span){(const uint8_t *)text + at,
                                           size - at < SLICE_BYTES ? size - at : SLICE_BYTES};
        send(rig, &slice);
    }
}

START_TEST(another_catalogue_is_taken_while_playing)
{
    struct rig *rig = rig_join();
    struct catalog content = *rig->stage.catalog;
    struct entity_def *sign = NULL;
    for (uint32_t i = 1; i < CATALOG_TYPES_MAX; i++) {
        if (strcmp(content.entities[i].name, "sign") == 0)
            sign = &content.entities[i];
    }
    ck_assert_ptr_nonnull(sign);
    (void)snprintf(sign->name, sizeof sign->name, "post");
    ck_assert_uint_gt(catalog_write(&content, rig->stage.catalog_text, CATALOG_TEXT_BYTES), 0);
    for (int i = 0; i < 2; i++) {
        send_recatalog(rig, rig->stage.catalog_text);
        ck_assert_uint_eq(next_of(rig, TILTH_EVENT_CONTENT_CHANGED).number, 0);
    }
    ck_assert_ptr_null(catalog_find_name(rig->session.catalog, "sign"));
    ck_assert_uint_eq(catalog_find_name(rig->session.catalog, "post")->type, sign->type);
    ck_assert_ptr_eq(rig->session.mirror.world.catalog, rig->session.catalog);
    ck_assert_uint_eq(rig->session.mirror.world.chunk_pool.used, 0);
    stage_send_view(&rig->stage, (struct chunk_pos){0, 0});
    run_ticks(rig, 3);
    ck_assert_uint_eq(rig->session.mirror.world.chunk_pool.used, 1);
    send_recatalog(rig, "{\"terrains\": []}");
    ck_assert_int_eq(rig->session.phase, SESSION_CLOSED);
    ck_assert(strstr(rig->session.words, "protocol") != NULL);
    rig_destroy(rig);
}
END_TEST

/* It is as if the player had just come, but for the connection, and the numbers of its inputs. */
START_TEST(the_world_goes_back)
{
    struct rig *rig = rig_join();
    rig->session.direction = DIRECTION_E;
    run_ticks(rig, 20);
    uint32_t input = rig->session.prediction.newest;
    ck_assert_uint_gt(input, 10);
    ck_assert_uint_eq(ask_place(rig, free_cell(rig, 1)), 1); /* it never arrives */
    for (int i = 0; i < 2; i++) {
        stage_restore(&rig->stage);
        stage_carry(&rig->stage, &rig->session, rig->now_us);
        if (i == 0)
            ck_assert_uint_eq(next_of(rig, TILTH_EVENT_LOST).number, 1);
        ck_assert_int_eq(next_of(rig, TILTH_EVENT_RESTORED).kind, TILTH_EVENT_RESTORED);
        ck_assert_msg(rig->session.phase == SESSION_PLAYING, "%s", rig->session.words);
        ck_assert_uint_eq(rig->stage.welcomed, rig->stage.timeline);
        ck_assert_uint_eq(rig->session.mirror.world.chunk_pool.used, 0);
        ck_assert_uint_eq(rig->session.prediction.newest, input);
    }
    stage_send_view(&rig->stage, (struct chunk_pos){0, 0});
    run_ticks(rig, 20);
    ck_assert_uint_gt(rig->stage.newest, input);
    ck_assert_uint_eq(ask_place(rig, free_cell(rig, 1)), 1);
    stage_carry(&rig->stage, &rig->session, rig->now_us);
    ck_assert_uint_eq(next_of(rig, TILTH_EVENT_DONE).number, 1);
    rig_destroy(rig);
}
END_TEST

START_TEST(chunks_that_never_fit_end_it)
{
    struct rig *rig = rig_join();
    struct message view = sample_of(MESSAGE_VIEW);
    for (int i = 0; i <= SESSION_VIEWS_WRONG_MAX; i++) {
        ck_assert_int_eq(rig->session.phase, SESSION_PLAYING);
        stage_send(&rig->stage, &view);
        enum wire_channel channel;
        struct span packet;
        ck_assert(stage_take_packet(&rig->stage, &channel, &packet));
        tilth_session_receive(&rig->session, channel, packet.bytes, packet.size_bytes, 0);
    }
    ck_assert_int_eq(rig->session.phase, SESSION_CLOSED);
    rig_destroy(rig);
}
END_TEST

START_TEST(snapshots_may_come_late_twice_or_broken)
{
    struct rig *rig = rig_join();
    struct state_snapshot snapshot = {.number = 40, .pos = rig->stage.pos};
    uint8_t bytes[STATE_BYTES_MAX];
    const uint32_t order[] = {40, 42, 41, 42, 40, 75, 8};
    for (uint32_t i = 0; i < 7; i++) {
        snapshot.number = order[i];
        size_t size = state_encode_snapshot(&snapshot, bytes, sizeof bytes);
        tilth_session_receive(&rig->session, CHANNEL_STATE, bytes, size, rig->now_us);
        tilth_session_receive(&rig->session, CHANNEL_STATE, bytes, size - 1, rig->now_us);
        if (i == 4)
            ck_assert_uint_eq(rig->session.snapshot_mask, 3);
    }
    ck_assert_uint_eq(rig->session.counts.snapshots, 3);
    ck_assert_uint_eq(rig->session.snapshot.number, 75);
    ck_assert_uint_eq(rig->session.snapshot_mask, 0);
    rig_destroy(rig);
}
END_TEST

/* The server puts a thing into the cell; its CHANGES, which are not carried yet. */
static struct span put_and_keep(struct rig *rig, struct cell_pos cell, uint8_t *bytes)
{
    enum wire_channel channel;
    struct span packet;
    stage_put(&rig->stage, cell, catalog_find_name(rig->stage.catalog, "wood_block")->type);
    ck_assert(stage_take_packet(&rig->stage, &channel, &packet));
    ck_assert_uint_eq(channel, CHANNEL_WORLD);
    memcpy(bytes, packet.bytes, packet.size_bytes);
    return (struct span){bytes, packet.size_bytes};
}

static void receive_news(struct rig *rig, uint32_t number, struct span news)
{
    struct state_snapshot snapshot = {.number = number, .pos = rig->stage.pos, .news = news};
    uint8_t bytes[STATE_BYTES_MAX];
    size_t size = state_encode_snapshot(&snapshot, bytes, sizeof bytes);
    tilth_session_receive(&rig->session, CHANNEL_STATE, bytes, size, rig->now_us);
}

START_TEST(news_show_what_is_lost_and_say_nothing_twice)
{
    struct rig *rig = rig_join();
    const struct world *mirror = &rig->session.mirror.world;
    uint8_t bytes[3][512];
    struct cell_pos first = free_cell(rig, 1);
    struct span news[3];
    news[0] = put_and_keep(rig, first, bytes[0]);
    struct cell_pos second = free_cell(rig, 1);
    news[1] = put_and_keep(rig, second, bytes[1]);

    receive_news(rig, 5, news[1]); /* does not go on from what is there */
    ck_assert(!world_is_occupied(mirror, second));
    receive_news(rig, 4, news[0]); /* a late snapshot, but not late news */
    ck_assert(world_is_occupied(mirror, first));
    ck_assert_uint_eq(rig->session.snapshot.number, 5);
    receive_news(rig, 6, news[0]);
    receive_news(rig, 7, news[1]);
    ck_assert(world_is_occupied(mirror, second));
    for (int i = 0; i < 2; i++) /* the first copies come at last */
        tilth_session_receive(&rig->session, CHANNEL_WORLD, news[i].bytes, news[i].size_bytes,
                              rig->now_us);
    ck_assert_uint_eq(rig->session.counts.resyncs, 0);
    struct entity_def *type = &rig->session.catalog->entities[world_type_at(mirror, first)];
    struct entity_def kept = *type;
    news[2] = put_and_keep(rig, free_cell(rig, 1), bytes[2]);
    type->type = 0; /* of a catalogue that is still to come */
    receive_news(rig, 8, news[2]);
    *type = kept;
    for (uint32_t cut = 1; cut < news[2].size_bytes; cut++)
        receive_news(rig, 8 + cut, (struct span){news[2].bytes, cut});
    ck_assert_int_eq(rig->session.phase, SESSION_PLAYING);
    ck_assert_uint_eq(rig->session.counts.resyncs, 0);
    rig_destroy(rig);
}
END_TEST

/* A packet on its way: now and then a bit is flipped, or it is cut. */
static void receive_altered(struct rig *rig, struct rng *rng, enum wire_channel channel,
                            struct span packet)
{
    uint8_t *copy = malloc(packet.size_bytes + 1);
    size_t size = packet.size_bytes;
    memcpy(copy, packet.bytes, size);
    if (rng_chance(rng, 100000))
        copy[rng_below(rng, size)] ^= (uint8_t)(1u << rng_below(rng, 8));
    if (rng_chance(rng, 20000))
        size = rng_below(rng, size);
    tilth_session_receive(&rig->session, channel, copy, size, rig->now_us);
    free(copy);
}

/* One server tick with everything that moves; the session is opened again when it ended. */
static void live_on(struct rig *rig, struct rng *rng)
{
    enum wire_channel channel;
    struct span packet;
    rig->now_us += 50000;
    if (rig->session.phase == SESSION_CLOSED) {
        stage_reconnect(&rig->stage);
        tilth_session_open(&rig->session, STAGE_CONNECT_ID, rig->now_us);
    }
    rig->session.direction = (enum direction)rng_below(rng, 9);
    tilth_session_run(&rig->session, rig->now_us);
    while (tilth_session_take_packet(&rig->session, &channel, &packet))
        stage_take(&rig->stage, channel, packet.bytes, packet.size_bytes);
    stage_tick(&rig->stage);
    if (rig->stage.is_joined)
        stage_put(&rig->stage, free_cell(rig, 1), 1 + (uint32_t)rng_below(rng, 7));
    while (stage_take_packet(&rig->stage, &channel, &packet))
        receive_altered(rig, rng, channel, packet);
}

START_TEST(altered_packets_do_no_harm)
{
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct rng rng;
        struct rig *rig = rig_create();
        rng_init(&rng, seed);
        tilth_session_open(&rig->session, STAGE_CONNECT_ID, rig->now_us);
        for (int round = 0; round < 300; round++) {
            live_on(rig, &rng);
            (void)next_of(rig, TILTH_EVENT_NONE);
        }
        rig_destroy(rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        joining_shows_the_world,
        joining_without_the_seed_shows_the_same,
        an_intent_ends_done_or_refused,
        walking_is_predicted_without_corrections,
        a_push_is_one_correction,
        a_lost_connection_leaves_no_intent_in_doubt,
        another_history_loses_what_was_pending,
        a_resync_forgets_chunks_and_settles,
        an_offer_is_answered_when_it_is,
        what_is_built_stands_in_the_way_without_corrections,
        only_so_many_intents_wait_or_are_untold,
        rejected_words_are_told,
        names_for_a_terminal_end_it,
        a_server_that_says_nothing_is_given_up,
        every_message_at_every_time_ends_in_words_or_goes_on,
        a_catalogue_out_of_place_ends_it,
        another_catalogue_is_taken_while_playing,
        the_world_goes_back,
        chunks_that_never_fit_end_it,
        snapshots_may_come_late_twice_or_broken,
        news_show_what_is_lost_and_say_nothing_twice,
        altered_packets_do_no_harm,
    };
    return testing_run("session", tests, (int)(sizeof tests / sizeof tests[0]), 110.0);
}
