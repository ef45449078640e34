/* publish.h - what a tick shows: fills the frame and hands it to net.
 *
 * Inside server/host. Owner: the tick. */
#ifndef TILTH_HOST_PUBLISH_H
#define TILTH_HOST_PUBLISH_H

#include "host/host.h"

/* Adds actors and this tick's changes to the filling frame and publishes it. */
void publish_run(struct host *host);

#endif
