/* painter.h - pictures that come as text: with the content, and in lines of the console.
 *
 * Makes of a PNG the picture that is kept (picture.h), and has it lie ready for the gallery, which
 * hands it to the tick like those of players. Two owners: painter_make is for the thread that reads
 * the text (main, and for content that is read again the loader), painter_take for the gallery.
 * Allocates; what lies ready is as much as was read. */
#ifndef TILTH_HOST_PAINTER_H
#define TILTH_HOST_PAINTER_H

#include "base/wake.h"
#include "catalog/image.h"
#include "host/gallery_picture.h"
#include "host/picture.h"

/* A picture that lies ready. */
struct painted {
    struct painted *next;
    struct gallery_picture head; /* of nobody's session */
    uint8_t png[];               /* [head.size_bytes] */
};

struct painter;

/* Reserves what a picture_codec does. */
struct painter *painter_create(const struct picture_limits *limits);
void painter_destroy(struct painter **painter); /* With all that lies ready; NULL-safe. */

/* What lies ready is signalled there from now on. Before there are two threads. */
void painter_wakes(struct painter *painter, struct wake *wake);

/* For those who read JSON; valid as long as the painter. */
struct image_painter painter_of(struct painter *painter);

/* Takes all that lies ready, the oldest first; NULL when there is nothing. Each is for
 * memory_release.
 */
struct painted *painter_take(struct painter *painter);

#endif
