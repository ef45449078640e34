#include "upload.h"

#include <string.h>

#include "base/memory.h"
#include "session.h"
#include "stage.h"
#include "testing.h"

enum { FILE_BYTES = 3000, NOTE_MAX = 64 };

/* What the client said of its file. */
struct note {
    enum message_kind kind;
    uint32_t number, offset;
};

struct rig {
    struct stage stage;
    struct session session;
    uint64_t now_us;
    struct note notes[NOTE_MAX];
    uint32_t note_count;
};

static struct rig *rig_join(void)
{
    struct rig *rig = memory_reserve("rig", 1, sizeof *rig);
    struct session_options options = {.name = "ann", .entities_max = 1000, .delay_us = 100000};
    struct error error;
    uint8_t bytes[FILE_BYTES] = {1, 2, 3};
    stage_init(&rig->stage);
    crypto_keypair_make(&options.keys);
    tilth_session_init(&rig->session, &options);
    rig->now_us = 1000000;
    ck_assert(stage_join(&rig->stage, &rig->session, rig->now_us));
    ck_assert_uint_eq(tilth_upload_begin(&rig->session, bytes, sizeof bytes, &error), 1);
    return rig;
}

static void rig_destroy(struct rig *rig)
{
    tilth_session_finish(&rig->session);
    stage_finish(&rig->stage);
    memory_release(rig);
}

static void note_packet(struct rig *rig, struct span packet)
{
    struct message message;
    size_t offset = 0;
    bool is_malformed = false;
    while (message_next(packet.bytes, packet.size_bytes, &offset, &message, &is_malformed)) {
        struct note note = {.kind = message.kind};
        if (message.kind == MESSAGE_OFFER_IMAGE)
            note.number = message.offer_image.number;
        else if (message.kind == MESSAGE_IMAGE_SLICE)
            note =
                (struct note){message.kind, message.image_slice.number, message.image_slice.offset};
        else
            continue;
        ck_assert_uint_lt(rig->note_count, NOTE_MAX);
        rig->notes[rig->note_count++] = note;
    }
}

/* So much time passes; what the client says of its file then is in the notes. */
static void pass(struct rig *rig, uint64_t duration_us)
{
    enum wire_channel channel;
    struct span packet;
    rig->note_count = 0;
    rig->now_us += duration_us;
    tilth_session_run(&rig->session, rig->now_us);
    while (tilth_session_take_packet(&rig->session, &channel, &packet)) {
        if (channel != CHANNEL_STATE)
            note_packet(rig, packet);
    }
}

static void say(struct rig *rig, const struct message *message)
{
    enum wire_channel channel;
    struct span packet;
    stage_send(&rig->stage, message);
    while (stage_take_packet(&rig->stage, &channel, &packet))
        tilth_session_receive(&rig->session, channel, packet.bytes, packet.size_bytes, rig->now_us);
    ck_assert_int_eq(rig->session.phase, SESSION_PLAYING);
}

static void give_credit(struct rig *rig, uint32_t number, uint32_t until)
{
    struct message message = {.kind = MESSAGE_IMAGE_CREDIT};
    message.image_credit = (struct message_image_credit){number, until};
    say(rig, &message);
}

static void put_off(struct rig *rig, uint32_t number)
{
    struct message message = {.kind = MESSAGE_IMAGE_KEPT};
    message.image_kept = (struct message_image_kept){
        .number = number, .words = {(const uint8_t *)"later", 5}, .may_retry = 1};
    say(rig, &message);
}

static void keep(struct rig *rig, uint32_t number)
{
    struct message message = {.kind = MESSAGE_IMAGE_KEPT};
    message.image_kept = (struct message_image_kept){
        .number = number, .id = {7, 7}, .words = {(const uint8_t *)"", 0}};
    say(rig, &message);
}

static void resync(struct rig *rig)
{
    struct message message = {.kind = MESSAGE_RESYNC};
    say(rig, &message);
}

static void expect_note(const struct rig *rig, uint32_t at, struct note note)
{
    ck_assert_uint_lt(at, rig->note_count);
    ck_assert_int_eq(rig->notes[at].kind, note.kind);
    ck_assert_uint_eq(rig->notes[at].number, note.number);
    ck_assert_uint_eq(rig->notes[at].offset, note.offset);
}

/* The client offers its file under this number, and says nothing else of it. */
static void expect_offer(const struct rig *rig, uint32_t number)
{
    ck_assert_uint_eq(rig->note_count, 1);
    expect_note(rig, 0, (struct note){MESSAGE_OFFER_IMAGE, number, 0});
}

static struct tilth_event outcome(struct rig *rig)
{
    struct tilth_event event = {.kind = TILTH_EVENT_NONE};
    while (tilth_events_pop(&rig->session.events, &event)) {
        if (event.kind == TILTH_EVENT_UPLOADED || event.kind == TILTH_EVENT_UPLOAD_FAILED)
            return event;
    }
    return (struct tilth_event){.kind = TILTH_EVENT_NONE};
}

START_TEST(a_file_goes_out_as_far_as_there_is_credit)
{
    struct rig *rig = rig_join();
    pass(rig, 0);
    expect_offer(rig, 1);
    give_credit(rig, 1, 2000);
    pass(rig, 1000);
    ck_assert_uint_eq(rig->note_count, 3);
    expect_note(rig, 2, (struct note){MESSAGE_IMAGE_SLICE, 1, 1920});
    give_credit(rig, 1, FILE_BYTES);
    pass(rig, 1000);
    expect_note(rig, 0, (struct note){MESSAGE_IMAGE_SLICE, 1, 2000});
    keep(rig, 1);
    struct tilth_event event = outcome(rig);
    ck_assert_int_eq(event.kind, TILTH_EVENT_UPLOADED);
    ck_assert_uint_eq(event.number, 1);
    rig_destroy(rig);
}
END_TEST

/* The credit is among what was given up: the file is offered again, and once more when that is put
 * off. */
START_TEST(a_file_is_offered_anew_when_messages_were_given_up)
{
    struct rig *rig = rig_join();
    pass(rig, 0);
    resync(rig);
    resync(rig);
    pass(rig, UPLOAD_PAUSE_US);
    expect_offer(rig, 2);
    put_off(rig, 2);
    pass(rig, UPLOAD_PAUSE_US);
    expect_offer(rig, 3);
    put_off(rig, 1); /* in the end; the third offer is behind it */
    give_credit(rig, 3, 1000);
    pass(rig, 1000);
    ck_assert_uint_eq(rig->note_count, 2);
    expect_note(rig, 0, (struct note){MESSAGE_IMAGE_SLICE, 3, 0});
    keep(rig, 3);
    ck_assert_int_eq(outcome(rig).kind, TILTH_EVENT_UPLOADED);
    rig_destroy(rig);
}
END_TEST

/* Nothing of it was given up: it goes on where it was, and no slice goes out twice. */
START_TEST(what_the_server_still_takes_goes_on)
{
    struct rig *rig = rig_join();
    pass(rig, 0);
    give_credit(rig, 1, 1000);
    pass(rig, 1000);
    resync(rig);
    pass(rig, UPLOAD_PAUSE_US);
    expect_offer(rig, 2);
    give_credit(rig, 1, 2000);
    put_off(rig, 2);
    pass(rig, 1000);
    expect_note(rig, 0, (struct note){MESSAGE_IMAGE_SLICE, 1, 1000});
    pass(rig, UPLOAD_PAUSE_US - 2000);
    give_credit(rig, 1, FILE_BYTES);
    pass(rig, 2000);
    ck_assert_uint_eq(rig->note_count, 2);
    expect_note(rig, 0, (struct note){MESSAGE_IMAGE_SLICE, 1, 2000});
    keep(rig, 1);
    struct tilth_event event = outcome(rig);
    ck_assert_int_eq(event.kind, TILTH_EVENT_UPLOADED);
    ck_assert_uint_eq(event.number, 1);
    rig_destroy(rig);
}
END_TEST

START_TEST(an_end_that_was_lost_is_told_again)
{
    struct rig *rig = rig_join();
    struct error error;
    pass(rig, 0);
    give_credit(rig, 1, FILE_BYTES);
    pass(rig, 1000);
    ck_assert_uint_eq(rig->note_count, 4);
    resync(rig);
    pass(rig, UPLOAD_PAUSE_US);
    expect_offer(rig, 2);
    keep(rig, 1); /* late, and all the same what became of it */
    ck_assert_int_eq(outcome(rig).kind, TILTH_EVENT_UPLOADED);
    ck_assert_uint_eq(tilth_upload_begin(&rig->session, "png", 3, &error), 2);
    keep(rig, 2); /* of the first file */
    ck_assert_int_eq(outcome(rig).kind, TILTH_EVENT_NONE);
    pass(rig, 1000);
    expect_offer(rig, 3);
    keep(rig, 3);
    ck_assert_uint_eq(outcome(rig).number, 2);
    rig_destroy(rig);
}
END_TEST

START_TEST(words_for_a_terminal_are_not_taken_over)
{
    struct rig *rig = rig_join();
    struct message message = {.kind = MESSAGE_IMAGE_KEPT};
    message.image_kept =
        (struct message_image_kept){.number = 1, .words = {(const uint8_t *)"no\033[2J", 6}};
    pass(rig, 0);
    say(rig, &message);
    ck_assert_str_eq(outcome(rig).text, "the server does not take the picture");
    rig_destroy(rig);
}
END_TEST

START_TEST(a_silent_server_is_asked_again_and_then_given_up)
{
    struct rig *rig = rig_join();
    pass(rig, 0);
    for (uint32_t n = 1; n <= UPLOAD_TRIES_MAX / UPLOAD_SILENCE_TRIES; n++) {
        expect_offer(rig, n);
        give_credit(rig, n, 100);
        pass(rig, UPLOAD_SILENCE_US);
        expect_note(rig, 0, (struct note){MESSAGE_IMAGE_SLICE, n, 0});
        ck_assert_int_eq(outcome(rig).kind, TILTH_EVENT_NONE);
        pass(rig, 1000);
    }
    struct tilth_event event = outcome(rig);
    ck_assert_int_eq(event.kind, TILTH_EVENT_UPLOAD_FAILED);
    ck_assert_uint_eq(event.number, 1);
    ck_assert_ptr_nonnull(strstr(event.text, "does not say"));
    ck_assert_uint_eq(rig->note_count, 0);
    rig_destroy(rig);
}
END_TEST

/* As many events wait as there is room for, of all kinds: an upload's outcome has its own. */
START_TEST(an_outcome_is_never_dropped)
{
    struct rig *rig = rig_join();
    struct error error;
    struct tilth_event chat = {.kind = TILTH_EVENT_SAID}, lost = {.kind = TILTH_EVENT_DISCONNECTED};
    struct tilth_event done = {.kind = TILTH_EVENT_DONE};
    for (uint32_t i = 0; i < EVENTS_ORDINARY_MAX; i++)
        tilth_events_push(&rig->session.events, &chat);
    for (uint32_t i = 0; i < EVENTS_CONNECTION_MAX; i++)
        tilth_events_push(&rig->session.events, &lost);
    for (uint32_t i = 0; i < TILTH_PENDING_MAX; i++)
        tilth_events_push(&rig->session.events, &done);
    for (uint32_t n = 1; n <= EVENTS_UPLOADS_MAX; n++) {
        pass(rig, 0);
        keep(rig, n);
        ck_assert_uint_eq(tilth_upload_begin(&rig->session, "png", 3, &error),
                          n < EVENTS_UPLOADS_MAX ? n + 1 : 0);
    }
    ck_assert_ptr_nonnull(strstr(error.text, "waits to be told"));
    for (uint32_t n = 1; n <= EVENTS_UPLOADS_MAX; n++)
        ck_assert_uint_eq(outcome(rig).number, n);
    ck_assert_uint_ne(tilth_upload_begin(&rig->session, "png", 3, &error), 0);
    rig_destroy(rig);
}
END_TEST

TESTING_MAIN("upload", words_for_a_terminal_are_not_taken_over, an_outcome_is_never_dropped,
             a_file_goes_out_as_far_as_there_is_credit,
             a_file_is_offered_anew_when_messages_were_given_up,
             what_the_server_still_takes_goes_on, an_end_that_was_lost_is_told_again,
             a_silent_server_is_asked_again_and_then_given_up)
