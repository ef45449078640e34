#include "pictures.h"

#include <string.h>

#include "base/memory.h"
#include "session.h"
#include "stage.h"
#include "testing.h"

enum { ASKED_MAX = 256, LOOK = 5, STEP_US = 10000 };

struct rig {
    struct stage stage;
    struct session session;
    uint64_t now_us;
    struct message_want_image asked[ASKED_MAX]; /* for pictures, in the latest run */
    uint32_t asked_count;
    uint32_t looks_asked; /* messages about looks, likewise */
};

static struct rig *rig_create(uint32_t memory_bytes)
{
    struct rig *rig = memory_reserve("rig", 1, sizeof *rig);
    struct session_options options = {.name = "ann", .entities_max = 1000, .delay_us = 100000};
    options.pictures.memory_bytes = memory_bytes;
    stage_init(&rig->stage);
    crypto_keypair_make(&options.keys);
    tilth_session_init(&rig->session, &options);
    rig->now_us = 1000000;
    return rig;
}

static struct rig *rig_join(uint32_t memory_bytes)
{
    struct rig *rig = rig_create(memory_bytes);
    ck_assert(stage_join(&rig->stage, &rig->session, rig->now_us));
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
        rig->looks_asked += message.kind == MESSAGE_WANT_LOOKS;
        if (message.kind != MESSAGE_WANT_IMAGE)
            continue;
        ck_assert_uint_lt(rig->asked_count, ASKED_MAX);
        rig->asked[rig->asked_count++] = message.want_image;
    }
}

/* So much time passes; what the client asks for then is noted. */
static void run(struct rig *rig, uint64_t duration_us)
{
    enum wire_channel channel;
    struct span packet;
    rig->asked_count = 0;
    rig->looks_asked = 0;
    for (uint64_t until_us = rig->now_us + duration_us; rig->now_us < until_us;) {
        rig->now_us += STEP_US;
        tilth_session_run(&rig->session, rig->now_us);
        while (tilth_session_take_packet(&rig->session, &channel, &packet)) {
            if (channel != CHANNEL_STATE)
                note_packet(rig, packet);
        }
    }
}

/* What the stage has sent arrives. */
static void arrive(struct rig *rig)
{
    enum wire_channel channel;
    struct span packet;
    while (stage_take_packet(&rig->stage, &channel, &packet))
        tilth_session_receive(&rig->session, channel, packet.bytes, packet.size_bytes, rig->now_us);
}

static void say(struct rig *rig, const struct message *message)
{
    stage_send(&rig->stage, message);
    arrive(rig);
}

/* A thing in the bag has this look. */
static void put_in_bag(struct rig *rig, uint32_t slot, uint32_t look)
{
    struct change change = {.kind = CHANGE_SLOT};
    change.slot = (struct change_slot){{5},
                                       slot,
                                       {.type = catalog_find_name(rig->stage.catalog, "sign")->type,
                                        .quantity = 1,
                                        .image = look}};
    stage_own(&rig->stage, &change, false);
    arrive(rig);
}

static void tell_look(struct rig *rig, uint32_t look, struct hash128 custom)
{
    uint8_t bytes[256];
    struct packet packet;
    struct change change = {.kind = CHANGE_IMAGE_CONFIG};
    struct message message = {.kind = MESSAGE_LOOKS};
    change.image_config = (struct change_image_config){.id = look, .size = 16, .custom = custom};
    framing_init(&packet, bytes, sizeof bytes);
    ck_assert(framing_add_change(&packet, &change));
    message.looks.body = (struct span){bytes, (uint32_t)packet.size_bytes};
    say(rig, &message);
}

static bool is_known(const struct rig *rig, uint32_t look)
{
    return images_find_config(&rig->session.mirror.world.images, look) != NULL;
}

/* --- pictures --------------------------------------------------------------------------------- */

enum { PICTURE_BYTES = 30000, PART_BYTES = 1000 };

static void fill(uint32_t n, uint8_t bytes[PICTURE_BYTES])
{
    memset(bytes, (int)n, PICTURE_BYTES);
}

static struct hash128 picture_id(uint32_t n)
{
    uint8_t bytes[PICTURE_BYTES];
    fill(n, bytes);
    return crypto_digest_128(bytes, sizeof bytes);
}

/* The look n, known from now on, has the picture n. */
static void show_picture(struct rig *rig, uint32_t n)
{
    put_in_bag(rig, n % 8, n);
    tell_look(rig, n, picture_id(n));
}

/* One part of the picture n arrives. */
static void send_part(struct rig *rig, uint32_t n, uint32_t offset, bool is_last)
{
    uint8_t bytes[PICTURE_BYTES];
    struct message message = {.kind = MESSAGE_IMAGE_PART};
    fill(n, bytes);
    message.image_part = (struct message_image_part){
        picture_id(n), PICTURE_BYTES, offset, is_last, {bytes + offset, PART_BYTES}};
    say(rig, &message);
}

static void send_nothing(struct rig *rig, uint32_t n)
{
    struct message message = {.kind = MESSAGE_IMAGE_PART};
    message.image_part = (struct message_image_part){
        .id = picture_id(n), .is_last = 1, .bytes = {(const uint8_t *)"", 0}};
    say(rig, &message);
}

static void send_rest(struct rig *rig, uint32_t n, uint32_t offset)
{
    for (; offset < PICTURE_BYTES; offset += PART_BYTES)
        send_part(rig, n, offset, offset + PART_BYTES == PICTURE_BYTES);
}

/* How often the client asked for the picture n in the latest run. */
static uint32_t count_asked(const struct rig *rig, uint32_t n)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rig->asked_count; i++)
        count += hash_is_equal(rig->asked[i].id, picture_id(n));
    return count;
}

/* All pictures of 1 to count that are asked for in so many steps of a second arrive; how many. */
static uint32_t serve(struct rig *rig, uint32_t count, uint32_t seconds)
{
    uint32_t served = 0;
    for (uint32_t i = 0; i < seconds; i++) {
        run(rig, 1000000);
        for (uint32_t n = 1; n <= count; n++) {
            if (count_asked(rig, n) > 0) {
                send_rest(rig, n, 0);
                served++;
            }
        }
    }
    return served;
}

static uint32_t count_pictures_told(struct rig *rig)
{
    struct tilth_event event;
    uint32_t count = 0;
    while (tilth_events_pop(&rig->session.events, &event))
        count += event.kind == TILTH_EVENT_PICTURE;
    return count;
}

START_TEST(more_pictures_than_memory_are_fetched_once)
{
    enum { PICTURES = 5 }; /* two of them fit */
    static uint8_t bytes[WORLD_IMAGE_BYTES];
    struct rig *rig = rig_join(WORLD_IMAGE_BYTES);
    struct pictures *pictures = &rig->session.pictures;
    for (uint32_t n = 1; n <= PICTURES; n++)
        show_picture(rig, n);
    ck_assert_uint_eq(serve(rig, PICTURES, 20), PICTURES);
    ck_assert_uint_eq(count_pictures_told(rig), PICTURES);

    uint32_t gone = 0;
    for (uint32_t n = 1; n <= PICTURES && gone == 0; n++)
        gone = tilth_pictures_read(pictures, picture_id(n), bytes, sizeof bytes) == 0 ? n : 0;
    ck_assert_uint_ne(gone, 0);
    run(rig, 1000000);
    ck_assert_uint_eq(count_asked(rig, gone), 1);
    ck_assert_uint_eq(rig->asked_count, 1);
    send_rest(rig, gone, 0);
    ck_assert_uint_eq(count_pictures_told(rig), 1);
    ck_assert_uint_eq(tilth_pictures_read(pictures, picture_id(gone), bytes, sizeof bytes),
                      PICTURE_BYTES);
    ck_assert_uint_eq(serve(rig, PICTURES, 5), 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(pictures_of_what_is_not_in_view_are_not_fetched)
{
    struct rig *rig = rig_join(1 << 20);
    show_picture(rig, 1);
    put_in_bag(rig, 1, 0);
    run(rig, 5000000);
    ck_assert_uint_eq(rig->asked_count, 0);
    put_in_bag(rig, 1, 1);
    run(rig, 2000000);
    ck_assert_uint_eq(count_asked(rig, 1), 1);
    rig_destroy(rig);
}
END_TEST

/* The server answers in turn: while parts come, those behind wait; what it has overtaken is lost.
 */
START_TEST(pictures_wait_for_their_turn)
{
    enum { PICTURES = 4 };
    struct rig *rig = rig_join(1 << 20);
    for (uint32_t n = 1; n <= PICTURES; n++)
        show_picture(rig, n);
    run(rig, 1000000);
    uint32_t order[PICTURES] = {0};
    for (uint32_t i = 0; i < PICTURES; i++) {
        for (uint32_t n = 1; n <= PICTURES; n++) {
            if (hash_is_equal(rig->asked[i].id, picture_id(n)))
                order[i] = n;
        }
    }
    for (uint32_t offset = 0; offset < 12 * PART_BYTES; offset += PART_BYTES) {
        send_part(rig, order[1], offset, false);
        run(rig, 1000000);
        ck_assert_uint_eq(count_asked(rig, order[1]), 0);
        ck_assert_uint_eq(count_asked(rig, order[2]), 0);
        ck_assert_uint_eq(count_asked(rig, order[3]), 0);
        ck_assert_uint_eq(count_asked(rig, order[0]), (offset == 4 * PART_BYTES)); /* behind them */
    }
    run(rig, 6000000); /* nothing comes any more */
    ck_assert_uint_eq(count_asked(rig, order[2]), 1);
    rig_destroy(rig);
}
END_TEST

START_TEST(what_came_of_a_picture_is_not_thrown_away)
{
    struct rig *rig = rig_join(1 << 20);
    show_picture(rig, 1);
    run(rig, 1000000);
    ck_assert_uint_eq(rig->asked_count, 1);
    send_part(rig, 1, 0, false);
    for (int i = 0; i < 2; i++) {
        send_nothing(rig, 1);
        run(rig, 9000000);
        ck_assert_uint_eq(rig->asked_count, 0);
        run(rig, 2000000);
        ck_assert_uint_eq(rig->asked_count, 1);
        ck_assert_uint_eq(rig->asked[0].offset, PART_BYTES);
    }
    stage_reconnect(&rig->stage);
    ck_assert(stage_join(&rig->stage, &rig->session, rig->now_us));
    run(rig, 1000000);
    ck_assert_uint_eq(rig->asked_count, 1);
    ck_assert_uint_eq(rig->asked[0].offset, PART_BYTES);
    send_rest(rig, 1, PART_BYTES);
    ck_assert_uint_eq(count_pictures_told(rig), 1);
    rig_destroy(rig);
}
END_TEST

/* --- looks ------------------------------------------------------------------------------------ */

START_TEST(looks_are_asked_for_anew_when_messages_were_given_up)
{
    struct rig *rig = rig_join(0);
    struct message resync = {.kind = MESSAGE_RESYNC};
    put_in_bag(rig, 0, LOOK);
    run(rig, 1000000);
    ck_assert_uint_eq(rig->looks_asked, 1);
    tell_look(rig, LOOK, (struct hash128){1, 2});
    run(rig, 5000000);
    ck_assert_uint_eq(rig->looks_asked, 0);
    ck_assert(is_known(rig, LOOK));
    say(rig, &resync); /* a LOOKS that said of a ban may have been lost */
    ck_assert(!is_known(rig, LOOK));
    run(rig, 1000000);
    ck_assert_uint_eq(rig->looks_asked, 1);
    rig_destroy(rig);
}
END_TEST

/* A picture is banned while somebody joins: that word comes on another channel than the welcome. */
START_TEST(a_ban_during_a_join_is_no_offence)
{
    for (int phase = SESSION_PROVING; phase <= SESSION_JOINING; phase++) {
        struct rig *rig = rig_create(0);
        struct message anew = {.kind = MESSAGE_LOOKS};
        anew.looks = (struct message_looks){1, {(const uint8_t *)"", 0}};
        tilth_session_open(&rig->session, STAGE_CONNECT_ID, rig->now_us);
        rig->session.phase = (enum session_phase)phase;
        say(rig, &anew);
        ck_assert_msg((int)rig->session.phase == phase, "%s", rig->session.words);
        rig_destroy(rig);
    }
}
END_TEST

TESTING_MAIN("pictures", more_pictures_than_memory_are_fetched_once,
             pictures_of_what_is_not_in_view_are_not_fetched, pictures_wait_for_their_turn,
             what_came_of_a_picture_is_not_thrown_away,
             looks_are_asked_for_anew_when_messages_were_given_up,
             a_ban_during_a_join_is_no_offence)
