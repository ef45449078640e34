#include "content_files.h"

static const char structures[] =
    "{\"structures\": [{\"name\": \"building\", \"placeable\": true, \"removable\": true, "
    "\"width\": 3, \"height\": 2, \"primary\": [1, 0], "
    "\"cost\": [{\"item\": \"wall\", \"count\": 20}]}]}";

static void refuse(const char *old, const char *new_part, const char *words)
{
    struct content_files files = content_good;
    struct error error = {""};
    files.structures = content_replaced(structures, old, new_part);
    ck_assert_ptr_null(content_load_files(&files, &error));
    content_expect(&error, "/structures.json: structures[0] (building)", words);
}

static struct catalog *load_with(const char *text)
{
    struct content_files files = content_good;
    files.structures = text;
    return content_load_good(&files);
}

START_TEST(all_cells_collide_unless_it_says_which)
{
    struct catalog *catalog = load_with(structures);
    const struct entity_def *building = catalog_find_name(catalog, "building");
    ck_assert_int_eq(building->kind, KIND_STRUCTURE);
    ck_assert_uint_eq(building->footprint.width, 3);
    ck_assert_uint_eq(building->footprint.height, 2);
    ck_assert_uint_eq(building->footprint.primary_x, 1);
    ck_assert_uint_eq(building->footprint.primary_y, 0);
    ck_assert_uint_eq(building->footprint.solid, 0x0707);
    ck_assert_uint_eq(building->cost_count, 1);
    ck_assert_uint_eq(building->costs[0].count, 20);
    ck_assert_uint_eq(building->costs[0].type, catalog_find_name(catalog, "wall")->type);
    catalog_destroy(&catalog);
    catalog = load_with(
        content_replaced(structures, "\"cost\"", "\"collision\": [[0, 0], [2, 1]], \"cost\""));
    ck_assert_uint_eq(catalog_find_name(catalog, "building")->footprint.solid, 0x0401);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(mistakes_are_named)
{
    refuse("\"width\": 3, ", "", "key \"width\": missing");
    refuse("\"width\": 3", "\"width\": 9", "key \"width\": must be a whole number from 1 to 8");
    refuse("[1, 0]", "[3, 0]", "primary[0]: must be a whole number from 0 to 2");
    refuse("[1, 0]", "[1, 2]", "primary[1]: must be a whole number from 0 to 1");
    refuse("[1, 0]", "[-1, 0]", "primary[0]: must be a whole number from 0 to 2");
    refuse("[1, 0]", "[1]", "primary: must be a cell: [x, y]");
    refuse("[1, 0]", "{\"x\": 1, \"y\": 0}", "key \"primary\": must be an array");
    refuse("\"cost\"", "\"collision\": [[3, 0]], \"cost\"",
           "collision[0][0]: must be a whole number from 0 to 2");
    refuse("\"cost\"", "\"collision\": [[0, 5]], \"cost\"",
           "collision[0][1]: must be a whole number from 0 to 1");
    refuse("\"cost\"", "\"collision\": [[0, 1], [1, 1], [0, 1]], \"cost\"",
           "collision[2]: stands there twice");
    refuse("\"count\": 20", "\"count\": 20, \"of\": 1", "cost[0]: key \"of\": unknown");
    refuse("}]}", "}, {\"item\": \"wall\", \"count\": 1}]}", "cost[1]: key \"item\": stands there");
    refuse("\"wall\"", "\"building\"",
           "cost[0]: key \"item\": \"building\" is a structure, which lies in no bag");
    refuse("\"height\": 2", "\"height\": 2, \"solid\": true", "key \"solid\": unknown");
}
END_TEST

TESTING_MAIN("catalog_structure", all_cells_collide_unless_it_says_which, mistakes_are_named)
