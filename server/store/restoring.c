#include "store/restoring.h"

#include "store/postgres_state.h"

enum {
    RESTORING_READ,
    RESTORING_OTHERS,
    RESTORING_TAKE,
    RESTORING_FETCH,
    RESTORING_TYPES,
    RESTORING_SKILLS,
    RESTORING_ACCOUNTS,
    RESTORING_WAITING,
    RESTORING_BANS,
    RESTORING_KEPT,
    RESTORING_WORLD,
    RESTORING_STREAM,
    RESTORING_STATEMENTS,
};

/* Rows travel as text of their whole, which PostgreSQL reads again as it wrote it. */
static const struct pg_statement restoring_statements[RESTORING_STATEMENTS] = {
    [RESTORING_READ] =
        {"restoring_read",
         "SELECT " POSTGRES_WORLD_COLUMNS ", s.journal_id "
         "FROM worlds w JOIN world_stream s ON s.world_id = w.id WHERE w.name = $1::text"},
    [RESTORING_OTHERS] = {"restoring_others", "SELECT count(*) FROM worlds WHERE name <> $1::text"},
    [RESTORING_TAKE] = {"restoring_take",
                        "SELECT pg_try_advisory_lock(1414089812, $1::bigint::integer)"},
    [RESTORING_FETCH] = {"restoring_fetch", "FETCH 100 FROM carried"},
    [RESTORING_TYPES] = {"restoring_types", "INSERT INTO entity_types SELECT (r.t::entity_types).* "
                                            "FROM unnest($1::text[]) r (t) ON CONFLICT DO NOTHING"},
    [RESTORING_SKILLS] = {"restoring_skills",
                          "INSERT INTO skill_types SELECT (r.t::skill_types).* "
                          "FROM unnest($1::text[]) r (t) ON CONFLICT DO NOTHING"},
    [RESTORING_ACCOUNTS] =
        {"restoring_accounts",
         "WITH n AS (SELECT a.* FROM unnest($1::text[]) r (t), LATERAL (SELECT (r.t::accounts).*) "
         "a WHERE NOT EXISTS (SELECT FROM accounts o "
         "WHERE lower(o.name COLLATE \"C\") = lower(a.name COLLATE \"C\") AND o.id <> a.id)), "
         "gone AS (DELETE FROM quarantine q USING n WHERE q.kind = 'account' AND q.id = n.id) "
         "INSERT INTO accounts SELECT n.* FROM n "
         "ON CONFLICT (id) DO UPDATE SET name = excluded.name, public_key = excluded.public_key, "
         "roles = excluded.roles, changed_at = excluded.changed_at"},
    /* accounts that their table refuses: they wait in the new database as well */
    [RESTORING_WAITING] =
        {"restoring_waiting",
         "WITH w AS (UPDATE world_stream SET quarantine = quarantine + 1 "
         "RETURNING world_id, stream), "
         "n AS (SELECT (r.t::quarantine).* FROM unnest($1::text[]) r (t)) "
         "INSERT INTO quarantine (world_id, stream, kind, id, part, key, seq, tick, change, "
         "readable, type, image_config_id, reason, since, changed_at) "
         "SELECT w.world_id, w.stream, n.kind, n.id, n.part, n.key, n.seq, n.tick, n.change, "
         "n.readable, n.type, n.image_config_id, n.reason, n.since, n.changed_at FROM n, w "
         "ON CONFLICT (world_id, kind, id, part) DO UPDATE SET seq = excluded.seq, "
         "tick = excluded.tick, change = excluded.change, readable = excluded.readable, "
         "reason = excluded.reason, changed_at = excluded.changed_at"},
    [RESTORING_BANS] = {"restoring_bans", "INSERT INTO image_bans SELECT (r.t::image_bans).* "
                                          "FROM unnest($1::text[]) r (t) ON CONFLICT DO NOTHING"},
    [RESTORING_KEPT] =
        {"restoring_kept",
         "SELECT count(*) FROM (SELECT (r.t::accounts).* FROM unnest($1::text[]) r (t)) n "
         "JOIN accounts o ON lower(o.name COLLATE \"C\") = lower(n.name COLLATE \"C\") "
         "AND o.id <> n.id"},
    [RESTORING_WORLD] = {"restoring_world",
                         "UPDATE worlds SET timeline = $2::bigint WHERE id = $1::bigint"},
    [RESTORING_STREAM] =
        {"restoring_stream",
         "UPDATE world_stream SET applied_seq = $2::bigint, tick = $3::bigint, epoch = $4::bigint, "
         "journal_id = CASE WHEN $5::bigint = 0 THEN journal_id ELSE $5::bigint END, "
         "is_clean = true, lease_until = NULL WHERE world_id = $1::bigint"},
};

static const struct pg_statement restoring_bare_statement = {
    "restoring_bare", "SELECT to_regclass('worlds') IS NULL AND to_regclass('accounts') IS NULL"};

/* What is carried: the cursor, and where its rows go. */
struct carried {
    const char *cursor;
    uint32_t statement;
};

/* Whoever holds a table is not waited for long: the world may stand still meanwhile. */
static enum pg_status prepare(struct postgres *state, struct error *error)
{
    enum pg_status status = PG_OK;
    if ((state->prepared & POSTGRES_RESTORING) == 0)
        status = pg_script(state->pg, "SET lock_timeout = '5s'", error);
    if (status != PG_OK)
        return status;
    return postgres_prepare(state, POSTGRES_RESTORING, restoring_statements, RESTORING_STATEMENTS,
                            error);
}

enum database_result restoring_is_bare(struct database *database, bool *out_is_bare,
                                       struct error *error)
{
    struct postgres *state = database->state;
    enum pg_status status = pg_ask(state->pg, &restoring_bare_statement, error);
    if (status == PG_OK)
        *out_is_bare = pg_bool(state->pg, 0, 0);
    return postgres_result(status);
}

enum database_result restoring_read_world(struct database *database, const char *world,
                                          struct database_world *out, struct error *error)
{
    struct postgres *state = database->state;
    struct pg *pg = state->pg;
    enum pg_status status = prepare(state, error);
    if (status == PG_OK) {
        pg_start(pg, &restoring_statements[RESTORING_READ]);
        pg_add_text(pg, world);
        status = pg_run(pg, error);
    }
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_rows(pg) != 1) {
        error_set(error, "the database has no world \"%s\"", world);
        return DATABASE_NOT_FOUND;
    }
    *out = postgres_take_world(pg);
    out->journal = (uint64_t)pg_int(pg, 0, POSTGRES_WORLD_COLUMN_COUNT);
    return DATABASE_OK;
}

enum database_result restoring_count_others(struct database *database, const char *world,
                                            uint64_t *out_count, struct error *error)
{
    struct postgres *state = database->state;
    enum pg_status status = prepare(state, error);
    if (status == PG_OK) {
        pg_start(state->pg, &restoring_statements[RESTORING_OTHERS]);
        pg_add_text(state->pg, world);
        status = pg_run(state->pg, error);
    }
    if (status == PG_OK)
        *out_count = (uint64_t)pg_int(state->pg, 0, 0);
    return postgres_result(status);
}

enum database_result restoring_take(struct database *database, uint64_t world, struct error *error)
{
    struct postgres *state = database->state;
    enum pg_status status = prepare(state, error);
    if (status == PG_OK) {
        pg_start(state->pg, &restoring_statements[RESTORING_TAKE]);
        pg_add_int(state->pg, (int64_t)world);
        status = pg_run(state->pg, error);
    }
    if (status == PG_OK && !pg_bool(state->pg, 0, 0)) {
        error_set(error, "a server is running on the world");
        return DATABASE_FAILED;
    }
    return postgres_result(status);
}

/* ---- carrying ---- */

/* The rows that `from` has received become the one parameter of a statement for `to`. */
static void pass_rows(const struct pg *from, struct pg *to, uint32_t statement)
{
    pg_start(to, &restoring_statements[statement]);
    pg_add_array(to, PG_TEXT);
    for (uint32_t i = 0; i < pg_rows(from); i++) {
        struct span row = pg_bytes(from, i, 0);
        pg_put_bytes(to, row.bytes, row.size_bytes);
    }
}

static enum pg_status count_kept(const struct pg *from, struct pg *to, uint64_t *out_kept,
                                 struct error *error)
{
    pass_rows(from, to, RESTORING_KEPT);
    enum pg_status status = pg_run(to, error);
    if (status == PG_OK)
        *out_kept += (uint64_t)pg_int(to, 0, 0);
    return status;
}

/* Passes all rows of the open cursor on. */
static enum pg_status pass_all(struct pg *from, struct pg *to, uint32_t statement,
                               uint64_t *out_kept, struct error *error)
{
    for (;;) {
        pg_start(from, &restoring_statements[RESTORING_FETCH]);
        enum pg_status status = pg_run(from, error);
        if (status != PG_OK || pg_rows(from) == 0)
            return status;
        if (statement == RESTORING_ACCOUNTS)
            status = count_kept(from, to, out_kept, error);
        if (status == PG_OK) {
            pass_rows(from, to, statement);
            status = pg_run(to, error);
        }
        if (status != PG_OK)
            return status;
    }
}

static enum database_result carry(struct database *from, struct database *to,
                                  const struct carried *carried, uint64_t *out_kept,
                                  struct error *error)
{
    struct postgres *source = from->state, *target = to->state;
    enum pg_status status = prepare(source, error);
    if (status == PG_OK)
        status = prepare(target, error);
    if (status == PG_OK)
        status = pg_script(source->pg, carried->cursor, error);
    if (status == PG_OK)
        status = pass_all(source->pg, target->pg, carried->statement, out_kept, error);
    postgres_roll_back(source);
    return postgres_result(status);
}

#define CURSOR(rows)                                                                               \
    "BEGIN READ ONLY; SET LOCAL enable_seqscan = on;"                                              \
    "DECLARE carried CURSOR FOR SELECT t::text FROM " rows

enum database_result restoring_carry_types(struct database *from, struct database *to,
                                           struct error *error)
{
    static const struct carried types = {CURSOR("entity_types t"), RESTORING_TYPES};
    static const struct carried skills = {CURSOR("skill_types t"), RESTORING_SKILLS};
    uint64_t kept = 0;
    enum database_result result = carry(from, to, &types, &kept, error);
    return result == DATABASE_OK ? carry(from, to, &skills, &kept, error) : result;
}

enum database_result restoring_carry_accounts(struct database *from, struct database *to,
                                              uint64_t *out_kept, struct error *error)
{
    static const struct carried all[] = {
        {CURSOR("accounts t"), RESTORING_ACCOUNTS},
        {CURSOR("quarantine t WHERE t.kind = 'account'"), RESTORING_WAITING},
        {CURSOR("image_bans t"), RESTORING_BANS},
    };
    enum database_result result = DATABASE_OK;
    *out_kept = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0] && result == DATABASE_OK; i++)
        result = carry(from, to, &all[i], out_kept, error);
    return result;
}

/* ---- the timeline ---- */

static enum pg_status write_start(struct pg *pg, const struct restoring_start *start,
                                  struct error *error)
{
    pg_start(pg, &restoring_statements[RESTORING_WORLD]);
    pg_add_int(pg, (int64_t)start->world);
    pg_add_int(pg, start->timeline);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    pg_start(pg, &restoring_statements[RESTORING_STREAM]);
    pg_add_int(pg, (int64_t)start->world);
    pg_add_int(pg, (int64_t)start->applied_seq);
    pg_add_int(pg, (int64_t)start->tick);
    pg_add_int(pg, (int64_t)start->epoch);
    pg_add_int(pg, (int64_t)start->journal);
    return pg_run(pg, error);
}

enum database_result restoring_begin_timeline(struct database *database,
                                              const struct restoring_start *start,
                                              struct error *error)
{
    struct postgres *state = database->state;
    enum pg_status status = prepare(state, error);
    if (status == PG_OK)
        status = pg_script(state->pg, "BEGIN", error);
    if (status == PG_OK)
        status = write_start(state->pg, start, error);
    if (status == PG_OK)
        status = pg_script(state->pg, "COMMIT", error);
    else
        postgres_roll_back(state);
    return postgres_result(status);
}
