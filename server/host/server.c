#include "host/server.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "host/dropped.h"
#include "host/pictures.h"
#include "journal/identity.h"

enum {
    INBOX_BYTES = 4 << 20,
    REQUESTS_BYTES = 4 << 20,
    LOADED_BYTES = 4 << 20,
    CLOSED_BYTES = 1 << 20,
    PICTURES_BYTES = 1 << 19,
    LINES_BYTES = 256 << 10,
    ANSWERS_BYTES = 8 << 20,
    ORDERS_BYTES = 64 << 10,
    FRAME_CHANGES_MAX = 32768,
    FRAME_ENVELOPES_MIN = 1024,
    FRAME_ENVELOPES_PER_SESSION = 64,
    FRAME_BYTES_MIN = 4 << 20,
    FRAME_BYTES_PER_SESSION = 16 << 10,
    VIEWS_SHARE_OF_BACKLOG = 8,
    COMMANDS_PER_INTENT = 4,
    DATAGRAMS_PER_TICK = 2,
    DATAGRAMS_S_SPARE = 40,
    CACHE_RETRY_US = 1000 * 1000,
    CATCH_UP_TRIES_MAX = 100000,
    JOURNAL_SEGMENTS_LEAST = 3,
};

_Static_assert((int)STORE_CLOSED_BYTES < (int)CLOSED_BYTES / 4, "all closed chunks fit");

/* How long this server owns the world without a word; 0: for ever. */
static uint64_t lease_us(const struct server *server)
{
    bool has_lease = server->settings->durability == SERVER_DURABLE_DATABASE;
    return has_lease ? (uint64_t)server->settings->lease_s * 1000000 : 0;
}

static bool open_world(struct server *server, struct error *error)
{
    const struct settings *settings = server->settings;
    const struct recovered *recovered = &server->recovered;
    struct database *database = &server->ground.store_database;
    struct database_options options = {
        .world = settings->world,
        .terrain_seed = settings->seed,
        .rule_seed = server->ground.rule_seed,
        .generator_version = GENERATOR_VERSION,
        .folder = settings->journal_dir,
        .journal = recovered->newest.journal,
        .journal_last_seq = recovered->last.seq,
        .abandon_journal = settings->abandon_journal,
        .lease_us = lease_us(server),
    };
    if (options.rule_seed == 0)
        crypto_random(&options.rule_seed, sizeof options.rule_seed);
    options.rule_seed >>= server->ground.rule_seed == 0; /* a bigint in the database */
    if (options.terrain_seed == 0)
        crypto_random(&options.terrain_seed, sizeof options.terrain_seed);
    options.terrain_seed >>= settings->seed == 0;
    enum database_result result = database->ops->open_world(database->state, &options,
                                                            server->catalog, &server->world, error);
    server->is_content_wrong = result == DATABASE_CONTENT;
    if (result != DATABASE_OK)
        return false;
    server->generator =
        (struct generator){server->world.terrain_seed, server->world.generator_version};
    if (!generator_has_version(server->world.generator_version))
        return error_set(error, "world %s was made by generator version %u, this server has %u",
                         settings->world, server->world.generator_version, GENERATOR_VERSION);
    return true;
}

/* Reads the journal, and cuts what was never confirmed. */
static bool recover(struct server *server, struct error *error)
{
    struct recovered *recovered = &server->recovered;
    if (!recover_cut(server->ground.disk, 0, recovered, error))
        return false;
    if (recovered->cut_bytes > 0)
        log_info("journal", "cut %llu bytes behind record %llu: they were never confirmed",
                 (unsigned long long)recovered->cut_bytes, (unsigned long long)recovered->last.seq);
    return true;
}

/* Does the content have all that the world has by now? A record of the journal may be the first
 * with things of some type. */
static bool check_types(struct server *server, struct error *error)
{
    struct database *database = &server->ground.store_database;
    enum database_result result =
        database->ops->renew_types(database->state, server->world.id, server->catalog, error);
    server->is_content_wrong = result == DATABASE_CONTENT;
    return result == DATABASE_OK;
}

/* Are the journal's records behind what is applied of the world that the database is? A restored
 * world has none of the former one's, and one that was put back by hand none of the later one's. */
static bool check_timeline(const struct server *server, struct error *error)
{
    const struct recovered *recovered = &server->recovered;
    uint32_t journal = recovered->newest.timeline, world = server->world.timeline;
    if (recovered->is_empty || journal == world ||
        (journal < world && recovered->last.seq <= server->world.applied_seq))
        return true;
    return error_set(
        error,
        "the journal is of timeline %u and goes up to record %llu, the database is of timeline %u "
        "and has records up to %llu: they are not the same world any more. What the journal has "
        "more is for another database; with that one start here, with this one on an empty "
        "journal folder (--journal-dir) and --abandon-journal",
        journal, (unsigned long long)recovered->last.seq, world,
        (unsigned long long)server->world.applied_seq);
}

/* Brings everything that the journal holds and the database lacks into the database: after a crash
 * nothing is loaded before that. */
static bool catch_up(struct server *server, struct moment now, struct error *error)
{
    uint64_t last = server->recovered.last.seq;
    struct store_options options = {
        .database = server->ground.store_database,
        .disk = server->ground.disk,
        .durable_seq = last,
        .world = server->world,
        .batch_rows_max = server->settings->batch_rows_max,
        .batch_us = (uint64_t)server->settings->batch_ms * 1000,
        .seed = now.mono_us,
        .lease_us = lease_us(server),
    };
    if (!check_timeline(server, error))
        return false;
    if (last <= server->world.applied_seq)
        return true;
    log_info("store", "bringing records %llu to %llu of the journal into the database",
             (unsigned long long)server->world.applied_seq + 1, (unsigned long long)last);
    struct store *store = store_create(&options, error);
    if (store == NULL)
        return false;
    struct store_facts facts = {.is_stopped = false};
    for (uint32_t i = 0; i < CATCH_UP_TRIES_MAX && store_applied_seq(store) < last; i++) {
        if (store_step(store, now))
            continue;
        store_facts(store, &facts);
        if (facts.is_stopped || facts.retries > 0)
            break; /* in words below: a start does not wait for a database that goes away again */
    }
    bool is_done = store_applied_seq(store) >= last;
    store_facts(store, &facts);
    server->world.quarantine = facts.quarantine;
    server->world.applied_seq = store_applied_seq(store);
    server->world.tick = server->recovered.last.tick;
    server->world.hash = server->recovered.last.hash;
    store_destroy(&store);
    if (!is_done)
        return error_set(error, "the journal could not be brought into the database: %s",
                         facts.last_failure);
    return check_types(server, error);
}

/* Three segments always fit: one that fills, the next, and one that is being applied. */
static uint64_t journal_bytes_max(const struct settings *settings)
{
    uint64_t least = JOURNAL_SEGMENTS_LEAST * settings->journal_segment_bytes;
    return settings->journal_bytes_max < least ? least : settings->journal_bytes_max;
}

static bool open_journal(struct server *server, struct error *error)
{
    const struct settings *settings = server->settings;
    uint64_t ring_bytes = 1;
    while (ring_bytes < settings->journal_ring_bytes)
        ring_bytes *= 2;
    struct journal_options options = {
        .disk = server->ground.disk,
        .world = server->world.id,
        .journal = server->recovered.newest.journal,
        .timeline = server->world.timeline,
        .next_seq = server->world.applied_seq + 1,
        .ring_bytes = ring_bytes,
        .segment_bytes = settings->journal_segment_bytes,
        .keep_us = (uint64_t)settings->journal_keep_s * 1000 * 1000,
        .bytes_max = journal_bytes_max(settings),
        .delay_us = (uint64_t)settings->journal_delay_ms * 1000,
        .is_archived = server->ground.shelf != NULL && settings->journal_archive,
        .durable_wake = net_wake(server->nets[0]),
    };
    server->journal = journal_create(&options, &server->recovered, error);
    return server->journal != NULL;
}

/* Fills in the usual sizes where none is asked for. */
static void settle_limits(struct server *server)
{
    struct server_limits *limits = &server->ground.limits;
    uint32_t sessions = server->settings->sessions_max;
    if (limits->inbox_bytes == 0)
        limits->inbox_bytes = INBOX_BYTES;
    if (limits->requests_bytes == 0)
        limits->requests_bytes = REQUESTS_BYTES;
    if (limits->loaded_bytes == 0)
        limits->loaded_bytes = LOADED_BYTES;
    if (limits->frame_changes == 0)
        limits->frame_changes = FRAME_CHANGES_MAX;
    if (limits->frame_envelopes == 0)
        limits->frame_envelopes = FRAME_ENVELOPES_MIN + sessions * FRAME_ENVELOPES_PER_SESSION;
    if (limits->frame_bytes == 0)
        limits->frame_bytes = FRAME_BYTES_MIN + sessions * FRAME_BYTES_PER_SESSION;
    if (limits->held_bytes == 0)
        limits->held_bytes = (uint32_t)server->settings->held_bytes_max;
    if (limits->backlog_bytes == 0)
        limits->backlog_bytes = (uint32_t)server->settings->backlog_bytes_max;
}

static void init_rings(struct server *server)
{
    const struct server_limits *asked = &server->ground.limits;
    struct frame_limits limits = {
        .actors_max = server->settings->sessions_max,
        .changes_max = asked->frame_changes,
        .envelopes_max = asked->frame_envelopes,
        .bytes_max = asked->frame_bytes,
        .readers = SERVER_HOSTS_MAX,
    };
    for (uint32_t i = 0; i < SERVER_HOSTS_MAX; i++) {
        ring_init(&server->inboxes[i], "inbox", asked->inbox_bytes);
        ring_init(&server->gallery_requests[i], "pictures", PICTURES_BYTES);
        ring_init(&server->gallery_results[i], "pictures", PICTURES_BYTES);
    }
    ring_init(&server->requests, "loader requests", asked->requests_bytes);
    ring_init(&server->loaded, "loader results", asked->loaded_bytes);
    ring_init(&server->closed, "closed chunks", CLOSED_BYTES);
    ring_init(&server->pictures, "pictures", PICTURES_BYTES);
    ring_init(&server->lines, "console", LINES_BYTES);
    ring_init(&server->answers, "console", ANSWERS_BYTES);
    ring_init(&server->orders, "console", ORDERS_BYTES);
    for (uint32_t i = 0; i < KEEPER_LANES; i++)
        ring_init(&server->kept_answers[i], "console", ANSWERS_BYTES);
    frame_init(&server->frames, &limits);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* A client that keeps to its inputs, one a tick, and to its intents keeps to these too. */
static struct quota_limits client_limits(const struct settings *settings)
{
    uint32_t datagrams_s = settings->tick_hz * DATAGRAMS_PER_TICK + DATAGRAMS_S_SPARE;
    uint32_t commands_s = settings->intents_s_max * COMMANDS_PER_INTENT;
    return (struct quota_limits){
        .datagrams_s = larger(settings->client_datagrams_s_max, datagrams_s),
        .bytes_s = settings->client_bytes_s_max,
        .commands_s = larger(settings->client_commands_s_max, commands_s),
        .flood_max = settings->client_flood_max,
    };
}

/* Opens the next host. Each takes its share of the sessions; the first has the port of the
 * settings, and a client is told its host's port in the handshake. */
static bool open_net(struct server *server, struct error *error)
{
    const struct settings *settings = server->settings;
    uint32_t share = settings->sessions_max / SERVER_HOSTS_MAX;
    uint32_t host = server->host_count;
    struct net_options options = {
        .link =
            {
                .address = settings->udp_address,
                .port = host == 0 ? (uint16_t)settings->udp_port : 0,
                .peers_max = share,
                .peers_per_address = settings->sessions_per_address_max,
                .hellos_s_max = settings->hellos_s_max,
                .connects_s_max = settings->connects_s_max,
                .connects_per_address_10s = settings->connects_per_address_10s_max,
                .half_open_max = settings->half_open_max,
                .client = client_limits(settings),
                .window_bytes = (uint32_t)settings->window_bytes,
            },
        .inbox = &server->inboxes[host],
        .frames = &server->frames,
        .reader = host,
        .first_session = host * share,
        .unshared = settings->share_seed ? NULL : &server->generator,
        .actors_max = settings->sessions_max,
        .view_cells = settings->view_cells,
        .intents_s_max = settings->intents_s_max,
        .intents_flood_max = settings->intents_flood_max,
        .held_bytes_max = server->ground.limits.held_bytes,
        .backlog_bytes_max = server->ground.limits.backlog_bytes,
        .handshake_us_max = settings->handshake_ms_max * 1000,
        .malformed_max = settings->malformed_max,
        .in_flight_bytes_max = (uint32_t)settings->in_flight_bytes_max,
        .gallery_requests = &server->gallery_requests[host],
        .gallery_results = &server->gallery_results[host],
        .image_configs_max = settings->image_configs_max,
        .images_max = settings->images_max,
        .image_bytes_max = settings->image_bytes_max,
        .uploads_max = settings->image_uploads_max,
        .uploads_per_address_max = settings->image_uploads_per_address_max,
        .upload_idle_us = (uint64_t)settings->image_upload_idle_s * 1000 * 1000,
        .uploads_min_max = settings->image_uploads_min_max,
        .image_bytes_s_max = settings->image_bytes_s_max,
    };
    server->nets[host] = net_create(&options, error);
    if (server->nets[host] != NULL)
        pictures_load(net_images(server->nets[host]), &server->images);
    server->host_count += server->nets[host] != NULL;
    return server->nets[host] != NULL;
}

static bool open_nets(struct server *server, struct error *error)
{
    bool is_open = true;
    while (is_open && server->host_count < SERVER_HOSTS_MAX)
        is_open = open_net(server, error);
    return is_open;
}

static void open_loader(struct server *server)
{
    const struct settings *settings = server->settings;
    struct cache_options cache = {
        .remote = server->ground.remote,
        .entries_max = settings->cache_entries,
        .bytes_max = settings->cache_bytes,
        .expiry_s = settings->cache_expiry_s,
        .retry_us = CACHE_RETRY_US,
    };
    server->cache = cache_create(&cache);
    server->renewal = renewal_create();
    struct loader_options options = {
        .database = server->ground.loader_database,
        .cache = server->cache,
        .requests = &server->requests,
        .results = &server->loaded,
        .world = server->world.id,
        .world_name = settings->world,
        .applied_max = &server->applied_max,
        .renewal = server->renewal,
        .content_dir = settings->content_dir,
        .painter = painter_of(server->content_painter),
    };
    server->loader = loader_create(&options);
}

struct picture_limits server_picture_limits(const struct settings *settings)
{
    return (struct picture_limits){.file_bytes_max = settings->image_bytes_max,
                                   .side_px_max = settings->image_side_px_max,
                                   .canonical_bytes_max = settings->image_bytes_max};
}

/* Reads the content, with its pictures. */
static bool load_catalog(struct server *server, struct error *error)
{
    struct picture_limits limits = server_picture_limits(server->settings);
    server->content_painter = painter_create(&limits);
    server->console_painter = painter_create(&limits);
    struct image_painter painter = painter_of(server->content_painter);
    server->catalog = catalog_load(server->settings->content_dir, &painter, error);
    server->is_content_wrong = server->catalog == NULL;
    return server->catalog != NULL;
}

static bool check_pictures(struct server *server, struct error *error)
{
    const struct images *images = &server->host->world.images;
    server->is_content_wrong = !pictures_check(images, server->catalog, error);
    return !server->is_content_wrong;
}

static void open_gallery(struct server *server)
{
    const struct settings *settings = server->settings;
    struct gallery_options options = {
        .database = server->ground.gallery_database,
        .world = server->world.id,
        .limits = server_picture_limits(settings),
        .entries_max = settings->image_cache_entries,
        .nets = SERVER_HOSTS_MAX,
        .requests = server->gallery_requests,
        .results = server->gallery_results,
        .pictures = &server->pictures,
        .painters = {server->content_painter, server->console_painter},
        .results_wake = net_wake(server->nets[0]),
    };
    server->gallery = gallery_create(&options);
}

/* Where there is no PostgreSQL there is nothing to keep. */
static void open_keeper(struct server *server)
{
    struct keeper_options options = {.settings = server->settings,
                                     .orders = &server->orders,
                                     .is_given_up = server->ground.is_keeper_given_up,
                                     .shelf = server->ground.shelf,
                                     .disk = server->ground.disk,
                                     .world = &server->world,
                                     .journal = server->journal};
    if (server->ground.keeper_databases[KEEPER_DESK].state == NULL)
        return;
    for (uint32_t i = 0; i < KEEPER_LANES; i++) {
        options.databases[i] = server->ground.keeper_databases[i];
        options.answers[i] = &server->kept_answers[i];
    }
    server->keeper = keeper_create(&options);
}

static bool open_store(struct server *server, struct moment now, struct error *error)
{
    bool is_for_database = server->settings->durability == SERVER_DURABLE_DATABASE;
    struct store_options options = {
        .database = server->ground.store_database,
        .disk = server->ground.disk,
        .journal = server->journal,
        .world = server->world,
        .batch_rows_max = server->settings->batch_rows_max,
        .batch_us = (uint64_t)server->settings->batch_ms * 1000,
        .seed = now.mono_us,
        .lease_us = lease_us(server),
        .leased_until_us = now.mono_us + lease_us(server),
        .applied_max = &server->applied_max,
        .closed = &server->closed,
        .applied_wake = is_for_database ? net_wake(server->nets[0]) : NULL,
    };
    server->applied_max = server->world.applied_seq;
    server->next_seq = server->world.applied_seq + 1;
    server->store = store_create(&options, error);
    return server->store != NULL;
}

/* Views under way must leave room in a backlog, whatever the settings say: or one overflows again
 * and again. */
static uint32_t views_bytes_max(const struct server *server)
{
    uint32_t asked = server->settings->views_unanswered_bytes_max;
    uint32_t most = server->ground.limits.backlog_bytes / VIEWS_SHARE_OF_BACKLOG;
    return asked < most ? asked : most;
}

static struct host_limits host_limits_of(const struct server *server)
{
    const struct settings *settings = server->settings;
    return (struct host_limits){
        .dirty_bytes_max = settings->dirty_bytes_max,
        .tick_hz = settings->tick_hz,
        .speed_px_s = settings->speed_px_s,
        .reach_px = settings->reach_px,
        .view_cells = settings->view_cells,
        .sessions_max = settings->sessions_max,
        .chunks_max = settings->chunks_max,
        .entities_max = settings->entities_max,
        .characters_max = settings->characters_max,
        .regions_max = settings->regions_max,
        .chunk_idle_s = settings->chunk_idle_s,
        .intents_per_tick_max = settings->intents_per_tick_max,
        .save_position_s = settings->save_position_s,
        .view_entities_per_tick_max = settings->view_entities_per_tick_max,
        .views_unanswered_max = settings->views_unanswered_max,
        .views_unanswered_bytes_max = views_bytes_max(server),
        .slots_max = settings->slots_max,
        .structures_max = settings->structures_max,
        .piles_max = settings->piles_max,
        .image_configs_max = settings->image_configs_max,
        .images_max = settings->images_max,
        .offer_s = settings->offer_s,
        .image_size_px_max = settings->image_size_px_max,
        .image_keep_s = settings->image_keep_s,
        .image_editors = settings->image_editors,
        .share_seed = settings->share_seed,
        .is_building_free = settings->free_building,
        .has_kit = settings->starting_kit,
    };
}

static struct host_options host_options_of(struct server *server)
{
    const struct settings *settings = server->settings;
    return (struct host_options){
        .catalog = server->catalog,
        .generator = server->generator,
        .rule_seed = server->world.rule_seed,
        .world_name = settings->world,
        .timeline = server->world.timeline,
        .stream = server->world.stream,
        .limits = host_limits_of(server),
        .next_seq = server->next_seq,
        .tick = server->world.tick,
        .hash = server->world.hash,
        .images = server->images,
        .journal = server->journal,
        .inboxes = server->inboxes,
        .inbox_count = SERVER_HOSTS_MAX,
        .requests = &server->requests,
        .loaded = &server->loaded,
        .closed = &server->closed,
        .pictures = &server->pictures,
        .lines = &server->lines,
        .answers = &server->answers,
        .orders = &server->orders,
        .frames = &server->frames,
        .renewal = server->renewal,
    };
}

/* Reads what the world has of looks and pictures, once all that the journal had is applied. */
static bool load_images(struct server *server, struct error *error)
{
    const struct database *database = &server->ground.store_database;
    const struct settings *settings = server->settings;
    server->images = (struct database_images){
        .configs =
            memory_reserve("start", settings->image_configs_max, sizeof *server->images.configs),
        .images = memory_reserve("start", settings->images_max, sizeof *server->images.images),
        .configs_max = settings->image_configs_max,
        .images_max = settings->images_max,
    };
    return database->ops->load_images(database->state, server->world.id, &server->images, error) ==
           DATABASE_OK;
}

static void forget_images(struct server *server)
{
    memory_release(server->images.configs);
    memory_release(server->images.images);
    server->images = (struct database_images){.configs = NULL};
}

static bool open_host(struct server *server, struct error *error)
{
    struct host_options options = host_options_of(server);
    if (server->settings->record[0] != '\0') {
        server->recorder = recorder_open(server->settings->record, &options, error);
        if (server->recorder == NULL)
            return false;
    }
    options.recorder = server->recorder;
    server->host = host_create(&options);
    server->host->roles = (struct host_roles){
        .journal = server->journal,
        .store = server->store,
        .loader = server->loader,
        .cache = server->cache,
        .gallery = server->gallery,
        .net = server->nets[0],
        .keeper = server->keeper,
    };
    return true;
}

/* What the world was up to now: content, journal and database become one. */
static bool open_past(struct server *server, struct moment now, struct error *error)
{
    return load_catalog(server, error) && recover(server, error) &&
           identity_load(server->ground.disk, &server->recovered, &server->recovered.newest.journal,
                         error) &&
           open_world(server, error) && catch_up(server, now, error) && load_images(server, error);
}

/* The roles that go on from there. */
static bool open_roles(struct server *server, struct moment now, struct error *error)
{
    if (!open_journal(server, error) || !open_store(server, now, error) ||
        !dropped_settle(server, now, error))
        return false;
    open_loader(server);
    open_gallery(server);
    if (server->keeper == NULL)
        open_keeper(server);
    else
        keeper_set_journal(server->keeper, server->journal);
    return open_host(server, error) && check_pictures(server, error);
}

enum server_opened server_open(struct server *server, const struct settings *settings,
                               const struct server_ground *ground, struct moment now,
                               struct error *error)
{
    *server = (struct server){.settings = settings, .ground = *ground};
    settle_limits(server);
    init_rings(server);
    bool is_open =
        open_past(server, now, error) && open_nets(server, error) && open_roles(server, now, error);
    forget_images(server);
    if (is_open)
        return SERVER_OPEN;
    bool is_content_wrong = server->is_content_wrong;
    server_close(server, false);
    return is_content_wrong ? SERVER_CONTENT_WRONG : SERVER_FAILED;
}

/* All that belongs to the world as it was; the clients' connections stay, and the keeper. */
static void close_roles(struct server *server)
{
    if (server->keeper != NULL)
        keeper_set_journal(server->keeper, NULL);
    host_destroy(&server->host);
    recorder_destroy(&server->recorder);
    store_destroy(&server->store);
    journal_destroy(&server->journal);
    loader_destroy(&server->loader);
    renewal_destroy(&server->renewal);
    cache_destroy(&server->cache);
    gallery_destroy(&server->gallery);
    painter_destroy(&server->content_painter);
    painter_destroy(&server->console_painter);
    catalog_destroy(&server->catalog);
}

static void empty(struct ring *ring)
{
    struct ring_cursor cursor = ring_first(ring);
    uint32_t size = 0;
    while (ring_read(ring, &cursor, &size) != NULL)
        continue;
    ring_release(ring, cursor);
}

/* What was on its way between roles belongs to a world that is no more. */
static void empty_rings(struct server *server)
{
    for (uint32_t i = 0; i < SERVER_HOSTS_MAX; i++) {
        empty(&server->inboxes[i]);
        empty(&server->gallery_requests[i]);
        empty(&server->gallery_results[i]);
    }
    empty(&server->requests);
    empty(&server->loaded);
    empty(&server->closed);
    empty(&server->pictures);
    frame_restart(&server->frames);
}

/* The former connections were ended with the former database. */
static bool connect_again(struct server *server, struct error *error)
{
    struct database *database = &server->ground.store_database;
    return database->ops->connect(database->state, error) == DATABASE_OK;
}

bool server_reopen(struct server *server, struct moment now, struct error *error)
{
    console_give_up(server->host);
    close_roles(server);
    empty_rings(server);
    bool is_open = connect_again(server, error) && open_past(server, now, error);
    if (is_open) {
        for (uint32_t i = 0; i < server->host_count; i++) {
            net_restart(server->nets[i], server->world.timeline);
            pictures_load(net_images(server->nets[i]), &server->images);
        }
        is_open = open_roles(server, now, error);
    }
    forget_images(server);
    return is_open;
}

void server_close(struct server *server, bool is_clean)
{
    struct error error = {""};
    struct database *database = &server->ground.store_database;
    for (uint32_t i = 0; i < SERVER_HOSTS_MAX; i++)
        net_destroy(&server->nets[i]);
    close_roles(server);
    keeper_destroy(&server->keeper);
    if (is_clean &&
        database->ops->close_world(database->state, &server->world, &error) != DATABASE_OK)
        log_warning("store", "the world is not marked as closed: %s", error.text);
    frame_finish(&server->frames);
    for (uint32_t i = 0; i < SERVER_HOSTS_MAX; i++) {
        ring_finish(&server->inboxes[i]);
        ring_finish(&server->gallery_requests[i]);
        ring_finish(&server->gallery_results[i]);
    }
    ring_finish(&server->requests);
    ring_finish(&server->loaded);
    ring_finish(&server->closed);
    ring_finish(&server->pictures);
    ring_finish(&server->lines);
    ring_finish(&server->answers);
    ring_finish(&server->orders);
    for (uint32_t i = 0; i < KEEPER_LANES; i++)
        ring_finish(&server->kept_answers[i]);
    *server = (struct server){.settings = NULL};
}

/* May somebody else be the world's owner, or soon be? This server must not speak for it then. */
static bool is_disowned(const struct server *server, struct moment now)
{
    uint64_t margin_us = (uint64_t)server->settings->lease_margin_s * 1000000;
    return lease_us(server) > 0 && now.mono_us + margin_us >= store_leased_until_us(server->store);
}

/* Everything up to this record may be shown. */
static uint64_t released_seq(const struct server *server, struct moment now)
{
    if (is_disowned(server, now))
        return 0;
    uint64_t durable_seq = journal_durable_seq(server->journal);
    uint64_t applied_seq = store_applied_seq(server->store);
    switch ((enum server_durability)server->settings->durability) {
    case SERVER_DURABLE_JOURNAL:
        return durable_seq;
    case SERVER_DURABLE_DATABASE:
        return applied_seq < durable_seq ? applied_seq : durable_seq;
    case SERVER_DURABLE_RELAXED:
        return UINT64_MAX;
    }
    ensure(false); /* the table of settings has no other */
    return 0;
}

bool server_step_net(struct server *server, uint32_t host, struct moment now)
{
    bool did_work = net_step(server->nets[host], now, released_seq(server, now));
    if (ring_used_bytes(&server->gallery_requests[host]) > 0)
        wake_signal(gallery_wake(server->gallery));
    return did_work;
}

bool server_step_tick(struct server *server, struct moment now)
{
    struct tick_seqs seqs = {store_applied_seq(server->store), released_seq(server, now),
                             is_disowned(server, now)};
    struct tick_inputs inputs = tick_inputs_now(server->host, seqs, now);
    tick_run(server->host, &inputs);
    for (uint32_t i = 0; i < server->host_count; i++)
        wake_signal(net_wake(server->nets[i]));
    wake_signal(loader_wake(server->loader));
    return true;
}

bool server_step_journal(struct server *server, struct moment now)
{
    return journal_step(server->journal, now);
}

bool server_step_store(struct server *server, struct moment now)
{
    return store_step(server->store, now);
}

bool server_step_loader(struct server *server, struct moment now)
{
    return loader_step(server->loader, now);
}

bool server_step_gallery(struct server *server, struct moment now)
{
    return gallery_step(server->gallery, now);
}

bool server_step_keeper(struct server *server, uint32_t lane, struct moment now)
{
    return server->keeper != NULL && keeper_step(server->keeper, lane, now);
}

bool server_is_settled(struct server *server)
{
    struct host_facts facts;
    host_facts(server->host, &facts);
    return store_applied_seq(server->store) >= facts.seq;
}
