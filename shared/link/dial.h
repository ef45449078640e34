/* dial.h - the client's side before a connection: HELLO until a COOKIE comes, or words why not.
 *
 * A state machine without socket and ENet: the link sends what dial_tick gives it, hands it what
 * it hears, and connects when the state is DIAL_COOKIE. One owner thread; see link.c. */
#ifndef TILTH_LINK_DIAL_H
#define TILTH_LINK_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/cookie.h"
#include "link/endpoint.h"

enum { DIAL_TEXT_BYTES = 160, DIAL_RETRY_MS = 500, DIAL_PATIENCE_MS = 10000 };

enum dial_state {
    DIAL_HELLO,     /* asking for a cookie */
    DIAL_COOKIE,    /* got one: `port` and `cookie` say how to go on */
    DIAL_CONNECT,   /* ENet connects */
    DIAL_CONNECTED, /* done */
    DIAL_REFUSED,   /* `text` says why */
    DIAL_OVER,      /* and it was told */
};

struct dial {
    enum dial_state state;
    struct endpoint server;
    struct cookie_versions versions; /* ours */
    uint64_t nonce;                  /* that the next COOKIE must repeat */
    uint64_t deadline_us, hello_at_us;
    uint16_t port;
    uint32_t cookie;
    char text[DIAL_TEXT_BYTES]; /* why not, or why not yet */
};

/* Starts in DIAL_HELLO with a random nonce; patience runs from the first tick on. */
void dial_init(struct dial *dial, struct endpoint server, struct cookie_versions versions);

/* Lets time pass: true when `out_hello` is written and to be sent to the server. */
bool dial_tick(struct dial *dial, uint64_t now_us, uint8_t out_hello[COOKIE_HELLO_BYTES]);

/* Takes a datagram from the server's address; false when it was none that is waited for. */
bool dial_hear(struct dial *dial, const uint8_t *bytes, size_t size_bytes);

/* ENet connects under this id, which is also the nonce of a late refusal. */
void dial_connecting(struct dial *dial, uint32_t connect_id);

/* Ends in DIAL_REFUSED: "no answer from ADDRESS:PORT", or what the server said last. */
void dial_give_up(struct dial *dial);

#endif
