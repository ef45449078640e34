/* Pictures as a client made by hand asks for them and sends them: what the server answers, and for
 * how long it waits. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bottle/operator.h"
#include "bottle/player.h"
#include "host/gallery_picture.h"
#include "net/gallery_wire.h"
#include "png_files.h"
#include "stranger/stranger.h"

enum { LINE_BYTES = 64, STEP_MS = 10 };

static const struct span no_png = {(const uint8_t *)"GIF89a, ", 8};

static void step(struct bottle *bottle, struct stranger *stranger, uint32_t duration_ms)
{
    for (uint32_t i = 0; i < duration_ms / STEP_MS; i++) {
        bottle_run(bottle, STEP_MS);
        stranger_step(stranger, bottle_now_us());
    }
}

static void step_all(struct bottle *bottle, struct stranger *strangers, uint32_t count,
                     uint32_t duration_ms)
{
    for (uint32_t i = 0; i < duration_ms / STEP_MS; i++) {
        bottle_run(bottle, STEP_MS);
        for (uint32_t n = 0; n < count; n++)
            stranger_step(&strangers[n], bottle_now_us());
    }
}

static void let_in(struct bottle *bottle, struct stranger *stranger, const char *name)
{
    struct link_options options = {.address = BOTTLE_ADDRESS, .port = BOTTLE_PORT};
    struct error error;
    ck_assert(stranger_dial(stranger, &options, name, &error));
    for (uint32_t i = 0; i < 600 && stranger->phase != STRANGER_PLAYING; i++)
        step(bottle, stranger, STEP_MS);
    ck_assert_int_eq(stranger->phase, STRANGER_PLAYING);
}

static struct player *enter(struct bottle *bottle, const char *name)
{
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    return player;
}

/* The player brings a picture of the colour. */
static void begin_to_bring(struct player *player, uint32_t colour)
{
    uint8_t bytes[PNG_BYTES_MAX];
    struct tilth_error error = {""};
    struct png_look look = {16, 16, colour, colour};
    uint32_t size = png_make(&look, bytes);
    player->upload[0] = '\0';
    player->words[0] = '\0';
    ck_assert_uint_ne(tilth_client_upload(player->client, bytes, size, &error), 0);
}

static struct hash128 bring(struct player *player, uint32_t colour)
{
    struct hash128 id = {0, 0};
    begin_to_bring(player, colour);
    BOTTLE_UNTIL(player->bottle, 60000, player->upload[0] != '\0');
    ck_assert(hash_parse(player->upload, &id));
    return id;
}

static void want(struct stranger *stranger, struct hash128 id, uint32_t offset)
{
    struct message message = {.kind = MESSAGE_WANT_IMAGE};
    message.want_image = (struct message_want_image){id, offset};
    ck_assert(stranger_say(stranger, &message));
}

/* Asks for the picture; is it given out? */
static bool is_given(struct bottle *bottle, struct stranger *stranger, struct hash128 id)
{
    uint32_t parts = stranger->parts, nothings = stranger->nothings;
    want(stranger, id, 0);
    for (uint32_t i = 0; i < 100 && stranger->parts + stranger->nothings == parts + nothings; i++)
        step(bottle, stranger, STEP_MS);
    ck_assert_uint_eq(stranger->parts + stranger->nothings, parts + nothings + 1);
    return stranger->parts > parts;
}

static void say_of(struct bottle *bottle, const char *command, struct hash128 id)
{
    char line[LINE_BYTES], digits[33];
    hash_format(id, digits);
    (void)snprintf(line, sizeof line, "%s %s", command, digits);
    ck_assert_uint_eq(operator_ask(bottle, line), CONSOLE_DONE);
    bottle_run(bottle, 200);
}

START_TEST(a_full_table_still_learns)
{
    static struct stranger stranger;
    struct bottle *bottle = bottle_create(1);
    bottle->settings.images_max = 3;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann");
    struct hash128 one = bring(ann, 0x110000FF), two = bring(ann, 0x220000FF);
    struct hash128 three = bring(ann, 0x330000FF); /* in the last place */
    let_in(bottle, &stranger, "eve");
    ck_assert(is_given(bottle, &stranger, one));
    say_of(bottle, "image ban", one);
    ck_assert(!is_given(bottle, &stranger, one));
    ck_assert(is_given(bottle, &stranger, two) && is_given(bottle, &stranger, three));
    say_of(bottle, "image unban", one);
    ck_assert(is_given(bottle, &stranger, one));
    stranger_close(&stranger);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* A frame with no room for a ban, and for the end of one: that holds all the same, and all other
 * pictures are given out. */
START_TEST(a_ban_that_a_frame_has_no_room_for)
{
    enum { CHANGES = 16, PICTURES = 10, BANNED = 5, ALLOWED = 7 };
    static struct stranger stranger;
    struct hash128 ids[PICTURES];
    struct bottle *bottle = bottle_create(1);
    bottle->limits.frame_changes = CHANGES;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann");
    for (uint32_t i = 0; i < PICTURES; i++)
        ids[i] = bring(ann, 0x01000000u * i + 0xFF);
    let_in(bottle, &stranger, "eve");
    ck_assert(is_given(bottle, &stranger, ids[BANNED]));
    say_of(bottle, "image ban", ids[ALLOWED]);
    ck_assert(!is_given(bottle, &stranger, ids[ALLOWED]));
    bottle->is_stalled[BOTTLE_NET] = true;
    bottle_run(bottle, 1000); /* all frames are taken */
    for (uint32_t i = 0; i < CHANGES; i++)
        ck_assert_uint_eq(operator_ask(bottle, "say hush"), CONSOLE_DONE);
    say_of(bottle, "image ban", ids[BANNED]);
    say_of(bottle, "image unban", ids[ALLOWED]);
    bottle->is_stalled[BOTTLE_NET] = false;
    step(bottle, &stranger, 2000);
    for (uint32_t i = 0; i < PICTURES; i++)
        ck_assert_int_eq(is_given(bottle, &stranger, ids[i]), i != BANNED);
    struct hash128 late = bring(ann, 0xABCDEFFF); /* and it goes on as ever */
    ck_assert(is_given(bottle, &stranger, late));
    say_of(bottle, "image unban", ids[BANNED]);
    ck_assert(is_given(bottle, &stranger, ids[BANNED]));
    stranger_close(&stranger);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* Asks the gallery for a picture, on behalf of nobody: the answer only takes room. */
static bool ask_gallery(struct bottle *bottle, struct hash128 id)
{
    struct gallery_record record = {.kind = GALLERY_GET, .generation = UINT32_MAX, .id = id};
    return ring_write(&bottle->server.gallery_requests[0], &record, sizeof record);
}

static void offer(struct stranger *stranger, uint32_t number, uint32_t size)
{
    struct message message = {.kind = MESSAGE_OFFER_IMAGE};
    message.offer_image = (struct message_offer_image){number, size};
    ck_assert(stranger_say(stranger, &message));
}

static void send_slice(struct stranger *stranger, uint32_t number, uint32_t offset,
                       struct span bytes)
{
    struct message message = {.kind = MESSAGE_IMAGE_SLICE};
    message.image_slice = (struct message_image_slice){number, offset, bytes};
    ck_assert(stranger_say(stranger, &message));
}

/* Sends a whole picture, which a slice holds, and waits for the answer. Its number is its colour.
 */
static void send_picture(struct bottle *bottle, struct stranger *stranger, uint32_t colour)
{
    uint8_t bytes[PNG_BYTES_MAX];
    struct png_look look = {8, 8, colour, colour};
    uint32_t size = png_make(&look, bytes);
    offer(stranger, colour, size);
    step(bottle, stranger, 500);
    ck_assert_uint_eq(stranger->credit, size);
    send_slice(stranger, colour, 0, (struct span){bytes, size});
    step(bottle, stranger, 500);
}

/* What became of an upload is told, also when net was busy for long and the answers have piled up.
 */
START_TEST(answers_of_the_gallery_are_not_lost)
{
    enum { MANY = 6000 };
    static struct stranger stranger;
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct hash128 id = bring(enter(bottle, "ann"), 0x110000FF);
    let_in(bottle, &stranger, "eve");
    bottle->is_stalled[BOTTLE_GALLERY] = true;
    for (uint32_t i = 0; i < MANY; i++)
        ck_assert(ask_gallery(bottle, id));
    offer(&stranger, 1, 8);
    step(bottle, &stranger, 500);
    ck_assert_uint_eq(stranger.credit, 8);
    send_slice(&stranger, 1, 0, no_png);
    step(bottle, &stranger, 500);
    bottle->is_stalled[BOTTLE_NET] = true;
    bottle->is_stalled[BOTTLE_GALLERY] = false;
    bottle_run(bottle, 15000); /* a few requests a step */
    bottle->is_stalled[BOTTLE_NET] = false;
    step(bottle, &stranger, 15000);
    ck_assert_uint_eq(stranger.unkept, 1);
    ck_assert_msg(strstr(stranger.unkept_words, "GIF") != NULL, "%s", stranger.unkept_words);
    ck_assert(is_given(bottle, &stranger, id));
    stranger_close(&stranger);
    bottle_destroy(&bottle);
}
END_TEST

/* More wants than there are places, some of them twice: each that has a place is answered once,
 * from the newest offset on, and of no picture it is said that there is none. */
START_TEST(wants_that_are_repeated)
{
    enum { PLACES = 8, PICTURES = PLACES + 2, OFFSET = 10 };
    static struct stranger stranger;
    struct hash128 ids[PICTURES];
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann");
    for (uint32_t i = 0; i < PICTURES; i++)
        ids[i] = bring(ann, 0x01000000u * i + 0xFF);
    let_in(bottle, &stranger, "eve");
    bottle->is_stalled[BOTTLE_GALLERY] = true;
    while (ask_gallery(bottle, ids[0]))
        continue; /* so that nothing more has its turn */
    for (uint32_t i = 0; i < PICTURES; i++)
        want(&stranger, ids[i], 0);
    for (uint32_t i = 0; i < PLACES; i++)
        want(&stranger, ids[i], OFFSET);
    step(bottle, &stranger, 500);
    ck_assert_uint_eq(stranger.parts + stranger.nothings, 0);
    bottle->is_stalled[BOTTLE_GALLERY] = false;
    for (uint32_t i = 0; i < 6000; i++) {
        step(bottle, &stranger, STEP_MS);
        ck_assert(stranger.parts == 0 || stranger.part.offset == OFFSET);
    }
    ck_assert_uint_eq(stranger.parts, PLACES);
    ck_assert_uint_eq(stranger.nothings, 0);
    ck_assert(is_given(bottle, &stranger, ids[PLACES]));
    stranger_close(&stranger);
    bottle_destroy(&bottle);
}
END_TEST

/* Who only offers has its place for a few seconds; the others get theirs then. */
START_TEST(uploads_that_stand_still_are_given_up)
{
    enum { PLACES = 2, IDLE_S = 5 };
    static struct stranger strangers[PLACES + 1];
    struct stranger *last = &strangers[PLACES];
    struct bottle *bottle = bottle_create(1);
    bottle->settings.image_uploads_max = PLACES;
    bottle->settings.image_upload_idle_s = IDLE_S;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    let_in(bottle, &strangers[0], "ann");
    let_in(bottle, &strangers[1], "bob");
    let_in(bottle, last, "eve");
    offer(&strangers[0], 1, 8000);
    offer(&strangers[1], 1, 8000);
    step_all(bottle, strangers, PLACES + 1, 500);
    ck_assert(strangers[0].credit > 0 && strangers[1].credit > 0);
    offer(last, 1, 8000);
    step_all(bottle, strangers, PLACES + 1, 500);
    ck_assert_uint_eq(last->unkept, 1);
    ck_assert(last->may_offer_again);

    step_all(bottle, strangers, PLACES + 1, 3000);
    send_slice(&strangers[1], 1, 0, no_png); /* goes on */
    step_all(bottle, strangers, PLACES + 1, 2000);
    ck_assert_uint_eq(strangers[0].unkept, 1);
    ck_assert(strangers[0].may_offer_again);
    ck_assert_uint_eq(strangers[1].unkept, 0);
    offer(last, 2, 8);
    step_all(bottle, strangers, PLACES + 1, 500);
    ck_assert_uint_eq(last->credit, 8);
    step_all(bottle, strangers, PLACES + 1, 5000);
    ck_assert_uint_eq(strangers[1].unkept, 1);
    for (uint32_t i = 0; i <= PLACES; i++)
        stranger_close(&strangers[i]);
    bottle_destroy(&bottle);
}
END_TEST

/* Who offers again begins anew at once: its place is its own. Bytes of the first are nothing then.
 */
START_TEST(an_offer_takes_the_place_of_the_one_before)
{
    static struct stranger stranger;
    struct bottle *bottle = bottle_create(1);
    bottle->settings.image_uploads_max = 1;
    bottle->settings.image_uploads_per_address_max = 1;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    let_in(bottle, &stranger, "ann");
    offer(&stranger, 1, 8000);
    step(bottle, &stranger, 300);
    send_slice(&stranger, 1, 0, no_png);
    step(bottle, &stranger, 300);
    offer(&stranger, 2, no_png.size_bytes);
    step(bottle, &stranger, 300);
    ck_assert_uint_eq(stranger.unkept, 0);
    ck_assert_uint_eq(stranger.credit, no_png.size_bytes);
    send_slice(&stranger, 1, no_png.size_bytes, no_png);
    send_slice(&stranger, 2, 0, no_png);
    step(bottle, &stranger, 500);
    ck_assert_int_eq(stranger.phase, STRANGER_PLAYING);
    ck_assert_uint_eq(stranger.unkept, 1);
    ck_assert_ptr_nonnull(strstr(stranger.unkept_words, "GIF"));
    stranger_close(&stranger);
    bottle_destroy(&bottle);
}
END_TEST

/* One address has a part of the places only. */
START_TEST(uploads_from_one_address_leave_room_for_others)
{
    enum { NEAR = 3, PLACES = 4 };
    static struct stranger strangers[NEAR + 1];
    struct stranger *far = &strangers[NEAR];
    const char *names[] = {"ann", "bob", "eve"};
    struct bottle *bottle = bottle_create(1);
    bottle->settings.image_uploads_max = PLACES;
    bottle->settings.image_uploads_per_address_max = NEAR - 1;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    sim_network_client_address("10.7.0.1");
    for (uint32_t i = 0; i < NEAR; i++)
        let_in(bottle, &strangers[i], names[i]);
    sim_network_client_address("10.7.0.2");
    let_in(bottle, far, "zoe");
    for (uint32_t i = 0; i <= NEAR; i++)
        offer(&strangers[i], 1, 8000);
    step_all(bottle, strangers, NEAR + 1, 500);
    uint32_t unkept = strangers[0].unkept + strangers[1].unkept + strangers[2].unkept;
    ck_assert_uint_eq(unkept, 1);
    ck_assert_uint_eq(far->unkept, 0);
    ck_assert_uint_gt(far->credit, 0);
    for (uint32_t i = 0; i < NEAR; i++) {
        ck_assert(strangers[i].unkept == 0 || strangers[i].may_offer_again);
        ck_assert(strangers[i].unkept == 0 ||
                  strstr(strangers[i].unkept_words, "from one address") != NULL);
    }
    for (uint32_t i = 0; i <= NEAR; i++)
        stranger_close(&strangers[i]);
    bottle_destroy(&bottle);
}
END_TEST

/* What helps to wait for is tried again by the client: a disk that is full for a while, and a tick
 * that is behind. */
START_TEST(pictures_for_which_there_is_no_room_now)
{
    static struct stranger stranger;
    struct gallery_picture nobodys = {.generation = UINT32_MAX};
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann");
    let_in(bottle, &stranger, "eve");
    struct sim_disk_faults *faults = sim_disk_faults(bottle->disk);
    *faults = (struct sim_disk_faults){.writes_fail = UINT32_MAX, .code = ENOSPC};
    bottle_run(bottle, 3000);
    begin_to_bring(ann, 0x110000FF);
    send_picture(bottle, &stranger, 0x220000FF);
    ck_assert_uint_eq(stranger.unkept, 1);
    ck_assert(stranger.may_offer_again);
    bottle_run(bottle, 5000);
    ck_assert_str_eq(ann->upload, "");
    ck_assert_str_eq(ann->words, "");
    *faults = (struct sim_disk_faults){.code = 0};
    BOTTLE_UNTIL(bottle, 20000, ann->upload[0] != '\0');
    ck_assert_str_ne(ann->upload, "");

    bottle->is_stalled[BOTTLE_TICK] = true;
    while (ring_write(&bottle->server.pictures, &nobodys, sizeof nobodys))
        continue;
    send_picture(bottle, &stranger, 0x330000FF);
    ck_assert_uint_eq(stranger.unkept, 2);
    ck_assert(stranger.may_offer_again);
    stranger_close(&stranger);
    bottle->is_stalled[BOTTLE_TICK] = false;
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("bulk", a_full_table_still_learns, a_ban_that_a_frame_has_no_room_for,
             answers_of_the_gallery_are_not_lost, wants_that_are_repeated,
             uploads_that_stand_still_are_given_up, an_offer_takes_the_place_of_the_one_before,
             uploads_from_one_address_leave_room_for_others,
             pictures_for_which_there_is_no_room_now)
