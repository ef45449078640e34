#include "world/change.h"

#include <string.h>

#include "testing.h"

static void ck_assert_hash(const struct change *change, const char *expected)
{
    char text[33];
    hash_format(change_hash(change), text);
    ck_assert_str_eq(text, expected);
}

/* The world hash of every journal and database is a sum of these: they never change. */
START_TEST(test_hashes_are_for_ever)
{
    struct change change = {.kind = CHANGE_CELL};
    change.cell = (struct change_cell){{-1, 5}, 1, 3};
    ck_assert_hash(&change, "eab578585959bd3d8b832900bf243507");
    change = (struct change){.kind = CHANGE_ENTITY};
    change.entity = (struct change_entity){{1048577}, {64, -4096}, 12, 7, {99}, 0};
    ck_assert_hash(&change, "d8fe1e8b7ac51e44e1b5a02d29914744");
    change = (struct change){.kind = CHANGE_CHARACTER};
    change.character = (struct change_character){{5}, {6}, {-512, 700}, 41, UINT64_C(1) << 63};
    ck_assert_hash(&change, "d82e73fa555f7824c535c1fe2f5ba7c8");
}
END_TEST

START_TEST(test_kinds_are_for_ever)
{
    ck_assert_int_eq(CHANGE_CELL, 1);
    ck_assert_int_eq(CHANGE_ENTITY, 2);
    ck_assert_int_eq(CHANGE_CHUNK, 3);
    ck_assert_int_eq(CHANGE_ACCOUNT, 4);
    ck_assert_int_eq(CHANGE_CHARACTER, 5);
    ck_assert_int_eq(CHANGE_ACTOR, 6);
    ck_assert_int_eq(CHANGE_SAID, 7);
    ck_assert_int_eq(DIRECTION_N, 1);
    ck_assert_int_eq(DIRECTION_NW, 8);
}
END_TEST

START_TEST(test_flags)
{
    uint8_t in_chunk = CHANGE_LASTS | CHANGE_COUNTS | CHANGE_IN_CHUNK;
    ck_assert_uint_eq(change_schema(CHANGE_CELL)->flags, in_chunk);
    ck_assert_uint_eq(change_schema(CHANGE_ENTITY)->flags & 15, in_chunk);
    ck_assert_uint_eq(change_schema(CHANGE_STRUCTURE)->flags, in_chunk);
    ck_assert_uint_eq(change_schema(CHANGE_PILE)->flags, in_chunk);
    ck_assert_uint_eq(change_schema(CHANGE_IMAGE_CONFIG)->flags, CHANGE_LASTS | CHANGE_COUNTS);
    ck_assert_uint_eq(change_schema(CHANGE_CHUNK)->flags, CHANGE_LASTS);
    ck_assert_uint_eq(change_schema(CHANGE_ACCOUNT)->flags, CHANGE_LASTS);
    ck_assert_uint_eq(change_schema(CHANGE_CHARACTER)->flags, CHANGE_LASTS | CHANGE_COUNTS);
    ck_assert_uint_eq(change_schema(CHANGE_ACTOR)->flags, 0);
    ck_assert_uint_eq(change_schema(CHANGE_SAID)->flags, 0);
}
END_TEST

START_TEST(test_record_and_cell)
{
    struct change change = {.kind = CHANGE_CELL};
    change.cell.cell = (struct cell_pos){-3, 8};
    ck_assert_ptr_eq(change_record(&change), &change.cell);
    ck_assert_ptr_eq(change_record_of(&change), &change.said);
    ck_assert_int_eq(change_cell(&change).x, -3);
    change = (struct change){.kind = CHANGE_ENTITY};
    change.entity.cell = (struct cell_pos){11, -12};
    ck_assert_int_eq(change_cell(&change).y, -12);
}
END_TEST

/* A structure around the world's middle touches four chunks, each of which is told. */
START_TEST(test_chunks_of_a_structure)
{
    struct change change = {.kind = CHANGE_STRUCTURE};
    struct chunk_pos chunks[CHANGE_CHUNKS_MAX];
    struct cell_area area;
    change.structure = (struct change_structure){{1}, {0, 0}, 1, 9, 8, 8, 7, 7, 0, {0}};
    ck_assert(change_area(&change, &area));
    ck_assert_int_eq(area.least.x, -7);
    ck_assert_int_eq(area.most.y, 0);
    ck_assert_uint_eq(change_chunks(&change, chunks), 4);
    for (int32_t i = 0; i < 4; i++)
        ck_assert(change_is_in(&change, (struct chunk_pos){-(i % 2), -(i / 2)}));
    ck_assert(!change_is_in(&change, (struct chunk_pos){1, 0}));
    change.structure.left = 0;
    change.structure.top = 0;
    ck_assert_uint_eq(change_chunks(&change, chunks), 1);
    change.structure.cell = (struct cell_pos){GRID_CELL_MAX - 6, 0};
    ck_assert(!change_area(&change, &area));
}
END_TEST

/* An appended field must mean 0 in records that lack it. */
START_TEST(test_every_schema_fits_its_struct)
{
    for (int kind = CHANGE_NONE + 1; kind < CHANGE_KIND_COUNT; kind++) {
        const struct schema *schema = change_schema((enum change_kind)kind);
        ck_assert_uint_le(schema->size_bytes, sizeof(struct change) - sizeof(uint64_t));
        for (uint32_t i = 0; i < schema->field_count; i++) {
            ck_assert_uint_lt(schema->fields[i].offset, schema->size_bytes);
            ck_assert_uint_le(schema->fields[i].min, schema->fields[i].max);
            ck_assert(schema->fields[i].type != FIELD_UINT || schema->fields[i].max <= UINT32_MAX);
        }
    }
}
END_TEST

TESTING_MAIN("change", test_hashes_are_for_ever, test_kinds_are_for_ever, test_flags,
             test_record_and_cell, test_chunks_of_a_structure, test_every_schema_fits_its_struct)
