/* retell.h - all looks and pictures told anew, when a frame had no room for a change of one.
 *
 * Inside server/host. Net goes by a copy of the world's table (net/bulk.h) that moves with the
 * frames; without a change, which may be a ban, it begins anew and empty. A part of the table goes
 * into each frame that follows, so that a tick has little to do; what changes meanwhile is told as
 * always. Owner: the tick. */
#ifndef TILTH_HOST_RETELL_H
#define TILTH_HOST_RETELL_H

#include <stdbool.h>
#include <stdint.h>

struct host;

/* How far it has come: places in the table. */
struct retell {
    bool is_on;
    uint32_t next_image, next_config;
};

/* Once a tick, when the changes of the tick are in the frame. */
void retell_step(struct host *host);

#endif
