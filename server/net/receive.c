#include "net/receive.h"

#include <string.h>

#include "base/log.h"
#include "net/admit.h"
#include "net/bulk.h"

enum { WRONG_VIEW_COST = 10, SAY_COST = 20 }; /* in intents */

static bool is_intent_valid(const struct message_ask *ask)
{
    struct intent intent;
    if (ask->kind >= INTENT_KIND_COUNT)
        return false;
    intent.kind = (enum intent_kind)ask->kind;
    const struct schema *schema = intent_schema(intent.kind);
    if (schema->flags & INTENT_STREAMED)
        return false;
    return codec_decode_body(ask->body.bytes, ask->body.size_bytes, schema,
                             intent_record_of(&intent));
}

static struct limit_rate intent_rate(const struct net *net)
{
    uint32_t rate_s = net->options.intents_s_max;
    return (struct limit_rate){.count = rate_s, .period_ms = 1000, .burst = rate_s * 4};
}

static void end_flood(struct net *net, uint32_t session, const char *words)
{
    char address[32];
    link_address(net->link, session, address);
    log_warning("net", "%s (%s): ended: %s", address, net->peers[session].name, words);
    net->facts.ended_flooding++;
    peer_reject(net, session, words);
}

void receive_check_flood(struct net *net, uint32_t session)
{
    if (net->peers[session].state != PEER_ENDING && link_is_flooding(net->link, session))
        end_flood(net, session, "too much traffic: more than a client may send");
}

/* Takes `cost` tokens. False when the flood has ended the session. */
static bool is_within_rate(struct net *net, uint32_t session, uint32_t cost, bool *out_is_over)
{
    struct peer *peer = &net->peers[session];
    struct limit_rate rate = intent_rate(net);
    *out_is_over = !limit_take(&peer->intents, &rate, cost, net->now.mono_us);
    if (!*out_is_over)
        return true;
    net->facts.intents_over_rate++;
    if (!limit_is_flood(&peer->over_rate, net->options.intents_flood_max, net->now.mono_us))
        return true;
    end_flood(net, session, "too many requests");
    return false;
}

/* An intent that finds no room in the inbox never happens: the client is told so by a resync, which
 * has to reach the tick before the next intent. */
static void tell_intent(struct net *net, uint32_t session, const struct inbox_intent *intent,
                        const uint8_t *record)
{
    uint32_t size_bytes = (uint32_t)sizeof *intent + intent->head.size_bytes;
    if (peer_settle_debts(net, session) && peer_tell_tick(net, record, size_bytes))
        return;
    net->peers[session].dropped_intent = intent->number;
    peer_ask_resync(net, session);
}

static void receive_ask(struct net *net, uint32_t session, const struct message_ask *ask)
{
    uint8_t record[sizeof(struct inbox_intent) + INBOX_BODY_BYTES_MAX];
    bool is_over = false;
    if (!is_intent_valid(ask)) {
        peer_strike(net, session, "an intent that does not decode");
        return;
    }
    uint32_t cost = ask->kind == INTENT_SAY ? SAY_COST : 1; /* everybody hears it */
    if (!is_within_rate(net, session, cost, &is_over))
        return;
    struct inbox_intent intent = {
        .head = peer_head(net, session, INBOX_INTENT),
        .number = ask->number,
        .kind = ask->kind,
        .is_over_rate = is_over,
    };
    intent.head.size_bytes = ask->body.size_bytes;
    memcpy(record, &intent, sizeof intent);
    if (ask->body.size_bytes > 0)
        memcpy(record + sizeof intent, ask->body.bytes, ask->body.size_bytes);
    net->facts.intents++;
    tell_intent(net, session, &intent, record);
}

/* A VIEW that did not fit is sent again, which is work: it costs as much as many intents. */
static bool may_ask_again(struct net *net, uint32_t session)
{
    struct limit_rate rate = intent_rate(net);
    if (limit_take(&net->peers[session].intents, &rate, WRONG_VIEW_COST, net->now.mono_us))
        return true;
    peer_strike(net, session, "too many chunks asked for again");
    return false;
}

static void receive_viewed(struct net *net, uint32_t session, const struct message_viewed *viewed)
{
    if (viewed->is_wrong && !may_ask_again(net, session))
        return;
    struct inbox_viewed record = {
        .head = peer_head(net, session, INBOX_VIEWED),
        .chunk = viewed->chunk,
        .is_wrong = viewed->is_wrong,
    };
    if (!peer_tell_tick(net, &record, sizeof record))
        peer_ask_resync(net, session);
}

/* What is asked about pictures has a rate of its own, but for the slices that credit was given for.
 * Beyond it is dropped: the client asks again. */
static void receive_bulk(struct net *net, uint32_t session, const struct message *message)
{
    static const struct limit_rate rate = {BULK_ASKS_S_MAX, 1000, 2 * BULK_ASKS_S_MAX};
    if (message->kind == MESSAGE_IMAGE_SLICE ||
        limit_take(&net->peers[session].bulk_asks, &rate, 1, net->now.mono_us))
        bulk_take(net, session, message);
}

static void receive_message(struct net *net, uint32_t session, const struct message *message)
{
    struct peer *peer = &net->peers[session];
    if (peer->state == PEER_CONNECTED || peer->state == PEER_CHALLENGED)
        admit_message(net, session, message);
    else if (message->kind == MESSAGE_WELCOMED)
        peer->is_rejoining = peer->is_rejoining && message->welcomed.timeline != net->timeline;
    else if (peer->state != PEER_PLAYING || peer->is_rejoining)
        return; /* joining: the tick has not answered; ending: nothing counts any more; or it is
                   meant for a world that has gone back since */
    else if (message->kind == MESSAGE_ASK)
        receive_ask(net, session, &message->ask);
    else if (message->kind == MESSAGE_VIEWED)
        receive_viewed(net, session, &message->viewed);
    else if (bulk_is_asked(message->kind))
        receive_bulk(net, session, message);
    else
        peer_strike(net, session, "a message that clients do not send");
}

static void receive_control(struct net *net, const struct link_event *event)
{
    struct message message;
    size_t offset = 0;
    bool is_malformed = false;
    while (net->peers[event->peer].state != PEER_ENDING &&
           message_next(event->bytes, event->size_bytes, &offset, &message, &is_malformed))
        receive_message(net, event->peer, &message);
    if (is_malformed && net->peers[event->peer].state != PEER_ENDING)
        peer_strike(net, event->peer, "a message that does not decode");
}

static void receive_inputs(struct net *net, const struct link_event *event)
{
    struct peer *peer = &net->peers[event->peer];
    if (peer->state != PEER_PLAYING)
        return;
    struct state_inputs inputs = peer->inputs;
    if (!state_decode_inputs(event->bytes, event->size_bytes, &inputs)) {
        peer_strike(net, event->peer, "inputs that do not decode");
        return;
    }
    if ((int32_t)(inputs.newest - peer->inputs.newest) <= 0)
        return; /* late or repeated: a newer one is known */
    peer->inputs = inputs;
    struct inbox_input record = {
        .head = peer_head(net, event->peer, INBOX_INPUT),
        .newest = inputs.newest,
        .count = inputs.count,
    };
    memcpy(record.directions, inputs.directions, inputs.count);
    net->facts.inputs++;
    (void)peer_tell_tick(net, &record, sizeof record); /* the next one repeats it */
}

void receive_packet(struct net *net, const struct link_event *event)
{
    if (net->peers[event->peer].state == PEER_FREE)
        return;
    if (event->channel == CHANNEL_CONTROL || event->channel == CHANNEL_BULK)
        receive_control(net, event);
    else if (event->channel == CHANNEL_STATE)
        receive_inputs(net, event);
    else
        peer_strike(net, event->peer, "a packet on a channel that clients do not use");
}
