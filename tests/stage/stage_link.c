#include "stage_link.h"

enum { PEERS_MAX = 8, RATE_MAX = 1000 };

uint16_t stage_link_open(struct stage_link *server, const char *address, uint16_t port,
                         struct error *error)
{
    struct link_facts facts;
    struct link_options options = {
        .address = address,
        .port = port,
        .peers_max = PEERS_MAX,
        .hellos_s_max = RATE_MAX,
        .connects_s_max = RATE_MAX,
    };
    stage_init(&server->stage);
    server->has_peer = false;
    server->tick_us = 0;
    server->link = link_listen(&options, error);
    if (server->link == NULL)
        return 0;
    link_facts(server->link, &facts);
    return facts.port;
}

void stage_link_close(struct stage_link *server)
{
    link_destroy(&server->link);
    stage_finish(&server->stage);
}

static void take_event(struct stage_link *server, const struct link_event *event)
{
    bool is_ours =
        server->has_peer && server->peer == event->peer && server->generation == event->generation;
    if (event->kind == LINK_CONNECTED) {
        server->has_peer = true;
        server->peer = event->peer;
        server->generation = event->generation;
        server->stage.connect_id = link_connect_id(server->link, event->peer);
        stage_reconnect(&server->stage);
    }
    if (event->kind == LINK_RECEIVED && is_ours)
        stage_take(&server->stage, (enum wire_channel)event->channel, event->bytes,
                   event->size_bytes);
    if (event->kind == LINK_DISCONNECTED && is_ours)
        server->has_peer = false;
}

void stage_link_serve(struct stage_link *server, uint64_t now_us)
{
    struct link_event event;
    enum wire_channel channel;
    struct span packet;
    link_service(server->link, now_us);
    while (link_next(server->link, &event))
        take_event(server, &event);
    if (server->tick_us == 0)
        server->tick_us = now_us;
    for (; now_us >= server->tick_us; server->tick_us += 1000000 / STAGE_HZ)
        stage_tick(&server->stage);
    while (stage_take_packet(&server->stage, &channel, &packet)) {
        struct link_message message = {channel, packet.bytes, packet.size_bytes};
        if (server->has_peer)
            (void)link_send_bytes(server->link, server->peer, server->generation, message);
    }
    link_flush(server->link);
}
