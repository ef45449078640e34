/* gallery_picture.h - a picture on its way from the gallery to the tick.
 *
 * A value, followed by its PNG in the ring of pictures. */
#ifndef TILTH_HOST_GALLERY_PICTURE_H
#define TILTH_HOST_GALLERY_PICTURE_H

#include <stdint.h>

#include "base/hash.h"

/* No session: it came with the content, or from the console. */
#define GALLERY_NOBODY UINT32_MAX

/* A picture for the tick to keep: size_bytes of canonical PNG behind it. No padding is left unset:
 * it is recorded. */
struct gallery_picture {
    uint32_t session, generation;
    uint32_t number; /* the client's, of the upload */
    uint32_t width, height;
    uint32_t size_bytes;
    struct hash128 id;
};

#endif
