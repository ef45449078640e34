#include "net/peer.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "net/bulk.h"

struct peer *peer_find(struct net *net, uint32_t session, uint32_t generation)
{
    if (session >= net->peers_max)
        return NULL;
    struct peer *peer = &net->peers[session];
    bool is_known = peer->state == PEER_JOINING || peer->state == PEER_PLAYING;
    return is_known && peer->generation == generation ? peer : NULL;
}

void peer_open(struct net *net, uint32_t session, uint32_t generation)
{
    struct peer *peer = &net->peers[session];
    uint16_t *told = peer->told;
    struct peer_waiting *waiting = peer->waiting;
    bool owes_leave = peer->owes_leave;
    uint32_t left_generation = peer->left_generation;
    memset(told, 0, net->options.actors_max * sizeof *told);
    *peer = (struct peer){
        .owes_leave = owes_leave,
        .left_generation = left_generation,
        .state = PEER_CONNECTED,
        .generation = generation,
        .since_us = net->now.mono_us,
        .waiting = waiting,
        .told = told,
    };
    net->facts.peers++;
}

/* Takes the oldest packet out of the backlog; the reference is the caller's. */
static struct peer_waiting backlog_pop(struct net *net, struct peer *peer)
{
    struct peer_waiting oldest = peer->waiting[peer->first_waiting];
    peer->first_waiting = (peer->first_waiting + 1) % net->backlog_packets_max;
    peer->waiting_count--;
    peer->waiting_bytes -= oldest.size_bytes;
    return oldest;
}

static void backlog_drop(struct net *net, struct peer *peer)
{
    while (peer->waiting_count > 0) {
        struct peer_waiting gone = backlog_pop(net, peer);
        link_packet_release(&gone.packet);
    }
}

/* False when the packet does not fit. */
static bool backlog_push(struct net *net, struct peer *peer, struct link_packet *packet,
                         uint32_t size_bytes)
{
    if (peer->waiting_count == net->backlog_packets_max ||
        peer->waiting_bytes + size_bytes > net->options.backlog_bytes_max)
        return false;
    uint32_t at = (peer->first_waiting + peer->waiting_count) % net->backlog_packets_max;
    peer->waiting[at] = (struct peer_waiting){link_packet_share(packet), size_bytes};
    peer->waiting_count++;
    peer->waiting_bytes += size_bytes;
    return true;
}

void peer_restart(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    backlog_drop(net, peer);
    peer_forget_all(net, session);
    memset(peer->told, 0, net->options.actors_max * sizeof *peer->told);
    peer->owes_behind = false;
    peer->is_behind = false;
    peer->is_clogged = false;
    peer->is_cut = false;
    peer->held_count = 0;
    peer->dropped_intent = 0;
    peer->news = (struct news){0};
    peer->want_count = 0;
}

static void owe_leave(struct peer *peer)
{
    peer->owes_leave = true;
    peer->left_generation = peer->generation;
}

void peer_close(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    bool tick_knows = peer->state == PEER_JOINING || peer->state == PEER_PLAYING;
    if (peer->state == PEER_PLAYING)
        net->facts.playing--;
    backlog_drop(net, peer);
    bulk_forget(net, session);
    peer_forget_all(net, session);
    peer->state = PEER_FREE;
    peer->owes_behind = false;
    if (tick_knows)
        owe_leave(peer);
    net->facts.peers--;
    (void)peer_settle_debts(net, session);
}

struct inbox_head peer_head(const struct net *net, uint32_t session, enum inbox_kind kind)
{
    return (struct inbox_head){
        .kind = kind,
        .session = net->options.first_session + session,
        .generation = net->peers[session].generation,
    };
}

bool peer_tell_tick(struct net *net, const void *record, uint32_t size_bytes)
{
    if (ring_write(net->options.inbox, record, size_bytes))
        return true;
    net->facts.dropped_inbox_full++;
    return false;
}

bool peer_settle_debts(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    struct inbox_head leave = peer_head(net, session, INBOX_LEAVE);
    struct inbox_behind behind = {
        .head = peer_head(net, session, INBOX_BEHIND),
        .dropped_intent = peer->dropped_intent,
    };
    leave.generation = peer->left_generation;
    if (peer->owes_leave) {
        if (!peer_tell_tick(net, &leave, sizeof leave))
            return false;
        peer->owes_leave = false;
    }
    if (peer->owes_behind) {
        if (!peer_tell_tick(net, &behind, sizeof behind))
            return false;
        peer->owes_behind = false;
        peer->dropped_intent = 0;
    }
    return true;
}

static void send_away(struct net *net, uint32_t session, const char *words, bool may_retry)
{
    struct peer *peer = &net->peers[session];
    struct packet packet;
    struct message message = {.kind = MESSAGE_REJECTED};
    message.rejected.words = (struct span){(const uint8_t *)words, (uint32_t)strlen(words)};
    if (message.rejected.words.size_bytes > 200)
        message.rejected.words.size_bytes = 200;
    message.rejected.may_retry = may_retry;
    framing_init(&packet, net->packet_bytes, NET_PACKET_BYTES);
    ensure(message_add(&packet, &message));
    struct link_message out = {CHANNEL_CONTROL, packet.bytes, packet.size_bytes};
    (void)link_send_bytes(net->link, session, peer->generation, out);
    link_disconnect(net->link, session, peer->generation, 1);
    if (peer->state == PEER_JOINING || peer->state == PEER_PLAYING) {
        net->facts.playing -= peer->state == PEER_PLAYING;
        owe_leave(peer);
        (void)peer_settle_debts(net, session);
    }
    peer->state = PEER_ENDING;
    peer->is_clogged = false;
    backlog_drop(net, peer);
    peer_forget_all(net, session);
}

void peer_reject(struct net *net, uint32_t session, const char *words)
{
    send_away(net, session, words, false);
}

void peer_put_off(struct net *net, uint32_t session, const char *words)
{
    send_away(net, session, words, true);
}

void peer_strike(struct net *net, uint32_t session, const char *what)
{
    struct peer *peer = &net->peers[session];
    char address[32], words[160];
    struct text text;
    net->facts.malformed++;
    if (++peer->strikes < net->options.malformed_max)
        return;
    link_address(net->link, session, address);
    log_warning("net", "%s (%s): ended after %u malformed messages, the last: %s", address,
                peer->name, peer->strikes, what);
    net->facts.ended_malformed++;
    text_init(&text, words, sizeof words);
    text_add(&text, "too many malformed messages, the last: %s", what);
    peer_reject(net, session, words);
}

void peer_ask_resync(struct net *net, uint32_t session)
{
    net->peers[session].owes_behind = true;
    (void)peer_settle_debts(net, session);
}

void peer_give_up(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    net->facts.given_up++;
    backlog_drop(net, peer);
    peer_forget_all(net, session);
    memset(peer->told, 0,
           net->options.actors_max * sizeof *peer->told); /* names may have been among it */
    peer->is_behind = true;
    peer->is_clogged = true;
}

void peer_cut(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    if (peer->state != PEER_PLAYING) {
        peer_put_off(net, session, "the server is busy, try again in a moment");
        return;
    }
    peer->is_cut = true;
    peer_ask_resync(net, session);
}

void peer_catch_up(struct net *net, uint32_t session)
{
    peer_forget_all(net, session);
    net->peers[session].is_behind = false;
    net->peers[session].is_clogged = false;
}

/* May so many bytes more be handed to ENet? One packet always may, however large. */
static bool has_room_in_flight(struct net *net, uint32_t session, uint32_t size_bytes)
{
    uint32_t in_flight = link_in_flight_bytes(net->link, session);
    return in_flight == 0 || in_flight + size_bytes <= net->options.in_flight_bytes_max;
}

bool peer_send(struct net *net, uint32_t session, struct link_packet *packet, uint32_t size_bytes)
{
    struct peer *peer = &net->peers[session];
    if (peer->is_behind)
        return false;
    if (peer->waiting_count == 0 && has_room_in_flight(net, session, size_bytes)) {
        (void)link_send(net->link, session, peer->generation, packet);
        return true;
    }
    if (backlog_push(net, peer, packet, size_bytes))
        return true;
    peer_give_up(net, session);
    return false;
}

void peer_pump(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    while (peer->waiting_count > 0 &&
           has_room_in_flight(net, session, peer->waiting[peer->first_waiting].size_bytes)) {
        struct peer_waiting oldest = backlog_pop(net, peer);
        (void)link_send(net->link, session, peer->generation, oldest.packet);
        link_packet_release(&oldest.packet);
    }
    if (!peer->is_clogged ||
        link_in_flight_bytes(net->link, session) > net->options.in_flight_bytes_max / 2)
        return;
    peer->is_clogged = false;
    peer_ask_resync(net, session);
}

struct peer_view *peer_find_view(struct peer *peer, struct chunk_pos chunk)
{
    for (uint32_t i = 0; i < peer->view_count; i++) {
        if (grid_is_same_chunk(peer->views[i].chunk, chunk))
            return &peer->views[i];
    }
    return NULL;
}

bool peer_set_view(struct net *net, uint32_t session, struct chunk_pos chunk, uint64_t version)
{
    struct peer *peer = &net->peers[session];
    struct peer_view *view = peer_find_view(peer, chunk);
    if (view == NULL && peer->view_count == PEER_VIEWS_MAX)
        return false;
    if (view == NULL) {
        view = &peer->views[peer->view_count++];
        watchers_add(&net->watchers, chunk, session);
    }
    *view = (struct peer_view){chunk, version, false};
    return true;
}

void peer_forget_view(struct net *net, uint32_t session, struct chunk_pos chunk)
{
    struct peer *peer = &net->peers[session];
    struct peer_view *view = peer_find_view(peer, chunk);
    if (view == NULL)
        return;
    watchers_remove(&net->watchers, chunk, session);
    *view = peer->views[--peer->view_count];
}

void peer_forget_all(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    while (peer->view_count > 0)
        peer_forget_view(net, session, peer->views[peer->view_count - 1].chunk);
}
