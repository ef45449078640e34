/* The unreliable messages: inputs from clients, snapshots from servers. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/ensure.h"
#include "wire/state.h"

static void check_inputs(const uint8_t *bytes, size_t size_bytes)
{
    struct state_inputs inputs = {.newest = 70000};
    struct state_inputs before = inputs;
    if (!state_decode_inputs(bytes, size_bytes, &inputs)) {
        ensure(memcmp(&inputs, &before, sizeof inputs) == 0);
        return;
    }
    ensure(inputs.count >= 1 && inputs.count <= STATE_INPUTS_MAX);
    for (uint32_t i = 0; i < inputs.count; i++)
        ensure(inputs.directions[i] <= 8);
    uint8_t again[STATE_BYTES_MAX];
    ensure(state_encode_inputs(&inputs, again, sizeof again) == size_bytes);
    ensure(memcmp(again, bytes, size_bytes) == 0);
}

static void check_snapshot(const uint8_t *bytes, size_t size_bytes)
{
    static struct state_snapshot snapshot;
    snapshot = (struct state_snapshot){.number = 70000};
    if (!state_decode_snapshot(bytes, size_bytes, &snapshot))
        return;
    ensure(snapshot.actor_count <= STATE_ACTORS_MAX);
    bool are_all_near = true;
    for (uint32_t i = 0; i < snapshot.actor_count; i++) {
        ensure(snapshot.actors[i].direction <= 8 && snapshot.actors[i].life <= 15);
        are_all_near = are_all_near && state_is_near(snapshot.pos, snapshot.actors[i].pos);
    }
    for (uint32_t i = 0; i < snapshot.news.size_bytes; i++)
        ensure(snapshot.news.bytes + i < bytes + size_bytes);
    uint8_t again[STATE_BYTES_MAX];
    /* the outermost pattern says a place that no server sends */
    if (are_all_near && size_bytes <= sizeof again)
        ensure(state_encode_snapshot(&snapshot, again, sizeof again) == size_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    check_inputs(bytes, size_bytes);
    check_snapshot(bytes, size_bytes);
    return 0;
}
