#include "store/postgres_row.h"

#include <string.h>
#include <strings.h>

#include "base/ensure.h"
#include "store/postgres_overlay.h"
#include "store/quarantine.h"

enum {
    LOAD_POSITION,
    LOAD_REGION,
    LOAD_CHUNK,
    LOAD_ACCOUNT,
    LOAD_CHARACTER,
    LOAD_SLOTS,
    LOAD_SKILLS
};

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
    /* in the same columns, for an account that is in quarantine */
    [LOAD_CHARACTER] = {"load_character",
                        "SELECT 0, '', ''::bytea, id, pos_x, pos_y, last_intent, done "
                        "FROM characters WHERE world_id = $1::bigint AND account_id = $2::bigint"},
    [LOAD_SLOTS] = {"load_slots", "SELECT " POSTGRES_SLOT_COLUMNS " FROM inventory_entities "
                                  "WHERE world_id = $1::bigint AND character_id = $2::bigint "
                                  "ORDER BY slot_index"},
    [LOAD_SKILLS] = {"load_skills", "SELECT skill, points FROM character_skills "
                                    "WHERE world_id = $1::bigint AND character_id = $2::bigint "
                                    "ORDER BY skill"},
};

static enum pg_status postgres_prepare_load(struct postgres *state, struct error *error)
{
    uint32_t count = sizeof postgres_load_table / sizeof postgres_load_table[0];
    return postgres_prepare(state, POSTGRES_LOAD, postgres_load_table, count, error);
}

static enum pg_status postgres_start_load(struct postgres *state, uint32_t statement,
                                          uint64_t world, struct error *error)
{
    enum pg_status status = postgres_prepare_load(state, error);
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

static void postgres_read_region(const struct pg *pg, struct database_region *out)
{
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
}

static void postgres_lay_mark(struct database_region *region, const struct change_chunk *mark)
{
    uint32_t i = 0;
    while (i < region->count && !grid_is_same_chunk(region->chunks[i].chunk, mark->chunk))
        i++;
    ensure(i < GRID_REGION_AREA); /* it is of the region */
    region->chunks[i] = (struct database_chunk){mark->chunk, mark->version, mark->hash};
    region->count += i == region->count;
}

static enum pg_status postgres_send_region(struct postgres *state, uint64_t world,
                                           struct region_pos region, struct error *error)
{
    struct pg *pg = state->pg;
    struct chunk_pos first = grid_chunk_at(region, 0);
    pg_start(pg, &postgres_load_table[LOAD_REGION]);
    pg_add_int(pg, (int64_t)world);
    pg_add_array(pg, PG_INT4);
    for (int32_t i = 0; i < GRID_REGION_CHUNKS; i++)
        pg_put_int(pg, first.x + i);
    pg_add_int(pg, first.y);
    pg_add_int(pg, first.y + GRID_REGION_CHUNKS - 1);
    return pg_send(pg, error);
}

enum database_result postgres_load_region(void *state_any, uint64_t world, struct region_pos region,
                                          struct database_region *out, struct error *error)
{
    struct postgres *state = state_any;
    struct postgres_overlay overlay = {.count = 0};
    enum pg_status status = postgres_prepare_load(state, error);
    if (status == PG_OK)
        status = postgres_overlay_ask_region(state, world, region, error);
    if (status == PG_OK)
        status = postgres_send_region(state, world, region, error);
    if (status == PG_OK)
        status = postgres_overlay_receive(state, &overlay, error);
    if (status == PG_OK)
        status = pg_receive(state->pg, error);
    if (status == PG_OK)
        postgres_read_region(state->pg, out);
    for (uint32_t i = 0; i < overlay.count && status == PG_OK; i++) {
        if (overlay.changes[i].kind == CHANGE_CHUNK)
            postgres_lay_mark(out, &overlay.changes[i].chunk);
    }
    postgres_overlay_free(&overlay);
    return postgres_result(status);
}

static enum pg_status postgres_send_chunk(struct postgres *state, uint64_t world,
                                          struct chunk_pos chunk, struct error *error)
{
    pg_start(state->pg, &postgres_load_table[LOAD_CHUNK]);
    pg_add_int(state->pg, (int64_t)world);
    pg_add_int(state->pg, chunk.x);
    pg_add_int(state->pg, chunk.y);
    return pg_send(state->pg, error);
}

/* Makes content of the rows, and lays what is in quarantine over it. False when it is too much. A
 * cell may be said to belong to a structure that stands elsewhere: then it does not. */
static bool postgres_read_chunk(const struct pg *pg, const struct postgres_overlay *overlay,
                                struct content *content)
{
    bool has_room = true;
    uint32_t count = pg_rows(pg);
    for (uint32_t i = 0; i < count && has_room; i++) {
        struct change change = postgres_row_thing(pg, i, content->chunk);
        if (change_is_in(&change, content->chunk))
            has_room = content_add(content, &change);
    }
    for (uint32_t i = 0; i < overlay->count && has_room; i++) {
        if (overlay->changes[i].kind != CHANGE_CHUNK)
            has_room = quarantine_lay_over(content, &overlay->changes[i]);
    }
    content_sort(content);
    return has_room;
}

enum database_result postgres_load_chunk(void *state_any, uint64_t world, struct chunk_pos chunk,
                                         struct content *out_content, struct error *error)
{
    struct postgres *state = state_any;
    struct postgres_overlay overlay = {.count = 0};
    enum pg_status status = postgres_prepare_load(state, error);
    if (status == PG_OK)
        status = postgres_overlay_ask_chunk(state, world, chunk, error);
    if (status == PG_OK)
        status = postgres_send_chunk(state, world, chunk, error);
    if (status == PG_OK)
        status = postgres_overlay_receive(state, &overlay, error);
    if (status == PG_OK)
        status = pg_receive(state->pg, error);
    content_clear(out_content, chunk);
    bool has_room = status != PG_OK || postgres_read_chunk(state->pg, &overlay, out_content);
    postgres_overlay_free(&overlay);
    if (has_room)
        return postgres_result(status);
    error_set(error, "chunk %d,%d has more rows than a chunk can hold", chunk.x, chunk.y);
    return DATABASE_FAILED;
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

/* The thing of the change's key among the rows, or that it is gone. */
static struct change postgres_thing_of(const struct pg *pg, const struct change *change)
{
    struct change gone = *change;
    struct batch_key key = batch_key(change);
    uint32_t count = pg_rows(pg);
    for (uint32_t i = 0; i < count; i++) {
        struct change row = postgres_row_thing(pg, i, grid_chunk_of(change_cell(change)));
        struct batch_key row_key = batch_key(&row);
        if (row.kind == change->kind && row_key.id == key.id && row_key.part == key.part)
            return row;
    }
    quarantined_make_gone(&gone);
    return gone;
}

/* The same of what a character owns. */
static struct change postgres_own_of(const struct pg *pg, const struct change *change)
{
    struct change row = *change;
    quarantined_make_gone(&row);
    uint32_t count = pg_rows(pg);
    for (uint32_t i = 0; i < count; i++) {
        if (change->kind == CHANGE_SKILL && pg_int(pg, i, 0) == change->skill.skill)
            row.skill.points = (uint32_t)pg_int(pg, i, 1);
        if (change->kind == CHANGE_SLOT && pg_int(pg, i, 0) == change->slot.slot)
            row.slot = postgres_row_slot(pg, i, 0, change->slot.character);
    }
    return row;
}

enum database_result postgres_load_row(void *state_any, uint64_t world, const struct change *change,
                                       struct change *out_row, struct error *error)
{
    struct postgres *state = state_any;
    bool is_in_chunk = (change_schema(change->kind)->flags & CHANGE_IN_CHUNK) != 0;
    enum pg_status status = postgres_prepare_load(state, error);
    if (status == PG_OK && is_in_chunk)
        status = postgres_send_chunk(state, world, grid_chunk_of(change_cell(change)), error);
    if (status == PG_OK && is_in_chunk)
        status = pg_receive(state->pg, error);
    if (status == PG_OK && !is_in_chunk)
        status = postgres_load_own(state, change->kind == CHANGE_SLOT ? LOAD_SLOTS : LOAD_SKILLS,
                                   world, change_owner(change), error);
    if (status == PG_OK)
        *out_row =
            is_in_chunk ? postgres_thing_of(state->pg, change) : postgres_own_of(state->pg, change);
    return postgres_result(status);
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

static enum pg_status postgres_send_account(struct postgres *state, uint64_t world,
                                            const char *name, struct error *error)
{
    pg_start(state->pg, &postgres_load_table[LOAD_ACCOUNT]);
    pg_add_int(state->pg, (int64_t)world);
    pg_add_text(state->pg, name);
    return pg_send(state->pg, error);
}

/* Makes *out the account, whose texts are copied; its character stays. */
static void postgres_keep_account(struct database_character *out,
                                  const struct change_account *account)
{
    memcpy(out->bytes, account->name.bytes, account->name.size_bytes);
    memcpy(out->bytes + account->name.size_bytes, account->key.bytes, account->key.size_bytes);
    out->account = *account;
    out->account.name.bytes = out->bytes;
    out->account.key.bytes = out->bytes + account->name.size_bytes;
}

static bool postgres_is_named(const struct change_account *account, const char *name)
{
    return account->name.size_bytes == strlen(name) &&
           strncasecmp((const char *)account->name.bytes, name, account->name.size_bytes) == 0;
}

/* Lays an account over what was found. A name that somebody gave to another account by hand is
 * still that of the one in quarantine, whose character is then to be found. */
static enum pg_status postgres_lay_account(struct postgres *state, uint64_t world,
                                           const struct postgres_overlay *overlay,
                                           struct database_character *out, struct error *error)
{
    const struct change_account *laid = NULL;
    for (uint32_t i = 0; i < overlay->count; i++) {
        const struct change *change = &overlay->changes[i];
        if (change->kind == CHANGE_ACCOUNT && postgres_is_named(&change->account, overlay->name))
            laid = &change->account;
    }
    bool is_other = laid != NULL && laid->id.value != out->account.id.value;
    if (laid != NULL)
        postgres_keep_account(out, laid);
    if (!is_other)
        return PG_OK;
    out->has_character = false;
    pg_start(state->pg, &postgres_load_table[LOAD_CHARACTER]);
    pg_add_int(state->pg, (int64_t)world);
    pg_add_int(state->pg, (int64_t)laid->id.value);
    enum pg_status status = pg_run(state->pg, error);
    if (status == PG_OK && pg_rows(state->pg) > 0)
        postgres_read_character(state->pg, out);
    return status;
}

/* Lays its character over that. */
static void postgres_lay_character(const struct postgres_overlay *overlay,
                                   struct database_character *out)
{
    for (uint32_t i = 0; i < overlay->count; i++) {
        const struct change *change = &overlay->changes[i];
        if (change->kind != CHANGE_CHARACTER ||
            change->character.account.value != out->account.id.value)
            continue;
        out->character = change->character;
        out->has_character = true;
    }
}

static void postgres_lay_slot(struct database_character *out, const struct change *change)
{
    uint32_t i = 0;
    while (i < out->slot_count && out->slots[i].slot != change->slot.slot)
        i++;
    if (i == out->slot_count)
        out->slot_count++;
    out->slots[i] = change->slot;
    if (batch_is_delete(change))
        out->slots[i] = out->slots[--out->slot_count];
}

static void postgres_lay_skill(struct database_character *out, const struct change *change)
{
    uint32_t i = 0;
    while (i < out->skill_count && out->skills[i].skill != change->skill.skill)
        i++;
    if (i == out->skill_count)
        out->skill_count++;
    out->skills[i] = change->skill;
    if (batch_is_delete(change))
        out->skills[i] = out->skills[--out->skill_count];
}

/* Lays what the character owns over that. */
static void postgres_lay_own(const struct postgres_overlay *overlay, struct database_character *out)
{
    for (uint32_t i = 0; i < overlay->count && out->has_character; i++) {
        const struct change *change = &overlay->changes[i];
        if ((change_schema(change->kind)->flags & CHANGE_IS_OWN) == 0 ||
            change_owner(change).value != out->character.id.value)
            continue;
        if (change->kind == CHANGE_SLOT)
            postgres_lay_slot(out, change);
        else if (change->kind == CHANGE_SKILL)
            postgres_lay_skill(out, change);
    }
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

/* Makes *out the account of the row, with its character if that has one. */
static bool postgres_read_account(const struct pg *pg, struct database_character *out,
                                  struct error *error)
{
    struct span found = pg_bytes(pg, 0, 1);
    struct span key = pg_bytes(pg, 0, 2);
    if (found.size_bytes > WORLD_NAME_BYTES || key.size_bytes != CRYPTO_PUBLIC_BYTES)
        return error_set(error, "account %lld: its row is damaged", (long long)pg_int(pg, 0, 0));
    struct change_account account = {
        .id = {(uint64_t)pg_int(pg, 0, 0)},
        .name = found,
        .key = key,
        .roles = (uint32_t)pg_int(pg, 0, 8),
    };
    postgres_keep_account(out, &account);
    if (!pg_is_null(pg, 0, 3))
        postgres_read_character(pg, out);
    return true;
}

enum database_result postgres_find_account(void *state_any, uint64_t world, const char *name,
                                           struct database_character *out, struct error *error)
{
    struct postgres *state = state_any;
    struct pg *pg = state->pg;
    struct postgres_overlay overlay = {.count = 0};
    enum pg_status status = postgres_prepare_load(state, error);
    *out = (struct database_character){.has_character = false};
    if (status == PG_OK)
        status = postgres_overlay_ask_rest(state, world, error);
    if (status == PG_OK)
        status = postgres_send_account(state, world, name, error);
    if (status == PG_OK)
        status = postgres_overlay_receive(state, &overlay, error);
    if (status == PG_OK)
        status = pg_receive(pg, error);
    if (status == PG_OK && pg_rows(pg) > 0 && !postgres_read_account(pg, out, error))
        status = PG_REFUSED;
    overlay.name = name;
    if (status == PG_OK)
        status = postgres_lay_account(state, world, &overlay, out, error);
    if (status == PG_OK)
        postgres_lay_character(&overlay, out);
    if (status == PG_OK && out->has_character)
        status = postgres_load_slots(state, world, out, error);
    if (status == PG_OK && out->has_character)
        status = postgres_load_skills(state, world, out, error);
    if (status == PG_OK)
        postgres_lay_own(&overlay, out);
    postgres_overlay_free(&overlay);
    if (status == PG_OK && out->account.id.value == 0)
        return DATABASE_NOT_FOUND;
    return postgres_result(status);
}
