#include "bottle/bottle.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "bottle/audit.h"
#include "bottle/player.h"

enum {
    WALL_START_S = 1700000000,
    PACE_US_MIN = 300,
    UNOPTIMIZED_SHARE = 20, /* so many times fewer seeds where everything is slow */
    SANITIZED_SHARE = 50,
    KEPT_BYTES = 512 << 20,
    RETURN_MS = 60000, /* of a player after a restart */
};

/* How long a role may wait between two steps, at most; how long exactly is the seed's choice. */
static const uint32_t paces_us[BOTTLE_ROLE_COUNT] = {
    [BOTTLE_NET] = 6000,        [BOTTLE_TICK] = 0,       [BOTTLE_JOURNAL] = 12000,
    [BOTTLE_STORE] = 60000,     [BOTTLE_LOADER] = 80000, [BOTTLE_GALLERY] = 80000,
    [BOTTLE_RECORDER] = 100000,
};

static void init_settings(struct bottle *bottle)
{
    struct settings *settings = &bottle->settings;
    const char *source = getenv("TILTH_SOURCE_DIR");
    settings_init(settings);
    (void)snprintf(settings->content_dir, sizeof settings->content_dir, "%s/shared/content",
                   source != NULL ? source : ".");
    (void)snprintf(settings->udp_address, sizeof settings->udp_address, "%s", BOTTLE_ADDRESS);
    settings->udp_port = BOTTLE_PORT;
    settings->seed = 1165; /* open land around (0,0) */
    settings->sessions_max = BOTTLE_SESSIONS;
    settings->free_building = true; /* bags have scenarios of their own */
    settings->starting_kit = false;
    settings->chunks_max = 128;
    settings->entities_max = 4096;
    settings->characters_max = 64;
    settings->structures_max = 1024;
    settings->piles_max = 1024;
    settings->image_configs_max = 256;
    settings->images_max = 64;
    settings->image_cache_entries = 8;
    settings->image_uploads_max = 4;
    settings->regions_max = 16;
    settings->intents_per_tick_max = 256;
    settings->batch_rows_max = 1024;
    settings->journal_ring_bytes = 8 << 20;
    settings->journal_segment_bytes = JOURNAL_SEGMENT_BYTES_MIN;
    bottle->limits = (struct server_limits){
        .inbox_bytes = 1 << 17,
        .requests_bytes = 1 << 21,
        .loaded_bytes = 1 << 21,
        .frame_changes = 4096,
        .frame_envelopes = 1024,
        .frame_bytes = 1 << 20,
        .held_bytes = 4 << 20,
        .backlog_bytes = 64 << 10,
    };
}

/* Some seeds have a fast disk, some a slow database. */
static void choose_paces(struct bottle *bottle)
{
    for (uint32_t i = 0; i < BOTTLE_ROLE_COUNT; i++) {
        uint64_t most_us = rng_below(&bottle->rng, paces_us[i] + 1);
        bottle->pace_us[i] = PACE_US_MIN + (uint32_t)rng_below(&bottle->rng, most_us + 1);
    }
}

struct bottle *bottle_create(uint64_t seed)
{
    struct bottle *bottle = memory_reserve("bottle", 1, sizeof *bottle);
    /* Servers come and go by the thousand: their memory is used again, not given back. */
    (void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    log_level_set(getenv("TILTH_LOG") != NULL ? LOG_DEBUG : LOG_OFF);
    sim_network_start(seed);
    bottle->seed = seed;
    rng_init(&bottle->rng, seed);
    init_settings(bottle);
    bottle->has_cache = true;
    bottle->disk = sim_disk_create(rng_next(&bottle->rng));
    bottle->journal_disk = sim_disk_open(bottle->disk);
    bottle->database = sim_database_create();
    bottle->cache = sim_cache_create();
    sim_cache_seed(bottle->cache, seed);
    choose_paces(bottle);
    return bottle;
}

static void close_databases(struct server_ground *ground)
{
    sim_database_close(&ground->store_database);
    sim_database_close(&ground->loader_database);
    sim_database_close(&ground->gallery_database);
}

/* The server is gone without a word. */
static void drop_server(struct bottle *bottle)
{
    struct server_ground ground = bottle->server.ground;
    if (!bottle->is_running)
        return;
    server_close(&bottle->server, false);
    close_databases(&ground);
    bottle->is_running = false;
}

void bottle_destroy(struct bottle **bottle)
{
    struct bottle *gone = *bottle;
    if (gone == NULL)
        return;
    for (uint32_t i = 0; i < gone->player_count; i++)
        player_destroy(&gone->players[i]);
    drop_server(gone);
    sim_disk_destroy(&gone->disk);
    sim_database_destroy(&gone->database);
    sim_cache_destroy(&gone->cache);
    sim_network_stop();
    ledger_finish(&gone->ledger);
    memory_release(gone);
    *bottle = NULL;
}

uint64_t bottle_now_us(void)
{
    return sim_network_now_us();
}

uint64_t bottle_now_ms(void)
{
    return sim_network_now_us() / 1000;
}

struct moment bottle_moment(const struct bottle *bottle)
{
    uint64_t now_us = sim_network_now_us();
    int64_t wall_us = (int64_t)WALL_START_S * 1000 * 1000 + (int64_t)now_us;
    return (struct moment){now_us, wall_us + bottle->wall_skew_us};
}

bool bottle_tell(struct bottle *bottle, const char *format, ...)
{
    char words[ERROR_TEXT_BYTES];
    va_list arguments;
    if (bottle->is_broken)
        return false; /* the first words are the ones to read */
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return error_set(&bottle->words, "seed %llu, %.3f s: %s", (unsigned long long)bottle->seed,
                     (double)bottle_now_us() / 1e6, words);
}

void bottle_break(struct bottle *bottle, const char *words)
{
    (void)bottle_tell(bottle, "%s", words);
    bottle->is_broken = true;
}

struct bottle_seeds bottle_seeds(uint64_t usual)
{
    const char *seed = getenv("TILTH_SEED");
    const char *seeds = getenv("TILTH_SEEDS");
    if (seed != NULL || seeds != NULL)
        return (struct bottle_seeds){seed != NULL ? strtoull(seed, NULL, 10) : 1,
                                     seeds != NULL ? strtoull(seeds, NULL, 10) : 1};
#if defined(TILTH_IS_SANITIZED)
    usual = (usual + SANITIZED_SHARE - 1) / SANITIZED_SHARE;
#elif !defined(__OPTIMIZE__)
    usual = (usual + UNOPTIMIZED_SHARE - 1) / UNOPTIMIZED_SHARE;
#endif
    return (struct bottle_seeds){1, usual};
}

/* --- the server ------------------------------------------------------------------------------ */

static void plan_role(struct bottle *bottle, enum bottle_role role)
{
    if (role == BOTTLE_TICK)
        bottle->due_us[role] += 1000000 / bottle->settings.tick_hz;
    else
        bottle->due_us[role] =
            bottle_now_us() + PACE_US_MIN + rng_below(&bottle->rng, bottle->pace_us[role]);
}

static bool connect_database(struct bottle *bottle, struct database *connection)
{
    sim_database_open(bottle->database, connection);
    return connection->ops->connect(connection->state, &bottle->words) == DATABASE_OK;
}

bool bottle_start(struct bottle *bottle)
{
    struct server_ground ground = {
        .disk = &bottle->journal_disk,
        .limits = bottle->limits,
        .rule_seed = bottle->seed >> 1 | 1, /* what harvests give is of the seed too */
    };
    struct error error = {""};
    ensure(!bottle->is_running);
    bottle->lies_before = sim_cache_lies(bottle->cache);
    (void)unlink(bottle->settings.record); /* each start records anew */
    if (bottle->has_cache)
        ground.remote = sim_cache_remote(bottle->cache);
    bottle->is_running = connect_database(bottle, &ground.store_database) &&
                         connect_database(bottle, &ground.loader_database) &&
                         connect_database(bottle, &ground.gallery_database) &&
                         server_open(&bottle->server, &bottle->settings, &ground,
                                     bottle_moment(bottle), &error) == SERVER_OPEN;
    if (!bottle->is_running) {
        close_databases(&ground);
        return bottle_tell(bottle, "the server does not start: %s", error.text);
    }
    for (uint32_t i = 0; i < BOTTLE_ROLE_COUNT; i++) {
        bottle->due_us[i] = bottle_now_us();
        plan_role(bottle, (enum bottle_role)i);
    }
    return true;
}

void bottle_crash(struct bottle *bottle)
{
    drop_server(bottle);
    sim_disk_crash(bottle->disk);
}

void bottle_kill(struct bottle *bottle)
{
    drop_server(bottle);
    sim_disk_kill(bottle->disk);
}

bool bottle_restart(struct bottle *bottle, bool is_crash)
{
    uint32_t before[BOTTLE_PLAYERS_MAX];
    bool are_back = true;
    for (uint32_t i = 0; i < bottle->player_count; i++)
        before[i] = bottle->players[i]->connected;
    (is_crash ? bottle_crash : bottle_kill)(bottle);
    if (!bottle_start(bottle))
        return false;
    for (uint32_t i = 0; i < bottle->player_count && are_back; i++) {
        struct player *player = bottle->players[i];
        BOTTLE_UNTIL(bottle, RETURN_MS, player->is_gone || player->connected > before[i]);
        are_back = player->is_gone || player_await_ready(player);
    }
    return are_back;
}

static bool has_sessions(const struct bottle *bottle)
{
    struct host_facts facts;
    host_facts(bottle->server.host, &facts);
    return facts.sessions > 0;
}

bool bottle_stop(struct bottle *bottle)
{
    struct server_ground ground = bottle->server.ground;
    net_say_goodbye(bottle->server.nets[0], "the server stops");
    BOTTLE_UNTIL(bottle, 2000, !has_sessions(bottle));
    BOTTLE_UNTIL(bottle, 20000, server_is_settled(&bottle->server));
    bool is_settled = server_is_settled(&bottle->server);
    server_close(&bottle->server, is_settled);
    close_databases(&ground);
    bottle->is_running = false;
    return is_settled || bottle_tell(bottle, "the server could not save before it stopped");
}

bool bottle_go_back(struct bottle *bottle, const struct sim_database *copy)
{
    struct error error = {""};
    bottle->is_stalled[BOTTLE_TICK] = true;
    BOTTLE_UNTIL(bottle, 20000, server_is_settled(&bottle->server));
    bottle->is_stalled[BOTTLE_TICK] = false;
    if (!server_is_settled(&bottle->server))
        return bottle_tell(bottle, "the world does not stand still");
    sim_database_restore(bottle->database, copy);
    return server_reopen(&bottle->server, bottle_moment(bottle), &error) ||
           bottle_tell(bottle, "the world does not open again: %s", error.text);
}

/* --- time ------------------------------------------------------------------------------------ */

static void step_tick(struct bottle *bottle)
{
    (void)server_step_tick(&bottle->server, bottle_moment(bottle));
    bottle->ticks++;
    uint32_t chunks = bottle->server.host->world.chunk_pool.used;
    if (chunks > bottle->chunks_peak)
        bottle->chunks_peak = chunks;
}

static void step_sealed(struct bottle *bottle, enum bottle_role role)
{
    if (bottle->is_sealed)
        memory_seal();
    if (role == BOTTLE_TICK)
        step_tick(bottle);
    else
        (void)server_step_journal(&bottle->server, bottle_moment(bottle));
    memory_unseal();
}

static void step_role(struct bottle *bottle, enum bottle_role role)
{
    switch (role) {
    case BOTTLE_TICK:
    case BOTTLE_JOURNAL:
        step_sealed(bottle, role);
        break;
    case BOTTLE_NET:
        (void)server_step_net(&bottle->server, 0, bottle_moment(bottle));
        break;
    case BOTTLE_STORE:
        (void)server_step_store(&bottle->server, bottle_moment(bottle));
        break;
    case BOTTLE_LOADER:
        (void)server_step_loader(&bottle->server, bottle_moment(bottle));
        break;
    case BOTTLE_GALLERY:
        (void)server_step_gallery(&bottle->server, bottle_moment(bottle));
        break;
    case BOTTLE_RECORDER:
        if (bottle->server.recorder != NULL)
            (void)recorder_step(bottle->server.recorder);
        break;
    case BOTTLE_ROLE_COUNT:
        break;
    }
}

static uint64_t next_due_us(const struct bottle *bottle, uint64_t end_us)
{
    uint64_t next_us = end_us;
    for (uint32_t i = 0; bottle->is_running && i < BOTTLE_ROLE_COUNT; i++) {
        if (bottle->due_us[i] < next_us)
            next_us = bottle->due_us[i];
    }
    for (uint32_t i = 0; i < bottle->player_count; i++) {
        if (bottle->players[i]->due_us < next_us)
            next_us = bottle->players[i]->due_us;
    }
    return next_us;
}

/* All that is due, starting anywhere. */
static void step_due(struct bottle *bottle)
{
    uint64_t now_us = bottle_now_us();
    uint32_t count = BOTTLE_ROLE_COUNT + bottle->player_count;
    uint32_t start = (uint32_t)rng_below(&bottle->rng, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (start + i) % count;
        if (at >= BOTTLE_ROLE_COUNT) {
            player_step(bottle->players[at - BOTTLE_ROLE_COUNT]);
        } else if (bottle->is_running && bottle->due_us[at] <= now_us) {
            plan_role(bottle, (enum bottle_role)at);
            if (!bottle->is_stalled[at])
                step_role(bottle, (enum bottle_role)at);
        }
    }
}

void bottle_run(struct bottle *bottle, uint64_t duration_ms)
{
    uint64_t end_us = bottle_now_us() + duration_ms * 1000;
    while (bottle_now_us() < end_us) {
        uint64_t due_us = next_due_us(bottle, end_us);
        if (due_us > bottle_now_us())
            sim_network_advance(due_us - bottle_now_us());
        sim_database_set_time(bottle->database, bottle_now_us());
        step_due(bottle);
    }
}

bool bottle_settle(struct bottle *bottle)
{
    bool is_calm = false;
    for (uint64_t end_ms = bottle_now_ms() + BOTTLE_SETTLE_MS;
         !is_calm && bottle_now_ms() < end_ms && !bottle->is_broken;) {
        bottle_run(bottle, 20);
        is_calm = audit_is_calm(bottle);
    }
    return is_calm && !bottle->is_broken;
}

bool bottle_check(struct bottle *bottle)
{
    return bottle_settle(bottle) && audit_run(bottle);
}
