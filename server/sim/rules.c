#include "sim/rules.h"

#include "base/ensure.h"
#include "sim/harvest.h"
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
    [INTENT_HARVEST] = {harvest_decide},
};

/* What keeps a lasting change from being made now, whoever asks. */
static enum refusal check_saving(const struct sim *sim)
{
    if (sim->is_read_only)
        return REFUSAL_WORLD_READ_ONLY;
    return sim->is_store_behind ? REFUSAL_STORE_BEHIND : REFUSAL_NONE;
}

enum refusal rules_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct schema *schema = intent_schema(intent->kind);
    bool is_streamed = (schema->flags & INTENT_STREAMED) != 0; /* it leaves nothing in the log */
    ensure((is_streamed || sim_has_room(sim)) && sim->world->actors[actor].is_present);
    if ((schema->flags & INTENT_LASTS) && check_saving(sim) != REFUSAL_NONE)
        return check_saving(sim);
    uint32_t before = sim->log_count;
    enum refusal refusal = rules[intent->kind].decide(sim, actor, intent);
    ensure(refusal == REFUSAL_NONE || sim->log_count == before);
    ensure(sim->log_count - before <= SIM_CHANGES_PER_INTENT_MAX);
    return refusal;
}

enum refusal rules_go_on(struct sim *sim, uint32_t actor)
{
    ensure(sim->works[actor].type != 0 && sim->world->actors[actor].is_present);
    enum refusal refusal = check_saving(sim);
    uint32_t before = sim->log_count;
    if (refusal == REFUSAL_NONE)
        refusal = sim_has_room(sim) ? harvest_go_on(sim, actor) : SIM_UNDER_WAY;
    else
        rules_stop(sim, actor);
    ensure(refusal == REFUSAL_NONE || sim->log_count == before);
    ensure(sim->log_count - before <= SIM_CHANGES_PER_INTENT_MAX);
    return refusal;
}

void rules_stop(struct sim *sim, uint32_t actor)
{
    sim->works[actor].type = 0;
}
