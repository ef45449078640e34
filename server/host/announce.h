/* announce.h - what the server itself says to all players, under the name "server".
 *
 * Inside server/host; changes of kind SAID, which do not last. Tick thread. */
#ifndef TILTH_HOST_ANNOUNCE_H
#define TILTH_HOST_ANNOUNCE_H

#include "host/host.h"

/* Says it: 1 to WORLD_SAY_BYTES bytes of plain UTF-8. */
void announce_say(struct host *host, const char *words, uint32_t size_bytes);

/* Once a tick: tells players when changes have been refused for a second because the journal cannot
 * be written or the database is too far behind, and when they are taken again. */
void announce_step(struct host *host);

#endif
