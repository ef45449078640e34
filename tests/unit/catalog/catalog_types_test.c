#include "content_files.h"

static const char items[] =
    "{\"items\": [{\"name\": \"stone\", \"mixes\": false, \"stack\": 7},"
    "{\"name\": \"hatchet\", \"tool\": \"axe\"},"
    "{\"name\": \"axe\", \"tool\": \"axe\", \"durability\": 200},"
    "{\"name\": \"pick\", \"tool\": \"pickaxe\", \"image\": {\"size\": 8, \"fixedScreenAngle\": "
    "null, \"drawOffsetX\": 0, \"drawOffsetY\": 2}}]}";

static void refuse_items(const char *old, const char *new_part, const char *words)
{
    struct content_files files = content_good;
    struct error error = {""};
    files.items = content_replaced(items, old, new_part);
    ck_assert_ptr_null(content_load_files(&files, &error));
    content_expect(&error, "/items.json:", words);
}

static void refuse_entity(const char *members, const char *words)
{
    struct content_files files = content_good;
    struct error error = {""};
    files.entities = content_replaced(content_entities, "\"stack\": 20", members);
    ck_assert_ptr_null(content_load_files(&files, &error));
    content_expect(&error, "/entities.json: entities[2] (rock)", words);
}

START_TEST(items_are_types_that_stand_nowhere)
{
    struct content_files files = content_good;
    files.items = items;
    struct catalog *catalog = content_load_good(&files);
    const struct entity_def *stone = catalog_find_name(catalog, "stone");
    const struct entity_def *axe = catalog_find_name(catalog, "axe");
    const struct entity_def *pick = catalog_find_name(catalog, "pick");
    ck_assert_int_eq(stone->kind, KIND_ITEM);
    ck_assert(!stone->is_placeable && !stone->is_removable && !stone->is_mixing);
    ck_assert_uint_eq(stone->stack_max, 7);
    ck_assert_uint_eq(stone->tool, 0);
    ck_assert_uint_eq(axe->tool, catalog_find_name(catalog, "hatchet")->tool);
    ck_assert_uint_ne(axe->tool, pick->tool);
    ck_assert_str_eq(catalog->tool_kinds[pick->tool], "pickaxe");
    ck_assert_uint_eq(axe->durability, 200);
    ck_assert_uint_eq(axe->stack_max, 1); /* two that are worn differently are two */
    ck_assert_uint_eq(pick->stack_max, 99);
    ck_assert(pick->image.turns && pick->image.offset_y_units == 32);
    ck_assert_int_eq(catalog_find_name(catalog, "tree")->kind, KIND_ENTITY);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(mistakes_in_items)
{
    refuse_items("\"stone\"", "\"tree\"", "\"tree\" is the name of an earlier entry");
    refuse_items("\"stack\": 7", "\"stack\": 0", "key \"stack\": must be a whole number from 1");
    refuse_items("\"stack\": 7", "\"solid\": true", "items[0] (stone): key \"solid\": unknown");
    refuse_items("\"stack\": 7", "\"durability\": 7", "only a tool wears");
    refuse_items("\"durability\": 200", "\"durability\": 200, \"stack\": 2",
                 "what wears does not stack");
    refuse_items("\"tool\": \"axe\"", "\"tool\": \"an axe\"", "\"an axe\" is not a name");
    refuse_items("\"size\": 8", "\"size\": -8", "items[3] (pick).image: key \"size\"");
}
END_TEST

START_TEST(who_shares_a_cell_with_whom)
{
    struct content_files files = content_good;
    files.entities = content_replaced(content_entities, "\"stack\": 20",
                                      "\"shares_with\": [\"grass\", \"rock\"]");
    struct catalog *catalog = content_load_good(&files);
    uint16_t rock = catalog_find_name(catalog, "rock")->type;
    uint16_t grass = catalog_find_name(catalog, "grass")->type;
    uint16_t tree = catalog_find_name(catalog, "tree")->type;
    ck_assert(catalog_may_share(catalog, rock, grass));
    ck_assert(catalog_may_share(catalog, grass, rock));
    ck_assert(catalog_may_share(catalog, rock, rock));
    ck_assert(!catalog_may_share(catalog, grass, grass));
    ck_assert(!catalog_may_share(catalog, tree, rock));
    catalog_destroy(&catalog);
    refuse_entity("\"shares_with\": [\"gras\"]",
                  "shares_with[0]: there is no entity type \"gras\"");
    refuse_entity("\"shares_with\": [\"grass\", \"tree\", \"grass\"]",
                  "shares_with[2]: \"grass\" stands there twice");
    refuse_entity("\"shares_with\": [5]", "shares_with[0]: must be a string");
    refuse_entity("\"shares_with\": {}", "key \"shares_with\": must be an array");
}
END_TEST

START_TEST(what_grows_into_what)
{
    struct content_files files = content_good;
    files.entities = content_replaced(content_entities, "\"stack\": 20",
                                      "\"grows\": {\"into\": \"wall\", \"after_s\": 60}");
    struct catalog *catalog = content_load_good(&files);
    const struct entity_def *rock = catalog_find_name(catalog, "rock");
    ck_assert_uint_eq(rock->growth.into, catalog_find_name(catalog, "wall")->type);
    ck_assert_uint_eq(rock->growth.after_s, 60);
    ck_assert_uint_eq(catalog_find_name(catalog, "tree")->growth.into, 0);
    catalog_destroy(&catalog);
    refuse_entity("\"grows\": {\"into\": \"wal\", \"after_s\": 60}",
                  "there is no type \"wal\"; did you mean \"wall\"?");
    refuse_entity("\"grows\": {\"into\": \"wall\", \"after_s\": 0}", "key \"after_s\": must be");
    refuse_entity("\"grows\": {\"into\": \"wall\"}", "key \"after_s\": missing");
}
END_TEST

TESTING_MAIN("catalog_types", items_are_types_that_stand_nowhere, mistakes_in_items,
             who_shares_a_cell_with_whom, what_grows_into_what)
