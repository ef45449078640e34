#include "bottle/audit.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "bottle/player.h"

/* --- calm ------------------------------------------------------------------------------------ */

/* Does the player see each chunk of its view as the server has it? */
static bool is_mirror_right(struct bottle *bottle, const struct player *player)
{
    const struct world *world = &bottle->server.host->world;
    for (uint32_t i = 0; i < world->chunk_pool.capacity; i++) {
        const struct chunk *chunk = &world->chunks[i];
        struct tilth_chunk seen;
        char hash[33];
        if (!pool_is_used(&world->chunk_pool, i) ||
            !tilth_client_chunk(player->client, chunk->pos.x, chunk->pos.y, &seen))
            continue;
        hash_format(chunk->hash, hash);
        if (seen.version != chunk->version || strcmp(seen.hash, hash) != 0)
            return bottle_tell(bottle, "%s sees chunk (%d,%d) as %s (version %llu) for %s (%llu)",
                               player->name, chunk->pos.x, chunk->pos.y, seen.hash,
                               (unsigned long long)seen.version, hash,
                               (unsigned long long)chunk->version);
    }
    return true;
}

/* Has the player what the server says, in each slot? */
static bool is_bag_right(struct bottle *bottle, const struct player *player)
{
    const struct world *world = &bottle->server.host->world;
    const struct character *character = world_find_name(world, player->name);
    struct tilth_slot seen;
    if (character == NULL)
        return bottle_tell(bottle, "%s plays without a character", player->name);
    for (uint32_t i = 0; tilth_client_slot(player->client, i, &seen); i++) {
        const struct stack *stack = world_slot(world, character, i);
        const char *type = world->catalog->entities[stack->type].name;
        bool is_same = seen.quantity == stack->quantity &&
                       (stack->quantity == 0 || strcmp(seen.type, type) == 0);
        if (!is_same)
            return bottle_tell(bottle, "%s sees %u %s in slot %u, and has %u %s", player->name,
                               seen.quantity, seen.type, i, stack->quantity, type);
    }
    return true;
}

static bool is_player_calm(struct bottle *bottle, const struct player *player)
{
    if (player->is_gone)
        return true;
    if (!player_is_ready(player))
        return bottle_tell(bottle, "%s is not in (last words: %s)", player->name, player->words);
    if (tilth_client_pending(player->client) != player->ask_count)
        return bottle_tell(bottle, "%s has %u intents pending, but was told of all but %u",
                           player->name, tilth_client_pending(player->client), player->ask_count);
    if (player->ask_count > 0)
        return bottle_tell(bottle, "%s waits for %u outcomes", player->name, player->ask_count);
    return is_mirror_right(bottle, player) && is_bag_right(bottle, player);
}

bool audit_is_calm(struct bottle *bottle)
{
    if (!bottle->is_running)
        return bottle_tell(bottle, "there is no server");
    if (!server_is_settled(&bottle->server)) {
        struct store_facts facts;
        store_facts(bottle->server.store, &facts);
        return bottle_tell(bottle, "not everything is in the database: %s", facts.last_failure);
    }
    for (uint32_t i = 0; i < bottle->player_count; i++) {
        if (!is_player_calm(bottle, bottle->players[i]))
            return false;
    }
    return true;
}

/* --- rows ------------------------------------------------------------------------------------ */

/* How often a row counts: a structure once for each chunk that it touches. */
static uint32_t times_counted(const struct change *row)
{
    struct chunk_pos touched[CHANGE_CHUNKS_MAX];
    uint8_t flags = change_schema(row->kind)->flags;
    if ((flags & CHANGE_COUNTS) == 0)
        return 0;
    return (flags & CHANGE_IN_CHUNK) != 0 ? change_chunks(row, touched) : 1;
}

struct hash128 audit_hash(const struct change *change)
{
    struct hash128 hash = {0, 0};
    uint32_t times = times_counted(change);
    for (uint32_t i = 0; i < times; i++)
        hash = hash_add(hash, change_hash(change));
    return hash;
}

/* The sum of what all rows add to the world hash. */
static struct hash128 hash_rows(const struct sim_database *database)
{
    struct hash128 hash = {0, 0};
    const struct change *row;
    for (uint32_t i = 0; (row = sim_database_row(database, i)) != NULL; i++)
        hash = hash_add(hash, audit_hash(row));
    return hash;
}

static const struct change_chunk *find_mark(const struct sim_database *database,
                                            struct chunk_pos chunk)
{
    const struct change *row;
    for (uint32_t i = 0; (row = sim_database_row(database, i)) != NULL; i++) {
        if (row->kind == CHANGE_CHUNK && grid_is_same_chunk(row->chunk.chunk, chunk))
            return &row->chunk;
    }
    return NULL;
}

/* Is each chunk's mark the sum of the chunk's rows? */
static bool are_marks_right(struct bottle *bottle)
{
    const struct change *row;
    struct hash128 marks = {0, 0}, rows = {0, 0};
    for (uint32_t i = 0; (row = sim_database_row(bottle->database, i)) != NULL; i++) {
        bool is_in_chunk = (change_schema(row->kind)->flags & CHANGE_IN_CHUNK) != 0;
        if (row->kind == CHANGE_CHUNK)
            marks = hash_add(marks, row->chunk.hash);
        for (uint32_t n = 0; is_in_chunk && n < times_counted(row); n++)
            rows = hash_add(rows, change_hash(row));
        if (is_in_chunk && find_mark(bottle->database, grid_chunk_of(change_cell(row))) == NULL)
            return bottle_tell(bottle, "cell (%d,%d) is kept in a chunk without a version",
                               change_cell(row).x, change_cell(row).y);
    }
    return hash_is_equal(marks, rows) ||
           bottle_tell(bottle, "the chunks' hashes in the database are not those of their rows");
}

static int order_ids(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* No entity's id twice. */
static bool are_ids_single(struct bottle *bottle)
{
    uint32_t max = sim_database_rows(bottle->database, CHANGE_ENTITY), count = 0;
    uint64_t *ids = malloc((max + 1) * sizeof *ids);
    const struct change *row;
    bool are_single = true;
    ensure(ids != NULL);
    for (uint32_t i = 0; (row = sim_database_row(bottle->database, i)) != NULL; i++) {
        if (row->kind == CHANGE_ENTITY)
            ids[count++] = row->entity.id.value;
    }
    qsort(ids, count, sizeof *ids, order_ids);
    for (uint32_t i = 1; i < count && are_single; i++) {
        if (ids[i] == ids[i - 1])
            are_single =
                bottle_tell(bottle, "entity %llu is there twice", (unsigned long long)ids[i]);
    }
    free(ids);
    return are_single;
}

bool audit_rows(struct bottle *bottle)
{
    return are_marks_right(bottle) && are_ids_single(bottle);
}

/* --- the ledger ------------------------------------------------------------------------------ */

/* What the database has of a cell. */
struct found {
    bool is_kept;
    uint32_t replaced;
    uint32_t things;
    uint32_t type;   /* of the last */
    bool is_crowded; /* two are in it that do not share a cell */
};

static struct found find_cell(const struct bottle *bottle, struct cell_pos cell)
{
    const struct sim_database *database = bottle->database;
    struct found found = {.things = 0};
    const struct change *row;
    for (uint32_t i = 0; (row = sim_database_row(database, i)) != NULL; i++) {
        if ((row->kind != CHANGE_CELL && row->kind != CHANGE_ENTITY) ||
            !grid_is_same_cell(change_cell(row), cell))
            continue;
        if (row->kind == CHANGE_CELL) {
            found.is_kept = true;
            found.replaced = row->cell.replaced;
        } else {
            found.is_crowded |=
                found.things > 1 ||
                (found.things == 1 && !catalog_may_share(bottle->server.host->world.catalog,
                                                         found.type, row->entity.type));
            found.things++;
            found.type = row->entity.type;
        }
    }
    return found;
}

static bool is_page_right(struct bottle *bottle, const struct ledger_cell *page)
{
    struct found found = find_cell(bottle, page->cell);
    uint32_t before = found.is_kept && found.replaced != 0;
    if (!found.is_kept)
        return bottle_tell(bottle, "cell (%d,%d) is as generated; players were told of changes",
                           page->cell.x, page->cell.y);
    if (before + page->placed != page->removed + found.things || found.is_crowded)
        return bottle_tell(
            bottle, "cell (%d,%d): %u things are there; %u before, %u placed, %u removed",
            page->cell.x, page->cell.y, found.things, before, page->placed, page->removed);
    if (page->placed == 1 && found.things == 1 && found.type != page->type)
        return bottle_tell(bottle, "cell (%d,%d) holds type %u instead of %u", page->cell.x,
                           page->cell.y, found.type, page->type);
    return true;
}

/* Is everything there that nobody was told of? Things without a page were never confirmed. */
static bool is_all_told(struct bottle *bottle)
{
    const struct change *row;
    for (uint32_t i = 0; (row = sim_database_row(bottle->database, i)) != NULL; i++) {
        if (row->kind == CHANGE_ENTITY && ledger_find(&bottle->ledger, row->entity.cell) == NULL)
            return bottle_tell(bottle, "a thing is in cell (%d,%d) that nobody was told of",
                               row->entity.cell.x, row->entity.cell.y);
    }
    return true;
}

static bool is_ledger_right(struct bottle *bottle)
{
    const struct ledger *ledger = &bottle->ledger;
    for (uint32_t i = 0; i < ledger->cell_count; i++) {
        if (!is_page_right(bottle, &ledger->cells[i]))
            return false;
    }
    for (uint32_t i = 0; i < ledger->chunk_count; i++) {
        const struct ledger_chunk *page = &ledger->chunks[i];
        const struct change_chunk *mark = find_mark(bottle->database, page->chunk);
        bool is_newer = mark != NULL && mark->version > page->version;
        if (!is_newer && (mark == NULL || mark->version != page->version ||
                          !hash_is_equal(mark->hash, page->hash)))
            return bottle_tell(bottle, "players saw version %llu of chunk (%d,%d), and it is gone",
                               (unsigned long long)page->version, page->chunk.x, page->chunk.y);
    }
    return ledger->is_closed || is_all_told(bottle);
}

/* --- memory and journal ---------------------------------------------------------------------- */

static bool is_memory_right(struct bottle *bottle)
{
    struct host *host = bottle->server.host;
    struct content *content = malloc(sizeof *content);
    bool is_right = true;
    ensure(content != NULL);
    if (!hash_is_equal(host->world.hash, hash_rows(bottle->database)))
        is_right = bottle_tell(bottle, "the world hash in memory is not that of the rows");
    for (uint32_t i = 0; i < host->world.chunk_pool.capacity && is_right; i++) {
        const struct chunk *chunk = &host->world.chunks[i];
        if (!pool_is_used(&host->world.chunk_pool, i))
            continue;
        const struct change_chunk *mark = find_mark(bottle->database, chunk->pos);
        content_gather(&host->world, chunk, content);
        bool is_same = hash_is_equal(content_hash(content), chunk->hash) &&
                       chunk->version == (mark != NULL ? mark->version : 0) &&
                       (mark == NULL || hash_is_equal(mark->hash, chunk->hash));
        if (!is_same)
            is_right = bottle_tell(bottle, "chunk (%d,%d) in memory is not what the database has",
                                   chunk->pos.x, chunk->pos.y);
    }
    free(content);
    return is_right;
}

/* Brings the whole journal into an empty database. False when it does not go in. */
static bool replay_journal(struct bottle *bottle, struct database *connection)
{
    struct server *server = &bottle->server;
    struct store_options options = {
        .database = *connection,
        .disk = &bottle->journal_disk,
        .durable_seq = journal_durable_seq(server->journal),
        .batch_rows_max = server->settings->batch_rows_max,
    };
    struct database_options world = {
        .world = "replay",
        .generator_version = server->world.generator_version,
        .folder = "replay",
        .journal = journal_id(server->journal),
    };
    struct error error = {""};
    struct store_facts facts = {.applied_seq = 0};
    struct catalog *catalog = malloc(sizeof *catalog);
    ensure(catalog != NULL);
    *catalog = *server->host->world.catalog;
    if (connection->ops->connect(connection->state, &error) != DATABASE_OK ||
        connection->ops->open_world(connection->state, &world, catalog, &options.world, &error) !=
            DATABASE_OK)
        (void)bottle_tell(bottle, "replay: %s", error.text);
    free(catalog);
    if (error.text[0] != 0)
        return false;
    struct store *store = store_create(&options, &error);
    if (store == NULL)
        return bottle_tell(bottle, "replay: %s", error.text);
    while (store_step(store, bottle_moment(bottle)))
        continue;
    store_facts(store, &facts);
    store_destroy(&store);
    return facts.applied_seq == options.durable_seq ||
           bottle_tell(bottle, "the journal reads only to record %llu of %llu: %s",
                       (unsigned long long)facts.applied_seq,
                       (unsigned long long)options.durable_seq, facts.last_failure);
}

static bool is_journal_right(struct bottle *bottle)
{
    struct sim_database *database = sim_database_create();
    struct database connection;
    sim_database_open(database, &connection);
    bool is_right = replay_journal(bottle, &connection);
    if (is_right && !hash_is_equal(hash_rows(database), hash_rows(bottle->database)))
        is_right = bottle_tell(bottle, "the journal and the database are not the same world");
    if (is_right && sim_database_rows(database, CHANGE_CHUNK) !=
                        sim_database_rows(bottle->database, CHANGE_CHUNK))
        is_right = bottle_tell(bottle, "the journal and the database have other chunks");
    sim_database_close(&connection);
    sim_database_destroy(&database);
    return is_right;
}

/* A key names content by version and hash: what is there is right, or forged. */
static bool is_cache_right(struct bottle *bottle)
{
    struct cache_facts facts;
    cache_facts(bottle->server.cache, &facts);
    return facts.rejected <= sim_cache_lies(bottle->cache) - bottle->lies_before ||
           bottle_tell(bottle, "the cache gave %llu times what its key does not name",
                       (unsigned long long)facts.rejected);
}

bool audit_run(struct bottle *bottle)
{
    return !bottle->is_broken && is_memory_right(bottle) && audit_rows(bottle) &&
           is_ledger_right(bottle) && is_cache_right(bottle) && is_journal_right(bottle);
}
