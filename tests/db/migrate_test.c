/* Migrations against a real PostgreSQL: each refusal names the file that is wrong. */
#include "store/migrate.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ensure.h"
#include "db/services.h"
#include "testing.h"

struct bench {
    char url[SERVICES_TEXT_BYTES];
    char folder[SERVICES_TEXT_BYTES];
    struct pg *pg;
    struct error error;
};

static void bench_write(const struct bench *bench, const char *name, const char *text)
{
    char path[SERVICES_TEXT_BYTES * 2];
    (void)snprintf(path, sizeof path, "%s/%s", bench->folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void bench_remove(const struct bench *bench, const char *name)
{
    char path[SERVICES_TEXT_BYTES * 2];
    (void)snprintf(path, sizeof path, "%s/%s", bench->folder, name);
    ck_assert_int_eq(remove(path), 0);
}

static void bench_begin(struct bench *bench)
{
    char name[64];
    struct services_postgres postgres = {.pid = 0};
    *bench = (struct bench){0};
    (void)snprintf(postgres.folder, sizeof postgres.folder, "%s", getenv("TILTH_TEST_POSTGRES"));
    (void)snprintf(name, sizeof name, "migrate_%d", getpid());
    services_database(&postgres, name, bench->url);
    (void)snprintf(bench->folder, sizeof bench->folder, "%.100s/%s", postgres.folder, name);
    ck_assert_int_eq(mkdir(bench->folder, 0755), 0);
    bench->pg = pg_create(&(struct pg_options){
        .url = bench->url, .name = "migrate", .connect_us = 5000000, .deadline_us = 5000000});
    ck_assert_int_eq(pg_connect(bench->pg, &bench->error), PG_OK);
    bench_write(bench, "0001_one.sql", "CREATE TABLE one (a integer); CREATE TABLE two (b text);");
    bench_write(bench, "0002_two.sql", "INSERT INTO one VALUES (1);");
    bench_write(bench, "notes.txt", "no migration");
}

static void bench_end(struct bench *bench)
{
    pg_destroy(&bench->pg);
}

static enum pg_status bench_run(struct bench *bench)
{
    bench->error.text[0] = '\0';
    return migrate_run(bench->pg, bench->folder, &bench->error);
}

static void bench_must_run(struct bench *bench)
{
    enum pg_status status = bench_run(bench);
    ck_assert_msg(status == PG_OK, "%s", bench->error.text);
}

static void bench_must_refuse(struct bench *bench, const char *word)
{
    ck_assert_int_eq(bench_run(bench), PG_REFUSED);
    ck_assert_msg(strstr(bench->error.text, word) != NULL, "%s", bench->error.text);
}

/* The number that a query of one value gives. */
static int64_t bench_count(struct bench *bench, const struct pg_statement *statement)
{
    ck_assert_int_eq(pg_prepare(bench->pg, statement, 1, NULL), PG_OK);
    pg_start(bench->pg, statement);
    ck_assert_int_eq(pg_run(bench->pg, NULL), PG_OK);
    return pg_int(bench->pg, 0, 0);
}

START_TEST(test_fresh_repeated_and_more)
{
    static const struct pg_statement count_ones = {"ones", "SELECT count(*) FROM one"};
    static const struct pg_statement count_runs = {"runs", "SELECT count(*) FROM schema_migrations "
                                                           "WHERE octet_length(sha256) = 32"};
    struct bench bench;
    bench_begin(&bench);
    bench_must_run(&bench);
    bench_must_run(&bench);
    ck_assert_int_eq(bench_count(&bench, &count_ones), 1);
    bench_write(&bench, "0003_three.sql", "INSERT INTO one VALUES (3);");
    bench_must_run(&bench);
    ck_assert_int_eq(bench_count(&bench, &count_runs), 3);
    bench_end(&bench);
}
END_TEST

START_TEST(test_changed)
{
    struct bench bench;
    bench_begin(&bench);
    bench_must_run(&bench);
    bench_write(&bench, "0001_one.sql", "CREATE TABLE one (a bigint);");
    bench_must_refuse(&bench, "0001_one.sql was changed");
    bench_end(&bench);
}
END_TEST

START_TEST(test_missing_and_renamed)
{
    struct bench bench;
    bench_begin(&bench);
    bench_write(&bench, "0003_three.sql", "SELECT 1;");
    bench_must_run(&bench);
    bench_remove(&bench, "0002_two.sql");
    bench_must_refuse(&bench, "0003_three.sql");
    bench_write(&bench, "0002_other.sql", "INSERT INTO one VALUES (1);");
    bench_must_refuse(&bench, "0002_two.sql");
    bench_write(&bench, "0002_two.sql", "INSERT INTO one VALUES (1);");
    bench_must_refuse(&bench, "0002_two.sql");
    bench_end(&bench);
}
END_TEST

START_TEST(test_newer_database)
{
    struct bench bench;
    bench_begin(&bench);
    bench_must_run(&bench);
    bench_remove(&bench, "0002_two.sql");
    bench_must_refuse(&bench, "newer");
    ck_assert_ptr_nonnull(strstr(bench.error.text, "0002_two.sql"));
    bench_remove(&bench, "0001_one.sql");
    bench_must_refuse(&bench, bench.folder);
    bench_end(&bench);
}
END_TEST

START_TEST(test_failing_one_leaves_nothing)
{
    static const struct pg_statement count_tables = {
        "tables", "SELECT count(*) FROM pg_tables WHERE tablename IN ('one', 'three')"};
    struct bench bench;
    bench_begin(&bench);
    bench_write(&bench, "0003_three.sql", "CREATE TABLE three (a integer); SELECT 1 / 0;");
    bench_must_refuse(&bench, "0003_three.sql");
    ck_assert_ptr_nonnull(strstr(bench.error.text, "division by zero"));
    ck_assert_int_eq(bench_count(&bench, &count_tables), 1);
    bench_write(&bench, "0003_three.sql", "CREATE TABLE three (a integer);");
    bench_must_run(&bench);
    bench_end(&bench);
}
END_TEST

START_TEST(test_no_folder)
{
    struct bench bench;
    bench_begin(&bench);
    ck_assert_int_eq(migrate_run(bench.pg, "/nowhere/at/all", &bench.error), PG_REFUSED);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "/nowhere/at/all"));
    bench_end(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_fresh_repeated_and_more,    test_changed,
        test_missing_and_renamed,        test_newer_database,
        test_failing_one_leaves_nothing, test_no_folder,
    };
    struct services_postgres postgres;
    struct error error = {0};
    if (!services_postgres_start(&postgres, &error)) {
        (void)fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    (void)setenv("TILTH_TEST_POSTGRES", postgres.folder, 1);
    int code = testing_run("migrate", tests, sizeof tests / sizeof tests[0], 60.0);
    services_postgres_stop(&postgres);
    return code;
}
