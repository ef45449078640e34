#include "sim/harvest.h"

#include "base/ensure.h"
#include "sim/bag.h"
#include "sim/lapse.h"
#include "sim/reach.h"
#include "sim/room.h"
#include "sim/roll.h"
#include "sim/target.h"

enum { HAUL_MAX = CATALOG_YIELDS_MAX + 1 }; /* kinds of thing: the yields' and the bonus's */

/* Who harvests what, with what. */
struct job {
    uint32_t actor;
    const struct character *owner;
    struct target target;
    const struct harvest_def *harvest;
    uint32_t tool_slot; /* WORLD_SLOTS_MAX: no tool is needed */
    uint32_t level;     /* in the harvest's skill */
    bool is_most;       /* not rolled: all that could ever come */
};

/* What comes out, a stack for each type. */
struct haul {
    struct stack stacks[HAUL_MAX];
    uint32_t count;
};

/* A stack of the type that says where it comes from. */
static struct stack stack_from(const struct sim *sim, const struct job *job, uint32_t type)
{
    struct stack stack = {
        .type = type,
        .source = job->target.type,
        .source_cell = job->target.cell,
        .tick = sim->tick,
        .time_s = sim->time_s,
        .pos = sim->world->actors[job->actor].pos,
        .skill = job->harvest->skill,
        .level = job->level,
    };
    if (job->harvest->is_intact && type == job->target.type)
        stack.image = job->target.image;
    if (job->tool_slot != WORLD_SLOTS_MAX)
        stack.tool = world_slot(sim->world, job->owner, job->tool_slot)->type;
    return stack;
}

static void haul_add(const struct sim *sim, const struct job *job, struct item_count item,
                     struct haul *haul)
{
    uint32_t i = 0;
    while (i < haul->count && haul->stacks[i].type != item.type)
        i++;
    if (i == haul->count) {
        ensure(i < HAUL_MAX);
        haul->stacks[haul->count++] = stack_from(sim, job, item.type);
    }
    haul->stacks[i].quantity += item.count;
}

/* Does it come? All that can, if it is the most that is asked for. */
static bool does_come(const struct sim *sim, const struct job *job, struct roll roll,
                      uint32_t chance_ppm)
{
    roll.roller = job->owner->id.value;
    return job->is_most ? chance_ppm > 0 : roll_hits(sim, roll, chance_ppm);
}

/* What comes out of it. */
static struct haul haul_make(const struct sim *sim, const struct job *job)
{
    const struct harvest_def *harvest = job->harvest;
    struct haul haul = {.count = 0};
    for (uint32_t i = 0; i < harvest->yield_count; i++) {
        if (does_come(sim, job, (struct roll){0, ROLL_YIELD, i}, harvest->yields[i].chance_ppm))
            haul_add(sim, job, harvest->yields[i].item, &haul);
    }
    for (uint32_t i = 0; i < harvest->tier_count; i++) {
        const struct tier_def *tier = &harvest->tiers[i];
        if (job->level >= tier->level &&
            does_come(sim, job, (struct roll){0, ROLL_BONUS, i}, tier->chance_ppm))
            haul_add(sim, job, (struct item_count){harvest->bonus_type, 1}, &haul);
    }
    return haul;
}

/* The first type that is a tool of the kind, to be named; 0 when content has none. */
static uint32_t some_tool(const struct catalog *catalog, uint32_t tool)
{
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        if (catalog->entities[type].type != 0 && catalog->entities[type].tool == tool)
            return type;
    }
    return 0;
}

/* May the type stand in the target's cell when the target is gone? */
static bool is_free_without(const struct world *world, const struct target *target, uint32_t type)
{
    if (!target->is_structure)
        return target->thing == 0 ||
               room_is_free_but(world, target->cell, type, (struct entity_id){target->thing});
    const struct entity *entity = world_first_entity(world, target->cell);
    while (entity != NULL && catalog_may_share(world->catalog, entity->type, type))
        entity = world_next_entity(world, entity);
    return entity == NULL;
}

/* Is there room for what stays behind where the target was? */
static enum refusal check_leaves(const struct world *world, const struct job *job)
{
    const struct target *target = &job->target;
    uint32_t type = job->harvest->leaves;
    bool is_entity = target->thing != 0 && !target->is_structure; /* its place is free then */
    if (type == 0)
        return REFUSAL_NONE;
    if (!is_entity && !room_for_entity(world, target->cell))
        return REFUSAL_WORLD_FULL;
    if (!is_free_without(world, target, type))
        return REFUSAL_CELL_OCCUPIED;
    bool is_in_the_way =
        world->catalog->entities[type].is_solid && room_has_actor(world, target->cell);
    return is_in_the_way ? REFUSAL_ACTOR_IN_THE_WAY : REFUSAL_NONE;
}

/* Is all that the harvest needs there? */
static enum refusal job_make(struct sim *sim, uint32_t actor, struct cell_pos cell, struct job *out)
{
    const struct catalog *catalog = sim->world->catalog;
    enum refusal refusal = reach_check(sim, actor, cell);
    if (refusal != REFUSAL_NONE)
        return refusal;
    *out = (struct job){.actor = actor, .owner = bag_owner(sim, actor)};
    out->target = target_find(sim->world, cell);
    if (out->target.type == 0)
        return REFUSAL_CELL_EMPTY;
    refusal = target_check_chunks(sim->world, &out->target);
    if (refusal != REFUSAL_NONE)
        return refusal;
    out->harvest = &catalog->entities[out->target.type].harvest;
    if (out->harvest->time_ms == 0)
        return REFUSAL_NOT_HARVESTABLE;
    out->tool_slot = WORLD_SLOTS_MAX;
    if (out->harvest->tool != 0)
        out->tool_slot = bag_find_tool(sim, out->owner, out->harvest->tool);
    if (out->harvest->tool != 0 && out->tool_slot == WORLD_SLOTS_MAX) {
        sim->missing = some_tool(catalog, out->harvest->tool);
        return REFUSAL_TOOL_MISSING;
    }
    if (out->harvest->skill != 0)
        out->level = catalog_skill_level(&catalog->skills[out->harvest->skill],
                                         world_skill(sim->world, out->owner, out->harvest->skill));
    out->is_most = true;
    struct haul most = haul_make(sim, out);
    out->is_most = false;
    uint32_t slots = bag_slots_for(sim, out->owner, most.stacks, most.count);
    return slots > BAG_SLOTS_MAX ? REFUSAL_BAG_FULL : check_leaves(sim->world, out);
}

enum refusal harvest_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    struct work *work = &sim->works[actor];
    struct job job;
    if (work->kind != WORK_NONE)
        return REFUSAL_BUSY;
    enum refusal refusal = job_make(sim, actor, intent->harvest.cell, &job);
    if (refusal != REFUSAL_NONE)
        return refusal;
    uint64_t ticks = ((uint64_t)job.harvest->time_ms * sim->rules.tick_hz + 999) / 1000;
    *work = (struct work){
        .kind = WORK_HARVEST,
        .type = job.target.type,
        .cell = intent->harvest.cell,
        .thing = job.target.thing,
        .pos = sim->world->actors[actor].pos,
        .since = sim->tick,
        .until = sim->tick + (ticks > 0 ? ticks : 1),
    };
    return SIM_UNDER_WAY;
}

static void learn(struct sim *sim, const struct job *job)
{
    uint32_t points = world_skill(sim->world, job->owner, job->harvest->skill);
    struct change change = {.kind = CHANGE_SKILL};
    if (job->harvest->skill == 0 || points == UINT32_MAX)
        return;
    change.skill = (struct change_skill){job->owner->id, job->harvest->skill, points + 1};
    sim_change(sim, &change);
}

/* Content may say that something stays behind, as what grows again; of a structure where its
 * primary cell was. */
static void leave(struct sim *sim, const struct job *job)
{
    struct change change = {.kind = CHANGE_ENTITY}, kept = {.kind = CHANGE_CELL};
    uint32_t type = job->harvest->leaves;
    if (type == 0)
        return;
    kept.cell = (struct change_cell){job->target.cell, 1, 0}; /* nothing is generated there */
    if (!world_is_kept(sim->world, job->target.cell))
        sim_change(sim, &kept);
    change.entity = (struct change_entity){.id = {sim_new_id(sim)},
                                           .cell = job->target.cell,
                                           .type = type,
                                           .until = lapse_grow_until(sim, type, sim->tick)};
    sim_change(sim, &change);
}

static enum refusal finish(struct sim *sim, const struct job *job)
{
    struct haul haul = haul_make(sim, job);
    if (haul.count == 0)
        return REFUSAL_NOTHING_FOUND;
    target_take(sim, &job->target);
    leave(sim, job);
    for (uint32_t i = 0; i < haul.count; i++)
        bag_add(sim, job->owner, &haul.stacks[i]);
    if (job->tool_slot != WORLD_SLOTS_MAX)
        bag_wear(sim, job->owner, job->tool_slot);
    learn(sim, job);
    return REFUSAL_NONE;
}

/* Is it what the work began with? What was generated, and has a look of its own meanwhile, is. */
static bool is_same_target(const struct work *work, const struct target *target)
{
    bool has_become_kept = work->thing == 0 && target->placer.value == 0 && !target->is_structure &&
                           target->image != 0;
    return target->type == work->type && (target->thing == work->thing || has_become_kept);
}

/* Does the work still go on, as far as can be seen at every tick? */
static enum refusal check_work(struct sim *sim, uint32_t actor)
{
    struct work *work = &sim->works[actor];
    struct world_pos pos = sim->world->actors[actor].pos;
    if (pos.x != work->pos.x || pos.y != work->pos.y)
        return REFUSAL_INTERRUPTED;
    if (world_find_chunk(sim->world, grid_chunk_of(work->cell)) == NULL)
        return REFUSAL_CHUNK_LOADING;
    struct target target = target_find(sim->world, work->cell);
    if (!is_same_target(work, &target))
        return REFUSAL_CELL_EMPTY;
    work->thing = target.thing;
    return REFUSAL_NONE;
}

enum refusal harvest_go_on(struct sim *sim, uint32_t actor)
{
    struct work *work = &sim->works[actor];
    struct job job;
    enum refusal refusal = check_work(sim, actor);
    if (refusal == REFUSAL_NONE && sim->tick < work->until)
        return SIM_UNDER_WAY;
    if (refusal == REFUSAL_NONE)
        refusal = job_make(sim, actor, work->cell, &job);
    work->kind = WORK_NONE;
    return refusal != REFUSAL_NONE ? refusal : finish(sim, &job);
}
