#include "content_files.h"

/* All that content can say goes through the text, and comes out of it the same. */
START_TEST(the_shipped_content_survives_its_text)
{
    static char text[CATALOG_TEXT_BYTES], again[CATALOG_TEXT_BYTES];
    char folder[1024];
    struct error error = {""};
    const char *source = getenv("TILTH_SOURCE_DIR");
    ck_assert_ptr_nonnull(source);
    (void)snprintf(folder, sizeof folder, "%s/shared/content", source);
    struct catalog *catalog = catalog_load(folder, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    size_t size = catalog_write(catalog, text, sizeof text);
    ck_assert_uint_gt(size, 0);
    struct catalog *parsed = catalog_parse(text, size, &error);
    ck_assert_msg(parsed != NULL, "%s", error.text);
    ck_assert_uint_eq(catalog_write(parsed, again, sizeof again), size);
    ck_assert_str_eq(text, again);
    ck_assert(hash_is_equal(catalog->hash, parsed->hash));
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

TESTING_MAIN("catalog_write", the_shipped_content_survives_its_text)
