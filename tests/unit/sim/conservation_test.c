/* Nothing is lost and nothing is doubled: some players do at random all that can be asked, while
 * things grow, pass, and come and go with their chunks. Behind every step all things are counted.
 */
#include "sim/rules.h"

#include <string.h>

#include "testing.h"

#include "sim/roll.h"
#include "sim/target.h"
#include "sim_recount.h"
#include "sim_sample.h"

enum {
    TREE = 1, /* cut down with an axe; a stump stays behind */
    ROCK,
    GRASS,
    BLOCK,
    SIGN, /* may stand on a tile */
    TILE,
    SAPLING, /* becomes a tree */
    ACORN,   /* becomes a grove */
    STUMP,   /* becomes a tree */
    AXE,
    WOOD,
    SHED,  /* costs 4 blocks and a sign */
    GROVE, /* gives wood and acorns */
    TYPES,

    ACTORS = 5,
    BUILDER = ACTORS - 1, /* an actor that builds freely */
    SEEDS = 6,
    TICKS = 2000,
    YARD_CELLS = 5, /* from the middle to each side */
    DURABILITY = 6,
    DUE_MAX = 512,
};

static const char content[] =
    "{\"terrains\": ["
    "{\"name\": \"water\", \"solid\": true, \"buildable\": false},"
    "{\"name\": \"sand\", \"solid\": false, \"buildable\": true},"
    "{\"name\": \"grassland\", \"solid\": false, \"buildable\": true},"
    "{\"name\": \"forest\", \"solid\": false, \"buildable\": true},"
    "{\"name\": \"rock\", \"solid\": false, \"buildable\": true}],"
    "\"entities\": ["
    "{\"name\": \"tree\", \"type\": 1, \"solid\": true, \"placeable\": true, \"removable\": false, "
    "\"harvest\": {\"tool\": \"axe\", \"skill\": \"woodcutting\", \"time_ms\": 200, "
    "\"leaves\": \"stump\", \"yields\": [{\"item\": \"wood\", \"count\": 2, \"chance\": 1}, "
    "{\"item\": \"sapling\", \"count\": 1, \"chance\": 0.5}]}},"
    "{\"name\": \"rock\", \"type\": 2, \"solid\": true, \"placeable\": true, \"removable\": true},"
    "{\"name\": \"grass\", \"type\": 3, \"solid\": false, \"placeable\": true, "
    "\"removable\": false, \"harvest\": {\"time_ms\": 50, \"intact\": true, "
    "\"yields\": [{\"item\": \"grass\", \"count\": 1, \"chance\": 0.8}]}},"
    "{\"name\": \"block\", \"type\": 4, \"solid\": true, \"placeable\": true, \"removable\": true},"
    "{\"name\": \"sign\", \"type\": 5, \"solid\": false, \"placeable\": true, "
    "\"removable\": true, \"shares_with\": [\"tile\"]},"
    "{\"name\": \"tile\", \"type\": 6, \"solid\": false, \"placeable\": true, "
    "\"removable\": true},"
    "{\"name\": \"sapling\", \"type\": 7, \"solid\": false, \"placeable\": true, "
    "\"removable\": true, \"shares_with\": [\"tile\"], \"lies_s\": 4, "
    "\"grows\": {\"into\": \"tree\", \"after_s\": 3}},"
    "{\"name\": \"acorn\", \"type\": 8, \"solid\": false, \"placeable\": true, "
    "\"removable\": true, \"grows\": {\"into\": \"grove\", \"after_s\": 2}},"
    "{\"name\": \"stump\", \"type\": 9, \"solid\": false, \"placeable\": false, "
    "\"removable\": true, \"grows\": {\"into\": \"tree\", \"after_s\": 4}}],"
    "\"items\": ["
    "{\"name\": \"axe\", \"type\": 10, \"tool\": \"axe\", \"durability\": 6},"
    "{\"name\": \"wood\", \"type\": 11, \"stack\": 7, \"lies_s\": 2, \"mixes\": false}],"
    "\"structures\": ["
    "{\"name\": \"shed\", \"type\": 12, \"placeable\": true, \"removable\": true, \"width\": 3, "
    "\"height\": 2, \"primary\": [1, 0], \"collision\": [[0, 0], [2, 0]], "
    "\"cost\": [{\"item\": \"block\", \"count\": 4}, {\"item\": \"sign\", \"count\": 1}]},"
    "{\"name\": \"grove\", \"type\": 13, \"placeable\": false, \"removable\": false, \"width\": 2, "
    "\"height\": 2, \"primary\": [1, 1], \"harvest\": {\"tool\": \"axe\", "
    "\"skill\": \"woodcutting\", \"time_ms\": 300, \"leaves\": \"sapling\", "
    "\"yields\": [{\"item\": \"wood\", \"count\": 5, \"chance\": 1}, "
    "{\"item\": \"acorn\", \"count\": 2, \"chance\": 0.7}]}}],"
    "\"skills\": [{\"name\": \"woodcutting\", \"skill\": 1, \"levels\": [5, 50]}]}";

/* So many of each type, in bags, on the ground, standing and as generated. */
struct totals {
    int64_t of[TYPES];
};

static const char *const names[ACTORS] = {"player", "b", "c", "d", "e"};

struct yard {
    struct sim_sample sample;
    struct rng rng;
    uint64_t seed;
    bool is_left[ACTORS];
    uint32_t done[INTENT_KIND_COUNT]; /* intents that ended well */
    uint32_t grown, gone;             /* entities; things that lay there too long */
};

static uint32_t below(struct yard *yard, uint32_t bound)
{
    return (uint32_t)rng_below(&yard->rng, bound);
}

static struct cell_pos random_cell(struct yard *yard)
{
    int32_t x = (int32_t)below(yard, 2 * YARD_CELLS) - YARD_CELLS;
    return (struct cell_pos){x, (int32_t)below(yard, 2 * YARD_CELLS) - YARD_CELLS};
}

static void count_bag(const struct yard *yard, uint32_t actor, struct totals *totals)
{
    const struct character *owner = bag_owner(&yard->sample.sim, actor);
    for (uint32_t slot = 0; slot < yard->sample.world.slots_max; slot++) {
        const struct stack *stack = world_slot(&yard->sample.world, owner, slot);
        totals->of[stack->type] += stack->quantity;
    }
}

static struct totals count_all(const struct yard *yard)
{
    const struct world *world = &yard->sample.world;
    struct totals totals = {{0}};
    for (uint32_t i = 0; i < ACTORS; i++)
        count_bag(yard, i, &totals);
    for (uint32_t i = 0; i < world->pile_pool.capacity; i++) {
        if (pool_is_used(&world->pile_pool, i))
            totals.of[world->piles[i].stack.type] += world->piles[i].stack.quantity;
    }
    for (uint32_t i = 0; i < world->entity_pool.capacity; i++) {
        if (pool_is_used(&world->entity_pool, i))
            totals.of[world->entities[i].type]++;
    }
    for (int32_t y = -YARD_CELLS - 4; y < YARD_CELLS + 4; y++) {
        for (int32_t x = -YARD_CELLS - 4; x < YARD_CELLS + 4; x++) {
            struct cell_pos cell = {x, y};
            const struct structure *structure = world_structure_at(world, cell);
            totals.of[world_natural_type(world, cell)]++;
            if (structure != NULL && grid_is_same_cell(structure->cell, cell))
                totals.of[structure->type]++;
        }
    }
    totals.of[0] = 0;
    return totals;
}

/* What is there is what was there, and so many more or less. */
static void expect(const struct yard *yard, const struct totals *before, const struct totals *delta,
                   const char *what)
{
    struct totals after = count_all(yard);
    for (uint32_t type = 1; type < TYPES; type++)
        ck_assert_msg(after.of[type] == before->of[type] + delta->of[type],
                      "seed %llu, tick %llu, %s: type %u: %lld and %lld made %lld",
                      (unsigned long long)yard->seed, (unsigned long long)yard->sample.sim.tick,
                      what, type, (long long)before->of[type], (long long)delta->of[type],
                      (long long)after.of[type]);
}

static void add_costs(struct totals *delta, uint32_t type, int64_t times,
                      const struct catalog *catalog)
{
    const struct entity_def *def = &catalog->entities[type];
    for (uint32_t i = 0; i < def->cost_count; i++)
        delta->of[def->costs[i].type] += times * def->costs[i].count;
}

/* What an intent that was done has made and used up. */
static struct totals effect(const struct yard *yard, uint32_t actor, const struct intent *intent,
                            const struct target *target)
{
    struct totals delta = {{0}};
    bool is_free = actor == BUILDER;
    const struct catalog *catalog = yard->sample.catalog;
    if (intent->kind == INTENT_PLACE && is_free)
        delta.of[intent->place.type]++;
    if (intent->kind == INTENT_BUILD) {
        delta.of[intent->build.type]++;
        add_costs(&delta, intent->build.type, is_free ? 0 : -1, catalog);
    }
    if (intent->kind == INTENT_REMOVE || intent->kind == INTENT_UNBUILD) {
        delta.of[target->type] -= target->is_structure || is_free;
        if (target->is_structure)
            add_costs(&delta, target->type, is_free ? 0 : 1, catalog);
    }
    return delta;
}

/* A slot, mostly one with something in it. */
static uint32_t random_slot(struct yard *yard, uint32_t actor)
{
    uint32_t slots = yard->sample.world.slots_max, slot = below(yard, slots + 1);
    for (uint32_t i = 0; i < 6 && slot < slots; i++) {
        if (!stack_is_empty(sim_sample_slot(&yard->sample, actor, slot)))
            return slot;
        slot = below(yard, slots + 1);
    }
    return slot;
}

/* A cell near the actor, mostly one where something stands, or nothing does. */
static struct cell_pos random_near(struct yard *yard, uint32_t actor, bool is_occupied)
{
    struct cell_pos at = grid_cell_of(yard->sample.world.actors[actor].pos), cell = at;
    for (uint32_t i = 0; i < 6; i++) {
        cell.x = at.x + (int32_t)below(yard, 5) - 2;
        cell.y = at.y + (int32_t)below(yard, 5) - 2;
        if (world_is_occupied(&yard->sample.world, cell) == is_occupied)
            break;
    }
    return cell;
}

/* Where something lies, if anything does. */
static struct cell_pos random_pile(struct yard *yard, uint32_t actor)
{
    const struct world *world = &yard->sample.world;
    uint32_t first = below(yard, 64);
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t index = (first + i) % 64;
        if (pool_is_used(&world->pile_pool, index))
            return world->piles[index].cell;
    }
    return random_near(yard, actor, false);
}

/* Somebody's name; to answer, mostly that of somebody who offers something. */
static struct span random_name(struct yard *yard, uint32_t actor, enum intent_kind kind)
{
    uint32_t who = below(yard, ACTORS);
    for (uint32_t i = 0; i < ACTORS && kind == INTENT_ANSWER; i++) {
        const struct work *work = &yard->sample.sim.works[i];
        if (work->kind == WORK_GIVE && work->to == actor)
            who = i;
    }
    return (struct span){(const uint8_t *)names[who], (uint32_t)strlen(names[who])};
}

static struct intent random_look(struct yard *yard, struct cell_pos cell)
{
    struct intent intent = {.kind = INTENT_MODIFY};
    intent.modify = (struct intent_modify){.cell = cell, .size = 16 + below(yard, 3)};
    if (below(yard, 4) == 0)
        intent.modify.custom = (struct hash128){1 + below(yard, 3), 7};
    return intent;
}

static struct intent random_hand(struct yard *yard, uint32_t actor, enum intent_kind kind)
{
    struct intent intent = {.kind = kind};
    struct span name = random_name(yard, actor, kind);
    uint32_t slot = random_slot(yard, actor), into = random_slot(yard, actor);
    if (kind == INTENT_DROP)
        intent.drop = (struct intent_drop){slot, below(yard, 4), random_near(yard, actor, false)};
    else if (kind == INTENT_MOVE_STACK)
        intent.move_stack = (struct intent_move_stack){slot, into, below(yard, 3), below(yard, 2)};
    else if (kind == INTENT_GIVE)
        intent.give = (struct intent_give){slot, below(yard, 4), name};
    else if (kind == INTENT_ANSWER)
        intent.answer = (struct intent_answer){name, below(yard, 4) > 0};
    else
        intent.say.text = name;
    return intent;
}

/* Mostly something that is in the bag. */
static struct intent random_place(struct yard *yard, uint32_t actor)
{
    struct intent intent = {.kind = INTENT_PLACE};
    uint32_t slot = random_slot(yard, actor), type = 1 + below(yard, TYPES - 1);
    if (slot < yard->sample.world.slots_max && below(yard, 8) > 0)
        type = sim_sample_slot(&yard->sample, actor, slot)->type;
    if (type == 0)
        type = BLOCK;
    intent.place = (struct intent_place){type, random_near(yard, actor, below(yard, 4) == 0),
                                         below(yard, 2) == 0 ? 0 : slot + 1};
    return intent;
}

static struct intent random_intent(struct yard *yard, uint32_t actor)
{
    struct intent intent = {.kind = (enum intent_kind)(1 + below(yard, INTENT_KIND_COUNT - 1))};
    struct cell_pos cell = random_near(yard, actor, true);
    switch (intent.kind) {
    case INTENT_MOVE:
        intent.move.direction = below(yard, 9);
        break;
    case INTENT_PLACE:
        return random_place(yard, actor);
    case INTENT_BUILD:
        intent.build = (struct intent_build){below(yard, 8) == 0 ? 1 + below(yard, TYPES) : SHED,
                                             random_near(yard, actor, false)};
        break;
    case INTENT_MODIFY:
        return random_look(yard, cell);
    case INTENT_PICK_UP:
        intent.pick_up = (struct intent_pick_up){random_pile(yard, actor), 0};
        break;
    case INTENT_REMOVE:
    case INTENT_HARVEST:
    case INTENT_UNBUILD:
    case INTENT_RESET:
        intent.remove.cell = cell; /* all of these are a cell and nothing else */
        break;
    case INTENT_SAY:
    case INTENT_MOVE_STACK:
    case INTENT_DROP:
    case INTENT_GIVE:
    case INTENT_ANSWER:
    case INTENT_NONE:
    case INTENT_KIND_COUNT:
        return random_hand(yard, actor, intent.kind);
    }
    return intent;
}

static void ask(struct yard *yard, uint32_t actor)
{
    struct intent intent = random_intent(yard, actor);
    struct totals before = count_all(yard), nothing = {{0}};
    struct target target = {.type = 0};
    if (intent.kind == INTENT_REMOVE)
        target = target_find(&yard->sample.world, intent.remove.cell);
    if (intent.kind == INTENT_UNBUILD)
        target = target_find_structure(&yard->sample.world, intent.unbuild.cell);
    if (intent.kind == INTENT_MOVE) {
        (void)rules_decide(&yard->sample.sim, actor, &intent);
        expect(yard, &before, &nothing, "move");
        return;
    }
    enum refusal refusal = sim_sample_decide(&yard->sample, actor, &intent);
    struct totals delta = nothing;
    if (refusal == REFUSAL_NONE)
        delta = effect(yard, actor, &intent, &target);
    yard->done[intent.kind] += refusal == REFUSAL_NONE;
    expect(yard, &before, &delta, intent_schema(intent.kind)->name);
}

/* What came into the bag is within what content says; the tool wears, and breaks at its end. */
static void check_haul(const struct yard *yard, const struct harvest_def *harvest,
                       const struct totals *gain, uint32_t wear)
{
    struct totals least = {{0}}, most = {{0}};
    for (uint32_t i = 0; i < harvest->yield_count; i++) {
        const struct yield_def *yield = &harvest->yields[i];
        most.of[yield->item.type] += yield->item.count;
        least.of[yield->item.type] += yield->chance_ppm == CATALOG_PPM ? yield->item.count : 0;
    }
    if (harvest->tool != 0 && wear + 1 == DURABILITY)
        least.of[AXE] = most.of[AXE] = -1;
    for (uint32_t type = 1; type < TYPES; type++)
        ck_assert_msg(gain->of[type] >= least.of[type] && gain->of[type] <= most.of[type],
                      "seed %llu: %lld of type %u", (unsigned long long)yard->seed,
                      (long long)gain->of[type], type);
}

static void go_on(struct yard *yard, uint32_t actor)
{
    struct work work = yard->sample.sim.works[actor];
    struct totals before = count_all(yard), bag = {{0}}, gain = {{0}};
    const struct character *owner = bag_owner(&yard->sample.sim, actor);
    struct target target = target_find(&yard->sample.world, work.cell);
    const struct harvest_def *harvest = &yard->sample.catalog->entities[target.type].harvest;
    uint32_t wear = 0;
    if (harvest->tool != 0 && bag_find(&yard->sample.sim, owner, AXE) < WORLD_SLOTS_MAX)
        wear = sim_sample_slot(&yard->sample, actor, bag_find(&yard->sample.sim, owner, AXE))->wear;
    count_bag(yard, actor, &bag);
    enum refusal refusal = rules_go_on(&yard->sample.sim, actor);
    if (refusal == REFUSAL_NONE)
        yard->done[work.kind == WORK_GIVE ? INTENT_GIVE : INTENT_HARVEST]++;
    if (work.kind == WORK_HARVEST && refusal == REFUSAL_NONE) {
        count_bag(yard, actor, &gain);
        for (uint32_t type = 0; type < TYPES; type++)
            gain.of[type] -= bag.of[type];
        check_haul(yard, harvest, &gain, wear);
        gain.of[target.type]--;
        gain.of[harvest->leaves] += harvest->leaves != 0;
    }
    expect(yard, &before, &gain, "go on");
}

/* What is due by itself: entities that may grow, and piles that will be gone. */
struct due {
    struct change entities[DUE_MAX];
    uint32_t count;
    struct totals gone;
};

static void find_due(const struct yard *yard, struct due *due)
{
    const struct world *world = &yard->sample.world;
    uint64_t tick = yard->sample.sim.tick;
    *due = (struct due){.count = 0};
    for (uint32_t i = 0; i < world->entity_pool.capacity; i++) {
        const struct entity *entity = &world->entities[i];
        if (!pool_is_used(&world->entity_pool, i) || entity->until == 0 || entity->until > tick)
            continue;
        ck_assert_uint_lt(due->count, DUE_MAX);
        due->entities[due->count++] = world_entity_change(entity);
    }
    for (uint32_t i = 0; i < world->pile_pool.capacity; i++) {
        const struct pile *pile = &world->piles[i];
        if (pool_is_used(&world->pile_pool, i) && pile->until <= tick)
            due->gone.of[pile->stack.type] -= pile->stack.quantity;
    }
}

/* All that is still to come is noted for its chunk. */
static void check_dues(const struct yard *yard)
{
    const struct world *world = &yard->sample.world;
    for (uint32_t i = 0; i < world->entity_pool.capacity; i++) {
        const struct entity *entity = &world->entities[i];
        if (!pool_is_used(&world->entity_pool, i) || entity->until <= yard->sample.sim.tick)
            continue;
        const struct chunk *chunk = world_find_chunk(world, grid_chunk_of(entity->cell));
        ck_assert_uint_le(world->dues[chunk - world->chunks], entity->until);
    }
    for (uint32_t i = 0; i < world->pile_pool.capacity; i++) {
        if (!pool_is_used(&world->pile_pool, i))
            continue;
        const struct chunk *chunk = world_find_chunk(world, grid_chunk_of(world->piles[i].cell));
        ck_assert_uint_le(world->dues[chunk - world->chunks], world->piles[i].until);
    }
}

static void lapse(struct yard *yard)
{
    static struct due due;
    struct totals before = count_all(yard), nothing = {{0}};
    bool is_saving = !yard->sample.sim.is_read_only;
    uint32_t piles = yard->sample.world.pile_pool.used;
    find_due(yard, &due);
    lapse_step(&yard->sample.sim);
    for (uint32_t i = 0; i < due.count; i++) {
        const struct change_entity *was = &due.entities[i].entity;
        const struct entity *entity = world_first_entity(&yard->sample.world, was->cell);
        while (entity != NULL && entity->id.value != was->id.value)
            entity = world_next_entity(&yard->sample.world, entity);
        uint32_t into = yard->sample.catalog->entities[was->type].growth.into;
        bool has_grown = entity == NULL || entity->type != was->type;
        ck_assert(!has_grown || (into != 0 && is_saving));
        yard->grown += has_grown;
        due.gone.of[was->type] -= has_grown;
        due.gone.of[into] += has_grown;
    }
    expect(yard, &before, is_saving ? &due.gone : &nothing, "lapse");
    yard->gone += piles - yard->sample.world.pile_pool.used;
    check_dues(yard);
}

/* A chunk leaves memory and comes back with what was in it, in another order. */
static void reload(struct yard *yard)
{
    static struct change kept[GRID_CHUNK_AREA * 2];
    static struct generator_chunk base;
    struct world *world = &yard->sample.world;
    struct chunk_pos pos = {-(int32_t)below(yard, 2), -(int32_t)below(yard, 2)};
    struct chunk *chunk = world_find_chunk(world, pos);
    struct hash128 before = chunk->hash;
    uint32_t count = 0;
    for (uint32_t i = chunk->piles; i != WORLD_NONE; i = world->piles[i].next)
        kept[count++] = world_pile_change(&world->piles[i]);
    for (uint32_t i = chunk->structures; i != WORLD_NONE; i = world->structures[i].next)
        kept[count++] = world_structure_change(&world->structures[i]);
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++) {
        struct cell_pos cell = grid_cell_at(pos, i);
        const struct entity *entity = world_first_entity(world, cell);
        for (; entity != NULL; entity = world_next_entity(world, entity))
            kept[count++] = world_entity_change(entity);
        if (world_is_kept(world, cell))
            kept[count++] = sample_cell_change(world, cell, true);
    }
    base = chunk->base;
    world_remove_chunk(world, chunk);
    chunk = world_add_chunk_as(world, pos, &base);
    for (uint32_t i = 0; i < count; i++) {
        struct error error = {""};
        ck_assert_msg(world_check(world, chunk, &kept[i], &error), "%s", error.text);
        world_load(world, chunk, &kept[i]);
    }
    ck_assert(hash_is_equal(chunk->hash, before));
}

/* What happens beside the rules: pictures come, somebody leaves or jumps about, a chunk is away. */
static void disturb(struct yard *yard)
{
    struct sim_sample *sample = &yard->sample;
    uint32_t actor = below(yard, ACTORS);
    struct cell_pos cell = random_cell(yard);
    struct change change = {.kind = CHANGE_IMAGE};
    struct hash128 picture = {1 + below(yard, 3), 7};
    change.image = (struct change_image){picture, {(const uint8_t *)"png", 3}, 1, 1, {1}};
    uint32_t what = below(yard, 40);
    if (what < 2 && !sample->sim.is_read_only)
        sim_change(&sample->sim, &change);
    if (what == 2 && !yard->is_left[actor])
        rules_stop(&sample->sim, actor);
    if (what == 2 || yard->is_left[actor]) {
        yard->is_left[actor] = !yard->is_left[actor];
        sample->world.actors[actor].is_present = !yard->is_left[actor];
    }
    if (what == 3 || sample->sim.is_read_only)
        sample->sim.is_read_only = !sample->sim.is_read_only;
    if (what > 3 && what < 7 && !world_is_solid(&sample->world, cell))
        sample->world.actors[actor].pos = grid_cell_middle(cell);
}

static void begin(struct yard *yard, uint64_t seed)
{
    struct error error = {""};
    struct catalog *catalog = catalog_parse(content, sizeof content - 1, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    *yard = (struct yard){.seed = seed};
    rng_init(&yard->rng, seed);
    sim_sample_make_of(&yard->sample, catalog);
    yard->sample.sim.rules.is_building_free = false;
    yard->sample.sim.rules.reach_px = 80;
    yard->sample.sim.rules.offer_s = 1;
    yard->sample.sim.rules.image_keep_s = 1;
    roll_init(&yard->sample.sim, seed);
    for (uint32_t i = 1; i < ACTORS; i++)
        sim_sample_join(&yard->sample, i, random_cell(yard), names[i]);
    world_find_character(&yard->sample.world, (struct character_id){BUILDER + 1})->roles =
        ROLE_BUILDER;
    for (uint32_t i = 0; i < 40; i++)
        sim_sample_lay(&yard->sample, random_cell(yard), TERRAIN_GRASSLAND,
                       (enum natural)(1 + i % (NATURAL_COUNT - 1)));
    for (uint32_t i = 0; i < BUILDER; i++) {
        sim_sample_stock(&yard->sample, i, BLOCK, 30);
        sim_sample_stock(&yard->sample, i, AXE, 2);
        sim_sample_stock(&yard->sample, i, SIGN, 9);
        sim_sample_stock(&yard->sample, i, SAPLING + i % 2, 5);
    }
}

static void run_tick(struct yard *yard)
{
    for (uint32_t i = 0; i < ACTORS; i++) {
        if (!yard->is_left[i] && below(yard, 3) > 0)
            ask(yard, i);
    }
    disturb(yard);
    for (uint32_t i = 0; i < ACTORS; i++) {
        if (!yard->is_left[i] && yard->sample.sim.works[i].kind != WORK_NONE)
            go_on(yard, i);
    }
    lapse(yard);
    sim_sample_next_tick(&yard->sample);
}

START_TEST(nothing_is_lost_and_nothing_doubled)
{
    struct yard yard;
    begin(&yard, (uint64_t)_i + 1);
    int ticks = TESTING_ROUNDS(TICKS);
    for (int tick = 0; tick < ticks; tick++) {
        run_tick(&yard);
        if (below(&yard, 50) == 0)
            reload(&yard);
        if (tick % 20 == 0)
            sim_recount_check(&yard.sample.world, yard.seed);
    }
    sim_recount_check(&yard.sample.world, yard.seed);
    for (uint32_t kind = INTENT_MOVE + 1; kind < INTENT_KIND_COUNT && ticks == TICKS; kind++)
        ck_assert_msg(yard.done[kind] > 0, "seed %llu: nobody ever did %s",
                      (unsigned long long)yard.seed, intent_schema((enum intent_kind)kind)->name);
    ck_assert(ticks < TICKS || (yard.grown > 0 && yard.gone > 0));
    sim_sample_finish(&yard.sample);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conservation");
    TCase *tcase = tcase_create("by seed");
    tcase_set_timeout(tcase, 110.0);
    tcase_add_loop_test(tcase, nothing_is_lost_and_nothing_doubled, 0, SEEDS);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
