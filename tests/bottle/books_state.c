#include "bottle/books_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"

struct state {
    struct bottle *bottle;
    const struct pages *pages;
    struct pages covers; /* of each cell in which structures stand: one of them */
    struct pages taken;  /* of each cell in which entities stand: the type of one */
};

static bool tell(struct state *state, const char *words, struct cell_pos cell)
{
    return bottle_tell(state->bottle, "%s at (%d,%d)", words, cell.x, cell.y);
}

static const struct page *find_there(const struct pages *pages, const struct change *key)
{
    const struct page *page = pages_find(pages, key);
    return page != NULL && page->is_there ? page : NULL;
}

/* Writes the type onto the cell's page; the type that was there, 0 none. */
static uint32_t cover(struct pages *pages, struct cell_pos cell, uint32_t type)
{
    struct change change = {.kind = CHANGE_CELL};
    change.cell = (struct change_cell){cell, 1, type};
    const struct page *page = pages_find(pages, &change);
    uint32_t before = page != NULL ? page->now.cell.replaced : 0;
    pages_put(pages, &change);
    return before;
}

static uint32_t type_at(const struct pages *pages, struct cell_pos cell)
{
    struct change change = {.kind = CHANGE_CELL};
    change.cell.cell = cell;
    const struct page *page = find_there(pages, &change);
    return page != NULL ? page->now.cell.replaced : 0;
}

static bool have_marks(struct state *state, const struct change *change)
{
    struct chunk_pos chunks[CHANGE_CHUNKS_MAX];
    struct change mark = {.kind = CHANGE_CHUNK};
    uint32_t count = change_chunks(change, chunks);
    for (uint32_t i = 0; i < count; i++) {
        mark.chunk.chunk = chunks[i];
        if (find_there(state->pages, &mark) == NULL)
            return tell(state, "a thing is in a chunk without mark", change_cell(change));
    }
    return true;
}

static bool take_structure(struct state *state, const struct change *change)
{
    struct cell_area area;
    if (!change_area(change, &area))
        return tell(state, "a structure outside of the world", change->structure.cell);
    struct cell_pos cell = area.least;
    do {
        if (cover(&state->covers, cell, change->structure.type) != 0)
            return tell(state, "two structures stand", cell);
    } while (grid_area_next(area, &cell));
    return true;
}

static bool take_entity(struct state *state, const struct change_entity *entity)
{
    const struct catalog *catalog = state->bottle->server.catalog;
    struct change kept = {.kind = CHANGE_CELL};
    kept.cell.cell = entity->cell;
    if (find_there(state->pages, &kept) == NULL)
        return tell(state, "a thing stands in a cell that is not kept", entity->cell);
    uint32_t other = cover(&state->taken, entity->cell, entity->type);
    uint32_t structure = type_at(&state->covers, entity->cell);
    bool is_alone = (other == 0 || catalog_may_share(catalog, other, entity->type)) &&
                    (structure == 0 || catalog_may_share(catalog, structure, entity->type));
    return is_alone || tell(state, "things that do not share a cell stand", entity->cell);
}

/* Structures first, then what may stand with them. */
static bool is_ground_right(struct state *state)
{
    const struct page *page;
    bool is_right = true;
    for (uint32_t rank = 0; is_right && (page = pages_next(state->pages, &rank)) != NULL;) {
        bool is_in_chunk = (change_schema(page->now.kind)->flags & CHANGE_IN_CHUNK) != 0;
        if (page->is_there && is_in_chunk)
            is_right = have_marks(state, &page->now);
        if (page->is_there && page->now.kind == CHANGE_STRUCTURE)
            is_right = is_right && take_structure(state, &page->now);
    }
    for (uint32_t rank = 0; is_right && (page = pages_next(state->pages, &rank)) != NULL;) {
        if (page->is_there && page->now.kind == CHANGE_ENTITY)
            is_right = take_entity(state, &page->now.entity);
    }
    return is_right;
}

/* --- looks ----------------------------------------------------------------------------------- */

static uint32_t image_of(const struct change *change)
{
    if (change->kind == CHANGE_ENTITY)
        return change->entity.image;
    if (change->kind == CHANGE_STRUCTURE)
        return change->structure.image;
    if (change->kind == CHANGE_SLOT)
        return change->slot.stack.image;
    return change->kind == CHANGE_PILE ? change->pile.stack.image : 0;
}

/* How many things use the look. */
static int64_t count_uses(const struct pages *pages, uint32_t image)
{
    const struct page *page;
    int64_t uses = 0;
    for (uint32_t rank = 0; (page = pages_next(pages, &rank)) != NULL;)
        uses += page->is_there && image_of(&page->now) == image;
    return uses;
}

static bool are_looks_right(struct state *state)
{
    const struct images *images = &state->bottle->server.host->world.images;
    const struct page *page;
    uint32_t count = 0;
    for (uint32_t rank = 0; (page = pages_next(state->pages, &rank)) != NULL;) {
        struct change look = {.kind = CHANGE_IMAGE_CONFIG};
        look.image_config.id = page->is_there ? image_of(&page->now) : 0;
        if (look.image_config.id != 0 && find_there(state->pages, &look) == NULL)
            return bottle_tell(state->bottle, "look %u is not known", look.image_config.id);
        if (!page->is_there || page->now.kind != CHANGE_IMAGE_CONFIG)
            continue;
        uint32_t id = page->now.image_config.id;
        const struct image_config *config = images_find_config(images, id);
        int64_t uses = count_uses(state->pages, id);
        if (config == NULL || config->uses != uses)
            return bottle_tell(state->bottle, "look %u has %lld uses, and counts %lld", id,
                               (long long)uses, (long long)(config ? config->uses : -1));
        count++;
    }
    return count == images->config_pool.used ||
           bottle_tell(state->bottle, "%u looks are in memory, %u in the journal",
                       images->config_pool.used, count);
}

/* Is each edit of a thing that is there, and looks so? */
static bool are_edits_right(struct state *state)
{
    const struct page *page;
    uint32_t count = 0;
    for (uint32_t rank = 0; (page = pages_next(state->pages, &rank)) != NULL;) {
        struct change key = {.kind = CHANGE_ENTITY};
        if (!page->is_there || page->now.kind != CHANGE_IMAGE_EDIT)
            continue;
        key.entity.id.value = page->now.image_edit.thing;
        const struct page *thing = find_there(state->pages, &key);
        key.kind = CHANGE_STRUCTURE;
        key.structure.id.value = page->now.image_edit.thing;
        thing = thing != NULL ? thing : find_there(state->pages, &key);
        if (thing == NULL || image_of(&thing->now) != page->now.image_edit.image)
            return bottle_tell(state->bottle, "an edit of thing %llu, which is gone or looks else",
                               (unsigned long long)page->now.image_edit.thing);
        count++;
    }
    return count == sim_database_rows(state->bottle->database, CHANGE_IMAGE_EDIT) ||
           bottle_tell(state->bottle, "the database has other edits of looks than the journal");
}

bool books_state_audit(struct bottle *bottle, const struct pages *pages)
{
    struct state state = {.bottle = bottle, .pages = pages};
    bool is_right = is_ground_right(&state) && are_looks_right(&state) && are_edits_right(&state);
    pages_finish(&state.covers);
    pages_finish(&state.taken);
    return is_right;
}
