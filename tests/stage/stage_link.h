/* stage_link.h - a stage behind a real link: for tests of whole clients.
 *
 * Serves one client, the latest that connected. One thread, time is a parameter. */
#ifndef TILTH_STAGE_STAGE_LINK_H
#define TILTH_STAGE_STAGE_LINK_H

#include "link/link.h"
#include "stage.h"

struct stage_link {
    struct stage stage;
    struct link *link;
    bool has_peer;
    uint32_t peer, generation;
    uint64_t tick_us; /* when the next tick is due */
};

/* Listens; a port of 0 picks a free one. Returns the port, 0 and the error when it cannot. */
uint16_t stage_link_open(struct stage_link *server, const char *address, uint16_t port,
                         struct error *error);
void stage_link_close(struct stage_link *server); /* Gives all back. */

/* Receives, ticks as often as is due, sends. */
void stage_link_serve(struct stage_link *server, uint64_t now_us);

#endif
