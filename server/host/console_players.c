#include "host/console_players.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/console_tell.h"
#include "host/host.h"
#include "sim/bag.h"

enum { DURABLE_WAIT_S = 10, GIVE_STACKS_MAX = SIM_CHANGES_PER_INTENT_MAX / 2 };

/* The character of the connected player that the first word names, or NULL with words. */
static const struct character *find_player(const struct host *host, struct console_call *call)
{
    int32_t session = session_find(host, call->words[1]);
    if (session != SESSION_NONE)
        return session_character(host, (uint32_t)session);
    (void)console_fail(call, "Nobody called '%s' is connected.", call->words[1]);
    return NULL;
}

/* May lasting changes be made now, and is there room for them? Words if not. */
static bool can_change(const struct host *host, struct console_call *call)
{
    if (host->sim.is_read_only || host->sim.is_store_behind || !sim_has_room(&host->sim)) {
        (void)console_fail(call, "The world cannot be changed right now.");
        return false;
    }
    return true;
}

static enum console_result await_durable(const struct host *host, struct console_call *call,
                                         const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What was done in the first look is told, in these words, when it is durable. */
static enum console_result await_durable(const struct host *host, struct console_call *call,
                                         const char *format, ...)
{
    char words[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    bool is_too_late =
        host->tick - call->since > (uint64_t)DURABLE_WAIT_S * host->options.limits.tick_hz;
    if (host->inputs.durable_seq < call->seq && !is_too_late)
        return CONSOLE_PENDING;
    if (host->inputs.durable_seq < call->seq)
        return console_fail(call, "Done, but not yet on the disk after %d s.", DURABLE_WAIT_S);
    console_tell_begin(call);
    if (call->is_json) {
        text_json_string(call->text, "done", words);
        text_json_number(call->text, "seq", (int64_t)call->seq);
    } else {
        text_add(call->text, "%s\n", words);
    }
    console_tell_end(call);
    return CONSOLE_DONE;
}

/* The type that a word names, or NULL with words. */
static const struct entity_def *find_type(const struct host *host, struct console_call *call,
                                          const char *name)
{
    const struct catalog *catalog = host->world.catalog;
    const struct entity_def *def = catalog_find_name(catalog, name);
    const char *nearest = catalog_suggest(catalog, name);
    if (def == NULL && nearest != NULL)
        (void)console_fail(call, "There is no '%s'. Did you mean '%s'?", name, nearest);
    else if (def == NULL)
        (void)console_fail(call, "There is no '%s'.", name);
    return def;
}

/* What `give` and `take` are about. */
struct goods {
    const struct character *owner;
    const struct entity_def *def;
    uint32_t quantity;
};

/* Reads NAME ITEM N. CONSOLE_DONE: it is all there. */
static enum console_result read_goods(struct host *host, struct console_call *call,
                                      struct goods *out)
{
    int64_t quantity = 0;
    if (call->word_count != 4 ||
        !text_parse_integer(call->words[3], 1, CATALOG_STACK_MAX, &quantity))
        return CONSOLE_USAGE;
    out->owner = find_player(host, call);
    out->def = out->owner != NULL ? find_type(host, call, call->words[2]) : NULL;
    out->quantity = (uint32_t)quantity;
    return out->def != NULL && can_change(host, call) ? CONSOLE_DONE : CONSOLE_FAILED;
}

enum console_result console_give(struct host *host, struct console_call *call)
{
    struct goods goods;
    if (call->is_begun)
        return await_durable(host, call, "Put %s %s into the bag of %s.", call->words[3],
                             call->words[2], call->words[1]);
    enum console_result result = read_goods(host, call, &goods);
    if (result != CONSOLE_DONE)
        return result;
    uint32_t most = goods.def->stack_max * (uint32_t)GIVE_STACKS_MAX;
    if (goods.quantity > most)
        return console_fail(call, "At most %u at once.", most);
    struct stack stack = {.type = goods.def->type, .quantity = goods.quantity};
    if (!bag_has_room(&host->sim, goods.owner, &stack))
        return console_fail(call, "The bag of '%s' has no room for them.", call->words[1]);
    bag_add(&host->sim, goods.owner, &stack);
    call->seq = host->next_seq;
    return CONSOLE_PENDING;
}

enum console_result console_take_away(struct host *host, struct console_call *call)
{
    struct goods goods;
    if (call->is_begun)
        return await_durable(host, call, "Took %s %s out of the bag of %s.", call->words[3],
                             call->words[2], call->words[1]);
    enum console_result result = read_goods(host, call, &goods);
    if (result != CONSOLE_DONE)
        return result;
    uint32_t there = bag_count(&host->sim, goods.owner, goods.def->type);
    if (there < goods.quantity)
        return console_fail(call, "'%s' has only %u.", call->words[1], there);
    for (uint32_t rest = goods.quantity; rest > 0;) {
        uint32_t slot = bag_find(&host->sim, goods.owner, goods.def->type);
        uint32_t quantity = world_slot(&host->world, goods.owner, slot)->quantity;
        quantity = quantity < rest ? quantity : rest;
        bag_take(&host->sim, goods.owner, slot, quantity);
        rest -= quantity;
    }
    call->seq = host->next_seq;
    return CONSOLE_PENDING;
}

static void tell_slot(const struct host *host, struct console_call *call, uint32_t slot,
                      const struct stack *stack)
{
    const char *name = host->world.catalog->entities[stack->type].name;
    if (!call->is_json) {
        text_add(call->text, "slot %-3u %5u %s\n", slot, stack->quantity, name);
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_number(call->text, "slot", slot);
    text_json_string(call->text, "type", name);
    text_json_number(call->text, "quantity", stack->quantity);
    text_json_number(call->text, "image", stack->image);
    text_json_number(call->text, "wear", stack->wear);
    text_json_close(call->text, '}');
}

enum console_result console_inventory(struct host *host, struct console_call *call)
{
    if (call->word_count != 2)
        return CONSOLE_USAGE;
    const struct character *owner = find_player(host, call);
    if (owner == NULL)
        return CONSOLE_FAILED;
    if (call->is_json)
        text_json_open(call->text, NULL, '[');
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < host->world.slots_max; slot++) {
        const struct stack *stack = world_slot(&host->world, owner, slot);
        if (stack_is_empty(stack))
            continue;
        tell_slot(host, call, slot, stack);
        count++;
    }
    if (call->is_json)
        text_json_close(call->text, ']');
    text_add(call->text, call->is_json ? "\n" : count == 0 ? "the bag is empty\n" : "");
    return CONSOLE_DONE;
}

enum console_result console_skill(struct host *host, struct console_call *call)
{
    int64_t points = 0;
    if (call->is_begun)
        return await_durable(host, call, "%s has %s points in %s now.", call->words[1],
                             call->words[3], call->words[2]);
    if (call->word_count < 3 || call->word_count > 4 ||
        (call->word_count == 4 && !text_parse_integer(call->words[3], 0, UINT32_MAX, &points)))
        return CONSOLE_USAGE;
    const struct character *owner = find_player(host, call);
    if (owner == NULL)
        return CONSOLE_FAILED;
    const struct skill_def *skill = catalog_find_skill_name(host->world.catalog, call->words[2]);
    if (skill == NULL)
        return console_fail(call, "There is no skill '%s'.", call->words[2]);
    if (call->word_count == 3) {
        uint32_t now = world_skill(&host->world, owner, skill->skill);
        console_tell_begin(call);
        console_tell_number(call, "points", now);
        console_tell_number(call, "level", catalog_skill_level(skill, now));
        console_tell_end(call);
        return CONSOLE_DONE;
    }
    if (!can_change(host, call))
        return CONSOLE_FAILED;
    struct change change = {.kind = CHANGE_SKILL};
    change.skill = (struct change_skill){owner->id, skill->skill, (uint32_t)points};
    sim_change(&host->sim, &change);
    call->seq = host->next_seq;
    return CONSOLE_PENDING;
}

enum console_result console_role(struct host *host, struct console_call *call)
{
    if (call->is_begun)
        return await_durable(host, call, "%s is %s builder.", call->words[1],
                             strcmp(call->words[3], "on") == 0 ? "now a" : "no longer a");
    if (call->word_count != 4 || strcmp(call->words[2], "builder") != 0)
        return CONSOLE_USAGE;
    bool is_on = strcmp(call->words[3], "on") == 0;
    if (!is_on && strcmp(call->words[3], "off") != 0)
        return CONSOLE_USAGE;
    const struct character *owner = find_player(host, call);
    if (owner == NULL || !can_change(host, call))
        return CONSOLE_FAILED;
    struct change change = {.kind = CHANGE_ACCOUNT};
    change.account = (struct change_account){
        .id = owner->account,
        .name = {(const uint8_t *)owner->name, (uint32_t)strlen(owner->name)},
        .key = {owner->key, sizeof owner->key},
        .roles = is_on ? owner->roles | ROLE_BUILDER : owner->roles & ~(uint32_t)ROLE_BUILDER,
    };
    sim_change(&host->sim, &change);
    call->seq = host->next_seq;
    return CONSOLE_PENDING;
}
