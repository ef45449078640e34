/* The one door: every change of the world goes through world_apply. */
#include "world/world.h"

#include "base/ensure.h"

static struct chunk *chunk_of(const struct world *world, struct cell_pos cell)
{
    return world_find_chunk(world, grid_chunk_of(cell));
}

static bool bit_get(const uint64_t *bits, uint32_t index)
{
    return (bits[index / 64] >> (index % 64) & 1) != 0;
}

static void bit_set(uint64_t *bits, uint32_t index, bool value)
{
    bits[index / 64] &= ~((uint64_t)1 << (index % 64));
    bits[index / 64] |= (uint64_t)value << (index % 64);
}

/* Works out anew whether the cell is solid, after what is in it changed. */
static void cell_refresh(struct world *world, struct chunk *chunk, struct cell_pos cell)
{
    const struct catalog *catalog = world->catalog;
    bool is_solid = catalog->terrains[world_terrain(world, cell)].is_solid ||
                    catalog->entities[world_natural_type(world, cell)].is_solid;
    const struct entity *entity = world_first_entity(world, cell);
    for (; entity != NULL && !is_solid; entity = world_next_entity(world, entity))
        is_solid = catalog->entities[entity->type].is_solid;
    bit_set(chunk->solid, grid_cell_index(cell), is_solid);
}

/* What a kept cell's CELL change was: `replaced` follows from what is generated there. */
static struct change cell_change(const struct world *world, const struct chunk *chunk,
                                 struct cell_pos cell)
{
    uint8_t natural = chunk->base.natural[grid_cell_index(cell)];
    struct change change = {.kind = CHANGE_CELL};
    change.cell = (struct change_cell){cell, 1, world->catalog->natural_types[natural]};
    return change;
}

static struct change entity_change(const struct entity *entity)
{
    struct change change = {.kind = CHANGE_ENTITY};
    change.entity = (struct change_entity){entity->id, entity->cell, entity->type, entity->image,
                                           entity->placer};
    return change;
}

static void put_cell(struct world *world, struct chunk *chunk, const struct change_cell *cell)
{
    uint32_t index = grid_cell_index(cell->cell);
    bool was_kept = bit_get(chunk->kept, index);
    if (was_kept == (cell->is_kept != 0))
        return;

    struct change change = cell_change(world, chunk, cell->cell);
    struct hash128 hash = change_hash(&change);
    chunk->hash = was_kept ? hash_subtract(chunk->hash, hash) : hash_add(chunk->hash, hash);
    chunk->kept_count += was_kept ? (uint32_t)-1 : 1;
    bit_set(chunk->kept, index, !was_kept);
    cell_refresh(world, chunk, cell->cell);
}

/* The link that points to the entity in its row, or to the row's end. */
static uint32_t *entity_link(struct world *world, struct chunk *chunk,
                             const struct change_entity *entity)
{
    uint32_t *link = &chunk->rows[grid_cell_index(entity->cell) / GRID_CHUNK_CELLS];
    while (*link != WORLD_NONE && world->entities[*link].id.value != entity->id.value)
        link = &world->entities[*link].next;
    return link;
}

static void put_entity(struct world *world, struct chunk *chunk, const struct change_entity *value)
{
    uint32_t *link = entity_link(world, chunk, value);
    if (*link != WORLD_NONE) {
        struct change before = entity_change(&world->entities[*link]);
        chunk->hash = hash_subtract(chunk->hash, change_hash(&before));
    }
    if (value->type == 0 && *link != WORLD_NONE) {
        uint32_t index = *link;
        *link = world->entities[index].next;
        pool_remove(&world->entity_pool, index);
        chunk->entity_count--;
    } else if (value->type != 0) {
        if (*link == WORLD_NONE) {
            *link = pool_add(&world->entity_pool);
            ensure(*link != POOL_NONE);
            world->entities[*link].next = WORLD_NONE;
            chunk->entity_count++;
        }
        struct entity *entity = &world->entities[*link];
        *entity = (struct entity){value->id,    value->placer, value->cell,
                                  value->image, entity->next,  (uint16_t)value->type};
        struct change after = entity_change(entity);
        chunk->hash = hash_add(chunk->hash, change_hash(&after));
    }
    cell_refresh(world, chunk, value->cell);
}

static void put_in_chunk(struct world *world, struct chunk *chunk, const struct change *change)
{
    if (change->kind == CHANGE_CELL)
        put_cell(world, chunk, &change->cell);
    else
        put_entity(world, chunk, &change->entity);
}

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

void world_load(struct world *world, const struct change *change)
{
    if (change_schema(change->kind)->flags & CHANGE_IS_OWN) {
        (void)put_own(world, change);
        return;
    }
    struct chunk *chunk = chunk_of(world, change_cell(change));
    ensure(chunk != NULL);
    put_in_chunk(world, chunk, change);
}

static void apply_in_chunk(struct world *world, const struct change *change)
{
    struct chunk *chunk = chunk_of(world, change_cell(change));
    ensure(chunk != NULL);
    struct hash128 before = chunk->hash;
    put_in_chunk(world, chunk, change);
    world->hash = hash_add(world->hash, hash_subtract(chunk->hash, before));
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
        world->hash = hash_add(world->hash, put_own(world, change));
        break;
    case CHANGE_ACTOR:
        apply_actor(world, &change->actor);
        break;
    case CHANGE_SAID: /* heard, not kept */
        break;
    case CHANGE_NONE:
    case CHANGE_KIND_COUNT:
        ensure(false); /* a change without a kind */
    }
}

static bool check_entity(const struct world *world, struct chunk *chunk,
                         const struct change_entity *value, struct error *error)
{
    struct world *mutable_for_link = (struct world *)world; /* entity_link only reads here */
    uint32_t index = *entity_link(mutable_for_link, chunk, value);
    bool is_there = index != WORLD_NONE;
    if (is_there && !grid_is_same_cell(world->entities[index].cell, value->cell))
        return error_set(error, "an entity moves to cell (%d,%d)", value->cell.x, value->cell.y);
    if (value->type == 0)
        return is_there || error_set(error, "an entity that is not there is removed");
    if (catalog_find_type(world->catalog, value->type) == NULL)
        return error_set(error, "type %u is not in the catalogue", value->type);
    if (!is_there && chunk->entity_count >= WORLD_CHUNK_ENTITIES_MAX)
        return error_set(error, "more than %d entities in a chunk", WORLD_CHUNK_ENTITIES_MAX);
    if (!is_there && world_is_full(world))
        return error_set(error, "no room for more than %u entities", world->entity_pool.capacity);
    return true;
}

static bool check_own(const struct world *world, const struct change *change, struct error *error)
{
    if (world_find_character(world, change_owner(change)) == NULL)
        return error_set(error, "a bag or a skill of somebody else");
    if (change->kind == CHANGE_SKILL)
        return catalog_find_skill(world->catalog, change->skill.skill) != NULL ||
               error_set(error, "skill %u is not in the catalogue", change->skill.skill);
    if (change->slot.slot >= world->slots_max)
        return error_set(error, "slot %u of a bag with %u", change->slot.slot, world->slots_max);
    return stack_check(&change->slot.stack, world->catalog) ||
           error_set(error, "slot %u: there cannot be such a stack", change->slot.slot);
}

bool world_check(const struct world *world, const struct change *change, struct error *error)
{
    if (change->kind == CHANGE_NONE || change->kind >= CHANGE_KIND_COUNT)
        return error_set(error, "%u is no kind of change", (unsigned)change->kind);
    const struct schema *schema = change_schema(change->kind);
    const char *field = "";
    if (!schema_check(schema, change_record(change), &field))
        return error_set(error, "%s: %s is out of range", schema->name, field);
    if (change->kind == CHANGE_CHUNK) {
        const struct chunk *marked = world_find_chunk(world, change->chunk.chunk);
        return marked != NULL && hash_is_equal(marked->hash, change->chunk.hash)
                   ? true
                   : error_set(error, "chunk (%d,%d) is not as its hash says",
                               change->chunk.chunk.x, change->chunk.chunk.y);
    }
    if (schema->flags & CHANGE_IS_OWN)
        return check_own(world, change, error);
    if (!(schema->flags & CHANGE_IN_CHUNK))
        return error_set(error, "%s is not for a mirror", schema->name);
    struct cell_pos cell = change_cell(change);
    struct chunk *chunk = chunk_of(world, cell);
    if (chunk == NULL)
        return error_set(error, "cell (%d,%d) is not in view", cell.x, cell.y);
    if (change->kind == CHANGE_CELL &&
        change->cell.replaced != cell_change(world, chunk, cell).cell.replaced)
        return error_set(error, "cell (%d,%d): another thing is generated there", cell.x, cell.y);
    if (change->kind == CHANGE_ENTITY)
        return check_entity(world, chunk, &change->entity, error);
    return true;
}
