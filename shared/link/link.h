/* link.h - ENet made safe to expose: the same host code for server and client.
 *
 * Wraps one ENet host (one UDP port). Before ENet there is a stateless exchange (HELLO, COOKIE:
 * below) that proves the client's address and speaks versions in words; a firewall in ENet's
 * intercept hook then lets only well-formed datagrams of known peers, or CONNECTs with a valid
 * cookie, reach ENet (docs/decisions/0003-link.md). ENet is served once per link_service, drained
 * with a bound, and flushed once. Events are values, time is a parameter. Threads: one owner per
 * link. Memory: ENet's peers and ENet's own packets, bounded by peers_max and the caller's
 * in-flight limit. */
#ifndef TILTH_LINK_LINK_H
#define TILTH_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "link/quota.h"
#include "wire/version.h"

struct link;
struct link_packet; /* bytes shared by several peers */

enum link_event_kind {
    LINK_CONNECTED,
    LINK_RECEIVED,
    LINK_DISCONNECTED, /* `code` is what the other end gave link_disconnect; 0 when it timed out
                          or when we ended it */
    LINK_REFUSED,      /* client: the server did not take us; `text` says why */
};

struct link_event {
    enum link_event_kind kind;
    uint32_t peer;       /* slot, 0 on a client */
    uint32_t generation; /* of the slot: an old one never matches */
    uint32_t channel;    /* enum wire_channel */
    uint32_t code;
    const uint8_t *bytes; /* RECEIVED: valid until the next link_next or link_service */
    size_t size_bytes;
    char text[160]; /* REFUSED: in words */
};

struct link_options {
    const char *address;               /* IPv4 in dots: to bind to, or of the server */
    uint16_t port;                     /* server: 0 picks a free one; client: the server's */
    uint32_t peers_max;                /* server: 1..4095 */
    uint32_t peers_per_address;        /* server: connected at once, 0 no limit */
    uint32_t hellos_s_max;             /* server: answered in a second, all together; 0: 5,000 */
    uint32_t connects_s_max;           /* server: CONNECTs let through in a second; 0: 500 */
    uint32_t connects_per_address_10s; /* server: of one address in 10 s, 0 no limit */
    uint32_t half_open_max;            /* server: connections not confirmed yet; 0: 256 */
    struct quota_limits client;        /* server: what each client may send */
    uint32_t window_bytes;             /* reliable, under way at once to a peer; 0: 16 KiB */
    uint32_t receive_buffer_bytes; /* socket buffers, 0: 4 MiB on a server, 256 KiB on a client */
    uint16_t version;              /* 0: VERSION_CURRENT; tests try others */
};

/* Counts since start. */
struct link_facts {
    uint64_t datagrams_in, datagrams_out, bytes_in, bytes_out;
    uint64_t hellos, hellos_wrong_version, hellos_over_limit;
    uint64_t dropped_garbage;     /* not HELLO, not ENet, too long, truncated */
    uint64_t dropped_unknown;     /* of no connected peer, without a valid cookie */
    uint64_t dropped_forbidden;   /* ENet commands that clients have no business to send */
    uint64_t dropped_over_limit;  /* allowed, but more than a client may send */
    uint64_t connects_over_limit; /* with a valid cookie, but no place, or too many at once */
    uint32_t peers;
    uint16_t port;
};

/* A server's link. NULL and the error (address, port, reason) when it cannot listen. */
struct link *link_listen(const struct link_options *options, struct error *error);

/* A client's link: starts to connect; CONNECTED, or REFUSED within about 10 s, follows as event. */
struct link *link_dial(const struct link_options *options, struct error *error);
void link_destroy(struct link **link); /* Says goodbye to nobody; NULL-safe. */

/* Once a loop: reads what has arrived (bounded), lets ENet do its resends. `now_us` is monotonic.
 */
void link_service(struct link *link, uint64_t now_us);

/* Takes the next event; false when there is none. */
bool link_next(struct link *link, struct link_event *out_event);

/* Sends everything queued. Once a loop, after the sends. */
void link_flush(struct link *link);

/* A packet for one or many peers: copied once. Reliable unless the channel is CHANNEL_STATE. */
struct link_packet *link_packet_create(const void *bytes, size_t size_bytes,
                                       enum wire_channel channel);
/* What it carries; as long as the caller's reference. */
const void *link_packet_bytes(const struct link_packet *packet);
/* One more reference of the caller's to the packet. */
struct link_packet *link_packet_share(struct link_packet *packet);
void link_packet_release(struct link_packet **packet); /* The caller's reference; NULL-safe. */

/* Queues the packet; false when the peer is not connected under this generation. */
bool link_send(struct link *link, uint32_t peer, uint32_t generation, struct link_packet *packet);

/* Bytes for one peer; reliable unless the channel is CHANNEL_STATE. */
struct link_message {
    enum wire_channel channel;
    const void *bytes;
    size_t size_bytes;
};

/* Create, send, release. */
bool link_send_bytes(struct link *link, uint32_t peer, uint32_t generation,
                     struct link_message message);

/* Reliable bytes handed to ENet for the peer and not yet acknowledged. Keep under 32 KiB. */
uint32_t link_in_flight_bytes(const struct link *link, uint32_t peer);

/* A server's: does the peer send more than a client may, and does not stop? It should be told, and
 * its connection ended. */
bool link_is_flooding(const struct link *link, uint32_t peer);

/* Ends a connection after what is queued was sent; the other end's event carries the code. From now
 * on a server hears nothing from the peer but what ends it. */
void link_disconnect(struct link *link, uint32_t peer, uint32_t generation, uint32_t code);

/* Ends a connection at once: sends what is queued and, behind it, that this end leaves, each once.
 * Waits for no answer, so the caller may destroy the link next. */
void link_leave(struct link *link, uint32_t peer, uint32_t generation, uint32_t code);

/* A server's: closed, it tells every HELLO so and takes nobody new. Peers stay. */
void link_maintenance(struct link *link, bool is_closed);

/* What the signed handshake binds to: ENet's connect id of the peer. */
uint32_t link_connect_id(const struct link *link, uint32_t peer);

/* The peer's address in words: "127.0.0.1:40000". */
void link_address(const struct link *link, uint32_t peer, char out_text[32]);

/* Have both peers the same address, whatever their ports? */
bool link_has_same_address(const struct link *link, uint32_t peer, uint32_t other);

/* Smoothed round trip in milliseconds, by ENet's acknowledgements. */
uint32_t link_round_trip_ms(const struct link *link, uint32_t peer);

/* The socket to poll for reading. */
int link_fd(const struct link *link);

/* The facts. */
void link_facts(const struct link *link, struct link_facts *out_facts);

#endif
