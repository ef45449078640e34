#include "content_files.h"

/* Writes the catalogue and reads that: the same text again, and the same hash. */
static struct catalog *written_and_read(const struct catalog *catalog)
{
    static char text[CATALOG_TEXT_BYTES], again[CATALOG_TEXT_BYTES];
    struct error error = {""};
    size_t size = catalog_write(catalog, text, sizeof text);
    ck_assert_uint_gt(size, 0);
    struct catalog *parsed = catalog_parse(text, size, &error);
    ck_assert_msg(parsed != NULL, "%s", error.text);
    ck_assert_uint_eq(catalog_write(parsed, again, sizeof again), size);
    ck_assert_str_eq(text, again);
    ck_assert(hash_is_equal(catalog->hash, parsed->hash));
    return parsed;
}

/* All that content can say goes through the text, and comes out of it the same. */
START_TEST(the_shipped_content_survives_its_text)
{
    char folder[1024];
    struct error error = {""};
    const char *source = getenv("TILTH_SOURCE_DIR");
    ck_assert_ptr_nonnull(source);
    (void)snprintf(folder, sizeof folder, "%s/shared/content", source);
    struct catalog *catalog = catalog_load(folder, NULL, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    struct catalog *parsed = written_and_read(catalog);
    const struct entity_def *tree = catalog_find_name(catalog, "tree");
    const struct entity_def *read = catalog_find_name(parsed, "tree");
    ck_assert_uint_eq(read->harvest.yields[1].chance_ppm, 100000);
    ck_assert_uint_eq(read->harvest.yields[1].item.type, tree->harvest.yields[1].item.type);
    ck_assert(image_is_equal(&read->image, &tree->image));
    const struct entity_def *building = catalog_find_name(parsed, "building");
    ck_assert_uint_eq(building->footprint.solid, 0x0707);
    ck_assert_uint_eq(building->costs[0].count, 20);
    ck_assert_uint_eq(catalog_find_name(parsed, "tree_sapling")->growth.into, tree->type);
    ck_assert_uint_eq(catalog_find_name(parsed, "axe")->durability, 200);
    catalog_destroy(&parsed);
    catalog_destroy(&catalog);
}
END_TEST

/* Also with other ids: what names a type keeps naming it. */
START_TEST(what_lies_leaves_and_grows_survives_its_text)
{
    static const struct catalog_ids known = {.ids = {{"grass", 700}, {"hut", 9}}, .count = 2};
    static struct catalog_ids all;
    char entities[2048];
    struct content_files files = content_good;
    struct error error = {""};
    content_replace(entities, sizeof entities, content_entities, "\"stack\": 20",
                    "\"lies_s\": 7, \"grows\": {\"into\": \"hut\", \"after_s\": 5}, \"harvest\": "
                    "{\"time_ms\": 1, \"leaves\": \"grass\", \"yields\": "
                    "[{\"item\": \"wall\", \"count\": 1, \"chance\": 1}]}");
    files.entities = entities;
    files.items = "{\"items\": [{\"name\": \"stone\", \"lies_s\": 31536000}]}";
    files.structures = "{\"structures\": [{\"name\": \"hut\", \"placeable\": true, \"removable\": "
                       "true, \"width\": 2, \"height\": 1, \"primary\": [1, 0], \"collision\": [], "
                       "\"lies_s\": 8}]}";
    struct catalog *catalog = content_load_good(&files);
    ck_assert_msg(catalog_assign_ids(catalog, CATALOG_ROW_TYPES, &known, &all, &error), "%s",
                  error.text);
    struct catalog *parsed = written_and_read(catalog);
    const struct entity_def *rock = catalog_find_name(parsed, "rock");
    ck_assert_uint_eq(rock->lies_s, 7);
    ck_assert_uint_eq(rock->harvest.leaves, 700);
    ck_assert_uint_eq(rock->growth.into, 9);
    ck_assert_uint_eq(catalog_find_name(parsed, "stone")->lies_s, 31536000);
    ck_assert_uint_eq(catalog_find_name(parsed, "hut")->lies_s, 8);
    ck_assert_uint_eq(catalog_find_name(parsed, "hut")->footprint.solid, 0);
    ck_assert_uint_eq(catalog_find_name(parsed, "tree")->lies_s, CATALOG_LIES_S_DEFAULT);
    catalog_destroy(&parsed);
    catalog_destroy(&catalog);
}
END_TEST

TESTING_MAIN("catalog_write", the_shipped_content_survives_its_text,
             what_lies_leaves_and_grows_survives_its_text)
