/* receive.h - what a client sends, checked and handed to the tick.
 *
 * Inside server/net only. Everything malformed is a strike; intents over the rate are marked, so
 * that the tick refuses them in their order, and a flood of them ends the session. */
#ifndef TILTH_NET_RECEIVE_H
#define TILTH_NET_RECEIVE_H

#include "net/peer.h"

/* One packet from a connected peer. */
void receive_packet(struct net *net, const struct link_event *event);

#endif
