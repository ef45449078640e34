#include "host/painter.h"

#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"

struct painter {
    struct picture_codec *codec;
    struct wake *wake;                /* or NULL */
    _Atomic(struct painted *) newest; /* each has the one before as its next */
};

struct painter *painter_create(const struct picture_limits *limits)
{
    struct painter *painter = memory_reserve("painter", 1, sizeof *painter);
    painter->codec = picture_codec_create(limits);
    return painter;
}

void painter_destroy(struct painter **painter)
{
    struct painter *gone = *painter;
    if (gone == NULL)
        return;
    for (struct painted *next = painter_take(gone); next != NULL;) {
        struct painted *painted = next;
        next = painted->next;
        memory_release(painted);
    }
    picture_codec_destroy(&gone->codec);
    memory_release(gone);
    *painter = NULL;
}

void painter_wakes(struct painter *painter, struct wake *wake)
{
    painter->wake = wake;
}

static void lay_ready(struct painter *painter, struct painted *painted)
{
    painted->next = painter->newest;
    while (!atomic_compare_exchange_weak(&painter->newest, &painted->next, painted))
        ;
    if (painter->wake != NULL)
        wake_signal(painter->wake);
}

static bool make(void *state, const uint8_t *bytes, size_t size_bytes, struct hash128 *out_id,
                 struct error *error)
{
    struct painter *painter = state;
    struct picture picture;
    if (!picture_make(painter->codec, bytes, size_bytes, &picture, error))
        return false;
    struct painted *painted = memory_reserve("painted", 1, sizeof *painted + picture.size_bytes);
    painted->head.session = GALLERY_NOBODY;
    painted->head.width = picture.width_px;
    painted->head.height = picture.height_px;
    painted->head.size_bytes = (uint32_t)picture.size_bytes;
    painted->head.id = picture.id;
    memcpy(painted->png, picture.bytes, picture.size_bytes);
    lay_ready(painter, painted);
    *out_id = picture.id;
    return true;
}

struct image_painter painter_of(struct painter *painter)
{
    return (struct image_painter){painter, make};
}

struct painted *painter_take(struct painter *painter)
{
    struct painted *oldest = NULL;
    struct painted *next = atomic_exchange(&painter->newest, NULL);
    while (next != NULL) {
        struct painted *painted = next;
        next = painted->next;
        painted->next = oldest;
        oldest = painted;
    }
    return oldest;
}
