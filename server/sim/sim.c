#include "sim/sim.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"

enum {
    ID_STREAM_MAX = 127,
    ID_STREAM_SHIFT = 56,
    ID_SEQ_SHIFT = 20,
    ID_BIRTHS_MAX = 1 << ID_SEQ_SHIFT,
    MARKS_ROOM = 2, /* a change, and the mark of its chunk */
};

void sim_init(struct sim *sim, struct world *world, uint32_t log_max, uint32_t span_bytes)
{
    *sim = (struct sim){.world = world, .log_max = log_max};
    sim->log = memory_reserve("changes", log_max, sizeof *sim->log);
    sim->works = memory_reserve("works", world->actors_max, sizeof *sim->works);
    arena_init(&sim->spans, memory_reserve("changes", span_bytes, 1), span_bytes);
}

void sim_finish(struct sim *sim)
{
    memory_release(sim->log);
    memory_release(sim->works);
    memory_release(sim->spans.memory);
    *sim = (struct sim){0};
}

void sim_begin(struct sim *sim, uint64_t tick, uint64_t seq)
{
    ensure(seq > 0 && seq >> (ID_STREAM_SHIFT - ID_SEQ_SHIFT) == 0); /* ids are made of it */
    sim->tick = tick;
    sim->seq = seq;
    sim->births = 0;
    sim->lasting = 0;
    sim->marks = 0;
    sim->log_count = 0;
    arena_reset(&sim->spans);
    log_crumb("tick", tick, seq);
}

/* Each intent's changes may touch as many chunks, each of which gets a mark, and one character. */
bool sim_has_room(const struct sim *sim)
{
    uint32_t worst = sim->log_count + sim->marks + SIM_CHANGES_PER_INTENT_MAX * MARKS_ROOM;
    return worst + sim->log_reserve <= sim->log_max &&
           sim->births + SIM_CHANGES_PER_INTENT_MAX < ID_BIRTHS_MAX &&
           sim->spans.size_bytes - sim->spans.used_bytes >= SIM_SPAN_BYTES_PER_INTENT_MAX;
}

void sim_change(struct sim *sim, const struct change *change)
{
    struct chunk_pos touched[CHANGE_CHUNKS_MAX];
    world_apply(sim->world, change);
    if (change->kind == CHANGE_ACTOR)
        return; /* published as a table, every tick */
    ensure(sim->log_count < sim->log_max);
    struct change *kept = &sim->log[sim->log_count];
    *kept = *change;
    bool fits = schema_keep_spans(change_schema(kept->kind), change_record_of(kept), &sim->spans);
    ensure(fits); /* sim_has_room was asked */
    sim->log_count++;
    sim->lasting += (change_schema(change->kind)->flags & CHANGE_LASTS) != 0;
    if (change_schema(change->kind)->flags & CHANGE_IN_CHUNK)
        sim->marks += change_chunks(change, touched);
    log_crumb(change_schema(change->kind)->name, sim->tick, sim->log_count);
}

uint64_t sim_new_id(struct sim *sim)
{
    ensure(sim->births + 1 < ID_BIRTHS_MAX);
    ensure(sim->stream <= ID_STREAM_MAX);
    return (uint64_t)sim->stream << ID_STREAM_SHIFT | sim->seq << ID_SEQ_SHIFT | sim->births++;
}

static void seal_chunk(struct sim *sim, struct chunk_pos pos)
{
    const struct chunk *chunk = world_find_chunk(sim->world, pos);
    ensure(chunk != NULL); /* what changed in this tick stays */
    if (chunk->version == sim->seq)
        return;
    struct change mark = {.kind = CHANGE_CHUNK};
    mark.chunk = (struct change_chunk){pos, sim->seq, chunk->hash, chunk->version};
    sim_change(sim, &mark);
}

void sim_seal(struct sim *sim)
{
    uint32_t count = sim->log_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct change *change = &sim->log[i];
        struct chunk_pos touched[CHANGE_CHUNKS_MAX];
        if (!(change_schema(change->kind)->flags & CHANGE_IN_CHUNK))
            continue;
        uint32_t touched_count = change_chunks(change, touched);
        for (uint32_t j = 0; j < touched_count; j++)
            seal_chunk(sim, touched[j]);
    }
}
