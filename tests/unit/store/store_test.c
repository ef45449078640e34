#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "sim/database.h"
#include "sim/disk.h"
#include "sim/scene.h"
#include "testing.h"

enum {
    ROWS_MAX = 16,
    PAYLOAD_BYTES = 768,
    ENTITIES = 40,
    SEEDS = TESTING_ROUNDS(300),
    RECORDS = 60,
    PAUSE_US = 20000000, /* longer than any pause before a retry */
};

/* A journal on a simulated disk, a simulated database, and the store between them. */
struct bench {
    struct sim_disk *sim_disk;
    struct disk disk;
    struct sim_database *sim;
    struct database database, reader;
    struct catalog *catalog;
    struct database_options options;
    struct database_world world;
    struct journal *journal;
    struct store *store;
    struct ring *closed; /* or NULL */
    uint64_t next_seq;
    struct moment now;
    struct error error;
    uint16_t truth[ENTITIES + 1]; /* type of each entity by id, 0: none */
};

static void bench_open_world(struct bench *bench)
{
    ck_assert_int_eq(bench->database.ops->connect(bench->database.state, &bench->error),
                     DATABASE_OK);
    ck_assert_int_eq(bench->database.ops->open_world(bench->database.state, &bench->options,
                                                     bench->catalog, &bench->world, &bench->error),
                     DATABASE_OK);
}

static struct catalog *load_catalog(struct error *error)
{
    char folder[256];
    (void)snprintf(folder, sizeof folder, "%.200s/shared/content", getenv("TILTH_SOURCE_DIR"));
    struct catalog *catalog = catalog_load(folder, NULL, error);
    ck_assert_msg(catalog != NULL, "%s", error->text);
    return catalog;
}

static void bench_open_journal(struct bench *bench)
{
    struct recovered recovered;
    ck_assert(recover_cut(&bench->disk, 0, &recovered, &bench->error));
    bench->next_seq = recovered.last.seq + 1;
    bench->journal = journal_create(&(struct journal_options){.disk = &bench->disk,
                                                              .world = bench->world.id,
                                                              .journal = 9,
                                                              .timeline = 1,
                                                              .next_seq = bench->next_seq,
                                                              .ring_bytes = 4096,
                                                              .segment_bytes = 12 * 1024},
                                    &recovered, &bench->error);
    ck_assert_msg(bench->journal != NULL, "%s", bench->error.text);
}

static void bench_open_store(struct bench *bench)
{
    bench->store = store_create(&(struct store_options){.database = bench->database,
                                                        .disk = &bench->disk,
                                                        .journal = bench->journal,
                                                        .world = bench->world,
                                                        .batch_rows_max = ROWS_MAX,
                                                        .closed = bench->closed,
                                                        .seed = 1},
                                &bench->error);
    ck_assert_msg(bench->store != NULL, "%s", bench->error.text);
}

static void bench_begin(struct bench *bench, uint64_t seed)
{
    *bench = (struct bench){.now = {.mono_us = 1}};
    bench->sim_disk = sim_disk_create(seed);
    bench->disk = sim_disk_open(bench->sim_disk);
    bench->sim = sim_database_create();
    sim_database_open(bench->sim, &bench->database);
    sim_database_open(bench->sim, &bench->reader);
    bench->catalog = load_catalog(&bench->error);
    bench->options = (struct database_options){
        .world = "meadow", .generator_version = 1, .folder = "/journal", .journal = 9};
    bench_open_world(bench);
    bench_open_journal(bench);
    bench_open_store(bench);
}

static void bench_end(struct bench *bench)
{
    store_destroy(&bench->store);
    store_destroy(&bench->store);
    journal_destroy(&bench->journal);
    sim_database_close(&bench->database);
    sim_database_close(&bench->reader);
    sim_database_destroy(&bench->sim);
    sim_disk_destroy(&bench->sim_disk);
    catalog_destroy(&bench->catalog);
}

/* Appends a record; it is durable only after bench_sync. */
static void bench_append(struct bench *bench, const struct change *changes, uint32_t count)
{
    uint8_t *payload = journal_reserve(bench->journal, PAYLOAD_BYTES);
    ck_assert_ptr_nonnull(payload);
    struct record_header header = {
        .seq = bench->next_seq,
        .tick = bench->next_seq,
        .size_bytes = scene_payload(changes, count, payload, PAYLOAD_BYTES),
    };
    bench->next_seq++;
    journal_append(bench->journal, &header);
}

static void bench_sync(struct bench *bench)
{
    bench->now.mono_us += 1000;
    (void)journal_step(bench->journal, bench->now);
    ck_assert_uint_eq(journal_durable_seq(bench->journal), bench->next_seq - 1);
}

/* Sets an entity's type, in the truth and in a record. */
static void bench_set(struct bench *bench, uint64_t id, uint16_t type)
{
    struct change change = scene_entity(id, (int32_t)id, 0, type);
    bench->truth[id] = type;
    bench_append(bench, &change, 1);
}

static bool bench_step(struct bench *bench)
{
    bench->now.mono_us += PAUSE_US;
    return store_step(bench->store, bench->now);
}

static struct store_facts facts_of(struct bench *bench)
{
    struct store_facts facts;
    store_facts(bench->store, &facts);
    return facts;
}

static void bench_settle(struct bench *bench)
{
    for (int i = 0; i < 100 && store_applied_seq(bench->store) < bench->next_seq - 1; i++)
        (void)bench_step(bench);
    ck_assert_uint_eq(facts_of(bench).applied_seq, bench->next_seq - 1);
}

/* Is the database as the truth is, nothing more and nothing less? */
static void bench_check(struct bench *bench)
{
    static struct content content;
    uint32_t count = 0;
    ck_assert_int_eq(bench->reader.ops->connect(bench->reader.state, NULL), DATABASE_OK);
    ck_assert_int_eq(bench->reader.ops->load_chunk(bench->reader.state, bench->world.id,
                                                   (struct chunk_pos){0, 0}, &content, NULL),
                     DATABASE_OK);
    for (uint32_t id = 1; id <= ENTITIES; id++)
        count += bench->truth[id] != 0;
    ck_assert_uint_eq(content.entity_count, count);
    for (uint32_t i = 0; i < content.entity_count; i++)
        ck_assert_uint_eq(content.entities[i].type, bench->truth[content.entities[i].id.value]);
}

START_TEST(test_only_what_is_durable_is_applied)
{
    struct bench bench;
    bench_begin(&bench, 1);
    bench_set(&bench, 1, 2);
    ck_assert(!bench_step(&bench));
    ck_assert_uint_eq(sim_database_rows(bench.sim, CHANGE_ENTITY), 0);
    bench_sync(&bench);
    bench_set(&bench, 2, 2);
    ck_assert(bench_step(&bench));
    ck_assert_uint_eq(store_applied_seq(bench.store), 1);
    ck_assert(!bench_step(&bench));
    bench_sync(&bench);
    bench_settle(&bench);
    bench_check(&bench);
    bench_end(&bench);
}
END_TEST

START_TEST(test_records_are_taken_together)
{
    struct bench bench;
    bench_begin(&bench, 1);
    for (uint64_t i = 1; i <= ROWS_MAX + 4; i++)
        bench_set(&bench, i, 1);
    bench_sync(&bench);
    ck_assert(bench_step(&bench));
    ck_assert_uint_eq(store_applied_seq(bench.store), ROWS_MAX);
    ck_assert_uint_eq(facts_of(&bench).last_batch_rows, ROWS_MAX);
    ck_assert(bench_step(&bench));
    ck_assert_uint_eq(facts_of(&bench).batches, 2);
    ck_assert_uint_eq(facts_of(&bench).rows, ROWS_MAX + 4);
    bench_check(&bench);
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_record_with_more_rows_than_a_batch)
{
    struct bench bench;
    struct change changes[2 * ROWS_MAX];
    bench_begin(&bench, 1);
    for (uint32_t i = 0; i < 2 * ROWS_MAX; i++) {
        changes[i] = scene_entity(i + 1, (int32_t)i + 1, 0, 1);
        bench.truth[i + 1] = 1;
    }
    bench_append(&bench, changes, 2 * ROWS_MAX);
    bench_set(&bench, 1, 2);
    bench_sync(&bench);
    ck_assert(bench_step(&bench));
    ck_assert_uint_eq(store_applied_seq(bench.store), 1);
    bench_settle(&bench);
    bench_check(&bench);
    bench_end(&bench);
}
END_TEST

START_TEST(test_pauses_grow_while_the_database_is_away)
{
    struct bench bench;
    bench_begin(&bench, 1);
    bench_set(&bench, 1, 1);
    bench_sync(&bench);
    sim_database_set_away(bench.sim, true);
    ck_assert(!bench_step(&bench));
    ck_assert(!facts_of(&bench).is_connected);
    ck_assert_str_ne(facts_of(&bench).last_failure, "");
    for (int i = 0; i < 6000; i++) {
        bench.now.mono_us += 10000;
        (void)store_step(bench.store, bench.now);
    }
    ck_assert_uint_gt(facts_of(&bench).retries, 8);
    ck_assert_uint_lt(facts_of(&bench).retries, 25);
    sim_database_set_away(bench.sim, false);
    bench_settle(&bench);
    ck_assert(facts_of(&bench).is_connected);
    ck_assert_str_eq(facts_of(&bench).last_failure, "");
    bench_check(&bench);
    bench_end(&bench);
}
END_TEST

/* What is no row's fault is tried again, until people have put it right. */
START_TEST(test_a_refused_batch_waits)
{
    struct bench bench;
    bench_begin(&bench, 1);
    bench_set(&bench, 1, 1);
    bench_sync(&bench);
    sim_database_plan(bench.sim, 1, SIM_DATABASE_FAIL);
    ck_assert(!bench_step(&bench));
    ck_assert(!facts_of(&bench).is_stopped);
    ck_assert_str_eq(facts_of(&bench).last_failure, "the simulated database refuses");
    ck_assert_uint_eq(facts_of(&bench).quarantined, 0);
    bench_settle(&bench);
    ck_assert_str_eq(facts_of(&bench).last_failure, "");
    bench_check(&bench);
    bench_end(&bench);
}
END_TEST

/* A connection that comes again is no progress while what it is asked is refused. */
START_TEST(test_pauses_grow_while_it_refuses)
{
    struct bench bench;
    bench_begin(&bench, 1);
    bench_set(&bench, 1, 1);
    bench_sync(&bench);
    sim_database_plan(bench.sim, 1, SIM_DATABASE_FAIL);
    (void)bench_step(&bench);
    for (int i = 0; i < 6000; i++) {
        uint64_t retries = facts_of(&bench).retries;
        sim_database_plan(bench.sim, 2, SIM_DATABASE_FAIL); /* after it has resumed */
        bench.now.mono_us += 10000;
        (void)store_step(bench.store, bench.now);
        ck_assert_uint_le(facts_of(&bench).retries, retries + 1);
    }
    ck_assert_uint_gt(facts_of(&bench).retries, 8);
    ck_assert_uint_lt(facts_of(&bench).retries, 25);
    sim_database_plan(bench.sim, 1, SIM_DATABASE_WELL);
    bench_settle(&bench);
    bench_check(&bench);
    bench_end(&bench);
}
END_TEST

/* Gives all entities types, in a record each, and settles. */
static void bench_set_all(struct bench *bench, uint16_t types)
{
    for (uint64_t id = 1; id <= ENTITIES; id++) {
        bench_set(bench, id, (uint16_t)(id % types + 1));
        bench_sync(bench);
        (void)bench_step(bench);
    }
    bench_settle(bench);
}

/* The chunks that the tick was told of last; none: it was told nothing new. */
static uint32_t told_chunks(struct ring *ring, struct chunk_pos out_chunks[4])
{
    struct ring_cursor cursor = ring_first(ring);
    uint32_t size = 0, count = UINT32_MAX;
    const uint8_t *bytes;
    while ((bytes = ring_read(ring, &cursor, &size)) != NULL) {
        struct store_closed head;
        memcpy(&head, bytes, sizeof head);
        count = head.count;
        ck_assert_uint_le(count, 4);
        memcpy(out_chunks, bytes + sizeof head, count * sizeof *out_chunks);
    }
    ring_release(ring, cursor);
    return count;
}

/* Refused rows wait apart, the tick is told of their chunks, and all goes on. */
START_TEST(test_refused_rows_do_not_stop_the_store)
{
    struct bench bench;
    struct chunk_pos chunks[4];
    struct quarantined_retried retried;
    struct ring ring = {.memory = NULL};
    bench_begin(&bench, 1);
    ring_init(&ring, "test", 1 << 20);
    store_destroy(&bench.store);
    bench.closed = &ring;
    bench_open_store(&bench);
    ck_assert_uint_eq(told_chunks(&ring, chunks), UINT32_MAX);
    sim_database_refuse(bench.sim, CHANGE_ENTITY, 300000);
    bench_set_all(&bench, 1);
    bench_check(&bench);
    uint32_t quarantined = facts_of(&bench).quarantined;
    ck_assert_uint_gt(quarantined, 0);
    ck_assert_uint_lt(quarantined, ENTITIES);
    ck_assert_uint_eq(told_chunks(&ring, chunks), 1);
    ck_assert(grid_is_same_chunk(chunks[0], (struct chunk_pos){0, 0}));
    bench_set_all(&bench, 3);
    bench_check(&bench);
    ck_assert_uint_eq(facts_of(&bench).quarantined, quarantined);
    ck_assert_uint_eq(told_chunks(&ring, chunks), UINT32_MAX);

    store_destroy(&bench.store); /* and a start knows of it */
    bench.database.ops->disconnect(bench.database.state);
    bench_open_world(&bench);
    bench_open_store(&bench);
    ck_assert_uint_eq(told_chunks(&ring, chunks), 1);
    sim_database_refuse(bench.sim, CHANGE_ENTITY, 0);
    ck_assert_int_eq(bench.reader.ops->retry_quarantined(bench.reader.state, &bench.world, "",
                                                         &retried, &bench.error),
                     DATABASE_OK);
    ck_assert_uint_eq(retried.applied, quarantined);
    bench_set(&bench, 1, 4);
    bench_sync(&bench);
    bench_settle(&bench);
    bench_check(&bench);
    ck_assert_uint_eq(facts_of(&bench).quarantined, 0);
    ck_assert_uint_eq(told_chunks(&ring, chunks), 0);
    bench_end(&bench);
    ring_finish(&ring);
}
END_TEST

START_TEST(test_a_new_owner_stops_the_store)
{
    struct bench bench;
    struct database other;
    struct database_world world;
    bench_begin(&bench, 1);
    sim_database_open(bench.sim, &other);
    bench.database.ops->disconnect(bench.database.state);
    ck_assert_int_eq(other.ops->connect(other.state, NULL), DATABASE_OK);
    ck_assert_int_eq(
        other.ops->open_world(other.state, &bench.options, bench.catalog, &world, NULL),
        DATABASE_OK);
    bench_set(&bench, 1, 1);
    bench_sync(&bench);
    for (int i = 0; i < 3; i++)
        ck_assert(!bench_step(&bench));
    ck_assert(facts_of(&bench).is_stopped);
    ck_assert_uint_eq(sim_database_rows(bench.sim, CHANGE_ENTITY), 0);
    sim_database_close(&other);
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_gap_is_refused)
{
    struct bench bench;
    bench_begin(&bench, 1);
    store_destroy(&bench.store);
    journal_destroy(&bench.journal);
    struct recovered recovered = {.is_empty = true};
    bench.sim_disk = (sim_disk_destroy(&bench.sim_disk), sim_disk_create(4));
    bench.disk = sim_disk_open(bench.sim_disk);
    bench.next_seq = 5;
    bench.journal = journal_create(&(struct journal_options){.disk = &bench.disk,
                                                             .world = bench.world.id,
                                                             .journal = 9,
                                                             .timeline = 1,
                                                             .next_seq = 5,
                                                             .ring_bytes = 4096,
                                                             .segment_bytes = 12 * 1024},
                                   &recovered, &bench.error);
    ck_assert_ptr_nonnull(bench.journal);
    bench_set(&bench, 1, 1);
    bench_sync(&bench);
    bench.error.text[0] = '\0';
    ck_assert_ptr_null(store_create(&(struct store_options){.database = bench.database,
                                                            .disk = &bench.disk,
                                                            .journal = bench.journal,
                                                            .world = bench.world},
                                    &bench.error));
    ck_assert_str_ne(bench.error.text, "");
    bench_end(&bench);
}
END_TEST

/* Ends the server without a word, and starts it again behind what is left. */
static void bench_restart(struct bench *bench)
{
    store_destroy(&bench->store);
    journal_destroy(&bench->journal);
    sim_disk_kill(bench->sim_disk);
    bench->database.ops->disconnect(bench->database.state);
    bench_open_world(bench);
    bench_open_journal(bench);
    ck_assert_uint_le(bench->world.applied_seq, bench->next_seq - 1);
    bench_open_store(bench);
}

START_TEST(test_faults_lose_and_double_nothing)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct bench bench;
        struct rng rng;
        rng_init(&rng, seed);
        bench_begin(&bench, seed);
        for (uint32_t i = 0; i < RECORDS; i++) {
            bench_set(&bench, 1 + rng_below(&rng, ENTITIES), (uint16_t)rng_below(&rng, 5));
            bench_sync(&bench);
            if (rng_chance(&rng, 200000))
                sim_database_plan(bench.sim, 1 + rng_below(&rng, 3),
                                  rng_chance(&rng, 500000) ? SIM_DATABASE_LOSE_BEFORE
                                                           : SIM_DATABASE_LOSE_AFTER);
            if (rng_chance(&rng, 300000))
                (void)bench_step(&bench);
            sim_database_set_away(bench.sim, rng_chance(&rng, 100000));
            if (rng_chance(&rng, 100000))
                sim_database_refuse(bench.sim, CHANGE_NONE, (uint32_t)rng_below(&rng, 2) * 200000);
            if (rng_chance(&rng, 50000)) {
                sim_database_set_away(bench.sim, false);
                sim_database_plan(bench.sim, 0, SIM_DATABASE_WELL);
                bench_restart(&bench);
            }
        }
        sim_database_set_away(bench.sim, false);
        bench_settle(&bench);
        sim_database_plan(bench.sim, 0, SIM_DATABASE_WELL);
        bench_check(&bench);
        bench_end(&bench);
    }
}
END_TEST

TESTING_MAIN("store", test_only_what_is_durable_is_applied, test_records_are_taken_together,
             test_a_record_with_more_rows_than_a_batch, test_pauses_grow_while_the_database_is_away,
             test_pauses_grow_while_it_refuses, test_a_refused_batch_waits,
             test_refused_rows_do_not_stop_the_store, test_a_new_owner_stops_the_store,
             test_a_gap_is_refused, test_faults_lose_and_double_nothing)
