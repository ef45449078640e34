#include "store/postgres_state.h"

#include <string.h>

#include "base/ensure.h"

enum { LOAD_REGION, LOAD_CHUNK, LOAD_ACCOUNT, LOAD_SLOTS, LOAD_SKILLS };

/* The kinds of rows that load_chunk gives, each with columns of its own in the same places. */
enum { LOAD_IS_CELL = 1, LOAD_IS_ENTITY, LOAD_IS_STRUCTURE, LOAD_IS_PILE };

/* A chunk is one statement, so that it is read as of one moment. */
static const struct pg_statement postgres_load_table[] = {
    [LOAD_REGION] = {"load_region", "SELECT chunk_x, chunk_y, version, content_hash FROM chunks "
                                    "WHERE world_id = $1::bigint AND chunk_x = ANY ($2::integer[]) "
                                    "AND chunk_y BETWEEN $3::bigint AND $4::bigint"},
    [LOAD_CHUNK] =
        {"load_chunk",
         "SELECT 1, cell, 0::bigint, replaced, 0::bigint, 0::bigint, "
         "0::bigint, 0, 0, 0, 0, 0, 0::bigint, 0::bigint, 0, 0, 0, 0, 0 FROM cell_changes "
         "WHERE world_id = $1::bigint AND chunk_x = $2::bigint AND chunk_y = $3::bigint "
         "UNION ALL "
         "SELECT 2, cell, id, type, image_config_id, placer_id, "
         "until_tick, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM cell_entities "
         "WHERE world_id = $1::bigint AND chunk_x = $2::bigint AND chunk_y = $3::bigint "
         "UNION ALL "
         "SELECT 3, 0, id, type, image_config_id, placer_id, 0, "
         "width, height, primary_x, cell_x, cell_y, primary_y, 0, 0, 0, 0, 0, 0 "
         "FROM multi_cell_entities WHERE world_id = $1::bigint AND id IN "
         "(SELECT entity_id FROM multi_cell_entity_cells "
         "WHERE world_id = $1::bigint AND chunk_x = $2::bigint AND chunk_y = $3::bigint) "
         "UNION ALL "
         "SELECT 4, cell, id, type, image_config_id, 0, until_tick, "
         "quantity, wear, source_type, source_cell_x, source_cell_y, source_tick, source_time_s, "
         "source_tool, source_pos_x, source_pos_y, source_skill, source_level FROM cell_piles "
         "WHERE world_id = $1::bigint AND chunk_x = $2::bigint AND chunk_y = $3::bigint"},
    [LOAD_ACCOUNT] = {"load_account",
                      "SELECT a.id, a.name, a.public_key, "
                      "c.id, c.pos_x, c.pos_y, c.last_intent, c.done, a.roles "
                      "FROM accounts a LEFT JOIN characters c "
                      "ON c.world_id = $1::bigint AND c.account_id = a.id "
                      "WHERE lower(a.name COLLATE \"C\") = lower($2::text COLLATE \"C\")"},
    [LOAD_SLOTS] = {"load_slots",
                    "SELECT slot_index, type, quantity, image_config_id, wear, source_type, "
                    "source_cell_x, source_cell_y, source_tick, source_time_s, source_tool, "
                    "source_pos_x, source_pos_y, source_skill, source_level "
                    "FROM inventory_entities "
                    "WHERE world_id = $1::bigint AND character_id = $2::bigint "
                    "ORDER BY slot_index"},
    [LOAD_SKILLS] = {"load_skills", "SELECT skill, points FROM character_skills "
                                    "WHERE world_id = $1::bigint AND character_id = $2::bigint "
                                    "ORDER BY skill"},
};

static enum pg_status postgres_start_load(struct postgres *state, uint32_t statement,
                                          uint64_t world, struct error *error)
{
    uint32_t count = sizeof postgres_load_table / sizeof postgres_load_table[0];
    enum pg_status status =
        postgres_prepare(state, POSTGRES_LOAD, postgres_load_table, count, error);
    if (status != PG_OK)
        return status;
    pg_start(state->pg, &postgres_load_table[statement]);
    pg_add_int(state->pg, (int64_t)world);
    return PG_OK;
}

enum database_result postgres_load_region(void *state_any, uint64_t world, struct region_pos region,
                                          struct database_region *out, struct error *error)
{
    struct postgres *state = state_any;
    struct pg *pg = state->pg;
    enum pg_status status = postgres_start_load(state, LOAD_REGION, world, error);
    if (status != PG_OK)
        return postgres_result(status);
    struct chunk_pos first = grid_chunk_at(region, 0);
    pg_add_array(pg, PG_INT4);
    for (int32_t i = 0; i < GRID_REGION_CHUNKS; i++)
        pg_put_int(pg, first.x + i);
    pg_add_int(pg, first.y);
    pg_add_int(pg, first.y + GRID_REGION_CHUNKS - 1);
    status = pg_run(pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    uint32_t count = pg_rows(pg);
    ensure(count <= GRID_REGION_AREA); /* the primary key says so */
    out->count = count;
    for (uint32_t i = 0; i < count; i++) {
        out->chunks[i] = (struct database_chunk){
            .chunk = {(int32_t)pg_int(pg, i, 0), (int32_t)pg_int(pg, i, 1)},
            .version = (uint64_t)pg_int(pg, i, 2),
            .hash = pg_hash(pg, i, 3),
        };
    }
    return DATABASE_OK;
}

/* A stack from its columns: type and image, quantity and wear, and where it comes from, 10 of them
 * from `source` on. */
struct stack_columns {
    int type, image, quantity, wear, source;
};

static struct stack postgres_read_stack(const struct pg *pg, uint32_t row,
                                        const struct stack_columns *at)
{
    int from = at->source;
    return (struct stack){
        .type = (uint32_t)pg_int(pg, row, at->type),
        .quantity = (uint32_t)pg_int(pg, row, at->quantity),
        .image = (uint32_t)pg_int(pg, row, at->image),
        .wear = (uint32_t)pg_int(pg, row, at->wear),
        .source = (uint32_t)pg_int(pg, row, from),
        .source_cell = {(int32_t)pg_int(pg, row, from + 1), (int32_t)pg_int(pg, row, from + 2)},
        .tick = (uint64_t)pg_int(pg, row, from + 3),
        .time_s = (uint64_t)pg_int(pg, row, from + 4),
        .tool = (uint32_t)pg_int(pg, row, from + 5),
        .pos = {(int32_t)pg_int(pg, row, from + 6), (int32_t)pg_int(pg, row, from + 7)},
        .skill = (uint32_t)pg_int(pg, row, from + 8),
        .level = (uint32_t)pg_int(pg, row, from + 9),
    };
}

static struct change postgres_read_structure(const struct pg *pg, uint32_t row)
{
    struct change change = {.kind = CHANGE_STRUCTURE};
    change.structure = (struct change_structure){
        .id = {(uint64_t)pg_int(pg, row, 2)},
        .cell = {(int32_t)pg_int(pg, row, 10), (int32_t)pg_int(pg, row, 11)},
        .is_there = 1,
        .type = (uint32_t)pg_int(pg, row, 3),
        .width = (uint32_t)pg_int(pg, row, 7),
        .height = (uint32_t)pg_int(pg, row, 8),
        .left = (uint32_t)pg_int(pg, row, 9),
        .top = (uint32_t)pg_int(pg, row, 12),
        .image = (uint32_t)pg_int(pg, row, 4),
        .placer = {(uint64_t)pg_int(pg, row, 5)},
    };
    return change;
}

/* One row of load_chunk as a change. */
static struct change postgres_read_row(const struct pg *pg, uint32_t row, struct chunk_pos chunk)
{
    static const struct stack_columns stack = {3, 4, 7, 8, 9};
    struct cell_pos cell = grid_cell_at(chunk, (uint32_t)pg_int(pg, row, 1));
    uint64_t id = (uint64_t)pg_int(pg, row, 2), until = (uint64_t)pg_int(pg, row, 6);
    uint32_t type = (uint32_t)pg_int(pg, row, 3);
    struct change change = {.kind = CHANGE_CELL};
    switch (pg_int(pg, row, 0)) {
    case LOAD_IS_CELL:
        change.cell = (struct change_cell){cell, 1, type};
        break;
    case LOAD_IS_ENTITY:
        change.kind = CHANGE_ENTITY;
        change.entity = (struct change_entity){
            {id}, cell, type, (uint32_t)pg_int(pg, row, 4), {(uint64_t)pg_int(pg, row, 5)}, until};
        break;
    case LOAD_IS_STRUCTURE:
        return postgres_read_structure(pg, row);
    default:
        change.kind = CHANGE_PILE;
        change.pile = (struct change_pile){{id}, cell, postgres_read_stack(pg, row, &stack), until};
    }
    return change;
}

enum database_result postgres_load_chunk(void *state_any, uint64_t world, struct chunk_pos chunk,
                                         struct content *out_content, struct error *error)
{
    struct postgres *state = state_any;
    enum pg_status status = postgres_start_load(state, LOAD_CHUNK, world, error);
    if (status != PG_OK)
        return postgres_result(status);
    pg_add_int(state->pg, chunk.x);
    pg_add_int(state->pg, chunk.y);
    status = pg_run(state->pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    content_clear(out_content, chunk);
    uint32_t count = pg_rows(state->pg);
    for (uint32_t i = 0; i < count; i++) {
        struct change change = postgres_read_row(state->pg, i, chunk);
        if (!content_add(out_content, &change)) {
            error_set(error, "chunk %d,%d has more rows than a chunk can hold", chunk.x, chunk.y);
            return DATABASE_FAILED;
        }
    }
    content_sort(out_content);
    return DATABASE_OK;
}

static void postgres_read_character(const struct pg *pg, struct database_character *out)
{
    out->character = (struct change_character){
        .id = {(uint64_t)pg_int(pg, 0, 3)},
        .account = out->account.id,
        .pos = {(int32_t)pg_int(pg, 0, 4), (int32_t)pg_int(pg, 0, 5)},
        .last_intent = (uint32_t)pg_int(pg, 0, 6),
        .done = (uint64_t)pg_int(pg, 0, 7),
    };
    out->has_character = true;
}

/* Starts the load of what a character owns. */
static enum pg_status postgres_load_own(struct postgres *state, uint32_t statement, uint64_t world,
                                        struct character_id id, struct error *error)
{
    enum pg_status status = postgres_start_load(state, statement, world, error);
    if (status != PG_OK)
        return status;
    pg_add_int(state->pg, (int64_t)id.value);
    return pg_run(state->pg, error);
}

static enum pg_status postgres_load_slots(struct postgres *state, uint64_t world,
                                          struct database_character *out, struct error *error)
{
    static const struct stack_columns stack = {1, 3, 2, 4, 5};
    const struct pg *pg = state->pg;
    enum pg_status status = postgres_load_own(state, LOAD_SLOTS, world, out->character.id, error);
    if (status != PG_OK)
        return status;
    out->slot_count = pg_rows(pg);
    ensure(out->slot_count <= WORLD_SLOTS_MAX); /* key and CHECK say so */
    for (uint32_t i = 0; i < out->slot_count; i++) {
        out->slots[i] = (struct change_slot){
            .character = out->character.id,
            .slot = (uint32_t)pg_int(pg, i, 0),
            .stack = postgres_read_stack(pg, i, &stack),
        };
    }
    return PG_OK;
}

static enum pg_status postgres_load_skills(struct postgres *state, uint64_t world,
                                           struct database_character *out, struct error *error)
{
    const struct pg *pg = state->pg;
    enum pg_status status = postgres_load_own(state, LOAD_SKILLS, world, out->character.id, error);
    if (status != PG_OK)
        return status;
    out->skill_count = pg_rows(pg);
    ensure(out->skill_count < CATALOG_SKILLS_MAX); /* key and CHECK say so */
    for (uint32_t i = 0; i < out->skill_count; i++) {
        out->skills[i] = (struct change_skill){
            .character = out->character.id,
            .skill = (uint32_t)pg_int(pg, i, 0),
            .points = (uint32_t)pg_int(pg, i, 1),
        };
    }
    return PG_OK;
}

enum database_result postgres_find_account(void *state_any, uint64_t world, const char *name,
                                           struct database_character *out, struct error *error)
{
    struct postgres *state = state_any;
    struct pg *pg = state->pg;
    enum pg_status status = postgres_start_load(state, LOAD_ACCOUNT, world, error);
    if (status != PG_OK)
        return postgres_result(status);
    pg_add_text(pg, name);
    status = pg_run(pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_rows(pg) == 0)
        return DATABASE_NOT_FOUND;
    struct span found = pg_bytes(pg, 0, 1);
    struct span key = pg_bytes(pg, 0, 2);
    if (found.size_bytes > WORLD_NAME_BYTES || key.size_bytes != CRYPTO_PUBLIC_BYTES) {
        error_set(error, "account \"%s\": its row is damaged", name);
        return DATABASE_FAILED;
    }
    *out = (struct database_character){0};
    memcpy(out->bytes, found.bytes, found.size_bytes);
    memcpy(out->bytes + found.size_bytes, key.bytes, key.size_bytes);
    out->account = (struct change_account){
        .id = {(uint64_t)pg_int(pg, 0, 0)},
        .name = {out->bytes, found.size_bytes},
        .key = {out->bytes + found.size_bytes, key.size_bytes},
        .roles = (uint32_t)pg_int(pg, 0, 8),
    };
    if (pg_is_null(pg, 0, 3))
        return DATABASE_OK;
    postgres_read_character(pg, out);
    status = postgres_load_slots(state, world, out, error);
    if (status == PG_OK)
        status = postgres_load_skills(state, world, out, error);
    return postgres_result(status);
}
