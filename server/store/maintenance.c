#include "store/maintenance.h"

#include <stdio.h>

#include "base/ensure.h"
#include "store/postgres_state.h"

enum { MAINTENANCE_TOTAL, MAINTENANCE_TABLES, MAINTENANCE_STATEMENTS };

static const struct pg_statement maintenance_statements[MAINTENANCE_STATEMENTS] = {
    [MAINTENANCE_TOTAL] = {"maintenance_total", "SELECT pg_database_size(current_database())"},
    [MAINTENANCE_TABLES] =
        {"maintenance_tables",
         "SELECT relname::text, pg_total_relation_size(relid), pg_indexes_size(relid), n_live_tup, "
         "n_dead_tup FROM pg_stat_user_tables WHERE schemaname = current_schema() "
         "ORDER BY relname LIMIT 64"},
};

_Static_assert(MAINTENANCE_TABLES_MAX == 64, "the statement's limit");

/* Each of the migrations' tables. */
static const char *const tidied_tables[] = {
    "accounts",
    "cell_changes",
    "cell_entities",
    "cell_piles",
    "character_skills",
    "characters",
    "chunks",
    "entity_types",
    "image_bans",
    "image_configs",
    "image_edits",
    "images",
    "inventory_entities",
    "multi_cell_entities",
    "multi_cell_entity_cells",
    "quarantine",
    "schema_migrations",
    "skill_types",
    "world_stream",
    "worlds",
};

enum { TIDIED_COUNT = sizeof tidied_tables / sizeof tidied_tables[0] };

static void read_tables(const struct pg *pg, struct database_sizes *out)
{
    out->count = pg_rows(pg);
    for (uint32_t i = 0; i < out->count; i++) {
        struct table_size *size = &out->tables[i];
        *size = (struct table_size){
            .total_bytes = (uint64_t)pg_int(pg, i, 1),
            .index_bytes = (uint64_t)pg_int(pg, i, 2),
            .rows = (uint64_t)pg_int(pg, i, 3),
            .dead_rows = (uint64_t)pg_int(pg, i, 4),
        };
        (void)snprintf(size->name, sizeof size->name, "%s", pg_text(pg, i, 0));
    }
}

enum database_result maintenance_measure(struct database *database, struct database_sizes *out,
                                         struct error *error)
{
    struct postgres *state = database->state;
    struct pg *pg = state->pg;
    enum pg_status status = postgres_prepare(state, POSTGRES_MAINTENANCE, maintenance_statements,
                                             MAINTENANCE_STATEMENTS, error);
    if (status != PG_OK)
        return postgres_result(status);
    pg_start(pg, &maintenance_statements[MAINTENANCE_TOTAL]);
    status = pg_run(pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    out->total_bytes = (uint64_t)pg_int(pg, 0, 0);
    pg_start(pg, &maintenance_statements[MAINTENANCE_TABLES]);
    status = pg_run(pg, error);
    if (status == PG_OK)
        read_tables(pg, out);
    return postgres_result(status);
}

uint32_t maintenance_count(void)
{
    return TIDIED_COUNT;
}

const char *maintenance_table(uint32_t table)
{
    ensure(table < TIDIED_COUNT);
    return tidied_tables[table];
}

enum database_result maintenance_optimize(struct database *database, uint32_t table,
                                          struct error *error)
{
    struct postgres *state = database->state;
    ensure(table < TIDIED_COUNT);
    const char *const names[] = {tidied_tables[table], NULL};
    enum pg_status status = pg_command(state->pg, "VACUUM (ANALYZE) ?", names, error);
    if (status != PG_OK)
        (void)error_add(error, "%s", tidied_tables[table]);
    return postgres_result(status);
}
