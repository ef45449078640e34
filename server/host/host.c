#include "host/host.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "host/pictures.h"
#include "sim/roll.h"

enum {
    LOG_INTENT_CHANGES =
        8192, /* with the marks; together with the sessions' own, a record's most */
    LOG_CHANGES_PER_SESSION = 3,
    LOG_SPAN_BYTES = 1 << 20,
    ADDS_PER_TICK_MAX = 64, /* 64 generated chunks are 2 ms */
};

static void host_init_world(struct host *host)
{
    const struct host_options *options = &host->options;
    struct world_options world = {
        .catalog = &host->catalogs[0],
        .generator = options->generator,
        .chunks_max = options->limits.chunks_max,
        .entities_max = options->limits.entities_max,
        .structures_max = options->limits.structures_max,
        .piles_max = options->limits.piles_max,
        .image_configs_max = options->limits.image_configs_max,
        .images_max = options->limits.images_max,
        .characters_max = options->limits.characters_max,
        .slots_max = options->limits.slots_max,
        .actors_max = options->limits.sessions_max,
    };
    struct residency_options residency = {
        .world = &host->world,
        .requests = options->requests,
        .regions_max = options->limits.regions_max,
        .idle_ticks = options->limits.chunk_idle_s * options->limits.tick_hz,
        .adds_per_tick_max = ADDS_PER_TICK_MAX,
    };
    world_init(&host->world, &world);
    host->world.hash = options->hash;
    pictures_load(&host->world.images, &options->images);
    residency_init(&host->residency, &residency);

    uint32_t own_changes = LOG_CHANGES_PER_SESSION * options->limits.sessions_max;
    sim_init(&host->sim, &host->world, LOG_INTENT_CHANGES + own_changes, LOG_SPAN_BYTES);
    host->sim.log_reserve = own_changes;
    host->sim.stream = options->stream;
    roll_init(&host->sim, options->rule_seed);
    host->sim.rules = (struct sim_rules){
        .reach_px = options->limits.reach_px,
        .tick_hz = options->limits.tick_hz,
        .is_building_free = options->limits.is_building_free != 0,
        .offer_s = options->limits.offer_s,
        .image_size_px_max = options->limits.image_size_px_max,
        .image_keep_s = options->limits.image_keep_s,
        .image_editors = (enum image_editors)options->limits.image_editors,
        .step_units = movement_step_units(options->limits.speed_px_s, options->limits.tick_hz),
    };
}

static void host_init_sessions(struct host *host)
{
    const struct host_options *options = &host->options;
    host->sessions =
        memory_reserve("sessions", options->limits.sessions_max, sizeof *host->sessions);
    for (uint32_t i = 0; i < options->limits.sessions_max; i++) {
        host->sessions[i].character = WORLD_NONE;
        /* so that after a restore nobody is taken for who had the slot before */
        host->sessions[i].life = (uint8_t)(options->timeline % SESSION_LIVES);
        host->sessions[i].first_intent = SESSION_NONE;
        host->sessions[i].last_queued = SESSION_NONE;
    }
    host->queue =
        memory_reserve("intents", options->limits.intents_per_tick_max, sizeof *host->queue);
    host->save_ticks = (uint64_t)options->limits.save_position_s * options->limits.tick_hz;
}

struct host *host_create(const struct host_options *options)
{
    struct host *host = memory_reserve("host", 1, sizeof *host);
    host->options = *options;
    host->next_seq = options->next_seq;
    host->tick = options->tick;
    host->spawn = generator_spawn(&options->generator);
    host->catalogs = memory_reserve("catalogues", 2, sizeof *host->catalogs);
    host->catalogs[0] = *options->catalog;
    host->options.catalog = NULL;
    host_init_world(host);
    host_init_sessions(host);
    console_init(&host->console);
    host->catalog_bytes =
        (uint32_t)catalog_write(options->catalog, host->catalog_text, sizeof host->catalog_text);
    ensure(host->catalog_bytes > 0);
    host->content = memory_reserve("content", 1, sizeof *host->content);
    host->codec = content_codec_create();
    host->bytes = memory_reserve("content", HOST_BYTES, 1);
    host->own_bytes = memory_reserve("content", HOST_OWN_BYTES, 1);
    host->scratch = memory_reserve("record", RECORD_PAYLOAD_BYTES_MAX, 1);
    return host;
}

void host_destroy(struct host **host)
{
    struct host *gone = *host;
    if (gone == NULL)
        return;
    residency_finish(&gone->residency);
    sim_finish(&gone->sim);
    world_finish(&gone->world);
    console_finish(&gone->console);
    content_codec_destroy(&gone->codec);
    memory_release(gone->catalogs);
    memory_release(gone->sessions);
    memory_release(gone->queue);
    memory_release(gone->content);
    memory_release(gone->bytes);
    memory_release(gone->own_bytes);
    memory_release(gone->scratch);
    memory_release(gone);
    *host = NULL;
}

void host_facts(const struct host *host, struct host_facts *out_facts)
{
    board_read(&host->board, out_facts, sizeof *out_facts);
}

bool host_is_stopping(const struct host *host)
{
    return host->is_stopping;
}

uint64_t host_release_seq(const struct host *host)
{
    return host->sim.lasting > 0 ? host->next_seq : host->next_seq - 1;
}
