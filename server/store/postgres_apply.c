#include "store/postgres_state.h"

#include <stddef.h>
#include <string.h>

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
    APPLY_SLOTS_GONE,
    APPLY_SLOTS,
    APPLY_SKILLS_GONE,
    APPLY_SKILLS,
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
         "INSERT INTO accounts (id, name, public_key, roles, created_at, changed_at) "
         "SELECT id, name, public_key, roles, at, at FROM unnest($1::bigint[], $2::text[], "
         "$3::bytea[], $4::smallint[], $5::timestamptz[]) AS n (id, name, public_key, roles, at) "
         "ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, "
         "public_key = EXCLUDED.public_key, roles = EXCLUDED.roles, "
         "changed_at = EXCLUDED.changed_at"},
    [APPLY_CHARACTERS] =
        {"apply_characters",
         "INSERT INTO characters (world_id, id, account_id, pos_x, pos_y, last_intent, done, "
         "tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::bigint[], $3::bigint[], $4::integer[], "
         "$5::integer[], $6::bigint[], $7::bigint[], $8::bigint[], $9::timestamptz[]) "
         "ON CONFLICT (world_id, id) DO UPDATE SET account_id = EXCLUDED.account_id, "
         "pos_x = EXCLUDED.pos_x, pos_y = EXCLUDED.pos_y, last_intent = EXCLUDED.last_intent, "
         "done = EXCLUDED.done, tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
    [APPLY_SLOTS_GONE] = {"apply_slots_gone",
                          "DELETE FROM inventory_entities t "
                          "USING unnest($2::bigint[], $3::smallint[]) AS n (id, slot) "
                          "WHERE t.world_id = $1::bigint AND t.character_id = n.id "
                          "AND t.slot_index = n.slot"},
    [APPLY_SLOTS] =
        {"apply_slots",
         "INSERT INTO inventory_entities (world_id, character_id, slot_index, type, quantity, "
         "image_config_id, wear, source_type, source_cell_x, source_cell_y, source_tick, "
         "source_time_s, source_tool, source_pos_x, source_pos_y, source_skill, source_level, "
         "tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::bigint[], $3::smallint[], $4::smallint[], "
         "$5::integer[], $6::bigint[], $7::integer[], $8::smallint[], $9::integer[], "
         "$10::integer[], $11::bigint[], $12::bigint[], $13::smallint[], $14::integer[], "
         "$15::integer[], $16::smallint[], $17::smallint[], $18::bigint[], $19::timestamptz[]) "
         "ON CONFLICT (world_id, character_id, slot_index) DO UPDATE SET type = EXCLUDED.type, "
         "quantity = EXCLUDED.quantity, image_config_id = EXCLUDED.image_config_id, "
         "wear = EXCLUDED.wear, source_type = EXCLUDED.source_type, "
         "source_cell_x = EXCLUDED.source_cell_x, source_cell_y = EXCLUDED.source_cell_y, "
         "source_tick = EXCLUDED.source_tick, source_time_s = EXCLUDED.source_time_s, "
         "source_tool = EXCLUDED.source_tool, source_pos_x = EXCLUDED.source_pos_x, "
         "source_pos_y = EXCLUDED.source_pos_y, source_skill = EXCLUDED.source_skill, "
         "source_level = EXCLUDED.source_level, tick = EXCLUDED.tick, "
         "changed_at = EXCLUDED.changed_at"},
    [APPLY_SKILLS_GONE] = {"apply_skills_gone",
                           "DELETE FROM character_skills t "
                           "USING unnest($2::bigint[], $3::smallint[]) AS n (id, skill) "
                           "WHERE t.world_id = $1::bigint AND t.character_id = n.id "
                           "AND t.skill = n.skill"},
    [APPLY_SKILLS] =
        {"apply_skills",
         "INSERT INTO character_skills (world_id, character_id, skill, points, tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::bigint[], $3::smallint[], $4::bigint[], "
         "$5::bigint[], $6::timestamptz[]) "
         "ON CONFLICT (world_id, character_id, skill) DO UPDATE SET points = EXCLUDED.points, "
         "tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
};

/* One array parameter: its elements' type, and how a row gives its element: `put`, from what stands
 * `offset` bytes into the row. */
struct apply_column {
    enum pg_type type;
    void (*put)(struct pg *pg, const struct batch_row *row, size_t offset);
    size_t offset;
};

static void put_chunk_x(struct pg *pg, const struct batch_row *row, size_t offset)
{
    (void)offset;
    pg_put_int(pg, grid_chunk_of(change_cell(&row->change)).x);
}

static void put_chunk_y(struct pg *pg, const struct batch_row *row, size_t offset)
{
    (void)offset;
    pg_put_int(pg, grid_chunk_of(change_cell(&row->change)).y);
}

static void put_cell(struct pg *pg, const struct batch_row *row, size_t offset)
{
    (void)offset;
    pg_put_int(pg, grid_cell_index(change_cell(&row->change)));
}

static void put_int(struct pg *pg, const struct batch_row *row, size_t offset)
{
    int32_t value;
    memcpy(&value, (const uint8_t *)row + offset, sizeof value);
    pg_put_int(pg, value);
}

static void put_uint(struct pg *pg, const struct batch_row *row, size_t offset)
{
    uint32_t value;
    memcpy(&value, (const uint8_t *)row + offset, sizeof value);
    pg_put_int(pg, value);
}

/* An id, a tick, or any number of 64 bits. */
static void put_big(struct pg *pg, const struct batch_row *row, size_t offset)
{
    int64_t value;
    memcpy(&value, (const uint8_t *)row + offset, sizeof value);
    pg_put_int(pg, value);
}

static void put_time(struct pg *pg, const struct batch_row *row, size_t offset)
{
    (void)offset;
    pg_put_time(pg, row->wall_us);
}

static void put_hash(struct pg *pg, const struct batch_row *row, size_t offset)
{
    struct hash128 value;
    memcpy(&value, (const uint8_t *)row + offset, sizeof value);
    pg_put_hash(pg, value);
}

static void put_span(struct pg *pg, const struct batch_row *row, size_t offset)
{
    struct span value;
    memcpy(&value, (const uint8_t *)row + offset, sizeof value);
    pg_put_bytes(pg, value.bytes, value.size_bytes);
}

enum { APPLY_COLUMNS_MAX = 19 };

/* How rows of a kind are written: a statement and its parameters, in order. */
struct apply_writer {
    uint32_t statement;
    bool has_world;                                 /* the first parameter is the world's id */
    struct apply_column columns[APPLY_COLUMNS_MAX]; /* ends at one without `put` */
};

/* clang-format off */
#define AT(field) offsetof(struct batch_row, change.field)
#define CHUNK_AND_CELL {PG_INT4, put_chunk_x, 0}, {PG_INT4, put_chunk_y, 0}, {PG_INT2, put_cell, 0}
#define TICK_AND_TIME {PG_INT8, put_big, offsetof(struct batch_row, tick)}, {PG_TIME, put_time, 0}

static const struct apply_writer apply_writers[CHANGE_KIND_COUNT] = {
    [CHANGE_CELL] = {APPLY_CELLS, true, {
        CHUNK_AND_CELL,
        {PG_INT2, put_uint, AT(cell.replaced)},
        TICK_AND_TIME}},
    [CHANGE_ENTITY] = {APPLY_ENTITIES, true, {
        CHUNK_AND_CELL,
        {PG_INT8, put_big, AT(entity.id)},
        {PG_INT2, put_uint, AT(entity.type)},
        {PG_INT8, put_uint, AT(entity.image)},
        {PG_INT8, put_big, AT(entity.placer)},
        TICK_AND_TIME}},
    [CHANGE_CHUNK] = {APPLY_CHUNKS, true, {
        {PG_INT4, put_int, AT(chunk.chunk.x)},
        {PG_INT4, put_int, AT(chunk.chunk.y)},
        {PG_INT8, put_big, AT(chunk.version)},
        {PG_BYTEA, put_hash, AT(chunk.hash)},
        {PG_TIME, put_time, 0}}},
    [CHANGE_ACCOUNT] = {APPLY_ACCOUNTS, false, {
        {PG_INT8, put_big, AT(account.id)},
        {PG_TEXT, put_span, AT(account.name)},
        {PG_BYTEA, put_span, AT(account.key)},
        {PG_INT2, put_uint, AT(account.roles)},
        {PG_TIME, put_time, 0}}},
    [CHANGE_CHARACTER] = {APPLY_CHARACTERS, true, {
        {PG_INT8, put_big, AT(character.id)},
        {PG_INT8, put_big, AT(character.account)},
        {PG_INT4, put_int, AT(character.pos.x)},
        {PG_INT4, put_int, AT(character.pos.y)},
        {PG_INT8, put_uint, AT(character.last_intent)},
        {PG_INT8, put_big, AT(character.done)},
        TICK_AND_TIME}},
    [CHANGE_SLOT] = {APPLY_SLOTS, true, {
        {PG_INT8, put_big, AT(slot.character)},
        {PG_INT2, put_uint, AT(slot.slot)},
        {PG_INT2, put_uint, AT(slot.stack.type)},
        {PG_INT4, put_uint, AT(slot.stack.quantity)},
        {PG_INT8, put_uint, AT(slot.stack.image)},
        {PG_INT4, put_uint, AT(slot.stack.wear)},
        {PG_INT2, put_uint, AT(slot.stack.source)},
        {PG_INT4, put_int, AT(slot.stack.source_cell.x)},
        {PG_INT4, put_int, AT(slot.stack.source_cell.y)},
        {PG_INT8, put_big, AT(slot.stack.tick)},
        {PG_INT8, put_big, AT(slot.stack.time_s)},
        {PG_INT2, put_uint, AT(slot.stack.tool)},
        {PG_INT4, put_int, AT(slot.stack.pos.x)},
        {PG_INT4, put_int, AT(slot.stack.pos.y)},
        {PG_INT2, put_uint, AT(slot.stack.skill)},
        {PG_INT2, put_uint, AT(slot.stack.level)},
        TICK_AND_TIME}},
    [CHANGE_SKILL] = {APPLY_SKILLS, true, {
        {PG_INT8, put_big, AT(skill.character)},
        {PG_INT2, put_uint, AT(skill.skill)},
        {PG_INT8, put_uint, AT(skill.points)},
        TICK_AND_TIME}},
};

static const struct apply_writer apply_removers[CHANGE_KIND_COUNT] = {
    [CHANGE_CELL] = {APPLY_CELLS_GONE, true, {CHUNK_AND_CELL}},
    [CHANGE_ENTITY] = {APPLY_ENTITIES_GONE, true, {
        CHUNK_AND_CELL,
        {PG_INT8, put_big, AT(entity.id)}}},
    [CHANGE_SLOT] = {APPLY_SLOTS_GONE, true, {
        {PG_INT8, put_big, AT(slot.character)},
        {PG_INT2, put_uint, AT(slot.slot)}}},
    [CHANGE_SKILL] = {APPLY_SKILLS_GONE, true, {
        {PG_INT8, put_big, AT(skill.character)},
        {PG_INT2, put_uint, AT(skill.skill)}}},
};

#undef AT
#undef CHUNK_AND_CELL
#undef TICK_AND_TIME
/* clang-format on */

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
        column->put(pg, &list->rows[i], column->offset);
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
