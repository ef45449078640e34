#include "net/spread.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"

/* Everybody's view is in doubt: something of a frame could not be kept. */
static void give_up_all(struct net *net, const char *why)
{
    log_warning("net", "%s: all clients get a full view", why);
    for (uint32_t i = 0; i < net->peers_max; i++) {
        if (net->peers[i].state == PEER_PLAYING)
            peer_give_up(net, i);
    }
}

static void hold(struct net *net, struct held_item *item)
{
    if (held_push(&net->held, item))
        return;
    link_packet_release(&item->packet);
    struct peer *peer = peer_find(net, item->session, item->generation);
    if (item->kind == HELD_CHANGES)
        return; /* the next changes of the chunk will not connect: a VIEW is asked for then */
    if (peer != NULL)
        peer_give_up(net, item->session);
}

static struct link_packet *view_packet(struct net *net, const struct frame *frame,
                                       const struct envelope *envelope, uint32_t *out_size)
{
    struct packet packet;
    struct message message = {.kind = MESSAGE_VIEW};
    const uint8_t *content = frame->bytes.memory + envelope->offset;
    message.view = (struct message_view){
        .chunk = envelope->chunk,
        .version = envelope->version,
        .hash = envelope->hash,
        .content = {content, envelope->size_bytes},
        .base = {content, 0},
    };
    framing_init(&packet, net->packet_bytes, NET_PACKET_BYTES);
    ensure(message_add(&packet, &message));
    *out_size = (uint32_t)packet.size_bytes;
    return link_packet_create(packet.bytes, packet.size_bytes, CHANNEL_WORLD);
}

static struct link_packet *forget_packet(struct net *net, struct chunk_pos chunk,
                                         uint32_t *out_size)
{
    struct packet packet;
    struct message message = {.kind = MESSAGE_FORGET};
    message.forget.chunk = chunk;
    framing_init(&packet, net->packet_bytes, NET_PACKET_BYTES);
    ensure(message_add(&packet, &message));
    *out_size = (uint32_t)packet.size_bytes;
    return link_packet_create(packet.bytes, packet.size_bytes, CHANNEL_WORLD);
}

static void hold_envelope(struct net *net, const struct frame *frame,
                          const struct envelope *envelope)
{
    struct held_item item = {
        .kind = HELD_ENVELOPE,
        .envelope = envelope->kind,
        .session = envelope->session,
        .generation = envelope->generation,
        .release_seq = envelope->release_seq,
        .chunk = envelope->chunk,
        .to = envelope->version,
        .size_bytes = envelope->size_bytes,
    };
    if (peer_find(net, envelope->session, envelope->generation) == NULL)
        return;
    if (envelope->kind == ENVELOPE_VIEW)
        item.packet = view_packet(net, frame, envelope, &item.size_bytes);
    else if (envelope->kind == ENVELOPE_FORGET)
        item.packet = forget_packet(net, envelope->chunk, &item.size_bytes);
    else
        item.packet =
            link_packet_create(frame->bytes.memory + envelope->offset, envelope->size_bytes,
                               (enum wire_channel)envelope->channel);
    hold(net, &item);
}

/* The framed changes of one chunk, its CHUNK mark last, as a CHANGES message. */
static struct link_packet *changes_packet(struct net *net, const struct frame *frame,
                                          const struct frame_mark *mark, uint32_t *out_size)
{
    struct packet body, packet;
    bool fits = true;
    framing_init(&body, net->packet_bytes, 1 << 16);
    for (uint32_t i = 0; i < frame->change_count && fits; i++) {
        const struct change *change = &frame->changes[i];
        if ((change_schema(change->kind)->flags & CHANGE_IN_CHUNK) &&
            grid_is_same_chunk(grid_chunk_of(change_cell(change)), mark->chunk))
            fits = framing_add_change(&body, change);
    }
    struct change last = {.kind = CHANGE_CHUNK};
    last.chunk = (struct change_chunk){mark->chunk, mark->to, mark->hash, mark->from};
    if (!fits || !framing_add_change(&body, &last))
        return NULL; /* more than a message holds: a VIEW says it better */

    struct message message = {.kind = MESSAGE_CHANGES};
    message.changes = (struct message_changes){
        mark->chunk, mark->from, mark->to, {body.bytes, (uint32_t)body.size_bytes}};
    framing_init(&packet, net->packet_bytes + (1 << 16), NET_PACKET_BYTES - (1 << 16));
    if (!message_add(&packet, &message))
        return NULL;
    *out_size = (uint32_t)packet.size_bytes;
    return link_packet_create(packet.bytes, packet.size_bytes, CHANNEL_WORLD);
}

static void hold_changes(struct net *net, const struct frame *frame, const struct frame_mark *mark)
{
    struct held_item item = {
        .kind = HELD_CHANGES,
        .session = UINT32_MAX,
        .release_seq = mark->to,
        .chunk = mark->chunk,
        .from = mark->from,
        .to = mark->to,
    };
    item.packet = changes_packet(net, frame, mark, &item.size_bytes);
    hold(net, &item);
}

/* Chat shows nothing lasting: it goes to all at once. */
static void say_to_all(struct net *net, const struct change_said *said)
{
    struct packet packet;
    struct message message = {.kind = MESSAGE_HEARD};
    message.heard = (struct message_heard){said->name, said->text};
    framing_init(&packet, net->packet_bytes, NET_PACKET_BYTES);
    ensure(message_add(&packet, &message));
    struct link_packet *shared =
        link_packet_create(packet.bytes, packet.size_bytes, CHANNEL_CONTROL);
    for (uint32_t i = 0; i < net->peers_max; i++) {
        if (net->peers[i].state == PEER_PLAYING)
            (void)peer_send(net, i, shared, (uint32_t)packet.size_bytes);
    }
    link_packet_release(&shared);
}

void spread_frame(struct net *net, const struct frame *frame)
{
    for (uint32_t i = 0; i < frame->envelope_count; i++)
        hold_envelope(net, frame, &frame->envelopes[i]);
    for (uint32_t i = 0; i < frame->change_count; i++) {
        if (frame->changes[i].kind == CHANGE_SAID)
            say_to_all(net, &frame->changes[i].said);
    }
    if (frame->is_cut)
        give_up_all(net, "a frame was too small for its changes");
    else
        for (uint32_t i = 0; i < frame->mark_count; i++)
            hold_changes(net, frame, &frame->marks[i]);
}

static void view_forget(struct peer *peer, struct chunk_pos chunk)
{
    struct peer_view *view = peer_find_view(peer, chunk);
    if (view != NULL)
        *view = peer->views[--peer->view_count];
}

static void view_set(struct net *net, uint32_t session, struct chunk_pos chunk, uint64_t version)
{
    struct peer *peer = &net->peers[session];
    struct peer_view *view = peer_find_view(peer, chunk);
    if (view == NULL && peer->view_count == PEER_VIEWS_MAX) {
        peer_give_up(net, session);
        return;
    }
    if (view == NULL)
        view = &peer->views[peer->view_count++];
    *view = (struct peer_view){chunk, version, false};
}

static void release_envelope(struct net *net, const struct held_item *item)
{
    struct peer *peer = peer_find(net, item->session, item->generation);
    if (peer == NULL)
        return;
    if (item->envelope == ENVELOPE_WELCOME && peer->state == PEER_JOINING) {
        peer->state = PEER_PLAYING;
        net->facts.playing++;
    }
    if (!peer_send(net, item->session, item->packet, item->size_bytes))
        return; /* it sees nothing until the full view */
    if (item->envelope == ENVELOPE_VIEW)
        view_set(net, item->session, item->chunk, item->to);
    else if (item->envelope == ENVELOPE_FORGET)
        view_forget(peer, item->chunk);
    else if (item->envelope == ENVELOPE_RESYNC)
        peer->view_count = 0;
}

/* Asks the tick for a fresh VIEW, once, since the client's version does not connect. */
static void ask_for_view(struct net *net, uint32_t session, struct peer_view *view)
{
    struct inbox_viewed record = {
        .head = {INBOX_VIEWED, session, net->peers[session].generation, 0},
        .chunk = view->chunk,
        .is_wrong = 1,
    };
    if (!view->is_asked)
        view->is_asked = peer_tell_tick(net, &record, sizeof record);
}

static void release_changes(struct net *net, const struct held_item *item)
{
    for (uint32_t i = 0; i < net->peers_max; i++) {
        struct peer *peer = &net->peers[i];
        if (peer->state != PEER_PLAYING)
            continue;
        struct peer_view *view = peer_find_view(peer, item->chunk);
        if (view == NULL || view->version >= item->to)
            continue; /* not in view, or a VIEW showed it already */
        if (view->version != item->from || item->packet == NULL) {
            ask_for_view(net, i, view);
            continue;
        }
        view->version = item->to;
        (void)peer_send(net, i, item->packet, item->size_bytes);
    }
}

static void release_item(struct net *net, struct held_item *item)
{
    if (item->kind == HELD_CHANGES)
        release_changes(net, item);
    else
        release_envelope(net, item);
    link_packet_release(&item->packet);
    struct peer *peer = peer_find(net, item->session, item->generation);
    if (item->kind == HELD_ENVELOPE && item->envelope == ENVELOPE_CLOSE && peer != NULL) {
        net->facts.playing -= peer->state == PEER_PLAYING;
        peer->state = PEER_ENDING; /* the tick decided it: nothing is owed */
        link_disconnect(net->link, item->session, item->generation, 1);
    }
}

void spread_release(struct net *net, uint64_t durable_seq)
{
    struct held_item item;
    while (held_pop(&net->held, durable_seq, &item))
        release_item(net, &item);
    net->facts.held_bytes = net->held.bytes;
}
