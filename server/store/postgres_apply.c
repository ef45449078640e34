#include "store/postgres_quarantine.h"

enum { APPLY_BEGIN, APPLY_ADVANCE, APPLY_COMMIT, APPLY_STATEMENTS };

static const struct pg_statement postgres_apply_table[] = {
    [APPLY_BEGIN] = {"apply_begin", "BEGIN"},
    [APPLY_ADVANCE] = {"apply_advance",
                       "UPDATE world_stream SET applied_seq = $5::bigint, tick = $6::bigint, "
                       "world_hash = $7::bytea, applied_at = now() "
                       "WHERE world_id = $1::bigint AND stream = $2::bigint "
                       "AND epoch = $3::bigint AND applied_seq = $4::bigint "
                       "RETURNING quarantine"},
    [APPLY_COMMIT] = {"apply_commit", "COMMIT"},
};

/* Begins the transaction and moves applied_seq, which locks the stream's row until its end. */
static enum pg_status apply_send_advance(struct pg *pg, const struct database_world *world,
                                         const struct batch *batch, struct error *error)
{
    pg_start(pg, &postgres_apply_table[APPLY_BEGIN]);
    enum pg_status status = pg_send(pg, error);
    if (status != PG_OK)
        return status;
    pg_start(pg, &postgres_apply_table[APPLY_ADVANCE]);
    pg_add_int(pg, (int64_t)world->id);
    pg_add_int(pg, world->stream);
    pg_add_int(pg, (int64_t)world->epoch);
    pg_add_int(pg, (int64_t)batch->from_seq - 1);
    pg_add_int(pg, (int64_t)batch->to_seq);
    pg_add_int(pg, (int64_t)batch->tick);
    pg_add_hash(pg, batch->hash);
    return pg_send(pg, error);
}

/* The same, with the answer: it is ours to move, and the quarantine is as the batch knows it. */
static enum database_result apply_advance(struct postgres *state,
                                          const struct database_world *world, struct batch *batch,
                                          struct error *error)
{
    struct pg *pg = state->pg;
    uint32_t sent = 2;
    enum pg_status status = apply_send_advance(pg, world, batch, error);
    if (status == PG_OK)
        status = postgres_receive_all(pg, &sent, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_affected(pg) != 1) {
        error_set(error,
                  "records %llu to %llu: the world has another owner now, or is not at number %llu",
                  (unsigned long long)batch->from_seq, (unsigned long long)batch->to_seq,
                  (unsigned long long)batch->from_seq - 1);
        return DATABASE_FENCED;
    }
    uint64_t version = (uint64_t)pg_int(pg, 0, 0);
    bool is_divided_so = version == batch->quarantine;
    batch->quarantine = version;
    return is_divided_so ? DATABASE_OK : DATABASE_DIVIDED;
}

/* Sends the rows that are aside to the quarantine. Keys that leave it by that make it another one,
 * which the next batch finds out. */
static enum pg_status apply_aside(struct postgres *state, const struct database_world *world,
                                  const struct batch *batch, uint32_t *sent, struct error *error)
{
    enum pg_status status = PG_OK;
    for (uint32_t i = batch->count - batch->aside; i < batch->count && status == PG_OK; i++) {
        if (*sent == POSTGRES_SENT_MAX)
            status = postgres_receive_all(state->pg, sent, error);
        if (status == PG_OK)
            status = postgres_send_quarantined(state, world, &batch->rows[i], "", error);
        (*sent)++;
    }
    if (status == PG_OK && batch->aside > 0) {
        status = postgres_send_settled(state, world, batch->to_seq, error);
        (*sent)++;
    }
    return status;
}

/* Commits, behind so many statements whose results are still to come. */
static enum pg_status apply_commit(struct pg *pg, uint32_t *sent, struct error *error)
{
    pg_start(pg, &postgres_apply_table[APPLY_COMMIT]);
    enum pg_status status = pg_send(pg, error);
    (*sent)++;
    return status == PG_OK ? postgres_receive_all(pg, sent, error) : status;
}

/* All rows at once, as it nearly always goes. */
static enum database_result apply_swiftly(struct postgres *state,
                                          const struct database_world *world, struct batch *batch,
                                          struct error *error)
{
    uint32_t sent = 0;
    struct postgres_rows rows = {world->id, batch->rows, batch->count - batch->aside};
    enum database_result result = apply_advance(state, world, batch, error);
    if (result != DATABASE_OK)
        return result;
    enum pg_status status = postgres_send_rows(state->pg, rows, &sent, error);
    if (status == PG_OK)
        status = apply_aside(state, world, batch, &sent, error);
    if (status == PG_OK)
        status = apply_commit(state->pg, &sent, error);
    return postgres_result(status);
}

/* A constraint that is checked at the end would be nobody's fault then. */
static const char apply_now[] = "SET CONSTRAINTS ALL IMMEDIATE";

/* Some row is refused: the same again, but the refused rows go to the quarantine. */
static enum database_result apply_carefully(struct postgres *state,
                                            const struct database_world *world, struct batch *batch,
                                            struct error *error)
{
    uint32_t sent = 0, count = batch->count - batch->aside;
    uint64_t version = batch->quarantine;
    struct postgres_careful careful = {.state = state, .world = world};
    enum database_result result = apply_advance(state, world, batch, error);
    if (result != DATABASE_OK)
        return result;
    enum pg_status status = pg_script(state->pg, apply_now, error);
    if (status == PG_OK)
        status = postgres_write_carefully(&careful, batch->rows, count, error);
    if (status == PG_OK)
        status = apply_aside(state, world, batch, &sent, error);
    if (status == PG_OK)
        status = postgres_receive_all(state->pg, &sent, error);
    if (status == PG_OK && careful.refused > 0)
        status = postgres_note_quarantine(state, world, &version, error);
    if (status == PG_OK)
        status = apply_commit(state->pg, &sent, error);
    if (status == PG_OK)
        batch->quarantine = version;
    return postgres_result(status);
}

enum database_result postgres_apply(void *state_any, const struct database_world *world,
                                    struct batch *batch, struct error *error)
{
    struct postgres *state = state_any;
    enum pg_status status =
        postgres_prepare(state, POSTGRES_APPLY, postgres_apply_table, APPLY_STATEMENTS, error);
    if (status == PG_OK)
        status = postgres_prepare_writes(state, error);
    if (status == PG_OK)
        status = postgres_prepare_quarantine(state, error);
    if (status != PG_OK)
        return postgres_result(status);
    enum database_result result = apply_swiftly(state, world, batch, error);
    if (result == DATABASE_FAILED && pg_blames_values(state->pg)) {
        postgres_roll_back(state);
        result = apply_carefully(state, world, batch, error);
    }
    if (result != DATABASE_OK)
        postgres_roll_back(state);
    return result;
}
