#include "host/own.h"

#include "base/ensure.h"
#include "host/host.h"
#include "sim/give.h"

static void send_body(struct host *host, uint32_t session, const struct packet *body, bool is_whole)
{
    struct message message = {.kind = MESSAGE_OWN};
    message.own = (struct message_own){is_whole, {body->bytes, (uint32_t)body->size_bytes}};
    session_send(host, session, ENVELOPE_MESSAGE, &message, session_kept_seq(host, session));
}

static void add(struct packet *body, const struct change *change)
{
    bool fits = framing_add_change(body, change);
    ensure(fits); /* a full bag is a third of it */
}

static void add_skills(const struct host *host, const struct character *owner, struct packet *body)
{
    for (uint32_t skill = 1; skill < CATALOG_SKILLS_MAX; skill++) {
        struct change change = {.kind = CHANGE_SKILL};
        change.skill =
            (struct change_skill){owner->id, skill, world_skill(&host->world, owner, skill)};
        if (change.skill.points > 0)
            add(body, &change);
    }
}

/* Sends what others offer to the player, and what is in the body before it; of many offers the last
 * come behind the whole. */
static void send_offers(struct host *host, uint32_t session, struct packet *body)
{
    bool is_whole = true;
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        struct change offer;
        if (!give_find(&host->sim, i, session, &offer) || framing_add_change(body, &offer))
            continue;
        send_body(host, session, body, is_whole);
        is_whole = false;
        framing_init(body, host->own_bytes, HOST_OWN_BYTES);
        add(body, &offer);
    }
    send_body(host, session, body, is_whole);
}

void own_send_all(struct host *host, uint32_t session)
{
    struct packet body;
    const struct character *owner = session_character(host, session);
    framing_init(&body, host->own_bytes, HOST_OWN_BYTES);
    for (uint32_t slot = 0; slot < host->world.slots_max; slot++) {
        struct change change = {.kind = CHANGE_SLOT};
        change.slot = (struct change_slot){owner->id, slot, *world_slot(&host->world, owner, slot)};
        if (!stack_is_empty(&change.slot.stack))
            add(&body, &change);
    }
    add_skills(host, owner, &body);
    send_offers(host, session, &body);
}

/* The session that plays the change's owner; SESSION_NONE when nobody does, or the change is not of
 * that kind. */
static int32_t player_of(const struct host *host, const struct change *change)
{
    if ((change_schema(change->kind)->flags & CHANGE_IS_OWN) == 0)
        return SESSION_NONE;
    const struct character *owner = world_find_character(&host->world, change_owner(change));
    if (owner == NULL || owner->actor == WORLD_NONE)
        return SESSION_NONE;
    return (int32_t)owner->actor; /* actors and sessions have the same numbers */
}

void own_send_changes(struct host *host)
{
    struct packet body;
    int32_t player = SESSION_NONE;
    framing_init(&body, host->own_bytes, HOST_OWN_BYTES);
    for (uint32_t i = 0; i < host->sim.log_count; i++) {
        const struct change *change = &host->sim.log[i];
        int32_t next = player_of(host, change);
        if (next == SESSION_NONE)
            continue;
        if (player != SESSION_NONE && next != player) {
            send_body(host, (uint32_t)player, &body, false);
            framing_init(&body, host->own_bytes, HOST_OWN_BYTES);
        }
        player = next;
        if (!framing_add_change(&body, change)) {
            send_body(host, (uint32_t)player, &body, false);
            framing_init(&body, host->own_bytes, HOST_OWN_BYTES);
            add(&body, change);
        }
    }
    if (player != SESSION_NONE)
        send_body(host, (uint32_t)player, &body, false);
}
