#include "base/pool.h"

#include "base/ensure.h"
#include "base/memory.h"

void pool_init(struct pool *pool, const char *label, uint32_t capacity)
{
    ensure(capacity > 0 && capacity < POOL_NONE);
    *pool = (struct pool){
        .generations = memory_reserve(label, capacity, sizeof *pool->generations),
        .next_free = memory_reserve(label, capacity, sizeof *pool->next_free),
        .capacity = capacity,
    };
    for (uint32_t i = 0; i < capacity; i++)
        pool->next_free[i] = i + 1 < capacity ? i + 1 : POOL_NONE;
}

void pool_finish(struct pool *pool)
{
    memory_release(pool->generations);
    memory_release(pool->next_free);
    *pool = (struct pool){0};
}

uint32_t pool_add(struct pool *pool)
{
    if (pool->used == pool->capacity)
        return POOL_NONE;
    uint32_t index = pool->first_free;
    ensure(index < pool->capacity && pool->generations[index] % 2 == 0);
    pool->first_free = pool->next_free[index];
    pool->generations[index]++;
    pool->used++;
    if (index >= pool->reached)
        pool->reached = index + 1;
    return index;
}

void pool_remove(struct pool *pool, uint32_t index)
{
    ensure(pool_is_used(pool, index));
    pool->generations[index]++;
    pool->next_free[index] = pool->first_free;
    pool->first_free = index;
    pool->used--;
}

struct pool_handle pool_handle(const struct pool *pool, uint32_t index)
{
    ensure(pool_is_used(pool, index));
    return (struct pool_handle){index, pool->generations[index]};
}

bool pool_is_used(const struct pool *pool, uint32_t index)
{
    return index < pool->capacity && pool->generations[index] % 2 == 1;
}

bool pool_is_valid(const struct pool *pool, struct pool_handle handle)
{
    return pool_is_used(pool, handle.index) && pool->generations[handle.index] == handle.generation;
}
