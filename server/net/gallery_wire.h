/* gallery_wire.h - what the net threads and the gallery (host/gallery.h) say to each other: records
 * in two rings, by value.
 *
 * A session is the tick's number of it. Nothing here waits: what finds no room is said again. */
#ifndef TILTH_NET_GALLERY_WIRE_H
#define TILTH_NET_GALLERY_WIRE_H

#include "base/hash.h"
#include "world/change.h"

enum gallery_kind {
    GALLERY_UPLOAD = 1, /* net: a whole file, size_bytes behind the struct */
    GALLERY_GET,        /* net: the bytes of picture `id` from `offset` on */
    GALLERY_PART,       /* gallery: size_bytes of them, of `size` in all; 0: not to be had now */
    GALLERY_REFUSED,    /* gallery: the upload `number` is no picture: words behind the struct */
};

struct gallery_record {
    uint32_t kind; /* enum gallery_kind */
    uint32_t session, generation;
    uint32_t number; /* the client's, of an upload */
    uint32_t offset, size;
    uint32_t size_bytes;
    uint32_t may_retry; /* REFUSED: for now only */
    struct hash128 id;
};

enum { GALLERY_PART_BYTES = 16000 }; /* for one GET, at most */

#endif
