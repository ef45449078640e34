#include "host/announce.h"

#include <string.h>

#include "base/ensure.h"

static const char server_name[] = "server";

void announce_say(struct host *host, const char *words, uint32_t size_bytes)
{
    struct change said = {.kind = CHANGE_SAID};
    ensure(size_bytes >= 1 && size_bytes <= WORLD_SAY_BYTES);
    said.said.name = (struct span){(const uint8_t *)server_name, sizeof server_name - 1};
    said.said.text = (struct span){(const uint8_t *)words, size_bytes};
    sim_change(&host->sim, &said);
}

static void say(struct host *host, const char *words)
{
    announce_say(host, words, (uint32_t)strlen(words));
}

void announce_step(struct host *host)
{
    struct host_trouble *trouble = &host->trouble;
    bool is_refusing = host->sim.is_read_only || host->sim.is_store_behind;
    trouble->ticks = is_refusing ? trouble->ticks + 1 : 0;
    bool is_due = is_refusing ? trouble->ticks >= host->options.limits.tick_hz : true;
    if (!is_due || is_refusing == trouble->is_told || !sim_has_room(&host->sim))
        return;
    trouble->is_told = is_refusing;
    say(host, is_refusing ? "The world cannot be changed for now: what is done cannot be saved. "
                            "Nothing that was confirmed is lost."
                          : "The world can be changed again.");
}
