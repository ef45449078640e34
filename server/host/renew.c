#include "host/renew.h"

#include <string.h>

#include "base/log.h"
#include "host/host.h"
#include "host/pictures.h"
#include "world/world_catalog.h"

enum { NAMES_MAX = 8 };

bool renew_ask(struct host *host)
{
    if (host->options.renewal == NULL || !renewal_ask(host->options.renewal))
        return false;
    host->residency.is_holding = true;
    return true;
}

/* Which types, and which skills, have something in memory. */
struct uses {
    bool types[CATALOG_TYPES_MAX];
    bool skills[CATALOG_SKILLS_MAX];
};

static void note_character(const struct world *world, uint32_t index, struct uses *uses)
{
    const struct character *character = &world->characters[index];
    for (uint32_t slot = 0; slot < world->slots_max; slot++)
        uses->types[world_slot(world, character, slot)->type] = true;
    for (uint32_t skill = 1; skill < CATALOG_SKILLS_MAX; skill++) {
        if (world_skill(world, character, skill) > 0)
            uses->skills[skill] = true;
    }
}

static void note_uses(const struct world *world, struct uses *uses)
{
    memset(uses, 0, sizeof *uses);
    for (uint32_t i = 0; i < world->entity_pool.capacity; i++) {
        if (pool_is_used(&world->entity_pool, i))
            uses->types[world->entities[i].type] = true;
    }
    for (uint32_t i = 0; i < world->structure_pool.capacity; i++) {
        if (pool_is_used(&world->structure_pool, i))
            uses->types[world->structures[i].type] = true;
    }
    for (uint32_t i = 0; i < world->pile_pool.capacity; i++) {
        if (pool_is_used(&world->pile_pool, i))
            uses->types[world->piles[i].stack.type] = true;
    }
    for (uint32_t i = 0; i < world->character_pool.capacity; i++) {
        if (pool_is_used(&world->character_pool, i))
            note_character(world, i, uses);
    }
}

/* May this content follow? False with words. */
static bool check(const struct host *host, const struct catalog *fresh, struct error *error)
{
    const struct catalog *now = host->world.catalog;
    struct uses uses;
    note_uses(&host->world, &uses);
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        const struct entity_def *was = &now->entities[type], *is = &fresh->entities[type];
        if (uses.types[type] && is->type == 0)
            return database_tell_missing(CATALOG_ROW_TYPES, was->name, error);
        if (was->type != 0 && is->type != 0 && was->kind != is->kind)
            return error_set(error,
                             "the type \"%s\" is in another list of the content than it was: "
                             "that takes a restart",
                             was->name);
    }
    for (uint32_t skill = 1; skill < CATALOG_SKILLS_MAX; skill++) {
        if (uses.skills[skill] && fresh->skills[skill].skill == 0)
            return database_tell_missing(CATALOG_ROW_SKILLS, now->skills[skill].name, error);
    }
    return pictures_check(&host->world.images, fresh, error);
}

/* Adds ", 2 new (bench, fence)": the types of `a` that `b` lacks. */
static void tell_names(const struct catalog *a, const struct catalog *b, const char *what,
                       struct text *words)
{
    uint32_t count = 0;
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++)
        count += a->entities[type].type != 0 && b->entities[type].type == 0;
    if (count == 0)
        return;
    text_add(words, ", %u %s (", count, what);
    uint32_t told = 0;
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX && told < NAMES_MAX; type++) {
        if (a->entities[type].type != 0 && b->entities[type].type == 0)
            text_add(words, "%s%s", told++ > 0 ? ", " : "", a->entities[type].name);
    }
    text_add(words, count > told ? ", ...)" : ")");
}

static void swap(struct host *host, const struct renewal *renewal, struct text *words)
{
    const struct catalog *was = host->world.catalog;
    struct catalog *is = &host->catalogs[was == &host->catalogs[0]];
    *is = *renewal->catalog;
    world_set_catalog(&host->world, is);
    memcpy(host->catalog_text, renewal->outcome.text, renewal->outcome.size_bytes);
    host->catalog_bytes = renewal->outcome.size_bytes;
    host->catalog_number++;
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        if (host->sessions[i].state == SESSION_PLAYING)
            session_resync(host, i);
    }
    text_add(words, "The content is as its files say now: %u types", is->type_count);
    tell_names(is, was, "new", words);
    tell_names(was, is, "gone", words);
    text_add(words, ".");
}

void renew_step(struct host *host)
{
    struct renewal *renewal = host->options.renewal;
    struct host_renewed *renewed = &host->renewed;
    struct error error = {""};
    struct text words;
    if (renewal == NULL || !renewal_is_ready(renewal))
        return;
    if (host->options.recorder != NULL)
        recorder_add(host->options.recorder, RECORDER_CONTENT, &renewal->outcome,
                     renewal_recorded_bytes(renewal));
    text_init(&words, renewed->words, sizeof renewed->words);
    renewed->is_refused =
        renewal->outcome.is_refused != 0 || !check(host, renewal->catalog, &error);
    if (!renewed->is_refused)
        swap(host, renewal, &words);
    else
        text_add(&words, "%s", renewal->outcome.is_refused ? renewal->outcome.text : error.text);
    renewed->count++;
    host->residency.is_holding = false;
    renewal_take(renewal);
    log_info("host", "%s%s", renewed->is_refused ? "the content stays as it was: " : "",
             renewed->words);
}
