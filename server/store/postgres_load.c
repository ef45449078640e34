#include "store/postgres_row.h"

#include <string.h>

#include "base/ensure.h"

enum { LOAD_POSITION, LOAD_REGION, LOAD_CHUNK, LOAD_ACCOUNT, LOAD_SLOTS, LOAD_SKILLS };

/* A chunk is one statement, so that it is read as of one moment. */
static const struct pg_statement postgres_load_table[] = {
    [LOAD_POSITION] = {"load_position", "SELECT applied_seq FROM world_stream "
                                        "WHERE world_id = $1::bigint"},
    /* a column of chunks at a time; here and below OFFSET 0 and ORDER BY keep the planner from its
     * own choice, which may be to read the world's whole index */
    [LOAD_REGION] = {"load_region",
                     "SELECT c.chunk_x, c.chunk_y, c.version, c.content_hash "
                     "FROM unnest($2::integer[]) AS n (x) CROSS JOIN LATERAL "
                     "(SELECT * FROM chunks WHERE world_id = $1::bigint AND chunk_x = n.x "
                     "AND chunk_y BETWEEN $3::bigint AND $4::bigint OFFSET 0) c"},
    [LOAD_CHUNK] =
        {"load_chunk",
         "SELECT " POSTGRES_CELL_COLUMNS " FROM cell_changes "
         "WHERE world_id = $1::bigint AND chunk_x = $2::bigint AND chunk_y = $3::bigint "
         "UNION ALL "
         "SELECT " POSTGRES_ENTITY_COLUMNS " FROM cell_entities "
         "WHERE world_id = $1::bigint AND chunk_x = $2::bigint AND chunk_y = $3::bigint "
         "UNION ALL "
         "SELECT " POSTGRES_STRUCTURE_COLUMNS " FROM (SELECT DISTINCT entity_id FROM "
         "(SELECT entity_id FROM multi_cell_entity_cells WHERE world_id = $1::bigint "
         "AND chunk_x = $2::bigint AND chunk_y = $3::bigint ORDER BY cell OFFSET 0) c) n CROSS "
         "JOIN LATERAL "
         "(SELECT * FROM multi_cell_entities "
         "WHERE world_id = $1::bigint AND id = n.entity_id OFFSET 0) e "
         "UNION ALL "
         "SELECT " POSTGRES_PILE_COLUMNS " FROM cell_piles "
         "WHERE world_id = $1::bigint AND chunk_x = $2::bigint AND chunk_y = $3::bigint"},
    [LOAD_ACCOUNT] = {"load_account",
                      "SELECT a.id, a.name, a.public_key, "
                      "c.id, c.pos_x, c.pos_y, c.last_intent, c.done, a.roles "
                      "FROM accounts a LEFT JOIN LATERAL (SELECT * FROM characters "
                      "WHERE world_id = $1::bigint AND account_id = a.id OFFSET 0) c ON true "
                      "WHERE lower(a.name COLLATE \"C\") = lower($2::text COLLATE \"C\")"},
    [LOAD_SLOTS] = {"load_slots", "SELECT " POSTGRES_SLOT_COLUMNS " FROM inventory_entities "
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

enum database_result postgres_find_position(void *state_any, uint64_t world,
                                            uint64_t *out_applied_seq, struct error *error)
{
    struct postgres *state = state_any;
    enum pg_status status = postgres_start_load(state, LOAD_POSITION, world, error);
    if (status == PG_OK)
        status = pg_run(state->pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_rows(state->pg) != 1)
        return DATABASE_NOT_FOUND;
    *out_applied_seq = (uint64_t)pg_int(state->pg, 0, 0);
    return DATABASE_OK;
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
        struct change change = postgres_row_thing(state->pg, i, chunk);
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
    const struct pg *pg = state->pg;
    enum pg_status status = postgres_load_own(state, LOAD_SLOTS, world, out->character.id, error);
    if (status != PG_OK)
        return status;
    out->slot_count = pg_rows(pg);
    ensure(out->slot_count <= WORLD_SLOTS_MAX); /* key and CHECK say so */
    for (uint32_t i = 0; i < out->slot_count; i++)
        out->slots[i] = postgres_row_slot(pg, i, 0, out->character.id);
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
