#include "store/inspection.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "base/rng.h"
#include "store/inspection_rules.h"
#include "store/postgres_row.h"
#include "store/quarantine.h"

enum { KEYS_MAX = 4, CHUNKS_MIN = 1024 };

/* A chunk's rows and its mark. */
struct tally {
    struct chunk_pos chunk;
    bool is_used, has_mark;
    struct hash128 rows, mark;
};

/* Of all chunks: open addressing, at most half full. */
struct tallies {
    struct tally *slots;
    uint32_t slot_count; /* a power of two */
    uint32_t count;
};

/* A table, page by page in the order of its key. */
struct inspected {
    const char *table;
    uint32_t keys;
    int first_key; /* column of the key's first part */
    struct change (*read)(const struct pg *pg, uint32_t row, int first_key);
};

struct inspector {
    struct postgres *state;
    const struct database_ops *ops;
    struct inspection *out;
    struct quarantine *quarantine;
    struct tallies tallies;
};

/* ---- findings ---- */

void inspection_find(struct inspection *inspection, const char *where, const char *format, ...)
{
    va_list arguments;
    if (inspection->finding_count++ >= INSPECTION_FINDINGS_MAX)
        return;
    struct inspection_finding *finding = &inspection->findings[inspection->finding_count - 1];
    finding->where = where;
    va_start(arguments, format);
    (void)vsnprintf(finding->words, sizeof finding->words, format, arguments);
    va_end(arguments);
}

/* ---- chunks ---- */

static struct tally *tally_slot(const struct tallies *tallies, struct chunk_pos chunk)
{
    uint64_t at = rng_mix((uint64_t)(uint32_t)chunk.x << 32 | (uint32_t)chunk.y);
    for (;; at++) {
        struct tally *tally = &tallies->slots[at & (tallies->slot_count - 1)];
        if (!tally->is_used || grid_is_same_chunk(tally->chunk, chunk))
            return tally;
    }
}

static void tallies_grow(struct tallies *tallies)
{
    struct tallies larger = {.slot_count = tallies->slot_count * 2, .count = tallies->count};
    larger.slots = memory_reserve("inspection", larger.slot_count, sizeof *larger.slots);
    for (uint32_t i = 0; i < tallies->slot_count; i++) {
        const struct tally *tally = &tallies->slots[i];
        if (tally->is_used)
            *tally_slot(&larger, tally->chunk) = *tally;
    }
    memory_release(tallies->slots);
    *tallies = larger;
}

static struct tally *tally_of(struct tallies *tallies, struct chunk_pos chunk)
{
    if (2 * tallies->count >= tallies->slot_count)
        tallies_grow(tallies);
    struct tally *tally = tally_slot(tallies, chunk);
    if (!tally->is_used) {
        *tally = (struct tally){.chunk = chunk, .is_used = true};
        tallies->count++;
    }
    return tally;
}

static void compare_chunk(struct inspection *out, const struct tally *tally)
{
    char rows[33], mark[33];
    hash_format(tally->rows, rows);
    hash_format(tally->mark, mark);
    if (!tally->has_mark)
        inspection_find(out, "chunks", "chunk %d,%d has rows in other tables, and none here",
                        tally->chunk.x, tally->chunk.y);
    else if (!hash_is_equal(tally->rows, tally->mark))
        inspection_find(out, "chunks",
                        "chunk %d,%d has content_hash %s, but what lies in it has %s",
                        tally->chunk.x, tally->chunk.y, mark, rows);
}

static void compare_chunks(struct inspector *inspector)
{
    for (uint32_t i = 0; i < inspector->tallies.slot_count; i++) {
        if (inspector->tallies.slots[i].is_used)
            compare_chunk(inspector->out, &inspector->tallies.slots[i]);
    }
}

/* ---- rows ---- */

static struct change read_thing(const struct pg *pg, uint32_t row, int first_key)
{
    struct chunk_pos chunk = {(int32_t)pg_int(pg, row, first_key),
                              (int32_t)pg_int(pg, row, first_key + 1)};
    return postgres_row_thing(pg, row, chunk);
}

static struct change read_structure(const struct pg *pg, uint32_t row, int first_key)
{
    (void)first_key;
    return postgres_row_thing(pg, row, (struct chunk_pos){0, 0});
}

static struct change read_mark(const struct pg *pg, uint32_t row, int first_key)
{
    struct change change = {.kind = CHANGE_CHUNK};
    change.chunk = (struct change_chunk){
        .chunk = {(int32_t)pg_int(pg, row, first_key), (int32_t)pg_int(pg, row, first_key + 1)},
        .version = (uint64_t)pg_int(pg, row, 2),
        .hash = pg_hash(pg, row, 3),
    };
    return change;
}

static struct change read_character(const struct pg *pg, uint32_t row, int first_key)
{
    struct change change = {.kind = CHANGE_CHARACTER};
    change.character = (struct change_character){
        .id = {(uint64_t)pg_int(pg, row, first_key)},
        .account = {(uint64_t)pg_int(pg, row, 1)},
        .pos = {(int32_t)pg_int(pg, row, 2), (int32_t)pg_int(pg, row, 3)},
        .last_intent = (uint32_t)pg_int(pg, row, 4),
        .done = (uint64_t)pg_int(pg, row, 5),
    };
    return change;
}

static struct change read_slot(const struct pg *pg, uint32_t row, int first_key)
{
    struct character_id character = {(uint64_t)pg_int(pg, row, first_key)};
    struct change change = {.kind = CHANGE_SLOT};
    change.slot = postgres_row_slot(pg, row, first_key + 1, character);
    return change;
}

static struct change read_skill(const struct pg *pg, uint32_t row, int first_key)
{
    struct change change = {.kind = CHANGE_SKILL};
    change.skill = (struct change_skill){
        .character = {(uint64_t)pg_int(pg, row, first_key)},
        .skill = (uint32_t)pg_int(pg, row, 1),
        .points = (uint32_t)pg_int(pg, row, 2),
    };
    return change;
}

static struct change read_config(const struct pg *pg, uint32_t row, int first_key)
{
    struct change change = {.kind = CHANGE_IMAGE_CONFIG};
    ensure(first_key == 0);
    change.image_config = postgres_row_config(pg, row);
    return change;
}

#define BY_CELL                                                                                    \
    " WHERE world_id = $1::bigint AND (chunk_x, chunk_y, cell) > "                                 \
    "($2::bigint, $3::bigint, $4::bigint) ORDER BY chunk_x, chunk_y, cell LIMIT 4096"
#define BY_CELL_AND_ID                                                                             \
    " WHERE world_id = $1::bigint AND (chunk_x, chunk_y, cell, id) > "                             \
    "($2::bigint, $3::bigint, $4::bigint, $5::bigint) "                                            \
    "ORDER BY chunk_x, chunk_y, cell, id LIMIT 4096"
#define BY_ID " WHERE world_id = $1::bigint AND id > $2::bigint ORDER BY id LIMIT 4096"

_Static_assert(INSPECTION_PAGE_ROWS == 4096, "the statements' limit");

enum {
    INSPECT_CELLS,
    INSPECT_ENTITIES,
    INSPECT_PILES,
    INSPECT_STRUCTURES,
    INSPECT_CHARACTERS,
    INSPECT_SLOTS,
    INSPECT_SKILLS,
    INSPECT_CONFIGS,
    INSPECT_CHUNKS,
    INSPECT_TABLES,
    INSPECT_POSITION = INSPECT_TABLES,
    INSPECT_STATEMENTS,
};

/* Pages: $1 the world, then the key of the last row before. */
static const struct pg_statement inspection_table[INSPECT_STATEMENTS] = {
    [INSPECT_CELLS] = {"inspect_cells", "SELECT " POSTGRES_CELL_COLUMNS
                                        ", chunk_x, chunk_y, cell FROM cell_changes" BY_CELL},
    [INSPECT_ENTITIES] = {"inspect_entities",
                          "SELECT " POSTGRES_ENTITY_COLUMNS
                          ", chunk_x, chunk_y, cell, id FROM cell_entities" BY_CELL_AND_ID},
    [INSPECT_PILES] = {"inspect_piles",
                       "SELECT " POSTGRES_PILE_COLUMNS
                       ", chunk_x, chunk_y, cell, id FROM cell_piles" BY_CELL_AND_ID},
    [INSPECT_STRUCTURES] = {"inspect_structures", "SELECT " POSTGRES_STRUCTURE_COLUMNS
                                                  ", id FROM multi_cell_entities" BY_ID},
    [INSPECT_CHARACTERS] = {"inspect_characters",
                            "SELECT id, account_id, pos_x, pos_y, last_intent, done "
                            "FROM characters" BY_ID},
    [INSPECT_SLOTS] =
        {"inspect_slots",
         "SELECT character_id, " POSTGRES_SLOT_COLUMNS " FROM inventory_entities "
         "WHERE world_id = $1::bigint AND (character_id, slot_index) > ($2::bigint, $3::bigint) "
         "ORDER BY character_id, slot_index LIMIT 4096"},
    [INSPECT_SKILLS] =
        {"inspect_skills",
         "SELECT character_id, skill, points FROM character_skills "
         "WHERE world_id = $1::bigint AND (character_id, skill) > ($2::bigint, $3::bigint) "
         "ORDER BY character_id, skill LIMIT 4096"},
    [INSPECT_CONFIGS] = {"inspect_configs",
                         "SELECT " POSTGRES_CONFIG_COLUMNS " FROM image_configs c" BY_ID},
    [INSPECT_CHUNKS] =
        {"inspect_chunks",
         "SELECT chunk_x, chunk_y, version, content_hash FROM chunks "
         "WHERE world_id = $1::bigint AND (chunk_x, chunk_y) > ($2::bigint, $3::bigint) "
         "ORDER BY chunk_x, chunk_y LIMIT 4096"},
    [INSPECT_POSITION] =
        {"inspect_position",
         "SELECT w.id, s.applied_seq, s.tick, s.world_hash, s.journal_id, w.timeline FROM worlds w "
         "JOIN world_stream s ON s.world_id = w.id WHERE w.name = $1::text"},
};

static const struct inspected inspected_tables[INSPECT_TABLES] = {
    [INSPECT_CELLS] = {"cell_changes", 3, POSTGRES_THING_COLUMNS, read_thing},
    [INSPECT_ENTITIES] = {"cell_entities", 4, POSTGRES_THING_COLUMNS, read_thing},
    [INSPECT_PILES] = {"cell_piles", 4, POSTGRES_THING_COLUMNS, read_thing},
    [INSPECT_STRUCTURES] = {"multi_cell_entities", 1, POSTGRES_THING_COLUMNS, read_structure},
    [INSPECT_CHARACTERS] = {"characters", 1, 0, read_character},
    [INSPECT_SLOTS] = {"inventory_entities", 2, 0, read_slot},
    [INSPECT_SKILLS] = {"character_skills", 2, 0, read_skill},
    [INSPECT_CONFIGS] = {"image_configs", 1, 0, read_config},
    [INSPECT_CHUNKS] = {"chunks", 2, 0, read_mark},
};

_Static_assert((int)INSPECT_TABLES <= (int)INSPECTION_TABLES_MAX, "each is counted");

/* Adds a row to its chunks and to the world. */
static void add_row(struct inspector *inspector, const struct change *change)
{
    uint8_t flags = change_schema(change->kind)->flags;
    struct chunk_pos touched[CHANGE_CHUNKS_MAX];
    uint32_t count = (flags & CHANGE_IN_CHUNK) != 0 ? change_chunks(change, touched) : 0;
    struct hash128 hash = {0, 0};
    if (change->kind == CHANGE_CHUNK) {
        struct tally *tally = tally_of(&inspector->tallies, change->chunk.chunk);
        tally->has_mark = true;
        tally->mark = change->chunk.hash;
        return;
    }
    hash = change_hash(change);
    for (uint32_t i = 0; i < count; i++) {
        struct tally *tally = tally_of(&inspector->tallies, touched[i]);
        tally->rows = hash_add(tally->rows, hash);
        inspector->out->rows_hash = hash_add(inspector->out->rows_hash, hash);
    }
    if (count == 0)
        inspector->out->rows_hash = hash_add(inspector->out->rows_hash, hash);
}

static void take_row(struct inspector *inspector, const struct inspected *inspected, uint32_t row)
{
    const struct pg *pg = inspector->state->pg;
    const char *field = "";
    struct change change = inspected->read(pg, row, inspected->first_key);
    if (quarantine_has(inspector->quarantine, &change))
        return; /* what waits counts */
    if (schema_check(change_schema(change.kind), change_record_of(&change), &field)) {
        add_row(inspector, &change);
        return;
    }
    char bytes[INSPECTION_WORDS_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    schema_print(change_schema(change.kind), change_record_of(&change), &text);
    inspection_find(inspector->out, inspected->table, "%s is out of its range in %s", field, bytes);
}

/* Reads a table from its first row to its last. */
static enum pg_status take_table(struct inspector *inspector, uint32_t table, uint64_t *out_rows,
                                 struct error *error)
{
    const struct inspected *inspected = &inspected_tables[table];
    struct pg *pg = inspector->state->pg;
    int64_t keys[KEYS_MAX] = {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN};
    uint32_t rows = INSPECTION_PAGE_ROWS;
    while (rows == INSPECTION_PAGE_ROWS) {
        pg_start(pg, &inspection_table[table]);
        pg_add_int(pg, (int64_t)inspector->out->world);
        for (uint32_t i = 0; i < inspected->keys; i++)
            pg_add_int(pg, keys[i]);
        enum pg_status status = pg_run(pg, error);
        if (status != PG_OK)
            return status;
        rows = pg_rows(pg);
        for (uint32_t i = 0; i < rows; i++)
            take_row(inspector, inspected, i);
        for (uint32_t i = 0; i < inspected->keys && rows > 0; i++)
            keys[i] = pg_int(pg, rows - 1, (uint32_t)inspected->first_key + i);
        *out_rows += rows;
    }
    return PG_OK;
}

static enum pg_status take_tables(struct inspector *inspector, struct error *error)
{
    struct inspection *out = inspector->out;
    enum pg_status status = PG_OK;
    for (uint32_t i = 0; i < INSPECT_TABLES && status == PG_OK; i++) {
        struct inspection_count *count = &out->counts[out->table_count++];
        *count = (struct inspection_count){inspected_tables[i].table, 0};
        status = take_table(inspector, i, &count->rows, error);
    }
    return status;
}

/* What is in quarantine counts instead of its rows; each key is a finding. */
static enum database_result take_quarantine(struct inspector *inspector, struct error *error)
{
    struct inspection *out = inspector->out;
    struct database database = {.state = inspector->state, .ops = inspector->ops};
    struct database_world world = {.id = out->world, .quarantine = 1};
    struct quarantined *entry = &inspector->quarantine->entry;
    enum database_result result = quarantine_read(inspector->quarantine, &database, &world, error);
    entry->change.kind = CHANGE_NONE;
    while (result == DATABASE_OK) {
        result = postgres_next_quarantined(inspector->state, out->world, entry, error);
        if (result != DATABASE_OK)
            break;
        bool is_summed = (change_schema(entry->change.kind)->flags & CHANGE_COUNTS) != 0 ||
                         entry->change.kind == CHANGE_CHUNK;
        if (is_summed && !batch_is_delete(&entry->change))
            add_row(inspector, &entry->change);
        inspection_find(out, "quarantine", "%s of record %" PRIu64 " waits%s: %s", entry->key,
                        entry->seq, entry->is_dropped ? ", given up" : "", entry->reason);
        out->quarantined++;
    }
    return result == DATABASE_NOT_FOUND ? DATABASE_OK : result;
}

/* ---- the whole ---- */

static enum database_result find_world(struct inspector *inspector, const char *world,
                                       struct error *error)
{
    struct pg *pg = inspector->state->pg;
    struct inspection *out = inspector->out;
    enum pg_status status = postgres_prepare(inspector->state, POSTGRES_INSPECT, inspection_table,
                                             INSPECT_STATEMENTS, error);
    if (status != PG_OK)
        return postgres_result(status);
    pg_start(pg, &inspection_table[INSPECT_POSITION]);
    pg_add_text(pg, world);
    status = pg_run(pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_rows(pg) != 1) {
        error_set(error, "the database has no world \"%s\"", world);
        return DATABASE_NOT_FOUND;
    }
    out->world = (uint64_t)pg_int(pg, 0, 0);
    out->applied_seq = (uint64_t)pg_int(pg, 0, 1);
    out->tick = (uint64_t)pg_int(pg, 0, 2);
    out->hash = pg_hash(pg, 0, 3);
    out->journal = (uint64_t)pg_int(pg, 0, 4);
    out->timeline = (uint32_t)pg_int(pg, 0, 5);
    return DATABASE_OK;
}

static enum database_result inspect(struct inspector *inspector, const char *world,
                                    struct error *error)
{
    struct inspection *out = inspector->out;
    enum database_result result = find_world(inspector, world, error);
    if (result == DATABASE_OK)
        result = take_quarantine(inspector, error);
    if (result != DATABASE_OK)
        return result;
    enum pg_status status = take_tables(inspector, error);
    if (status == PG_OK)
        status = inspection_rules_run(inspector->state, out, error);
    if (status != PG_OK)
        return postgres_result(status);
    compare_chunks(inspector);
    char rows[33], hash[33];
    hash_format(out->rows_hash, rows);
    hash_format(out->hash, hash);
    if (!hash_is_equal(out->rows_hash, out->hash))
        inspection_find(out, "world_stream",
                        "world_hash of record %" PRIu64 " is %s, but the rows have %s",
                        out->applied_seq, hash, rows);
    return DATABASE_OK;
}

/* One moment for all; and here, unlike elsewhere, whole tables are read. */
static const char inspection_begin[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                                       "SET LOCAL enable_seqscan = on;"
                                       "SET LOCAL enable_hashjoin = on;"
                                       "SET LOCAL enable_mergejoin = on;";

enum database_result inspection_run(struct database *database, const char *world,
                                    struct inspection *out, struct error *error)
{
    struct postgres *state = database->state;
    struct inspector inspector = {
        .state = state, .ops = database->ops, .out = out, .tallies.slot_count = CHUNKS_MIN};
    *out = (struct inspection){.world = 0};
    enum pg_status status = pg_script(state->pg, inspection_begin, error);
    if (status != PG_OK)
        return postgres_result(status);
    inspector.tallies.slots =
        memory_reserve("inspection", CHUNKS_MIN, sizeof *inspector.tallies.slots);
    inspector.quarantine = quarantine_create();
    enum database_result result = inspect(&inspector, world, error);
    memory_release(inspector.tallies.slots);
    quarantine_destroy(&inspector.quarantine);
    postgres_roll_back(state);
    return result;
}

/* ---- printing ---- */

static void print_words(const struct inspection *inspection, struct text *text)
{
    char hash[33];
    hash_format(inspection->hash, hash);
    text_add(text, "record %" PRIu64 ", tick %" PRIu64 ", world hash %s\n", inspection->applied_seq,
             inspection->tick, hash);
    for (uint32_t i = 0; i < inspection->table_count; i++)
        text_add(text, "%10" PRIu64 "  %s\n", inspection->counts[i].rows,
                 inspection->counts[i].table);
    if (inspection->quarantined > 0)
        text_add(text, "%10" PRIu64 "  in quarantine\n", inspection->quarantined);
    if (inspection->finding_count == 0)
        text_add(text, "nothing is wrong\n");
    for (uint32_t i = 0; i < inspection->finding_count && i < INSPECTION_FINDINGS_MAX; i++)
        text_add(text, "WRONG  %s: %s\n", inspection->findings[i].where,
                 inspection->findings[i].words);
    if (inspection->finding_count > INSPECTION_FINDINGS_MAX)
        text_add(text, "WRONG  and %" PRIu64 " more\n",
                 inspection->finding_count - INSPECTION_FINDINGS_MAX);
}

static void print_json(const struct inspection *inspection, struct text *text)
{
    char hash[33];
    hash_format(inspection->hash, hash);
    text_json_open(text, NULL, '{');
    text_json_number(text, "applied_seq", (int64_t)inspection->applied_seq);
    text_json_number(text, "tick", (int64_t)inspection->tick);
    text_json_string(text, "hash", hash);
    hash_format(inspection->rows_hash, hash);
    text_json_string(text, "rows_hash", hash);
    text_json_open(text, "rows", '{');
    for (uint32_t i = 0; i < inspection->table_count; i++)
        text_json_number(text, inspection->counts[i].table, (int64_t)inspection->counts[i].rows);
    text_json_close(text, '}');
    text_json_number(text, "quarantined", (int64_t)inspection->quarantined);
    text_json_number(text, "finding_count", (int64_t)inspection->finding_count);
    text_json_open(text, "findings", '[');
    for (uint32_t i = 0; i < inspection->finding_count && i < INSPECTION_FINDINGS_MAX; i++) {
        text_json_open(text, NULL, '{');
        text_json_string(text, "where", inspection->findings[i].where);
        text_json_string(text, "what", inspection->findings[i].words);
        text_json_close(text, '}');
    }
    text_json_close(text, ']');
    text_json_close(text, '}');
    text_add(text, "\n");
}

void inspection_print(const struct inspection *inspection, bool is_json, struct text *text)
{
    if (is_json)
        print_json(inspection, text);
    else
        print_words(inspection, text);
}
