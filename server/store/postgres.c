#include "store/postgres.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "store/migrate.h"
#include "store/postgres_state.h"

/* Settings of every session. The three planner switches make PostgreSQL go by primary key. A commit
 * is only reported when it is on disk: the journal's segments go after it. A server that died must
 * not keep its transaction or its owner's lock. */
static const char postgres_session[] = "SET enable_seqscan = off;"
                                       "SET enable_hashjoin = off;"
                                       "SET enable_mergejoin = off;"
                                       "SET jit = off;"
                                       "SET synchronous_commit = on;"
                                       "SET idle_in_transaction_session_timeout = '60s';"
                                       "SET client_connection_check_interval = '5s';"
                                       "SET tcp_keepalives_idle = 5;"
                                       "SET tcp_keepalives_interval = 2;"
                                       "SET tcp_keepalives_count = 3;";

enum pg_status postgres_prepare(struct postgres *state, enum postgres_table which,
                                const struct pg_statement *table, uint32_t count,
                                struct error *error)
{
    if ((state->prepared & which) != 0 && pg_is_connected(state->pg))
        return PG_OK;
    enum pg_status status = pg_prepare(state->pg, table, count, error);
    if (status == PG_OK)
        state->prepared |= which;
    return status;
}

enum database_result postgres_result(enum pg_status status)
{
    switch (status) {
    case PG_OK:
        return DATABASE_OK;
    case PG_LOST:
        return DATABASE_LOST;
    case PG_REFUSED:
        return DATABASE_FAILED;
    }
    ensure(false);
    return DATABASE_FAILED;
}

void postgres_roll_back(struct postgres *state)
{
    if (pg_is_connected(state->pg))
        (void)pg_script(state->pg, "ROLLBACK", NULL);
}

static enum database_result postgres_connect(void *state_any, struct error *error)
{
    struct postgres *state = state_any;
    state->prepared = 0;
    enum pg_status status = pg_connect(state->pg, error);
    if (status == PG_OK)
        status = pg_script(state->pg, postgres_session, error);
    return postgres_result(status);
}

static void postgres_disconnect(void *state_any)
{
    struct postgres *state = state_any;
    pg_disconnect(state->pg);
}

static const struct database_ops postgres_ops = {
    .connect = postgres_connect,
    .open_world = postgres_open_world,
    .renew_types = postgres_renew_types,
    .resume = postgres_resume,
    .renew = postgres_renew,
    .find_position = postgres_find_position,
    .apply = postgres_apply,
    .next_quarantined = postgres_next_quarantined,
    .retry_quarantined = postgres_retry_quarantined,
    .drop_quarantined = postgres_drop_quarantined,
    .settle_dropped = postgres_settle_dropped,
    .load_row = postgres_load_row,
    .close_world = postgres_close_world,
    .load_region = postgres_load_region,
    .load_chunk = postgres_load_chunk,
    .find_account = postgres_find_account,
    .load_images = postgres_load_images,
    .load_image = postgres_load_image,
    .disconnect = postgres_disconnect,
};

static uint64_t postgres_or(uint64_t value, uint64_t otherwise)
{
    return value != 0 ? value : otherwise;
}

bool postgres_is_url(const char *url)
{
    return pg_is_url(url);
}

void postgres_open(const struct postgres_options *options, struct database *out_database)
{
    struct postgres *state = memory_reserve("postgres", 1, sizeof *state);
    state->options = *options;
    state->options.connect_us = postgres_or(options->connect_us, 5000000);
    state->options.deadline_us = postgres_or(options->deadline_us, 10000000);
    state->options.lock_wait_us = postgres_or(options->lock_wait_us, 3000000);
    state->pg = pg_create(&(struct pg_options){
        .url = options->url,
        .password = options->password,
        .database = options->database,
        .name = options->role,
        .connect_us = state->options.connect_us,
        .deadline_us = state->options.deadline_us,
        .is_given_up = options->is_given_up,
    });
    *out_database = (struct database){.ops = &postgres_ops, .state = state};
}

void postgres_close(struct database *database)
{
    if (database->state == NULL)
        return;
    struct postgres *state = database->state;
    pg_destroy(&state->pg);
    memory_release(state);
    *database = (struct database){0};
}

enum database_result postgres_migrate(struct database *database, const char *folder,
                                      struct error *error)
{
    struct postgres *state = database->state;
    return postgres_result(migrate_run(state->pg, folder, error));
}
