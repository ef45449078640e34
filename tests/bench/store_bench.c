/* store_bench URL FOLDER CELLS: how fast the store brings a journal into a database.
 *
 * Makes a world in the empty database that URL names, and a journal in FOLDER/journal whose records
 * are like those of a busy tick: 500 cells in 10 chunks, each a changed cell and the thing in it.
 * Every chunk has CELLS_IN_CHUNK changed cells. Then, for each line on standard input, the store
 * applies the next half of the journal, and one JSON object says what came of it: first all rows
 * are new, then all are there and get other values. Needs TILTH_SOURCE_DIR. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "bench/samples.h"
#include "store/postgres.h"
#include "store/store.h"
#include "wire/framing.h"

enum {
    RING_BYTES = 16 << 20,
    SEGMENT_BYTES = 64 << 20,
    TEXT_BYTES = 512,
    CELLS_MAX = 10000000,
    RECORD_CHUNKS = 10, /* that a record changes */
    RECORD_CELLS = 50,  /* in each of them */
    CELLS_IN_CHUNK = 200,
    CHUNKS_IN_ROW = 64,
    STEPS_MAX = 100000,
    PAYLOAD_BYTES = 1 << 17,
    STRIDE = 37, /* the cells of a chunk are taken in this order: it shares no factor with 4,096 */
    PLACER = 7,
};

struct bench {
    struct database database;
    struct catalog *catalog;
    struct database_world world;
    struct disk disk;
    struct journal *journal;
    uint64_t next_seq;
    uint64_t chunks; /* that are changed */
};

static void must(bool is_done, const struct error *error)
{
    if (is_done)
        return;
    (void)fprintf(stderr, "store_bench: %s\n", error->text);
    exit(EXIT_FAILURE);
}

static void open_world(struct bench *bench, const char *url, const char *journal_folder)
{
    char path[TEXT_BYTES];
    struct error error = {""};
    const char *source = getenv("TILTH_SOURCE_DIR");
    postgres_open(&(struct postgres_options){.url = url, .role = "store"}, &bench->database);
    must(bench->database.ops->connect(bench->database.state, &error) == DATABASE_OK, &error);
    (void)snprintf(path, sizeof path, "%.400s/migrations", source != NULL ? source : ".");
    must(postgres_migrate(&bench->database, path, &error) == DATABASE_OK, &error);
    (void)snprintf(path, sizeof path, "%.400s/shared/content", source != NULL ? source : ".");
    bench->catalog = catalog_load(path, NULL, &error);
    must(bench->catalog != NULL, &error);
    struct database_options options = {
        .world = "bench", .generator_version = 1, .folder = journal_folder, .journal = 1};
    must(bench->database.ops->open_world(bench->database.state, &options, bench->catalog,
                                         &bench->world, &error) == DATABASE_OK,
         &error);
}

static void open_journal(struct bench *bench, const char *folder)
{
    struct recovered recovered;
    struct error error = {""};
    must(disk_posix_open(&bench->disk, folder, &error), &error);
    must(recover_cut(&bench->disk, 0, &recovered, &error), &error);
    struct journal_options options = {
        .disk = &bench->disk,
        .world = bench->world.id,
        .journal = 1,
        .timeline = bench->world.timeline,
        .next_seq = 1,
        .ring_bytes = RING_BYTES,
        .segment_bytes = SEGMENT_BYTES,
    };
    bench->journal = journal_create(&options, &recovered, &error);
    must(bench->journal != NULL, &error);
    bench->next_seq = 1;
}

/* ---- the records ---- */

/* The n-th changed cell of a chunk; chunks lie in rows, to all sides of the world's middle. */
static struct cell_pos cell_at(uint64_t chunk, uint64_t n)
{
    int32_t x = (int32_t)(chunk % CHUNKS_IN_ROW) - CHUNKS_IN_ROW / 2;
    int32_t y = (int32_t)(chunk / CHUNKS_IN_ROW) - CHUNKS_IN_ROW / 2;
    uint32_t cell = (uint32_t)(n * STRIDE) % (GRID_CHUNK_CELLS * GRID_CHUNK_CELLS);
    return (struct cell_pos){x * GRID_CHUNK_CELLS + (int32_t)(cell % GRID_CHUNK_CELLS),
                             y * GRID_CHUNK_CELLS + (int32_t)(cell / GRID_CHUNK_CELLS)};
}

static void add(struct packet *packet, const struct change *change)
{
    ensure(framing_add_change(packet, change));
}

/* A changed cell and the thing in it: a new one each, or one that is there with another look. */
static void add_cell(struct packet *packet, uint64_t chunk, uint64_t n, uint32_t version)
{
    struct cell_pos cell = cell_at(chunk, n);
    struct change kept = {.kind = CHANGE_CELL,
                          .cell = {.cell = cell, .is_kept = 1, .replaced = version}};
    struct change thing = {.kind = CHANGE_ENTITY,
                           .entity = {.id = {1 + chunk * CELLS_IN_CHUNK + n},
                                      .cell = cell,
                                      .type = version,
                                      .placer = {PLACER}}};
    add(packet, &kept);
    add(packet, &thing);
}

static void append(struct bench *bench, uint8_t *payload, uint32_t size_bytes)
{
    ensure(payload != NULL);
    struct record_header header = {
        .seq = bench->next_seq,
        .tick = bench->next_seq,
        .wall_us = clock_now().wall_us,
        .size_bytes = size_bytes,
    };
    journal_append(bench->journal, &header);
    while (journal_durable_seq(bench->journal) < bench->next_seq)
        (void)journal_step(bench->journal, clock_now());
    bench->next_seq++;
}

/* One record: some cells in each of some chunks, from the first cell on. */
static void make_record(struct bench *bench, uint64_t chunk, uint64_t cell, uint32_t version)
{
    struct packet packet;
    uint8_t *payload = journal_reserve(bench->journal, PAYLOAD_BYTES);
    framing_init(&packet, payload, PAYLOAD_BYTES);
    uint64_t end = chunk + RECORD_CHUNKS < bench->chunks ? chunk + RECORD_CHUNKS : bench->chunks;
    for (uint64_t i = chunk; i < end; i++) {
        for (uint64_t n = cell; n < cell + RECORD_CELLS; n++)
            add_cell(&packet, i, n, version);
    }
    for (uint64_t i = chunk; i < end; i++) {
        struct change change = {
            .kind = CHANGE_CHUNK,
            .chunk = {.chunk = grid_chunk_of(cell_at(i, 0)),
                      .version = bench->next_seq,
                      .hash = {i + 1, bench->next_seq}},
        };
        add(&packet, &change);
    }
    append(bench, payload, (uint32_t)packet.size_bytes);
}

/* All cells once: some of each chunk, then some more of each. Returns the last record. */
static uint64_t make_records(struct bench *bench, uint32_t version)
{
    for (uint64_t cell = 0; cell < CELLS_IN_CHUNK; cell += RECORD_CELLS) {
        for (uint64_t chunk = 0; chunk < bench->chunks; chunk += RECORD_CHUNKS)
            make_record(bench, chunk, cell, version);
    }
    return bench->next_seq - 1;
}

/* ---- applying ---- */

static struct store *open_store(struct bench *bench, uint64_t last)
{
    struct error error = {""};
    struct store_options options = {
        .database = bench->database,
        .disk = &bench->disk,
        .durable_seq = last,
        .world = bench->world,
        .seed = 1,
    };
    struct store *store = store_create(&options, &error);
    must(store != NULL, &error);
    return store;
}

/* Applies all up to the record, and tells how long it took. */
static void apply(struct bench *bench, const char *name, uint64_t last)
{
    struct store_facts facts = {.is_stopped = false};
    struct store *store = open_store(bench, last);
    uint64_t since_ns = samples_now_ns(), cpu_ns = samples_cpu_ns();
    for (uint32_t i = 0; i < STEPS_MAX && store_applied_seq(store) < last; i++) {
        if (!store_step(store, clock_now()))
            break;
    }
    since_ns = samples_now_ns() - since_ns;
    cpu_ns = samples_cpu_ns() - cpu_ns;
    store_facts(store, &facts);
    if (facts.applied_seq != last || facts.retries > 0) {
        (void)fprintf(stderr, "store_bench: %s\n", facts.last_failure);
        exit(EXIT_FAILURE);
    }
    bench->world.applied_seq = last;
    (void)printf("{\"phase\": \"%s\", \"cells\": %llu, \"rows\": %llu, \"batches\": %llu, "
                 "\"ns\": %llu, \"cpu_ns\": %llu}\n",
                 name, (unsigned long long)(bench->chunks * CELLS_IN_CHUNK),
                 (unsigned long long)facts.rows, (unsigned long long)facts.batches,
                 (unsigned long long)since_ns, (unsigned long long)cpu_ns);
    (void)fflush(stdout);
    store_destroy(&store);
}

static void wait_for_line(void)
{
    int c = 0;
    while (c != '\n' && c != EOF)
        c = getchar();
}

int main(int argc, char **argv)
{
    struct bench bench = {.chunks = 0};
    char folder[TEXT_BYTES];
    uint64_t cells = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;
    if (cells < CELLS_IN_CHUNK || cells > CELLS_MAX) {
        (void)fprintf(stderr, "store_bench URL FOLDER CELLS (%d to %d)\n", CELLS_IN_CHUNK,
                      CELLS_MAX);
        return EXIT_FAILURE;
    }
    log_level_set(LOG_WARNING);
    bench.chunks = (cells + CELLS_IN_CHUNK - 1) / CELLS_IN_CHUNK;
    (void)snprintf(folder, sizeof folder, "%.400s/journal", argv[2]);
    open_world(&bench, argv[1], folder);
    open_journal(&bench, folder);
    uint64_t last_new = make_records(&bench, 1);
    uint64_t last = make_records(&bench, 2);
    (void)printf("{\"phase\": \"made\", \"records\": %llu}\n", (unsigned long long)last);
    (void)fflush(stdout);
    wait_for_line();
    apply(&bench, "new", last_new);
    wait_for_line();
    apply(&bench, "update", last);
    wait_for_line(); /* somebody looks at what its connection has used */
    journal_destroy(&bench.journal);
    disk_posix_close(&bench.disk);
    postgres_close(&bench.database);
    catalog_destroy(&bench.catalog);
    return EXIT_SUCCESS;
}
