/* Ids that were given once, by name, for ever. */
#include <string.h>

#include "base/memory.h"
#include "catalog/catalog_reader.h"

/* A row of ids: what its things are called, and how many there may be. */
struct row {
    const char *noun;
    uint32_t ids_max; /* ids are 1..ids_max - 1 */
};

static const struct row rows[] = {
    [CATALOG_ROW_TYPES] = {"type", CATALOG_TYPES_MAX},
    [CATALOG_ROW_SKILLS] = {"skill", CATALOG_SKILLS_MAX},
};

/* Checks what a database said: every id in range, every name a name, nothing twice. */
static bool check_known(const struct row *row, const struct catalog_ids *known, struct error *error)
{
    bool is_taken[CATALOG_TYPES_MAX] = {false};
    if (known->count >= row->ids_max)
        return error_set(error, "more than %u known %ss", row->ids_max - 1, row->noun);
    for (uint32_t i = 0; i < known->count; i++) {
        const struct catalog_id *id = &known->ids[i];
        if (memchr(id->name, 0, sizeof id->name) == NULL || !catalog_reader_is_name(id->name))
            return error_set(error, "the known %s %u has no proper name", row->noun, id->id);
        if (id->id == 0 || id->id >= row->ids_max)
            return error_set(error, "the %s \"%s\" has the id %u, beyond 1 to %u", row->noun,
                             id->name, id->id, row->ids_max - 1);
        if (is_taken[id->id])
            return error_set(error, "the %s id %u is known twice", row->noun, id->id);
        is_taken[id->id] = true;
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(known->ids[j].name, id->name) == 0)
                return error_set(error, "the %s \"%s\" is known twice", row->noun, id->name);
        }
    }
    return true;
}

/* The known id of the name, or 0. */
static uint16_t known_id(const struct catalog_ids *known, const char *name)
{
    for (uint32_t i = 0; i < known->count; i++) {
        if (strcmp(known->ids[i].name, name) == 0)
            return known->ids[i].id;
    }
    return 0;
}

/* The thing of the row that has the id: its name, or NULL. */
static const char *name_at(const struct catalog *catalog, enum catalog_row row, uint32_t id)
{
    if (row == CATALOG_ROW_TYPES)
        return catalog->entities[id].type != 0 ? catalog->entities[id].name : NULL;
    return catalog->skills[id].skill != 0 ? catalog->skills[id].name : NULL;
}

/* Every old id's new one, 0 where there is no thing. False when the ids do not suffice. */
static bool choose_ids(const struct catalog *catalog, enum catalog_row row_of,
                       const struct catalog_ids *known, uint16_t out_ids[CATALOG_TYPES_MAX],
                       struct error *error)
{
    const struct row *row = &rows[row_of];
    uint32_t next_id = 1;
    for (uint32_t i = 0; i < known->count; i++) {
        if (known->ids[i].id >= next_id)
            next_id = known->ids[i].id + 1u;
    }
    for (uint32_t old = 1; old < row->ids_max; old++) {
        const char *name = name_at(catalog, row_of, old);
        out_ids[old] = name == NULL ? 0 : known_id(known, name);
        if (name == NULL || out_ids[old] != 0)
            continue;
        if (next_id >= row->ids_max)
            return error_set(error, "too many %ss: no id up to %u is left for \"%s\"", row->noun,
                             row->ids_max - 1, name);
        out_ids[old] = (uint16_t)next_id++;
    }
    return true;
}

/* The catalogue with other ids, by way of its text: everything in that is named, not numbered.
 * `copy` and `text` are working memory. */
static struct catalog *renumber(struct catalog *copy, enum catalog_row row,
                                const uint16_t new_ids[CATALOG_TYPES_MAX],
                                char text[CATALOG_TEXT_BYTES], struct error *error)
{
    for (uint32_t old = 1; old < rows[row].ids_max; old++) {
        if (row == CATALOG_ROW_TYPES)
            copy->entities[old].type = new_ids[old];
        else
            copy->skills[old].skill = (uint8_t)new_ids[old];
    }
    size_t size_bytes = catalog_write(copy, text, CATALOG_TEXT_BYTES);
    if (size_bytes > 0)
        return catalog_parse(text, size_bytes, error);
    (void)error_set(error, "the content is too large");
    return NULL;
}

static void list_ids(const struct catalog *catalog, enum catalog_row row,
                     struct catalog_ids *out_all)
{
    out_all->count = 0;
    for (uint32_t id = 1; id < rows[row].ids_max; id++) {
        const char *name = name_at(catalog, row, id);
        if (name == NULL)
            continue;
        struct catalog_id *listed = &out_all->ids[out_all->count++];
        memcpy(listed->name, name, sizeof listed->name);
        listed->id = (uint16_t)id;
    }
}

bool catalog_assign_ids(struct catalog *catalog, enum catalog_row row,
                        const struct catalog_ids *known, struct catalog_ids *out_all,
                        struct error *error)
{
    uint16_t new_ids[CATALOG_TYPES_MAX] = {0};
    if (!check_known(&rows[row], known, error) || !choose_ids(catalog, row, known, new_ids, error))
        return false;
    struct catalog *copy = memory_reserve("catalogue", 1, sizeof *copy);
    char *text = memory_reserve("catalogue", CATALOG_TEXT_BYTES, 1);
    *copy = *catalog;
    struct catalog *numbered = renumber(copy, row, new_ids, text, error);
    memory_release(copy);
    memory_release(text);
    if (numbered == NULL)
        return false;
    *catalog = *numbered;
    catalog_destroy(&numbered);
    list_ids(catalog, row, out_all);
    return true;
}
