/* A stage on a real UDP port, for running the example and tilth-client against: prints the port,
 * serves one client after the other, and ends after so many seconds. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "stage_link.h"

int main(int argc, char **argv)
{
    struct stage_link *server = memory_reserve("stage", 1, sizeof *server);
    struct error error;
    uint64_t seconds = argc > 1 ? strtoull(argv[1], NULL, 10) : 10;
    uint64_t end_us = clock_now().mono_us + seconds * 1000000;
    uint16_t port = stage_link_open(server, "127.0.0.1", 0, &error);
    if (port == 0)
        return fprintf(stderr, "%s\n", error.text), 1;
    server->stage.is_bob_here = true;
    printf("%u\n", port);
    (void)fflush(stdout);
    while (clock_now().mono_us < end_us) {
        stage_link_serve(server, clock_now().mono_us);
        clock_sleep_until(clock_now().mono_us + 2000);
    }
    stage_link_close(server);
    memory_release(server);
    return 0;
}
