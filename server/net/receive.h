/* receive.h - what a client sends, checked and handed to the tick.
 *
 * Inside server/net only. Everything malformed is a strike; intents over the rate are marked, so
 * that the tick refuses them in their order. A flood, of them or of anything else, ends the session
 * in words. */
#ifndef TILTH_NET_RECEIVE_H
#define TILTH_NET_RECEIVE_H

#include "net/peer.h"

/* One packet from a connected peer. */
void receive_packet(struct net *net, const struct link_event *event);

/* Ends the peer if it sends so much that the link has to drop it, and does not stop. */
void receive_check_flood(struct net *net, uint32_t session);

#endif
