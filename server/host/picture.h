/* picture.h - makes of a PNG that a player sends the one PNG that is kept and shown.
 *
 * What comes in is anybody's bytes: any colour type, depth and interlacing of PNG (W3C, 2003),
 * any chunks, within the limits. What goes out is canonical: 8 bits RGBA, or RGB when all
 * of it is opaque, not interlaced, no filter, zlib level 6, the chunks IHDR, IDAT and IEND and no
 * others. The same pixels give the same bytes, so their digest is the picture's name. (Another
 * version of zlib may pack other bytes: a picture that is kept keeps its name, but need not get it
 * again.) Gamma and colour profiles are not looked at; the colour of a pixel that cannot be seen
 * stays.
 *
 * Refused in words: what is no PNG, is larger than the limits, cut off, damaged, animated, goes on
 * behind its end, or takes too many bytes when it is canonical. Ancillary chunks are checked for
 * damage and dropped unread, but for tRNS; the work is bounded by the file's bytes and the limit's
 * pixels, whatever the file would inflate to.
 *
 * All memory is reserved when the codec is made; libpng and zlib take theirs out of it. Most
 * pictures take milliseconds, some tens of them: not for the tick's thread. One owner thread a
 * codec; crypto_start comes first. */
#ifndef TILTH_HOST_PICTURE_H
#define TILTH_HOST_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

enum { PICTURE_SIDE_PX_MAX = 4096 }; /* the highest limit */

struct picture_limits {
    uint32_t file_bytes_max;      /* what comes in */
    uint32_t side_px_max;         /* width and height, 1 to PICTURE_SIDE_PX_MAX */
    uint32_t canonical_bytes_max; /* what goes out */
};

struct picture {
    uint32_t width_px, height_px;
    struct hash128 id;    /* crypto_digest_128 of the bytes */
    const uint8_t *bytes; /* the canonical PNG; the codec's, until its next picture */
    size_t size_bytes;
};

struct picture_codec;

/* Reserves for each byte of the limits one and for each pixel four, and about 400 KB. */
struct picture_codec *picture_codec_create(const struct picture_limits *limits);
void picture_codec_destroy(struct picture_codec **codec); /* NULL-safe. */

/* Makes the canonical picture of a file; `bytes` may be those of this codec's last picture. False,
 * and nothing in *out_picture, with words for the player who sent it. */
bool picture_make(struct picture_codec *codec, const uint8_t *bytes, size_t size_bytes,
                  struct picture *out_picture, struct error *error);

#endif
