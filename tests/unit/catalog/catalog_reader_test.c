#include "catalog/catalog_reader.h"

#include <string.h>

#include "testing.h"

#include "catalog/catalog.h"

START_TEST(test_names)
{
    static const char *const good[] = {"a",  "tree", "stone_block",
                                       "x1", "a__",  "a234567890123456789012345678901"};
    static const char *const wrong[] = {
        "", "A", "1a", "_a", "a-b", "a b", "aB", "a\n", "a2345678901234567890123456789012"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(catalog_reader_is_name(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!catalog_reader_is_name(wrong[i]), "%s", wrong[i]);
}
END_TEST

START_TEST(test_natural_names_follow_the_enum)
{
    ck_assert_str_eq(catalog_reader_natural_name(NATURAL_TREE), "tree");
    ck_assert_str_eq(catalog_reader_natural_name(NATURAL_ROCK), "rock");
    ck_assert_str_eq(catalog_reader_natural_name(NATURAL_GRASS), "grass");
}
END_TEST

#define FLAGS "\"solid\": true, \"placeable\": true, \"removable\": true"

/* Reads the same entries with and without written ids. */
static const struct catalog_origin in_order = {CATALOG_NUMBERING_ORDER, NULL};
static const struct catalog_origin written = {CATALOG_NUMBERING_WRITTEN, NULL};

START_TEST(test_numbering)
{
    static const char text[] = "{\"entities\": [{\"name\": \"grass\", \"type\": 9, " FLAGS "}, "
                               "{\"name\": \"rock\", \"type\": 2, " FLAGS "}, "
                               "{\"name\": \"tree\", \"type\": 1023, " FLAGS "}]}";
    static struct catalog catalog;
    struct error error = {""};
    struct json_document *document = json_parse("test", text, strlen(text), &error);
    ck_assert_msg(document != NULL, "%s", error.text);
    struct json top = json_top(document);
    ck_assert_msg(catalog_reader_type_names(top, catalog_type_list(0), &written, &catalog, &error),
                  "%s", error.text);
    ck_assert_str_eq(catalog.entities[9].name, "grass");
    ck_assert_str_eq(catalog.entities[2].name, "rock");
    ck_assert_str_eq(catalog.entities[1023].name, "tree");
    ck_assert_uint_eq(catalog.type_count, 3);
    ck_assert(!catalog_reader_types(top, catalog_type_list(0), &in_order, &catalog, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "test: entities[0] (grass): key \"type\": unknown"));
    ck_assert(catalog_reader_types(top, catalog_type_list(0), &written, &catalog, &error));
    json_destroy(&document);
}
END_TEST

START_TEST(test_terrains_lie_by_their_enum)
{
    static const char text[] =
        "{\"terrains\": [{\"name\": \"mud\", \"solid\": false, \"buildable\": true},"
        "{\"name\": \"rock\", \"solid\": true, \"buildable\": false},"
        "{\"name\": \"forest\", \"solid\": false, \"buildable\": true},"
        "{\"name\": \"grassland\", \"solid\": false, \"buildable\": true},"
        "{\"name\": \"sand\", \"solid\": false, \"buildable\": true},"
        "{\"name\": \"water\", \"solid\": false, \"buildable\": true}]}";
    static struct catalog catalog;
    struct error error = {""};
    struct json_document *document = json_parse("test", text, strlen(text), &error);
    ck_assert_msg(document != NULL, "%s", error.text);
    ck_assert(catalog_reader_terrains(json_top(document), &catalog, &error));
    ck_assert_str_eq(catalog.terrains[TERRAIN_WATER].name, "water");
    ck_assert_str_eq(catalog.terrains[TERRAIN_SAND].name, "sand");
    ck_assert_str_eq(catalog.terrains[TERRAIN_GRASSLAND].name, "grassland");
    ck_assert_str_eq(catalog.terrains[TERRAIN_FOREST].name, "forest");
    ck_assert_str_eq(catalog.terrains[TERRAIN_ROCK].name, "rock");
    ck_assert(catalog.terrains[TERRAIN_ROCK].is_solid);
    ck_assert_str_eq(catalog.terrains[TERRAIN_COUNT].name, "mud");
    ck_assert_str_eq(catalog.terrains[TERRAIN_COUNT + 1].name, "");
    json_destroy(&document);
}
END_TEST

TESTING_MAIN("catalog_reader", test_names, test_natural_names_follow_the_enum, test_numbering,
             test_terrains_lie_by_their_enum)
