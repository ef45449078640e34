/* conformance.h - a bench for tests that run over the simulated database and over PostgreSQL alike:
 * what the tests that use the simulated one rely on.
 *
 * Use: bench_begin(&bench, _i) ... bench_end(&bench) in loop tests, and bench_run at the end. */
#ifndef TILTH_DB_CONFORMANCE_H
#define TILTH_DB_CONFORMANCE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/services.h"
#include "sim/database.h"
#include "sim/scene.h"
#include "store/postgres.h"
#include "store/quarantine.h"
#include "testing.h"

enum { BENCH_CONNECTIONS = 2, BENCH_ROWS = 8192, BENCH_JOURNAL = 77 };

/* A database, two connections to it, and what tests need. */
struct bench {
    struct sim_database *sim; /* NULL: PostgreSQL */
    char url[SERVICES_TEXT_BYTES];
    struct database connections[BENCH_CONNECTIONS];
    struct catalog *catalog;
    struct batch *batch;
    struct quarantine *quarantine;
    struct database_options options;
    struct database_world world;
    struct error error;
};

/* The PostgreSQL that bench_run has started. */
static inline struct services_postgres bench_postgres(void)
{
    struct services_postgres postgres = {.pid = 0};
    (void)snprintf(postgres.folder, sizeof postgres.folder, "%s", getenv("TILTH_TEST_POSTGRES"));
    return postgres;
}

/* The game's own content. */
static inline struct catalog *bench_catalog(void)
{
    char folder[SERVICES_TEXT_BYTES];
    struct error error = {0};
    (void)snprintf(folder, sizeof folder, "%.200s/shared/content", getenv("TILTH_SOURCE_DIR"));
    struct catalog *catalog = catalog_load(folder, NULL, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    return catalog;
}

/* A connection to the bench's database, not connected yet. */
static inline void bench_open_postgres(struct bench *bench, struct database *out)
{
    postgres_open(&(struct postgres_options){.url = bench->url,
                                             .role = "conformance",
                                             .lock_wait_us = 200000},
                  out);
}

/* A database of this test's own in PostgreSQL, with all tables. */
static inline void bench_migrate(struct bench *bench)
{
    static int databases;
    char name[64];
    char folder[SERVICES_TEXT_BYTES];
    struct services_postgres postgres = bench_postgres();
    (void)snprintf(name, sizeof name, "conformance_%d_%d", getpid(), databases++);
    (void)snprintf(folder, sizeof folder, "%.200s/migrations", getenv("TILTH_SOURCE_DIR"));
    services_database(&postgres, name, bench->url);
    struct database database;
    bench_open_postgres(bench, &database);
    enum database_result result = database.ops->connect(database.state, &bench->error);
    if (result == DATABASE_OK)
        result = postgres_migrate(&database, folder, &bench->error);
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
    postgres_close(&database);
}

/* Two connections to an empty database: 0 the simulated one, 1 PostgreSQL. */
static inline void bench_begin(struct bench *bench, int which)
{
    *bench = (struct bench){0};
    if (which == 0)
        bench->sim = sim_database_create();
    else
        bench_migrate(bench);
    for (int i = 0; i < BENCH_CONNECTIONS; i++) {
        struct database *connection = &bench->connections[i];
        if (bench->sim != NULL)
            sim_database_open(bench->sim, connection);
        else
            bench_open_postgres(bench, connection);
        ck_assert_int_eq(connection->ops->connect(connection->state, &bench->error), DATABASE_OK);
    }
    bench->catalog = bench_catalog();
    bench->batch = batch_create(BENCH_ROWS, 1 << 20);
    bench->quarantine = quarantine_create();
    bench->options = (struct database_options){
        .world = "meadow",
        .terrain_seed = UINT64_MAX - 5,
        .rule_seed = 42,
        .generator_version = 1,
        .folder = "/srv/meadow/journal",
        .journal = UINT64_MAX - BENCH_JOURNAL,
    };
}

/* Closes all. */
static inline void bench_end(struct bench *bench)
{
    for (int i = 0; i < BENCH_CONNECTIONS; i++) {
        if (bench->sim != NULL)
            sim_database_close(&bench->connections[i]);
        else
            postgres_close(&bench->connections[i]);
    }
    sim_database_destroy(&bench->sim);
    catalog_destroy(&bench->catalog);
    batch_destroy(&bench->batch);
    quarantine_destroy(&bench->quarantine);
}

/* Opens the world of bench->options over a connection; the words are in bench->error. */
static inline enum database_result bench_open_world(struct bench *bench, int connection)
{
    struct database *database = &bench->connections[connection];
    bench->error.text[0] = '\0';
    return database->ops->open_world(database->state, &bench->options, bench->catalog,
                                     &bench->world, &bench->error);
}

/* The same; it must go well. */
static inline void bench_must_open(struct bench *bench, int connection)
{
    enum database_result result = bench_open_world(bench, connection);
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
}

/* Closes the world. */
static inline enum database_result bench_close_world(struct bench *bench, int connection)
{
    struct database *database = &bench->connections[connection];
    return database->ops->close_world(database->state, &bench->world, &bench->error);
}

/* Closes a connection. */
static inline void bench_disconnect(struct bench *bench, int connection)
{
    bench->connections[connection].ops->disconnect(bench->connections[connection].state);
}

/* Connects again. */
static inline void bench_connect(struct bench *bench, int connection)
{
    struct database *database = &bench->connections[connection];
    ck_assert_int_eq(database->ops->connect(database->state, &bench->error), DATABASE_OK);
}

/* Reads the quarantine of the world's version. */
static inline void bench_read_quarantine(struct bench *bench)
{
    enum database_result result =
        quarantine_read(bench->quarantine, &bench->connections[0], &bench->world, &bench->error);
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
}

/* Applies one record, divided by the quarantine that was read last; after that, the world has the
 * version that the database has. */
static inline enum database_result bench_apply(struct bench *bench, uint64_t seq,
                                               const struct change *changes, uint32_t count)
{
    struct database *database = &bench->connections[0];
    batch_clear(bench->batch);
    ck_assert_int_eq(scene_add(bench->batch, seq, changes, count), BATCH_ADDED);
    quarantine_divide(bench->quarantine, bench->batch);
    batch_sort(bench->batch);
    enum database_result result =
        database->ops->apply(database->state, &bench->world, bench->batch, &bench->error);
    bench->world.quarantine = bench->batch->quarantine;
    return result;
}

/* How many keys are in quarantine; it is read again. */
static inline uint32_t bench_quarantined(struct bench *bench)
{
    bench_read_quarantine(bench);
    return bench->quarantine->count;
}

/* The same; it must go well. */
static inline void bench_must_apply(struct bench *bench, uint64_t seq, const struct change *changes,
                                    uint32_t count)
{
    enum database_result result = bench_apply(bench, seq, changes, count);
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
}

/* What the other connection loads of a chunk; valid until the next load. */
static inline struct content *bench_load(struct bench *bench, struct chunk_pos chunk)
{
    static struct content content;
    struct database *database = &bench->connections[1];
    enum database_result result =
        database->ops->load_chunk(database->state, bench->world.id, chunk, &content, &bench->error);
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
    return &content;
}

/* Takes a type out of a catalogue's names, as a content folder without it would be read. */
static inline void bench_drop_type(struct catalog *catalog, const char *name)
{
    const struct entity_def *def = catalog_find_name(catalog, name);
    ck_assert_ptr_nonnull(def);
    memset(&catalog->entities[def->type], 0, sizeof catalog->entities[0]);
    catalog->type_count--;
    catalog->kit_count = 0; /* it may name the type */
}

/* Runs the tests, each over both databases; the process's exit code. */
static inline int bench_run(const char *name, const TTest *const *tests, size_t count)
{
    struct services_postgres postgres;
    struct error error = {0};
    if (!services_postgres_start(&postgres, &error)) {
        (void)fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    (void)setenv("TILTH_TEST_POSTGRES", postgres.folder, 1);
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create("simulated 0, PostgreSQL 1");
    tcase_set_timeout(tcase, 60.0);
    for (size_t i = 0; i < count; i++)
        tcase_add_loop_test(tcase, tests[i], 0, 2);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    services_postgres_stop(&postgres);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
