#include "sim/types.h"

/* Does the change name the type? */
static bool sim_names(const struct change *change, uint16_t type)
{
    return (change->kind == CHANGE_ENTITY && change->entity.type == type) ||
           (change->kind == CHANGE_CELL && change->cell.replaced == type) ||
           (change->kind == CHANGE_STRUCTURE && change->structure.type == type) ||
           (change->kind == CHANGE_PILE && change->pile.stack.type == type) ||
           (change->kind == CHANGE_SLOT && change->slot.stack.type == type);
}

static bool sim_is_skill_in_use(const struct sim_types_use *among, uint16_t skill)
{
    bool is_found = false;
    for (uint32_t i = 0; i < among->rows->count && !is_found; i++) {
        const struct sim_row *row = among->rows->rows[i];
        is_found = row->world == among->world && row->change.kind == CHANGE_SKILL &&
                   row->change.skill.skill == skill;
    }
    return is_found;
}

static bool sim_is_in_use(const struct sim_types_use *among, uint16_t type)
{
    bool is_found = false;
    for (uint32_t i = 0; i < among->rows->count && !is_found; i++) {
        const struct sim_row *row = among->rows->rows[i];
        is_found = row->world == among->world && sim_names(&row->change, type);
    }
    return is_found;
}

/* Gives the catalogue its ids of a row, and remembers those that are new. */
static bool sim_assign_ids(struct catalog *catalog, enum catalog_row row, struct catalog_ids *known,
                           struct error *error)
{
    struct catalog_ids all;
    if (!catalog_assign_ids(catalog, row, known, &all, error))
        return false;
    for (uint32_t i = 0; i < all.count; i++) {
        uint32_t at = 0;
        while (at < known->count && known->ids[at].id != all.ids[i].id)
            at++;
        known->ids[at] = all.ids[i];
        known->count += at == known->count;
    }
    return true;
}

enum database_result sim_types_sync(struct sim_types *types, const struct sim_types_use *among,
                                    struct catalog *catalog, struct error *error)
{
    for (uint32_t i = 0; i < types->types.count; i++) {
        const struct catalog_id *known = &types->types.ids[i];
        if (catalog_find_name(catalog, known->name) == NULL && sim_is_in_use(among, known->id)) {
            (void)database_tell_missing(CATALOG_ROW_TYPES, known->name, error);
            return DATABASE_CONTENT;
        }
    }
    for (uint32_t i = 0; i < types->skills.count; i++) {
        const struct catalog_id *known = &types->skills.ids[i];
        if (catalog_find_skill_name(catalog, known->name) == NULL &&
            sim_is_skill_in_use(among, known->id)) {
            (void)database_tell_missing(CATALOG_ROW_SKILLS, known->name, error);
            return DATABASE_CONTENT;
        }
    }
    bool is_done = sim_assign_ids(catalog, CATALOG_ROW_TYPES, &types->types, error) &&
                   sim_assign_ids(catalog, CATALOG_ROW_SKILLS, &types->skills, error);
    return is_done ? DATABASE_OK : DATABASE_FAILED;
}
