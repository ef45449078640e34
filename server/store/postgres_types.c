#include "store/postgres_state.h"

#include <stdio.h>
#include <string.h>

#include "base/ensure.h"

enum { TYPES_LOCK, TYPES_READ, TYPES_FIND_USED, TYPES_ADD, TYPES_STATEMENTS };

static const struct pg_statement postgres_types_table[] = {
    [TYPES_LOCK] = {"types_lock", "LOCK TABLE entity_types IN SHARE ROW EXCLUSIVE MODE"},
    [TYPES_READ] = {"types_read", "SELECT id, name FROM entity_types ORDER BY id"},
    [TYPES_FIND_USED] =
        {"types_find_used",
         "SELECT t.id FROM unnest($2::smallint[]) AS t (id) WHERE "
         "EXISTS (SELECT FROM cell_entities e WHERE e.world_id = $1::bigint AND e.type = t.id) OR "
         "EXISTS (SELECT FROM cell_changes c WHERE c.world_id = $1::bigint AND c.replaced = t.id) "
         "ORDER BY t.id LIMIT 1"},
    [TYPES_ADD] = {"types_add", "INSERT INTO entity_types (id, name) "
                                "SELECT * FROM unnest($1::smallint[], $2::text[]) "
                                "ON CONFLICT DO NOTHING"},
};

static void postgres_start_types(struct postgres *state, uint32_t statement)
{
    pg_start(state->pg, &postgres_types_table[statement]);
}

static enum pg_status postgres_read_types(struct postgres *state, struct catalog_ids *out_known,
                                          struct error *error)
{
    struct pg *pg = state->pg;
    postgres_start_types(state, TYPES_LOCK);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    postgres_start_types(state, TYPES_READ);
    status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    out_known->count = pg_rows(pg);
    ensure(out_known->count < CATALOG_TYPES_MAX); /* the table's CHECK says so */
    for (uint32_t i = 0; i < out_known->count; i++) {
        struct catalog_id *id = &out_known->ids[i];
        id->type = (uint16_t)pg_int(pg, i, 0);
        (void)snprintf(id->name, sizeof id->name, "%s", pg_text(pg, i, 1));
    }
    return PG_OK;
}

static const char *postgres_name_of(const struct catalog_ids *types, uint64_t type)
{
    for (uint32_t i = 0; i < types->count; i++) {
        if (types->ids[i].type == type)
            return types->ids[i].name;
    }
    return "?";
}

/* Refuses when the world has things of a type that the catalogue lacks. */
static enum pg_status postgres_check_types(struct postgres *state, uint64_t world,
                                           const struct catalog *catalog,
                                           const struct catalog_ids *known, struct error *error)
{
    struct pg *pg = state->pg;
    uint32_t missing_count = 0;
    postgres_start_types(state, TYPES_FIND_USED);
    pg_add_int(pg, (int64_t)world);
    pg_add_array(pg, PG_INT2);
    for (uint32_t i = 0; i < known->count; i++) {
        if (catalog_find_name(catalog, known->ids[i].name) != NULL)
            continue;
        pg_put_int(pg, known->ids[i].type);
        missing_count++;
    }
    if (missing_count == 0)
        return PG_OK;
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK || pg_rows(pg) == 0)
        return status;
    (void)database_tell_missing(postgres_name_of(known, (uint64_t)pg_int(pg, 0, 0)), error);
    return PG_REFUSED;
}

static enum pg_status postgres_add_types(struct postgres *state, const struct catalog_ids *all,
                                         struct error *error)
{
    struct pg *pg = state->pg;
    postgres_start_types(state, TYPES_ADD);
    pg_add_array(pg, PG_INT2);
    for (uint32_t i = 0; i < all->count; i++)
        pg_put_int(pg, all->ids[i].type);
    pg_add_array(pg, PG_TEXT);
    for (uint32_t i = 0; i < all->count; i++)
        pg_put_bytes(pg, all->ids[i].name, strlen(all->ids[i].name));
    return pg_run(pg, error);
}

enum database_result postgres_sync_types(struct postgres *state, uint64_t world,
                                         struct catalog *catalog, struct error *error)
{
    struct catalog_ids known;
    struct catalog_ids all;
    enum pg_status status =
        postgres_prepare(state, POSTGRES_TYPES, postgres_types_table, TYPES_STATEMENTS, error);
    if (status == PG_OK)
        status = postgres_read_types(state, &known, error);
    if (status == PG_OK)
        status = postgres_check_types(state, world, catalog, &known, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (!catalog_assign_ids(catalog, &known, &all, error))
        return DATABASE_FAILED;
    return postgres_result(postgres_add_types(state, &all, error));
}
