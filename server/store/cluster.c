#include "store/cluster.h"

#include <string.h>

#include "store/postgres_state.h"

enum {
    CLUSTER_CAN_CREATE,
    CLUSTER_FIND,
    CLUSTER_END,
    CLUSTER_STATEMENTS,
};

enum { EXCHANGE_TRIES = 2 };

#define CLUSTER_COMMENT "Made by tilth-server; may be dropped when none runs."

static const struct pg_statement cluster_statements[CLUSTER_STATEMENTS] = {
    [CLUSTER_CAN_CREATE] = {"cluster_can_create", "SELECT rolcreatedb OR rolsuper FROM pg_roles "
                                                  "WHERE rolname = current_user"},
    [CLUSTER_FIND] = {"cluster_find",
                      "SELECT coalesce(shobj_description(oid, 'pg_database') = '" CLUSTER_COMMENT
                      "', false) FROM pg_database WHERE datname = $1::text"},
    [CLUSTER_END] = {"cluster_end",
                     "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                     "WHERE datname = $1::text AND pid <> pg_backend_pid()"},
};

static enum pg_status prepare(struct postgres *state, struct error *error)
{
    return postgres_prepare(state, POSTGRES_CLUSTER, cluster_statements, CLUSTER_STATEMENTS, error);
}

enum database_result cluster_can_create(struct database *database, bool *out_can,
                                        struct error *error)
{
    struct postgres *state = database->state;
    enum pg_status status = prepare(state, error);
    if (status == PG_OK) {
        pg_start(state->pg, &cluster_statements[CLUSTER_CAN_CREATE]);
        status = pg_run(state->pg, error);
    }
    if (status == PG_OK)
        *out_can = pg_rows(state->pg) == 1 && pg_bool(state->pg, 0, 0);
    return postgres_result(status);
}

/* Runs a statement whose only parameter is a database's name. */
static enum pg_status ask(struct postgres *state, uint32_t statement, const char *name,
                          struct error *error)
{
    enum pg_status status = prepare(state, error);
    if (status != PG_OK)
        return status;
    pg_start(state->pg, &cluster_statements[statement]);
    pg_add_text(state->pg, name);
    return pg_run(state->pg, error);
}

enum database_result cluster_find(struct database *database, const char *name, bool *out_is_there,
                                  bool *out_is_ours, struct error *error)
{
    struct postgres *state = database->state;
    enum pg_status status = ask(state, CLUSTER_FIND, name, error);
    if (status == PG_OK) {
        *out_is_there = pg_rows(state->pg) == 1;
        *out_is_ours = *out_is_there && pg_bool(state->pg, 0, 0);
    }
    return postgres_result(status);
}

enum database_result cluster_create(struct database *database, const char *name,
                                    struct error *error)
{
    struct postgres *state = database->state;
    const char *const names[] = {name, NULL};
    bool is_there = false, is_ours = false;
    enum database_result result = cluster_find(database, name, &is_there, &is_ours, error);
    if (result == DATABASE_OK && is_there && !is_ours) {
        error_set(error, "there is a database %s already, which this server did not make", name);
        return DATABASE_FAILED;
    }
    if (result == DATABASE_OK && is_there)
        result = cluster_drop(database, name, error);
    if (result != DATABASE_OK)
        return result;
    enum pg_status status =
        pg_command(state->pg, "CREATE DATABASE ? TEMPLATE template0 ENCODING 'UTF8'", names, error);
    if (status == PG_OK)
        status =
            pg_command(state->pg, "COMMENT ON DATABASE ? IS '" CLUSTER_COMMENT "'", names, error);
    if (status != PG_OK)
        (void)error_add(error, "making the database %s", name);
    return postgres_result(status);
}

enum database_result cluster_drop(struct database *database, const char *name, struct error *error)
{
    struct postgres *state = database->state;
    const char *const names[] = {name, NULL};
    enum pg_status status =
        pg_command(state->pg, "DROP DATABASE IF EXISTS ? WITH (FORCE)", names, error);
    return postgres_result(status);
}

static enum pg_status rename_both(struct postgres *state, const struct cluster_exchange *exchange,
                                  bool is_live_there, struct error *error)
{
    const char *const old[] = {exchange->live, exchange->kept, NULL};
    const char *const fresh[] = {exchange->fresh, exchange->live, NULL};
    const char *const live[] = {exchange->live, NULL};
    enum pg_status status = PG_OK;
    if (is_live_there)
        status = pg_command(state->pg, "ALTER DATABASE ? RENAME TO ?", old, error);
    if (status == PG_OK)
        status = pg_command(state->pg, "ALTER DATABASE ? RENAME TO ?", fresh, error);
    if (status == PG_OK)
        status = pg_command(state->pg, "COMMENT ON DATABASE ? IS NULL", live, error);
    return status;
}

/* One try: ends who is connected, then renames. */
static enum pg_status exchange_once(struct postgres *state, const struct cluster_exchange *exchange,
                                    bool is_live_there, struct error *error)
{
    enum pg_status status = ask(state, CLUSTER_END, exchange->live, error);
    if (status == PG_OK)
        status = ask(state, CLUSTER_END, exchange->fresh, error);
    if (status == PG_OK)
        status = pg_script(state->pg, "BEGIN", error);
    if (status == PG_OK)
        status = rename_both(state, exchange, is_live_there, error);
    if (status == PG_OK)
        return pg_script(state->pg, "COMMIT", error);
    postgres_roll_back(state);
    return status;
}

/* What became of a try whose end was not told: whoever is in the way is no reason to give up, and a
 * connection that was lost may have been lost behind the commit. */
static enum database_result look_again(struct database *database,
                                       const struct cluster_exchange *exchange, bool *out_is_done,
                                       struct error *error)
{
    struct postgres *state = database->state;
    bool is_ours = false;
    enum database_result result = DATABASE_OK;
    if (!pg_is_connected(state->pg))
        result = database->ops->connect(state, error);
    if (result == DATABASE_OK)
        result = cluster_find(database, exchange->fresh, out_is_done, &is_ours, error);
    *out_is_done = result == DATABASE_OK && !*out_is_done;
    return result;
}

enum database_result cluster_exchange(struct database *database,
                                      const struct cluster_exchange *exchange, struct error *error)
{
    bool is_there = false, is_ours = false, is_done = false;
    struct error again = {""};
    enum database_result result =
        cluster_find(database, exchange->live, &is_there, &is_ours, error);
    for (uint32_t i = 0; i < EXCHANGE_TRIES && result == DATABASE_OK && !is_done; i++) {
        if (exchange_once(database->state, exchange, is_there, error) == PG_OK)
            return DATABASE_OK;
        result = look_again(database, exchange, &is_done, &again);
    }
    if (is_done)
        return DATABASE_OK;
    return result == DATABASE_OK ? DATABASE_FAILED : result;
}
