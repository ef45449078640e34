/* snapshot.h - movement to clients: one self-contained datagram a session and frame.
 *
 * Inside server/net only. Movement is not kept and not held back. Names of actors travel on the
 * control channel, once for each actor that a client sees for the first time; that of a new player
 * when its account is durable. */
#ifndef TILTH_NET_SNAPSHOT_H
#define TILTH_NET_SNAPSHOT_H

#include "net/interest.h"
#include "net/peer.h"

/* Sends every playing session its snapshot of the frame. */
void snapshot_send_all(struct net *net, const struct frame *frame);

#endif
