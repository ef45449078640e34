/* sim_recount.h - the sums that a world keeps, counted anew from what is in it.
 *
 * For tests: sim_recount_check ends the test where a sum that moves by differences is not what a
 * count gives. Slow. Use: see conservation_test.c. */
#ifndef TILTH_SIM_SIM_RECOUNT_H
#define TILTH_SIM_SIM_RECOUNT_H

#include "testing.h"

#include "world/world.h"

/* What is counted: the hash of all keys, and the uses of each image configuration. */
struct sim_recount {
    const struct world *world;
    struct hash128 chunk, all;
    int64_t *uses; /* by place in the pool */
    uint64_t seed; /* to be told when something is wrong */
};

/* One key more; where it has a look, that must be known. */
static inline void sim_recount_add(struct sim_recount *count, const struct change *change,
                                   uint32_t image)
{
    count->chunk = hash_add(count->chunk, change_hash(change));
    if (image == 0)
        return;
    const struct image_config *config = images_find_config(&count->world->images, image);
    ck_assert_msg(config != NULL, "seed %llu: a look that is not known",
                  (unsigned long long)count->seed);
    count->uses[config - count->world->images.configs]++;
}

/* All that is in a chunk; a structure's look counts where its primary cell is. */
static inline void sim_recount_chunk(struct sim_recount *count, const struct chunk *chunk)
{
    const struct world *world = count->world;
    count->chunk = (struct hash128){0, 0};
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++) {
        struct change cell = {.kind = CHANGE_CELL};
        cell.cell = (struct change_cell){grid_cell_at(chunk->pos, i), 1,
                                         world->catalog->natural_types[chunk->base.natural[i]]};
        if ((chunk->kept[i / 64] >> (i % 64) & 1) != 0)
            sim_recount_add(count, &cell, 0);
    }
    for (uint32_t row = 0; row < GRID_CHUNK_CELLS; row++) {
        for (uint32_t i = chunk->rows[row]; i != WORLD_NONE; i = world->entities[i].next) {
            struct change change = world_entity_change(&world->entities[i]);
            sim_recount_add(count, &change, change.entity.image);
        }
    }
    for (uint32_t i = chunk->structures; i != WORLD_NONE; i = world->structures[i].next) {
        struct change change = world_structure_change(&world->structures[i]);
        bool is_home = grid_is_same_chunk(grid_chunk_of(change.structure.cell), chunk->pos);
        sim_recount_add(count, &change, is_home ? change.structure.image : 0);
    }
    for (uint32_t i = chunk->piles; i != WORLD_NONE; i = world->piles[i].next) {
        struct change change = world_pile_change(&world->piles[i]);
        sim_recount_add(count, &change, change.pile.stack.image);
    }
    ck_assert_msg(hash_is_equal(count->chunk, chunk->hash), "seed %llu: the hash of a chunk",
                  (unsigned long long)count->seed);
    count->all = hash_add(count->all, count->chunk);
}

/* What a character has; the character itself has not changed since it was loaded. */
static inline void sim_recount_character(struct sim_recount *count,
                                         const struct character *character)
{
    struct change change = {.kind = CHANGE_SLOT};
    count->chunk = (struct hash128){0, 0};
    for (uint32_t slot = 0; slot < count->world->slots_max; slot++) {
        const struct stack *stack = world_slot(count->world, character, slot);
        change.slot = (struct change_slot){character->id, slot, *stack};
        if (!stack_is_empty(stack))
            sim_recount_add(count, &change, stack->image);
    }
    for (uint32_t skill = 1; skill < CATALOG_SKILLS_MAX; skill++) {
        uint32_t points = world_skill(count->world, character, skill);
        change.kind = CHANGE_SKILL;
        change.skill = (struct change_skill){character->id, skill, points};
        if (points > 0)
            sim_recount_add(count, &change, 0);
    }
    count->all = hash_add(count->all, count->chunk);
}

/* Are the world's hash, its chunks' hashes, and all uses what a count gives? All chunks that hold
 * anything are resident; characters are as loaded but for what they own. */
static inline void sim_recount_check(const struct world *world, uint64_t seed)
{
    static int64_t uses[1024];
    const struct pool *configs = &world->images.config_pool;
    struct sim_recount count = {.world = world, .uses = uses, .seed = seed};
    ck_assert_uint_le(configs->capacity, 1024);
    for (uint32_t i = 0; i < configs->capacity; i++)
        uses[i] = 0;
    for (uint32_t i = 0; i < world->chunk_pool.capacity; i++) {
        if (pool_is_used(&world->chunk_pool, i))
            sim_recount_chunk(&count, &world->chunks[i]);
    }
    for (uint32_t i = 0; i < world->character_pool.capacity; i++) {
        if (pool_is_used(&world->character_pool, i))
            sim_recount_character(&count, &world->characters[i]);
    }
    for (uint32_t i = 0; i < configs->capacity; i++) {
        struct change change = {.kind = CHANGE_IMAGE_CONFIG};
        if (!pool_is_used(configs, i))
            continue;
        change.image_config = world->images.configs[i].value;
        count.all = hash_add(count.all, change_hash(&change));
        ck_assert_msg(uses[i] == world->images.configs[i].uses,
                      "seed %llu: look %u: %lld uses, counted %lld", (unsigned long long)seed,
                      change.image_config.id, (long long)world->images.configs[i].uses,
                      (long long)uses[i]);
    }
    ck_assert_msg(hash_is_equal(count.all, world->hash), "seed %llu: the hash of the world",
                  (unsigned long long)seed);
}

#endif
