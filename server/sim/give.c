#include "sim/give.h"

#include <string.h>
#include <strings.h>

#include "base/ensure.h"
#include "sim/bag.h"

/* The present actor of that name, or actors_max. */
static uint32_t find_actor(const struct sim *sim, struct span name)
{
    const struct world *world = sim->world;
    for (uint32_t i = 0; i < world->actors_max; i++) {
        if (!world->actors[i].is_present)
            continue;
        const char *known = bag_owner(sim, i)->name;
        if (strlen(known) == name.size_bytes &&
            strncasecmp(known, (const char *)name.bytes, name.size_bytes) == 0)
            return i;
    }
    return world->actors_max;
}

/* Is the player still there to whom the actor offers something? */
static bool is_taker_there(const struct sim *sim, uint32_t actor)
{
    const struct work *work = &sim->works[actor];
    const struct actor *to = &sim->world->actors[work->to];
    return to->is_present && to->character.value == work->taker.value;
}

/* Are the two so near that one can reach the other's cell? */
static bool are_near(const struct sim *sim, uint32_t actor, uint32_t other)
{
    const struct actor *actors = sim->world->actors;
    return actors[other].is_present &&
           grid_is_within_reach(actors[actor].pos, grid_cell_of(actors[other].pos),
                                sim->rules.reach_px);
}

static struct change offer_of(const struct sim *sim, uint32_t actor, const struct stack *stack)
{
    const char *name = bag_owner(sim, actor)->name;
    struct change offer = {.kind = CHANGE_OFFER};
    offer.offer = (struct change_offer){
        sim->works[actor].taker, {(const uint8_t *)name, (uint32_t)strlen(name)}, *stack};
    return offer;
}

/* Tells the other what the actor offers; or that it offers nothing any more. */
static void tell(struct sim *sim, uint32_t actor, const struct stack *stack)
{
    struct change offer = offer_of(sim, actor, stack);
    if (is_taker_there(sim, actor))
        sim_change(sim, &offer);
}

/* Has the actor offered something to the other, who has not answered? */
static bool is_open(const struct sim *sim, uint32_t actor, uint32_t to)
{
    const struct work *work = &sim->works[actor];
    return work->kind == WORK_GIVE && work->to == to && work->decision == SIM_UNDER_WAY &&
           is_taker_there(sim, actor);
}

bool give_find(const struct sim *sim, uint32_t actor, uint32_t to, struct change *out_offer)
{
    if (!is_open(sim, actor, to))
        return false;
    *out_offer = offer_of(sim, actor, &sim->works[actor].offered);
    return true;
}

enum refusal give_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct intent_give *give = &intent->give;
    struct stack offered;
    if (sim->works[actor].kind != WORK_NONE)
        return REFUSAL_BUSY;
    enum refusal refusal = bag_part(sim, bag_owner(sim, actor),
                                    &(struct bag_wish){give->slot, give->quantity}, &offered);
    if (refusal != REFUSAL_NONE)
        return refusal;
    uint32_t to = find_actor(sim, give->name);
    if (to == sim->world->actors_max || to == actor || !are_near(sim, actor, to))
        return REFUSAL_NO_SUCH_PLAYER;
    sim->works[actor] = (struct work){
        .kind = WORK_GIVE,
        .slot = give->slot,
        .to = to,
        .taker = sim->world->actors[to].character,
        .offered = offered,
        .decision = SIM_UNDER_WAY,
        .since = sim->tick,
        .until = sim->tick + (uint64_t)sim->rules.offer_s * sim->rules.tick_hz + 1,
    };
    tell(sim, actor, &offered);
    return SIM_UNDER_WAY;
}

/* Is what was offered still in its slot? It may be more by now. */
static bool is_still_there(const struct sim *sim, uint32_t actor)
{
    const struct work *work = &sim->works[actor];
    struct stack now = *world_slot(sim->world, bag_owner(sim, actor), work->slot);
    bool is_enough = now.quantity >= work->offered.quantity;
    now.quantity = work->offered.quantity;
    return is_enough && schema_is_equal(&stack_schema, &now, &work->offered);
}

/* Who offers something to the actor under that name, or actors_max. */
static uint32_t find_giver(const struct sim *sim, uint32_t actor, struct span name)
{
    uint32_t giver = find_actor(sim, name);
    if (giver == sim->world->actors_max)
        return giver;
    return is_open(sim, giver, actor) && is_still_there(sim, giver) && are_near(sim, giver, actor)
               ? giver
               : sim->world->actors_max;
}

enum refusal give_answer(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    const struct character *taker = bag_owner(sim, actor);
    uint32_t giver = find_giver(sim, actor, intent->answer.name);
    if (giver == sim->world->actors_max)
        return REFUSAL_NO_OFFER;
    struct work *work = &sim->works[giver];
    if (!intent->answer.is_accepted) {
        work->decision = REFUSAL_DECLINED;
        return REFUSAL_NONE;
    }
    if (!bag_has_room(sim, taker, &work->offered))
        return REFUSAL_BAG_FULL;
    bag_take(sim, bag_owner(sim, giver), work->slot, work->offered.quantity);
    bag_add(sim, taker, &work->offered);
    work->decision = REFUSAL_NONE;
    return REFUSAL_NONE;
}

enum refusal give_go_on(struct sim *sim, uint32_t actor)
{
    const struct work *work = &sim->works[actor];
    enum refusal refusal = work->decision;
    if (refusal == SIM_UNDER_WAY &&
        (!is_taker_there(sim, actor) || !are_near(sim, actor, work->to)))
        refusal = REFUSAL_NO_SUCH_PLAYER;
    if (refusal == SIM_UNDER_WAY && !is_still_there(sim, actor))
        refusal = REFUSAL_SLOT_EMPTY;
    if (refusal == SIM_UNDER_WAY && sim->tick >= work->until)
        refusal = REFUSAL_DECLINED;
    if (refusal == SIM_UNDER_WAY)
        return refusal;
    if (refusal != REFUSAL_NONE) /* who took it knows by the answer's own outcome */
        give_stop(sim, actor);
    sim->works[actor].kind = WORK_NONE;
    return refusal;
}

void give_stop(struct sim *sim, uint32_t actor)
{
    tell(sim, actor, &(struct stack){.type = 0});
}
