/* state.h - the two messages of the state channel: inputs up, movement and fresh news down.
 *
 * Unsequenced datagrams, each self-contained: what it does not say is not needed, and a later one
 * replaces it. Bit streams (bits.h). Sequence numbers travel as their low 16 bits and are unwrapped
 * against the newest one known. Positions of others are relative to one's own, in STATE_GRAIN
 * units. Pure functions on values, any thread. */
#ifndef TILTH_WIRE_STATE_H
#define TILTH_WIRE_STATE_H

#include "wire/bits.h"
#include "world/change.h"

enum {
    STATE_INPUTS_MAX = 8,   /* the newest inputs, repeated until acknowledged */
    STATE_ACTORS_MAX = 140, /* others in one datagram: nearest first, the rest later */
    STATE_BYTES_MAX = 1100,
    STATE_GRAIN = 4,         /* 1/4 px */
    STATE_FAR_UNITS = 65536, /* others up to 128 cells away on each axis */
    STATE_WORK_DONE = 16,    /* how far somebody is in what takes time: 1 to this */
};

/* Client to server, once a client tick. */
struct state_inputs {
    uint32_t newest;                      /* number of the newest input; the first is 1 */
    uint32_t count;                       /* 1..STATE_INPUTS_MAX, directions[0] is the newest */
    uint8_t directions[STATE_INPUTS_MAX]; /* enum direction */
    uint32_t snapshot;                    /* number of the newest snapshot received, 0 none */
    uint32_t snapshot_mask;               /* bit n: snapshot - 1 - n was received too */
};

/* Another actor. */
struct state_actor {
    uint16_t actor;
    uint8_t life; /* low 4 bits of the slot's use count: a reused slot is another actor */
    uint8_t direction;
    struct world_pos pos;
    uint8_t work; /* 1..STATE_WORK_DONE; 0: it is not busy */
};

/* Server to client, once a tick. */
struct state_snapshot {
    uint32_t number;      /* rises by one a snapshot, the first is 1 */
    uint32_t tick;        /* low 32 bits of the tick that it shows */
    uint32_t input;       /* the newest input applied, 0 none */
    int8_t slack;         /* inputs waiting beyond the one applied, sent within -8..7;
                             below 0: starving */
    uint8_t work;         /* one's own, as an actor's */
    bool is_complete;     /* everyone in view is listed: who is not has gone */
    struct world_pos pos; /* one's own, after `input` */
    uint32_t actor_count;
    struct state_actor actors[STATE_ACTORS_MAX];
    struct span news; /* CHANGES of the last moments again, framed (framing.h), for one that lost
                         them; often empty */
};

/* The number whose low 16 bits are `low` and which is nearest to `newest`. */
uint32_t state_unwrap(uint32_t newest, uint16_t low);

/* So many actors fit into a snapshot beside news of so many bytes. */
uint32_t state_actors_beside(size_t news_bytes);

/* Encode; bytes used, 0 when the buffer is too small. count and actor_count must be in range and
 * the actors near (state_is_near). */
size_t state_encode_inputs(const struct state_inputs *inputs, uint8_t *out_bytes, size_t capacity);
size_t state_encode_snapshot(const struct state_snapshot *snapshot, uint8_t *out_bytes,
                             size_t capacity); /* At most STATE_BYTES_MAX. */

/* Decode; numbers are unwrapped against what is in *inout (the newest before; zeroed at first).
 * False on anything malformed, and then *inout is unchanged; inputs before number 1 are. The news
 * point into the bytes; whether they are messages is not looked at. */
bool state_decode_inputs(const uint8_t *bytes, size_t size_bytes, struct state_inputs *inout);
bool state_decode_snapshot(const uint8_t *bytes, size_t size_bytes,
                           struct state_snapshot *inout); /* The same for a snapshot. */

/* Is `pos` near enough to `from` to be listed? */
bool state_is_near(struct world_pos from, struct world_pos pos);

#endif
