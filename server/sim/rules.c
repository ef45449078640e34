#include "sim/rules.h"

#include "base/ensure.h"
#include "sim/move.h"
#include "sim/move_stack.h"
#include "sim/place.h"
#include "sim/remove.h"
#include "sim/say.h"

struct rule {
    enum refusal (*decide)(struct sim *sim, uint32_t actor, const struct intent *intent);
};

static const struct rule rules[INTENT_KIND_COUNT] = {
    [INTENT_MOVE] = {move_decide},
    [INTENT_PLACE] = {place_decide},
    [INTENT_REMOVE] = {remove_decide},
    [INTENT_SAY] = {say_decide},
    [INTENT_MOVE_STACK] = {move_stack_decide},
};

enum refusal rules_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct schema *schema = intent_schema(intent->kind);
    bool is_streamed = (schema->flags & INTENT_STREAMED) != 0; /* it leaves nothing in the log */
    ensure((is_streamed || sim_has_room(sim)) && sim->world->actors[actor].is_present);
    if (schema->flags & INTENT_LASTS) {
        if (sim->is_read_only)
            return REFUSAL_WORLD_READ_ONLY;
        if (sim->is_store_behind)
            return REFUSAL_STORE_BEHIND;
    }
    uint32_t before = sim->log_count;
    enum refusal refusal = rules[intent->kind].decide(sim, actor, intent);
    ensure(refusal == REFUSAL_NONE || sim->log_count == before);
    ensure(sim->log_count - before <= SIM_CHANGES_PER_INTENT_MAX);
    return refusal;
}
