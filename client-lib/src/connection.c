#include "connection.h"

#include <stdio.h>

enum { RETRY_FIRST_US = 250000, RETRY_DOUBLINGS_MAX = 5, DRAIN_MAX = 4096 };

void tilth_connection_close(struct connection *connection)
{
    if (connection->link != NULL && connection->is_connected)
        link_leave(connection->link, connection->peer, connection->generation, 0);
    link_destroy(&connection->link);
    connection->is_connected = false;
}

/* Half of the time that is due, and up to as much again at random. */
static uint64_t retry_delay_us(struct connection *connection)
{
    uint32_t doublings =
        connection->failures < RETRY_DOUBLINGS_MAX ? connection->failures : RETRY_DOUBLINGS_MAX;
    uint64_t whole_us = (uint64_t)RETRY_FIRST_US << doublings;
    return whole_us / 2 + rng_below(&connection->rng, whole_us / 2 + 1);
}

/* The connection ended, or never stood: tells so, and plans the next attempt. A server that said
 * no for good would say no again. */
static void end(struct connection *connection, struct session *session, const char *words,
                bool is_final)
{
    struct tilth_event event = {.kind = TILTH_EVENT_DISCONNECTED};
    tilth_connection_close(connection);
    tilth_session_close(session, words);
    connection->is_over = !connection->is_reconnecting || is_final;
    connection->retry_us = session->now_us + retry_delay_us(connection);
    connection->failures++;
    event.is_retrying = !connection->is_over;
    (void)snprintf(event.text, sizeof event.text, "%s", words);
    tilth_events_push(&session->events, &event);
}

static void dial(struct connection *connection, struct session *session)
{
    struct error error;
    struct link_options options = {.address = connection->address, .port = connection->port};
    connection->link = link_dial(&options, &error);
    if (connection->link == NULL)
        end(connection, session, error.text, true);
}

static void take_event(struct connection *connection, struct session *session,
                       const struct link_event *event, uint64_t now_us)
{
    switch (event->kind) {
    case LINK_CONNECTED:
        connection->peer = event->peer;
        connection->generation = event->generation;
        connection->is_connected = true;
        tilth_session_open(session, link_connect_id(connection->link, event->peer), now_us);
        break;
    case LINK_RECEIVED:
        if (event->channel < CHANNEL_COUNT)
            tilth_session_receive(session, (enum wire_channel)event->channel, event->bytes,
                                  event->size_bytes, now_us);
        break;
    case LINK_DISCONNECTED:
        connection->is_connected = false;
        end(connection, session,
            event->code == 0 ? "the connection was lost" : "the server ended the connection",
            false);
        break;
    case LINK_REFUSED:
        end(connection, session, event->text, false);
        break;
    }
}

/* Until there is no link any more, or nothing more has come. */
static void receive(struct connection *connection, struct session *session, uint64_t now_us)
{
    struct link_event event;
    link_service(connection->link, now_us);
    for (uint32_t i = 0; i < DRAIN_MAX && connection->link != NULL; i++) {
        if (!link_next(connection->link, &event))
            return;
        take_event(connection, session, &event, now_us);
        if (connection->is_connected && session->phase == SESSION_CLOSED)
            return;
    }
}

static void send_packets(struct connection *connection, struct session *session)
{
    enum wire_channel channel;
    struct span packet;
    while (tilth_session_take_packet(session, &channel, &packet)) {
        struct link_message message = {channel, packet.bytes, packet.size_bytes};
        (void)link_send_bytes(connection->link, connection->peer, connection->generation, message);
    }
    link_flush(connection->link);
}

void tilth_connection_update(struct connection *connection, struct session *session,
                             uint64_t now_us)
{
    session->now_us = now_us;
    if (connection->link == NULL && !connection->is_over && now_us >= connection->retry_us)
        dial(connection, session);
    if (connection->link == NULL)
        return;

    receive(connection, session, now_us);
    if (connection->link == NULL)
        return;
    tilth_session_run(session, now_us);
    if (session->phase == SESSION_PLAYING)
        connection->failures = 0;
    send_packets(connection, session);
    if (connection->is_connected && session->phase == SESSION_CLOSED) {
        char words[SESSION_WORDS_BYTES];
        (void)snprintf(words, sizeof words, "%s", session->words);
        end(connection, session, words, session->is_rejected && !session->may_retry);
    }
}
