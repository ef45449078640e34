#include "store/postgres_quarantine.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "store/postgres_overlay.h"
#include "store/quarantine.h"
#include "wire/framing.h"

enum {
    QUARANTINE_PUT,
    QUARANTINE_REMOVE,
    QUARANTINE_COUNT,
    QUARANTINE_NOTE,
    QUARANTINE_OWN,
    QUARANTINE_NEXT,
    QUARANTINE_WAITING,
    QUARANTINE_DROP,
    QUARANTINE_SETTLE,
    QUARANTINE_SETTLED,
    QUARANTINE_STATEMENTS,
};

enum { QUARANTINE_WORDS_BYTES = 1 << 14 /* of a change in readable form */ };

static const struct pg_statement postgres_quarantine_table[] = {
    [QUARANTINE_PUT] =
        {"quarantine_put",
         "INSERT INTO quarantine AS q (world_id, stream, kind, id, part, key, seq, tick, change, "
         "readable, chunk_x, chunk_y, type, image_config_id, reason, changed_at) "
         "VALUES ($1::bigint, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::text, $7::bigint, "
         "$8::bigint, $9::bytea, $10::text::jsonb, CASE WHEN $11::boolean THEN $12::bigint END, "
         "CASE WHEN $11::boolean THEN $13::bigint END, $14::bigint, $15::bigint, $16::text, "
         "timestamptz 'epoch' + $17::bigint * interval '1 microsecond') "
         "ON CONFLICT (world_id, kind, id, part) DO UPDATE SET seq = EXCLUDED.seq, "
         "tick = EXCLUDED.tick, change = EXCLUDED.change, readable = EXCLUDED.readable, "
         "chunk_x = EXCLUDED.chunk_x, chunk_y = EXCLUDED.chunk_y, type = EXCLUDED.type, "
         "image_config_id = EXCLUDED.image_config_id, changed_at = EXCLUDED.changed_at, "
         "reason = CASE EXCLUDED.reason WHEN '' THEN q.reason ELSE EXCLUDED.reason END"},
    [QUARANTINE_REMOVE] = {"quarantine_remove",
                           "DELETE FROM quarantine q "
                           "USING unnest($2::text[], $3::bigint[], $4::bigint[]) AS n (kind, id, "
                           "part) WHERE q.world_id = $1::bigint AND q.kind = n.kind "
                           "AND q.id = n.id AND q.part = n.part"},
    [QUARANTINE_COUNT] = {"quarantine_count",
                          "SELECT count(*), COALESCE(sum(octet_length(change)), 0)::bigint "
                          "FROM quarantine WHERE world_id = $1::bigint"},
    [QUARANTINE_NOTE] = {"quarantine_note", "UPDATE world_stream SET quarantine = quarantine + 1 "
                                            "WHERE world_id = $1::bigint AND stream = $2::bigint "
                                            "RETURNING quarantine"},
    [QUARANTINE_OWN] = {"quarantine_own",
                        "SELECT epoch FROM world_stream WHERE world_id = $1::bigint "
                        "AND stream = $2::bigint FOR UPDATE"},
    [QUARANTINE_NEXT] =
        {"quarantine_next",
         "SELECT change, seq, tick, (extract(epoch FROM since) * 1000000)::bigint, is_dropped, "
         "key, reason FROM quarantine WHERE world_id = $1::bigint "
         "AND (kind, id, part) > ($2::text, $3::bigint, $4::bigint) "
         "ORDER BY kind, id, part LIMIT 1"},
    [QUARANTINE_WAITING] =
        {"quarantine_waiting",
         "SELECT change, seq, tick, (extract(epoch FROM changed_at) * 1000000)::bigint "
         "FROM quarantine WHERE world_id = $1::bigint AND NOT is_dropped "
         "AND ($2::text = '' OR key = $2::text)"},
    [QUARANTINE_DROP] = {"quarantine_drop",
                         "UPDATE quarantine SET is_dropped = true WHERE world_id = $1::bigint "
                         "AND kind = ANY ($3::text[]) AND ($2::text = '' OR key = $2::text) "
                         "AND NOT is_dropped"},
    [QUARANTINE_SETTLE] = {"quarantine_settle", "UPDATE quarantine SET settled_seq = $2::bigint "
                                                "WHERE world_id = $1::bigint AND is_dropped"},
    /* one of a later record is no longer what the row says */
    [QUARANTINE_SETTLED] = {"quarantine_settled",
                            "WITH gone AS (DELETE FROM quarantine WHERE world_id = $1::bigint "
                            "AND settled_seq <= $3::bigint AND seq = settled_seq RETURNING 1) "
                            "UPDATE world_stream SET quarantine = quarantine + 1 "
                            "WHERE world_id = $1::bigint AND stream = $2::bigint "
                            "AND EXISTS (SELECT FROM gone)"},
};

enum pg_status postgres_prepare_quarantine(struct postgres *state, struct error *error)
{
    return postgres_prepare(state, POSTGRES_QUARANTINE, postgres_quarantine_table,
                            QUARANTINE_STATEMENTS, error);
}

static void start(struct postgres *state, uint32_t statement, uint64_t world)
{
    pg_start(state->pg, &postgres_quarantine_table[statement]);
    pg_add_int(state->pg, (int64_t)world);
}

/* ---- rows ---- */

/* The type that the change leaves something of, or says is replaced; 0 none. */
static uint32_t type_of(const struct change *change)
{
    if (change->kind == CHANGE_ENTITY)
        return change->entity.type;
    if (change->kind == CHANGE_CELL)
        return change->cell.replaced;
    if (change->kind == CHANGE_STRUCTURE)
        return change->structure.type;
    if (change->kind == CHANGE_PILE)
        return change->pile.stack.type;
    return change->kind == CHANGE_SLOT ? change->slot.stack.type : 0;
}

static void add_encoded(struct pg *pg, const struct change *change)
{
    static const size_t capacity = QUARANTINED_BYTES_ONE;
    uint8_t *bytes = memory_reserve("quarantine", capacity, 1);
    struct packet packet;
    framing_init(&packet, bytes, capacity);
    ensure(framing_add_change(&packet, change));
    pg_add_bytes(pg, bytes, packet.size_bytes);
    memory_release(bytes);
}

static void add_readable(struct pg *pg, const struct change *change)
{
    char words[QUARANTINE_WORDS_BYTES];
    struct text text;
    text_init(&text, words, sizeof words);
    schema_print(change_schema(change->kind), change_record(change), &text);
    pg_add_text(pg, text.is_cut ? "{}" : words);
}

enum pg_status postgres_send_quarantined(struct postgres *state, const struct database_world *world,
                                         const struct batch_row *row, const char *reason,
                                         struct error *error)
{
    struct pg *pg = state->pg;
    const struct change *change = &row->change;
    struct batch_key key = batch_key(change);
    char words[QUARANTINED_KEY_BYTES], why[QUARANTINED_REASON_BYTES];
    struct text text;
    bool is_in_chunk = (change_schema(change->kind)->flags & CHANGE_IN_CHUNK) != 0;
    struct chunk_pos chunk = is_in_chunk                    ? grid_chunk_of(change_cell(change))
                             : change->kind == CHANGE_CHUNK ? change->chunk.chunk
                                                            : (struct chunk_pos){0, 0};
    quarantined_key_words(change, words);
    text_init(&text, why, sizeof why);
    text_add(&text, "%s", reason);
    start(state, QUARANTINE_PUT, world->id);
    pg_add_int(pg, world->stream);
    pg_add_text(pg, change_schema(change->kind)->name);
    pg_add_int(pg, (int64_t)key.id);
    pg_add_int(pg, (int64_t)key.part);
    pg_add_text(pg, words);
    pg_add_int(pg, (int64_t)row->seq);
    pg_add_int(pg, (int64_t)row->tick);
    add_encoded(pg, change);
    add_readable(pg, change);
    pg_add_bool(pg, is_in_chunk || change->kind == CHANGE_CHUNK);
    pg_add_int(pg, chunk.x);
    pg_add_int(pg, chunk.y);
    pg_add_int(pg, type_of(change));
    pg_add_int(pg, change_look(change));
    pg_add_text(pg, why);
    pg_add_int(pg, row->wall_us);
    return pg_send(pg, error);
}

enum pg_status postgres_send_settled(struct postgres *state, const struct database_world *world,
                                     uint64_t seq, struct error *error)
{
    start(state, QUARANTINE_SETTLED, world->id);
    pg_add_int(state->pg, world->stream);
    pg_add_int(state->pg, (int64_t)seq);
    return pg_send(state->pg, error);
}

/* Takes the rows' keys out. */
static enum pg_status remove_rows(struct postgres *state, uint64_t world,
                                  const struct batch_row *rows, uint32_t count, struct error *error)
{
    struct pg *pg = state->pg;
    start(state, QUARANTINE_REMOVE, world);
    pg_add_array(pg, PG_TEXT);
    for (uint32_t i = 0; i < count; i++) {
        const char *kind = change_schema(rows[i].change.kind)->name;
        pg_put_bytes(pg, kind, strlen(kind));
    }
    pg_add_array(pg, PG_INT8);
    for (uint32_t i = 0; i < count; i++)
        pg_put_int(pg, (int64_t)batch_key(&rows[i].change).id);
    pg_add_array(pg, PG_INT8);
    for (uint32_t i = 0; i < count; i++)
        pg_put_int(pg, (int64_t)batch_key(&rows[i].change).part);
    return pg_run(pg, error);
}

/* ---- writing what may be refused ---- */

/* Writes rows that are a part of all; in a retry they leave the quarantine. */
static enum pg_status write_part(struct postgres_careful *careful, const struct batch_row *rows,
                                 uint32_t count, struct error *error)
{
    struct pg *pg = careful->state->pg;
    uint32_t sent = 0;
    struct postgres_rows part = {careful->world->id, rows, count};
    enum pg_status status = postgres_send_rows(pg, part, &sent, error);
    if (status == PG_OK)
        status = postgres_receive_all(pg, &sent, error);
    if (status == PG_OK && careful->is_retry)
        status = remove_rows(careful->state, careful->world->id, rows, count, error);
    return status;
}

/* Writes a part, or leaves all as it was and *out_is_refused set, with the reason in *why. */
static enum pg_status try_part(struct postgres_careful *careful, const struct postgres_rows *part,
                               bool *out_is_refused, struct error *why, struct error *error)
{
    struct pg *pg = careful->state->pg;
    enum pg_status status = pg_script(pg, "SAVEPOINT part", error);
    if (status != PG_OK)
        return status;
    status = write_part(careful, part->rows, part->count, why);
    *out_is_refused = status == PG_REFUSED && pg_blames_values(pg);
    if (*out_is_refused)
        return pg_script(pg, "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part", error);
    if (status == PG_OK)
        return pg_script(pg, "RELEASE SAVEPOINT part", error);
    error_set(error, "%s", why->text);
    return status;
}

static enum pg_status quarantine_row(struct postgres_careful *careful, const struct batch_row *row,
                                     const struct error *why, struct error *error)
{
    enum pg_status status =
        postgres_send_quarantined(careful->state, careful->world, row, why->text, error);
    careful->refused++;
    return status == PG_OK ? pg_receive(careful->state->pg, error) : status;
}

enum pg_status postgres_write_carefully(struct postgres_careful *careful,
                                        const struct batch_row *rows, uint32_t count,
                                        struct error *error)
{
    enum pg_status status = PG_OK;
    uint32_t size = POSTGRES_ROWS_MAX; /* halved when a part is refused, doubled when it is not */
    for (uint32_t at = 0; at < count && status == PG_OK;) {
        struct error why = {""};
        bool is_refused = false;
        uint32_t left = count - at;
        struct postgres_rows part = {.rows = rows + at, .count = size < left ? size : left};
        status = try_part(careful, &part, &is_refused, &why, error);
        if (status == PG_OK && is_refused && part.count > 1) {
            size = part.count / 2;
            continue;
        }
        if (status == PG_OK && is_refused)
            status = quarantine_row(careful, part.rows, &why, error);
        careful->applied += is_refused ? 0 : part.count;
        at += part.count;
        size = size < POSTGRES_ROWS_MAX / 2 ? size * 2 : POSTGRES_ROWS_MAX;
    }
    return status;
}

enum pg_status postgres_note_quarantine(struct postgres *state, const struct database_world *world,
                                        uint64_t *out_version, struct error *error)
{
    struct pg *pg = state->pg;
    start(state, QUARANTINE_COUNT, world->id);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    if (pg_int(pg, 0, 0) > QUARANTINED_MAX || pg_int(pg, 0, 1) > QUARANTINED_BYTES_MAX) {
        (void)quarantined_tell_full(error);
        return PG_REFUSED;
    }
    start(state, QUARANTINE_NOTE, world->id);
    pg_add_int(pg, world->stream);
    status = pg_run(pg, error);
    if (status == PG_OK)
        *out_version = (uint64_t)pg_int(pg, 0, 0);
    return status;
}

/* ---- what operators do ---- */

/* Begins a transaction in which nothing else moves the stream; FENCED when the world has another
 * owner. */
static enum database_result begin_as_owner(struct postgres *state,
                                           const struct database_world *world, struct error *error)
{
    enum pg_status status = postgres_prepare_quarantine(state, error);
    if (status == PG_OK)
        status = postgres_prepare_writes(state, error);
    if (status == PG_OK)
        status = pg_script(state->pg, "BEGIN; SET CONSTRAINTS ALL IMMEDIATE", error);
    if (status != PG_OK)
        return postgres_result(status);
    start(state, QUARANTINE_OWN, world->id);
    pg_add_int(state->pg, world->stream);
    status = pg_run(state->pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_rows(state->pg) == 1 && (uint64_t)pg_int(state->pg, 0, 0) == world->epoch)
        return DATABASE_OK;
    error_set(error, "another server has become the world's owner");
    return DATABASE_FENCED;
}

/* Ends it: all of it is there, or nothing. */
static enum database_result end_as_owner(struct postgres *state, enum database_result result,
                                         struct error *error)
{
    if (result == DATABASE_OK)
        result = postgres_result(pg_script(state->pg, "COMMIT", error));
    if (result != DATABASE_OK)
        postgres_roll_back(state);
    return result;
}

/* Makes rows, in order, of those that were read into the overlay. */
static struct batch_row *make_rows(struct postgres *state, const struct postgres_overlay *overlay)
{
    const struct pg *pg = state->pg;
    struct batch_row *rows = memory_reserve("quarantine", overlay->count + 1, sizeof *rows);
    for (uint32_t i = 0; i < overlay->count; i++)
        rows[i] = (struct batch_row){.change = overlay->changes[i],
                                     .seq = (uint64_t)pg_int(pg, i, 1),
                                     .tick = (uint64_t)pg_int(pg, i, 2),
                                     .wall_us = pg_int(pg, i, 3)};
    batch_sort_rows(rows, overlay->count);
    return rows;
}

static enum pg_status retry(struct postgres_careful *careful, const char *key, struct error *error)
{
    struct postgres *state = careful->state;
    struct postgres_overlay overlay = {.count = 0};
    uint64_t version = 0;
    start(state, QUARANTINE_WAITING, careful->world->id);
    pg_add_text(state->pg, key);
    enum pg_status status = pg_run(state->pg, error);
    if (status != PG_OK)
        return status;
    if (!postgres_overlay_take(state->pg, &overlay, error))
        return PG_REFUSED;
    struct batch_row *rows = make_rows(state, &overlay);
    status = postgres_write_carefully(careful, rows, overlay.count, error);
    memory_release(rows);
    postgres_overlay_free(&overlay);
    return status == PG_OK && careful->applied > 0
               ? postgres_note_quarantine(state, careful->world, &version, error)
               : status;
}

enum database_result postgres_retry_quarantined(void *state_any, const struct database_world *world,
                                                const char *key, struct quarantined_retried *out,
                                                struct error *error)
{
    struct postgres *state = state_any;
    struct postgres_careful careful = {.state = state, .world = world, .is_retry = true};
    enum database_result result = begin_as_owner(state, world, error);
    if (result == DATABASE_OK)
        result = postgres_result(retry(&careful, key, error));
    result = end_as_owner(state, result, error);
    if (result == DATABASE_OK)
        *out = (struct quarantined_retried){careful.applied, careful.refused};
    return result;
}

/* The names of those that may be given up. */
static void add_kinds(struct pg *pg)
{
    pg_add_array(pg, PG_TEXT);
    for (uint32_t kind = 1; kind < CHANGE_KIND_COUNT; kind++) {
        const char *name = change_schema((enum change_kind)kind)->name;
        if (quarantined_may_drop((enum change_kind)kind))
            pg_put_bytes(pg, name, strlen(name));
    }
}

enum database_result postgres_settle_dropped(void *state_any, const struct database_world *world,
                                             uint64_t seq, struct error *error)
{
    struct postgres *state = state_any;
    enum database_result result = begin_as_owner(state, world, error);
    if (result == DATABASE_OK) {
        start(state, QUARANTINE_SETTLE, world->id);
        pg_add_int(state->pg, (int64_t)seq);
        result = postgres_result(pg_run(state->pg, error));
    }
    return end_as_owner(state, result, error);
}

enum database_result postgres_drop_quarantined(void *state_any, const struct database_world *world,
                                               const char *key, uint32_t *out_count,
                                               struct error *error)
{
    struct postgres *state = state_any;
    enum database_result result = begin_as_owner(state, world, error);
    if (result == DATABASE_OK) {
        start(state, QUARANTINE_DROP, world->id);
        pg_add_text(state->pg, key);
        add_kinds(state->pg);
        result = postgres_result(pg_run(state->pg, error));
    }
    uint32_t count = result == DATABASE_OK ? (uint32_t)pg_affected(state->pg) : 0;
    result = end_as_owner(state, result, error);
    if (result == DATABASE_OK)
        *out_count = count;
    return result;
}

/* ---- reading ---- */

/* Copies a text of the result, as much as fits. */
static void copy_text(const struct pg *pg, uint32_t column, char *out_text, size_t capacity)
{
    struct text text;
    text_init(&text, out_text, capacity);
    text_add(&text, "%s", pg_text(pg, 0, column));
}

/* Reads the row into the entry, whose spans then point into its bytes. */
static bool read_entry(const struct pg *pg, struct quarantined *entry, struct error *error)
{
    struct span change = pg_bytes(pg, 0, 0);
    struct framed framed;
    size_t offset = 0;
    copy_text(pg, 5, entry->key, sizeof entry->key);
    copy_text(pg, 6, entry->reason, sizeof entry->reason);
    if (change.size_bytes > sizeof entry->bytes)
        return error_set(error, "quarantine: \"%s\" has too many bytes", entry->key);
    memcpy(entry->bytes, change.bytes, change.size_bytes);
    if (!framing_next(entry->bytes, change.size_bytes, &offset, &framed) ||
        !framing_change(&framed, &entry->change))
        return error_set(error, "quarantine: the change of \"%s\" is damaged", entry->key);
    entry->seq = (uint64_t)pg_int(pg, 0, 1);
    entry->tick = (uint64_t)pg_int(pg, 0, 2);
    entry->since_us = pg_int(pg, 0, 3);
    entry->is_dropped = pg_bool(pg, 0, 4);
    return true;
}

enum database_result postgres_next_quarantined(void *state_any, uint64_t world,
                                               struct quarantined *entry, struct error *error)
{
    struct postgres *state = state_any;
    struct pg *pg = state->pg;
    const struct change *before = &entry->change;
    bool is_first = before->kind == CHANGE_NONE;
    struct batch_key key = is_first ? (struct batch_key){0, 0} : batch_key(before);
    enum pg_status status = postgres_prepare_quarantine(state, error);
    if (status != PG_OK)
        return postgres_result(status);
    start(state, QUARANTINE_NEXT, world);
    pg_add_text(pg, is_first ? "" : change_schema(before->kind)->name);
    pg_add_int(pg, (int64_t)key.id);
    pg_add_int(pg, (int64_t)key.part);
    status = pg_run(pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_rows(pg) == 0)
        return DATABASE_NOT_FOUND;
    return read_entry(pg, entry, error) ? DATABASE_OK : DATABASE_FAILED;
}
