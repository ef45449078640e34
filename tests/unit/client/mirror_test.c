#include "mirror.h"

#include <string.h>

#include "base/memory.h"
#include "stage.h"
#include "testing.h"

/* A stage that was told nothing yet, and a mirror that shows what the stage sends. */
struct rig {
    struct stage stage;
    struct mirror mirror;
    struct events events;
    uint8_t *packet; /* the latest message's bytes */
};

static struct rig *rig_create(bool is_seed_shared)
{
    struct rig *rig = memory_reserve("rig", 1, sizeof *rig);
    stage_init(&rig->stage);
    rig->stage.is_seed_shared = is_seed_shared;
    struct mirror_options options = {
        .generator = rig->stage.world.generator,
        .is_seed_shared = is_seed_shared,
        .view_cells = 32,
        .entities_max = 1000,
        .slots_max = 8,
        .own = {5},
    };
    tilth_mirror_open(&rig->mirror, rig->stage.catalog, &options);
    tilth_events_init(&rig->events);
    rig->packet = malloc(1 << 20);
    return rig;
}

static void rig_destroy(struct rig *rig)
{
    tilth_mirror_close(&rig->mirror);
    tilth_events_finish(&rig->events);
    stage_finish(&rig->stage);
    free(rig->packet);
    memory_release(rig);
}

/* The next message that the stage has for the client. */
static struct message next_message(struct rig *rig)
{
    enum wire_channel channel;
    struct span packet;
    struct message message;
    size_t offset = 0;
    bool is_malformed;
    ck_assert(stage_take_packet(&rig->stage, &channel, &packet));
    memcpy(rig->packet, packet.bytes, packet.size_bytes);
    ck_assert(message_next(rig->packet, packet.size_bytes, &offset, &message, &is_malformed));
    return message;
}

static enum mirror_verdict show(struct rig *rig, struct chunk_pos chunk)
{
    stage_send_view(&rig->stage, chunk);
    struct message message = next_message(rig);
    return tilth_mirror_view(&rig->mirror, &message.view, &rig->events);
}

static bool is_alike(const struct rig *rig, struct chunk_pos pos)
{
    const struct chunk *here = world_find_chunk(&rig->mirror.world, pos);
    const struct chunk *there = world_find_chunk(&rig->stage.world, pos);
    return here != NULL && hash_is_equal(here->hash, there->hash) &&
           here->version == there->version &&
           memcmp(&here->base, &there->base, sizeof here->base) == 0 &&
           memcmp(here->solid, there->solid, sizeof here->solid) == 0;
}

static enum tilth_event_kind next_kind(struct rig *rig)
{
    struct tilth_event event;
    return tilth_events_pop(&rig->events, &event) ? event.kind : TILTH_EVENT_NONE;
}

static const struct chunk_pos chunk_a = {-1, 0};
static const struct cell_pos cell_a = {-3, 5};

static uint32_t type_of(const struct rig *rig, const char *name)
{
    return catalog_find_name(rig->stage.catalog, name)->type;
}

START_TEST(a_view_and_its_changes_give_the_same_chunk)
{
    struct rig *rig = rig_create(true);
    stage_put(&rig->stage, cell_a, type_of(rig, "wood_block"));
    (void)next_message(rig);
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
    ck_assert_int_eq(next_kind(rig), TILTH_EVENT_CHUNK_APPEARED);
    ck_assert(is_alike(rig, chunk_a));
    for (int32_t i = 0; i < 20; i++) {
        stage_put(&rig->stage, (struct cell_pos){-64 + i * 3 % 64, i}, type_of(rig, "sign"));
        struct message message = next_message(rig);
        ck_assert_int_eq(tilth_mirror_change(&rig->mirror, &message.changes, &rig->events),
                         MIRROR_TAKEN);
        ck_assert(is_alike(rig, chunk_a));
    }
    ck_assert_int_eq(next_kind(rig), TILTH_EVENT_CELL_CHANGED);
    stage_put(&rig->stage, cell_a, 0);
    struct message message = next_message(rig);
    ck_assert_int_eq(tilth_mirror_change(&rig->mirror, &message.changes, &rig->events),
                     MIRROR_TAKEN);
    ck_assert(is_alike(rig, chunk_a) && !world_is_occupied(&rig->mirror.world, cell_a));
    rig_destroy(rig);
}
END_TEST

START_TEST(a_chunk_without_the_seed_is_the_same)
{
    struct rig *rig = rig_create(false);
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
    ck_assert(is_alike(rig, chunk_a));
    stage_send_view(&rig->stage, chunk_a);
    struct message message = next_message(rig);
    message.view.base.size_bytes /= 2;
    ck_assert_int_eq(tilth_mirror_view(&rig->mirror, &message.view, &rig->events), MIRROR_WRONG);
    ck_assert_ptr_null(world_find_chunk(&rig->mirror.world, chunk_a));
    rig_destroy(rig);
}
END_TEST

START_TEST(a_base_with_unknown_numbers_is_refused)
{
    struct rig *rig = rig_create(false);
    struct generator_chunk base = {{0}, {0}}, decoded;
    uint8_t bytes[CONTENT_BASE_BYTES_MAX];
    for (int i = 0; i < 2; i++) {
        uint8_t *number = i == 0 ? &base.terrain[4095] : &base.natural[0];
        *number = i == 0 ? TERRAIN_COUNT : NATURAL_COUNT;
        size_t size = content_encode_base(rig->stage.codec, &base, bytes, sizeof bytes);
        ck_assert_uint_gt(size, 0);
        ck_assert(!content_decode_base(rig->mirror.codec, bytes, size, &decoded));
        *number = 0;
        size = content_encode_base(rig->stage.codec, &base, bytes, sizeof bytes);
        ck_assert(content_decode_base(rig->mirror.codec, bytes, size, &decoded));
    }
    ck_assert_uint_eq(content_encode_base(rig->stage.codec, &base, bytes, 3), 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(old_and_unknown_changes_are_told_apart)
{
    struct rig *rig = rig_create(true);
    stage_put(&rig->stage, cell_a, type_of(rig, "sign"));
    struct message old = next_message(rig);
    uint8_t *kept = malloc(old.changes.body.size_bytes);
    memcpy(kept, old.changes.body.bytes, old.changes.body.size_bytes);
    old.changes.body.bytes = kept;
    ck_assert_int_eq(tilth_mirror_change(&rig->mirror, &old.changes, &rig->events), MIRROR_WRONG);
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
    ck_assert_int_eq(tilth_mirror_change(&rig->mirror, &old.changes, &rig->events), MIRROR_IGNORED);
    ck_assert(is_alike(rig, chunk_a));
    free(kept);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_gap_asks_once_and_then_waits_for_the_view)
{
    struct rig *rig = rig_create(true);
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
    stage_put(&rig->stage, cell_a, type_of(rig, "sign"));
    (void)next_message(rig); /* lost */
    for (int i = 0; i < 3; i++) {
        stage_put(&rig->stage, (struct cell_pos){-9, i}, type_of(rig, "sign"));
        struct message message = next_message(rig);
        ck_assert_int_eq(tilth_mirror_change(&rig->mirror, &message.changes, &rig->events),
                         i == 0 ? MIRROR_WRONG : MIRROR_IGNORED);
    }
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
    ck_assert(is_alike(rig, chunk_a));
    rig_destroy(rig);
}
END_TEST

/* Each is a valid message that lies in one way. */
enum lie { LIE_HASH, LIE_CHUNK, LIE_NO_MARK, LIE_CUT, LIE_TO, LIE_KIND, LIE_COUNT };

static void tell_lie(enum lie lie, struct message_changes *changes)
{
    static const uint8_t said[] = {CHANGE_SAID, 0};
    if (lie == LIE_HASH)
        ((uint8_t *)changes->body.bytes)[changes->body.size_bytes - 4] ^= 1; /* the hash's */
    if (lie == LIE_CHUNK)
        changes->chunk = (struct chunk_pos){0, 0};
    if (lie == LIE_NO_MARK)
        changes->body.size_bytes = 0;
    if (lie == LIE_CUT)
        changes->body.size_bytes -= 3;
    if (lie == LIE_TO)
        changes->to++;
    if (lie == LIE_KIND)
        changes->body = (struct span){said, sizeof said};
}

START_TEST(lies_are_wrong_and_a_view_heals_them)
{
    struct rig *rig = rig_create(true);
    ck_assert_int_eq(show(rig, (struct chunk_pos){0, 0}), MIRROR_TAKEN);
    for (enum lie lie = 0; lie < LIE_COUNT; lie++) {
        ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
        stage_put(&rig->stage, (struct cell_pos){-20, (int32_t)lie}, type_of(rig, "sign"));
        struct message message = next_message(rig);
        tell_lie(lie, &message.changes);
        ck_assert_int_eq(tilth_mirror_change(&rig->mirror, &message.changes, &rig->events),
                         MIRROR_WRONG);
    }
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
    ck_assert(is_alike(rig, chunk_a));
    rig_destroy(rig);
}
END_TEST

START_TEST(a_view_that_lies_leaves_nothing)
{
    struct rig *rig = rig_create(true);
    stage_put(&rig->stage, cell_a, type_of(rig, "sign"));
    (void)next_message(rig);
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
    (void)next_kind(rig);
    stage_send_view(&rig->stage, chunk_a);
    struct message message = next_message(rig);
    message.view.hash.low ^= 1;
    ck_assert_int_eq(tilth_mirror_view(&rig->mirror, &message.view, &rig->events), MIRROR_WRONG);
    ck_assert_int_eq(next_kind(rig), TILTH_EVENT_CHUNK_VANISHED);
    message.view.content.size_bytes = 0;
    ck_assert_int_eq(tilth_mirror_view(&rig->mirror, &message.view, &rig->events), MIRROR_WRONG);
    ck_assert_uint_eq(rig->mirror.world.chunk_pool.used, 0);
    ck_assert_uint_eq(rig->mirror.world.entity_pool.used, 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(more_chunks_than_announced_are_full)
{
    struct rig *rig = rig_create(true);
    static const uint8_t empty[5] = {0};
    struct message_view view = {.content = {empty, sizeof empty}};
    enum mirror_verdict verdict = MIRROR_TAKEN;
    for (int32_t x = 0; x < 1000 && verdict == MIRROR_TAKEN; x++) {
        view.chunk = (struct chunk_pos){GRID_CHUNK_MIN + x, GRID_CHUNK_MAX};
        verdict = tilth_mirror_view(&rig->mirror, &view, &rig->events);
    }
    ck_assert_int_eq(verdict, MIRROR_FULL);
    tilth_mirror_forget(&rig->mirror, (struct chunk_pos){GRID_CHUNK_MIN, GRID_CHUNK_MAX},
                        &rig->events);
    ck_assert_int_eq(tilth_mirror_view(&rig->mirror, &view, &rig->events), MIRROR_TAKEN);
    tilth_mirror_clear(&rig->mirror, &rig->events);
    ck_assert_uint_eq(rig->mirror.world.chunk_pool.used, 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(surrounded_means_all_around)
{
    struct rig *rig = rig_create(true);
    struct world_pos corner = {0, 0};
    for (int32_t i = 0; i < 4; i++) {
        ck_assert(!tilth_mirror_surrounds(&rig->mirror, corner, 64));
        ck_assert_int_eq(show(rig, (struct chunk_pos){-(i & 1), -(i >> 1)}), MIRROR_TAKEN);
    }
    ck_assert(tilth_mirror_surrounds(&rig->mirror, corner, 64));
    ck_assert(tilth_mirror_surrounds(&rig->mirror, corner, 1));
    ck_assert(!tilth_mirror_has_cell(&rig->mirror, 64, 0));
    ck_assert(!tilth_mirror_has_cell(&rig->mirror, (int64_t)GRID_CELL_MAX + 1, 0));
    rig_destroy(rig);
}
END_TEST

/* --- structures and piles -------------------------------------------------------------------- */

/* A building whose six cells lie in the four chunks around (0,0). */
static struct change building(const struct rig *rig, bool is_there)
{
    struct change change = {.kind = CHANGE_STRUCTURE};
    change.structure = (struct change_structure){
        .id = {900},
        .cell = {0, -1},
        .is_there = is_there,
        .type = type_of(rig, "building"),
        .width = 3,
        .height = 2,
        .left = 1,
        .top = 0,
    };
    return change;
}

static const struct chunk_pos corners[4] = {{-1, -1}, {0, -1}, {-1, 0}, {0, 0}};
static const struct cell_pos inside[4] = {{-1, -1}, {1, -1}, {-1, 0}, {1, 0}}; /* of each */

/* Nothing is generated where the building is to stand. */
static void clear_site(struct rig *rig)
{
    for (int32_t i = 0; i < 6; i++) {
        stage_put(&rig->stage, (struct cell_pos){i % 3 - 1, i / 3 - 1}, 0);
        (void)next_message(rig);
    }
}

static enum mirror_verdict change_next(struct rig *rig)
{
    struct message message = next_message(rig);
    return tilth_mirror_change(&rig->mirror, &message.changes, &rig->events);
}

/* How many cells were told of since the last call. */
static uint32_t cells_told(struct rig *rig)
{
    struct tilth_event event;
    uint32_t count = 0;
    while (tilth_events_pop(&rig->events, &event))
        count += event.kind == TILTH_EVENT_CELL_CHANGED;
    return count;
}

START_TEST(a_structure_comes_and_goes_chunk_by_chunk)
{
    static const uint32_t cells[4] = {1, 2, 1, 2};
    struct rig *rig = rig_create(true);
    clear_site(rig);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(show(rig, corners[i]), MIRROR_TAKEN);
    (void)cells_told(rig);
    for (int is_there = 1; is_there >= 0; is_there--) {
        struct change change = building(rig, is_there != 0);
        stage_change(&rig->stage, &change);
        for (int i = 0; i < 4; i++) {
            ck_assert(world_is_occupied(&rig->mirror.world, inside[i]) == !is_there);
            ck_assert_int_eq(change_next(rig), MIRROR_TAKEN);
            ck_assert_uint_eq(cells_told(rig), cells[i]);
            ck_assert(world_is_occupied(&rig->mirror.world, inside[i]) == (is_there != 0));
            ck_assert(world_is_solid(&rig->mirror.world, inside[i]) == (is_there != 0));
            ck_assert(is_alike(rig, corners[i]));
        }
        ck_assert_uint_eq(rig->mirror.world.structure_pool.used, is_there ? 4 : 0);
    }
    rig_destroy(rig);
}
END_TEST

START_TEST(a_structure_is_seen_through_one_chunk)
{
    struct rig *rig = rig_create(true);
    clear_site(rig);
    struct change built = building(rig, true), gone = building(rig, false);
    stage_change(&rig->stage, &built);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(change_next(rig), MIRROR_WRONG); /* not in view */
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(show(rig, corners[i]), MIRROR_TAKEN);
        ck_assert(is_alike(rig, corners[i]));
        const struct structure *seen = world_structure_at(&rig->mirror.world, inside[i]);
        ck_assert(seen != NULL && seen->id.value == 900 && seen->width == 3);
        ck_assert_uint_eq(rig->mirror.world.structure_pool.used, 1);
        tilth_mirror_forget(&rig->mirror, corners[i], &rig->events);
        ck_assert_uint_eq(rig->mirror.world.structure_pool.used, 0);
    }
    ck_assert_int_eq(show(rig, corners[0]), MIRROR_TAKEN); /* the primary cell is not in it */
    (void)cells_told(rig);
    stage_change(&rig->stage, &gone);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(change_next(rig), i == 0 ? MIRROR_TAKEN : MIRROR_WRONG);
    ck_assert_uint_eq(cells_told(rig), 1);
    ck_assert(is_alike(rig, corners[0]));
    ck_assert_ptr_null(world_structure_at(&rig->mirror.world, inside[0]));
    rig_destroy(rig);
}
END_TEST

/* A message of one change to a chunk, with a mark that would follow. */
static enum mirror_verdict tell_change(struct rig *rig, struct chunk_pos pos,
                                       const struct change *change)
{
    uint8_t bytes[512];
    struct packet packet;
    const struct chunk *chunk = world_find_chunk(&rig->mirror.world, pos);
    struct change mark = {.kind = CHANGE_CHUNK};
    uint64_t to = chunk->version + 1;
    mark.chunk = (struct change_chunk){pos, to, chunk->hash, chunk->version};
    framing_init(&packet, bytes, sizeof bytes);
    ck_assert(framing_add_change(&packet, change) && framing_add_change(&packet, &mark));
    struct message_changes changes = {
        pos, chunk->version, to, {bytes, (uint32_t)packet.size_bytes}};
    return tilth_mirror_change(&rig->mirror, &changes, &rig->events);
}

START_TEST(structures_that_cannot_be_are_wrong)
{
    struct rig *rig = rig_create(true);
    clear_site(rig);
    struct change change = building(rig, true);
    stage_change(&rig->stage, &change);
    for (int i = 0; i < 4; i++)
        (void)next_message(rig);
    for (int lie = 0; lie < 5; lie++) {
        struct chunk_pos chunk = corners[3];
        change = building(rig, lie != 3);
        change.structure.id.value = lie == 4 ? 900 : 901;
        if (lie == 0)
            change.structure.cell.x = 40; /* touches two chunks, but neither is this one */
        if (lie == 0)
            chunk = corners[0];
        if (lie == 1)
            change.structure.cell.x = 2; /* over the one that is there */
        if (lie == 2)
            change.structure.left = 3; /* the cell that names it is not one of it */
        if (lie == 4)
            change.structure.cell.x = 1; /* it cannot move */
        ck_assert_int_eq(show(rig, chunk), MIRROR_TAKEN);
        ck_assert_int_eq(tell_change(rig, chunk, &change), MIRROR_WRONG);
        ck_assert_int_eq(show(rig, chunk), MIRROR_TAKEN);
        ck_assert(is_alike(rig, chunk));
    }
    rig_destroy(rig);
}
END_TEST

START_TEST(piles_come_grow_and_go)
{
    struct rig *rig = rig_create(true);
    struct change pile = {.kind = CHANGE_PILE};
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
    for (uint32_t step = 0; step < 3; step++) {
        pile.pile = (struct change_pile){.id = {70}, .cell = cell_a, .until = 1000 + step};
        if (step < 2)
            pile.pile.stack = (struct stack){.type = type_of(rig, "stone"), .quantity = 3 + step};
        (void)cells_told(rig);
        stage_change(&rig->stage, &pile);
        ck_assert_int_eq(change_next(rig), MIRROR_TAKEN);
        ck_assert_uint_eq(cells_told(rig), 1);
        ck_assert(is_alike(rig, chunk_a));
        const struct pile *seen = world_first_pile(&rig->mirror.world, cell_a);
        ck_assert((seen != NULL) == (step < 2));
        if (seen != NULL)
            ck_assert_uint_eq(seen->stack.quantity, 3 + step);
        ck_assert(!world_is_kept(&rig->mirror.world, cell_a)); /* what lies there hides nothing */
    }
    ck_assert_uint_eq(rig->mirror.world.pile_pool.used, 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(more_piles_than_there_is_room_for_are_full)
{
    struct rig *rig = rig_create(true);
    const uint32_t room = rig->mirror.world.pile_pool.capacity;
    struct change pile = {.kind = CHANGE_PILE};
    ck_assert_uint_eq(room, 166); /* of 1,000 entities */
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_TAKEN);
    for (uint32_t i = 0; i <= room; i++) {
        pile.pile = (struct change_pile){.id = {70 + i}, .cell = cell_a, .until = 1};
        pile.pile.stack = (struct stack){.type = type_of(rig, "stone"), .quantity = 1};
        stage_change(&rig->stage, &pile);
        ck_assert_int_eq(change_next(rig), i < room ? MIRROR_TAKEN : MIRROR_WRONG);
        (void)cells_told(rig);
    }
    ck_assert_int_eq(show(rig, chunk_a), MIRROR_FULL);
    ck_assert_uint_eq(rig->mirror.world.pile_pool.used, 0);
    rig_destroy(rig);
}
END_TEST

/* --- what is one's own ------------------------------------------------------------------------ */

static enum mirror_verdict tell_own(struct rig *rig, const struct change *change, bool is_whole)
{
    stage_own(&rig->stage, change, is_whole);
    struct message message = next_message(rig);
    return tilth_mirror_own(&rig->mirror, &message.own, &rig->events);
}

START_TEST(a_level_is_told_once_and_not_for_what_was_known)
{
    struct rig *rig = rig_create(true);
    const struct skill_def *def = catalog_find_skill_name(rig->stage.catalog, "woodcutting");
    struct change skill = {.kind = CHANGE_SKILL};
    struct tilth_event event;
    const uint32_t points[4] = {def->levels[0], def->levels[0], def->levels[1], def->levels[1]};
    for (uint32_t i = 0; i < 4; i++) {
        skill.skill = (struct change_skill){{5}, def->skill, points[i]};
        ck_assert_int_eq(tell_own(rig, &skill, i == 0), MIRROR_TAKEN);
        ck_assert(tilth_events_pop(&rig->events, &event));
        if (i == 2) {
            ck_assert_int_eq(event.kind, TILTH_EVENT_LEVEL_UP);
            ck_assert_str_eq(event.name, "woodcutting");
            ck_assert_int_eq(event.x, 2);
            ck_assert(tilth_events_pop(&rig->events, &event));
        }
        ck_assert_int_eq(event.kind, TILTH_EVENT_SKILL_CHANGED);
        ck_assert(!tilth_events_pop(&rig->events, &event));
    }
    skill.skill.character.value = 6;
    ck_assert_int_eq(tell_own(rig, &skill, false), MIRROR_WRONG);
    rig_destroy(rig);
}
END_TEST

START_TEST(offers_are_told_with_their_end)
{
    struct rig *rig = rig_create(true);
    struct change offer = {.kind = CHANGE_OFFER};
    struct tilth_event event;
    offer.offer = (struct change_offer){.to = {5}, .name = {(const uint8_t *)"bob", 3}};
    for (uint32_t quantity = 7; quantity < 8; quantity -= 7) { /* 7, then 0 */
        offer.offer.stack.quantity = quantity;
        offer.offer.stack.type = quantity > 0 ? type_of(rig, "stone") : 0;
        ck_assert_int_eq(tell_own(rig, &offer, false), MIRROR_TAKEN);
        ck_assert(tilth_events_pop(&rig->events, &event));
        ck_assert_int_eq(event.kind, TILTH_EVENT_OFFERED);
        ck_assert_int_eq(event.x, (int32_t)quantity);
        ck_assert_str_eq(event.name, "bob");
        ck_assert_str_eq(event.text, quantity > 0 ? "stone" : "");
    }
    offer.offer.to.value = 6;
    ck_assert_int_eq(tell_own(rig, &offer, false), MIRROR_WRONG);
    offer.offer.to.value = 5;
    offer.offer.stack = (struct stack){.type = type_of(rig, "axe"), .wear = 3};
    ck_assert_int_eq(tell_own(rig, &offer, false), MIRROR_WRONG); /* none of it */
    rig_destroy(rig);
}
END_TEST

TESTING_MAIN("mirror", a_view_and_its_changes_give_the_same_chunk,
             a_chunk_without_the_seed_is_the_same, a_base_with_unknown_numbers_is_refused,
             old_and_unknown_changes_are_told_apart, a_gap_asks_once_and_then_waits_for_the_view,
             lies_are_wrong_and_a_view_heals_them, a_view_that_lies_leaves_nothing,
             more_chunks_than_announced_are_full, surrounded_means_all_around,
             a_structure_comes_and_goes_chunk_by_chunk, a_structure_is_seen_through_one_chunk,
             structures_that_cannot_be_are_wrong, piles_come_grow_and_go,
             more_piles_than_there_is_room_for_are_full,
             a_level_is_told_once_and_not_for_what_was_known, offers_are_told_with_their_end)
