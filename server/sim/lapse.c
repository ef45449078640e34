#include "sim/lapse.h"

#include "sim/room.h"
#include "sim/target.h"

enum {
    RETRY_S = 5,       /* what has no room to grow */
    SWEEP_SHORT = 256, /* looks and pictures in a tick, where room for them is short */
    KEEP_SHORT_S = 60, /* how long an unused picture is kept then; a look, not at all */
};

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

/* It has not grown so far: there was no growth in the content when it was made. The tick when it is
 * due. */
static uint64_t begin_to_grow(struct sim *sim, struct change *change)
{
    change->entity.until = lapse_grow_until(sim, change->entity.type, sim->tick);
    sim_change(sim, change);
    return change->entity.until;
}

/* The same for the entities of one row. */
static uint64_t lapse_row(struct sim *sim, const struct chunk *chunk, uint32_t row)
{
    uint64_t due = WORLD_NEVER;
    uint32_t next;
    for (uint32_t i = chunk->rows[row]; i != WORLD_NONE; i = next) {
        const struct entity *entity = &sim->world->entities[i];
        next = entity->next;
        if (entity->until == 0 && lapse_grow_until(sim, entity->type, 0) == 0)
            continue;
        if (entity->until > sim->tick || !sim_has_room(sim)) {
            due = earlier(due, entity->until);
            continue;
        }
        struct change change = world_entity_change(entity);
        due = earlier(due,
                      entity->until == 0 ? begin_to_grow(sim, &change) : grow(sim, &change.entity));
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
static bool is_forgotten(const struct sim *sim, int64_t uses, uint32_t keep_s,
                         uint64_t *unused_since)
{
    if (uses > 0) {
        *unused_since = 0;
        return false;
    }
    if (*unused_since == 0)
        *unused_since = sim->tick;
    return sim->tick >= after(sim, *unused_since, keep_s);
}

/* Is a quarter or less of the pool free? Then what is unused makes room. */
static bool is_short(const struct pool *pool)
{
    return pool->used >= pool->capacity - pool->capacity / 4;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void lapse_config(struct sim *sim, struct image_config *config)
{
    struct change gone = {.kind = CHANGE_IMAGE_CONFIG};
    uint32_t keep_s = is_short(&sim->world->images.config_pool) ? 0 : sim->rules.image_keep_s;
    if (!is_forgotten(sim, config->uses, keep_s, &config->unused_since))
        return;
    gone.image_config = config->value;
    gone.image_config.size = 0;
    sim_change(sim, &gone);
}

static void lapse_image(struct sim *sim, struct image *image)
{
    struct change gone = {.kind = CHANGE_IMAGE};
    uint32_t keep_s = sim->rules.image_keep_s;
    if (is_short(&sim->world->images.image_pool))
        keep_s = smaller(keep_s, KEEP_SHORT_S);
    if (image->size_bytes == 0 || !is_forgotten(sim, image->uses, keep_s, &image->unused_since))
        return;
    image->unused_since = sim->tick; /* one of content is looked for again after as long */
    gone.image.id = image->id;
    if (catalog_find_picture(sim->world->catalog, image->id) == NULL)
        sim_change(sim, &gone);
}

/* The image configuration, or the picture, that is next. */
static void lapse_next_image(struct sim *sim)
{
    struct images *images = &sim->world->images;
    uint32_t configs = images->config_pool.capacity;
    uint32_t index = sim->sweep = (sim->sweep + 1) % (configs + images->image_pool.capacity);
    if (index < configs && pool_is_used(&images->config_pool, index))
        lapse_config(sim, &images->configs[index]);
    else if (index >= configs && pool_is_used(&images->image_pool, index - configs))
        lapse_image(sim, &images->images[index - configs]);
}

/* One a tick, or many where there is little room for new ones. */
static void lapse_images(struct sim *sim)
{
    const struct images *images = &sim->world->images;
    bool is_any_short = is_short(&images->config_pool) || is_short(&images->image_pool);
    uint32_t count = is_any_short ? SWEEP_SHORT : 1;
    for (uint32_t i = 0; i < count && sim_has_room(sim); i++)
        lapse_next_image(sim);
}

void lapse_step(struct sim *sim)
{
    const struct pool *pool = &sim->world->chunk_pool;
    if (sim->is_read_only || sim->is_store_behind || !sim_has_room(sim))
        return;
    lapse_images(sim);
    for (uint32_t i = 0; i < pool->capacity; i++) {
        if (sim->world->dues[i] <= sim->tick && sim_has_room(sim) &&
            !sim->world->chunks[i].is_closed)
            lapse_chunk(sim, i);
    }
}
