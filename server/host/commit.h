/* commit.h - the durable changes of a tick become one tick record.
 *
 * Inside server/host. Room for the largest record is reserved before anything is decided
 * (tick_inputs_now); where there is none, the tick is read-only and no lasting change is made. A
 * heartbeat record goes out every second when idle. Owner: the tick. */
#ifndef TILTH_HOST_COMMIT_H
#define TILTH_HOST_COMMIT_H

#include "host/host.h"

/* Takes the reserved room, and sets the tick's read-only and store-behind flags. */
void commit_begin(struct host *host);

/* Writes the record, if there is something to keep; afterwards next_seq is one more. */
void commit_run(struct host *host);

#endif
