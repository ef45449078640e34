/* stack.h - a stack of things with where they come from, as a value. Made from stack.def.
 *
 * Slots and piles hold one; the rules move them whole or in part. Nothing here makes or loses a
 * thing: what one stack gains, the other loses. Pure functions, any thread. */
#ifndef TILTH_WORLD_STACK_H
#define TILTH_WORLD_STACK_H

#include "catalog/catalog.h"
#include "world/schema.h"

/* clang-format off */
#define BEGIN(NAME, name, flags) struct name {
#define FIELD(record, type, field, least, most) SCHEMA_C_##type field;
#define END(NAME, name) };
/* clang-format on */
#include "world/stack.def"
#undef BEGIN
#undef FIELD
#undef END

extern const struct schema stack_schema;

/* Is nothing in it? */
bool stack_is_empty(const struct stack *stack);

/* Are type, quantity and all else as they may be: an empty one all zeros, another with a type of
 * the catalogue and at least 1 of it? There may be more than its stack_max, and more wear than it
 * takes: content had other limits when it was made. */
bool stack_check(const struct stack *stack, const struct catalog *catalog);

/* How many of `from` may be added to `into`, which may be empty: things of one type, look and wear,
 * with the same provenance unless the type mixes (catalog.h), up to its stack_max. */
uint32_t stack_room(const struct stack *into, const struct stack *from,
                    const struct catalog *catalog);

/* Moves so many, at most stack_room; of two provenances the newer one stays. */
void stack_move(struct stack *into, struct stack *from, uint32_t quantity);

#endif
