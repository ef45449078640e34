/* firewall.h - says of a raw datagram whether it may reach ENet.
 *
 * ENet 1.3.17 believes what it parses: one datagram can make it take megabytes (fragments), hold
 * packets that never complete (sequences far ahead) or answer hundreds of pings. What passes here
 * holds only whole commands that our own ENet at the other end would send. Pure functions on bytes;
 * the layout is ENet's include/enet/protocol.h and protocol.c, 1.3.17. docs/decisions/0003-link.md
 * says which weakness each rule answers. Any thread; see link.c for the use. */
#ifndef TILTH_LINK_FIREWALL_H
#define TILTH_LINK_FIREWALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/version.h"

enum {
    FIREWALL_COMMANDS_MAX = 32, /* in a datagram: what ENet itself sends at most */
    FIREWALL_LEAD_MAX = 512,    /* reliable commands ahead of the next expected, from a client */
    FIREWALL_PACKET_BYTES_MAX = 256 * 1024,
    FIREWALL_FRAGMENTS_MAX = 512, /* of a packet: FIREWALL_PACKET_BYTES_MAX at the smallest MTU */
    FIREWALL_CONNECT_BYTES = 52,  /* of a datagram that holds a CONNECT and nothing else */
};

enum firewall_verdict {
    FIREWALL_PASS,
    FIREWALL_CONSUMED,   /* it was for us, ENet need not see it */
    FIREWALL_GARBAGE,    /* not a datagram of this protocol */
    FIREWALL_UNKNOWN,    /* of nobody we know */
    FIREWALL_FORBIDDEN,  /* well-formed, and nothing that the other end has to send */
    FIREWALL_OVER_LIMIT, /* allowed, but too much of it */
};

enum firewall_kind {
    FIREWALL_KIND_GARBAGE,
    FIREWALL_KIND_HANDSHAKE, /* HELLO or COOKIE: cookie.h */
    FIREWALL_KIND_CONNECT,   /* of no peer yet: check with firewall_check_connect */
    FIREWALL_KIND_PEER,      /* of a peer: check with firewall_check_commands */
};

/* What ENet's header says of the sender. */
struct firewall_header {
    uint16_t peer;   /* slot at the receiver */
    uint8_t session; /* 0..3 */
};

struct firewall_connect {
    uint32_t connect_id; /* as in memory, ENet does not turn it */
    uint32_t data;       /* the cookie */
};

/* Who sends the commands, as the receiver knows it. */
struct firewall_sender {
    bool is_client;                    /* what servers may send differs */
    uint16_t sequences[CHANNEL_COUNT]; /* last reliable number taken in, by channel */
};

struct firewall_load {
    uint32_t commands;
    uint32_t size_bytes; /* of the datagram */
    bool has_acks_only;
    bool has_payload;
    bool has_disconnect;
};

/* Sorts the datagram; `out_header` is written for FIREWALL_KIND_PEER. */
enum firewall_kind firewall_sort(const uint8_t *bytes, size_t size_bytes,
                                 struct firewall_header *out_header);

/* Is it one CONNECT of our client? The cookie is for the caller to check. */
enum firewall_verdict firewall_check_connect(const uint8_t *bytes, size_t size_bytes,
                                             struct firewall_connect *out_connect);

/* May the commands pass? `out_load` is written when they may. */
enum firewall_verdict firewall_check_commands(const uint8_t *bytes, size_t size_bytes,
                                              const struct firewall_sender *sender,
                                              struct firewall_load *out_load);

#endif
