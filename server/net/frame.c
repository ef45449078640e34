#include "net/frame.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

void frame_init(struct frames *frames, const struct frame_limits *limits)
{
    ensure(limits->readers > 0 && limits->readers <= FRAME_READERS_MAX);
    *frames = (struct frames){.limits = *limits};
    for (int i = 0; i < FRAME_COUNT; i++) {
        struct frame *frame = &frames->ring[i];
        frame->actors = memory_reserve("frames", limits->actors_max, sizeof *frame->actors);
        frame->changes = memory_reserve("frames", limits->changes_max, sizeof *frame->changes);
        frame->marks = memory_reserve("frames", limits->changes_max, sizeof *frame->marks);
        frame->envelopes =
            memory_reserve("frames", limits->envelopes_max, sizeof *frame->envelopes);
        arena_init(&frame->bytes, memory_reserve("frames", limits->bytes_max, 1),
                   limits->bytes_max);
    }
}

void frame_finish(struct frames *frames)
{
    for (int i = 0; i < FRAME_COUNT; i++) {
        struct frame *frame = &frames->ring[i];
        memory_release(frame->actors);
        memory_release(frame->changes);
        memory_release(frame->marks);
        memory_release(frame->envelopes);
        memory_release(frame->bytes.memory);
    }
    *frames = (struct frames){.published = 0};
}

static void frame_clear(struct frame *frame)
{
    frame->actor_count = 0;
    frame->change_count = 0;
    frame->mark_count = 0;
    frame->envelope_count = 0;
    frame->carried = 0;
    frame->is_cut = false;
    frame->are_images_cut = false;
    frame->is_retelling = false;
    arena_reset(&frame->bytes);
}

void frame_restart(struct frames *frames)
{
    for (int i = 0; i < FRAME_COUNT; i++) {
        frame_clear(&frames->ring[i]);
        frames->ring[i].tick = 0;
        frames->ring[i].seq = 0;
    }
    atomic_store(&frames->published, 0);
    for (uint32_t i = 0; i < frames->limits.readers; i++)
        atomic_store(&frames->readers[i].passed, 0);
}

struct frame *frame_filling(struct frames *frames)
{
    uint64_t published = atomic_load_explicit(&frames->published, memory_order_relaxed);
    return &frames->ring[published % FRAME_COUNT];
}

uint64_t frame_passed(struct frames *frames)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < frames->limits.readers; i++) {
        uint64_t passed = atomic_load_explicit(&frames->readers[i].passed, memory_order_acquire);
        least = passed < least ? passed : least;
    }
    return least;
}

bool frame_publish(struct frames *frames, uint64_t passed)
{
    uint64_t published = atomic_load_explicit(&frames->published, memory_order_relaxed);
    if (published + 1 - passed >= FRAME_COUNT) {
        frame_filling(frames)->actor_count = 0;
        frame_filling(frames)->carried = frame_filling(frames)->mark_count;
        return false;
    }
    atomic_store_explicit(&frames->published, published + 1, memory_order_release);
    frame_clear(frame_filling(frames));
    return true;
}

static bool is_of_images(const struct change *change)
{
    return change->kind == CHANGE_IMAGE_CONFIG || change->kind == CHANGE_IMAGE ||
           change->kind == CHANGE_IMAGE_BAN;
}

/* Copies what the change points to. The bytes of a picture are given out by the gallery. */
static bool keep_spans(struct frame *frame, struct change *kept)
{
    if (kept->kind != CHANGE_IMAGE)
        return schema_keep_spans(change_schema(kept->kind), change_record_of(kept), &frame->bytes);
    kept->image.png.bytes = NULL;
    return true;
}

bool frame_add_change(struct frames *frames, const struct change *change)
{
    struct frame *frame = frame_filling(frames);
    bool fits = frame->change_count < frames->limits.changes_max;
    if (fits) {
        frame->changes[frame->change_count] = *change;
        fits = keep_spans(frame, &frame->changes[frame->change_count]);
    }
    if (fits) {
        frame->change_count++;
        return true;
    }
    frame->is_cut = true;
    frame->are_images_cut = frame->are_images_cut || is_of_images(change);
    return false;
}

uint32_t frame_spare_changes(struct frames *frames)
{
    uint32_t used = frame_filling(frames)->change_count, half = frames->limits.changes_max / 2;
    return used < half ? half - used : 0;
}

bool frame_add_mark(struct frames *frames, const struct frame_mark *mark)
{
    struct frame *frame = frame_filling(frames);
    for (uint32_t i = 0; i < frame->carried; i++) {
        struct frame_mark *known = &frame->marks[i];
        if (grid_is_same_chunk(known->chunk, mark->chunk) && known->to == mark->from) {
            known->to = mark->to;
            known->hash = mark->hash;
            return true;
        }
    }
    if (frame->mark_count == frames->limits.changes_max) {
        frame->is_cut = true;
        return false;
    }
    frame->marks[frame->mark_count++] = *mark;
    return true;
}

bool frame_add_envelope(struct frames *frames, const struct envelope *envelope, const void *bytes,
                        uint32_t *out_offset)
{
    struct frame *frame = frame_filling(frames);
    if (frame->envelope_count == frames->limits.envelopes_max)
        return false;
    struct envelope added = *envelope;
    if (bytes != NULL) {
        uint8_t *copy = arena_copy(&frame->bytes, bytes, envelope->size_bytes);
        if (copy == NULL)
            return false;
        added.offset = (uint32_t)(copy - frame->bytes.memory);
    }
    frame->envelopes[frame->envelope_count++] = added;
    *out_offset = added.offset;
    return true;
}

bool frame_has_room(struct frames *frames, uint32_t envelopes, uint32_t size_bytes)
{
    const struct frame *frame = frame_filling(frames);
    return frame->envelope_count + envelopes <= frames->limits.envelopes_max &&
           frame->bytes.used_bytes + size_bytes <= frame->bytes.size_bytes;
}

const struct frame *frame_next(struct frames *frames, uint32_t reader)
{
    uint64_t passed = atomic_load_explicit(&frames->readers[reader].passed, memory_order_relaxed);
    uint64_t published = atomic_load_explicit(&frames->published, memory_order_acquire);
    return passed == published ? NULL : &frames->ring[passed % FRAME_COUNT];
}

void frame_pass(struct frames *frames, uint32_t reader)
{
    uint64_t passed = atomic_load_explicit(&frames->readers[reader].passed, memory_order_relaxed);
    atomic_store_explicit(&frames->readers[reader].passed, passed + 1, memory_order_release);
}
