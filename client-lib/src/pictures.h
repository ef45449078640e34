/* pictures.h - how things look that do not look like their types: asked for, fetched, kept.
 *
 * Things in view carry numbers of image configurations; what is not known of these is asked for, a
 * few at once. The pictures that they name are fetched part by part, some at a time, checked
 * against their name, which is their hash, and kept: the latest in memory, all in a folder if the
 * caller has one. Each is fetched once; what had to make room for others is fetched again when the
 * caller asks for it. All of it belongs to the session (session.h), whose clock and outbox it uses.
 */
#ifndef TILTH_CLIENT_PICTURES_H
#define TILTH_CLIENT_PICTURES_H

#include "events.h"
#include "picture_files.h"
#include "wire/message.h"

struct session;

enum {
    PICTURES_LOOKS_MAX = 64,     /* asked for at once */
    PICTURES_DOWNLOADS_MAX = 8,  /* pictures at once */
    PICTURES_FAILED_MAX = 64,    /* remembered, so that others have their turn */
    PICTURES_ENTRIES_MAX = 2048, /* in memory */
    PICTURES_ASKED_MAX = 64,     /* by the caller, at once */
};

struct pictures_options {
    struct picture_files files;
    uint32_t memory_bytes; /* 0: pictures are not fetched */
};

/* A picture that comes in. */
struct picture_download {
    bool is_used;
    struct hash128 id;
    uint32_t size, received;
    uint32_t turn;     /* the server answers in the order of these */
    uint32_t failures; /* the server had nothing more of it, so often */
    uint64_t ask_us;   /* what is missing is asked for again then */
    uint8_t *bytes;    /* [WORLD_IMAGE_BYTES] */
};

/* One that could not be had, and when it is tried again. */
struct picture_failure {
    struct hash128 id;
    uint64_t retry_us;
};

/* One in memory. */
struct picture_entry {
    struct hash128 id;
    uint32_t at, size_bytes;
};

struct pictures {
    struct pictures_options options;
    struct picture_files files;
    bool needs_scan; /* something in view may look in a way that is not known */
    uint32_t looks[PICTURES_LOOKS_MAX];
    uint32_t look_count;
    bool is_full;      /* more looks are in view than there is room for */
    uint64_t looks_us; /* when they were asked for, 0: nothing is asked for */
    uint64_t scan_us;  /* not before then */
    struct picture_download downloads[PICTURES_DOWNLOADS_MAX];
    uint64_t downloads_us; /* more are asked for then */
    uint32_t turns;        /* so often a part was asked for */
    struct picture_failure failures[PICTURES_FAILED_MAX];
    uint32_t failure_next;
    uint32_t cursor;        /* the configuration or type that is looked at next */
    uint32_t clean;         /* in a row before it whose pictures are not missing */
    uint64_t rest_until_us; /* nothing was missing anywhere: all is looked through again then */
    struct picture_entry entries[PICTURES_ENTRIES_MAX]; /* a ring, the oldest first */
    uint32_t first_entry, entry_count;
    uint8_t *memory;
    uint32_t memory_next;
    struct hash128 *had; /* [had_slots] ids of what was fetched, by hash; {0, 0} is free */
    uint32_t had_slots, had_count;
    struct hash128 asked[PICTURES_ASKED_MAX]; /* by the caller: fetched although they were had */
    uint32_t asked_count;
};

/* Starts with nothing; memory is reserved with the first picture. */
void tilth_pictures_init(struct pictures *pictures, const struct pictures_options *options);
void tilth_pictures_finish(struct pictures *pictures); /* Gives it back. */

/* A new connection plays: what was asked of the last one is asked again. */
void tilth_pictures_restart(struct pictures *pictures);

/* The server gave up messages: what it said of looks may have been among them, so that all are
 * asked for anew. */
void tilth_pictures_resync(struct session *session);

/* Messages of the server. False when they ended the session. */
bool tilth_pictures_take_looks(struct session *session, const struct message *message);
bool tilth_pictures_take_part(struct session *session, const struct message *message); /* PART */

/* Asks for what is missing, as far as it is time to. */
void tilth_pictures_run(struct session *session);

/* Copies a picture; its size, or 0 when it is larger than capacity, or not there: then it will be
 * fetched again. */
size_t tilth_pictures_read(struct pictures *pictures, struct hash128 id, void *out_bytes,
                           size_t capacity);

#endif
