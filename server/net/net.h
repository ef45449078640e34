/* net.h - the role that talks to clients.
 *
 * Owns an ENet host (shared/link), the peers and what each may see. net_step serves the link once,
 * hands what clients ask for to the tick (inbox.h), reads published frames (frame.h), sends
 * movement at once, and holds back everything that shows lasting changes until it is durable
 * (release_seq). A slow client holds at most backlog_bytes_max; beyond that its messages are given
 * up and the tick sends it a full view later. A hostile one is ended in words. Owner: the net
 * thread; net_facts from any. Memory: reserved at create; packets under held_bytes_max and
 * backlog_bytes_max a peer. */
#ifndef TILTH_NET_NET_H
#define TILTH_NET_NET_H

#include "base/clock.h"
#include "base/ring.h"
#include "base/wake.h"
#include "link/link.h"
#include "net/frame.h"

struct net;

struct net_options {
    struct link_options link;
    struct ring *inbox;               /* to the tick */
    struct frames *frames;            /* from the tick */
    uint32_t reader;                  /* which of the frames' readers this host is */
    uint32_t first_session;           /* the number of its first peer's session */
    const struct generator *unshared; /* where clients do not learn the seed: what makes the land
                                         that goes out with each VIEW; NULL: they make it */
    uint32_t actors_max;
    uint32_t view_cells;        /* how far others are seen */
    uint32_t intents_s_max;     /* a session; the burst is four times as much */
    uint32_t intents_flood_max; /* refused for their rate, in a row (link/limit.h): a flood */
    uint32_t held_bytes_max;    /* waiting for durability, all sessions together */
    uint32_t backlog_bytes_max; /* waiting for a slow client, each; in packets of 1 KiB or more, or
                                   in that many */
    uint32_t handshake_us_max;  /* until AUTH */
    uint32_t malformed_max;     /* messages of one client, until it is sent away */
    struct ring *gallery_requests, *gallery_results; /* gallery_wire.h: to and from the gallery */
    uint32_t image_configs_max, images_max;          /* looks and pictures that are known */
    uint32_t image_bytes_max;                        /* of a file that a client sends */
    uint32_t uploads_max;                            /* such files on their way at once */
    uint32_t uploads_per_address_max;                /* of them from one address */
    uint64_t upload_idle_us;                         /* until one is given up */
    uint32_t uploads_min_max;                        /* of one client in a minute */
    uint32_t image_bytes_s_max;                      /* of pictures, to one client */
    uint32_t in_flight_bytes_max; /* handed to the link for one client and not acknowledged; one
                                     packet may always be */
};

/* Counts since start, and numbers now. */
struct net_facts {
    uint64_t frames, snapshots, intents, inputs;
    uint64_t dropped_inbox_full, intents_over_rate, malformed;
    uint64_t ended_flooding, ended_malformed, given_up;
    uint64_t held_bytes;
    uint32_t peers, playing;
    struct link_facts link;
};

/* Listens. NULL and the error when the address cannot be bound. */
struct net *net_create(const struct net_options *options, struct error *error);
void net_destroy(struct net **net); /* Says nothing to anybody; NULL-safe. */

/* The looks and pictures that this thread knows: to be filled before the first step; frames tell of
 * what comes later. */
struct images *net_images(struct net *net);

/* The world has gone back to an earlier time, on a timeline of its own, and another tick serves it:
 * forgets all that was shown and is waiting, and tells the tick of everybody who is in as if they
 * had just come. The frames and the inbox are empty; net_images is filled next. No step may be
 * under way. */
void net_restart(struct net *net, uint32_t timeline);

/* One round of the loop. `durable_seq`: what may leave now. True when there was something to do. */
bool net_step(struct net *net, struct moment now, uint64_t durable_seq);

/* Takes nobody in any more, tells every client the words and ends its connection; step on until
 * net_facts has no peers, but not longer than about a second. */
void net_say_goodbye(struct net *net, const char *words);

/* What the loop sleeps on: signal it when a frame was published or durable_seq moved. */
struct wake *net_wake(struct net *net);
int net_fd(const struct net *net); /* The socket, for the same sleep. */

/* The facts. */
void net_facts(const struct net *net, struct net_facts *out_facts);

#endif
