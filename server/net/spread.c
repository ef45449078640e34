#include "net/spread.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "net/bulk.h"

enum { CHANGES_BODY_BYTES = 1 << 16 };

/* Everybody's view is in doubt: something of a frame could not be kept. */
static void give_up_all(struct net *net, const char *why)
{
    log_warning("net", "%s: all clients get a full view", why);
    for (uint32_t i = 0; i < net->peers_max; i++) {
        if (net->peers[i].state == PEER_PLAYING || net->peers[i].state == PEER_JOINING)
            peer_cut(net, i);
    }
}

static void hold_for_all(struct net *net, struct held_item *item)
{
    if (held_push(&net->held, item))
        return;
    link_packet_release(&item->packet);
    give_up_all(net, "too much waits for the disk");
}

/* The generated chunk, where clients cannot make it; else nothing. */
static struct span view_base(struct net *net, struct chunk_pos chunk)
{
    struct span base = {net->packet_bytes, 0};
    if (net->options.unshared == NULL)
        return base;
    generator_make(net->options.unshared, chunk, net->base);
    base.bytes = net->base_bytes;
    base.size_bytes = (uint32_t)content_encode_base(net->codec, net->base, net->base_bytes,
                                                    CONTENT_BASE_BYTES_MAX);
    ensure(base.size_bytes > 0);
    return base;
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
        .base = view_base(net, envelope->chunk),
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

static void release_envelope(struct net *net, const struct held_item *item)
{
    struct peer *peer = peer_find(net, item->session, item->generation);
    if (peer == NULL)
        return;
    if (item->envelope == ENVELOPE_WELCOME && peer->state == PEER_JOINING) {
        peer->state = PEER_PLAYING;
        net->facts.playing++;
    }
    if (item->envelope == ENVELOPE_RESYNC || item->envelope == ENVELOPE_CLOSE)
        peer_catch_up(net, item->session);
    if (!peer_send(net, item->session, item->packet, item->size_bytes))
        return; /* it sees nothing until the full view */
    if (item->envelope == ENVELOPE_VIEW &&
        !peer_set_view(net, item->session, item->chunk, item->to))
        peer_give_up(net, item->session);
    else if (item->envelope == ENVELOPE_FORGET)
        peer_forget_view(net, item->session, item->chunk);
}

/* Asks the tick for a fresh VIEW, once, since the client's version does not connect. */
static void ask_for_view(struct net *net, uint32_t session, struct peer_view *view)
{
    struct inbox_viewed record = {
        .head = peer_head(net, session, INBOX_VIEWED),
        .chunk = view->chunk,
        .is_wrong = 1,
    };
    if (!view->is_asked)
        view->is_asked = peer_tell_tick(net, &record, sizeof record);
}

static void release_changes_to(struct net *net, const struct held_item *item, uint32_t session)
{
    struct peer_view *view = peer_find_view(&net->peers[session], item->chunk);
    ensure(view != NULL);
    if (view->version >= item->to)
        return; /* a VIEW showed it already */
    if (view->version != item->from || item->packet == NULL) {
        ask_for_view(net, session, view);
        return;
    }
    view->version = item->to;
    struct peer *peer = &net->peers[session];
    bool is_sent = peer_send(net, session, item->packet, item->size_bytes);
    if (is_sent && news_is_near(&item->area, peer->pos))
        news_add(&peer->news, link_packet_bytes(item->packet), item->size_bytes);
}

static void release_changes(struct net *net, const struct held_item *item)
{
    const struct watcher *watcher = watchers_first(&net->watchers, item->chunk);
    while (watcher != NULL) {
        uint32_t session = watcher->session;
        watcher = watchers_next(&net->watchers, watcher); /* giving up removes the watcher */
        release_changes_to(net, item, session);
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

/* Does the item wait for a RESYNC that has still to come? */
static bool is_cut_off(const struct held_item *item, const struct peer *peer)
{
    return peer->is_cut && item->envelope != ENVELOPE_RESYNC && item->envelope != ENVELOPE_CLOSE;
}

/* An envelope that shows only what is durable passes those that wait for others; each session's own
 * keep their order. What tells of a change stays behind it. */
static bool may_pass(const struct net *net, const struct held_item *item, const struct peer *peer)
{
    bool tells_of_change = item->envelope == ENVELOPE_RESULT && item->release_seq > 0;
    return peer->held_count == 0 && item->release_seq <= net->durable_seq && !tells_of_change;
}

static void hold_for(struct net *net, struct held_item *item, struct peer *peer)
{
    bool is_off = is_cut_off(item, peer);
    if (!is_off && may_pass(net, item, peer)) {
        peer->is_cut = false;
        release_item(net, item);
        return;
    }
    if (!is_off && held_push(&net->held, item)) {
        peer->is_cut = false;
        peer->held_count++;
        return;
    }
    link_packet_release(&item->packet);
    if (item->envelope == ENVELOPE_CLOSE)
        peer_put_off(net, item->session, "the server is busy");
    else if (!is_off)
        peer_cut(net, item->session);
}

static void hold_envelope(struct net *net, const struct frame *frame,
                          const struct envelope *envelope)
{
    struct held_item item = {
        .kind = HELD_ENVELOPE,
        .envelope = envelope->kind,
        .session = envelope->session - net->options.first_session,
        .generation = envelope->generation,
        .release_seq = envelope->release_seq,
        .chunk = envelope->chunk,
        .to = envelope->version,
        .size_bytes = envelope->size_bytes,
    };
    struct peer *peer = peer_find(net, item.session, item.generation);
    if (peer == NULL)
        return; /* another host's, or gone */
    if (envelope->kind == ENVELOPE_VIEW)
        item.packet = view_packet(net, frame, envelope, &item.size_bytes);
    else if (envelope->kind == ENVELOPE_FORGET)
        item.packet = forget_packet(net, envelope->chunk, &item.size_bytes);
    else
        item.packet =
            link_packet_create(frame->bytes.memory + envelope->offset, envelope->size_bytes,
                               (enum wire_channel)envelope->channel);
    hold_for(net, &item, peer);
}

/* The framed changes of one chunk in the frame, its CHUNK mark last, and their area. False when a
 * message is too small for them: a VIEW says it better. */
static bool frame_changes(struct net *net, const struct frame *frame, uint32_t index,
                          struct packet *body, struct news_area *area)
{
    const struct frame_mark *mark = &frame->marks[index];
    uint32_t i = net->groups.first[index];
    for (; i != GROUPS_END; i = net->groups.links[i].next) {
        const struct change *change = &frame->changes[net->groups.links[i].change];
        struct cell_area cells;
        if (!framing_add_change(body, change))
            return false;
        (void)change_area(change, &cells);
        news_area_add(area, cells.least);
        news_area_add(area, cells.most);
    }
    struct change last = {.kind = CHANGE_CHUNK};
    last.chunk = (struct change_chunk){mark->chunk, mark->to, mark->hash, mark->from};
    return framing_add_change(body, &last);
}

/* The packet of the item, or NULL; its size and area, too. */
static struct link_packet *changes_packet(struct net *net, const struct frame *frame,
                                          uint32_t index, struct held_item *item)
{
    const struct frame_mark *mark = &frame->marks[index];
    struct packet body, packet;
    framing_init(&body, net->packet_bytes, CHANGES_BODY_BYTES);
    item->area = news_area_empty();
    if (!frame_changes(net, frame, index, &body, &item->area))
        return NULL;

    struct message message = {.kind = MESSAGE_CHANGES};
    message.changes = (struct message_changes){
        mark->chunk, mark->from, mark->to, {body.bytes, (uint32_t)body.size_bytes}};
    framing_init(&packet, net->packet_bytes + CHANGES_BODY_BYTES,
                 NET_PACKET_BYTES - CHANGES_BODY_BYTES);
    ensure(message_add(&packet, &message));
    item->size_bytes = (uint32_t)packet.size_bytes;
    return link_packet_create(packet.bytes, packet.size_bytes, CHANNEL_WORLD);
}

static void hold_changes(struct net *net, const struct frame *frame, uint32_t index)
{
    const struct frame_mark *mark = &frame->marks[index];
    struct held_item item = {
        .kind = HELD_CHANGES,
        .session = UINT32_MAX,
        .release_seq = mark->to,
        .chunk = mark->chunk,
        .from = mark->from,
        .to = mark->to,
    };
    item.packet = changes_packet(net, frame, index, &item);
    hold_for_all(net, &item);
}

/* Chat shows nothing lasting: it goes to all at once. Not even a new name: who speaks has been
 * welcomed, and that was held until the account was durable. */
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

/* Views come before the changes of the frame, and what tells of changes comes behind them. */
static void hold_envelopes(struct net *net, const struct frame *frame, bool is_behind)
{
    for (uint32_t i = 0; i < frame->envelope_count; i++) {
        enum envelope_kind kind = frame->envelopes[i].kind;
        if ((kind == ENVELOPE_RESULT || kind == ENVELOPE_CLOSE) == is_behind)
            hold_envelope(net, frame, &frame->envelopes[i]);
    }
}

static void hold_all_changes(struct net *net, const struct frame *frame)
{
    groups_build(&net->groups, frame);
    for (uint32_t i = 0; i < frame->mark_count; i++)
        hold_changes(net, frame, i);
}

void spread_frame(struct net *net, const struct frame *frame)
{
    hold_envelopes(net, frame, false);
    for (uint32_t i = 0; i < frame->change_count; i++) {
        if (frame->changes[i].kind == CHANGE_SAID)
            say_to_all(net, &frame->changes[i].said);
    }
    bulk_learn(net, frame);
    if (frame->is_cut)
        give_up_all(net, "a frame was too small for its changes");
    else
        hold_all_changes(net, frame);
    hold_envelopes(net, frame, true);
}

void spread_release(struct net *net, uint64_t durable_seq)
{
    struct held_item item;
    while (held_pop(&net->held, durable_seq, &item)) {
        struct peer *peer = peer_find(net, item.session, item.generation);
        if (item.kind == HELD_ENVELOPE && peer != NULL)
            peer->held_count--;
        release_item(net, &item);
    }
    net->facts.held_bytes = net->held.bytes;
}
