/* pool.h - numbered slots with generations: ids that notice that their thing is gone.
 *
 * The pool keeps the numbers only; the caller has an array of `capacity` things beside it. A slot's
 * generation rises each time it is given back, so an old handle no longer matches. Slots are given
 * out lowest first after init and last-freed first later (deterministic). One owner thread. */
#ifndef TILTH_BASE_POOL_H
#define TILTH_BASE_POOL_H

#include <stdbool.h>
#include <stdint.h>

#define POOL_NONE UINT32_MAX

struct pool_handle {
    uint32_t index;
    uint32_t generation; /* odd while in use, so that a zeroed handle is never valid */
};

struct pool {
    uint32_t *generations; /* [capacity] */
    uint32_t *next_free;   /* [capacity] */
    uint32_t capacity;
    uint32_t used;
    uint32_t reached; /* all slots in use are below */
    uint32_t first_free;
};

/* Reserves room for `capacity` slots under `label` (memory.h). */
void pool_init(struct pool *pool, const char *label, uint32_t capacity);
void pool_finish(struct pool *pool); /* Gives the memory back; a zeroed pool is allowed. */

/* Takes a slot: its index, or POOL_NONE when all are in use. */
uint32_t pool_add(struct pool *pool);

/* Gives a slot back; it must be in use. */
void pool_remove(struct pool *pool, uint32_t index);

/* The handle of a slot in use. */
struct pool_handle pool_handle(const struct pool *pool, uint32_t index);

/* Is the slot in use? Indexes beyond the capacity are not. */
bool pool_is_used(const struct pool *pool, uint32_t index);

/* Is the handle's slot in use by the same thing as when the handle was made? */
bool pool_is_valid(const struct pool *pool, struct pool_handle handle);

#endif
