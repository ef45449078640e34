/* gallery.h - the role that makes pictures out of what players send, and gives them out.
 *
 * Files come from the net threads (net/gallery_wire.h), are made canonical (picture.h) and go to
 * the tick, which keeps them, like pictures that came as text (painter.h); parts of pictures are
 * asked for by net, and come from memory or from the database. Bounded in memory: entries_max
 * pictures are kept here, the ones used longest ago make room. With the database away, a picture
 * that is not here cannot be had for now. Owner: the gallery's thread; rings are SPSC. */
#ifndef TILTH_HOST_GALLERY_H
#define TILTH_HOST_GALLERY_H

#include "base/clock.h"
#include "base/ring.h"
#include "base/wake.h"
#include "host/painter.h"
#include "store/database.h"

enum { GALLERY_NETS_MAX = 8, GALLERY_PAINTERS = 2 };

struct gallery_options {
    struct database database; /* its own connection; connects itself */
    uint64_t world;
    struct picture_limits limits;
    uint32_t entries_max;                       /* pictures in memory */
    uint32_t nets;                              /* net threads, each with a ring of both kinds */
    struct ring *requests;                      /* [nets] net writes */
    struct ring *results;                       /* [nets] net reads */
    struct ring *pictures;                      /* tick reads; a quarter of it holds a picture */
    struct painter *painters[GALLERY_PAINTERS]; /* whose pictures go the same way; or NULL */
    struct wake *results_wake;                  /* signalled when results were written; or NULL */
};

/* Counts since start. */
struct gallery_facts {
    uint64_t uploads, refused, parts, from_database, missing;
    uint64_t hits;    /* parts of pictures that were in memory */
    uint32_t entries; /* pictures in memory now */
};

struct gallery;

/* Reserves its memory. */
struct gallery *gallery_create(const struct gallery_options *options);
void gallery_destroy(struct gallery **gallery); /* NULL-safe. */

/* Any thread: the pictures in memory are given up with the next step; they are in the database. */
void gallery_forget(struct gallery *gallery);

/* Answers what waits, a few requests at once. True when there was something. */
bool gallery_step(struct gallery *gallery, struct moment now);

/* What its loop sleeps on. */
struct wake *gallery_wake(struct gallery *gallery);

/* Any thread: the facts. */
void gallery_facts(struct gallery *gallery, struct gallery_facts *out_facts);

#endif
