/* stage.h - a server for one client, for tests of the client library: no threads, no database.
 *
 * Keeps the protocol as the real server does, in one file: handshake, catalogue, chunks in view,
 * place, remove, say, build, give, inputs and snapshots. Messages come and go as bytes, so that a
 * test can carry them by hand (stage_carry), alter them, or put them on a link (stage_server.c).
 * One thread. */
#ifndef TILTH_STAGE_STAGE_H
#define TILTH_STAGE_STAGE_H

#include "base/ring.h"
#include "session.h"
#include "wire/handshake.h"

enum {
    STAGE_HZ = 20,
    STAGE_SPEED_PX_S = 100,
    STAGE_VIEW_CELLS = 64,
    STAGE_CONNECT_ID = 7,
    STAGE_BOB = 2, /* the other actor's slot */
    STAGE_INPUTS = 64,
};

struct stage {
    struct catalog *catalog;
    char *catalog_text;
    size_t catalog_bytes;
    struct world world;
    struct content *content;
    struct content_codec *codec;
    struct ring out; /* a byte of channel, then the packet */
    struct ring_cursor out_at;

    bool is_seed_shared;
    bool is_refusing; /* every intent ends in OUT_OF_REACH */
    bool is_silent;   /* intents are done, but nothing is told: the connection is about to break */
    bool is_bob_here;
    uint32_t connect_id;
    uint32_t timeline, welcomed; /* the world's, and what the client knows of it */
    uint8_t hello_random[16];
    bool is_joined;
    uint32_t views_right, views_wrong;

    uint64_t tick;
    uint64_t version; /* of the latest change */
    uint64_t next_id;
    struct world_pos pos, bob_pos;
    uint32_t last_intent;
    uint64_t done;
    uint32_t offered; /* number of the GIVE that is under way, 0 none */
    struct state_inputs inputs;
    uint8_t waiting[STAGE_INPUTS]; /* by number */
    uint32_t applied, newest;      /* inputs */
    uint32_t snapshot;
};

/* Loads the catalogue from shared/content and makes the chunks around a free place near (0,0). */
void stage_init(struct stage *stage);
void stage_finish(struct stage *stage); /* Gives all back. */

/* The world has gone back to an earlier time: welcomes the client once more. */
void stage_restore(struct stage *stage);

/* The client has connected again: the handshake starts anew, the world stays. */
void stage_reconnect(struct stage *stage);

/* Takes a packet of the client. */
void stage_take(struct stage *stage, enum wire_channel channel, const uint8_t *bytes,
                size_t size_bytes);

/* One tick: applies an input, moves bob to the east, sends a snapshot. */
void stage_tick(struct stage *stage);

/* Queues a message, or a snapshot's bytes, for the client. */
void stage_send(struct stage *stage, const struct message *message);
void stage_send_bytes(struct stage *stage, enum wire_channel channel, const uint8_t *bytes,
                      size_t size_bytes); /* The same for bytes. */

/* The next packet for the client, valid until the next call; false when there is none. */
bool stage_take_packet(struct stage *stage, enum wire_channel *out_channel,
                       struct span *out_packet);

/* Sends a chunk whole. */
void stage_send_view(struct stage *stage, struct chunk_pos chunk);

/* Puts a thing of the type into a cell, or removes what is there (type 0), and tells the client. */
void stage_put(struct stage *stage, struct cell_pos cell, uint32_t type);

/* Makes a change of what is in chunks, and tells the client of it once for each of these. */
void stage_change(struct stage *stage, const struct change *change);

/* Tells the client of something that is its own. */
void stage_own(struct stage *stage, const struct change *change, bool is_whole);

/* The GIVE that is under way ends. */
void stage_end_offer(struct stage *stage, enum refusal refusal);

/* Carries packets both ways between stage and session until there are no more. */
void stage_carry(struct stage *stage, struct session *session, uint64_t now_us);

/* Opens the session and carries until it plays; false when it does not get there. */
bool stage_join(struct stage *stage, struct session *session, uint64_t now_us);

#endif
