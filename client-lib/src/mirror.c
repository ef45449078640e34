#include "mirror.h"

#include <stdio.h>

#include "base/memory.h"
#include "wire/handshake.h"

/* The version of a chunk that waits to be sent whole: nothing is newer, so changes are ignored. */
#define VERSION_BROKEN UINT64_MAX

enum { SPARE_CHUNKS = 3, SURROUND_CELLS = 16 };

/* For so many entities there is room for one of these: as for all that chunks may have that are as
 * full of them. */
enum {
    STRUCTURES_SHARE = WORLD_CHUNK_ENTITIES_MAX / WORLD_CHUNK_STRUCTURES_MAX,
    PILES_SHARE = WORLD_CHUNK_ENTITIES_MAX / WORLD_CHUNK_PILES_MAX,
    IMAGES_SHARE = 4,
};

/* Makes the player's character resident; only what it owns is of interest. */
static void load_character(struct world *world, struct character_id own)
{
    static const uint8_t key[CRYPTO_PUBLIC_BYTES];
    struct change account = {.kind = CHANGE_ACCOUNT}, character = {.kind = CHANGE_CHARACTER};
    account.account =
        (struct change_account){{own.value}, {(const uint8_t *)"-", 1}, {key, sizeof key}, 0};
    character.character = (struct change_character){own, {own.value}, {0, 0}, 0, 0};
    (void)world_load_character(world, &account, &character);
}

void tilth_mirror_open(struct mirror *mirror, const struct catalog *catalog,
                       const struct mirror_options *options)
{
    /* chunks across: those the view touches, and some that the server forgets late */
    uint32_t across = 2 * (options->view_cells / GRID_CHUNK_CELLS + 1) + 1 + SPARE_CHUNKS;
    struct world_options world = {
        .catalog = catalog,
        .generator = options->generator,
        .chunks_max = across * across,
        .entities_max = options->entities_max,
        .structures_max = options->entities_max / STRUCTURES_SHARE,
        .piles_max = options->entities_max / PILES_SHARE,
        .image_configs_max = options->entities_max / IMAGES_SHARE,
        .characters_max = 1,
        .slots_max = options->slots_max > 0 ? options->slots_max : 1,
        .actors_max = 1,
    };
    *mirror = (struct mirror){.is_open = true, .is_seed_shared = options->is_seed_shared};
    world_init(&mirror->world, &world);
    load_character(&mirror->world, options->own);
    mirror->content = memory_reserve("client content", 1, sizeof *mirror->content);
    mirror->codec = content_codec_create();
}

void tilth_mirror_close(struct mirror *mirror)
{
    world_finish(&mirror->world);
    memory_release(mirror->content);
    content_codec_destroy(&mirror->codec);
    *mirror = (struct mirror){.is_open = false};
}

static void tell(struct events *events, enum tilth_event_kind kind, int32_t x, int32_t y)
{
    struct tilth_event event = {.kind = kind, .x = x, .y = y};
    tilth_events_push(events, &event);
}

/* The generated chunk, by our own generator or as it was sent; NULL with the verdict. */
static struct chunk *add_chunk(struct mirror *mirror, const struct message_view *view,
                               enum mirror_verdict *out_verdict)
{
    struct generator_chunk base;
    struct chunk *chunk = NULL;
    if (mirror->is_seed_shared) {
        chunk = world_add_chunk(&mirror->world, view->chunk);
    } else if (content_decode_base(mirror->codec, view->base.bytes, view->base.size_bytes, &base)) {
        chunk = world_add_chunk_as(&mirror->world, view->chunk, &base);
    } else {
        *out_verdict = MIRROR_WRONG;
        return NULL;
    }
    if (chunk == NULL)
        *out_verdict = MIRROR_FULL;
    return chunk;
}

/* Is there no room for one more of some kind? */
static bool is_full(const struct world *world)
{
    return world_is_full(world) || world->structure_pool.used == world->structure_pool.capacity ||
           world->pile_pool.used == world->pile_pool.capacity;
}

/* Is anything in it that does not look like its type? */
static bool has_look(const struct content *content)
{
    struct change change;
    bool is_any = false;
    for (uint32_t i = content->cell_count; !is_any && content_change(content, i, &change); i++)
        is_any = change_look(&change) != 0;
    return is_any;
}

/* Makes the chunk, which is not there, as the message says. */
static enum mirror_verdict load_view(struct mirror *mirror, const struct message_view *view)
{
    enum mirror_verdict verdict = MIRROR_TAKEN;
    if (!content_decode(mirror->codec, view->content.bytes, view->content.size_bytes, view->chunk,
                        mirror->content))
        return MIRROR_WRONG;
    struct chunk *chunk = add_chunk(mirror, view, &verdict);
    if (chunk == NULL)
        return verdict;
    if (!content_load(&mirror->world, mirror->content, NULL) ||
        !hash_is_equal(chunk->hash, view->hash)) {
        verdict = is_full(&mirror->world) ? MIRROR_FULL : MIRROR_WRONG;
        world_remove_chunk(&mirror->world, chunk);
        return verdict;
    }
    chunk->version = view->version;
    mirror->has_looks = mirror->has_looks || has_look(mirror->content);
    return MIRROR_TAKEN;
}

enum mirror_verdict tilth_mirror_view(struct mirror *mirror, const struct message_view *view,
                                      struct events *events)
{
    bool was_there = world_find_chunk(&mirror->world, view->chunk) != NULL;
    tilth_mirror_forget(mirror, view->chunk, NULL);
    enum mirror_verdict verdict = load_view(mirror, view);
    if (verdict == MIRROR_TAKEN)
        tell(events, TILTH_EVENT_CHUNK_APPEARED, view->chunk.x, view->chunk.y);
    else if (was_there)
        tell(events, TILTH_EVENT_CHUNK_VANISHED, view->chunk.x, view->chunk.y);
    return verdict;
}

/* The type of the thing that the change is about, 0 none. */
static uint32_t type_of(const struct change *change)
{
    if (change->kind == CHANGE_ENTITY)
        return change->entity.type;
    if (change->kind == CHANGE_STRUCTURE)
        return change->structure.type;
    return change->kind == CHANGE_PILE ? change->pile.stack.type : 0;
}

bool tilth_mirror_has_types(const struct mirror *mirror, const struct message_changes *changes)
{
    const struct catalog *catalog = mirror->world.catalog;
    struct framed framed;
    struct change change;
    size_t offset = 0;
    bool has_all = true;
    while (framing_next(changes->body.bytes, changes->body.size_bytes, &offset, &framed)) {
        uint32_t type = framing_change(&framed, &change) ? type_of(&change) : 0;
        has_all = has_all && (type == 0 || catalog_find_type(catalog, type) != NULL);
    }
    return has_all;
}

/* Does the change belong into this message: a cell of its chunk, or its own mark? */
static bool is_of_chunk(const struct change *change, const struct message_changes *changes)
{
    if (change->kind == CHANGE_CHUNK)
        return grid_is_same_chunk(change->chunk.chunk, changes->chunk) &&
               change->chunk.version == changes->to;
    return (change_schema(change->kind)->flags & CHANGE_IN_CHUNK) != 0;
}

/* Tells of the cells in this chunk that the change is about. */
static void tell_cells(struct events *events, const struct chunk *chunk,
                       const struct change *change)
{
    struct cell_area area, part;
    if (!change_area(change, &area) || !grid_area_in_chunk(area, chunk->pos, &part))
        return;
    struct cell_pos cell = part.least;
    do {
        tell(events, TILTH_EVENT_CELL_CHANGED, cell.x, cell.y);
    } while (grid_area_next(part, &cell));
}

/* One change after the other; true when the mark was the last. */
static bool apply_all(struct mirror *mirror, const struct message_changes *changes,
                      struct events *events)
{
    struct framed framed;
    size_t offset = 0;
    bool is_marked = false;
    struct cell_pos told = {0, 0};
    bool has_told = false;
    struct chunk *chunk = world_find_chunk(&mirror->world, changes->chunk);
    while (framing_next(changes->body.bytes, changes->body.size_bytes, &offset, &framed)) {
        struct change change;
        if (is_marked || !framing_change(&framed, &change) || !is_of_chunk(&change, changes) ||
            !world_check(&mirror->world, chunk, &change, NULL))
            return false;
        is_marked = change.kind == CHANGE_CHUNK;
        if (is_marked) {
            world_apply(&mirror->world, &change);
            continue;
        }
        world_load(&mirror->world, chunk, &change);
        mirror->has_looks = mirror->has_looks || change_look(&change) != 0;
        struct cell_pos cell = change_cell(&change);
        bool is_told = has_told && grid_is_same_cell(cell, told);
        if (!is_told || change.kind == CHANGE_STRUCTURE)
            tell_cells(events, chunk, &change);
        told = cell;
        has_told = true;
    }
    return is_marked && offset == changes->body.size_bytes;
}

enum mirror_verdict tilth_mirror_change(struct mirror *mirror,
                                        const struct message_changes *changes,
                                        struct events *events)
{
    struct chunk *chunk = world_find_chunk(&mirror->world, changes->chunk);
    if (chunk == NULL)
        return MIRROR_WRONG;
    if (changes->to <= chunk->version)
        return MIRROR_IGNORED;
    /* Changes are absolute: ones that begin before our version fit too. The mark's hash decides. */
    if (changes->from <= chunk->version && apply_all(mirror, changes, events))
        return MIRROR_TAKEN;
    chunk->version = VERSION_BROKEN;
    return MIRROR_WRONG;
}

const struct character *tilth_mirror_character(const struct mirror *mirror)
{
    return &mirror->world.characters[0];
}

static void tell_own(struct mirror *mirror, struct events *events, const struct change *change)
{
    if (change->kind == CHANGE_SLOT)
        tell(events, TILTH_EVENT_SLOT_CHANGED, (int32_t)change->slot.slot, 0);
    else if (change->kind == CHANGE_SKILL)
        tell(events, TILTH_EVENT_SKILL_CHANGED, (int32_t)change->skill.skill, 0);
    else
        tilth_offers_take(&mirror->offers, mirror->world.catalog, &change->offer, events);
}

/* A change of a skill that is not the whole of it may be a new level. */
static void tell_level(const struct mirror *mirror, struct events *events,
                       const struct change_skill *value)
{
    const struct world *world = &mirror->world;
    const struct skill_def *def = catalog_find_skill(world->catalog, value->skill);
    uint32_t points = world_skill(world, tilth_mirror_character(mirror), value->skill);
    uint32_t level = catalog_skill_level(def, value->points);
    struct tilth_event event = {.kind = TILTH_EVENT_LEVEL_UP, .x = (int32_t)level};
    if (level <= catalog_skill_level(def, points))
        return;
    (void)snprintf(event.name, sizeof event.name, "%s", def->name);
    tilth_events_push(events, &event);
}

/* Makes everything empty that is not, before the whole of it comes. */
static void clear_own(struct mirror *mirror, struct events *events)
{
    const struct character *own = tilth_mirror_character(mirror);
    for (uint32_t slot = 0; slot < mirror->world.slots_max; slot++) {
        struct change change = {.kind = CHANGE_SLOT};
        change.slot = (struct change_slot){own->id, slot, {.type = 0}};
        if (stack_is_empty(world_slot(&mirror->world, own, slot)))
            continue;
        world_apply(&mirror->world, &change);
        tell_own(mirror, events, &change);
    }
    for (uint32_t skill = 1; skill < CATALOG_SKILLS_MAX; skill++) {
        struct change change = {.kind = CHANGE_SKILL};
        change.skill = (struct change_skill){own->id, skill, 0};
        if (world_skill(&mirror->world, own, skill) > 0)
            world_apply(&mirror->world, &change);
    }
}

enum mirror_verdict tilth_mirror_own(struct mirror *mirror, const struct message_own *own,
                                     struct events *events)
{
    struct framed framed;
    size_t offset = 0;
    if (own->is_whole)
        clear_own(mirror, events);
    while (framing_next(own->body.bytes, own->body.size_bytes, &offset, &framed)) {
        struct change change;
        if (!framing_change(&framed, &change) ||
            (change_schema(change.kind)->flags & CHANGE_IS_OWN) == 0 ||
            !world_check(&mirror->world, NULL, &change, NULL))
            return MIRROR_WRONG;
        if (change.kind == CHANGE_OFFER &&
            !handshake_is_name(change.offer.name.bytes, change.offer.name.size_bytes))
            return MIRROR_WRONG;
        if (change.kind == CHANGE_SKILL && !own->is_whole)
            tell_level(mirror, events, &change.skill);
        world_apply(&mirror->world, &change);
        mirror->has_looks = mirror->has_looks || change_look(&change) != 0;
        tell_own(mirror, events, &change);
    }
    return offset == own->body.size_bytes ? MIRROR_TAKEN : MIRROR_WRONG;
}

void tilth_mirror_forget(struct mirror *mirror, struct chunk_pos pos, struct events *events)
{
    struct chunk *chunk = world_find_chunk(&mirror->world, pos);
    if (chunk == NULL)
        return;
    world_remove_chunk(&mirror->world, chunk);
    if (events != NULL)
        tell(events, TILTH_EVENT_CHUNK_VANISHED, pos.x, pos.y);
}

void tilth_mirror_clear(struct mirror *mirror, struct events *events)
{
    for (uint32_t i = 0; mirror->is_open && i < mirror->world.chunk_pool.capacity; i++) {
        if (pool_is_used(&mirror->world.chunk_pool, i))
            tilth_mirror_forget(mirror, mirror->world.chunks[i].pos, events);
    }
    tilth_offers_clear(&mirror->offers, events);
}

bool tilth_mirror_has_cell(const struct mirror *mirror, int64_t x, int64_t y)
{
    if (!mirror->is_open || !grid_is_cell(x, y))
        return false;
    struct cell_pos cell = {(int32_t)x, (int32_t)y};
    return world_find_chunk(&mirror->world, grid_chunk_of(cell)) != NULL;
}

bool tilth_mirror_surrounds(const struct mirror *mirror, struct world_pos pos, uint32_t view_cells)
{
    struct cell_pos here = grid_cell_of(pos);
    /* half the view's radius is inside of it at the corners too, whatever its shape */
    int64_t by = view_cells / 2 < SURROUND_CELLS ? view_cells / 2 : SURROUND_CELLS;
    for (int64_t y = here.y - by; y <= here.y + by; y += by > 0 ? by : 1) {
        for (int64_t x = here.x - by; x <= here.x + by; x += by > 0 ? by : 1) {
            if (grid_is_cell(x, y) && !tilth_mirror_has_cell(mirror, x, y))
                return false;
        }
    }
    return true;
}
