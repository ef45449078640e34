#include "host/tick.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "host/announce.h"
#include "host/commit.h"
#include "host/pictures.h"
#include "host/own.h"
#include "host/publish.h"
#include "host/receive_inputs.h"
#include "sim/lapse.h"
#include "sim/rules.h"

enum { STARVING_MS_MAX = 250, INPUT_BACKLOG_MAX = 12, INPUT_BACKLOG_KEPT = 3 };

static void decide_one(struct host *host, uint32_t session, const struct inbox_intent *queued)
{
    struct intent intent = {.kind = (enum intent_kind)queued->kind};
    const struct schema *schema = intent_schema(intent.kind);
    const uint8_t *body = (const uint8_t *)(queued + 1);
    if (queued->number <= host->sessions[session].last_intent)
        return; /* sent again after a resync: it was answered */
    ensure(codec_decode_body(body, queued->head.size_bytes, schema, intent_record_of(&intent)));
    enum refusal refusal = REFUSAL_TOO_FAST;
    if (!queued->is_over_rate && sim_has_room(&host->sim))
        refusal = rules_decide(&host->sim, session, &intent);
    if (refusal == SIM_UNDER_WAY)
        session_begin_work(host, session, queued->number);
    else
        session_answer(host, session, queued->number, refusal);
}

/* Each intent in session and sequence order: a rule makes changes, or refuses. What finds no room
 * in this tick's record is refused too: the client may ask again. */
static void decide(struct host *host)
{
    for (uint32_t i = 0; i < host->options.limits.sessions_max && host->queued > 0; i++) {
        struct session *session = &host->sessions[i];
        for (int32_t at = session->first_intent; at != SESSION_NONE; at = host->queue[at].next) {
            if (session->state != SESSION_PLAYING)
                continue;
            decide_one(host, i, host->queue[at].intent);
        }
        session->first_intent = SESSION_NONE;
        session->last_queued = SESSION_NONE;
    }
    host->queued = 0;
}

/* The direction of the next input; where it is missing the last one holds on for a while. */
static enum direction next_direction(struct host *host, uint32_t index)
{
    struct session *session = &host->sessions[index];
    enum direction held = (enum direction)host->world.actors[index].direction;
    /* negative when late inputs were counted as applied */
    int32_t waiting = (int32_t)(session->input_newest - session->input_applied);
    if (waiting > INPUT_BACKLOG_MAX) {
        session->input_applied = session->input_newest - INPUT_BACKLOG_KEPT;
        waiting = INPUT_BACKLOG_KEPT;
    }
    if (waiting > 0) {
        session->starving_ticks = 0;
        session->input_applied++;
        return (enum direction)session->inputs[session->input_applied % SESSION_INPUTS];
    }
    session->starving_ticks++;
    if (held == DIRECTION_NONE ||
        session->starving_ticks * 1000 > STARVING_MS_MAX * host->options.limits.tick_hz)
        return DIRECTION_NONE;
    session->input_applied++; /* the late input counts as applied */
    return held;
}

static void advance_movement(struct host *host)
{
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        if (host->sessions[i].state != SESSION_PLAYING)
            continue;
        struct intent move = {.kind = INTENT_MOVE};
        move.move.direction = next_direction(host, i);
        bool is_still = host->world.actors[i].direction == DIRECTION_NONE;
        if (move.move.direction != DIRECTION_NONE || !is_still)
            (void)rules_decide(&host->sim, i, &move);
    }
}

/* What players are busy with goes on, behind their movement, which ends it. */
static void advance_work(struct host *host)
{
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        if (host->sessions[i].state != SESSION_PLAYING || host->sim.works[i].kind == WORK_NONE)
            continue;
        enum refusal refusal = rules_go_on(&host->sim, i);
        if (refusal != SIM_UNDER_WAY)
            session_answer(host, i, host->sessions[i].work, refusal);
    }
}

/* What grows, and what is gone in time. */
static void advance_nature(struct host *host)
{
    lapse_step(&host->sim);
}

/* What moves by itself, in this order. */
struct tick_system {
    void (*advance)(struct host *host);
};

static const struct tick_system tick_systems[] = {
    {session_step_joining},
    {advance_movement},
    {advance_work},
    {advance_nature},
};

static void advance(struct host *host)
{
    for (size_t i = 0; i < sizeof tick_systems / sizeof tick_systems[0]; i++)
        tick_systems[i].advance(host);
}

struct tick_inputs tick_inputs_now(struct host *host, struct tick_seqs seqs, struct moment now)
{
    struct journal *journal = host->options.journal;
    bool has_room = journal_reserve(journal, RECORD_PAYLOAD_BYTES_MAX) != NULL;
    return (struct tick_inputs){
        .applied_seq = seqs.applied_seq,
        .durable_seq = seqs.durable_seq,
        .frames_passed = frame_passed(host->options.frames),
        .is_read_only = !has_room || journal_is_read_only(journal),
        .is_disowned = seqs.is_disowned,
        .wall_us = now.wall_us,
    };
}

/* One character a tick leaves memory if it may. */
static void sweep_character(struct host *host)
{
    host->sweep = (host->sweep + 1) % host->world.character_pool.capacity;
    (void)session_let_go(host, host->sweep);
}

static void publish_facts(struct host *host)
{
    struct host_facts *facts = &host->facts;
    facts->tick = host->tick;
    facts->seq = host->next_seq - 1;
    facts->applied_seq = host->inputs.applied_seq;
    facts->chunks = host->world.chunk_pool.used;
    facts->entities = host->world.entity_pool.used;
    facts->characters = host->world.character_pool.used;
    facts->hash = host->world.hash;
    facts->residency = host->residency.facts;
    facts->is_read_only = host->sim.is_read_only;
    facts->is_store_behind = host->sim.is_store_behind;
    facts->sessions = 0;
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++)
        facts->sessions += host->sessions[i].state == SESSION_PLAYING;
    board_publish(&host->board, facts, sizeof *facts);
}

static void record_hash(struct host *host)
{
    struct recorder_hash hash = {host->tick, host->world.hash};
    if (host->options.recorder != NULL)
        recorder_add(host->options.recorder, RECORDER_HASH, &hash, sizeof hash);
}

void tick_run(struct host *host, const struct tick_inputs *inputs)
{
    host->tick++;
    host->inputs = *inputs;
    commit_begin(host);
    sim_begin(&host->sim, host->tick, host->next_seq);
    host->sim.time_s = (uint32_t)(inputs->wall_us / 1000000);

    announce_step(host);
    receive_inputs(host);
    /* before anything changes: a chunk leaves memory only when all its changes are applied */
    residency_step(&host->residency, host->tick, host->inputs.applied_seq);
    decide(host);
    advance(host);
    session_keep_characters(host);
    sim_seal(&host->sim);
    own_send_changes(host);
    pictures_tell_bans(host);
    commit_run(host);
    view_step(host);
    publish_run(host);
    receive_inputs_release(host);
    sweep_character(host);
    publish_facts(host);
    record_hash(host);
}
