/* spread.h - from published frames to packets, and from the held queue to peers.
 *
 * Inside server/net only. A chunk's changes are encoded once a frame and the same packet goes to
 * everyone who sees the chunk; a client whose version does not connect gets a fresh VIEW. */
#ifndef TILTH_NET_SPREAD_H
#define TILTH_NET_SPREAD_H

#include "net/peer.h"

/* Puts a frame's envelopes and changes into the held queue, and says at once what needs no holding
 * (chat). */
void spread_frame(struct net *net, const struct frame *frame);

/* Sends what is durable now. */
void spread_release(struct net *net, uint64_t durable_seq);

#endif
