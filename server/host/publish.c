#include "host/publish.h"

#include <string.h>

#include "base/ensure.h"
#include "host/retell.h"
#include "wire/state.h"

static int8_t slack_of(const struct session *session)
{
    int32_t waiting = (int32_t)(session->input_newest - session->input_applied);
    if (session->starving_ticks > 0)
        waiting = -(int32_t)session->starving_ticks;
    if (waiting < -8)
        return -8;
    return (int8_t)(waiting > 7 ? 7 : waiting);
}

/* In steps of STATE_WORK_DONE, of which the first has begun; 0: not busy. */
static uint8_t work_of(const struct sim *sim, uint32_t actor)
{
    const struct work *work = &sim->works[actor];
    if (work->kind != WORK_HARVEST)
        return 0;
    uint64_t step = (sim->tick - work->since) * STATE_WORK_DONE / (work->until - work->since);
    return (uint8_t)(step < STATE_WORK_DONE ? step + 1 : STATE_WORK_DONE);
}

static void add_actor(struct host *host, struct frame *frame, uint32_t index)
{
    const struct session *session = &host->sessions[index];
    const struct actor *actor = &host->world.actors[index];
    struct frame_actor *out = &frame->actors[frame->actor_count++];
    *out = (struct frame_actor){
        .pos = actor->pos,
        .actor = (uint16_t)index,
        .life = session->life,
        .direction = actor->direction,
        .work = work_of(&host->sim, index),
        .session = (int32_t)index,
        .generation = session->generation,
        .input = session->input_applied,
        .slack = slack_of(session),
        .named_seq = session->welcome_seq,
    };
    memcpy(out->name, host->world.characters[session->character].name, sizeof out->name);
}

static void add_mark(struct host *host, const struct change_chunk *mark)
{
    struct frame_mark added = {mark->chunk, mark->before, mark->version, mark->hash};
    (void)frame_add_mark(host->options.frames, &added);
}

static void add_changes(struct host *host)
{
    for (uint32_t i = 0; i < host->sim.log_count; i++) {
        const struct change *change = &host->sim.log[i];
        bool is_seen = change->kind == CHANGE_SAID || change->kind == CHANGE_IMAGE_CONFIG ||
                       change->kind == CHANGE_IMAGE || change->kind == CHANGE_IMAGE_BAN ||
                       (change_schema(change->kind)->flags & CHANGE_IN_CHUNK) != 0;
        if (is_seen)
            (void)frame_add_change(host->options.frames, change);
        else if (change->kind == CHANGE_CHUNK)
            add_mark(host, &change->chunk);
    }
}

void publish_run(struct host *host)
{
    struct frame *frame = frame_filling(host->options.frames);
    frame->tick = host->tick;
    frame->seq = host->next_seq - 1;
    frame->actor_count = 0;
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        if (host->sessions[i].state == SESSION_PLAYING)
            add_actor(host, frame, i);
    }
    add_changes(host);
    retell_step(host);
    (void)frame_publish(host->options.frames, host->inputs.frames_passed);
    host->facts.changes += host->sim.log_count;
}
