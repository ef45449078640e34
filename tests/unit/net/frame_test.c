#include "net/frame.h"

#include <string.h>

#include "testing.h"

static struct frames frames;

static void start(uint32_t changes_max, uint32_t bytes_max)
{
    struct frame_limits limits = {4, changes_max, 8, bytes_max, 1};
    frame_init(&frames, &limits);
}

static struct change said(const char *words)
{
    struct change change = {.kind = CHANGE_SAID};
    change.said.name = (struct span){(const uint8_t *)"anna", 4};
    change.said.text = (struct span){(const uint8_t *)words, (uint32_t)strlen(words)};
    return change;
}

static struct frame_mark mark(int32_t chunk_x, uint64_t from, uint64_t to)
{
    return (struct frame_mark){{chunk_x, 0}, from, to, {to, 0}};
}

START_TEST(a_frame_is_seen_once_published_and_not_before)
{
    start(8, 1024);
    struct change change = said("hello");
    ck_assert(frame_add_change(&frames, &change));
    ck_assert_ptr_null(frame_next(&frames, 0));
    ck_assert(frame_publish(&frames, frame_passed(&frames)));
    const struct frame *frame = frame_next(&frames, 0);
    ck_assert_ptr_nonnull(frame);
    ck_assert_uint_eq(frame->change_count, 1);
    ck_assert_mem_eq(frame->changes[0].said.text.bytes, "hello", 5);
    ck_assert_ptr_ne(frame->changes[0].said.text.bytes, change.said.text.bytes);
    frame_pass(&frames, 0);
    ck_assert_ptr_null(frame_next(&frames, 0));
    frame_finish(&frames);
}
END_TEST

START_TEST(a_reader_that_is_behind_gets_one_frame_for_several_ticks)
{
    start(64, 4096);
    uint64_t version = 0;
    for (int tick = 0; tick < 20; tick++, version++) {
        struct change change = said("again");
        struct frame_mark added = mark(1, version, version + 1);
        ck_assert(frame_add_change(&frames, &change));
        ck_assert(frame_add_mark(&frames, &added));
        (void)frame_publish(&frames, frame_passed(&frames));
    }
    uint32_t changes = 0;
    uint64_t at = 0;
    const struct frame *frame;
    while ((frame = frame_next(&frames, 0)) != NULL ||
           !frame_publish(&frames, frame_passed(&frames))) {
        if (frame == NULL)
            break;
        changes += frame->change_count;
        for (uint32_t i = 0; i < frame->mark_count; i++) {
            ck_assert_uint_eq(frame->marks[i].from, at); /* no version is skipped */
            at = frame->marks[i].to;
        }
        frame_pass(&frames, 0);
        if (changes == 20)
            break;
        if (frame_next(&frames, 0) == NULL)
            (void)frame_publish(&frames, frame_passed(&frames));
    }
    ck_assert_uint_eq(changes, 20);
    ck_assert_uint_eq(at, version);
    frame_finish(&frames);
}
END_TEST

START_TEST(what_does_not_fit_cuts_the_frame)
{
    start(2, 1024);
    struct change change = said("x");
    ck_assert(frame_add_change(&frames, &change));
    ck_assert(frame_add_change(&frames, &change));
    ck_assert(!frame_filling(&frames)->is_cut);
    ck_assert(!frame_add_change(&frames, &change));
    ck_assert(frame_filling(&frames)->is_cut);
    ck_assert(frame_publish(&frames, frame_passed(&frames)));
    ck_assert(!frame_filling(&frames)->is_cut);
    frame_finish(&frames);
}
END_TEST

/* Of pictures only the size is told; net is told when a change of one is missing. */
START_TEST(pictures_in_a_frame)
{
    start(3, 64);
    static const uint8_t png[1000];
    struct change change = said("x"), picture = {.kind = CHANGE_IMAGE};
    picture.image = (struct change_image){.id = {7, 0}, .png = {png, sizeof png}};
    ck_assert_uint_eq(frame_spare_changes(&frames), 1);
    ck_assert(frame_add_change(&frames, &picture));
    ck_assert_uint_eq(frame_filling(&frames)->changes[0].image.png.size_bytes, sizeof png);
    ck_assert_uint_eq(frame_spare_changes(&frames), 0);
    ck_assert(frame_add_change(&frames, &change) && frame_add_change(&frames, &change));
    ck_assert_uint_eq(frame_spare_changes(&frames), 0);
    ck_assert(!frame_add_change(&frames, &change));
    ck_assert(!frame_filling(&frames)->are_images_cut);
    ck_assert(!frame_add_change(&frames, &picture));
    ck_assert(frame_filling(&frames)->are_images_cut);
    ck_assert(frame_publish(&frames, frame_passed(&frames)));
    ck_assert(!frame_filling(&frames)->are_images_cut);
    frame_finish(&frames);
}
END_TEST

START_TEST(envelopes_beyond_the_room_are_refused)
{
    struct envelope envelope = {.kind = ENVELOPE_MESSAGE, .size_bytes = 600};
    uint8_t bytes[600] = {7};
    uint32_t offset = 0;
    start(2, 1024);
    ck_assert(frame_add_envelope(&frames, &envelope, bytes, &offset));
    ck_assert(!frame_add_envelope(&frames, &envelope, bytes, &offset));
    ck_assert_uint_eq(frame_filling(&frames)->envelope_count, 1);
    ck_assert_uint_eq(frame_filling(&frames)->bytes.memory[offset], 7);
    frame_finish(&frames);
}
END_TEST

TESTING_MAIN("frame", a_frame_is_seen_once_published_and_not_before,
             a_reader_that_is_behind_gets_one_frame_for_several_ticks,
             what_does_not_fit_cuts_the_frame, pictures_in_a_frame,
             envelopes_beyond_the_room_are_refused)
