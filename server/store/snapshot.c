#include "store/snapshot.h"

#include <stdio.h>

#include "store/postgres_state.h"

enum { SNAPSHOT_EXPORT, SNAPSHOT_POSITION, SNAPSHOT_COUNT, SNAPSHOT_STATEMENTS };

static const struct pg_statement snapshot_schema_statement = {
    "snapshot_schema", "SELECT coalesce(max(number), 0) FROM schema_migrations"};

static const struct pg_statement snapshot_statements[SNAPSHOT_STATEMENTS] = {
    [SNAPSHOT_EXPORT] = {"snapshot_export",
                         "SELECT pg_export_snapshot(), current_database()::text"},
    [SNAPSHOT_POSITION] =
        {"snapshot_position",
         "SELECT w.id, s.journal_id, s.applied_seq, s.tick, w.timeline, s.world_hash, "
         "(SELECT max(number) FROM schema_migrations) "
         "FROM worlds w JOIN world_stream s ON s.world_id = w.id WHERE w.name = "
         "$1::text"},
    [SNAPSHOT_COUNT] =
        {"snapshot_count",
         "SELECT 'chunks', count(*) FROM chunks WHERE world_id = $1::bigint UNION ALL "
         "SELECT 'cell_changes', count(*) FROM cell_changes WHERE world_id = $1::bigint UNION ALL "
         "SELECT 'cell_entities', count(*) FROM cell_entities WHERE world_id = $1::bigint UNION "
         "ALL "
         "SELECT 'cell_piles', count(*) FROM cell_piles WHERE world_id = $1::bigint UNION ALL "
         "SELECT 'multi_cell_entities', count(*) FROM multi_cell_entities WHERE world_id = "
         "$1::bigint UNION ALL "
         "SELECT 'multi_cell_entity_cells', count(*) FROM multi_cell_entity_cells WHERE world_id = "
         "$1::bigint UNION ALL "
         "SELECT 'characters', count(*) FROM characters WHERE world_id = $1::bigint UNION ALL "
         "SELECT 'inventory_entities', count(*) FROM inventory_entities WHERE world_id = "
         "$1::bigint UNION ALL "
         "SELECT 'character_skills', count(*) FROM character_skills WHERE world_id = $1::bigint "
         "UNION ALL "
         "SELECT 'image_configs', count(*) FROM image_configs WHERE world_id = $1::bigint UNION "
         "ALL "
         "SELECT 'images', count(*) FROM images WHERE world_id = $1::bigint UNION ALL "
         "SELECT 'image_bans', count(*) FROM image_bans WHERE world_id = $1::bigint UNION ALL "
         "SELECT 'image_edits', count(*) FROM image_edits WHERE world_id = $1::bigint UNION ALL "
         "SELECT 'quarantine', count(*) FROM quarantine WHERE world_id = $1::bigint UNION ALL "
         "SELECT 'accounts', count(*) FROM accounts UNION ALL "
         "SELECT 'entity_types', count(*) FROM entity_types UNION ALL "
         "SELECT 'skill_types', count(*) FROM skill_types"},
};

/* One moment for all; whole tables are counted, and it may stay open for long. */
static const char snapshot_begin[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                                     "SET LOCAL idle_in_transaction_session_timeout = 0;"
                                     "SET LOCAL enable_seqscan = on;";

static enum pg_status export_moment(struct pg *pg, struct snapshot *out, struct error *error)
{
    pg_start(pg, &snapshot_statements[SNAPSHOT_EXPORT]);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    (void)snprintf(out->id, sizeof out->id, "%s", pg_text(pg, 0, 0));
    (void)snprintf(out->database, sizeof out->database, "%s", pg_text(pg, 0, 1));
    return PG_OK;
}

static enum database_result find_position(struct pg *pg, const char *world, struct snapshot *out,
                                          struct error *error)
{
    pg_start(pg, &snapshot_statements[SNAPSHOT_POSITION]);
    pg_add_text(pg, world);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_rows(pg) != 1) {
        error_set(error, "the database %s has no world \"%s\"", out->database, world);
        return DATABASE_NOT_FOUND;
    }
    out->world = (uint64_t)pg_int(pg, 0, 0);
    out->journal = (uint64_t)pg_int(pg, 0, 1);
    out->applied_seq = (uint64_t)pg_int(pg, 0, 2);
    out->tick = (uint64_t)pg_int(pg, 0, 3);
    out->timeline = (uint32_t)pg_int(pg, 0, 4);
    out->hash = pg_hash(pg, 0, 5);
    out->schema = (uint32_t)pg_int(pg, 0, 6);
    return DATABASE_OK;
}

static enum database_result count(struct pg *pg, struct snapshot *out, struct error *error)
{
    pg_start(pg, &snapshot_statements[SNAPSHOT_COUNT]);
    pg_add_int(pg, (int64_t)out->world);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    out->count = pg_rows(pg);
    for (uint32_t i = 0; i < out->count; i++) {
        struct snapshot_count *table = &out->tables[i];
        (void)snprintf(table->table, sizeof table->table, "%s", pg_text(pg, i, 0));
        table->rows = (uint64_t)pg_int(pg, i, 1);
    }
    return DATABASE_OK;
}

enum database_result snapshot_open(struct database *database, const char *world,
                                   struct snapshot *out, struct error *error)
{
    struct postgres *state = database->state;
    enum pg_status status =
        postgres_prepare(state, POSTGRES_SNAPSHOT, snapshot_statements, SNAPSHOT_STATEMENTS, error);
    *out = (struct snapshot){.count = 0};
    if (status == PG_OK)
        status = pg_script(state->pg, snapshot_begin, error);
    if (status == PG_OK)
        status = export_moment(state->pg, out, error);
    if (status != PG_OK)
        return postgres_result(status);
    enum database_result result = find_position(state->pg, world, out, error);
    if (result == DATABASE_OK)
        result = count(state->pg, out, error);
    if (result != DATABASE_OK)
        postgres_roll_back(state);
    return result;
}

enum database_result snapshot_schema(struct database *database, uint32_t *out_schema,
                                     struct error *error)
{
    struct postgres *state = database->state;
    enum pg_status status = pg_ask(state->pg, &snapshot_schema_statement, error);
    if (status == PG_OK)
        *out_schema = (uint32_t)pg_int(state->pg, 0, 0);
    return postgres_result(status);
}

void snapshot_close(struct database *database)
{
    postgres_roll_back(database->state);
}
