#include "store/batch.h"

#include <string.h>

#include "sim/scene.h"
#include "testing.h"
#include "wire/framing.h"

enum { ROWS = 8, BYTES = 200 };

static const struct batch_row *find_row(const struct batch *batch, enum change_kind kind)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        if (batch->rows[i].change.kind == kind)
            return &batch->rows[i];
    }
    return NULL;
}

START_TEST(test_the_last_write_of_a_key_stays)
{
    struct batch *batch = batch_create(ROWS, BYTES);
    struct change first[] = {scene_entity(1, 0, 0, 1), scene_cell(0, 0, 1),
                             scene_entity(1, 0, 0, 2)};
    struct change second[] = {scene_entity(1, 0, 0, 3), scene_entity(2, 0, 0, 1)};
    ck_assert_int_eq(scene_add(batch, 5, first, 3), BATCH_ADDED);
    ck_assert_uint_eq(batch->count, 2);
    ck_assert_int_eq(scene_add(batch, 6, second, 2), BATCH_ADDED);
    ck_assert_uint_eq(batch->count, 3);
    ck_assert_uint_eq(batch->from_seq, 5);
    ck_assert_uint_eq(batch->to_seq, 6);
    ck_assert_uint_eq(batch->record_count, 2);
    ck_assert_uint_eq(batch->tick, 60);
    ck_assert(hash_is_equal(batch->hash, (struct hash128){6, 6}));
    const struct batch_row *row = find_row(batch, CHANGE_ENTITY);
    ck_assert_uint_eq(row->change.entity.type, 3);
    ck_assert_uint_eq(row->tick, 60);
    ck_assert_int_eq(row->wall_us, 6 * SCENE_WALL_US);
    ck_assert_uint_eq(find_row(batch, CHANGE_CELL)->tick, 50);
    batch_destroy(&batch);
    batch_destroy(&batch);
}
END_TEST

START_TEST(test_kinds_with_equal_numbers_are_different_keys)
{
    struct batch *batch = batch_create(ROWS, BYTES);
    struct content content = {.chunk = {0, 1}};
    struct change changes[] = {scene_entity(1, 0, 1, 1), scene_account(1, "a"),
                               scene_character(1, 1), scene_cell(0, 1, 0),
                               scene_chunk(&content, 1)};
    ck_assert_int_eq(scene_add(batch, 1, changes, 5), BATCH_ADDED);
    ck_assert_uint_eq(batch->count, 5);
    batch_destroy(&batch);
}
END_TEST

START_TEST(test_spans_are_copied)
{
    struct batch *batch = batch_create(ROWS, BYTES);
    struct change change = scene_account(1, "Ada");
    ck_assert_int_eq(scene_add(batch, 1, &change, 1), BATCH_ADDED);
    struct change other = scene_account(2, "Bob");
    ck_assert_int_eq(scene_add(batch, 2, &other, 1), BATCH_ADDED);
    const struct change *kept = &batch->rows[0].change;
    ck_assert(schema_is_equal(change_schema(CHANGE_ACCOUNT), &kept->account, &change.account));
    ck_assert(kept->account.name.bytes >= batch->bytes &&
              kept->account.name.bytes < batch->bytes + batch->bytes_max);
    batch_destroy(&batch);
}
END_TEST

START_TEST(test_a_full_batch_takes_records_whole)
{
    struct batch *batch = batch_create(ROWS, BYTES);
    struct change changes[ROWS];
    for (uint32_t i = 0; i < ROWS; i++)
        changes[i] = scene_entity(i + 1, 0, 0, 1);
    ck_assert_int_eq(scene_add(batch, 1, changes, 5), BATCH_ADDED);
    ck_assert_int_eq(scene_add(batch, 2, changes, 4), BATCH_FULL);
    ck_assert_uint_eq(batch->count, 5);
    ck_assert_uint_eq(batch->to_seq, 1);
    ck_assert_int_eq(scene_add(batch, 2, changes, 3), BATCH_ADDED);
    batch_clear(batch);
    ck_assert_int_eq(scene_add(batch, 2, changes, ROWS), BATCH_ADDED);
    ck_assert_uint_eq(batch->from_seq, 2);
    struct change name = scene_account(1, "123456789012345678901234");
    batch_clear(batch);
    for (uint64_t seq = 1; seq <= 2; seq++)
        ck_assert_int_eq(scene_add(batch, seq, &name, 1), BATCH_ADDED);
    struct change long_record[] = {name, name};
    ck_assert_int_eq(scene_add(batch, 3, long_record, 2), BATCH_FULL);
    batch_destroy(&batch);
}
END_TEST

START_TEST(test_a_heartbeat_moves_the_numbers_only)
{
    struct batch *batch = batch_create(ROWS, BYTES);
    ck_assert_int_eq(scene_add(batch, 9, NULL, 0), BATCH_ADDED);
    ck_assert_uint_eq(batch->count, 0);
    ck_assert_uint_eq(batch->from_seq, 9);
    ck_assert_uint_eq(batch->to_seq, 9);
    ck_assert_uint_eq(batch->record_count, 1);
    batch_destroy(&batch);
}
END_TEST

/* Adds a payload as record 1, which must be refused with the word in the error. */
static void must_be_malformed(struct batch *batch, const uint8_t *payload, uint32_t size_bytes,
                              const char *word)
{
    struct error error = {0};
    struct record_header header = {.seq = 1, .size_bytes = size_bytes};
    ck_assert_int_eq(batch_add(batch, &header, payload, &error), BATCH_MALFORMED);
    ck_assert_msg(strstr(error.text, word) != NULL, "%s", error.text);
    ck_assert_uint_eq(batch->count, 0);
    ck_assert_uint_eq(batch->record_count, 0);
}

START_TEST(test_malformed_records_leave_nothing)
{
    struct batch *batch = batch_create(ROWS, BYTES);
    uint8_t payload[512];
    struct change changes[ROWS + 1];
    for (uint32_t i = 0; i <= ROWS; i++)
        changes[i] = scene_entity(i + 1, 0, 0, 1);
    uint32_t size_bytes = scene_payload(changes, 2, payload, sizeof payload);
    must_be_malformed(batch, payload, size_bytes - 1, "record 1");
    payload[0] = CHANGE_KIND_COUNT;
    must_be_malformed(batch, payload, size_bytes, "kind");
    size_bytes = scene_payload(changes, ROWS + 1, payload, sizeof payload);
    must_be_malformed(batch, payload, size_bytes, "more than a batch holds");
    struct change said = {.kind = CHANGE_SAID,
                          .said = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"b", 1}}};
    size_bytes = scene_payload(&said, 1, payload, sizeof payload);
    must_be_malformed(batch, payload, size_bytes, "kind");
    ck_assert_int_eq(scene_add(batch, 1, changes, 1), BATCH_ADDED);
    ck_assert_int_eq(scene_add(batch, 3, changes, 1), BATCH_MALFORMED);
    batch_destroy(&batch);
}
END_TEST

START_TEST(test_sorted_by_kind_then_deletes_then_key)
{
    struct batch *batch = batch_create(ROWS, BYTES);
    struct change changes[] = {
        scene_entity(1, 5, 0, 1), scene_cell(64, 0, 1),       scene_entity(3, -1, 0, 1),
        scene_cell(0, 1, 1),      scene_entity(2, 900, 0, 0), scene_cell(63, 0, 1),
        scene_cell_gone(99, 99),
    };
    static const struct cell_pos expected[] = {{99, 99}, {63, 0}, {0, 1}, {64, 0},
                                               {900, 0}, {-1, 0}, {5, 0}};
    ck_assert_int_eq(scene_add(batch, 1, changes, 7), BATCH_ADDED);
    batch_sort(batch);
    for (uint32_t i = 0; i < 7; i++)
        ck_assert(grid_is_same_cell(change_cell(&batch->rows[i].change), expected[i]));
    ck_assert(batch_is_delete(&batch->rows[0].change));
    ck_assert(batch_is_delete(&batch->rows[4].change));
    ck_assert(!batch_is_delete(&batch->rows[5].change));
    batch_destroy(&batch);
}
END_TEST

/* One of each kind of thing, with the number as its key. */
static uint32_t things(uint32_t n, struct change *out)
{
    static const uint8_t png[9] = {1, 2, 3};
    struct change all[] = {
        {.kind = CHANGE_STRUCTURE}, {.kind = CHANGE_PILE},      {.kind = CHANGE_IMAGE_CONFIG},
        {.kind = CHANGE_IMAGE},     {.kind = CHANGE_IMAGE_BAN}, {.kind = CHANGE_IMAGE_EDIT},
    };
    all[0].structure =
        (struct change_structure){.id = {n}, .is_there = 1, .type = 1, .width = 1, .height = 1};
    all[1].pile = (struct change_pile){.id = {n}, .stack = {.type = 1, .quantity = 1}};
    all[2].image_config = (struct change_image_config){.id = n, .size = 1};
    all[3].image = (struct change_image){.id = {7, n}, .png = {png, sizeof png}};
    all[4].image_ban = (struct change_image_ban){{n, 7}, 1};
    all[5].image_edit = (struct change_image_edit){.thing = n, .image = 1};
    memcpy(out, all, sizeof all);
    return sizeof all / sizeof all[0];
}

START_TEST(test_keys_of_things_and_looks)
{
    struct batch *batch = batch_create(64, 4096);
    struct change first[8], second[8], other[8];
    uint32_t count = things(1, first);
    (void)things(1, second);
    (void)things(2, other);
    second[0].structure.image = second[1].pile.stack.image = 5;
    second[2].image_config.size = 5;
    second[3].image.png.size_bytes = 0;
    second[4].image_ban.is_banned = 0;
    second[5].image_edit.image = 5;
    ck_assert_int_eq(scene_add(batch, 1, first, count), BATCH_ADDED);
    ck_assert_uint_eq(batch->count, count); /* no two kinds share a key */
    ck_assert_int_eq(scene_add(batch, 2, second, count), BATCH_ADDED);
    ck_assert_uint_eq(batch->count, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct change *kept = &find_row(batch, second[i].kind)->change;
        ck_assert(schema_is_equal(change_schema(kept->kind), change_record(kept),
                                  change_record(&second[i])));
    }
    ck_assert_int_eq(scene_add(batch, 3, other, count), BATCH_ADDED);
    ck_assert_uint_eq(batch->count, 2 * count);
    struct change halves[] = {other[3], other[3], other[4], other[4]};
    halves[0].image.id.low++; /* both halves of a picture's id are its key */
    halves[1].image.id.high++;
    halves[2].image_ban.id.low++;
    halves[3].image_ban.id.high++;
    ck_assert_int_eq(scene_add(batch, 4, halves, 4), BATCH_ADDED);
    ck_assert_uint_eq(batch->count, 2 * count + 4);
    batch_destroy(&batch);
}
END_TEST

START_TEST(test_what_is_gone_comes_first_of_its_kind)
{
    struct batch *batch = batch_create(64, 4096);
    struct change changes[16];
    uint32_t count = things(1, changes);
    (void)things(2, changes + count);
    struct change *gone = changes + count;
    gone[0].structure.is_there = 0;
    gone[1].pile.stack = (struct stack){.type = 0};
    gone[2].image_config.size = 0;
    gone[3].image.png.size_bytes = 0;
    gone[4].image_ban.is_banned = 0;
    gone[5].image_edit.image = 0;
    for (uint32_t i = 0; i < count; i++)
        ck_assert(!batch_is_delete(&changes[i]) && batch_is_delete(&gone[i]));
    ck_assert_int_eq(scene_add(batch, 1, changes, 2 * count), BATCH_ADDED);
    batch_sort(batch);
    for (uint32_t i = 0; i < 2 * count; i += 2) {
        ck_assert_int_eq(batch->rows[i].change.kind, batch->rows[i + 1].change.kind);
        ck_assert(batch_is_delete(&batch->rows[i].change));
        ck_assert(!batch_is_delete(&batch->rows[i + 1].change));
    }
    batch_destroy(&batch);
}
END_TEST

/* A picture that is sent again takes its bytes again; a batch that is full of them is full. */
START_TEST(test_pictures_fill_a_batch)
{
    struct batch *batch = batch_create(ROWS, 2 * WORLD_IMAGE_BYTES + 200);
    static uint8_t bytes[WORLD_IMAGE_BYTES];
    struct change picture = {.kind = CHANGE_IMAGE};
    picture.image = (struct change_image){.id = {1, 2}, .png = {bytes, sizeof bytes}};
    for (uint64_t seq = 1; seq <= 2; seq++)
        ck_assert_int_eq(scene_add(batch, seq, &picture, 1), BATCH_ADDED);
    ck_assert_uint_eq(batch->count, 1);
    ck_assert_int_eq(scene_add(batch, 3, &picture, 1), BATCH_FULL);
    ck_assert_uint_eq(batch->to_seq, 2);
    batch_clear(batch);
    ck_assert_int_eq(scene_add(batch, 3, &picture, 1), BATCH_ADDED);
    batch_destroy(&batch);
}
END_TEST

TESTING_MAIN("batch", test_the_last_write_of_a_key_stays,
             test_kinds_with_equal_numbers_are_different_keys, test_spans_are_copied,
             test_a_full_batch_takes_records_whole, test_a_heartbeat_moves_the_numbers_only,
             test_malformed_records_leave_nothing, test_sorted_by_kind_then_deletes_then_key,
             test_keys_of_things_and_looks, test_what_is_gone_comes_first_of_its_kind,
             test_pictures_fill_a_batch)
