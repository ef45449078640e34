#include "store/inspection_rules.h"

/* A question whose answer is empty when all is well; else one text a row. */
struct inspection_rule {
    const char *where;
    const char *before, *behind; /* the words around the text */
    struct pg_statement statement;
};

_Static_assert(INSPECTION_FINDINGS_MAX == 100, "one more than are kept is the statements' limit");

/* Nor does it wait in quarantine. `at` is what the key is in SQL: id, or id AND part. */
#define NOR_WAITS(name, at)                                                                        \
    " AND NOT EXISTS (SELECT FROM quarantine q WHERE q.world_id = $1::bigint AND NOT "             \
    "q.is_dropped AND q.kind = '" name "' AND " at ")"

/* A hash of 128 bits as the two halves of a key. */
#define IS_HASH(column)                                                                            \
    "q.id = ('x' || encode(substr(" column ", 1, 8), 'hex'))::bit(64)::bigint AND q.part = "       \
    "('x' || encode(substr(" column ", 9, 8), 'hex'))::bit(64)::bigint"

static const struct inspection_rule rules[] = {
    {"cell_entities",
     "thing ",
     " is in several cells",
     {"rule_entities_twice",
      "SELECT id::text FROM cell_entities WHERE world_id = $1::bigint GROUP BY id "
      "HAVING count(*) > 1 LIMIT 101"}},
    {"cell_piles",
     "pile ",
     " is in several cells",
     {"rule_piles_twice",
      "SELECT id::text FROM cell_piles WHERE world_id = $1::bigint GROUP BY id HAVING "
      "count(*) > 1 LIMIT 101"}},
    {"multi_cell_entities",
     "",
     " is the id of two things",
     {"rule_ids_twice",
      "SELECT id::text FROM (SELECT DISTINCT id FROM cell_entities WHERE world_id = "
      "$1::bigint UNION ALL SELECT DISTINCT id FROM cell_piles WHERE world_id = "
      "$1::bigint UNION ALL SELECT id FROM multi_cell_entities WHERE world_id = "
      "$1::bigint) a GROUP BY id HAVING count(*) > 1 LIMIT 101"}},
    {"inventory_entities",
     "there is less than one in ",
     "",
     {"rule_quantities",
      "SELECT 'slot ' || slot_index || ' of character ' || character_id FROM "
      "inventory_entities WHERE world_id = $1::bigint AND quantity < 1 LIMIT 101"}},
    {"cell_piles",
     "there is less than one in ",
     "",
     {"rule_pile_quantities",
      "SELECT 'pile ' || id FROM cell_piles WHERE world_id = $1::bigint AND quantity "
      "< 1 LIMIT 101"}},
    {"multi_cell_entity_cells",
     "structure ",
     " does not stand in all of its cells, or in others",
     {"rule_structure_cells",
      "SELECT s.id::text FROM multi_cell_entities s WHERE s.world_id = $1::bigint AND "
      "s.width * s.height <> (SELECT count(*) FROM multi_cell_entity_cells c WHERE "
      "c.world_id = s.world_id AND c.entity_id = s.id AND c.chunk_x * 64 + (c.cell & "
      "63) BETWEEN s.cell_x - s.primary_x AND s.cell_x - s.primary_x + s.width - 1 "
      "AND c.chunk_y * 64 + (c.cell >> 6) BETWEEN s.cell_y - s.primary_y AND s.cell_y "
      "- s.primary_y + s.height - 1) OR s.world_id = $1::bigint AND s.width * "
      "s.height <> (SELECT count(*) FROM multi_cell_entity_cells c WHERE c.world_id = "
      "s.world_id AND c.entity_id = s.id) LIMIT 101"}},
    {"multi_cell_entity_cells",
     "cell ",
     " belongs to a structure that is not there",
     {"rule_structures_gone",
      "SELECT (c.chunk_x * 64 + (c.cell & 63)) || ',' || (c.chunk_y * 64 + (c.cell >> "
      "6)) FROM multi_cell_entity_cells c WHERE c.world_id = $1::bigint AND NOT "
      "EXISTS (SELECT FROM multi_cell_entities s WHERE s.world_id = c.world_id AND "
      "s.id = c.entity_id) LIMIT 101"}},
    {"cell_entities",
     "a thing is in cell ",
     ", where a structure stands",
     {"rule_things_under",
      "SELECT e.cell_x || ',' || e.cell_y FROM cell_entities e JOIN "
      "multi_cell_entity_cells c USING (world_id, chunk_x, chunk_y, cell) WHERE "
      "e.world_id = $1::bigint LIMIT 101"}},
    {"cell_entities",
     "a thing is in cell ",
     ", which is not in cell_changes",
     {"rule_not_kept",
      "SELECT e.cell_x || ',' || e.cell_y FROM cell_entities e WHERE e.world_id = "
      "$1::bigint AND NOT EXISTS (SELECT FROM cell_changes c WHERE c.world_id = "
      "e.world_id AND c.chunk_x = e.chunk_x AND c.chunk_y = e.chunk_y AND c.cell = "
      "e.cell)" NOR_WAITS(
          "cell",
          "q.id = (e.cell_x::bigint << 32 | (e.cell_y::bigint & 4294967295))") " LIMIT 101"}},
    {"inventory_entities",
     "slot ",
     " is of a character that is not there",
     {"rule_bags_of_nobody",
      "SELECT i.character_id || '/' || i.slot_index FROM inventory_entities i WHERE "
      "i.world_id = $1::bigint AND NOT EXISTS (SELECT FROM characters c WHERE "
      "c.world_id = i.world_id AND c.id = i.character_id)" NOR_WAITS(
          "character", "q.id = i.character_id") " LIMIT 101"}},
    {"character_skills",
     "skill ",
     " is of a character that is not there",
     {"rule_skills_of_nobody",
      "SELECT k.character_id || '/' || k.skill FROM character_skills k WHERE "
      "k.world_id = $1::bigint AND NOT EXISTS (SELECT FROM characters c WHERE "
      "c.world_id = k.world_id AND c.id = k.character_id)" NOR_WAITS(
          "character", "q.id = k.character_id") " LIMIT 101"}},
    {"characters",
     "character ",
     " has an account that is not there",
     {"rule_characters_of_nobody",
      "SELECT c.id::text FROM characters c WHERE c.world_id = $1::bigint AND NOT "
      "EXISTS (SELECT FROM accounts a WHERE a.id = c.account_id)" NOR_WAITS(
          "account", "q.id = c.account_id") " LIMIT 101"}},
    {"entity_types",
     "type ",
     " is in use and not there",
     {"rule_types_gone",
      "SELECT DISTINCT type::text FROM (SELECT type FROM cell_entities WHERE world_id "
      "= $1::bigint UNION ALL SELECT type FROM cell_piles WHERE world_id = $1::bigint "
      "UNION ALL SELECT type FROM multi_cell_entities WHERE world_id = $1::bigint "
      "UNION ALL SELECT type FROM inventory_entities WHERE world_id = $1::bigint) u "
      "WHERE NOT EXISTS (SELECT FROM entity_types t WHERE t.id = u.type) LIMIT 101"}},
    {"skill_types",
     "skill ",
     " is in use and not there",
     {"rule_skills_gone",
      "SELECT DISTINCT skill::text FROM character_skills k WHERE world_id = "
      "$1::bigint AND NOT EXISTS (SELECT FROM skill_types t WHERE t.id = k.skill) "
      "LIMIT 101"}},
    {"image_configs",
     "image configuration ",
     " is in use and not there",
     {"rule_looks_gone",
      "SELECT DISTINCT image_config_id::text FROM (SELECT image_config_id FROM "
      "cell_entities WHERE world_id = $1::bigint UNION ALL SELECT image_config_id "
      "FROM cell_piles WHERE world_id = $1::bigint UNION ALL SELECT image_config_id "
      "FROM multi_cell_entities WHERE world_id = $1::bigint UNION ALL SELECT "
      "image_config_id FROM inventory_entities WHERE world_id = $1::bigint) u WHERE "
      "image_config_id <> 0 AND NOT EXISTS (SELECT FROM image_configs c WHERE "
      "c.world_id = $1::bigint AND c.id = u.image_config_id)" NOR_WAITS(
          "image_config", "q.id = u.image_config_id") " LIMIT 101"}},
    {"images",
     "picture ",
     " is in use and not there",
     {"rule_pictures_gone",
      "SELECT encode(custom_image, 'hex') FROM image_configs c WHERE world_id = "
      "$1::bigint AND custom_image IS NOT NULL AND NOT EXISTS (SELECT FROM images i "
      "WHERE i.world_id = c.world_id AND i.id = c.custom_image) AND NOT EXISTS "
      "(SELECT FROM image_bans b WHERE b.world_id = c.world_id AND b.id = "
      "c.custom_image)" NOR_WAITS("image", IS_HASH("c.custom_image"))
          NOR_WAITS("image_ban", IS_HASH("c.custom_image")) " LIMIT 101"}},
    {"image_edits",
     "thing ",
     ", whose editor is told, is not there",
     {"rule_editors_of_nothing",
      "SELECT e.entity_id::text FROM image_edits e WHERE e.world_id = $1::bigint AND "
      "NOT EXISTS (SELECT FROM cell_entities t WHERE t.world_id = $1::bigint AND t.id "
      "= e.entity_id) AND NOT EXISTS (SELECT FROM multi_cell_entities s WHERE "
      "s.world_id = e.world_id AND s.id = e.entity_id)" NOR_WAITS("entity", "q.id = e.entity_id")
          NOR_WAITS("structure", "q.id = e.entity_id") " LIMIT 101"}},
};

enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

static enum pg_status ask(struct postgres *state, const struct inspection_rule *rule,
                          struct inspection *out, struct error *error)
{
    struct pg *pg = state->pg;
    pg_start(pg, &rule->statement);
    pg_add_int(pg, (int64_t)out->world);
    enum pg_status status = pg_run(pg, error);
    if (status != PG_OK)
        return status;
    for (uint32_t i = 0; i < pg_rows(pg); i++)
        inspection_find(out, rule->where, "%s%s%s", rule->before, pg_text(pg, i, 0), rule->behind);
    return PG_OK;
}

static enum pg_status prepare(struct postgres *state, struct error *error)
{
    enum pg_status status = PG_OK;
    if ((state->prepared & POSTGRES_RULES) != 0)
        return PG_OK;
    for (uint32_t i = 0; i < RULE_COUNT && status == PG_OK; i++)
        status = pg_prepare(state->pg, &rules[i].statement, 1, error);
    if (status == PG_OK)
        state->prepared |= POSTGRES_RULES;
    return status;
}

enum pg_status inspection_rules_run(struct postgres *state, struct inspection *out,
                                    struct error *error)
{
    enum pg_status status = prepare(state, error);
    for (uint32_t i = 0; i < RULE_COUNT && status == PG_OK; i++)
        status = ask(state, &rules[i], out, error);
    return status;
}
