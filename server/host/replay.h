/* replay.h - running a recording again, without database, network or clock.
 *
 * Reads what recorder.h wrote, gives each tick the same inputs, and compares the world hash after
 * every tick with the recorded one. A recording that was cut short is replayed as far as it goes.
 */
#ifndef TILTH_HOST_REPLAY_H
#define TILTH_HOST_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

struct replay_result {
    uint64_t ticks;
    uint64_t last_tick;
    struct hash128 hash;
    bool is_cut;          /* the file ends in the middle of an entry or of a tick's inputs */
    uint64_t whole_bytes; /* of the entries that are whole */
};

/* Replays the file. False and the error (offset, tick) when it is malformed or when a tick ends in
 * another hash than the recorded one. */
bool replay_run(const char *path, struct replay_result *out_result, struct error *error);

#endif
