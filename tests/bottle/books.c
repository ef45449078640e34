#include "bottle/books.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "bottle/books_state.h"
#include "bottle/pages.h"
#include "bottle/walk.h"
#include "wire/framing.h"

/* So many of each type. */
struct sums {
    int64_t of[CATALOG_TYPES_MAX];
};

struct books {
    struct bottle *bottle;
    const struct catalog *catalog;
    struct pages pages;
    struct record_header header; /* of the present record */
    struct sums found;           /* what it adds up to */
    struct sums least, most;     /* what it may add up to */
    int64_t uses_found[CATALOG_TOOL_KINDS_MAX], uses[CATALOG_TOOL_KINDS_MAX]; /* of tools, left */
    struct books_facts facts;
};

static bool tell(struct books *books, const char *words, uint32_t type)
{
    return bottle_tell(
        books->bottle, "record %llu (tick %llu): %s (%s)", (unsigned long long)books->header.seq,
        (unsigned long long)books->header.tick, words, books->catalog->entities[type].name);
}

/* --- what is there --------------------------------------------------------------------------- */

static void add_stack(struct books *books, const struct stack *stack, int64_t times)
{
    const struct entity_def *def = &books->catalog->entities[stack->type];
    books->found.of[stack->type] += times * stack->quantity;
    if (def->durability > 0)
        books->uses_found[def->tool] += times * stack->quantity * (def->durability - stack->wear);
}

static void add_costs(const struct books *books, struct sums *sums, uint32_t type, int64_t times)
{
    const struct entity_def *def = &books->catalog->entities[type];
    for (uint32_t i = 0; i < def->cost_count; i++)
        sums->of[def->costs[i].type] += times * def->costs[i].count;
}

/* What the value of one key adds; a kept cell does not have what grew there any more. */
static void add_value(struct books *books, const struct change *change, int64_t times)
{
    if (change->kind == CHANGE_CELL)
        books->found.of[change->cell.replaced] -= times;
    if (change->kind == CHANGE_ENTITY)
        books->found.of[change->entity.type] += times;
    if (change->kind == CHANGE_STRUCTURE)
        add_costs(books, &books->found, change->structure.type, times);
    if (change->kind == CHANGE_SLOT)
        add_stack(books, &change->slot.stack, times);
    if (change->kind == CHANGE_PILE)
        add_stack(books, &change->pile.stack, times);
}

static bool is_stack_right(struct books *books, const struct change *change)
{
    const struct stack *stack =
        change->kind == CHANGE_SLOT ? &change->slot.stack : &change->pile.stack;
    const struct entity_def *def = &books->catalog->entities[stack->type];
    bool is_right = stack_check(stack, books->catalog) && stack->quantity <= def->stack_max &&
                    (def->durability == 0 || stack->wear < def->durability);
    if (change->kind == CHANGE_SLOT)
        is_right = is_right && change->slot.slot < books->bottle->settings.slots_max;
    return is_right || tell(books, "a stack that cannot be", stack->type);
}

/* --- sources and sinks ----------------------------------------------------------------------- */

static void allow(struct books *books, uint32_t type, int64_t count)
{
    books->least.of[type] += count;
    books->most.of[type] += count;
}

static void take_character(struct books *books)
{
    const struct catalog *catalog = books->catalog;
    books->facts.characters++;
    for (uint32_t i = 0; books->bottle->settings.starting_kit && i < catalog->kit_count; i++) {
        const struct entity_def *def = &catalog->entities[catalog->kit[i].type];
        allow(books, def->type, catalog->kit[i].count);
        books->uses[def->tool] += (int64_t)catalog->kit[i].count * def->durability;
    }
}

/* A pile that is gone when it was due is lost. */
static void take_pile(struct books *books, const struct page *page)
{
    const struct stack *stack = &page->before.pile.stack;
    const struct entity_def *def = &books->catalog->entities[stack->type];
    if (page->is_there || page->before.pile.until > books->header.tick)
        return;
    books->facts.gone++;
    allow(books, stack->type, -(int64_t)stack->quantity);
    if (def->durability > 0)
        books->uses[def->tool] -= (int64_t)stack->quantity * (def->durability - stack->wear);
}

/* The structure of the type that has come to this cell, or gone from it, in this record. */
static const struct page *find_structure(const struct books *books, struct cell_pos cell,
                                         uint32_t type, bool has_come)
{
    const struct page *page;
    for (uint32_t i = 0; (page = pages_touched(&books->pages, i)) != NULL; i++) {
        if (page->now.kind == CHANGE_STRUCTURE && page->is_there == has_come &&
            page->was_there != has_come && page->now.structure.type == type &&
            grid_is_same_cell(page->now.structure.cell, cell))
            return page;
    }
    return NULL;
}

/* A thing that was due is what it becomes. */
static bool take_entity(struct books *books, const struct page *page)
{
    const struct change_entity *was = &page->before.entity;
    uint32_t into = books->catalog->entities[was->type].growth.into;
    bool is_due = was->until != 0 && was->until <= books->header.tick;
    bool has_grown = page->is_there && page->now.entity.type != was->type;
    if (has_grown && (!is_due || into != page->now.entity.type))
        return tell(books, "a thing became another", was->type);
    if (page->is_there && !grid_is_same_cell(page->now.entity.cell, was->cell))
        return tell(books, "a thing has walked", was->type);
    if (has_grown) {
        allow(books, into, 1);
    } else if (!page->is_there && is_due && find_structure(books, was->cell, into, true) != NULL) {
        add_costs(books, &books->least, into, 1);
        add_costs(books, &books->most, into, 1);
        has_grown = true;
    }
    if (has_grown)
        allow(books, was->type, -1);
    books->facts.grown += has_grown;
    return true;
}

/* --- harvests -------------------------------------------------------------------------------- */

/* What of this record's harvest is in its harvester's bag. */
static const struct stack *find_haul(const struct books *books, struct character_id character)
{
    const struct page *page;
    for (uint32_t i = 0; (page = pages_touched(&books->pages, i)) != NULL; i++) {
        const struct stack *stack = &page->now.slot.stack;
        if (page->now.kind == CHANGE_SLOT && page->is_there &&
            page->now.slot.character.value == character.value && stack->source != 0 &&
            stack->tick == books->header.tick)
            return stack;
    }
    return NULL;
}

/* Has the thing that was harvested gone from the cell in this record: placed, or as it grew? */
static bool has_gone(const struct books *books, struct cell_pos cell, uint32_t type)
{
    const struct page *page;
    for (uint32_t i = 0; (page = pages_touched(&books->pages, i)) != NULL; i++) {
        bool is_placed = page->now.kind == CHANGE_ENTITY && page->was_there && !page->is_there &&
                         page->before.entity.type == type &&
                         grid_is_same_cell(page->before.entity.cell, cell);
        bool is_grown = page->now.kind == CHANGE_CELL && page->is_there && !page->was_there &&
                        page->now.cell.replaced == type &&
                        grid_is_same_cell(page->now.cell.cell, cell);
        if (is_placed || is_grown)
            return true;
    }
    return false;
}

static void allow_yields(struct books *books, const struct harvest_def *harvest, uint32_t level)
{
    for (uint32_t i = 0; i < harvest->yield_count; i++) {
        const struct yield_def *yield = &harvest->yields[i];
        books->most.of[yield->item.type] += yield->item.count;
        if (yield->chance_ppm == CATALOG_PPM)
            books->least.of[yield->item.type] += yield->item.count;
    }
    for (uint32_t i = 0; i < harvest->tier_count; i++)
        books->most.of[harvest->bonus_type] += level >= harvest->tiers[i].level;
}

/* The tool is worn once; one that breaks is gone. */
static void allow_wear(struct books *books, uint32_t tool)
{
    if (tool == 0)
        return;
    books->uses[tool]--;
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        const struct entity_def *def = &books->catalog->entities[type];
        if (def->type != 0 && def->tool == tool && def->durability > 0)
            books->least.of[type]--;
    }
}

/* One point more in a skill: there was one harvest. */
static bool take_skill(struct books *books, const struct page *page)
{
    const struct change_skill *skill = &page->now.skill;
    uint32_t points = page->was_there ? page->before.skill.points : 0;
    const struct stack *haul = find_haul(books, skill->character);
    if (skill->points != points + 1 || haul == NULL)
        return tell(books, "experience without a harvest", 0);
    const struct entity_def *def = &books->catalog->entities[haul->source];
    if (def->harvest.skill != skill->skill)
        return tell(books, "a harvest of another skill", haul->source);
    if (def->kind == KIND_STRUCTURE) {
        if (find_structure(books, haul->source_cell, haul->source, false) == NULL)
            return tell(books, "what was harvested still stands", haul->source);
        add_costs(books, &books->least, haul->source, -1);
        add_costs(books, &books->most, haul->source, -1);
    } else {
        if (!has_gone(books, haul->source_cell, haul->source))
            return tell(books, "what was harvested is still there", haul->source);
        allow(books, haul->source, -1);
        allow(books, def->harvest.leaves, def->harvest.leaves != 0);
    }
    allow_yields(books, &def->harvest,
                 catalog_skill_level(&books->catalog->skills[skill->skill], points));
    allow_wear(books, def->harvest.tool);
    books->facts.harvests++;
    return true;
}

/* --- records --------------------------------------------------------------------------------- */

/* Is what the record has of a character's own the work of an intent whose outcome it has too? Else
 * who connects again is told that it did not happen. */
static bool is_outcome_kept(struct books *books, struct character_id owner)
{
    const struct page *page;
    for (uint32_t i = 0; (page = pages_touched(&books->pages, i)) != NULL; i++) {
        if (page->now.kind == CHANGE_CHARACTER && page->now.character.id.value == owner.value)
            return true;
    }
    return tell(books, "a bag is another, and the outcome of what was asked is not kept", 0);
}

/* The page's part in the record's account. */
static bool take_page(struct books *books, const struct page *page)
{
    if ((page->now.kind == CHANGE_SLOT || page->now.kind == CHANGE_SKILL) &&
        !is_outcome_kept(books, change_owner(&page->now)))
        return false;
    if (page->was_there)
        add_value(books, &page->before, -1);
    if (page->is_there)
        add_value(books, &page->now, 1);
    if (page->is_there && (page->now.kind == CHANGE_SLOT || page->now.kind == CHANGE_PILE) &&
        !is_stack_right(books, &page->now))
        return false;
    if (page->now.kind == CHANGE_CHARACTER && !page->was_there)
        take_character(books);
    if (page->now.kind == CHANGE_PILE && page->was_there)
        take_pile(books, page);
    if (page->now.kind == CHANGE_ENTITY && page->was_there)
        return take_entity(books, page);
    return page->now.kind != CHANGE_SKILL || take_skill(books, page);
}

static bool is_account_right(struct books *books)
{
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        int64_t found = books->found.of[type];
        if (found < books->least.of[type])
            return tell(books, "things are lost", type);
        if (found > books->most.of[type])
            return tell(books, "things come from nowhere", type);
    }
    for (uint32_t tool = 1; tool < CATALOG_TOOL_KINDS_MAX; tool++) {
        if (books->uses_found[tool] != books->uses[tool])
            return tell(books, "tools are worn by nothing, or not worn by use", 0);
    }
    return true;
}

static bool take_record(void *state, const struct tail_record *record)
{
    struct books *books = state;
    const struct page *page;
    struct framed framed;
    size_t offset = 0;
    books->header = record->header;
    books->facts.records++;
    memset(&books->found, 0, sizeof books->found);
    memset(&books->least, 0, sizeof books->least);
    memset(&books->most, 0, sizeof books->most);
    memset(books->uses, 0, sizeof books->uses);
    memset(books->uses_found, 0, sizeof books->uses_found);
    pages_begin(&books->pages);
    while (framing_next(record->payload, record->header.size_bytes, &offset, &framed)) {
        struct change change;
        ensure(framing_change(&framed, &change));
        books->facts.of[change.kind]++;
        pages_put(&books->pages, &change);
    }
    for (uint32_t i = 0; (page = pages_touched(&books->pages, i)) != NULL; i++) {
        if (!take_page(books, page))
            return false;
    }
    return is_account_right(books);
}

bool books_audit(struct bottle *bottle, struct books_facts *out_facts)
{
    struct books *books = calloc(1, sizeof *books);
    ensure(books != NULL);
    books->bottle = bottle;
    books->catalog = bottle->server.catalog;
    bool is_right =
        walk_journal(bottle, take_record, books) && books_state_audit(bottle, &books->pages);
    *out_facts = books->facts;
    pages_finish(&books->pages);
    free(books);
    return is_right;
}
