#include "catalog/catalog.h"

#include "content_files.h"

static const char extra_entity[] =
    "\"solid\": false, \"placeable\": false, \"removable\": false, \"stack\": 512";

/* Loads the entities in this order and gives them the known ids. */
static struct catalog *load_and_assign(const char *const *names, const struct catalog_ids *known,
                                       struct catalog_ids *out_all)
{
    char text[4096];
    size_t size = (size_t)snprintf(text, sizeof text, "{\"entities\": [");
    for (int i = 0; names[i] != NULL; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s{\"name\": \"%s\", %s}",
                                 i > 0 ? "," : "", names[i], extra_entity);
    (void)snprintf(text + size, sizeof text - size, "]}");
    struct error error = {""};
    struct content_files files = content_good;
    files.entities = text;
    struct catalog *catalog = content_load_files(&files, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    ck_assert_msg(catalog_assign_ids(catalog, CATALOG_ROW_TYPES, known, out_all, &error), "%s",
                  error.text);
    return catalog;
}

static void expect_type(const struct catalog *catalog, const char *name, uint32_t type)
{
    const struct entity_def *def = catalog_find_name(catalog, name);
    ck_assert_ptr_nonnull(def);
    ck_assert_msg(def->type == type, "%s is %u, not %u", name, def->type, type);
    ck_assert_ptr_eq(catalog_find_type(catalog, type), def);
}

START_TEST(test_ids_stay_through_reorder_addition_and_removal)
{
    static const char *const first[] = {"tree", "rock", "grass", "well", NULL};
    static const char *const reordered[] = {"well", "grass", "rock", "tree", NULL};
    static const char *const added[] = {"barn", "well", "grass", "arch", "rock", "tree", NULL};
    static const char *const removed[] = {"barn", "grass", "rock", "tree", NULL};
    static struct catalog_ids none;
    static struct catalog_ids known;
    static struct catalog_ids all;
    struct catalog *catalog = load_and_assign(first, &none, &known);
    expect_type(catalog, "tree", 1);
    expect_type(catalog, "well", 4);
    ck_assert_uint_eq(known.count, 4);
    catalog_destroy(&catalog);
    catalog = load_and_assign(reordered, &known, &all);
    ck_assert_mem_eq(&all, &known, sizeof all);
    expect_type(catalog, "tree", 1);
    ck_assert_uint_eq(catalog->natural_types[NATURAL_TREE], 1);
    ck_assert_uint_eq(catalog->natural_types[NATURAL_GRASS], 3);
    catalog_destroy(&catalog);
    catalog = load_and_assign(added, &known, &all);
    expect_type(catalog, "well", 4);
    expect_type(catalog, "barn", 5);
    expect_type(catalog, "arch", 6);
    ck_assert_uint_eq(all.count, 6);
    ck_assert_str_eq(all.ids[4].name, "barn");
    ck_assert_uint_eq(all.ids[5].id, 6);
    ck_assert_uint_eq(catalog->type_count, 6);
    catalog_destroy(&catalog);
    catalog = load_and_assign(removed, &known, &all);
    expect_type(catalog, "barn", 5); /* the well's 4 stays the well's */
    ck_assert_ptr_null(catalog_find_type(catalog, 4));
    ck_assert_uint_eq(all.count, 4);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_known_in_any_order)
{
    static struct catalog_ids known = {
        .ids = {{"gone", 40}, {"grass", 2}, {"tree", 30}, {"rock", 1}}, .count = 4};
    static const char *const names[] = {"tree", "rock", "grass", "well", NULL};
    static struct catalog_ids all;
    struct catalog *catalog = load_and_assign(names, &known, &all);
    expect_type(catalog, "tree", 30);
    expect_type(catalog, "rock", 1);
    expect_type(catalog, "grass", 2);
    expect_type(catalog, "well", 41);
    for (uint32_t i = 1; i < all.count; i++)
        ck_assert_uint_lt(all.ids[i - 1].id, all.ids[i].id);
    catalog_destroy(&catalog);
}
END_TEST

static void refuse_known(const struct catalog_ids *known, const char *words)
{
    static struct catalog_ids all;
    all.count = 99;
    struct catalog *catalog = content_load_good(&content_good);
    struct catalog before = *catalog;
    struct error error = {""};
    ck_assert(!catalog_assign_ids(catalog, CATALOG_ROW_TYPES, known, &all, &error));
    ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
    ck_assert_mem_eq(catalog, &before, sizeof before);
    ck_assert_uint_eq(all.count, 99);
    catalog_destroy(&catalog);
}

START_TEST(test_known_ids_that_cannot_be)
{
    static struct catalog_ids known;
    known = (struct catalog_ids){.ids = {{"gone", 1022}}, .count = 1};
    refuse_known(&known, "too many types: no id up to 1023 is left for \"wall\"");
    known = (struct catalog_ids){.ids = {{"tree", 0}}, .count = 1};
    refuse_known(&known, "\"tree\" has the id 0, beyond 1 to 1023");
    known = (struct catalog_ids){.ids = {{"tree", 1024}}, .count = 1};
    refuse_known(&known, "\"tree\" has the id 1024");
    known = (struct catalog_ids){.ids = {{"tree", 1}, {"rock", 1}}, .count = 2};
    refuse_known(&known, "the type id 1 is known twice");
    known = (struct catalog_ids){.ids = {{"tree", 1}, {"tree", 2}}, .count = 2};
    refuse_known(&known, "the type \"tree\" is known twice");
    known = (struct catalog_ids){.ids = {{"", 1}}, .count = 1};
    refuse_known(&known, "the known type 1 has no proper name");
    memset(known.ids[0].name, 'a', sizeof known.ids[0].name);
    refuse_known(&known, "the known type 1 has no proper name");
    known.count = 1024;
    refuse_known(&known, "more than 1023 known types");
}
END_TEST

/* Skills have a row of ids of their own; what names a skill goes on naming it. */
START_TEST(test_skills_keep_their_ids)
{
    static struct catalog_ids known = {.ids = {{"fishing", 1}, {"mining", 7}}, .count = 2};
    static struct catalog_ids all;
    struct content_files files = content_good;
    struct error error = {""};
    files.skills = "{\"skills\": [{\"name\": \"cooking\", \"levels\": [1]},"
                   "{\"name\": \"mining\", \"levels\": [5, 6]}]}";
    files.entities =
        content_replaced(content_entities, "\"stack\": 20",
                         "\"harvest\": {\"skill\": \"mining\", \"time_ms\": 1, \"yields\": "
                         "[{\"item\": \"wall\", \"count\": 1, \"chance\": 1}]}");
    struct catalog *catalog = content_load_good(&files);
    ck_assert_msg(catalog_assign_ids(catalog, CATALOG_ROW_SKILLS, &known, &all, &error), "%s",
                  error.text);
    ck_assert_uint_eq(all.count, 2);
    ck_assert_str_eq(all.ids[0].name, "mining");
    ck_assert_uint_eq(all.ids[0].id, 7);
    ck_assert_uint_eq(catalog_find_skill_name(catalog, "cooking")->skill, 8);
    ck_assert_ptr_null(catalog_find_skill(catalog, 1));
    ck_assert_uint_eq(catalog_find_name(catalog, "rock")->harvest.skill, 7);
    known = (struct catalog_ids){.ids = {{"mining", 32}}, .count = 1};
    ck_assert(!catalog_assign_ids(catalog, CATALOG_ROW_SKILLS, &known, &all, &error));
    content_expect(&error, "the skill \"mining\" has the id 32, beyond 1 to 31", "");
    catalog_destroy(&catalog);
}
END_TEST

TESTING_MAIN("catalog_ids", test_ids_stay_through_reorder_addition_and_removal,
             test_known_in_any_order, test_known_ids_that_cannot_be, test_skills_keep_their_ids)
