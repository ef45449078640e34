/* admit.h - the handshake, server side: HELLO, CHALLENGE, AUTH, and then the tick decides.
 *
 * Inside server/net only. Nothing here touches database or world: a name's owner is the tick's
 * question. Costs one signature check an AUTH. */
#ifndef TILTH_NET_ADMIT_H
#define TILTH_NET_ADMIT_H

#include "net/peer.h"

/* A HELLO or AUTH from a peer that is not in yet. A wrong one ends the connection in words. */
void admit_message(struct net *net, uint32_t session, const struct message *message);

/* One that was in asks for its player again, of a tick that does not know it. */
void admit_again(struct net *net, uint32_t session);

/* Ends the peers that did not finish the handshake in time. */
void admit_check_time(struct net *net, uint32_t session);

#endif
