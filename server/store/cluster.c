#include "store/cluster.h"

#include <stdio.h>

#include "base/clock.h"
#include "store/postgres_state.h"

enum {
    CLUSTER_CAN_CREATE,
    CLUSTER_FIND,
    CLUSTER_END,
    CLUSTER_ME,
    CLUSTER_END_ONE,
    CLUSTER_STATEMENTS,
};

enum { EXCHANGE_TRIES = 2, LOOK_US_MAX = 60 * 1000 * 1000, LOOK_PAUSE_US = 200 * 1000 };

/* What this server makes has this limit of connections from its first moment on: an odd number, by
 * which it knows it again. */
#define CLUSTER_LIMIT "61"

static const struct pg_statement cluster_statements[CLUSTER_STATEMENTS] = {
    [CLUSTER_CAN_CREATE] = {"cluster_can_create", "SELECT rolcreatedb OR rolsuper FROM pg_roles "
                                                  "WHERE rolname = current_user"},
    [CLUSTER_FIND] = {"cluster_find", "SELECT datconnlimit = " CLUSTER_LIMIT
                                      " FROM pg_database WHERE datname = $1::text"},
    [CLUSTER_END] = {"cluster_end",
                     "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                     "WHERE datname = $1::text AND pid <> pg_backend_pid()"},
    /* a session, as no other one is called */
    [CLUSTER_ME] = {"cluster_me", "SELECT pid || '/' || backend_start FROM pg_stat_activity "
                                  "WHERE pid = pg_backend_pid()"},
    [CLUSTER_END_ONE] = {"cluster_end_one",
                         "SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity "
                         "WHERE pid || '/' || backend_start = $1::text"},
};

enum { SESSION_BYTES = 64 };

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

/* Runs a statement whose only parameter is a name. */
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
    enum pg_status status = pg_command(state->pg,
                                       "CREATE DATABASE ? TEMPLATE template0 ENCODING 'UTF8' "
                                       "CONNECTION LIMIT " CLUSTER_LIMIT,
                                       names, error);
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
        status = pg_command(state->pg, "ALTER DATABASE ? CONNECTION LIMIT -1", live, error);
    return status;
}

/* Everything up to the commit: what is lost before it is undone. */
static enum pg_status prepare_exchange(struct postgres *state,
                                       const struct cluster_exchange *exchange, bool is_live_there,
                                       struct error *error)
{
    enum pg_status status = ask(state, CLUSTER_END, exchange->live, error);
    if (status == PG_OK)
        status = ask(state, CLUSTER_END, exchange->fresh, error);
    if (status == PG_OK)
        status = pg_script(state->pg, "SET lock_timeout = '5s'; BEGIN", error);
    if (status == PG_OK)
        status = rename_both(state, exchange, is_live_there, error);
    if (status == PG_REFUSED)
        postgres_roll_back(state);
    return status;
}

/* What this connection's session is called. */
static enum pg_status name_session(struct postgres *state, char out_session[SESSION_BYTES],
                                   struct error *error)
{
    enum pg_status status = prepare(state, error);
    if (status == PG_OK) {
        pg_start(state->pg, &cluster_statements[CLUSTER_ME]);
        status = pg_run(state->pg, error);
    }
    if (status == PG_OK)
        (void)snprintf(out_session, SESSION_BYTES, "%s", pg_text(state->pg, 0, 0));
    return status;
}

/* Has the session that was lost ended? What it was at may be under way still, and is ended. */
static bool has_ended(struct postgres *state, const char *session)
{
    struct error ignored = {""};
    return ask(state, CLUSTER_END_ONE, session, &ignored) == PG_OK && pg_int(state->pg, 0, 0) == 0;
}

/* What became of a session's commit whose answer was lost: the fresh one has its name still, or
 * not. */
static enum cluster_exchanged look_again(struct database *database,
                                         const struct cluster_exchange *exchange,
                                         const char *session)
{
    uint64_t end_us = clock_now().mono_us + LOOK_US_MAX;
    struct postgres *state = database->state;
    while (clock_now().mono_us < end_us) {
        bool is_there = false, is_ours = false;
        struct error ignored = {""};
        if ((pg_is_connected(state->pg) ||
             database->ops->connect(state, &ignored) == DATABASE_OK) &&
            has_ended(state, session) &&
            cluster_find(database, exchange->fresh, &is_there, &is_ours, &ignored) == DATABASE_OK)
            return is_there ? CLUSTER_UNCHANGED : CLUSTER_EXCHANGED;
        clock_sleep_until(clock_now().mono_us + LOOK_PAUSE_US);
    }
    return CLUSTER_UNKNOWN;
}

/* One try; who is in the way may be gone with the next. */
static enum cluster_exchanged exchange_once(struct database *database,
                                            const struct cluster_exchange *exchange,
                                            bool is_live_there, struct error *error)
{
    struct postgres *state = database->state;
    char session[SESSION_BYTES];
    if (name_session(state, session, error) != PG_OK ||
        prepare_exchange(state, exchange, is_live_there, error) != PG_OK)
        return CLUSTER_UNCHANGED;
    enum pg_status status = pg_script(state->pg, "COMMIT", error);
    if (status == PG_OK)
        return CLUSTER_EXCHANGED;
    return status == PG_REFUSED ? CLUSTER_UNCHANGED : look_again(database, exchange, session);
}

enum cluster_exchanged cluster_exchange(struct database *database,
                                        const struct cluster_exchange *exchange,
                                        struct error *error)
{
    bool is_there = false, is_ours = false;
    enum cluster_exchanged exchanged = CLUSTER_UNCHANGED;
    for (uint32_t i = 0; i < EXCHANGE_TRIES && exchanged == CLUSTER_UNCHANGED; i++) {
        struct postgres *state = database->state;
        if (!pg_is_connected(state->pg) && database->ops->connect(state, error) != DATABASE_OK)
            continue;
        if (cluster_find(database, exchange->live, &is_there, &is_ours, error) == DATABASE_OK)
            exchanged = exchange_once(database, exchange, is_there, error);
    }
    return exchanged;
}
