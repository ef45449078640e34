/* walk.c - the smallest useful player: connects, walks a little, places a block, tells what it
 * sees.
 *
 *     cc walk.c $(pkg-config --cflags --libs tilth) -o walk && ./walk 127.0.0.1 7400
 */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tilth.h"

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Prints everything that happened; returns 0 when the connection is gone. */
static int tell_events(struct tilth_client *client)
{
    struct tilth_event event;
    while (tilth_client_next(client, &event)) {
        if (event.kind == TILTH_EVENT_CONNECTED)
            printf("connected\n");
        if (event.kind == TILTH_EVENT_NAMED)
            printf("%s is here\n", event.name);
        if (event.kind == TILTH_EVENT_DONE)
            printf("the block stands, and will last\n");
        if (event.kind == TILTH_EVENT_REFUSED)
            printf("no block: %s\n", event.text);
        if (event.kind == TILTH_EVENT_DISCONNECTED) {
            fprintf(stderr, "walk: %s\n", event.text);
            return 0;
        }
    }
    return 1;
}

int main(int argc, char **argv)
{
    const struct timespec pause = {0, 10000000};
    struct tilth_options options;
    struct tilth_error error;
    struct tilth_position here;
    struct tilth_client *client;
    uint64_t start = now_ms(), ready = 0;
    int is_placed = 0, is_ok = 1;

    memset(&options, 0, sizeof options);
    options.address = argc > 1 ? argv[1] : "127.0.0.1";
    options.port = (uint16_t)(argc > 2 ? strtol(argv[2], NULL, 10) : 7400);
    options.name = "walker";
    options.key_path = "walker.key"; /* whoever has this key file is walker */
    client = tilth_client_create(&options, &error);
    if (client == NULL) {
        fprintf(stderr, "walk: %s\n", error.text);
        return 1;
    }
    while (is_ok && now_ms() < start + 4500 && (ready == 0 || now_ms() < ready + 2500)) {
        tilth_client_update(client, now_ms());
        is_ok = tell_events(client);
        if (ready == 0 && tilth_client_is_ready(client))
            ready = now_ms();
        if (ready != 0) /* a second to the east, then stand still and build */
            tilth_client_move(client, now_ms() < ready + 1000, 0);
        if (ready != 0 && !is_placed && now_ms() > ready + 1200) {
            tilth_client_position(client, &here);
            printf("at cell %d, %d\n", (int)here.cell_x, (int)here.cell_y);
            is_placed =
                tilth_client_place(client, "wood_block", here.cell_x, here.cell_y + 1, &error) != 0;
        }
        nanosleep(&pause, NULL);
    }
    if (is_ok && ready == 0)
        fprintf(stderr, "walk: no world came into view from %s port %u\n", options.address,
                (unsigned)options.port);
    tilth_client_destroy(&client);
    return is_ok && ready != 0 ? 0 : 1;
}
