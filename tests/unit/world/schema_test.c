#include "world/schema.h"

#include <stdio.h>

#include "testing.h"

#include "sample.h"

static const int kinds[] = {CHANGE_CELL,      CHANGE_ENTITY, CHANGE_CHUNK, CHANGE_ACCOUNT,
                            CHANGE_CHARACTER, CHANGE_ACTOR,  CHANGE_SAID};

static bool is_valid(const struct change *change)
{
    const char *field = "";
    return schema_check(change_schema(change->kind), change_record(change), &field);
}

START_TEST(test_ranges_of_numbers)
{
    struct change change = sample_entity_change((struct cell_pos){0, 0}, 1, SAMPLE_TREE);
    ck_assert(is_valid(&change));
    change.entity.id.value = 0;
    ck_assert(!is_valid(&change));
    change.entity.id.value = ID_MAX;
    ck_assert(is_valid(&change));
    change.entity.id.value = ID_MAX + 1;
    ck_assert(!is_valid(&change));
    change.entity.id.value = 1;
    change.entity.type = CATALOG_TYPES_MAX - 1;
    ck_assert(is_valid(&change));
    change.entity.type = CATALOG_TYPES_MAX;
    ck_assert(!is_valid(&change));
}
END_TEST

START_TEST(test_ranges_of_places)
{
    struct change cell = {.kind = CHANGE_CELL}, chunk = {.kind = CHANGE_CHUNK};
    chunk.chunk.version = 1;
    cell.cell.cell = (struct cell_pos){GRID_CELL_MIN, GRID_CELL_MAX};
    chunk.chunk.chunk = (struct chunk_pos){GRID_CHUNK_MAX, GRID_CHUNK_MIN};
    ck_assert(is_valid(&cell) && is_valid(&chunk));
    cell.cell.cell.x--;
    chunk.chunk.chunk.x++;
    ck_assert(!is_valid(&cell) && !is_valid(&chunk));
    cell.cell.cell = (struct cell_pos){0, GRID_CELL_MAX + 1};
    chunk.chunk.chunk = (struct chunk_pos){0, GRID_CHUNK_MIN - 1};
    ck_assert(!is_valid(&cell) && !is_valid(&chunk));
}
END_TEST

START_TEST(test_ranges_of_spans)
{
    uint8_t bytes[WORLD_SAY_BYTES + 1] = {0};
    const char *field = "";
    struct change said = {.kind = CHANGE_SAID};
    said.said = (struct change_said){{bytes, 1}, {bytes, WORLD_SAY_BYTES}};
    ck_assert(is_valid(&said));
    said.said.text.size_bytes = WORLD_SAY_BYTES + 1;
    ck_assert(!schema_check(change_schema(CHANGE_SAID), change_record(&said), &field));
    ck_assert_str_eq(field, "text");
    said.said.name.size_bytes = 0;
    ck_assert(!schema_check(change_schema(CHANGE_SAID), change_record(&said), &field));
    ck_assert_str_eq(field, "name");
}
END_TEST

START_TEST(test_random_records_are_valid_and_equal_to_themselves)
{
    struct rng rng;
    struct sample_spans spans, other_spans;
    rng_init(&rng, 1);
    for (uint32_t i = 0; i < 20000; i++) {
        struct change change = {.kind = (enum change_kind)kinds[i % 7]}, other = change;
        const struct schema *schema = change_schema(change.kind);
        sample_record(&rng, schema, change_record_of(&change), &spans);
        struct rng again = rng;
        ck_assert(is_valid(&change));
        ck_assert(schema_is_equal(schema, change_record(&change), change_record(&change)));
        sample_record(&again, schema, change_record_of(&other), &other_spans);
        bool is_same = schema_is_equal(schema, change_record(&change), change_record(&other));
        bool has_same_hash = hash_is_equal(change_hash(&change), change_hash(&other));
        ck_assert(is_same == has_same_hash);
    }
}
END_TEST

/* Changes one byte at a time of a record whose structs have no holes but behind 32-bit fields. */
START_TEST(test_every_field_counts)
{
    struct sample_spans spans;
    struct rng rng;
    rng_init(&rng, 2);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        struct change change = {.kind = (enum change_kind)kinds[k]};
        const struct schema *schema = change_schema(change.kind);
        sample_record(&rng, schema, change_record_of(&change), &spans);
        for (uint32_t i = 0; i < schema->field_count; i++) {
            struct change other = change;
            uint8_t *at = (uint8_t *)change_record_of(&other) + schema->fields[i].offset;
            if (schema->fields[i].type == FIELD_SPAN)
                continue;
            *at ^= 1;
            ck_assert(!schema_is_equal(schema, change_record(&change), change_record(&other)));
            ck_assert(!hash_is_equal(change_hash(&change), change_hash(&other)));
        }
    }
}
END_TEST

START_TEST(test_spans_are_compared_by_content)
{
    struct change a = {.kind = CHANGE_SAID}, b = a;
    const struct schema *schema = change_schema(CHANGE_SAID);
    uint8_t left[] = "annhello", right[] = "ann...hello";
    a.said = (struct change_said){{left, 3}, {left + 3, 5}};
    b.said = (struct change_said){{right, 3}, {right + 6, 5}};
    ck_assert(schema_is_equal(schema, &a.said, &b.said));
    ck_assert(hash_is_equal(change_hash(&a), change_hash(&b)));
    b.said = (struct change_said){{left, 4}, {left + 4, 4}}; /* the same bytes, split elsewhere */
    ck_assert(!schema_is_equal(schema, &a.said, &b.said));
    ck_assert(!hash_is_equal(change_hash(&a), change_hash(&b)));
}
END_TEST

static void ck_assert_print(const struct schema *schema, const void *record, const char *expected)
{
    char buffer[1024];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    schema_print(schema, record, &text);
    ck_assert(!text.is_cut);
    ck_assert_str_eq(buffer, expected);
}

START_TEST(test_print)
{
    struct change change = sample_entity_change((struct cell_pos){-7, 9}, 77, SAMPLE_TREE);
    ck_assert_print(change_schema(change.kind), change_record(&change),
                    "{\"record\":\"entity\",\"id\":77,\"cell\":[-7,9],\"type\":1,\"image\":0,"
                    "\"placer\":9,\"until\":0}");
    change = (struct change){.kind = CHANGE_SAID};
    change.said =
        (struct change_said){{(const uint8_t *)"ann", 3}, {(const uint8_t *)"\"hi\" \xc3\xa9", 7}};
    ck_assert_print(change_schema(change.kind), change_record(&change),
                    "{\"record\":\"said\",\"name\":\"ann\",\"text\":\"\\\"hi\\\" \xc3\xa9\"}");
    change.said.text = (struct span){(const uint8_t *)"\x00\xff\x10", 3};
    ck_assert_print(change_schema(change.kind), change_record(&change),
                    "{\"record\":\"said\",\"name\":\"ann\",\"text\":\"00ff10\"}");
}
END_TEST

START_TEST(test_print_of_large_numbers)
{
    struct change change = {.kind = CHANGE_CHARACTER};
    change.character =
        (struct change_character){{ID_MAX}, {2}, {INT32_MIN, INT32_MAX}, UINT32_MAX, UINT64_MAX};
    ck_assert_print(change_schema(change.kind), change_record(&change),
                    "{\"record\":\"character\",\"id\":9223372036854775807,\"account\":2,"
                    "\"pos\":[-2147483648,2147483647],\"last_intent\":4294967295,"
                    "\"done\":\"18446744073709551615\"}");
    change = (struct change){.kind = CHANGE_CHUNK};
    change.chunk = (struct change_chunk){{-1, 2}, 5, {0xab, 1}, 3};
    ck_assert_print(change_schema(change.kind), change_record(&change),
                    "{\"record\":\"chunk\",\"chunk\":[-1,2],\"version\":5,"
                    "\"hash\":\"000000000000000100000000000000ab\",\"before\":3}");
}
END_TEST

START_TEST(test_print_into_too_little_room_is_cut)
{
    char buffer[16];
    struct text text;
    struct change change = sample_entity_change((struct cell_pos){-7, 9}, 77, SAMPLE_TREE);
    text_init(&text, buffer, sizeof buffer);
    schema_print(change_schema(change.kind), change_record(&change), &text);
    ck_assert(text.is_cut);
    ck_assert_uint_lt(text.size_bytes, sizeof buffer);
}
END_TEST

TESTING_MAIN("schema", test_ranges_of_numbers, test_ranges_of_places, test_ranges_of_spans,
             test_random_records_are_valid_and_equal_to_themselves, test_every_field_counts,
             test_spans_are_compared_by_content, test_print, test_print_of_large_numbers,
             test_print_into_too_little_room_is_cut)
