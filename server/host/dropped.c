#include "host/dropped.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/quarantine.h"
#include "wire/framing.h"

/* A key that is given up: what the world has of it, and what the row says. */
struct dropped_key {
    struct change was, is;
};

/* What a record is made from. */
struct dropped {
    struct server *server;
    struct dropped_key *keys; /* [QUARANTINED_MAX] */
    uint32_t count;
    struct chunk_pos *chunks; /* [QUARANTINE_CHUNKS_MAX * 2] that they lie in */
    uint32_t chunk_count;
    struct quarantined *entry;
    struct content *content;
    struct database_region *region;
    struct world scratch; /* of one chunk: does what comes out hold together? */
    struct packet packet; /* the record's changes */
    uint64_t seq;         /* the record's */
    struct hash128 hash;  /* the world's */
    bool is_refused;      /* what comes out is no world */
};

static const struct database *database_of(const struct dropped *dropped)
{
    return &dropped->server->ground.store_database;
}

static void open_scratch(struct dropped *dropped)
{
    struct world_options options = {
        .catalog = dropped->server->catalog,
        .generator = dropped->server->generator,
        .chunks_max = 1,
        .entities_max = WORLD_CHUNK_ENTITIES_MAX,
        .structures_max = WORLD_CHUNK_STRUCTURES_MAX,
        .piles_max = WORLD_CHUNK_PILES_MAX,
        .image_configs_max = 1,
        .images_max = 0,
        .characters_max = 1,
        .slots_max = 1,
        .actors_max = 1,
    };
    world_init(&dropped->scratch, &options);
}

static void open_dropped(struct dropped *dropped, struct server *server)
{
    *dropped =
        (struct dropped){.server = server, .seq = server->next_seq, .hash = server->world.hash};
    dropped->keys = memory_reserve("start", QUARANTINED_MAX, sizeof *dropped->keys);
    dropped->chunks = memory_reserve("start", 2 * QUARANTINE_CHUNKS_MAX, sizeof *dropped->chunks);
    dropped->entry = memory_reserve("start", 1, sizeof *dropped->entry);
    dropped->content = memory_reserve("start", 1, sizeof *dropped->content);
    dropped->region = memory_reserve("start", 1, sizeof *dropped->region);
    open_scratch(dropped);
}

static void close_dropped(struct dropped *dropped)
{
    memory_release(dropped->keys);
    memory_release(dropped->chunks);
    memory_release(dropped->entry);
    memory_release(dropped->content);
    memory_release(dropped->region);
    world_finish(&dropped->scratch);
}

/* Reads the keys, and what their rows say. */
static enum database_result read_keys(struct dropped *dropped, struct error *error)
{
    const struct database *database = database_of(dropped);
    uint64_t world = dropped->server->world.id;
    struct quarantined *entry = dropped->entry;
    enum database_result result = DATABASE_OK;
    entry->change.kind = CHANGE_NONE;
    while (result == DATABASE_OK) {
        result = database->ops->next_quarantined(database->state, world, entry, error);
        if (result != DATABASE_OK || !entry->is_dropped)
            continue;
        ensure(dropped->count < QUARANTINED_MAX);
        struct dropped_key *key = &dropped->keys[dropped->count++];
        key->was = entry->change;
        result = database->ops->load_row(database->state, world, &key->was, &key->is, error);
    }
    return result == DATABASE_NOT_FOUND ? DATABASE_OK : result;
}

static int order_chunks(const void *a, const void *b)
{
    return quarantine_order(*(const struct chunk_pos *)a, *(const struct chunk_pos *)b);
}

static void gather_chunks(struct dropped *dropped)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < dropped->count; i++) {
        struct dropped_key *key = &dropped->keys[i];
        dropped->chunk_count +=
            quarantine_chunks(&key->was, dropped->chunks + dropped->chunk_count);
        dropped->chunk_count += quarantine_chunks(&key->is, dropped->chunks + dropped->chunk_count);
    }
    qsort(dropped->chunks, dropped->chunk_count, sizeof *dropped->chunks, order_chunks);
    for (uint32_t i = 0; i < dropped->chunk_count; i++) {
        if (kept == 0 || !grid_is_same_chunk(dropped->chunks[kept - 1], dropped->chunks[i]))
            dropped->chunks[kept++] = dropped->chunks[i];
    }
    dropped->chunk_count = kept;
}

static enum database_result refuse(struct dropped *dropped)
{
    dropped->is_refused = true;
    return DATABASE_FAILED;
}

/* Is the content one that the world can have? */
static bool does_hold(struct dropped *dropped, struct error *error)
{
    struct chunk *chunk = world_add_chunk(&dropped->scratch, dropped->content->chunk);
    ensure(chunk != NULL);
    bool does = content_load(&dropped->scratch, dropped->content, error);
    world_remove_chunk(&dropped->scratch, chunk);
    return does;
}

/* The version that the chunk has now, 0 none. */
static enum database_result find_version(struct dropped *dropped, struct chunk_pos chunk,
                                         uint64_t *out_version, struct error *error)
{
    const struct database *database = database_of(dropped);
    enum database_result result = database->ops->load_region(
        database->state, dropped->server->world.id, grid_region_of(chunk), dropped->region, error);
    *out_version = 0;
    for (uint32_t i = 0; result == DATABASE_OK && i < dropped->region->count; i++) {
        if (grid_is_same_chunk(dropped->region->chunks[i].chunk, chunk))
            *out_version = dropped->region->chunks[i].version;
    }
    return result;
}

/* Makes the chunk's content what the rows say of the keys, and adds its mark to the record.
 * Refused, with words, when the world would not hold together. */
static enum database_result settle_chunk(struct dropped *dropped, struct chunk_pos chunk,
                                         struct error *error)
{
    const struct database *database = database_of(dropped);
    struct change mark = {.kind = CHANGE_CHUNK};
    bool has_room = true;
    enum database_result result = find_version(dropped, chunk, &mark.chunk.before, error);
    if (result == DATABASE_OK)
        result = database->ops->load_chunk(database->state, dropped->server->world.id, chunk,
                                           dropped->content, error);
    if (result != DATABASE_OK)
        return result;
    dropped->hash = hash_subtract(dropped->hash, content_hash(dropped->content));
    for (uint32_t i = 0; i < dropped->count && has_room; i++) {
        const struct change *is = &dropped->keys[i].is;
        if ((change_schema(is->kind)->flags & CHANGE_IN_CHUNK) != 0)
            has_room = quarantine_lay_over(dropped->content, is);
    }
    content_sort(dropped->content);
    if (!has_room)
        (void)error_set(error, "chunk %d,%d has no room for its rows", chunk.x, chunk.y);
    if (!has_room || !does_hold(dropped, error))
        return refuse(dropped);
    mark.chunk.chunk = chunk;
    mark.chunk.version = dropped->seq;
    mark.chunk.hash = content_hash(dropped->content);
    dropped->hash = hash_add(dropped->hash, mark.chunk.hash);
    if (framing_add_change(&dropped->packet, &mark))
        return DATABASE_OK;
    (void)error_set(error, "it is too much for one tick record");
    return refuse(dropped);
}

/* Adds what the row says to the record. What lies in no chunk adds to the world hash by itself. */
static bool settle_key(struct dropped *dropped, const struct dropped_key *key, struct error *error)
{
    struct change is = key->is;
    const char *field = "";
    if (!schema_check(change_schema(is.kind), change_record_of(&is), &field))
        return error_set(error, "%s is out of its range in a row", field);
    if ((change_schema(is.kind)->flags & CHANGE_IN_CHUNK) == 0) {
        if (!batch_is_delete(&key->was))
            dropped->hash = hash_subtract(dropped->hash, change_hash(&key->was));
        if (!batch_is_delete(&is))
            dropped->hash = hash_add(dropped->hash, change_hash(&is));
    }
    return framing_add_change(&dropped->packet, &is) ||
           error_set(error, "it is too much for one tick record");
}

static struct database_image_config *find_look(struct dropped *dropped, uint32_t look)
{
    struct database_images *images = &dropped->server->images;
    for (uint32_t i = 0; i < images->config_count; i++) {
        if (images->configs[i].value.id == look)
            return &images->configs[i];
    }
    return NULL;
}

/* Are all looks there that rows name? */
static bool has_looks(struct dropped *dropped, struct error *error)
{
    for (uint32_t i = 0; i < dropped->count; i++) {
        uint32_t look = change_look(&dropped->keys[i].is);
        if (look != 0 && find_look(dropped, look) == NULL)
            return error_set(error, "a row has the look %u, which is not there", look);
    }
    return true;
}

/* Things change their looks: as many of each are in use from now on. */
static void move_uses(struct dropped *dropped)
{
    for (uint32_t i = 0; i < dropped->count; i++) {
        struct database_image_config *before =
            find_look(dropped, change_look(&dropped->keys[i].was));
        struct database_image_config *after = find_look(dropped, change_look(&dropped->keys[i].is));
        if (before != NULL)
            before->uses--;
        if (after != NULL)
            after->uses++;
    }
}

/* Fills the record. Refused, with words: it would make a world that does not hold together. */
static enum database_result fill(struct dropped *dropped, struct error *error)
{
    enum database_result result = has_looks(dropped, error) ? DATABASE_OK : refuse(dropped);
    for (uint32_t i = 0; i < dropped->count; i++) {
        if (!settle_key(dropped, &dropped->keys[i], error))
            return refuse(dropped);
    }
    gather_chunks(dropped);
    for (uint32_t i = 0; i < dropped->chunk_count && result == DATABASE_OK; i++)
        result = settle_chunk(dropped, dropped->chunks[i], error);
    return result;
}

/* Makes the record. */
static enum database_result append(struct dropped *dropped, int64_t wall_us, struct error *error)
{
    struct server *server = dropped->server;
    const struct database *database = database_of(dropped);
    enum database_result result =
        database->ops->settle_dropped(database->state, &server->world, dropped->seq, error);
    if (result != DATABASE_OK)
        return result;
    server->world.tick++;
    server->world.hash = dropped->hash;
    server->next_seq++;
    move_uses(dropped);
    struct record_header header = {
        .seq = dropped->seq,
        .tick = server->world.tick,
        .wall_us = wall_us,
        .hash = dropped->hash,
        .size_bytes = (uint32_t)dropped->packet.size_bytes,
    };
    journal_append(server->journal, &header);
    log_warning("host",
                "given up: %u keys in quarantine are what their rows say from record %llu on",
                dropped->count, (unsigned long long)dropped->seq);
    return DATABASE_OK;
}

static enum database_result settle(struct dropped *dropped, int64_t wall_us, struct error *error)
{
    enum database_result result = read_keys(dropped, error);
    if (result != DATABASE_OK || dropped->count == 0)
        return result;
    uint8_t *payload = journal_reserve(dropped->server->journal, RECORD_PAYLOAD_BYTES_MAX);
    ensure(payload != NULL); /* nothing is in the ring yet */
    framing_init(&dropped->packet, payload, RECORD_PAYLOAD_BYTES_MAX);
    result = fill(dropped, error);
    return result == DATABASE_OK ? append(dropped, wall_us, error) : result;
}

bool dropped_settle(struct server *server, struct moment now, struct error *error)
{
    struct dropped dropped;
    if (server->world.quarantine == 0)
        return true;
    open_dropped(&dropped, server);
    enum database_result result = settle(&dropped, now.wall_us, error);
    close_dropped(&dropped);
    if (dropped.is_refused) {
        log_warning("host", "what was given up of the quarantine is not: %s", error->text);
        return true;
    }
    return result == DATABASE_OK;
}
