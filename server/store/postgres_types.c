#include "store/postgres_state.h"

#include <stdio.h>
#include <string.h>

#include "base/ensure.h"

enum {
    TYPES_LOCK,
    TYPES_READ,
    TYPES_FIND_USED,
    TYPES_ADD,
    TYPES_LOCK_SKILLS,
    TYPES_READ_SKILLS,
    TYPES_FIND_USED_SKILLS,
    TYPES_ADD_SKILLS,
    TYPES_STATEMENTS,
};

static const struct pg_statement postgres_types_table[] = {
    [TYPES_LOCK] = {"types_lock", "LOCK TABLE entity_types IN SHARE ROW EXCLUSIVE MODE"},
    [TYPES_READ] = {"types_read", "SELECT id, name FROM entity_types ORDER BY id"},
    [TYPES_FIND_USED] =
        {"types_find_used",
         "SELECT t.id FROM unnest($2::smallint[]) AS t (id) WHERE "
         "EXISTS (SELECT FROM cell_entities e WHERE e.world_id = $1::bigint AND e.type = t.id) OR "
         "EXISTS (SELECT FROM cell_changes c WHERE c.world_id = $1::bigint AND c.replaced = t.id) "
         "OR EXISTS (SELECT FROM inventory_entities i WHERE i.world_id = $1::bigint "
         "AND i.type = t.id) "
         "OR EXISTS (SELECT FROM cell_piles p WHERE p.world_id = $1::bigint AND p.type = t.id) "
         "OR EXISTS (SELECT FROM multi_cell_entities m WHERE m.world_id = $1::bigint "
         "AND m.type = t.id) "
         "OR EXISTS (SELECT FROM quarantine q WHERE q.world_id = $1::bigint AND q.type = t.id) "
         "ORDER BY t.id LIMIT 1"},
    [TYPES_ADD] = {"types_add", "INSERT INTO entity_types (id, name) "
                                "SELECT * FROM unnest($1::smallint[], $2::text[]) "
                                "ON CONFLICT DO NOTHING"},
    [TYPES_LOCK_SKILLS] = {"types_lock_skills",
                           "LOCK TABLE skill_types IN SHARE ROW EXCLUSIVE MODE"},
    [TYPES_READ_SKILLS] = {"types_read_skills", "SELECT id, name FROM skill_types ORDER BY id"},
    [TYPES_FIND_USED_SKILLS] = {"types_find_used_skills",
                                "SELECT t.id FROM unnest($2::smallint[]) AS t (id) WHERE "
                                "EXISTS (SELECT FROM character_skills s "
                                "WHERE s.world_id = $1::bigint AND s.skill = t.id) "
                                "OR EXISTS (SELECT FROM quarantine q WHERE q.world_id = $1::bigint "
                                "AND q.kind = 'skill' AND q.part = t.id) "
                                "ORDER BY t.id LIMIT 1"},
    [TYPES_ADD_SKILLS] = {"types_add_skills", "INSERT INTO skill_types (id, name) "
                                              "SELECT * FROM unnest($1::smallint[], $2::text[]) "
                                              "ON CONFLICT DO NOTHING"},
};

/* A row of ids: its statements, and whether the catalogue has a name. */
struct types_row {
    enum catalog_row row;
    uint32_t lock, read, find_used, add;
    bool (*has)(const struct catalog *catalog, const char *name);
};

static bool types_has_type(const struct catalog *catalog, const char *name)
{
    return catalog_find_name(catalog, name) != NULL;
}

static bool types_has_skill(const struct catalog *catalog, const char *name)
{
    return catalog_find_skill_name(catalog, name) != NULL;
}

static const struct types_row postgres_types_rows[] = {
    [CATALOG_ROW_TYPES] = {CATALOG_ROW_TYPES, TYPES_LOCK, TYPES_READ, TYPES_FIND_USED, TYPES_ADD,
                           types_has_type},
    [CATALOG_ROW_SKILLS] = {CATALOG_ROW_SKILLS, TYPES_LOCK_SKILLS, TYPES_READ_SKILLS,
                            TYPES_FIND_USED_SKILLS, TYPES_ADD_SKILLS, types_has_skill},
};

static void postgres_start_types(struct postgres *state, uint32_t statement)
{
    pg_start(state->pg, &postgres_types_table[statement]);
}

static enum pg_status postgres_read_types(struct postgres *state, const struct types_row *row,
                                          struct catalog_ids *out_known, struct error *error)
{
    struct pg *pg = state->pg;
    postgres_start_types(state, row->lock);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    postgres_start_types(state, row->read);
    status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    out_known->count = pg_rows(pg);
    ensure(out_known->count < CATALOG_TYPES_MAX); /* the tables' CHECKs say so */
    for (uint32_t i = 0; i < out_known->count; i++) {
        struct catalog_id *id = &out_known->ids[i];
        id->id = (uint16_t)pg_int(pg, i, 0);
        (void)snprintf(id->name, sizeof id->name, "%s", pg_text(pg, i, 1));
    }
    return PG_OK;
}

static const char *postgres_name_of(const struct catalog_ids *types, uint64_t type)
{
    for (uint32_t i = 0; i < types->count; i++) {
        if (types->ids[i].id == type)
            return types->ids[i].name;
    }
    return "?";
}

/* What a synchronization of a row works on. */
struct types_sync {
    struct postgres *state;
    const struct types_row *row;
    uint64_t world;
    struct catalog_ids known, all;
};

/* Refuses when the world has things of a type, or experience in a skill, that the catalogue lacks.
 */
static enum database_result postgres_check_types(struct types_sync *sync,
                                                 const struct catalog *catalog, struct error *error)
{
    struct pg *pg = sync->state->pg;
    uint32_t missing_count = 0;
    postgres_start_types(sync->state, sync->row->find_used);
    pg_add_int(pg, (int64_t)sync->world);
    pg_add_array(pg, PG_INT2);
    for (uint32_t i = 0; i < sync->known.count; i++) {
        if (sync->row->has(catalog, sync->known.ids[i].name))
            continue;
        pg_put_int(pg, sync->known.ids[i].id);
        missing_count++;
    }
    if (missing_count == 0)
        return DATABASE_OK;
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK || pg_rows(pg) == 0)
        return postgres_result(status);
    (void)database_tell_missing(sync->row->row,
                                postgres_name_of(&sync->known, (uint64_t)pg_int(pg, 0, 0)), error);
    return DATABASE_CONTENT;
}

static enum pg_status postgres_add_types(struct types_sync *sync, struct error *error)
{
    struct pg *pg = sync->state->pg;
    const struct catalog_ids *all = &sync->all;
    postgres_start_types(sync->state, sync->row->add);
    pg_add_array(pg, PG_INT2);
    for (uint32_t i = 0; i < all->count; i++)
        pg_put_int(pg, all->ids[i].id);
    pg_add_array(pg, PG_TEXT);
    for (uint32_t i = 0; i < all->count; i++)
        pg_put_bytes(pg, all->ids[i].name, strlen(all->ids[i].name));
    return pg_run(pg, error);
}

static enum database_result postgres_sync_row(struct types_sync *sync, enum catalog_row row,
                                              struct catalog *catalog, struct error *error)
{
    sync->row = &postgres_types_rows[row];
    enum pg_status status = postgres_read_types(sync->state, sync->row, &sync->known, error);
    if (status != PG_OK)
        return postgres_result(status);
    enum database_result result = postgres_check_types(sync, catalog, error);
    if (result != DATABASE_OK)
        return result;
    if (!catalog_assign_ids(catalog, row, &sync->known, &sync->all, error))
        return DATABASE_FAILED;
    return postgres_result(postgres_add_types(sync, error));
}

enum database_result postgres_sync_types(struct postgres *state, uint64_t world,
                                         struct catalog *catalog, struct error *error)
{
    struct types_sync sync = {.state = state, .world = world};
    enum pg_status status =
        postgres_prepare(state, POSTGRES_TYPES, postgres_types_table, TYPES_STATEMENTS, error);
    if (status != PG_OK)
        return postgres_result(status);
    enum database_result result = postgres_sync_row(&sync, CATALOG_ROW_TYPES, catalog, error);
    return result != DATABASE_OK ? result
                                 : postgres_sync_row(&sync, CATALOG_ROW_SKILLS, catalog, error);
}

enum database_result postgres_renew_types(void *state_any, uint64_t world, struct catalog *catalog,
                                          struct error *error)
{
    struct postgres *state = state_any;
    enum database_result result = postgres_result(pg_script(state->pg, "BEGIN", error));
    if (result == DATABASE_OK)
        result = postgres_sync_types(state, world, catalog, error);
    if (result == DATABASE_OK)
        result = postgres_result(pg_script(state->pg, "COMMIT", error));
    if (result != DATABASE_OK)
        postgres_roll_back(state);
    return result;
}
