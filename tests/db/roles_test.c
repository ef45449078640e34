/* Store and loader with a real journal folder, a real PostgreSQL and a real Redis, each of which
 * goes away in the middle. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ensure.h"
#include "db/services.h"
#include "sim/scene.h"
#include "store/loader.h"
#include "store/pg.h"
#include "store/postgres.h"
#include "store/redis.h"
#include "store/store.h"
#include "testing.h"
#include "wire/framing.h"

enum {
    BENCH_DEADLINE_US = 400000,
    BENCH_PAUSE_US = 20000000, /* between steps, so that every pause for a retry is over */
    BENCH_PAYLOAD_BYTES = 4096,
    BENCH_RING_BYTES = 1 << 21,
    BENCH_JOURNAL_RING_BYTES = 1 << 22,
};

struct bench {
    char url[SERVICES_TEXT_BYTES];
    char folder[SERVICES_TEXT_BYTES]; /* of the journal */
    struct pg *admin;
    struct database database;
    struct catalog *catalog;
    struct database_world world;
    struct disk disk;
    struct journal *journal;
    uint64_t next_seq;
    struct moment now;
    struct error error;
};

static void bench_path(char out_path[SERVICES_TEXT_BYTES], const char *name)
{
    (void)snprintf(out_path, SERVICES_TEXT_BYTES, "%.200s/%s", getenv("TILTH_SOURCE_DIR"), name);
}

static void bench_open_database(const struct bench *bench, const char *role, struct database *out)
{
    postgres_open(&(struct postgres_options){.url = bench->url,
                                             .role = role,
                                             .deadline_us = BENCH_DEADLINE_US,
                                             .connect_us = BENCH_DEADLINE_US,
                                             .lock_wait_us = 100000},
                  out);
}

static void bench_must(const struct bench *bench, enum database_result result)
{
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
}

static void bench_make_database(struct bench *bench)
{
    char name[64];
    char path[SERVICES_TEXT_BYTES];
    struct services_postgres postgres = {.pid = 0};
    (void)snprintf(postgres.folder, sizeof postgres.folder, "%s", getenv("TILTH_TEST_POSTGRES"));
    (void)snprintf(name, sizeof name, "roles_%d", getpid());
    services_database(&postgres, name, bench->url);
    bench->admin = pg_create(&(struct pg_options){
        .url = bench->url, .name = "admin", .connect_us = 5000000, .deadline_us = 5000000});
    ck_assert_int_eq(pg_connect(bench->admin, &bench->error), PG_OK);
    bench_open_database(bench, "store", &bench->database);
    bench_must(bench, bench->database.ops->connect(bench->database.state, &bench->error));
    bench_path(path, "migrations");
    bench_must(bench, postgres_migrate(&bench->database, path, &bench->error));
    bench_path(path, "shared/content");
    bench->catalog = catalog_load(path, NULL, &bench->error);
    ck_assert_msg(bench->catalog != NULL, "%s", bench->error.text);
}

static void bench_open_journal(struct bench *bench)
{
    struct recovered recovered;
    ck_assert_msg(recover_cut(&bench->disk, 0, &recovered, &bench->error), "%s", bench->error.text);
    bench->next_seq = recovered.last.seq + 1;
    bench->journal = journal_create(
        &(struct journal_options){
            .disk = &bench->disk,
            .world = bench->world.id,
            .journal = 99,
            .timeline = 1,
            .next_seq = bench->next_seq,
            .ring_bytes = BENCH_JOURNAL_RING_BYTES,
            .segment_bytes = 1 << 22,
        },
        &recovered, &bench->error);
    ck_assert_msg(bench->journal != NULL, "%s", bench->error.text);
}

static void bench_begin(struct bench *bench)
{
    *bench = (struct bench){.now = clock_now()};
    bench_make_database(bench);
    (void)snprintf(bench->folder, sizeof bench->folder, "%s/journal_%d",
                   getenv("TILTH_TEST_POSTGRES"), getpid());
    bench_must(bench,
               bench->database.ops->open_world(bench->database.state,
                                               &(struct database_options){.world = "meadow",
                                                                          .generator_version = 1,
                                                                          .folder = bench->folder,
                                                                          .journal = 99},
                                               bench->catalog, &bench->world, &bench->error));
    ck_assert(disk_posix_open(&bench->disk, bench->folder, &bench->error));
    bench_open_journal(bench);
}

static void bench_end(struct bench *bench)
{
    journal_destroy(&bench->journal);
    disk_posix_close(&bench->disk);
    postgres_close(&bench->database);
    catalog_destroy(&bench->catalog);
    pg_destroy(&bench->admin);
}

/* Appends one record to the journal and makes it durable. */
static void bench_record(struct bench *bench, const struct change *changes, uint32_t count)
{
    uint8_t *payload = journal_reserve(bench->journal, BENCH_PAYLOAD_BYTES);
    ck_assert_ptr_nonnull(payload);
    struct record_header header = {
        .seq = bench->next_seq,
        .tick = bench->next_seq * 2,
        .wall_us = 1700000000000000,
        .size_bytes = scene_payload(changes, count, payload, BENCH_PAYLOAD_BYTES),
    };
    bench->next_seq++;
    journal_append(bench->journal, &header);
    while (journal_durable_seq(bench->journal) < header.seq) {
        bench->now.mono_us += 1000;
        (void)journal_step(bench->journal, bench->now);
    }
}

/* A record for entity n: it comes into its own cell; the one before it changes its type. */
static void bench_record_entity(struct bench *bench, uint64_t n)
{
    int32_t x = (int32_t)n % 200 - 100;
    struct change changes[3] = {
        scene_cell(x, (int32_t)n, SCENE_TREE),
        scene_entity(n, x, (int32_t)n, SCENE_TREE),
        scene_entity(n - 1, ((int32_t)n - 1) % 200 - 100, (int32_t)n - 1, SCENE_ROCK),
    };
    bench_record(bench, changes, n > 1 ? 3 : 2);
}

static struct store *bench_store(struct bench *bench, struct database database)
{
    struct store *store = store_create(
        &(struct store_options){
            .database = database,
            .disk = &bench->disk,
            .journal = bench->journal,
            .world = bench->world,
            .batch_rows_max = 64,
            .seed = 3,
        },
        &bench->error);
    ck_assert_msg(store != NULL, "%s", bench->error.text);
    return store;
}

static bool bench_step(struct bench *bench, struct store *store)
{
    bench->now.mono_us += BENCH_PAUSE_US;
    return store_step(store, bench->now);
}

/* Steps until all is applied; it must not take forever. */
static void bench_settle(struct bench *bench, struct store *store)
{
    struct store_facts facts;
    for (int i = 0; i < 100 && store_applied_seq(store) < bench->next_seq - 1; i++)
        (void)bench_step(bench, store);
    store_facts(store, &facts);
    ck_assert_msg(facts.applied_seq == bench->next_seq - 1, "%s", facts.last_failure);
    ck_assert_str_eq(facts.last_failure, "");
    ck_assert(facts.is_connected && !facts.is_stopped);
}

/* The number that a statement without parameters gives. */
static int64_t bench_ask(struct bench *bench, const struct pg_statement *statement)
{
    enum pg_status status = pg_prepare(bench->admin, statement, 1, &bench->error);
    if (status == PG_OK) {
        pg_start(bench->admin, statement);
        status = pg_run(bench->admin, &bench->error);
    }
    ck_assert_msg(status == PG_OK, "%s", bench->error.text);
    return pg_rows(bench->admin) > 0 ? pg_int(bench->admin, 0, 0) : 0;
}

static void bench_cut_connections(struct bench *bench)
{
    ck_assert_int_eq(pg_script(bench->admin,
                               "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                               "WHERE datname = current_database() AND pid <> pg_backend_pid()",
                               &bench->error),
                     PG_OK);
}

/* Closes the database to new connections, or opens it; done from another one. */
static void bench_allow_connections(struct bench *bench, bool is_allowed)
{
    char url[SERVICES_TEXT_BYTES];
    char sql[128];
    (void)snprintf(url, sizeof url, "host=%s user=tilth dbname=postgres",
                   getenv("TILTH_TEST_POSTGRES"));
    (void)snprintf(sql, sizeof sql, "ALTER DATABASE roles_%d ALLOW_CONNECTIONS %s", getpid(),
                   is_allowed ? "true" : "false");
    struct pg *pg = pg_create(&(struct pg_options){
        .url = url, .name = "admin", .connect_us = 5000000, .deadline_us = 5000000});
    ck_assert_int_eq(pg_connect(pg, &bench->error), PG_OK);
    ck_assert_msg(pg_script(pg, sql, &bench->error) == PG_OK, "%s", bench->error.text);
    pg_destroy(&pg);
}

/* All rows of entities 1..count are there, each once, with its last type. */
static void bench_check_entities(struct bench *bench, int64_t count)
{
    static const struct pg_statement rows = {"rows", "SELECT count(*) FROM cell_entities"};
    static const struct pg_statement ids = {
        "ids", "SELECT count(DISTINCT id) FROM cell_entities WHERE type = 2 OR id = "
               "(SELECT max(id) FROM cell_entities) AND type = 1"};
    static const struct pg_statement cells = {
        "cells", "SELECT count(DISTINCT (cell_x, cell_y)) FROM cell_changes WHERE cell_y > 0"};
    ck_assert_int_eq(bench_ask(bench, &rows), count);
    ck_assert_int_eq(bench_ask(bench, &ids), count);
    ck_assert_int_eq(bench_ask(bench, &cells), count);
}

/* A database whose apply loses the connection after the commit, now and then. */
struct flaky {
    struct database inner;
    uint32_t applies;
};

static enum database_result flaky_connect(void *state, struct error *error)
{
    const struct flaky *flaky = state;
    return flaky->inner.ops->connect(flaky->inner.state, error);
}

static enum database_result flaky_resume(void *state, struct database_world *world,
                                         struct error *error)
{
    const struct flaky *flaky = state;
    return flaky->inner.ops->resume(flaky->inner.state, world, error);
}

static enum database_result flaky_apply(void *state, const struct database_world *world,
                                        struct batch *batch, struct error *error)
{
    struct flaky *flaky = state;
    enum database_result result = flaky->inner.ops->apply(flaky->inner.state, world, batch, error);
    if (result != DATABASE_OK || flaky->applies++ % 3 != 0)
        return result;
    flaky->inner.ops->disconnect(flaky->inner.state);
    error_set(error, "the answer to the commit was lost");
    return DATABASE_LOST;
}

static const struct database_ops flaky_ops = {
    .connect = flaky_connect, .resume = flaky_resume, .apply = flaky_apply};

START_TEST(test_every_row_once)
{
    struct bench bench;
    struct store_facts facts;
    bench_begin(&bench);
    struct flaky flaky = {.inner = bench.database};
    struct store *store =
        bench_store(&bench, (struct database){.ops = &flaky_ops, .state = &flaky});
    for (uint64_t n = 1; n <= 400; n++) {
        bench_record_entity(&bench, n);
        if (n % 7 == 0)
            (void)bench_step(&bench, store);
        if (n % 90 == 0)
            bench_cut_connections(&bench);
    }
    bench_settle(&bench, store);
    bench_check_entities(&bench, 400);
    store_facts(store, &facts);
    ck_assert_uint_gt(facts.retries, 4);
    store_destroy(&store);
    bench_end(&bench);
}
END_TEST

/* From now on the table of entities raises the error, so often. */
static void bench_raise(struct bench *bench, const char *code, int times)
{
    char sql[640];
    (void)snprintf(sql, sizeof sql,
                   "DROP SEQUENCE IF EXISTS tries CASCADE; CREATE SEQUENCE tries; "
                   "CREATE OR REPLACE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS "
                   "'BEGIN IF nextval(''tries'') <= %d THEN RAISE EXCEPTION ''made trouble'' "
                   "USING ERRCODE = ''%s''; END IF; RETURN NEW; END'; "
                   "CREATE OR REPLACE TRIGGER trouble BEFORE INSERT ON cell_entities "
                   "FOR EACH ROW EXECUTE FUNCTION trouble()",
                   times, code);
    ck_assert_msg(pg_script(bench->admin, sql, &bench->error) == PG_OK, "%s", bench->error.text);
}

/* What passes is tried again until it has passed; nothing comes into quarantine by it. */
START_TEST(test_what_passes_is_tried_again)
{
    static const char *const codes[] = {"40001", "40P01", "55P03", "53100",
                                        "53300", "57P01", "57014", "25006"};
    struct bench bench;
    struct store_facts before, after;
    bench_begin(&bench);
    struct store *store = bench_store(&bench, bench.database);
    for (uint64_t n = 1; n <= sizeof codes / sizeof codes[0]; n++) {
        store_facts(store, &before);
        bench_raise(&bench, codes[n - 1], 3);
        bench_record_entity(&bench, n);
        bench_settle(&bench, store);
        store_facts(store, &after);
        ck_assert_uint_eq(after.retries, before.retries + 3);
        ck_assert_uint_eq(after.quarantined, 0);
    }
    bench_check_entities(&bench, sizeof codes / sizeof codes[0]);
    store_destroy(&store);
    bench_end(&bench);
}
END_TEST

/* What is neither passing nor a row's fault waits for people, in words. */
START_TEST(test_what_people_must_put_right_waits)
{
    static const char *const codes[] = {"42501", "42P01", "42703", "XX001"};
    struct bench bench;
    struct store_facts facts;
    bench_begin(&bench);
    struct store *store = bench_store(&bench, bench.database);
    for (uint64_t n = 1; n <= sizeof codes / sizeof codes[0]; n++) {
        bench_raise(&bench, codes[n - 1], 1000);
        bench_record_entity(&bench, n);
        for (int i = 0; i < 5; i++)
            (void)bench_step(&bench, store);
        store_facts(store, &facts);
        ck_assert_uint_eq(facts.applied_seq, n - 1);
        ck_assert_uint_eq(facts.quarantined, 0);
        ck_assert(!facts.is_stopped);
        ck_assert_ptr_nonnull(strstr(facts.last_failure, "made trouble"));
        bench_raise(&bench, codes[n - 1], 0);
        bench_settle(&bench, store);
    }
    bench_check_entities(&bench, sizeof codes / sizeof codes[0]);
    store_destroy(&store);
    bench_end(&bench);
}
END_TEST

/* What a second session does to two rows that the store is about to write, the later one first. */
struct intruder {
    const char *url;
    _Atomic bool has_begun, is_done;
};

static void *intrude(void *argument)
{
    struct intruder *intruder = argument;
    struct error error = {""};
    struct pg *pg = pg_create(&(struct pg_options){
        .url = intruder->url, .name = "intruder", .connect_us = 5000000, .deadline_us = 20000000});
    ensure(pg_connect(pg, &error) == PG_OK);
    ensure(pg_script(pg,
                     "SET deadlock_timeout = '10s'; BEGIN; "
                     "UPDATE cell_entities SET metadata = '{}' WHERE id = 2",
                     &error) == PG_OK);
    intruder->has_begun = true;
    /* the store has the first row now, and waits for the second one */
    (void)pg_script(pg,
                    "DO 'BEGIN FOR i IN 1..1000 LOOP EXIT WHEN EXISTS (SELECT FROM pg_locks "
                    "WHERE NOT granted); PERFORM pg_sleep(0.01); END LOOP; END'; "
                    "UPDATE cell_entities SET metadata = '{}' WHERE id = 1; COMMIT",
                    &error);
    pg_destroy(&pg);
    intruder->is_done = true;
    return NULL;
}

START_TEST(test_a_deadlock_is_nothing_to_stop_for)
{
    struct bench bench;
    struct store_facts facts;
    pthread_t thread;
    bench_begin(&bench);
    ck_assert_int_eq(pg_script(bench.admin,
                               "DO 'BEGIN EXECUTE format(''ALTER DATABASE %I SET deadlock_timeout "
                               "= 200'', current_database()); END'",
                               &bench.error),
                     PG_OK);
    struct store *store = bench_store(&bench, bench.database);
    struct change first[] = {scene_entity(1, 0, 0, SCENE_TREE), scene_entity(2, 1, 0, SCENE_TREE)};
    bench_record(&bench, first, 2);
    bench_settle(&bench, store);
    bench.database.ops->disconnect(bench.database.state); /* its next session checks soon */
    bench_record(&bench, (struct change[]){scene_entity(3, 2, 0, SCENE_TREE)}, 1);
    bench_settle(&bench, store);
    first[0].entity.type = first[1].entity.type = SCENE_ROCK;
    bench_record(&bench, first, 2);
    struct intruder intruder = {.url = bench.url};
    ck_assert_int_eq(pthread_create(&thread, NULL, intrude, &intruder), 0);
    while (!intruder.has_begun)
        continue;
    bool is_deadlock = false;
    while (!intruder.is_done || store_applied_seq(store) < 3) {
        (void)bench_step(&bench, store);
        store_facts(store, &facts);
        is_deadlock = is_deadlock || strstr(facts.last_failure, "deadlock") != NULL;
    }
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    bench_settle(&bench, store);
    store_facts(store, &facts);
    ck_assert(is_deadlock);
    ck_assert_uint_eq(facts.quarantined, 0);
    static const struct pg_statement rocks = {"rocks",
                                              "SELECT count(*) FROM cell_entities WHERE type = 2"};
    ck_assert_int_eq(bench_ask(&bench, &rocks), 2);
    store_destroy(&store);
    bench_end(&bench);
}
END_TEST

START_TEST(test_store_after_a_crash)
{
    struct bench bench;
    bench_begin(&bench);
    for (uint64_t n = 1; n <= 50; n++)
        bench_record_entity(&bench, n);
    struct store *store = bench_store(&bench, bench.database);
    ck_assert(bench_step(&bench, store));
    uint64_t applied = store_applied_seq(store);
    ck_assert(applied > 0 && applied < 50);
    store_destroy(&store);
    journal_destroy(&bench.journal);

    bench.database.ops->disconnect(bench.database.state);
    bench_must(&bench, bench.database.ops->connect(bench.database.state, &bench.error));
    bench_must(&bench,
               bench.database.ops->open_world(bench.database.state,
                                              &(struct database_options){.world = "meadow",
                                                                         .generator_version = 1,
                                                                         .folder = bench.folder,
                                                                         .journal = 99,
                                                                         .journal_last_seq = 50},
                                              bench.catalog, &bench.world, &bench.error));
    ck_assert_uint_eq(bench.world.applied_seq, applied);
    ck_assert(!bench.world.was_clean);
    bench_open_journal(&bench);
    ck_assert_uint_eq(bench.next_seq, 51);
    store = bench_store(&bench, bench.database);
    bench_settle(&bench, store);
    bench_check_entities(&bench, 50);
    store_destroy(&store);
    bench_end(&bench);
}
END_TEST

START_TEST(test_stopped_postgres_does_not_hold_the_store)
{
    static const struct pg_statement find = {
        "find", "SELECT pid FROM pg_stat_activity WHERE application_name = 'store' "
                "AND datname = current_database()"};
    struct bench bench;
    struct store_facts facts;
    bench_begin(&bench);
    struct store *store = bench_store(&bench, bench.database);
    bench_record_entity(&bench, 1);
    ck_assert(bench_step(&bench, store));
    pid_t backend = (pid_t)bench_ask(&bench, &find);
    ck_assert_int_eq(kill(backend, SIGSTOP), 0);
    bench_record_entity(&bench, 2);
    uint64_t began_us = clock_now().mono_us;
    ck_assert(!bench_step(&bench, store));
    ck_assert_uint_lt(clock_now().mono_us - began_us, 10 * (uint64_t)BENCH_DEADLINE_US);
    store_facts(store, &facts);
    ck_assert(!facts.is_connected);
    ck_assert_ptr_nonnull(strstr(facts.last_failure, "did not answer"));
    ck_assert(!bench_step(&bench, store));
    store_facts(store, &facts);
    ck_assert_ptr_nonnull(strstr(facts.last_failure, "lock"));
    ck_assert_int_eq(kill(backend, SIGCONT), 0);
    bench_settle(&bench, store);
    bench_check_entities(&bench, 2);
    store_destroy(&store);
    bench_end(&bench);
}
END_TEST

START_TEST(test_store_stops_when_fenced)
{
    struct bench bench;
    struct store_facts facts;
    bench_begin(&bench);
    struct store *store = bench_store(&bench, bench.database);
    ck_assert_int_eq(pg_script(bench.admin, "UPDATE world_stream SET epoch = epoch + 1", NULL),
                     PG_OK);
    bench_record_entity(&bench, 1);
    ck_assert(!bench_step(&bench, store));
    store_facts(store, &facts);
    ck_assert(facts.is_stopped);
    ck_assert_ptr_nonnull(strstr(facts.last_failure, "owner"));
    bench_check_entities(&bench, 0);
    store_destroy(&store);
    bench_end(&bench);
}
END_TEST

/* A loader with its rings. */
struct pair {
    struct ring requests, results;
    struct ring_cursor cursor;
    struct cache_remote remote;
    struct cache *cache;
    struct database database;
    struct loader *loader;
    struct content content;
    struct content_codec *codec;
};

static void pair_begin(struct pair *pair, struct bench *bench, const char *redis_url)
{
    *pair = (struct pair){.codec = content_codec_create()};
    ring_init(&pair->requests, "requests", BENCH_RING_BYTES);
    ring_init(&pair->results, "results", BENCH_RING_BYTES);
    ck_assert(redis_open(redis_url, 0, &pair->remote, &bench->error));
    /* Nothing is kept in this process, so that every load asks Redis. */
    pair->cache = cache_create(
        &(struct cache_options){.remote = pair->remote, .expiry_s = 300, .retry_us = 1000000});
    bench_open_database(bench, "loader", &pair->database);
    pair->loader = loader_create(&(struct loader_options){
        .database = pair->database,
        .cache = pair->cache,
        .requests = &pair->requests,
        .results = &pair->results,
        .world = bench->world.id,
        .world_name = "meadow",
    });
}

static void pair_end(struct pair *pair)
{
    loader_destroy(&pair->loader);
    postgres_close(&pair->database);
    cache_destroy(&pair->cache);
    redis_close(&pair->remote);
    ring_finish(&pair->requests);
    ring_finish(&pair->results);
    content_codec_destroy(&pair->codec);
}

/* Steps until there is a result, at most so many times. NULL: none. */
static const struct loader_result *pair_result(struct pair *pair, struct bench *bench, int steps)
{
    uint32_t size_bytes = 0;
    ring_release(&pair->results, pair->cursor);
    for (int i = 0; i < steps; i++) {
        const struct loader_result *result = ring_read(&pair->results, &pair->cursor, &size_bytes);
        if (result != NULL)
            return result;
        bench->now.mono_us += BENCH_PAUSE_US;
        (void)loader_step(pair->loader, bench->now);
    }
    return ring_read(&pair->results, &pair->cursor, &size_bytes);
}

static void pair_ask(struct pair *pair, const struct loader_request *request)
{
    ck_assert(ring_write(&pair->requests, request, sizeof *request));
}

/* Makes a chunk in the database, and the request for it. */
static struct loader_request bench_make_chunk(struct bench *bench)
{
    static struct content content;
    struct change changes[4] = {
        scene_cell(-3, -3, SCENE_TREE),
        scene_entity(1, -3, -3, 4),
        scene_cell(-4, -3, 0),
    };
    scene_content(&content, (struct chunk_pos){-1, -1}, changes, 3);
    changes[3] = scene_chunk(&content, 1);
    bench_record(bench, changes, 4);
    struct store *store = bench_store(bench, bench->database);
    bench_settle(bench, store);
    store_destroy(&store);
    return (struct loader_request){
        .kind = LOADER_CHUNK,
        .chunk = content.chunk,
        .version = 1,
        .hash = content_hash(&content),
    };
}

/* Loads the chunk, which must come right, from there. */
static void pair_must_load(struct pair *pair, struct bench *bench,
                           const struct loader_request *request, enum loader_source source)
{
    pair_ask(pair, request);
    const struct loader_result *result = pair_result(pair, bench, 5);
    ck_assert_ptr_nonnull(result);
    ck_assert_uint_eq(result->status, LOADER_FOUND);
    ck_assert_uint_eq(result->source, source);
    ck_assert(content_decode(pair->codec, (const uint8_t *)(result + 1), result->size_bytes,
                             request->chunk, &pair->content));
    ck_assert(hash_is_equal(content_hash(&pair->content), request->hash));
}

START_TEST(test_altered_redis_value_is_replaced)
{
    struct bench bench;
    struct pair pair;
    struct services_redis redis;
    struct cache_facts facts;
    char hash[33];
    char key[CACHE_KEY_BYTES];
    bench_begin(&bench);
    ck_assert_msg(services_redis_start(&redis, &bench.error), "%s", bench.error.text);
    struct loader_request request = bench_make_chunk(&bench);
    pair_begin(&pair, &bench, redis.url);
    pair_must_load(&pair, &bench, &request, LOADER_FROM_DATABASE);
    pair_must_load(&pair, &bench, &request, LOADER_FROM_REMOTE);
    hash_format(request.hash, hash);
    (void)snprintf(key, sizeof key, "tilth:meadow:chunk:-1:-1:1:%s", hash);
    ck_assert(pair.remote.ops->put(pair.remote.state, key, (const uint8_t *)"forged", 6, 100));
    pair_must_load(&pair, &bench, &request, LOADER_FROM_DATABASE);
    cache_facts(pair.cache, &facts);
    ck_assert_uint_eq(facts.rejected, 1);
    pair_must_load(&pair, &bench, &request, LOADER_FROM_REMOTE);
    pair_end(&pair);
    services_redis_stop(&redis);
    bench_end(&bench);
}
END_TEST

START_TEST(test_redis_goes_away_and_comes_back)
{
    struct bench bench;
    struct pair pair;
    struct services_redis redis;
    struct cache_facts facts;
    bench_begin(&bench);
    ck_assert_msg(services_redis_start(&redis, &bench.error), "%s", bench.error.text);
    struct loader_request request = bench_make_chunk(&bench);
    pair_begin(&pair, &bench, redis.url);
    pair_must_load(&pair, &bench, &request, LOADER_FROM_DATABASE);
    ck_assert_int_eq(kill(redis.pid, SIGSTOP), 0);
    uint64_t began_us = clock_now().mono_us;
    pair_must_load(&pair, &bench, &request, LOADER_FROM_DATABASE);
    ck_assert_uint_lt(clock_now().mono_us - began_us, 300000);
    ck_assert_int_eq(kill(redis.pid, SIGCONT), 0);
    pair_must_load(&pair, &bench, &request, LOADER_FROM_REMOTE);
    services_redis_stop(&redis);
    pair_must_load(&pair, &bench, &request, LOADER_FROM_DATABASE);
    cache_facts(pair.cache, &facts);
    ck_assert(facts.is_remote_away);
    ck_assert_uint_gt(facts.remote_failures, 1);
    pair_end(&pair);
    bench_end(&bench);
}
END_TEST

START_TEST(test_loader_without_postgres)
{
    struct bench bench;
    struct pair pair;
    struct services_redis redis;
    bench_begin(&bench);
    ck_assert_msg(services_redis_start(&redis, &bench.error), "%s", bench.error.text);
    struct loader_request request = bench_make_chunk(&bench);
    pair_begin(&pair, &bench, redis.url);
    pair_must_load(&pair, &bench, &request, LOADER_FROM_DATABASE);
    bench_allow_connections(&bench, false);
    bench_cut_connections(&bench);

    struct loader_request region = {.kind = LOADER_REGION, .region = {-1, -1}};
    struct loader_request account = {.kind = LOADER_ACCOUNT, .name = "ada"};
    pair_ask(&pair, &region);
    pair_ask(&pair, &account);
    const struct loader_result *result = pair_result(&pair, &bench, 1);
    ck_assert_ptr_nonnull(result);
    ck_assert_uint_eq(result->kind, LOADER_ACCOUNT);
    ck_assert_uint_eq(result->status, LOADER_AWAY);
    pair_must_load(&pair, &bench, &request, LOADER_FROM_REMOTE);
    ck_assert_ptr_null(pair_result(&pair, &bench, 2));

    bench_allow_connections(&bench, true);
    result = pair_result(&pair, &bench, 3);
    ck_assert_ptr_nonnull(result);
    ck_assert_uint_eq(result->kind, LOADER_REGION);
    ck_assert_uint_eq(result->status, LOADER_FOUND);
    ck_assert_uint_eq(result->size_bytes, sizeof(struct loader_chunk));
    const struct loader_chunk *chunk = (const struct loader_chunk *)(const void *)(result + 1);
    ck_assert_uint_eq(chunk->chunk_index, grid_chunk_index(request.chunk));
    ck_assert(hash_is_equal(chunk->hash, request.hash));
    pair_ask(&pair, &account);
    result = pair_result(&pair, &bench, 2);
    ck_assert_uint_eq(result->status, LOADER_ABSENT);
    pair_end(&pair);
    services_redis_stop(&redis);
    bench_end(&bench);
}
END_TEST

START_TEST(test_altered_rows_are_not_used)
{
    struct bench bench;
    struct pair pair;
    bench_begin(&bench);
    struct loader_request request = bench_make_chunk(&bench);
    pair_begin(&pair, &bench, "unix:///nowhere/redis.sock");
    pair_must_load(&pair, &bench, &request, LOADER_FROM_DATABASE);
    ck_assert_int_eq(pg_script(bench.admin, "UPDATE cell_entities SET type = 5", NULL), PG_OK);
    pair_ask(&pair, &request);
    const struct loader_result *result = pair_result(&pair, &bench, 2);
    ck_assert_ptr_nonnull(result);
    ck_assert_uint_eq(result->status, LOADER_DAMAGED);
    ck_assert_uint_eq(result->size_bytes, 0);
    pair_end(&pair);
    bench_end(&bench);
}
END_TEST

START_TEST(test_people_can_read_the_rows)
{
    static const struct pg_statement entity = {
        "entity", "SELECT count(*) FROM cell_entities_view WHERE world = 'meadow' "
                  "AND chunk_x = -1 AND chunk_y = -1 AND cell_x = -3 AND cell_y = -5 "
                  "AND world_x = -96 AND world_y = -160 AND type = 'tree' AND placer = 'Ada' "
                  "AND changed_at = '2023-11-14 22:13:20+00'"};
    static const struct pg_statement cell = {
        "cell", "SELECT count(*) FROM cell_changes_view WHERE world = 'meadow' "
                "AND cell_x = -3 AND cell_y = -5 AND replaced = 'rock'"};
    static const struct pg_statement character = {
        "character", "SELECT count(*) FROM characters_view WHERE name = 'Ada' "
                     "AND cell_x = 0 AND cell_y = -1"};
    struct bench bench;
    bench_begin(&bench);
    uint16_t tree = catalog_find_name(bench.catalog, "tree")->type;
    uint16_t rock = catalog_find_name(bench.catalog, "rock")->type;
    struct change changes[] = {
        scene_account(3, "Ada"),
        scene_character(7, 3),
        scene_cell(-3, -5, rock),
        scene_entity(1, -3, -5, tree),
    };
    bench_record(&bench, changes, 4);
    struct store *store = bench_store(&bench, bench.database);
    bench_settle(&bench, store);
    ck_assert_int_eq(bench_ask(&bench, &entity), 1);
    ck_assert_int_eq(bench_ask(&bench, &cell), 1);
    ck_assert_int_eq(bench_ask(&bench, &character), 1);
    store_destroy(&store);
    bench_end(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_every_row_once,
        test_store_after_a_crash,
        test_stopped_postgres_does_not_hold_the_store,
        test_store_stops_when_fenced,
        test_what_passes_is_tried_again,
        test_what_people_must_put_right_waits,
        test_a_deadlock_is_nothing_to_stop_for,
        test_altered_redis_value_is_replaced,
        test_redis_goes_away_and_comes_back,
        test_loader_without_postgres,
        test_altered_rows_are_not_used,
        test_people_can_read_the_rows,
    };
    struct services_postgres postgres;
    struct error error = {0};
    if (!services_postgres_start(&postgres, &error)) {
        (void)fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    (void)setenv("TILTH_TEST_POSTGRES", postgres.folder, 1);
    int code = testing_run("roles", tests, sizeof tests / sizeof tests[0], 60.0);
    services_postgres_stop(&postgres);
    return code;
}
