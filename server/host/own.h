/* own.h - telling players what they own, bags and skills, and what others offer to them.
 *
 * Inside server/host. A player gets all of it at the welcome and after a resync, then every change
 * of it in the tick that makes it, ahead of the result that speaks of it; each leaves when it is
 * durable. Nobody else gets it. Owner: the tick. */
#ifndef TILTH_HOST_OWN_H
#define TILTH_HOST_OWN_H

#include <stdint.h>

struct host;

/* Sends a session all that its character owns and is offered. */
void own_send_all(struct host *host, uint32_t session);

/* Once a tick, when all is decided: sends what changed. */
void own_send_changes(struct host *host);

#endif
