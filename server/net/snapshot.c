#include "net/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"

enum { FOUND_MAX = 2048, BY_TURNS = 40 /* in a crowd, of those who are not the nearest */ };

struct candidate {
    uint64_t distance2;
    uint16_t index; /* into frame->actors */
};

static int order_candidates(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->distance2 != right->distance2)
        return left->distance2 > right->distance2 ? 1 : -1;
    return (int)left->index - (int)right->index;
}

struct crowd {
    uint16_t *found; /* [count] indices into frame->actors */
    uint32_t count;
    uint32_t room; /* so many can be told of: less than count */
};

/* The nearest always, and the others by turns: reorders `found`. */
static void choose_in_crowd(struct peer *peer, const struct frame *frame, struct world_pos pos,
                            const struct crowd *crowd)
{
    uint16_t *found = crowd->found;
    uint32_t count = crowd->count, nearest = crowd->room - BY_TURNS;
    struct candidate candidates[FOUND_MAX];
    for (uint32_t i = 0; i < count; i++)
        candidates[i] =
            (struct candidate){grid_distance2(pos, frame->actors[found[i]].pos), found[i]};
    qsort(candidates, count, sizeof candidates[0], order_candidates);
    uint32_t others = count - nearest;
    ensure(crowd->room >= BY_TURNS && others > 0);
    for (uint32_t i = 0; i < nearest; i++)
        found[i] = candidates[i].index;
    for (uint32_t i = 0; i < others; i++)
        found[nearest + i] = candidates[nearest + (peer->turn + i) % others].index;
    peer->turn = (peer->turn + BY_TURNS) % others;
}

/* Tells one player of an actor's slot from the next; never 0. */
static uint16_t who_is(const struct frame_actor *actor)
{
    return (uint16_t)(actor->generation << 1 | 1);
}

static void tell_name(struct net *net, uint32_t session, const struct frame_actor *actor)
{
    struct peer *peer = &net->peers[session];
    struct packet packet;
    struct message message = {.kind = MESSAGE_NAMED};
    message.named = (struct message_named){
        actor->actor, actor->life, {(const uint8_t *)actor->name, (uint32_t)strlen(actor->name)}};
    framing_init(&packet, net->packet_bytes, NET_PACKET_BYTES);
    ensure(message_add(&packet, &message));
    struct link_packet *shared =
        link_packet_create(packet.bytes, packet.size_bytes, CHANNEL_CONTROL);
    if (peer_send(net, session, shared, (uint32_t)packet.size_bytes))
        peer->told[actor->actor] = who_is(actor);
    link_packet_release(&shared);
}

static void list_others(struct net *net, const struct frame *frame, const struct frame_actor *self,
                        struct state_snapshot *snapshot)
{
    uint32_t session = (uint32_t)self->session - net->options.first_session;
    struct peer *peer = &net->peers[session];
    uint16_t found[FOUND_MAX];
    struct interest_area area = {self->pos, net->options.view_cells, FOUND_MAX};
    uint32_t count = interest_query(net->interest, &area, found);
    uint32_t actors_max = state_actors_beside(snapshot->news.size_bytes);
    if (count > actors_max + 1)
        choose_in_crowd(peer, frame, self->pos, &(struct crowd){found, count, actors_max});
    snapshot->is_complete = count <= actors_max + 1;
    for (uint32_t i = 0; i < count && snapshot->actor_count < actors_max; i++) {
        const struct frame_actor *actor = &frame->actors[found[i]];
        if (actor == self || !state_is_near(self->pos, actor->pos))
            continue;
        bool is_told = peer->told[actor->actor] == who_is(actor);
        if (!is_told && actor->named_seq <= net->durable_seq)
            tell_name(net, session, actor);
        snapshot->actors[snapshot->actor_count++] = (struct state_actor){
            actor->actor, actor->life, actor->direction, actor->pos, actor->work};
    }
}

static void snapshot_send(struct net *net, const struct frame *frame,
                          const struct frame_actor *self)
{
    uint32_t session = (uint32_t)self->session - net->options.first_session;
    struct peer *peer = peer_find(net, session, self->generation);
    uint8_t bytes[STATE_BYTES_MAX];
    struct state_snapshot snapshot;
    if (peer == NULL || peer->state != PEER_PLAYING)
        return;
    snapshot.number = ++peer->snapshots;
    snapshot.tick = (uint32_t)frame->tick;
    snapshot.input = self->input;
    snapshot.slack = self->slack;
    snapshot.work = self->work;
    snapshot.pos = self->pos;
    snapshot.actor_count = 0;
    snapshot.news = (struct span){peer->news.bytes, peer->news.size_bytes};
    peer->pos = self->pos;
    list_others(net, frame, self, &snapshot);
    size_t size = state_encode_snapshot(&snapshot, bytes, sizeof bytes);
    ensure(size > 0);
    news_told(&peer->news);
    net->facts.snapshots++;
    struct link_message out = {CHANNEL_STATE, bytes, size};
    (void)link_send_bytes(net->link, session, peer->generation, out);
}

void snapshot_send_all(struct net *net, const struct frame *frame)
{
    interest_build(net->interest, frame);
    for (uint32_t i = 0; i < frame->actor_count; i++) {
        if (frame->actors[i].session != FRAME_NO_SESSION)
            snapshot_send(net, frame, &frame->actors[i]);
    }
}
