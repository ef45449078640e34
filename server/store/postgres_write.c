#include "store/postgres_write.h"

#include <stddef.h>
#include <string.h>

#include "base/ensure.h"

enum {
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
    APPLY_STRUCTURES_GONE,
    APPLY_STRUCTURES,
    APPLY_PILES_GONE,
    APPLY_PILES,
    APPLY_CONFIGS_GONE,
    APPLY_CONFIGS,
    APPLY_IMAGES_GONE,
    APPLY_IMAGES,
    APPLY_BANS_GONE,
    APPLY_BANS,
    APPLY_EDITS_GONE,
    APPLY_EDITS,
    APPLY_STATEMENTS,
};

/* The columns of a stack, in slots and piles alike. */
#define STACK_NAMES                                                                                \
    "type, quantity, image_config_id, wear, source_type, source_cell_x, source_cell_y, "           \
    "source_tick, source_time_s, source_tool, source_pos_x, source_pos_y, source_skill, "          \
    "source_level"
#define STACK_UPDATES                                                                              \
    "type = EXCLUDED.type, quantity = EXCLUDED.quantity, "                                         \
    "image_config_id = EXCLUDED.image_config_id, wear = EXCLUDED.wear, "                           \
    "source_type = EXCLUDED.source_type, source_cell_x = EXCLUDED.source_cell_x, "                 \
    "source_cell_y = EXCLUDED.source_cell_y, source_tick = EXCLUDED.source_tick, "                 \
    "source_time_s = EXCLUDED.source_time_s, source_tool = EXCLUDED.source_tool, "                 \
    "source_pos_x = EXCLUDED.source_pos_x, source_pos_y = EXCLUDED.source_pos_y, "                 \
    "source_skill = EXCLUDED.source_skill, source_level = EXCLUDED.source_level"

/* Deletes the rows of $1's world whose keys, as `where` compares them, are in the arrays `named` n.
 * Each key is looked up by itself, since OFFSET 0 leaves PostgreSQL no other order: where its
 * statistics know nothing of this world (but of a large one beside it), it would go through all
 * rows of the world instead, and for each of them through all keys. */
#define GONE(table, named, where)                                                                  \
    "DELETE FROM " table " WHERE ctid = ANY (ARRAY (SELECT gone.ctid FROM " named ", LATERAL "     \
    "(SELECT t.ctid FROM " table " t WHERE t.world_id = $1::bigint AND " where                     \
    " OFFSET 0) AS gone))"
#define GONE_IDS "unnest($2::bigint[]) AS n (id)"
#define GONE_CELL_IDS                                                                              \
    "unnest($2::integer[], $3::integer[], $4::smallint[], $5::bigint[]) AS n (x, y, cell, id)"
#define GONE_STRUCTURE_CELLS GONE("multi_cell_entity_cells", GONE_IDS, "t.entity_id = n.id")

/* The two kinds that come in thousands have each array unrolled in the SELECT list, which takes a
 * twelfth less than one unnest() of all in FROM: that writes every array down and reads it again.
 * The arrays of a statement are of one length. */
static const struct pg_statement postgres_write_table[APPLY_STATEMENTS] = {
    [APPLY_CELLS_GONE] =
        {"apply_cells_gone",
         GONE("cell_changes",
              "unnest($2::integer[], $3::integer[], $4::smallint[]) AS n (x, y, cell)",
              "t.chunk_x = n.x AND t.chunk_y = n.y AND t.cell = n.cell")},
    [APPLY_CELLS] =
        {"apply_cells",
         "INSERT INTO cell_changes "
         "(world_id, chunk_x, chunk_y, cell, replaced, tick, changed_at) "
         "SELECT $1::bigint, unnest($2::integer[]), unnest($3::integer[]), "
         "unnest($4::smallint[]), unnest($5::smallint[]), unnest($6::bigint[]), "
         "unnest($7::timestamptz[]) "
         "ON CONFLICT (world_id, chunk_x, chunk_y, cell) DO UPDATE SET "
         "replaced = EXCLUDED.replaced, tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
    [APPLY_ENTITIES_GONE] =
        {"apply_entities_gone",
         GONE("cell_entities", GONE_CELL_IDS,
              "t.chunk_x = n.x AND t.chunk_y = n.y AND t.cell = n.cell AND t.id = n.id")},
    [APPLY_ENTITIES] =
        {"apply_entities",
         "INSERT INTO cell_entities (world_id, chunk_x, chunk_y, cell, id, type, "
         "image_config_id, placer_id, until_tick, tick, changed_at) "
         "SELECT $1::bigint, unnest($2::integer[]), unnest($3::integer[]), unnest($4::smallint[]), "
         "unnest($5::bigint[]), unnest($6::smallint[]), unnest($7::bigint[]), "
         "unnest($8::bigint[]), unnest($9::bigint[]), unnest($10::bigint[]), "
         "unnest($11::timestamptz[]) "
         "ON CONFLICT (world_id, chunk_x, chunk_y, cell, id) DO UPDATE SET "
         "type = EXCLUDED.type, image_config_id = EXCLUDED.image_config_id, "
         "placer_id = EXCLUDED.placer_id, until_tick = EXCLUDED.until_tick, "
         "tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
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
                          GONE("inventory_entities",
                               "unnest($2::bigint[], $3::smallint[]) AS n (id, slot)",
                               "t.character_id = n.id AND t.slot_index = n.slot")},
    [APPLY_SLOTS] =
        {"apply_slots",
         "INSERT INTO inventory_entities (world_id, character_id, slot_index, " STACK_NAMES
         ", tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::bigint[], $3::smallint[], $4::smallint[], "
         "$5::integer[], $6::bigint[], $7::integer[], $8::smallint[], $9::integer[], "
         "$10::integer[], $11::bigint[], $12::bigint[], $13::smallint[], $14::integer[], "
         "$15::integer[], $16::smallint[], $17::smallint[], $18::bigint[], $19::timestamptz[]) "
         "ON CONFLICT (world_id, character_id, slot_index) DO UPDATE SET " STACK_UPDATES
         ", tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
    [APPLY_SKILLS_GONE] = {"apply_skills_gone",
                           GONE("character_skills",
                                "unnest($2::bigint[], $3::smallint[]) AS n (id, skill)",
                                "t.character_id = n.id AND t.skill = n.skill")},
    [APPLY_SKILLS] =
        {"apply_skills",
         "INSERT INTO character_skills (world_id, character_id, skill, points, tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::bigint[], $3::smallint[], $4::bigint[], "
         "$5::bigint[], $6::timestamptz[]) "
         "ON CONFLICT (world_id, character_id, skill) DO UPDATE SET points = EXCLUDED.points, "
         "tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
    [APPLY_STRUCTURES_GONE] = {"apply_structures_gone",
                               "WITH cells AS (" GONE_STRUCTURE_CELLS
                               ") " GONE("multi_cell_entities", GONE_IDS, "t.id = n.id")},
    /* Its cells never change: those it has already are left alone, and one that another has is
     * refused by the primary key. BETWEEN and ORDER BY have that key looked up: by the guess that
     * GONE is made against, the index by entity would do as well. */
    [APPLY_STRUCTURES] =
        {"apply_structures",
         "WITH n AS (SELECT * FROM unnest($2::bigint[], $3::smallint[], $4::integer[], "
         "$5::integer[], $6::smallint[], $7::smallint[], $8::smallint[], $9::smallint[], "
         "$10::bigint[], $11::bigint[], $12::bigint[], $13::timestamptz[]) "
         "AS n (id, type, x, y, width, height, px, py, image, placer, tick, at)), "
         "things AS (INSERT INTO multi_cell_entities (world_id, id, type, cell_x, cell_y, width, "
         "height, primary_x, primary_y, image_config_id, placer_id, tick, changed_at) "
         "SELECT $1::bigint, * FROM n ON CONFLICT (world_id, id) DO UPDATE SET "
         "type = EXCLUDED.type, image_config_id = EXCLUDED.image_config_id, "
         "placer_id = EXCLUDED.placer_id, tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at), "
         "cells AS (SELECT n.id, n.x - n.px + dx AS x, n.y - n.py + dy AS y FROM n, "
         "generate_series(0, n.width - 1) AS dx, generate_series(0, n.height - 1) AS dy) "
         "INSERT INTO multi_cell_entity_cells (world_id, chunk_x, chunk_y, cell, entity_id) "
         "SELECT $1::bigint, x >> 6, y >> 6, ((y & 63) << 6) + (x & 63), id FROM cells "
         "WHERE cells.id IS DISTINCT FROM (SELECT t.entity_id FROM multi_cell_entity_cells t "
         "WHERE t.world_id = $1::bigint AND t.chunk_x = x >> 6 AND t.chunk_y = y >> 6 "
         "AND t.cell BETWEEN ((y & 63) << 6) + (x & 63) AND ((y & 63) << 6) + (x & 63) "
         "ORDER BY t.cell LIMIT 1)"},
    [APPLY_PILES_GONE] =
        {"apply_piles_gone",
         GONE("cell_piles", GONE_CELL_IDS,
              "t.chunk_x = n.x AND t.chunk_y = n.y AND t.cell = n.cell AND t.id = n.id")},
    [APPLY_PILES] =
        {"apply_piles",
         "INSERT INTO cell_piles (world_id, chunk_x, chunk_y, cell, id, " STACK_NAMES
         ", until_tick, tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::integer[], $3::integer[], $4::smallint[], "
         "$5::bigint[], $6::smallint[], $7::integer[], $8::bigint[], $9::integer[], "
         "$10::smallint[], $11::integer[], $12::integer[], $13::bigint[], $14::bigint[], "
         "$15::smallint[], $16::integer[], $17::integer[], $18::smallint[], $19::smallint[], "
         "$20::bigint[], $21::bigint[], $22::timestamptz[]) "
         "ON CONFLICT (world_id, chunk_x, chunk_y, cell, id) DO UPDATE SET " STACK_UPDATES
         ", until_tick = EXCLUDED.until_tick, tick = EXCLUDED.tick, "
         "changed_at = EXCLUDED.changed_at"},
    [APPLY_CONFIGS_GONE] = {"apply_configs_gone", GONE("image_configs", GONE_IDS, "t.id = n.id")},
    [APPLY_CONFIGS] =
        {"apply_configs",
         "INSERT INTO image_configs (world_id, id, size, angle, offset_x, offset_y, custom_image, "
         "tick, changed_at) "
         "SELECT $1::bigint, id, size, CASE turns WHEN 0 THEN angle - 62832 END, x - 16384, "
         "y - 16384, NULLIF(custom, decode(repeat('00', 16), 'hex')), tick, at "
         "FROM unnest($2::bigint[], $3::integer[], $4::smallint[], $5::integer[], $6::integer[], "
         "$7::integer[], $8::bytea[], $9::bigint[], $10::timestamptz[]) "
         "AS n (id, size, turns, angle, x, y, custom, tick, at) "
         "ON CONFLICT (world_id, id) DO UPDATE SET size = EXCLUDED.size, angle = EXCLUDED.angle, "
         "offset_x = EXCLUDED.offset_x, offset_y = EXCLUDED.offset_y, "
         "custom_image = EXCLUDED.custom_image, tick = EXCLUDED.tick, "
         "changed_at = EXCLUDED.changed_at"},
    [APPLY_IMAGES_GONE] = {"apply_images_gone",
                           GONE("images", "unnest($2::bytea[]) AS n (id)", "t.id = n.id")},
    [APPLY_IMAGES] =
        {"apply_images",
         "INSERT INTO images (world_id, id, png, width, height, uploader_id, tick, changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::bytea[], $3::bytea[], $4::integer[], "
         "$5::integer[], $6::bigint[], $7::bigint[], $8::timestamptz[]) "
         "ON CONFLICT (world_id, id) DO UPDATE SET uploader_id = EXCLUDED.uploader_id, "
         "tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
    [APPLY_BANS_GONE] = {"apply_bans_gone",
                         GONE("image_bans", "unnest($2::bytea[]) AS n (id)", "t.id = n.id")},
    [APPLY_BANS] = {"apply_bans", "INSERT INTO image_bans (world_id, id, tick, changed_at) "
                                  "SELECT $1::bigint, * FROM unnest($2::bytea[], $3::bigint[], "
                                  "$4::timestamptz[]) ON CONFLICT DO NOTHING"},
    [APPLY_EDITS_GONE] = {"apply_edits_gone", GONE("image_edits", GONE_IDS, "t.entity_id = n.id")},
    [APPLY_EDITS] =
        {"apply_edits",
         "INSERT INTO image_edits (world_id, entity_id, image_config_id, by_kind, by_id, tick, "
         "changed_at) "
         "SELECT $1::bigint, * FROM unnest($2::bigint[], $3::bigint[], $4::smallint[], "
         "$5::bigint[], $6::bigint[], $7::timestamptz[]) "
         "ON CONFLICT (world_id, entity_id) DO UPDATE SET "
         "image_config_id = EXCLUDED.image_config_id, by_kind = EXCLUDED.by_kind, "
         "by_id = EXCLUDED.by_id, tick = EXCLUDED.tick, changed_at = EXCLUDED.changed_at"},
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

enum { APPLY_COLUMNS_MAX = 24 };

/* How rows of a kind are written: a statement and its parameters, in order. */
struct apply_writer {
    uint32_t statement;
    uint32_t rows_max;                              /* in one statement; 0: POSTGRES_ROWS_MAX */
    bool has_world;                                 /* the first parameter is the world's id */
    struct apply_column columns[APPLY_COLUMNS_MAX]; /* ends at one without `put` */
};

/* clang-format off */
#define AT(field) offsetof(struct batch_row, change.field)
#define IN_STACK(at, field) ((at) + offsetof(struct stack, field))
#define STACK(at)                                                                                  \
    {PG_INT2, put_uint, IN_STACK(at, type)},                                                       \
    {PG_INT4, put_uint, IN_STACK(at, quantity)},                                                   \
    {PG_INT8, put_uint, IN_STACK(at, image)},                                                      \
    {PG_INT4, put_uint, IN_STACK(at, wear)},                                                       \
    {PG_INT2, put_uint, IN_STACK(at, source)},                                                     \
    {PG_INT4, put_int, IN_STACK(at, source_cell.x)},                                               \
    {PG_INT4, put_int, IN_STACK(at, source_cell.y)},                                               \
    {PG_INT8, put_big, IN_STACK(at, tick)},                                                        \
    {PG_INT8, put_big, IN_STACK(at, time_s)},                                                      \
    {PG_INT2, put_uint, IN_STACK(at, tool)},                                                       \
    {PG_INT4, put_int, IN_STACK(at, pos.x)},                                                       \
    {PG_INT4, put_int, IN_STACK(at, pos.y)},                                                       \
    {PG_INT2, put_uint, IN_STACK(at, skill)},                                                      \
    {PG_INT2, put_uint, IN_STACK(at, level)}
#define CHUNK_AND_CELL {PG_INT4, put_chunk_x, 0}, {PG_INT4, put_chunk_y, 0}, {PG_INT2, put_cell, 0}
#define TICK_AND_TIME {PG_INT8, put_big, offsetof(struct batch_row, tick)}, {PG_TIME, put_time, 0}

static const struct apply_writer apply_writers[CHANGE_KIND_COUNT] = {
    [CHANGE_CELL] = {APPLY_CELLS, 0, true, {
        CHUNK_AND_CELL,
        {PG_INT2, put_uint, AT(cell.replaced)},
        TICK_AND_TIME}},
    [CHANGE_ENTITY] = {APPLY_ENTITIES, 0, true, {
        CHUNK_AND_CELL,
        {PG_INT8, put_big, AT(entity.id)},
        {PG_INT2, put_uint, AT(entity.type)},
        {PG_INT8, put_uint, AT(entity.image)},
        {PG_INT8, put_big, AT(entity.placer)},
        {PG_INT8, put_big, AT(entity.until)},
        TICK_AND_TIME}},
    [CHANGE_CHUNK] = {APPLY_CHUNKS, 0, true, {
        {PG_INT4, put_int, AT(chunk.chunk.x)},
        {PG_INT4, put_int, AT(chunk.chunk.y)},
        {PG_INT8, put_big, AT(chunk.version)},
        {PG_BYTEA, put_hash, AT(chunk.hash)},
        {PG_TIME, put_time, 0}}},
    [CHANGE_ACCOUNT] = {APPLY_ACCOUNTS, 0, false, {
        {PG_INT8, put_big, AT(account.id)},
        {PG_TEXT, put_span, AT(account.name)},
        {PG_BYTEA, put_span, AT(account.key)},
        {PG_INT2, put_uint, AT(account.roles)},
        {PG_TIME, put_time, 0}}},
    [CHANGE_CHARACTER] = {APPLY_CHARACTERS, 0, true, {
        {PG_INT8, put_big, AT(character.id)},
        {PG_INT8, put_big, AT(character.account)},
        {PG_INT4, put_int, AT(character.pos.x)},
        {PG_INT4, put_int, AT(character.pos.y)},
        {PG_INT8, put_uint, AT(character.last_intent)},
        {PG_INT8, put_big, AT(character.done)},
        TICK_AND_TIME}},
    [CHANGE_SLOT] = {APPLY_SLOTS, 0, true, {
        {PG_INT8, put_big, AT(slot.character)},
        {PG_INT2, put_uint, AT(slot.slot)},
        STACK(AT(slot.stack)),
        TICK_AND_TIME}},
    [CHANGE_SKILL] = {APPLY_SKILLS, 0, true, {
        {PG_INT8, put_big, AT(skill.character)},
        {PG_INT2, put_uint, AT(skill.skill)},
        {PG_INT8, put_uint, AT(skill.points)},
        TICK_AND_TIME}},
    [CHANGE_STRUCTURE] = {APPLY_STRUCTURES, 0, true, {
        {PG_INT8, put_big, AT(structure.id)},
        {PG_INT2, put_uint, AT(structure.type)},
        {PG_INT4, put_int, AT(structure.cell.x)},
        {PG_INT4, put_int, AT(structure.cell.y)},
        {PG_INT2, put_uint, AT(structure.width)},
        {PG_INT2, put_uint, AT(structure.height)},
        {PG_INT2, put_uint, AT(structure.left)},
        {PG_INT2, put_uint, AT(structure.top)},
        {PG_INT8, put_uint, AT(structure.image)},
        {PG_INT8, put_big, AT(structure.placer)},
        TICK_AND_TIME}},
    [CHANGE_PILE] = {APPLY_PILES, 0, true, {
        CHUNK_AND_CELL,
        {PG_INT8, put_big, AT(pile.id)},
        STACK(AT(pile.stack)),
        {PG_INT8, put_big, AT(pile.until)},
        TICK_AND_TIME}},
    [CHANGE_IMAGE_CONFIG] = {APPLY_CONFIGS, 0, true, {
        {PG_INT8, put_uint, AT(image_config.id)},
        {PG_INT4, put_uint, AT(image_config.size)},
        {PG_INT2, put_uint, AT(image_config.turns)},
        {PG_INT4, put_uint, AT(image_config.angle)},
        {PG_INT4, put_uint, AT(image_config.offset_x)},
        {PG_INT4, put_uint, AT(image_config.offset_y)},
        {PG_BYTEA, put_hash, AT(image_config.custom)},
        TICK_AND_TIME}},
    [CHANGE_IMAGE] = {APPLY_IMAGES, POSTGRES_IMAGES_MAX, true, {
        {PG_BYTEA, put_hash, AT(image.id)},
        {PG_BYTEA, put_span, AT(image.png)},
        {PG_INT4, put_uint, AT(image.width)},
        {PG_INT4, put_uint, AT(image.height)},
        {PG_INT8, put_big, AT(image.uploader)},
        TICK_AND_TIME}},
    [CHANGE_IMAGE_BAN] = {APPLY_BANS, 0, true, {
        {PG_BYTEA, put_hash, AT(image_ban.id)},
        TICK_AND_TIME}},
    [CHANGE_IMAGE_EDIT] = {APPLY_EDITS, 0, true, {
        {PG_INT8, put_big, AT(image_edit.thing)},
        {PG_INT8, put_uint, AT(image_edit.image)},
        {PG_INT2, put_uint, AT(image_edit.by_kind)},
        {PG_INT8, put_big, AT(image_edit.by)},
        TICK_AND_TIME}},
};

static const struct apply_writer apply_removers[CHANGE_KIND_COUNT] = {
    [CHANGE_CELL] = {APPLY_CELLS_GONE, 0, true, {CHUNK_AND_CELL}},
    [CHANGE_ENTITY] = {APPLY_ENTITIES_GONE, 0, true, {
        CHUNK_AND_CELL,
        {PG_INT8, put_big, AT(entity.id)}}},
    [CHANGE_SLOT] = {APPLY_SLOTS_GONE, 0, true, {
        {PG_INT8, put_big, AT(slot.character)},
        {PG_INT2, put_uint, AT(slot.slot)}}},
    [CHANGE_SKILL] = {APPLY_SKILLS_GONE, 0, true, {
        {PG_INT8, put_big, AT(skill.character)},
        {PG_INT2, put_uint, AT(skill.skill)}}},
    [CHANGE_STRUCTURE] = {APPLY_STRUCTURES_GONE, 0, true, {
        {PG_INT8, put_big, AT(structure.id)}}},
    [CHANGE_PILE] = {APPLY_PILES_GONE, 0, true, {
        CHUNK_AND_CELL,
        {PG_INT8, put_big, AT(pile.id)}}},
    [CHANGE_IMAGE_CONFIG] = {APPLY_CONFIGS_GONE, 0, true, {
        {PG_INT8, put_uint, AT(image_config.id)}}},
    [CHANGE_IMAGE] = {APPLY_IMAGES_GONE, 0, true, {
        {PG_BYTEA, put_hash, AT(image.id)}}},
    [CHANGE_IMAGE_BAN] = {APPLY_BANS_GONE, 0, true, {
        {PG_BYTEA, put_hash, AT(image_ban.id)}}},
    [CHANGE_IMAGE_EDIT] = {APPLY_EDITS_GONE, 0, true, {
        {PG_INT8, put_big, AT(image_edit.thing)}}},
};

#undef AT
#undef STACK
#undef CHUNK_AND_CELL
#undef TICK_AND_TIME
/* clang-format on */

/* How many rows from the first one belong into one statement. */
static uint32_t write_run(const struct batch_row *rows, uint32_t count)
{
    const struct apply_writer *writer = &apply_writers[rows[0].change.kind];
    uint32_t max = writer->rows_max > 0 ? writer->rows_max : POSTGRES_ROWS_MAX;
    uint32_t run = 1;
    bool is_delete = batch_is_delete(&rows[0].change);
    while (run < count && run < max && rows[run].change.kind == rows[0].change.kind &&
           batch_is_delete(&rows[run].change) == is_delete)
        run++;
    return run;
}

enum pg_status postgres_prepare_writes(struct postgres *state, struct error *error)
{
    return postgres_prepare(state, POSTGRES_WRITE, postgres_write_table, APPLY_STATEMENTS, error);
}

/* Sends one statement with the first of them, as many as are of one kind and fit, and leaves those
 * behind. There must be some. */
static enum pg_status write_some(struct pg *pg, struct postgres_rows *rest, struct error *error)
{
    const struct change *first = &rest->rows[0].change;
    const struct apply_writer *writer =
        batch_is_delete(first) ? &apply_removers[first->kind] : &apply_writers[first->kind];
    ensure(writer->columns[0].put != NULL); /* batch_add lets only lasting kinds in */
    uint32_t count = write_run(rest->rows, rest->count);
    pg_start(pg, &postgres_write_table[writer->statement]);
    if (writer->has_world)
        pg_add_int(pg, (int64_t)rest->world);
    for (uint32_t i = 0; writer->columns[i].put != NULL; i++) {
        pg_add_array(pg, writer->columns[i].type);
        for (uint32_t row = 0; row < count; row++)
            writer->columns[i].put(pg, &rest->rows[row], writer->columns[i].offset);
    }
    rest->rows += count;
    rest->count -= count;
    return pg_send(pg, error);
}

enum pg_status postgres_receive_all(struct pg *pg, uint32_t *sent, struct error *error)
{
    enum pg_status status = PG_OK;
    for (; *sent > 0 && status == PG_OK; (*sent)--)
        status = pg_receive(pg, error);
    return status;
}

enum pg_status postgres_send_rows(struct pg *pg, struct postgres_rows rows, uint32_t *sent,
                                  struct error *error)
{
    enum pg_status status = PG_OK;
    while (rows.count > 0 && status == PG_OK) {
        if (*sent == POSTGRES_SENT_MAX)
            status = postgres_receive_all(pg, sent, error);
        if (status == PG_OK)
            status = write_some(pg, &rows, error);
        (*sent)++;
    }
    return status;
}
