/* frame.h - what the tick shows: one immutable frame after each tick, in a ring of four.
 *
 * A frame holds the actors, the log of changes, the marks of the chunks that changed, and
 * envelopes: messages for single sessions. The tick fills the frame that is not published;
 * publishing hands it to the net threads, and its slot is used again when all have passed it. Where
 * they are behind, the tick goes on filling the same frame, which then spans several ticks; what no
 * longer fits marks its session as cut: the tick sends it a full view later. Nobody waits. Memory:
 * reserved at init. Owner: the tick writes, net threads read what is published. */
#ifndef TILTH_NET_FRAME_H
#define TILTH_NET_FRAME_H

#include <stdatomic.h>

#include "base/arena.h"
#include "world/change.h"

enum { FRAME_COUNT = 4, FRAME_NO_SESSION = -1, FRAME_READERS_MAX = 8 };

struct frame_actor {
    struct world_pos pos;
    uint16_t actor;
    uint8_t life; /* low 4 bits of the slot's use count */
    uint8_t direction;
    uint8_t work;    /* how far it is in what takes time: as state_actor's */
    int32_t session; /* or FRAME_NO_SESSION */
    uint32_t generation;
    uint32_t input; /* the newest applied */
    int8_t slack;
    char name[WORLD_NAME_BYTES + 1];
    uint64_t named_seq; /* the tick record that the name needs: it is shown when that is durable */
};

/* A chunk's way from one version to another within the frame. */
struct frame_mark {
    struct chunk_pos chunk;
    uint64_t from, to;
    struct hash128 hash; /* at `to` */
};

enum envelope_kind {
    ENVELOPE_MESSAGE, /* framed messages for `channel` */
    ENVELOPE_RESULT,  /* the same; leaves behind the changes that it speaks of */
    ENVELOPE_WELCOME, /* the same; from now on the session plays */
    ENVELOPE_VIEW,    /* a chunk's content (wire/content.h) at `version` */
    ENVELOPE_FORGET,  /* a chunk is out of view */
    ENVELOPE_RESYNC,  /* framed messages; the session sees no chunk from now on */
    ENVELOPE_CLOSE,   /* framed messages, then the connection ends */
};

struct envelope {
    enum envelope_kind kind;
    uint32_t session, generation;
    uint32_t channel;
    uint64_t release_seq; /* the highest tick record that it shows; leaves when that is durable */
    struct chunk_pos chunk;
    uint64_t version;
    struct hash128 hash;
    uint32_t offset, size_bytes; /* of its bytes in the frame */
};

struct frame {
    uint64_t tick; /* the last one in it */
    uint64_t seq;  /* the highest tick record that it shows */
    struct frame_actor *actors;
    struct change *changes; /* in order; of the kinds that clients see */
    struct frame_mark *marks;
    struct envelope *envelopes;
    uint32_t actor_count, change_count, mark_count, envelope_count;
    struct arena bytes;  /* envelopes' bytes, and spans of the changes */
    uint32_t carried;    /* marks of earlier ticks, which a new mark may extend */
    bool is_cut;         /* a change did not fit: chunks whose marks are missing need a VIEW */
    bool are_images_cut; /* ... one of a look or a picture: none of those in the frame counts */
    bool is_retelling;   /* ... and all that there are are being told anew: more come */
};

struct frame_limits {
    uint32_t actors_max, changes_max, envelopes_max, bytes_max;
    uint32_t readers; /* net threads, 1..FRAME_READERS_MAX */
};

struct frames {
    struct frame ring[FRAME_COUNT];
    struct frame_limits limits;
    _Alignas(64) _Atomic uint64_t published; /* frames so far; tick writes */
    struct {
        _Alignas(64) _Atomic uint64_t passed; /* frames read so far; this net thread writes */
    } readers[FRAME_READERS_MAX];
};

/* Reserves the four frames. */
void frame_init(struct frames *frames, const struct frame_limits *limits);
void frame_finish(struct frames *frames);  /* Gives the memory back. */
void frame_restart(struct frames *frames); /* As after init; nobody may be reading or filling. */

/* Tick: the frame to fill. */
struct frame *frame_filling(struct frames *frames);

/* Tick: how many frames even the slowest reader has passed. An input of the tick: recorded. */
uint64_t frame_passed(struct frames *frames);

/* Tick: publishes the filling frame if a slot is free for the next one, going by how many frames
 * were passed; else it stays the filling one, with its actors forgotten. True when it was
 * published. */
bool frame_publish(struct frames *frames, uint64_t passed);

/* Tick: adds a change that clients see; false when it does not fit, and then is_cut. Of a picture's
 * bytes only their number is kept. */
bool frame_add_change(struct frames *frames, const struct change *change);

/* Tick: how many changes, without spans, may be told anew: they leave room for those that come. */
uint32_t frame_spare_changes(struct frames *frames);

/* Tick: adds or extends a chunk's mark; false when it does not fit, and then is_cut. */
bool frame_add_mark(struct frames *frames, const struct frame_mark *mark);

/* Tick: adds an envelope with its bytes (NULL: envelope->offset is of bytes added before); false
 * when it does not fit. The offset used is written to *out_offset. */
bool frame_add_envelope(struct frames *frames, const struct envelope *envelope, const void *bytes,
                        uint32_t *out_offset);

/* Tick: is there room for so many envelopes with so many bytes together? */
bool frame_has_room(struct frames *frames, uint32_t envelopes, uint32_t size_bytes);

/* Net: the next published frame for this reader (from 0), or NULL. */
const struct frame *frame_next(struct frames *frames, uint32_t reader);

/* Net: done with what frame_next gave. */
void frame_pass(struct frames *frames, uint32_t reader);

#endif
