/* obstacles.h - what somebody does to a database by hand, for tests over a conformance bench. */
#ifndef TILTH_DB_OBSTACLES_H
#define TILTH_DB_OBSTACLES_H

#include "db/conformance.h"
#include "store/pg.h"

/* The table of a kind. */
static inline const char *bench_table(enum change_kind kind)
{
    static const char *const tables[CHANGE_KIND_COUNT] = {
        [CHANGE_CELL] = "cell_changes",      [CHANGE_ENTITY] = "cell_entities",
        [CHANGE_CHUNK] = "chunks",           [CHANGE_ACCOUNT] = "accounts",
        [CHANGE_CHARACTER] = "characters",   [CHANGE_SLOT] = "inventory_entities",
        [CHANGE_SKILL] = "character_skills", [CHANGE_STRUCTURE] = "multi_cell_entities",
        [CHANGE_PILE] = "cell_piles",        [CHANGE_IMAGE_CONFIG] = "image_configs",
        [CHANGE_IMAGE] = "images",           [CHANGE_IMAGE_BAN] = "image_bans",
        [CHANGE_IMAGE_EDIT] = "image_edits",
    };
    return tables[kind];
}

/* What somebody does to PostgreSQL by hand. */
static inline void bench_sql(struct bench *bench, const char *sql)
{
    struct pg *pg = pg_create(&(struct pg_options){
        .url = bench->url, .name = "hand", .connect_us = 5000000, .deadline_us = 10000000});
    ck_assert_int_eq(pg_connect(pg, &bench->error), PG_OK);
    ck_assert_msg(pg_script(pg, sql, &bench->error) == PG_OK, "%s", bench->error.text);
    pg_destroy(&pg);
}

/* A table refuses all that is done to its rows from now on, or no longer. */
static inline void bench_refuse(struct bench *bench, enum change_kind kind, bool is_refused)
{
    char sql[512];
    if (bench->sim != NULL) {
        sim_database_refuse(bench->sim, kind, is_refused ? 1000000 : 0);
        return;
    }
    if (is_refused)
        (void)snprintf(sql, sizeof sql,
                       "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                       "'BEGIN RAISE EXCEPTION ''refused by hand''; END'; "
                       "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON %s "
                       "FOR EACH ROW EXECUTE FUNCTION refuse()",
                       bench_table(kind));
    else
        (void)snprintf(sql, sizeof sql, "DROP TRIGGER refuse ON %s", bench_table(kind));
    bench_sql(bench, sql);
}

#endif
