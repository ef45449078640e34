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

TESTING_MAIN("pictures", looks_are_asked_for_anew_when_messages_were_given_up,
             a_ban_during_a_join_is_no_offence)
