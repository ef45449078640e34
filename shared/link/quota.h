/* quota.h - what one client may send, and what it has sent.
 *
 * Each connection of a server has a quota: datagrams, bytes and ENet commands a second. Twice as
 * much may come at once; what goes beyond is dropped, and a client that does not stop is flooding
 * (limit.h): it should be told, and sent away. Pure values, time is a parameter; see link.c. */
#ifndef TILTH_LINK_QUOTA_H
#define TILTH_LINK_QUOTA_H

#include "link/firewall.h"
#include "link/limit.h"

/* 0: the usual. */
struct quota_limits {
    uint32_t datagrams_s; /* 80; but those of nothing but acknowledgements follow what we send */
    uint32_t bytes_s;     /* 16 KiB */
    uint32_t commands_s;  /* 400 */
    uint32_t flood_max;   /* dropped datagrams that make a flood; 200 */
};

/* Zeroed: nothing was sent. */
struct quota {
    struct limit_bucket datagrams, bytes, commands;
    struct limit_excess excess; /* what was dropped */
    bool is_flooding;
    bool is_ending; /* the connection is about to end: nobody listens any more */
};

/* What was asked for, with the usual in place of 0. */
struct quota_limits quota_limits_settle(struct quota_limits asked);

/* Takes a datagram that the firewall has judged: what it says, or FIREWALL_OVER_LIMIT. */
enum firewall_verdict quota_judge(struct quota *quota, const struct quota_limits *limits,
                                  enum firewall_verdict verdict, const struct firewall_load *load,
                                  uint64_t now_us);

/* The connection is about to end: no payload passes any more, and what ends it finds room. */
void quota_end(struct quota *quota);

#endif
