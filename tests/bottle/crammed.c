#include "bottle/crammed.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "wire/framing.h"

enum { PAYLOAD_BYTES = 1 << 20, ROWS_MAX = 16384, IMAGES = 100000 };

/* A tick record for each chunk. */
struct crammed {
    struct bottle *bottle;
    struct database database;
    struct database_world world;
    struct catalog *catalog;
    struct generator_chunk *base;
    struct batch *batch;
    struct packet packet;
    struct hash128 hash;       /* of the world so far */
    struct hash128 chunk_hash; /* of the chunk so far */
};

static void add(struct crammed *crammed, const struct change *change)
{
    ensure(framing_add_change(&crammed->packet, change));
    if (!(change_schema(change->kind)->flags & CHANGE_COUNTS))
        return;
    crammed->hash = hash_add(crammed->hash, change_hash(change));
    crammed->chunk_hash = hash_add(crammed->chunk_hash, change_hash(change));
}

static void add_cell(struct crammed *crammed, struct chunk_pos chunk, uint32_t index)
{
    struct change keep = {.kind = CHANGE_CELL};
    keep.cell.cell =
        (struct cell_pos){chunk.x * GRID_CHUNK_CELLS + (int32_t)index % GRID_CHUNK_CELLS,
                          chunk.y * GRID_CHUNK_CELLS + (int32_t)index / GRID_CHUNK_CELLS};
    keep.cell.is_kept = 1;
    keep.cell.replaced = crammed->catalog->natural_types[crammed->base->natural[index]];
    add(crammed, &keep);
}

static void add_entity(struct crammed *crammed, struct chunk_pos chunk, uint32_t index)
{
    static const char *const types[] = {"grass", "floor_tile", "sign"};
    struct rng *rng = &crammed->bottle->rng;
    struct change put = {.kind = CHANGE_ENTITY};
    put.entity.id.value = 1 + rng_below(rng, ID_MAX);
    put.entity.cell =
        (struct cell_pos){chunk.x * GRID_CHUNK_CELLS + (int32_t)index % GRID_CHUNK_CELLS,
                          chunk.y * GRID_CHUNK_CELLS + (int32_t)index / GRID_CHUNK_CELLS};
    put.entity.type = catalog_find_name(crammed->catalog, types[rng_below(rng, 3)])->type;
    put.entity.image = (uint32_t)rng_below(rng, IMAGES);
    put.entity.placer.value = 1 + rng_below(rng, ID_MAX);
    add(crammed, &put);
}

static void cram(struct crammed *crammed, struct chunk_pos chunk)
{
    struct generator generator = {crammed->world.terrain_seed, crammed->world.generator_version};
    struct change mark = {.kind = CHANGE_CHUNK};
    struct error error = {""};
    uint64_t seq = ++crammed->world.applied_seq;
    crammed->packet.size_bytes = 0;
    crammed->chunk_hash = (struct hash128){0, 0};
    generator_make(&generator, chunk, crammed->base);
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++)
        add_cell(crammed, chunk, i);
    for (uint32_t i = 0; i < WORLD_CHUNK_ENTITIES_MAX; i++)
        add_entity(crammed, chunk, i % GRID_CHUNK_AREA);
    mark.chunk = (struct change_chunk){chunk, seq, crammed->chunk_hash, 0};
    add(crammed, &mark);
    struct record_header header = {
        .seq = seq,
        .tick = seq,
        .hash = crammed->hash,
        .size_bytes = (uint32_t)crammed->packet.size_bytes,
    };
    batch_clear(crammed->batch);
    ensure(batch_add(crammed->batch, &header, crammed->packet.bytes, &error) == BATCH_ADDED);
    batch_sort(crammed->batch);
    ensure(crammed->database.ops->apply(crammed->database.state, &crammed->world, crammed->batch,
                                        &error) == DATABASE_OK);
}

static void open_database(struct crammed *crammed)
{
    const struct settings *settings = &crammed->bottle->settings;
    struct database *database = &crammed->database;
    struct error error = {""};
    struct database_options options = {
        .world = settings->world,
        .terrain_seed = settings->seed,
        .rule_seed = 1,
        .generator_version = GENERATOR_VERSION,
        .folder = settings->journal_dir,
        .journal = 1,
    };
    crammed->catalog = catalog_load(settings->content_dir, NULL, &error);
    ensure(crammed->catalog != NULL);
    sim_database_open(crammed->bottle->database, database);
    ensure(database->ops->connect(database->state, &error) == DATABASE_OK);
    ensure(database->ops->open_world(database->state, &options, crammed->catalog, &crammed->world,
                                     &error) == DATABASE_OK);
}

void crammed_make(struct bottle *bottle, struct chunk_pos from, struct chunk_pos to)
{
    struct crammed crammed = {.bottle = bottle};
    struct error error = {""};
    uint8_t *payload = malloc(PAYLOAD_BYTES);
    crammed.base = malloc(sizeof *crammed.base);
    ensure(payload != NULL && crammed.base != NULL);
    crammed.batch = batch_create(ROWS_MAX, PAYLOAD_BYTES);
    framing_init(&crammed.packet, payload, PAYLOAD_BYTES);
    open_database(&crammed);
    for (int32_t y = from.y; y <= to.y; y++) {
        for (int32_t x = from.x; x <= to.x; x++)
            cram(&crammed, (struct chunk_pos){x, y});
    }
    ensure(crammed.database.ops->close_world(crammed.database.state, &crammed.world, &error) ==
           DATABASE_OK);
    sim_database_close(&crammed.database);
    batch_destroy(&crammed.batch);
    catalog_destroy(&crammed.catalog);
    free(crammed.base);
    free(payload);
}
