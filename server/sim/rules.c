#include "sim/rules.h"

#include "base/ensure.h"
#include "sim/build.h"
#include "sim/drop.h"
#include "sim/give.h"
#include "sim/harvest.h"
#include "sim/modify.h"
#include "sim/move.h"
#include "sim/move_stack.h"
#include "sim/pick_up.h"
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
    [INTENT_DROP] = {drop_decide},
    [INTENT_PICK_UP] = {pick_up_decide},
    [INTENT_GIVE] = {give_decide},
    [INTENT_ANSWER] = {give_answer},
    [INTENT_BUILD] = {build_decide},
    [INTENT_UNBUILD] = {build_undo},
    [INTENT_MODIFY] = {modify_decide},
    [INTENT_RESET] = {modify_reset},
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
    uint32_t before = sim->lasting, all_before = sim->log_count;
    enum refusal refusal = rules[intent->kind].decide(sim, actor, intent);
    ensure(refusal == REFUSAL_NONE || sim->lasting == before);
    ensure(sim->log_count - all_before <= SIM_CHANGES_PER_INTENT_MAX);
    return refusal;
}

/* What was taken has changed both bags in this tick: it ends in the same record. */
static bool is_taken(const struct work *work)
{
    return work->kind == WORK_GIVE && work->decision == REFUSAL_NONE;
}

static enum refusal go_on(struct sim *sim, uint32_t actor)
{
    return sim->works[actor].kind == WORK_GIVE ? give_go_on(sim, actor) : harvest_go_on(sim, actor);
}

enum refusal rules_go_on(struct sim *sim, uint32_t actor)
{
    ensure(sim->works[actor].kind != WORK_NONE && sim->world->actors[actor].is_present);
    enum refusal refusal = check_saving(sim);
    uint32_t before = sim->lasting;
    if (!sim_has_room(sim) && !is_taken(&sim->works[actor]))
        return SIM_UNDER_WAY;
    if (refusal == REFUSAL_NONE)
        refusal = go_on(sim, actor);
    else
        rules_stop(sim, actor);
    ensure(refusal == REFUSAL_NONE || sim->lasting == before);
    ensure(sim->lasting - before <= SIM_CHANGES_PER_INTENT_MAX);
    return refusal;
}

void rules_stop(struct sim *sim, uint32_t actor)
{
    if (sim->works[actor].kind == WORK_GIVE)
        give_stop(sim, actor);
    sim->works[actor].kind = WORK_NONE;
}
