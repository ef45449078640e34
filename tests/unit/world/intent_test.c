#include "world/intent.h"

#include "testing.h"

#include "sample.h"

START_TEST(test_kinds_are_for_ever)
{
    ck_assert_int_eq(INTENT_MOVE, 1);
    ck_assert_int_eq(INTENT_PLACE, 2);
    ck_assert_int_eq(INTENT_REMOVE, 3);
    ck_assert_int_eq(INTENT_SAY, 4);
    ck_assert_str_eq(intent_schema(INTENT_MOVE)->name, "move");
    ck_assert_str_eq(intent_schema(INTENT_SAY)->name, "say");
}
END_TEST

START_TEST(test_flags)
{
    ck_assert_uint_eq(intent_schema(INTENT_MOVE)->flags, INTENT_STREAMED);
    ck_assert_uint_eq(intent_schema(INTENT_PLACE)->flags, INTENT_LASTS);
    ck_assert_uint_eq(intent_schema(INTENT_REMOVE)->flags, INTENT_LASTS);
    ck_assert_uint_eq(intent_schema(INTENT_SAY)->flags, 0);
}
END_TEST

START_TEST(test_record_is_the_member_of_the_kind)
{
    struct intent intent = {.kind = INTENT_PLACE};
    intent.place = (struct intent_place){SAMPLE_TREE, {-3, 4}, 0};
    const char *field = "";
    ck_assert_ptr_eq(intent_record(&intent), &intent.place);
    ck_assert_ptr_eq(intent_record_of(&intent), &intent.remove);
    ck_assert(schema_check(intent_schema(intent.kind), intent_record(&intent), &field));
    intent.place.type = 0;
    ck_assert(!schema_check(intent_schema(intent.kind), intent_record(&intent), &field));
    ck_assert_str_eq(field, "type");
}
END_TEST

START_TEST(test_every_schema_fits_its_struct)
{
    for (int kind = INTENT_NONE + 1; kind < INTENT_KIND_COUNT; kind++) {
        const struct schema *schema = intent_schema((enum intent_kind)kind);
        ck_assert_uint_gt(schema->field_count, 0);
        ck_assert_uint_le(schema->size_bytes, sizeof(struct intent));
        for (uint32_t i = 0; i < schema->field_count; i++) {
            ck_assert_uint_lt(schema->fields[i].offset, schema->size_bytes);
            ck_assert_uint_le(schema->fields[i].min, schema->fields[i].max);
        }
    }
}
END_TEST

TESTING_MAIN("intent", test_kinds_are_for_ever, test_flags, test_record_is_the_member_of_the_kind,
             test_every_schema_fits_its_struct)
