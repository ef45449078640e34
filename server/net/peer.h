/* peer.h - one connected client as the net thread knows it, and sending to it.
 *
 * Inside server/net only. Here a session is a peer's slot in this host; outside it is that plus the
 * host's first_session. What goes out over a reliable
 * channel passes peer_send, which keeps ENet's share small and the rest in the peer's backlog. */
#ifndef TILTH_NET_PEER_H
#define TILTH_NET_PEER_H

#include "base/board.h"
#include "link/limit.h"
#include "net/groups.h"
#include "net/held.h"
#include "net/inbox.h"
#include "net/net.h"
#include "net/news.h"
#include "net/watchers.h"
#include "wire/content.h"
#include "wire/handshake.h"
#include "wire/state.h"

enum {
    PEER_VIEWS_MAX = 36, /* chunks in view at once */
    PEER_WANTS_MAX = 8,  /* parts of pictures asked for at once */
};

enum peer_state {
    PEER_FREE,
    PEER_CONNECTED,
    PEER_CHALLENGED,
    PEER_JOINING,
    PEER_PLAYING,
    PEER_ENDING
};

/* A chunk that the client sees, and the version it has been sent. */
struct peer_view {
    struct chunk_pos chunk;
    uint64_t version;
    bool is_asked; /* it did not connect: the tick was asked for a fresh VIEW */
};

/* A part of a picture that the client waits for. */
struct peer_want {
    struct hash128 id;
    uint32_t offset;
};

/* A packet that waits until the client acknowledges earlier ones. */
struct peer_waiting {
    struct link_packet *packet;
    uint32_t size_bytes;
};

struct peer {
    enum peer_state state;
    uint32_t generation;
    uint64_t since_us;
    uint32_t strikes;
    struct limit_bucket intents;
    struct limit_excess over_rate; /* intents */
    bool owes_leave;     /* the tick was not yet told that it is gone (its inbox was full) */
    bool owes_behind;    /* nor that its messages were given up */
    bool is_behind;      /* its messages were given up: nothing is sent until the RESYNC */
    bool is_clogged;     /* ... which is asked for when it has taken in what is under way */
    bool is_cut;         /* something for it could not be held: nothing is held until the RESYNC */
    uint32_t held_count; /* envelopes for it that wait for the disk */
    uint32_t left_generation; /* owes_leave: whose; the slot may have another user already */
    uint32_t dropped_intent;  /* the newest that found no room in the inbox, 0 none */

    bool is_rejoining; /* it was welcomed on another timeline, and may not know of this one yet */
    uint8_t key[CRYPTO_PUBLIC_BYTES]; /* that it has proved */
    uint8_t hello_random[16], hello_exchange[32], challenge_random[16];
    struct message_hello hello;
    struct message_challenge challenge;
    char name[WORLD_NAME_BYTES + 8];

    struct peer_view views[PEER_VIEWS_MAX];
    uint32_t view_count;
    struct peer_waiting *waiting; /* the backlog, a ring [backlog_packets_max] of its own, so that
                                     nobody's slowness takes room from others */
    uint32_t first_waiting, waiting_count, waiting_bytes;

    struct state_inputs inputs; /* the newest received */
    struct world_pos pos;       /* its player's, in the newest frame */
    struct news news;           /* to be told again */
    uint32_t snapshots;         /* number of the newest sent */
    uint32_t turn;              /* where to go on when not everyone fits a snapshot */
    struct limit_bucket uploads, image_bytes, bulk_asks;
    struct peer_want wants[PEER_WANTS_MAX]; /* a ring */
    uint32_t first_want, want_count;
    uint16_t *told; /* by actor: of whom it was told the name (snapshot.c), 0 none */
};

struct net {
    struct net_options options;
    struct link *link;
    struct wake wake;
    struct peer *peers;
    uint32_t peers_max;
    struct held held;
    uint64_t durable_seq;         /* of this round */
    uint32_t timeline;            /* since net_restart; 0 before */
    uint32_t backlog_packets_max; /* of each peer */
    struct peer_waiting *waiting; /* all backlogs: memory of the peers' rings */
    struct interest *interest;
    struct watchers watchers;
    struct groups groups;
    struct bulk *bulk;           /* bulk.c */
    struct content_codec *codec; /* these three where the seed is not shared */
    struct generator_chunk *base;
    uint8_t *base_bytes;
    uint8_t *packet_bytes; /* where packets are put together */
    struct net_facts facts;
    struct board board; /* where others read the facts */
    struct moment now;
};

enum { NET_PACKET_BYTES = (1 << 18) + 8192 };

/* The playing or joining peer of the session, or NULL when its slot has another user now. */
struct peer *peer_find(struct net *net, uint32_t session, uint32_t generation);

/* A fresh connection in the slot. */
void peer_open(struct net *net, uint32_t session, uint32_t generation);

/* Nothing was ever shown to it, and nothing waits for it; its connection stays. */
void peer_restart(struct net *net, uint32_t session);

/* The connection is gone: frees what the peer holds, and tells the tick if it knew of it. */
void peer_close(struct net *net, uint32_t session);

/* Tells the client why, and ends the connection once that has been sent. */
void peer_reject(struct net *net, uint32_t session, const char *words);

/* The same, for now only: the client may try again. */
void peer_put_off(struct net *net, uint32_t session, const char *words);

/* A malformed or forbidden message: counted, and too many end the connection. */
void peer_strike(struct net *net, uint32_t session, const char *what);

/* Sends, or puts into the backlog, in order. Takes no reference. Beyond the backlog's limits all
 * that waits is given up, and the answer is false; so it is until the client has made room and the
 * tick's full view comes. */
bool peer_send(struct net *net, uint32_t session, struct link_packet *packet, uint32_t size_bytes);

/* Sends from the backlog what the client has made room for; one that is behind may catch up then.
 */
void peer_pump(struct net *net, uint32_t session);

/* Asks the tick to tell the client what became of its intents, and to begin its view anew. */
void peer_ask_resync(struct net *net, uint32_t session);

/* Gives up all that waits; a resync is asked for when the client has made room. */
void peer_give_up(struct net *net, uint32_t session);

/* Something for the peer cannot be held: asks for a resync. One that does not play yet is put off.
 */
void peer_cut(struct net *net, uint32_t session);

/* The peer sees again: its RESYNC is the next to be sent. */
void peer_catch_up(struct net *net, uint32_t session);

/* The head of an inbox record of the peer: its session's number is the host's first plus the slot.
 */
struct inbox_head peer_head(const struct net *net, uint32_t session, enum inbox_kind kind);

/* Writes a record into the inbox; false, and counted, when the tick is behind. */
bool peer_tell_tick(struct net *net, const void *record, uint32_t size_bytes);

/* Tells the tick what it still has to know of the peer. False while it cannot. */
bool peer_settle_debts(struct net *net, uint32_t session);

/* The peer's view of a chunk, or NULL. */
struct peer_view *peer_find_view(struct peer *peer, struct chunk_pos chunk);

/* The client sees the chunk at the version from now on. False: it sees too many already. */
bool peer_set_view(struct net *net, uint32_t session, struct chunk_pos chunk, uint64_t version);

/* The client sees the chunk no more, if it did; or no chunk at all. */
void peer_forget_view(struct net *net, uint32_t session, struct chunk_pos chunk);
void peer_forget_all(struct net *net, uint32_t session); /* No chunk at all. */

#endif
