/* connection.h - carries a session's packets over a link, and dials again when it breaks.
 *
 * Owns the link. Attempts are 0.25 s apart at first, then twice as long each time up to 8 s, with
 * a random part so that clients do not all come back at once. One owner thread. */
#ifndef TILTH_CLIENT_CONNECTION_H
#define TILTH_CLIENT_CONNECTION_H

#include "base/rng.h"
#include "link/link.h"
#include "session.h"

enum { CONNECTION_ADDRESS_BYTES = 64 };

struct connection {
    char address[CONNECTION_ADDRESS_BYTES];
    uint16_t port;
    bool is_reconnecting;
    bool is_over; /* no further attempt will be made */
    struct link *link;
    uint32_t peer, generation;
    bool is_connected; /* the link is; the session may still be shaking hands */
    uint64_t retry_us; /* when to dial, if there is no link */
    uint32_t failures; /* attempts since the last welcome */
    struct rng rng;
};

/* Does one round: dial when it is time, receive, run the session, send. */
void tilth_connection_update(struct connection *connection, struct session *session,
                             uint64_t now_us);

/* Tells the server goodbye and closes the link; nothing is waited for. */
void tilth_connection_close(struct connection *connection);

#endif
