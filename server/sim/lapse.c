#include "sim/lapse.h"

#include "sim/room.h"
#include "sim/target.h"

enum { RETRY_S = 5 /* what has no room to grow */ };

static uint64_t after(const struct sim *sim, uint64_t since, uint32_t seconds)
{
    uint64_t tick = since + (uint64_t)seconds * sim->rules.tick_hz;
    return tick < TICK_MAX ? tick : TICK_MAX;
}

uint64_t lapse_grow_until(const struct sim *sim, uint32_t type, uint64_t since)
{
    const struct growth_def *growth = &sim->world->catalog->entities[type].growth;
    return growth->into == 0 ? 0 : after(sim, since, growth->after_s);
}

uint64_t lapse_pile_until(const struct sim *sim, uint32_t type)
{
    return after(sim, sim->tick, sim->world->catalog->entities[type].lies_s);
}

/* The entity, which has gone, was one of several cells from now on; nothing if it has no room. */
static bool grow_into_structure(struct sim *sim, const struct change_entity *from, uint32_t type)
{
    struct change grown = room_structure(sim->world->catalog, type, from->cell);
    if (room_for_structure(sim->world, &grown, from->id) != REFUSAL_NONE)
        return false;
    grown.structure.id.value = sim_new_id(sim);
    grown.structure.placer = from->placer;
    struct target old = {.cell = from->cell,
                         .type = (uint16_t)from->type,
                         .thing = from->id.value,
                         .image = from->image};
    target_take(sim, &old);
    sim_change(sim, &grown);
    return true;
}

/* It keeps its id and its placer; its look is that of what it becomes. */
static bool grow_into_entity(struct sim *sim, const struct change_entity *from, uint32_t type)
{
    struct change grown = {.kind = CHANGE_ENTITY, .entity = *from};
    struct change edit = {.kind = CHANGE_IMAGE_EDIT};
    if (sim->world->catalog->entities[type].is_solid && room_has_actor(sim->world, from->cell))
        return false;
    if (!room_is_free_but(sim->world, from->cell, type, from->id))
        return false;
    grown.entity.type = type;
    grown.entity.image = 0;
    grown.entity.until = lapse_grow_until(sim, type, from->until);
    sim_change(sim, &grown);
    edit.image_edit = (struct change_image_edit){.thing = from->id.value, .tick = sim->tick};
    if (from->image != 0)
        sim_change(sim, &edit);
    return true;
}

/* The tick when the thing is due again: never, later, or soon when it has to wait. */
static uint64_t grow(struct sim *sim, const struct change_entity *from)
{
    const struct catalog *catalog = sim->world->catalog;
    uint64_t retry = after(sim, sim->tick, RETRY_S);
    uint32_t into = catalog->entities[from->type].growth.into;
    if (into == 0) { /* content has changed: it stays what it is */
        struct change stays = {.kind = CHANGE_ENTITY, .entity = *from};
        stays.entity.until = 0;
        sim_change(sim, &stays);
        return WORLD_NEVER;
    }
    if (catalog->entities[into].kind == KIND_STRUCTURE)
        return grow_into_structure(sim, from, into) ? WORLD_NEVER : retry;
    if (!grow_into_entity(sim, from, into))
        return retry;
    uint64_t next = lapse_grow_until(sim, into, from->until);
    return next != 0 ? next : WORLD_NEVER;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The tick when the next pile of the chunk is due, after those that are. */
static uint64_t lapse_piles(struct sim *sim, const struct chunk *chunk)
{
    uint64_t due = WORLD_NEVER;
    uint32_t next;
    for (uint32_t i = chunk->piles; i != WORLD_NONE; i = next) {
        const struct pile *pile = &sim->world->piles[i];
        next = pile->next;
        if (pile->until > sim->tick || !sim_has_room(sim)) {
            due = earlier(due, pile->until);
            continue;
        }
        struct change gone = world_pile_change(pile);
        gone.pile.stack = (struct stack){.type = 0};
        sim_change(sim, &gone);
    }
    return due;
}

/* The same for the entities of one row. */
static uint64_t lapse_row(struct sim *sim, const struct chunk *chunk, uint32_t row)
{
    uint64_t due = WORLD_NEVER;
    uint32_t next;
    for (uint32_t i = chunk->rows[row]; i != WORLD_NONE; i = next) {
        const struct entity *entity = &sim->world->entities[i];
        next = entity->next;
        if (entity->until == 0)
            continue;
        if (entity->until > sim->tick || !sim_has_room(sim)) {
            due = earlier(due, entity->until);
            continue;
        }
        struct change change = world_entity_change(entity);
        due = earlier(due, grow(sim, &change.entity));
    }
    return due;
}

static void lapse_chunk(struct sim *sim, uint32_t index)
{
    const struct chunk *chunk = &sim->world->chunks[index];
    uint64_t due = lapse_piles(sim, chunk);
    for (uint32_t row = 0; row < GRID_CHUNK_CELLS; row++)
        due = earlier(due, lapse_row(sim, chunk, row));
    sim->world->dues[index] = due;
}

/* Has it been unused for long enough, from when it was first seen so? */
static bool is_forgotten(const struct sim *sim, int64_t uses, uint64_t *unused_since)
{
    if (uses > 0) {
        *unused_since = 0;
        return false;
    }
    if (*unused_since == 0)
        *unused_since = sim->tick;
    return sim->tick >= after(sim, *unused_since, sim->rules.image_keep_s);
}

/* One image configuration, or one picture, a tick. */
static void lapse_images(struct sim *sim)
{
    struct images *images = &sim->world->images;
    uint32_t configs = images->config_pool.capacity;
    uint32_t index = sim->sweep = (sim->sweep + 1) % (configs + images->image_pool.capacity);
    struct change gone = {.kind = CHANGE_IMAGE_CONFIG};
    if (index < configs) {
        struct image_config *config = &images->configs[index];
        if (!pool_is_used(&images->config_pool, index) ||
            !is_forgotten(sim, config->uses, &config->unused_since))
            return;
        gone.image_config = config->value;
        gone.image_config.size = 0;
    } else {
        struct image *image = &images->images[index - configs];
        if (!pool_is_used(&images->image_pool, index - configs) || image->size_bytes == 0)
            return;
        bool is_of_content = image->uses == 0 && /* else nobody has to look for it */
                             catalog_find_picture(sim->world->catalog, image->id) != NULL;
        if (!is_forgotten(sim, image->uses + is_of_content, &image->unused_since))
            return;
        gone.kind = CHANGE_IMAGE;
        gone.image = (struct change_image){.id = image->id};
    }
    sim_change(sim, &gone);
}

void lapse_step(struct sim *sim)
{
    const struct pool *pool = &sim->world->chunk_pool;
    if (sim->is_read_only || sim->is_store_behind || !sim_has_room(sim))
        return;
    lapse_images(sim);
    for (uint32_t i = 0; i < pool->capacity; i++) {
        if (sim->world->dues[i] <= sim->tick && sim_has_room(sim))
            lapse_chunk(sim, i);
    }
}
