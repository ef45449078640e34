/* The one door: every change of the world goes through world_apply. */
#include "world/world.h"

#include "base/ensure.h"
#include "world/chunk.h"

/* What a slot of a bag adds to the world hash; an empty one adds nothing. */
static struct hash128 slot_hash(struct character_id character, uint32_t slot,
                                const struct stack *stack)
{
    struct change change = {.kind = CHANGE_SLOT};
    change.slot = (struct change_slot){character, slot, *stack};
    return stack_is_empty(stack) ? (struct hash128){0, 0} : change_hash(&change);
}

/* The same for the experience in a skill. */
static struct hash128 skill_hash(struct character_id character, uint32_t skill, uint32_t points)
{
    struct change change = {.kind = CHANGE_SKILL};
    change.skill = (struct change_skill){character, skill, points};
    return points == 0 ? (struct hash128){0, 0} : change_hash(&change);
}

/* Puts what a character owns; what that adds to the world hash. */
static struct hash128 put_own(struct world *world, const struct change *change)
{
    struct hash128 before, after;
    const struct character *owner = world_find_character(world, change_owner(change));
    ensure(owner != NULL);
    size_t row = (size_t)(owner - world->characters);
    if (change->kind == CHANGE_SLOT) {
        const struct change_slot *value = &change->slot;
        ensure(value->slot < world->slots_max);
        struct stack *slot = &world->slots[row * world->slots_max + value->slot];
        before = slot_hash(owner->id, value->slot, slot);
        *slot = value->stack;
        after = slot_hash(owner->id, value->slot, slot);
    } else {
        const struct change_skill *value = &change->skill;
        uint32_t *points = &world->skills[row * CATALOG_SKILLS_MAX + value->skill];
        before = skill_hash(owner->id, value->skill, *points);
        *points = value->points;
        after = skill_hash(owner->id, value->skill, *points);
    }
    return hash_subtract(after, before);
}

void world_load(struct world *world, struct chunk *chunk, const struct change *change)
{
    if (change_schema(change->kind)->flags & CHANGE_IS_OWN)
        (void)put_own(world, change);
    else
        chunk_put(world, chunk, change);
}

/* One thing uses the image that the change gives it, and not the one that it had. */
static void move_uses(struct world *world, uint32_t before, uint32_t after)
{
    if (before == after)
        return;
    images_use(&world->images, before, -1);
    images_use(&world->images, after, 1);
}

static void apply_in_chunk(struct world *world, const struct change *change)
{
    struct chunk_pos touched[CHANGE_CHUNKS_MAX];
    uint32_t count = change_chunks(change, touched);
    for (uint32_t i = 0; i < count; i++) {
        struct chunk *chunk = world_find_chunk(world, touched[i]);
        ensure(chunk != NULL);
        if (i == 0)
            move_uses(world, chunk_image_of(world, chunk, change), change_look(change));
        struct hash128 before = chunk->hash;
        chunk_put(world, chunk, change);
        world->hash = hash_add(world->hash, hash_subtract(chunk->hash, before));
    }
}

static void apply_own(struct world *world, const struct change *change)
{
    if (change->kind == CHANGE_SLOT) {
        const struct character *owner = world_find_character(world, change_owner(change));
        ensure(owner != NULL);
        move_uses(world, world_slot(world, owner, change->slot.slot)->image,
                  change->slot.stack.image);
    }
    world->hash = hash_add(world->hash, put_own(world, change));
}

/* What an image configuration adds to the world hash. */
static struct hash128 config_hash(const struct world *world, uint32_t id)
{
    const struct image_config *config = images_find_config(&world->images, id);
    struct change change = {.kind = CHANGE_IMAGE_CONFIG};
    if (config == NULL)
        return (struct hash128){0, 0};
    change.image_config = config->value;
    return change_hash(&change);
}

static void apply_image_config(struct world *world, const struct change *change)
{
    uint32_t id = change->image_config.id;
    world->hash = hash_subtract(world->hash, config_hash(world, id));
    images_apply(&world->images, change);
    world->hash = hash_add(world->hash, config_hash(world, id));
}

static void apply_chunk(struct world *world, const struct change_chunk *mark)
{
    struct chunk *chunk = world_find_chunk(world, mark->chunk);
    ensure(chunk != NULL && hash_is_equal(chunk->hash, mark->hash));
    chunk->version = mark->version;
}

static struct change character_change(const struct character *character)
{
    struct change change = {.kind = CHANGE_CHARACTER};
    change.character = (struct change_character){character->id, character->account, character->pos,
                                                 character->last_intent, character->done};
    return change;
}

/* Resident characters of the account get its new name and key. Is there one? */
static bool rename_resident(struct world *world, const struct change_account *account)
{
    bool is_resident = false;
    for (uint32_t i = 0; i < world->character_pool.capacity; i++) {
        struct character *character = &world->characters[i];
        if (!pool_is_used(&world->character_pool, i) ||
            character->account.value != account->id.value)
            continue;
        world_rename_character(character, account);
        is_resident = true;
    }
    return is_resident;
}

static void apply_account(struct world *world, const struct change *change)
{
    if (rename_resident(world, &change->account))
        return;
    struct change character = {.kind = CHANGE_CHARACTER};
    character.character.account = change->account.id;
    ensure(world_load_character(world, change, &character) != NULL);
}

/* A new account waits with character id 0 until its character's first change. */
static struct character *character_get(struct world *world, const struct change_character *value)
{
    struct character *character = world_find_character(world, value->id);
    for (uint32_t i = 0; character == NULL && i < world->character_pool.capacity; i++) {
        struct character *candidate = &world->characters[i];
        if (pool_is_used(&world->character_pool, i) && candidate->id.value == 0 &&
            candidate->account.value == value->account.value)
            character = candidate;
    }
    ensure(character != NULL && character->account.value == value->account.value);
    return character;
}

static void apply_character(struct world *world, const struct change *change)
{
    struct character *character = character_get(world, &change->character);
    if (character->id.value != 0) {
        struct change before = character_change(character);
        world->hash = hash_subtract(world->hash, change_hash(&before));
    } else {
        world_name_character(world, character, change->character.id);
    }
    character->pos = change->character.pos;
    character->last_intent = change->character.last_intent;
    character->done = change->character.done;
    world->hash = hash_add(world->hash, change_hash(change));
}

static void apply_actor(struct world *world, const struct change_actor *value)
{
    ensure(value->actor < world->actors_max);
    world->actors[value->actor] = (struct actor){value->character, value->pos,
                                                 (uint8_t)value->direction, value->is_present != 0};
}

void world_apply(struct world *world, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_CELL:
    case CHANGE_ENTITY:
    case CHANGE_STRUCTURE:
    case CHANGE_PILE:
        apply_in_chunk(world, change);
        break;
    case CHANGE_CHUNK:
        apply_chunk(world, &change->chunk);
        break;
    case CHANGE_ACCOUNT:
        apply_account(world, change);
        break;
    case CHANGE_CHARACTER:
        apply_character(world, change);
        break;
    case CHANGE_SLOT:
    case CHANGE_SKILL:
        apply_own(world, change);
        break;
    case CHANGE_IMAGE_CONFIG:
        apply_image_config(world, change);
        break;
    case CHANGE_IMAGE:
    case CHANGE_IMAGE_BAN:
        images_apply(&world->images, change);
        break;
    case CHANGE_ACTOR:
        apply_actor(world, &change->actor);
        break;
    case CHANGE_SAID:       /* heard, not kept */
    case CHANGE_OFFER:      /* seen, not kept */
    case CHANGE_IMAGE_EDIT: /* only the database keeps it */
        break;
    case CHANGE_NONE:
    case CHANGE_KIND_COUNT:
        ensure(false); /* a change without a kind */
    }
}

static bool check_own(const struct world *world, const struct change *change, struct error *error)
{
    if (world_find_character(world, change_owner(change)) == NULL)
        return error_set(error, "a bag or a skill of somebody else");
    if (change->kind == CHANGE_OFFER)
        return stack_check(&change->offer.stack, world->catalog) ||
               error_set(error, "an offer: there cannot be such a stack");
    if (change->kind == CHANGE_SKILL)
        return catalog_find_skill(world->catalog, change->skill.skill) != NULL ||
               error_set(error, "skill %u is not in the catalogue", change->skill.skill);
    if (change->slot.slot >= world->slots_max)
        return error_set(error, "slot %u of a bag with %u", change->slot.slot, world->slots_max);
    return stack_check(&change->slot.stack, world->catalog) ||
           error_set(error, "slot %u: there cannot be such a stack", change->slot.slot);
}

static bool check_mark(const struct world *world, const struct change_chunk *mark,
                       struct error *error)
{
    const struct chunk *marked = world_find_chunk(world, mark->chunk);
    return (marked != NULL && hash_is_equal(marked->hash, mark->hash)) ||
           error_set(error, "chunk (%d,%d) is not as its hash says", mark->chunk.x, mark->chunk.y);
}

static bool check_config(const struct world *world, const struct change_image_config *value,
                         struct error *error)
{
    return images_find_config(&world->images, value->id) != NULL ||
           world->images.config_pool.used < world->images.config_pool.capacity ||
           error_set(error, "no room for more than %u image configurations",
                     world->images.config_pool.capacity);
}

bool world_check(const struct world *world, const struct chunk *chunk, const struct change *change,
                 struct error *error)
{
    if (change->kind == CHANGE_NONE || change->kind >= CHANGE_KIND_COUNT)
        return error_set(error, "%u is no kind of change", (unsigned)change->kind);
    const struct schema *schema = change_schema(change->kind);
    const char *field = "";
    if (!schema_check(schema, change_record(change), &field))
        return error_set(error, "%s: %s is out of range", schema->name, field);
    if (change->kind == CHANGE_CHUNK)
        return check_mark(world, &change->chunk, error);
    if (change->kind == CHANGE_IMAGE_CONFIG)
        return check_config(world, &change->image_config, error);
    if (schema->flags & CHANGE_IS_OWN)
        return check_own(world, change, error);
    if (!(schema->flags & CHANGE_IN_CHUNK))
        return error_set(error, "%s is not for a mirror", schema->name);
    struct cell_pos cell = change_cell(change);
    return chunk != NULL ? chunk_check(world, chunk, change, error)
                         : error_set(error, "cell (%d,%d) is not in view", cell.x, cell.y);
}
