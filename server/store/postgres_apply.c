#include "store/postgres_state.h"

#include "base/ensure.h"

enum {
    APPLY_BEGIN,
    APPLY_ADVANCE,
    APPLY_COMMIT,
    APPLY_CELLS_GONE,
    APPLY_CELLS,
    APPLY_ENTITIES_GONE,
    APPLY_ENTITIES,
    APPLY_CHUNKS,
    APPLY_ACCOUNTS,
    APPLY_CHARACTERS,
    APPLY_STATEMENTS,
};

enum {
    APPLY_ROWS_MAX = 1000,   /* of one statement: larger ones gain nothing */
    APPLY_PIPELINE_MAX = 32, /* statements on their way */
};

static const struct pg_statement postgres_apply_table[] = {
    [APPLY_BEGIN] = {"apply_begin", "BEGIN"},
    [APPLY_ADVANCE] = {"apply_advance",
                       "UPDATE world_stream SET applied_seq = $5::bigint, tick = $6::bigint, "
                       "world_hash = $7::bytea, applied_at = now() "
                       "WHERE world_id = $1::bigint AND stream = $2::bigint "
                       "AND epoch = $3::bigint AND applied_seq = $4::bigint"},
    [APPLY_COMMIT] = {"apply_commit", "COMMIT"},
    [APPLY_CELLS_GONE] =
        {"apply_cells_gone",
         "DELETE FROM cell_changes t "
         "USING unnest($2::integer[], $3::integer[], $4::smallint[]) AS n (x, y, cell) "
         "WHERE t.world_id = $1::bigint AND t.chunk_x = n.x AND t.chunk_y = n.y "
         "AND t.cell = n.cell"},
    [APPLY_CELLS] =
        {"apply_cells",
         "INSERT INTO cell_changes "
         "(world_id, chunk_x, chunk_y, cell, replaced, tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::integer[], $3::integer[], $4::smallint[], "
         "$5::smallint[], $6::bigint[], $7::timestamptz[]) "
         "ON CONFLICT (world_id, chunk_x, chunk_y, cell) DO UPDATE SET "
         "replaced = EXCLUDED.replaced, tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
    [APPLY_ENTITIES_GONE] =
        {"apply_entities_gone",
         "DELETE FROM cell_entities t USING "
         "unnest($2::integer[], $3::integer[], $4::smallint[], $5::bigint[]) AS n (x, y, cell, id) "
         "WHERE t.world_id = $1::bigint AND t.chunk_x = n.x AND t.chunk_y = n.y "
         "AND t.cell = n.cell AND t.id = n.id"},
    [APPLY_ENTITIES] =
        {"apply_entities",
         "INSERT INTO cell_entities (world_id, chunk_x, chunk_y, cell, id, type, "
         "image_config_id, placer_id, tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::integer[], $3::integer[], $4::smallint[], "
         "$5::bigint[], $6::smallint[], $7::bigint[], $8::bigint[], $9::bigint[], "
         "$10::timestamptz[]) "
         "ON CONFLICT (world_id, chunk_x, chunk_y, cell, id) DO UPDATE SET "
         "type = EXCLUDED.type, image_config_id = EXCLUDED.image_config_id, "
         "placer_id = EXCLUDED.placer_id, tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
    [APPLY_CHUNKS] =
        {"apply_chunks",
         "INSERT INTO chunks (world_id, chunk_x, chunk_y, version, content_hash, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::integer[], $3::integer[], $4::bigint[], "
         "$5::bytea[], $6::timestamptz[]) "
         "ON CONFLICT (world_id, chunk_x, chunk_y) DO UPDATE SET version = EXCLUDED.version, "
         "content_hash = EXCLUDED.content_hash, changed_at = EXCLUDED.changed_at"},
    [APPLY_ACCOUNTS] =
        {"apply_accounts",
         "INSERT INTO accounts (id, name, public_key, created_at, changed_at) "
         "SELECT id, name, public_key, at, at FROM unnest($1::bigint[], $2::text[], $3::bytea[], "
         "$4::timestamptz[]) AS n (id, name, public_key, at) "
         "ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, "
         "public_key = EXCLUDED.public_key, changed_at = EXCLUDED.changed_at"},
    [APPLY_CHARACTERS] =
        {"apply_characters",
         "INSERT INTO characters (world_id, id, account_id, pos_x, pos_y, last_intent, done, "
         "tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::bigint[], $3::bigint[], $4::integer[], "
         "$5::integer[], $6::bigint[], $7::bigint[], $8::bigint[], $9::timestamptz[]) "
         "ON CONFLICT (world_id, id) DO UPDATE SET account_id = EXCLUDED.account_id, "
         "pos_x = EXCLUDED.pos_x, pos_y = EXCLUDED.pos_y, last_intent = EXCLUDED.last_intent, "
         "done = EXCLUDED.done, tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
};

/* One array parameter: its elements' type, and how a row gives its element. */
struct apply_column {
    enum pg_type type;
    void (*put)(struct pg *pg, const struct batch_row *row);
};

static void put_chunk_x(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, grid_chunk_of(change_cell(&row->change)).x);
}

static void put_chunk_y(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, grid_chunk_of(change_cell(&row->change)).y);
}

static void put_cell(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, grid_cell_index(change_cell(&row->change)));
}

static void put_tick(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, (int64_t)row->tick);
}

static void put_time(struct pg *pg, const struct batch_row *row)
{
    pg_put_time(pg, row->wall_us);
}

static void put_cell_replaced(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, row->change.cell.replaced);
}

static void put_entity_id(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, (int64_t)row->change.entity.id.value);
}

static void put_entity_type(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, row->change.entity.type);
}

static void put_entity_image(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, row->change.entity.image);
}

static void put_entity_placer(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, (int64_t)row->change.entity.placer.value);
}

static void put_version_x(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, row->change.chunk.chunk.x);
}

static void put_version_y(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, row->change.chunk.chunk.y);
}

static void put_version(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, (int64_t)row->change.chunk.version);
}

static void put_version_hash(struct pg *pg, const struct batch_row *row)
{
    pg_put_hash(pg, row->change.chunk.hash);
}

static void put_account_id(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, (int64_t)row->change.account.id.value);
}

static void put_account_name(struct pg *pg, const struct batch_row *row)
{
    pg_put_bytes(pg, row->change.account.name.bytes, row->change.account.name.size_bytes);
}

static void put_account_key(struct pg *pg, const struct batch_row *row)
{
    pg_put_bytes(pg, row->change.account.key.bytes, row->change.account.key.size_bytes);
}

static void put_character_id(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, (int64_t)row->change.character.id.value);
}

static void put_character_account(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, (int64_t)row->change.character.account.value);
}

static void put_character_x(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, row->change.character.pos.x);
}

static void put_character_y(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, row->change.character.pos.y);
}

static void put_character_intent(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, row->change.character.last_intent);
}

static void put_character_done(struct pg *pg, const struct batch_row *row)
{
    pg_put_int(pg, (int64_t)row->change.character.done);
}

enum { APPLY_COLUMNS_MAX = 10 };

/* How rows of a kind are written: a statement and its parameters, in order. */
struct apply_writer {
    uint32_t statement;
    bool has_world;                                 /* the first parameter is the world's id */
    struct apply_column columns[APPLY_COLUMNS_MAX]; /* ends at one without `put` */
};

static const struct apply_writer apply_writers[CHANGE_KIND_COUNT] = {
    [CHANGE_CELL] = {APPLY_CELLS,
                     true,
                     {{PG_INT4, put_chunk_x},
                      {PG_INT4, put_chunk_y},
                      {PG_INT2, put_cell},
                      {PG_INT2, put_cell_replaced},
                      {PG_INT8, put_tick},
                      {PG_TIME, put_time}}},
    [CHANGE_ENTITY] = {APPLY_ENTITIES,
                       true,
                       {{PG_INT4, put_chunk_x},
                        {PG_INT4, put_chunk_y},
                        {PG_INT2, put_cell},
                        {PG_INT8, put_entity_id},
                        {PG_INT2, put_entity_type},
                        {PG_INT8, put_entity_image},
                        {PG_INT8, put_entity_placer},
                        {PG_INT8, put_tick},
                        {PG_TIME, put_time}}},
    [CHANGE_CHUNK] = {APPLY_CHUNKS,
                      true,
                      {{PG_INT4, put_version_x},
                       {PG_INT4, put_version_y},
                       {PG_INT8, put_version},
                       {PG_BYTEA, put_version_hash},
                       {PG_TIME, put_time}}},
    [CHANGE_ACCOUNT] = {APPLY_ACCOUNTS,
                        false,
                        {{PG_INT8, put_account_id},
                         {PG_TEXT, put_account_name},
                         {PG_BYTEA, put_account_key},
                         {PG_TIME, put_time}}},
    [CHANGE_CHARACTER] = {APPLY_CHARACTERS,
                          true,
                          {{PG_INT8, put_character_id},
                           {PG_INT8, put_character_account},
                           {PG_INT4, put_character_x},
                           {PG_INT4, put_character_y},
                           {PG_INT8, put_character_intent},
                           {PG_INT8, put_character_done},
                           {PG_INT8, put_tick},
                           {PG_TIME, put_time}}},
};

static const struct apply_writer apply_removers[CHANGE_KIND_COUNT] = {
    [CHANGE_CELL] = {APPLY_CELLS_GONE,
                     true,
                     {{PG_INT4, put_chunk_x}, {PG_INT4, put_chunk_y}, {PG_INT2, put_cell}}},
    [CHANGE_ENTITY] = {APPLY_ENTITIES_GONE,
                       true,
                       {{PG_INT4, put_chunk_x},
                        {PG_INT4, put_chunk_y},
                        {PG_INT2, put_cell},
                        {PG_INT8, put_entity_id}}},
};

/* Rows of one kind that one statement writes. */
struct apply_rows {
    const struct batch_row *rows;
    uint32_t count;
    uint64_t world;
};

/* How many rows from the first one belong into one statement. */
static uint32_t apply_run(const struct batch_row *rows, uint32_t count)
{
    uint32_t run = 1;
    bool is_delete = batch_is_delete(&rows[0].change);
    while (run < count && run < APPLY_ROWS_MAX && rows[run].change.kind == rows[0].change.kind &&
           batch_is_delete(&rows[run].change) == is_delete)
        run++;
    return run;
}

static void apply_add_column(struct pg *pg, const struct apply_column *column,
                             const struct apply_rows *list)
{
    pg_add_array(pg, column->type);
    for (uint32_t i = 0; i < list->count; i++)
        column->put(pg, &list->rows[i]);
}

static enum pg_status apply_send(struct pg *pg, const struct apply_rows *list, struct error *error)
{
    const struct change *first = &list->rows[0].change;
    const struct apply_writer *writer =
        batch_is_delete(first) ? &apply_removers[first->kind] : &apply_writers[first->kind];
    ensure(writer->columns[0].put != NULL); /* batch_add lets only lasting kinds in */
    pg_start(pg, &postgres_apply_table[writer->statement]);
    if (writer->has_world)
        pg_add_int(pg, (int64_t)list->world);
    for (uint32_t i = 0; writer->columns[i].put != NULL; i++)
        apply_add_column(pg, &writer->columns[i], list);
    return pg_send(pg, error);
}

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
    uint32_t sent = 0;
    uint32_t at = 0;
    while (at < batch->count && status == PG_OK) {
        struct apply_rows list = {.rows = batch->rows + at, .world = world};
        list.count = apply_run(list.rows, batch->count - at);
        at += list.count;
        status = apply_send(pg, &list, error);
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
