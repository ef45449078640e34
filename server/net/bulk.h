/* bulk.h - what clients ask about pictures: looks, pictures out, pictures in.
 *
 * Inside server/net. Looks are answered from a copy of the world's table, which moves with the
 * frames. Pictures come from the gallery (gallery_wire.h); a client has a rate for them, and they
 * go out only while nothing else waits for it. A file comes in slices, as far as the client was
 * given credit, and goes to the gallery whole; one of which nothing comes is given up, since it
 * keeps a place, of which an address has a few. The tick has no part in it but keeping what the
 * gallery has made. Memory: uploads_max files, reserved at init. */
#ifndef TILTH_NET_BULK_H
#define TILTH_NET_BULK_H

#include "net/peer.h"

enum { BULK_ASKS_S_MAX = 100 }; /* of one client */

/* Reserves the uploads and the table. */
void bulk_init(struct net *net);
void bulk_finish(struct net *net); /* Gives the memory back. */

/* Is a message of the kind for bulk_take? */
bool bulk_is_asked(enum message_kind kind);

/* A message of a playing client that is about pictures. */
void bulk_take(struct net *net, uint32_t session, const struct message *message);

/* Once a round: what the gallery says, credit, and what has its turn now. True when there was
 * something. */
bool bulk_step(struct net *net);

/* The table. */
struct images *bulk_images(struct net *net);

/* Moves the table with the changes of a frame. Where one of them is missing it begins anew, empty:
 * the tick tells all that it has in the frames that follow. */
void bulk_learn(struct net *net, const struct frame *frame);

/* The client is gone. */
void bulk_forget(struct net *net, uint32_t session);

#endif
