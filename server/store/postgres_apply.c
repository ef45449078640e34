#include "store/postgres_write.h"

enum { APPLY_BEGIN, APPLY_ADVANCE, APPLY_COMMIT, APPLY_STATEMENTS };

enum { APPLY_PIPELINE_MAX = 32 /* statements on their way */ };

static const struct pg_statement postgres_apply_table[] = {
    [APPLY_BEGIN] = {"apply_begin", "BEGIN"},
    [APPLY_ADVANCE] = {"apply_advance",
                       "UPDATE world_stream SET applied_seq = $5::bigint, tick = $6::bigint, "
                       "world_hash = $7::bytea, applied_at = now() "
                       "WHERE world_id = $1::bigint AND stream = $2::bigint "
                       "AND epoch = $3::bigint AND applied_seq = $4::bigint"},
    [APPLY_COMMIT] = {"apply_commit", "COMMIT"},
};

static enum pg_status apply_receive(struct pg *pg, uint32_t count, struct error *error)
{
    enum pg_status status = PG_OK;
    for (uint32_t i = 0; i < count && status == PG_OK; i++)
        status = pg_receive(pg, error);
    return status;
}

/* Writes all rows and commits. */
static enum pg_status apply_write(struct pg *pg, uint64_t world, const struct batch *batch,
                                  struct error *error)
{
    enum pg_status status = PG_OK;
    struct postgres_rows rest = {world, batch->rows, batch->count};
    uint32_t sent = 0;
    while (rest.count > 0 && status == PG_OK) {
        status = postgres_write_some(pg, &rest, error);
        sent++;
        if (status == PG_OK && sent == APPLY_PIPELINE_MAX) {
            status = apply_receive(pg, sent, error);
            sent = 0;
        }
    }
    if (status != PG_OK)
        return status;
    pg_start(pg, &postgres_apply_table[APPLY_COMMIT]);
    status = pg_send(pg, error);
    return status == PG_OK ? apply_receive(pg, sent + 1, error) : status;
}

/* Begins the transaction and moves applied_seq, which locks the stream's row until its end. */
static enum pg_status apply_advance(struct pg *pg, const struct database_world *world,
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
    status = pg_send(pg, error);
    return status == PG_OK ? apply_receive(pg, 2, error) : status;
}

enum database_result postgres_apply(void *state_any, const struct database_world *world,
                                    const struct batch *batch, struct error *error)
{
    struct postgres *state = state_any;
    enum pg_status status =
        postgres_prepare(state, POSTGRES_APPLY, postgres_apply_table, APPLY_STATEMENTS, error);
    if (status == PG_OK)
        status = postgres_prepare_writes(state, error);
    if (status == PG_OK)
        status = apply_advance(state->pg, world, batch, error);
    if (status == PG_OK && pg_affected(state->pg) != 1) {
        postgres_roll_back(state);
        error_set(error,
                  "records %llu to %llu: the world has another owner now, or is not at number %llu",
                  (unsigned long long)batch->from_seq, (unsigned long long)batch->to_seq,
                  (unsigned long long)batch->from_seq - 1);
        return DATABASE_FENCED;
    }
    if (status == PG_OK)
        status = apply_write(state->pg, world->id, batch, error);
    if (status == PG_REFUSED)
        postgres_roll_back(state);
    return postgres_result(status);
}
