/* A stage on a real UDP port, for running the example and tilth-client against: prints the port,
 * serves one client after the other, and ends after so many seconds. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "link/link.h"
#include "stage.h"

struct server {
    struct stage stage;
    struct link *link;
    bool has_peer;
    uint32_t peer, generation;
};

static void take_event(struct server *server, const struct link_event *event)
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

static void serve_once(struct server *server)
{
    struct link_event event;
    enum wire_channel channel;
    struct span packet;
    link_service(server->link, clock_now().mono_us);
    while (link_next(server->link, &event))
        take_event(server, &event);
    while (stage_take_packet(&server->stage, &channel, &packet)) {
        struct link_message message = {channel, packet.bytes, packet.size_bytes};
        if (server->has_peer)
            (void)link_send_bytes(server->link, server->peer, server->generation, message);
    }
    link_flush(server->link);
}

int main(int argc, char **argv)
{
    struct server *server = calloc(1, sizeof *server);
    struct link_options options = {.address = "127.0.0.1", .peers_max = 8};
    struct link_facts facts;
    struct error error;
    uint64_t seconds = argc > 1 ? strtoull(argv[1], NULL, 10) : 10;
    options.hellos_s_max = options.connects_s_max = 1000;
    stage_init(&server->stage);
    server->stage.is_bob_here = true;
    server->link = link_listen(&options, &error);
    if (server->link == NULL)
        return fprintf(stderr, "%s\n", error.text), 1;
    link_facts(server->link, &facts);
    printf("%u\n", facts.port);
    (void)fflush(stdout);

    uint64_t start_us = clock_now().mono_us, tick_us = start_us;
    while (clock_now().mono_us < start_us + seconds * 1000000) {
        while (clock_now().mono_us >= tick_us) {
            stage_tick(&server->stage);
            tick_us += 1000000 / STAGE_HZ;
        }
        serve_once(server);
        clock_sleep_until(clock_now().mono_us + 2000);
    }
    link_destroy(&server->link);
    stage_finish(&server->stage);
    free(server);
    return 0;
}
