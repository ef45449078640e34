/* sim_sample.h - a simulated tick for tests of the rules: free, buildable land around (0,0).
 *
 * Use: sim_sample_make(&sample) ... sim_sample_finish(&sample); actor 0 asks for everything. */
#ifndef TILTH_SIM_SIM_SAMPLE_H
#define TILTH_SIM_SIM_SAMPLE_H

#include <stdio.h>

#include "base/memory.h"
#include "sample.h"
#include "sim/bag.h"
#include "sim/lapse.h"
#include "sim/rules.h"
#include "sim/sim.h"

enum { SIM_SAMPLE_STREAM = 3 };

struct sim_sample {
    struct catalog *catalog;
    struct world world;
    struct sim sim;
};

/* Grassland without anything on it. */
static inline void sim_sample_chunk(struct sim_sample *sample, int32_t x, int32_t y)
{
    struct chunk *chunk = world_add_chunk(&sample->world, (struct chunk_pos){x, y});
    memset(chunk->base.terrain, TERRAIN_GRASSLAND, sizeof chunk->base.terrain);
    memset(chunk->base.natural, NATURAL_NONE, sizeof chunk->base.natural);
    memset(chunk->solid, 0, sizeof chunk->solid);
}

/* The four chunks around (0,0), actor 0 in the middle of cell (0,0), tick 1, record 5, bags with
 * so many slots. Takes over the catalogue. */
static inline void sim_sample_make_bags(struct sim_sample *sample, struct catalog *catalog,
                                        uint32_t slots_max)
{
    sample->catalog = catalog;
    sample_world_make_bags(&sample->world, sample->catalog, slots_max);
    for (int32_t i = 0; i < 4; i++)
        sim_sample_chunk(sample, -(i % 2), -(i / 2));
    sample_actor_add(&sample->world, 0, grid_cell_middle((struct cell_pos){0, 0}));
    sim_init(&sample->sim, &sample->world, 1024, 4096);
    sample->sim.stream = SIM_SAMPLE_STREAM;
    sample->sim.rules = (struct sim_rules){
        .reach_px = 50,
        .tick_hz = 20,
        .step_units = 160,
        .is_building_free = true,
        .offer_s = 30,
        .image_size_px_max = 512,
        .image_keep_s = 60,
    };
    sim_begin(&sample->sim, 1, 5);
}

/* The same with ten slots. */
static inline void sim_sample_make_of(struct sim_sample *sample, struct catalog *catalog)
{
    sim_sample_make_bags(sample, catalog, 10);
}

/* The same with the sample's catalogue. */
static inline void sim_sample_make(struct sim_sample *sample)
{
    sim_sample_make_of(sample, sample_catalog_make());
}

/* Gives everything back. */
static inline void sim_sample_finish(struct sim_sample *sample)
{
    sim_finish(&sample->sim);
    world_finish(&sample->world);
    catalog_destroy(&sample->catalog);
}

/* Lays terrain and something natural into a cell, as if generated so. */
static inline void sim_sample_lay(struct sim_sample *sample, struct cell_pos cell,
                                  enum terrain terrain, enum natural natural)
{
    struct chunk *chunk = world_find_chunk(&sample->world, grid_chunk_of(cell));
    chunk->base.terrain[grid_cell_index(cell)] = (uint8_t)terrain;
    chunk->base.natural[grid_cell_index(cell)] = (uint8_t)natural;
}

/* Everything that a refusal must leave alone: hashes and places. */
static inline struct hash128 sim_sample_hash(const struct sim_sample *sample)
{
    const struct world *world = &sample->world;
    struct hash128 hash = world->hash;
    uint32_t counts[] = {sample->sim.births,           sample->sim.lasting,
                         world->entity_pool.used,      world->structure_pool.used,
                         world->pile_pool.used,        world->images.config_pool.used,
                         world->images.image_pool.used};
    hash = hash_add(hash, hash_128(counts, sizeof counts, 1));
    for (uint32_t i = 0; i < sample->world.actors_max; i++)
        hash = hash_add(hash, hash_128(&sample->world.actors[i].pos, sizeof(struct world_pos), i));
    for (uint32_t i = 0; i < sample->world.chunk_pool.capacity; i++) {
        const struct chunk *chunk = &sample->world.chunks[i];
        if (pool_is_used(&sample->world.chunk_pool, i))
            hash = hash_add(
                hash,
                hash_128(chunk->kept,
                         sizeof chunk->kept + sizeof chunk->solid + sizeof chunk->covered, i));
    }
    return hash;
}

/* Decides the intent of the actor; a refusal must change nothing, and what has only begun nothing
 * that lasts. */
static inline enum refusal sim_sample_decide(struct sim_sample *sample, uint32_t actor,
                                             const struct intent *intent)
{
    struct hash128 before = sim_sample_hash(sample);
    uint32_t log_before = sample->sim.log_count;
    enum refusal refusal = rules_decide(&sample->sim, actor, intent);
    ensure(refusal == REFUSAL_NONE || hash_is_equal(sim_sample_hash(sample), before));
    ensure(refusal == REFUSAL_NONE || refusal == SIM_UNDER_WAY ||
           sample->sim.log_count == log_before);
    return refusal;
}

/* Puts things into the actor's bag. */
static inline void sim_sample_stock(struct sim_sample *sample, uint32_t actor, uint32_t type,
                                    uint32_t quantity)
{
    struct stack stack = {.type = type, .quantity = quantity};
    bag_add(&sample->sim, bag_owner(&sample->sim, actor), &stack);
}

/* How many of a type are in the actor's bag. */
static inline uint32_t sim_sample_has(const struct sim_sample *sample, uint32_t actor,
                                      uint32_t type)
{
    return bag_count(&sample->sim, bag_owner(&sample->sim, actor), type);
}

/* What is in a slot of the actor's bag. */
static inline const struct stack *sim_sample_slot(const struct sim_sample *sample, uint32_t actor,
                                                  uint32_t slot)
{
    return world_slot(&sample->world, bag_owner(&sample->sim, actor), slot);
}

/* One more actor, with that name, in the middle of a cell. */
static inline void sim_sample_join(struct sim_sample *sample, uint32_t actor, struct cell_pos cell,
                                   const char *name)
{
    sample_actor_add(&sample->world, actor, grid_cell_middle(cell));
    struct character *character =
        world_find_character(&sample->world, (struct character_id){actor + 1});
    (void)snprintf(character->name, sizeof character->name, "%s", name);
}

/* The next tick begins. */
static inline void sim_sample_next_tick(struct sim_sample *sample)
{
    sim_seal(&sample->sim);
    sim_begin(&sample->sim, sample->sim.tick + 1, sample->sim.seq + 1);
}

/* So many ticks, in which nobody does anything. */
static inline void sim_sample_pass(struct sim_sample *sample, uint32_t ticks)
{
    for (uint32_t i = 0; i < ticks; i++) {
        sim_sample_next_tick(sample);
        lapse_step(&sample->sim);
    }
}

/* The uses that an image configuration has; -1 when there is none with the number. */
static inline int64_t sim_sample_uses(const struct sim_sample *sample, uint32_t id)
{
    const struct image_config *config = images_find_config(&sample->world.images, id);
    return config == NULL ? -1 : config->uses;
}

/* The actor 0 asks to build with the primary cell there. */
static inline enum refusal sim_sample_build(struct sim_sample *sample, uint32_t type, int32_t x,
                                            int32_t y)
{
    struct intent intent = {.kind = INTENT_BUILD};
    intent.build = (struct intent_build){type, {x, y}};
    return sim_sample_decide(sample, 0, &intent);
}

/* The actor 0 asks to take down what is built there. */
static inline enum refusal sim_sample_unbuild(struct sim_sample *sample, int32_t x, int32_t y)
{
    struct intent intent = {.kind = INTENT_UNBUILD};
    intent.unbuild.cell = (struct cell_pos){x, y};
    return sim_sample_decide(sample, 0, &intent);
}

/* The actor 0 asks to draw what stands there in that size. */
static inline enum refusal sim_sample_modify(struct sim_sample *sample, int32_t x, int32_t y,
                                             uint32_t size)
{
    struct intent intent = {.kind = INTENT_MODIFY};
    intent.modify = (struct intent_modify){.cell = {x, y}, .size = size};
    return sim_sample_decide(sample, 0, &intent);
}

/* The actor 0 asks to place a type on a cell. */
static inline enum refusal sim_sample_place(struct sim_sample *sample, uint32_t type, int32_t x,
                                            int32_t y)
{
    struct intent intent = {.kind = INTENT_PLACE};
    intent.place = (struct intent_place){type, {x, y}, 0};
    return sim_sample_decide(sample, 0, &intent);
}

/* The actor 0 asks to remove what is in a cell. */
static inline enum refusal sim_sample_remove(struct sim_sample *sample, int32_t x, int32_t y)
{
    struct intent intent = {.kind = INTENT_REMOVE};
    intent.remove = (struct intent_remove){{x, y}};
    return sim_sample_decide(sample, 0, &intent);
}

/* The actor 0 says something. */
static inline enum refusal sim_sample_say(struct sim_sample *sample, const void *bytes,
                                          uint32_t size_bytes)
{
    struct intent intent = {.kind = INTENT_SAY};
    intent.say = (struct intent_say){{bytes, size_bytes}};
    return sim_sample_decide(sample, 0, &intent);
}

#endif
