#include "content_files.h"

static const char items[] =
    "{\"items\": [{\"name\": \"stone\", \"mixes\": false, \"stack\": 7},"
    "{\"name\": \"hatchet\", \"tool\": \"axe\"},"
    "{\"name\": \"axe\", \"tool\": \"axe\", \"durability\": 200},"
    "{\"name\": \"pick\", \"tool\": \"pickaxe\", \"image\": {\"size\": 8, \"fixedScreenAngle\": "
    "null, \"drawOffsetX\": 0, \"drawOffsetY\": 2}}]}";

static const char structures[] =
    "{\"structures\": [{\"name\": \"hut\", \"placeable\": true, \"removable\": true, \"width\": 2, "
    "\"height\": 2, \"primary\": [0, 0], \"lies_s\": 31536000}]}";

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
    files.items = items;
    files.structures = structures;
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
    files.entities = content_replaced(content_entities, "\"stack\": 20",
                                      "\"grows\": {\"into\": \"hut\", \"after_s\": 31536000}");
    files.structures = structures;
    catalog = content_load_good(&files);
    rock = catalog_find_name(catalog, "rock");
    ck_assert_uint_eq(rock->growth.into, catalog_find_name(catalog, "hut")->type);
    ck_assert_uint_eq(rock->growth.after_s, CATALOG_SECONDS_MAX);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(things_may_grow_in_a_circle)
{
    struct content_files files = content_good;
    char half[2048];
    content_replace(half, sizeof half, content_entities, "\"stack\": 20",
                    "\"grows\": {\"into\": \"wall\", \"after_s\": 60}");
    files.entities =
        content_replaced(half, "\"stack\": 512", "\"grows\": {\"into\": \"rock\", \"after_s\": 1}");
    struct catalog *catalog = content_load_good(&files);
    const struct entity_def *rock = catalog_find_name(catalog, "rock");
    ck_assert_uint_eq(catalog->entities[rock->growth.into].growth.into, rock->type);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(mistakes_in_growing)
{
    refuse_entity("\"grows\": {\"into\": \"wal\", \"after_s\": 60}",
                  "there is no type \"wal\"; did you mean \"wall\"?");
    refuse_entity("\"grows\": {\"into\": \"wall\", \"after_s\": 0}", "key \"after_s\": must be");
    refuse_entity("\"grows\": {\"into\": \"wall\", \"after_s\": 31536001}",
                  ".grows: key \"after_s\": must be a whole number from 1 to 31536000");
    refuse_entity("\"grows\": {\"into\": \"wall\"}", "key \"after_s\": missing");
    refuse_entity("\"grows\": {\"into\": \"stone\", \"after_s\": 60}",
                  ".grows: key \"into\": must be an entity type or a structure");
    refuse_entity("\"grows\": {\"into\": \"rock\", \"after_s\": 60}",
                  ".grows: key \"into\": must be another type");
}
END_TEST

START_TEST(how_long_a_stack_lies)
{
    struct content_files files = content_good;
    files.entities = content_replaced(content_entities, "\"stack\": 20", "\"lies_s\": 1");
    files.items = "{\"items\": [{\"name\": \"stone\", \"lies_s\": 90}, {\"name\": \"clay\"}]}";
    files.structures = structures;
    struct catalog *catalog = content_load_good(&files);
    ck_assert_uint_eq(catalog_find_name(catalog, "rock")->lies_s, 1);
    ck_assert_uint_eq(catalog_find_name(catalog, "stone")->lies_s, 90);
    ck_assert_uint_eq(catalog_find_name(catalog, "hut")->lies_s, CATALOG_SECONDS_MAX);
    ck_assert_uint_eq(catalog_find_name(catalog, "clay")->lies_s, CATALOG_LIES_S_DEFAULT);
    ck_assert_uint_eq(catalog_find_name(catalog, "tree")->lies_s, 600);
    catalog_destroy(&catalog);
    refuse_entity("\"lies_s\": 0", ": key \"lies_s\": must be a whole number from 1 to 31536000");
    refuse_entity("\"lies_s\": 31536001", ": key \"lies_s\": must be a whole number from 1 to");
    refuse_entity("\"lies_s\": 1.5", ": key \"lies_s\": must be a whole number from 1 to");
    refuse_entity("\"lie_s\": 5", ": key \"lie_s\": unknown; did you mean \"lies_s\"?");
    refuse_items("\"stack\": 7", "\"lies_s\": \"7\"",
                 "items[0] (stone): key \"lies_s\": must be a whole number from 1 to 31536000");
}
END_TEST

/* The members of an image in either spelling, of a type of each kind. */
START_TEST(images_in_both_spellings)
{
    static const char snake[] = "\"image\": {\"size\": 24, \"fixed_screen_angle\": 0.5, "
                                "\"draw_offset_x\": -4, \"draw_offset_y\": 2}";
    static const char camel[] = "\"image\": {\"size\": 24, \"fixedScreenAngle\": 0.5, "
                                "\"drawOffsetX\": -4, \"drawOffsetY\": 2}";
    char hut[512], stone[512];
    struct content_files files = content_good;
    content_replace(stone, sizeof stone, "{\"items\": [{\"name\": \"stone\", @}]}", "@", camel);
    files.items = stone;
    files.entities = content_replaced(content_entities, "\"stack\": 20", snake);
    (void)snprintf(hut, sizeof hut, "%.*s, %s}]}", (int)strlen(structures) - 3, structures, camel);
    files.structures = hut;
    struct catalog *catalog = content_load_good(&files);
    const struct image_def *image = &catalog_find_name(catalog, "rock")->image;
    ck_assert_int_eq(image->angle_units, 5000);
    ck_assert_int_eq(image->offset_x_units, -64);
    ck_assert(image_is_equal(image, &catalog_find_name(catalog, "stone")->image));
    ck_assert(image_is_equal(image, &catalog_find_name(catalog, "hut")->image));
    catalog_destroy(&catalog);
    refuse_entity("\"image\": {\"size\": 24, \"drawOffsetX\": 0, \"draw_offset_x\": 0, "
                  "\"fixed_screen_angle\": null, \"draw_offset_y\": 0}",
                  ".image: keys \"draw_offset_x\" and \"drawOffsetX\" are the same: give one");
}
END_TEST

TESTING_MAIN("catalog_types", items_are_types_that_stand_nowhere, mistakes_in_items,
             who_shares_a_cell_with_whom, what_grows_into_what, things_may_grow_in_a_circle,
             mistakes_in_growing, how_long_a_stack_lies, images_in_both_spellings)
