#include "world/stack.h"

#include "base/ensure.h"

/* clang-format off */
#define BEGIN(NAME, name, flags) static const struct field name##_fields[] = {
#define FIELD(record, type, field, least, most) SCHEMA_FIELD(, record, type, field, least, most)
#define END(NAME, name) };
/* clang-format on */
#include "world/stack.def"
#undef BEGIN
#undef FIELD
#undef END

const struct schema stack_schema = {
    .name = "stack",
    .fields = stack_fields,
    .field_count = sizeof stack_fields / sizeof stack_fields[0],
    .size_bytes = sizeof(struct stack),
};

bool stack_is_empty(const struct stack *stack)
{
    return stack->type == 0;
}

bool stack_check(const struct stack *stack, const struct catalog *catalog)
{
    static const struct stack nothing = {.type = 0};
    if (stack_is_empty(stack))
        return schema_is_equal(&stack_schema, stack, &nothing);
    const struct entity_def *def = catalog_find_type(catalog, stack->type);
    return def != NULL && stack->quantity > 0 && schema_check(&stack_schema, stack, NULL);
}

static bool is_same_provenance(const struct stack *a, const struct stack *b)
{
    struct stack like_a = *a;
    like_a.quantity = b->quantity;
    return schema_is_equal(&stack_schema, &like_a, b);
}

uint32_t stack_room(const struct stack *into, const struct stack *from,
                    const struct catalog *catalog)
{
    if (stack_is_empty(from))
        return 0;
    const struct entity_def *def = catalog_find_type(catalog, from->type);
    ensure(def != NULL);
    if (stack_is_empty(into))
        return from->quantity < def->stack_max ? from->quantity : def->stack_max;
    bool is_alike =
        into->type == from->type && into->image == from->image && into->wear == from->wear;
    if (!is_alike || (!def->is_mixing && !is_same_provenance(into, from)))
        return 0;
    uint32_t room = into->quantity < def->stack_max ? def->stack_max - into->quantity : 0;
    return from->quantity < room ? from->quantity : room;
}

void stack_move(struct stack *into, struct stack *from, uint32_t quantity)
{
    ensure(quantity <= from->quantity);
    if (quantity == 0)
        return;
    uint32_t before = into->quantity;
    if (stack_is_empty(into) || from->tick > into->tick)
        *into = *from;
    into->quantity = before + quantity;
    from->quantity -= quantity;
    if (from->quantity == 0)
        *from = (struct stack){.type = 0};
}
