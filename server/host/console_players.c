#include "host/console_players.h"

#include <string.h>

#include "host/console_tell.h"
#include "host/console_types.h"
#include "host/console_wait.h"
#include "host/host.h"
#include "sim/bag.h"

enum { GIVE_STACKS_MAX = SIM_CHANGES_PER_INTENT_MAX / 2 };

/* The character of the connected player that the first word names, or NULL with words. */
static const struct character *find_player(const struct host *host, struct console_call *call)
{
    int32_t session = session_find(host, call->words[1]);
    if (session != SESSION_NONE)
        return session_character(host, (uint32_t)session);
    (void)console_fail(call, "Nobody called '%s' is connected.", call->words[1]);
    return NULL;
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
    static const struct console_number number = {"N", 1, CATALOG_STACK_MAX};
    int64_t quantity = 0;
    if (call->word_count != 4 || !console_read_number(call, 3, &number, &quantity))
        return CONSOLE_USAGE;
    out->owner = find_player(host, call);
    out->def = out->owner != NULL ? console_find_type(host, call, call->words[2]) : NULL;
    out->quantity = (uint32_t)quantity;
    if (out->def == NULL)
        return CONSOLE_FAILED;
    if (out->def->kind == KIND_STRUCTURE)
        return console_fail(call, "'%s' is a structure, which lies in no bag.", out->def->name);
    return console_can_change(host, call) ? CONSOLE_DONE : CONSOLE_FAILED;
}

/* CONSOLE_DONE, or not with words. */
static enum console_result put_goods(struct host *host, struct console_call *call,
                                     const struct goods *goods)
{
    uint32_t most = goods->def->stack_max * (uint32_t)GIVE_STACKS_MAX;
    struct stack stack = {.type = goods->def->type, .quantity = goods->quantity};
    if (goods->quantity > most)
        return console_fail(call, "At most %u at once.", most);
    if (!bag_has_room(&host->sim, goods->owner, &stack))
        return console_fail(call, "The bag of '%s' has no room for them.", call->words[1]);
    bag_add(&host->sim, goods->owner, &stack);
    return CONSOLE_DONE;
}

/* The same. */
static enum console_result take_goods(struct host *host, struct console_call *call,
                                      const struct goods *goods)
{
    uint32_t there = bag_count(&host->sim, goods->owner, goods->def->type);
    if (there < goods->quantity)
        return console_fail(call, "'%s' has only %u.", call->words[1], there);
    bag_take_count(&host->sim, goods->owner,
                   (struct item_count){goods->def->type, (uint16_t)goods->quantity});
    return CONSOLE_DONE;
}

struct bag_deed {
    const char *done, *where; /* in words: "Put ... into" */
    enum console_result (*act)(struct host *host, struct console_call *call,
                               const struct goods *goods);
};

static const struct bag_deed give_deed = {"Put", "into", put_goods};
static const struct bag_deed take_deed = {"Took", "out of", take_goods};

static enum console_result run_deed(struct host *host, struct console_call *call,
                                    const struct bag_deed *deed)
{
    struct goods goods;
    if (call->is_begun)
        return console_await_told(host, call, "%s %s %s %s the bag of %s.", deed->done,
                                  call->words[3], call->words[2], deed->where, call->words[1]);
    enum console_result result = read_goods(host, call, &goods);
    if (result == CONSOLE_DONE)
        result = deed->act(host, call, &goods);
    return result == CONSOLE_DONE ? console_begin_await(host, call) : result;
}

enum console_result console_give(struct host *host, struct console_call *call)
{
    return run_deed(host, call, &give_deed);
}

enum console_result console_take_away(struct host *host, struct console_call *call)
{
    return run_deed(host, call, &take_deed);
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
    console_show_all(host, call);
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

static void tell_skill(const struct host *host, struct console_call *call,
                       const struct character *owner, const struct skill_def *skill)
{
    uint32_t now = world_skill(&host->world, owner, skill->skill);
    call->has_only_looked = true;
    console_show_all(host, call);
    console_tell_begin(call);
    console_tell_number(call, "points", now);
    console_tell_number(call, "level", catalog_skill_level(skill, now));
    console_tell_end(call);
}

/* The skill of the name, or NULL with words. */
static const struct skill_def *find_skill(const struct host *host, struct console_call *call)
{
    const struct catalog *catalog = host->world.catalog;
    const struct skill_def *skill = catalog_find_skill_name(catalog, call->words[2]);
    if (skill != NULL)
        return skill;
    char names[256];
    struct text text;
    text_init(&text, names, sizeof names);
    for (uint32_t i = 1; i < CATALOG_SKILLS_MAX; i++) {
        if (catalog->skills[i].skill != 0)
            text_add(&text, " %s", catalog->skills[i].name);
    }
    (void)console_fail(call, "There is no skill '%s'; there are%s.", call->words[2], names);
    return NULL;
}

enum console_result console_skill(struct host *host, struct console_call *call)
{
    int64_t level = 0;
    if (call->is_begun)
        return console_await_told(host, call, "%s is at level %s in %s now.", call->words[1],
                                  call->words[3], call->words[2]);
    if (call->word_count < 3 || call->word_count > 4)
        return CONSOLE_USAGE;
    const struct character *owner = find_player(host, call);
    const struct skill_def *skill = owner != NULL ? find_skill(host, call) : NULL;
    if (skill == NULL)
        return CONSOLE_FAILED;
    if (call->word_count == 3) {
        tell_skill(host, call, owner, skill);
        return CONSOLE_DONE;
    }
    const struct console_number number = {"LEVEL", 0, skill->level_count};
    if (!console_read_number(call, 3, &number, &level))
        return CONSOLE_USAGE;
    if (!console_can_change(host, call))
        return CONSOLE_FAILED;
    struct change change = {.kind = CHANGE_SKILL};
    uint32_t points = level > 0 ? skill->levels[level - 1] : 0;
    change.skill = (struct change_skill){owner->id, skill->skill, points};
    sim_change(&host->sim, &change);
    return console_begin_await(host, call);
}

enum console_result console_role(struct host *host, struct console_call *call)
{
    if (call->is_begun)
        return console_await_told(host, call, "%s is %s builder.", call->words[1],
                                  strcmp(call->words[3], "on") == 0 ? "now a" : "no longer a");
    if (call->word_count != 4 || strcmp(call->words[2], "builder") != 0)
        return CONSOLE_USAGE;
    bool is_on = strcmp(call->words[3], "on") == 0;
    if (!is_on && strcmp(call->words[3], "off") != 0)
        return CONSOLE_USAGE;
    const struct character *owner = find_player(host, call);
    if (owner == NULL || !console_can_change(host, call))
        return CONSOLE_FAILED;
    struct change change = {.kind = CHANGE_ACCOUNT};
    change.account = (struct change_account){
        .id = owner->account,
        .name = {(const uint8_t *)owner->name, (uint32_t)strlen(owner->name)},
        .key = {owner->key, sizeof owner->key},
        .roles = is_on ? owner->roles | ROLE_BUILDER : owner->roles & ~(uint32_t)ROLE_BUILDER,
    };
    sim_change(&host->sim, &change);
    return console_begin_await(host, call);
}
