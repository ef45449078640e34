#include "net/net.h"

#include <strings.h>

#include "base/log.h"
#include "base/memory.h"
#include "net/admit.h"
#include "net/bulk.h"
#include "net/peer.h"
#include "net/receive.h"
#include "net/snapshot.h"
#include "net/spread.h"

enum {
    BACKLOG_PACKETS_MIN = 64,
    BACKLOG_PACKETS_MAX = 4096,
    BACKLOG_BYTES_PER_PACKET = 1024,
    SERVICE_EVENTS_MAX = 4096,
};

/* Each backlog holds its bytes in packets of that size or larger, or so many. */
static uint32_t backlog_packets_max(const struct net_options *options)
{
    uint32_t count = options->backlog_bytes_max / BACKLOG_BYTES_PER_PACKET;
    if (count > BACKLOG_PACKETS_MAX)
        return BACKLOG_PACKETS_MAX;
    return count > BACKLOG_PACKETS_MIN ? count : BACKLOG_PACKETS_MIN;
}

static void net_reserve(struct net *net)
{
    uint32_t packets_max = backlog_packets_max(&net->options);
    net->backlog_packets_max = packets_max;
    net->waiting =
        memory_reserve("backlogs", (size_t)net->peers_max * packets_max, sizeof *net->waiting);
    net->peers = memory_reserve("peers", net->peers_max, sizeof *net->peers);
    for (uint32_t i = 0; i < net->peers_max; i++) {
        net->peers[i].told =
            memory_reserve("peers", net->options.actors_max, sizeof *net->peers[i].told);
        net->peers[i].waiting = net->waiting + (size_t)i * packets_max;
    }
    held_init(&net->held, net->options.held_bytes_max);
    watchers_init(&net->watchers, net->peers_max * PEER_VIEWS_MAX);
    groups_init(&net->groups, net->options.frames->limits.changes_max);
    net->interest = interest_create(net->options.actors_max);
    net->packet_bytes = memory_reserve("packets", NET_PACKET_BYTES, 1);
    bulk_init(net);
    if (net->options.unshared != NULL) {
        net->codec = content_codec_create();
        net->base = memory_reserve("packets", 1, sizeof *net->base);
        net->base_bytes = memory_reserve("packets", CONTENT_BASE_BYTES_MAX, 1);
    }
}

static void facts_publish(struct net *net)
{
    link_facts(net->link, &net->facts.link);
    board_publish(&net->board, &net->facts, sizeof net->facts);
}

struct net *net_create(const struct net_options *options, struct error *error)
{
    struct link *link = link_listen(&options->link, error);
    if (link == NULL)
        return NULL;
    struct net *net = memory_reserve("net", 1, sizeof *net);
    net->options = *options;
    net->link = link;
    net->peers_max = options->link.peers_max;
    net_reserve(net);
    if (!wake_open(&net->wake)) {
        (void)error_set(error, "no file descriptor left for the net thread");
        net_destroy(&net);
        return NULL;
    }
    facts_publish(net);
    return net;
}

void net_destroy(struct net **net)
{
    struct net *gone = *net;
    if (gone == NULL)
        return;
    for (uint32_t i = 0; i < gone->peers_max; i++) {
        if (gone->peers[i].state != PEER_FREE)
            peer_close(gone, i);
        memory_release(gone->peers[i].told);
    }
    bulk_finish(gone);
    held_finish(&gone->held);
    watchers_finish(&gone->watchers);
    groups_finish(&gone->groups);
    link_destroy(&gone->link);
    wake_close(&gone->wake);
    memory_release(gone->waiting);
    memory_release(gone->peers);
    memory_release(gone->packet_bytes);
    content_codec_destroy(&gone->codec);
    memory_release(gone->base);
    memory_release(gone->base_bytes);
    interest_destroy(&gone->interest);
    memory_release(gone);
    *net = NULL;
}

static void forget_held(struct net *net)
{
    struct held_item item;
    while (held_pop(&net->held, UINT64_MAX, &item))
        link_packet_release(&item.packet);
}

static void restart_peer(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    net->facts.playing -= peer->state == PEER_PLAYING;
    peer->is_rejoining = peer->is_rejoining || peer->state == PEER_PLAYING;
    bulk_forget(net, session);
    peer_restart(net, session);
    admit_again(net, session);
}

static bool is_in(const struct peer *peer)
{
    return peer->state == PEER_JOINING || peer->state == PEER_PLAYING;
}

/* Has somebody connected under the same name since? Then this connection is dead, or will be. */
static bool is_outdated(const struct net *net, uint32_t session)
{
    const struct peer *peer = &net->peers[session];
    for (uint32_t i = 0; i < net->peers_max; i++) {
        const struct peer *other = &net->peers[i];
        bool is_later =
            other->since_us > peer->since_us || (other->since_us == peer->since_us && i > session);
        if (i != session && is_in(other) && is_later && strcasecmp(other->name, peer->name) == 0)
            return true;
    }
    return false;
}

void net_restart(struct net *net, uint32_t timeline)
{
    net->timeline = timeline;
    forget_held(net);
    images_clear(bulk_images(net));
    for (uint32_t i = 0; i < net->peers_max; i++) {
        struct peer *peer = &net->peers[i];
        peer->owes_leave = false; /* that tick is gone */
        if (!is_in(peer))
            continue;
        if (is_outdated(net, i))
            peer_reject(net, i, "you connected again from elsewhere"); /* the tick knows neither */
        else
            restart_peer(net, i);
    }
    facts_publish(net);
}

static void handle_event(struct net *net, const struct link_event *event)
{
    struct peer *peer = &net->peers[event->peer];
    switch (event->kind) {
    case LINK_CONNECTED:
        if (peer->state != PEER_FREE)
            peer_close(net, event->peer);
        peer_open(net, event->peer, event->generation);
        break;
    case LINK_RECEIVED:
        receive_packet(net, event);
        break;
    case LINK_DISCONNECTED:
        if (peer->state != PEER_FREE && peer->generation == event->generation)
            peer_close(net, event->peer);
        break;
    case LINK_REFUSED: /* a server is never refused */
        break;
    }
}

static bool receive_events(struct net *net)
{
    struct link_event event;
    uint32_t count = 0;
    link_service(net->link, net->now.mono_us);
    while (count < SERVICE_EVENTS_MAX && link_next(net->link, &event)) {
        handle_event(net, &event);
        count++;
    }
    return count > 0;
}

static void look_after_peers(struct net *net)
{
    for (uint32_t i = 0; i < net->peers_max; i++) {
        struct peer *peer = &net->peers[i];
        if (peer->owes_leave || peer->owes_behind)
            (void)peer_settle_debts(net, i);
        if (peer->state == PEER_FREE)
            continue;
        admit_check_time(net, i);
        receive_check_flood(net, i);
        if (peer->waiting_count > 0 || peer->is_clogged)
            peer_pump(net, i);
    }
}

static bool spread_frames(struct net *net)
{
    const struct frame *frame;
    bool did_work = false;
    while ((frame = frame_next(net->options.frames, net->options.reader)) != NULL) {
        spread_frame(net, frame);
        snapshot_send_all(net, frame);
        frame_pass(net->options.frames, net->options.reader);
        net->facts.frames++;
        did_work = true;
    }
    return did_work;
}

bool net_step(struct net *net, struct moment now, uint64_t durable_seq)
{
    net->now = now;
    net->durable_seq = durable_seq;
    bool did_work = receive_events(net);
    did_work = spread_frames(net) || did_work;
    spread_release(net, durable_seq);
    did_work = bulk_step(net) || did_work;
    look_after_peers(net);
    link_flush(net->link);
    facts_publish(net);
    return did_work;
}

void net_say_goodbye(struct net *net, const char *words)
{
    link_maintenance(net->link, true);
    for (uint32_t i = 0; i < net->peers_max; i++) {
        enum peer_state state = net->peers[i].state;
        if (state != PEER_FREE && state != PEER_ENDING)
            peer_put_off(net, i, words);
    }
    link_flush(net->link);
}

struct images *net_images(struct net *net)
{
    return bulk_images(net);
}

struct wake *net_wake(struct net *net)
{
    return &net->wake;
}

int net_fd(const struct net *net)
{
    return link_fd(net->link);
}

void net_facts(const struct net *net, struct net_facts *out_facts)
{
    board_read(&net->board, out_facts, sizeof *out_facts);
}
