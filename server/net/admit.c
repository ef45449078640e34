#include "net/admit.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"

static struct span span_copy(uint8_t *memory, struct span span)
{
    if (span.size_bytes > 0)
        memcpy(memory, span.bytes, span.size_bytes);
    return (struct span){memory, span.size_bytes};
}

static void send_control(struct net *net, uint32_t session, const struct message *message)
{
    struct packet packet;
    framing_init(&packet, net->packet_bytes, NET_PACKET_BYTES);
    ensure(message_add(&packet, message));
    struct link_message out = {CHANNEL_CONTROL, packet.bytes, packet.size_bytes};
    (void)link_send_bytes(net->link, session, net->peers[session].generation, out);
}

static void admit_hello(struct net *net, uint32_t session, const struct message_hello *hello)
{
    struct peer *peer = &net->peers[session];
    peer->hello.capabilities = hello->capabilities;
    peer->hello.random = span_copy(peer->hello_random, hello->random);
    peer->hello.exchange = span_copy(peer->hello_exchange, hello->exchange);
    crypto_random(peer->challenge_random, sizeof peer->challenge_random);
    peer->challenge = (struct message_challenge){
        .random = {peer->challenge_random, sizeof peer->challenge_random},
        .exchange = {peer->challenge_random, 0},
        .server_key = {peer->challenge_random, 0},
    };
    struct message message = {.kind = MESSAGE_CHALLENGE};
    message.challenge = peer->challenge;
    send_control(net, session, &message);
    peer->state = PEER_CHALLENGED;
}

static bool is_proved(struct net *net, uint32_t session, const struct message_auth *auth)
{
    const struct peer *peer = &net->peers[session];
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    handshake_transcript(link_connect_id(net->link, session), &peer->hello, &peer->challenge, auth,
                         digest);
    return crypto_verify(auth->key.bytes, digest, sizeof digest, auth->signature.bytes);
}

static void admit_auth(struct net *net, uint32_t session, const struct message_auth *auth)
{
    struct peer *peer = &net->peers[session];
    struct inbox_join join = {.head = peer_head(net, session, INBOX_JOIN)};
    if (!handshake_is_name(auth->name.bytes, auth->name.size_bytes)) {
        peer_reject(net, session, "a name has 1 to 24 letters, digits, '_' and '-'");
        return;
    }
    if (!is_proved(net, session, auth)) {
        peer_reject(net, session, "the signature does not fit the key");
        return;
    }
    memcpy(join.name, auth->name.bytes, auth->name.size_bytes);
    memcpy(join.key, auth->key.bytes, sizeof join.key);
    memcpy(peer->name, join.name, sizeof peer->name);
    memcpy(peer->key, join.key, sizeof peer->key);
    if (!peer_settle_debts(net, session) || !peer_tell_tick(net, &join, sizeof join)) {
        peer_put_off(net, session, "the server is busy, try again in a moment");
        return;
    }
    peer->state = PEER_JOINING;
}

void admit_message(struct net *net, uint32_t session, const struct message *message)
{
    struct peer *peer = &net->peers[session];
    if (message->kind == MESSAGE_HELLO && peer->state == PEER_CONNECTED)
        admit_hello(net, session, &message->hello);
    else if (message->kind == MESSAGE_AUTH && peer->state == PEER_CHALLENGED)
        admit_auth(net, session, &message->auth);
    else
        peer_strike(net, session, "a message out of turn in the handshake");
}

void admit_again(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    struct inbox_join join = {.head = peer_head(net, session, INBOX_JOIN),
                              .input = peer->inputs.newest};
    memcpy(join.name, peer->name, sizeof join.name);
    memcpy(join.key, peer->key, sizeof join.key);
    peer->state = PEER_JOINING;
    if (!peer_tell_tick(net, &join, sizeof join))
        peer_put_off(net, session, "the server is busy, try again in a moment");
}

void admit_check_time(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    bool is_waiting = peer->state == PEER_CONNECTED || peer->state == PEER_CHALLENGED;
    if (is_waiting && net->now.mono_us - peer->since_us > net->options.handshake_us_max)
        peer_put_off(net, session, "the handshake took too long");
}
