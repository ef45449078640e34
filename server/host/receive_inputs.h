/* receive_inputs.h - what other threads have for this tick, taken from their rings and recorded.
 *
 * Inside server/host. Bounded: at most intents_per_tick_max intents; the rest stays in the ring for
 * the next tick. Owner: the tick. */
#ifndef TILTH_HOST_RECEIVE_INPUTS_H
#define TILTH_HOST_RECEIVE_INPUTS_H

#include "host/host.h"

/* Takes results, console lines and the inbox; intents are queued by session, the rest acts at once.
 */
void receive_inputs(struct host *host);

/* The end of the tick: what was read from the inbox may be overwritten. */
void receive_inputs_release(struct host *host);

#endif
