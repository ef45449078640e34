#include "catalog/catalog.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testing.h"

static const char good_terrains[] =
    "{\"terrains\": ["
    "{\"name\": \"rock\", \"solid\": false, \"buildable\": true},"
    "{\"name\": \"lava\", \"solid\": true, \"buildable\": false},"
    "{\"name\": \"water\", \"solid\": true, \"buildable\": false},"
    "{\"name\": \"sand\", \"solid\": false, \"buildable\": true},"
    "{\"name\": \"grassland\", \"solid\": false, \"buildable\": true},"
    "{\"name\": \"forest\", \"solid\": false, \"buildable\": true}]}";
static const char good_entities[] =
    "{\"entities\": ["
    "{\"name\": \"tree\", \"solid\": true, \"placeable\": false, \"removable\": true, "
    "\"size_px\": 48},"
    "{\"name\": \"wall\", \"solid\": true, \"placeable\": true, \"removable\": false, "
    "\"size_px\": 512},"
    "{\"name\": \"rock\", \"solid\": true, \"placeable\": true, \"removable\": true, "
    "\"size_px\": 20},"
    "{\"name\": \"grass\", \"solid\": false, \"placeable\": true, \"removable\": true, "
    "\"size_px\": 1}]}";

static void put_file(const char *folder, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    ck_assert_int_eq(fclose(file), 0);
}

static void remove_file(const char *folder, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)unlink(path);
}

/* Loads a folder with these files; NULL leaves a file out. */
static struct catalog *load(const char *terrains, const char *entities, struct error *error)
{
    char folder[] = "/tmp/tilth-catalog-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    if (terrains != NULL)
        put_file(folder, "terrains.json", terrains);
    if (entities != NULL)
        put_file(folder, "entities.json", entities);
    struct catalog *catalog = catalog_load(folder, error);
    remove_file(folder, "terrains.json");
    remove_file(folder, "entities.json");
    ck_assert_int_eq(rmdir(folder), 0);
    return catalog;
}

static struct catalog *load_good(void)
{
    struct error error = {""};
    struct catalog *catalog = load(good_terrains, good_entities, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    return catalog;
}

/* A copy of the text with the first `old` replaced, in a buffer that the next call uses again. */
static const char *replaced(const char *text, const char *old, const char *new_part)
{
    static char copy[4096];
    const char *at = strstr(text, old);
    ck_assert_msg(at != NULL, "%s", old);
    int size =
        snprintf(copy, sizeof copy, "%.*s%s%s", (int)(at - text), text, new_part, at + strlen(old));
    ck_assert_int_lt(size, (int)sizeof copy);
    return copy;
}

static void expect_words(const struct error *error, const char *file, const char *words)
{
    ck_assert_msg(strstr(error->text, file) != NULL, "%s", error->text);
    ck_assert_msg(strstr(error->text, words) != NULL, "%s", error->text);
}

static void refuse_terrains(const char *old, const char *new_part, const char *words)
{
    struct error error = {""};
    ck_assert_ptr_null(load(replaced(good_terrains, old, new_part), good_entities, &error));
    expect_words(&error, "/terrains.json:", words);
}

static void refuse_entities(const char *old, const char *new_part, const char *words)
{
    struct error error = {""};
    ck_assert_ptr_null(load(good_terrains, replaced(good_entities, old, new_part), &error));
    expect_words(&error, "/entities.json:", words);
}

START_TEST(test_load_gives_what_the_files_say)
{
    struct catalog *catalog = load_good();
    ck_assert_str_eq(catalog->terrains[TERRAIN_WATER].name, "water");
    ck_assert(catalog->terrains[TERRAIN_WATER].is_solid);
    ck_assert(!catalog->terrains[TERRAIN_WATER].is_buildable);
    ck_assert_str_eq(catalog->terrains[TERRAIN_ROCK].name, "rock");
    ck_assert(!catalog->terrains[TERRAIN_ROCK].is_solid);
    ck_assert(catalog->terrains[TERRAIN_ROCK].is_buildable);
    ck_assert_str_eq(catalog->terrains[TERRAIN_COUNT].name, "lava");
    ck_assert_uint_eq(catalog->type_count, 4);
    const struct entity_def *tree = catalog_find_type(catalog, 1);
    ck_assert_str_eq(tree->name, "tree");
    ck_assert_uint_eq(tree->type, 1);
    ck_assert(tree->is_solid && !tree->is_placeable && tree->is_removable);
    ck_assert_uint_eq(tree->size_px, 48);
    const struct entity_def *wall = catalog_find_name(catalog, "wall");
    ck_assert_uint_eq(wall->type, 2);
    ck_assert(wall->is_solid && wall->is_placeable && !wall->is_removable);
    ck_assert(!catalog_find_name(catalog, "grass")->is_solid);
    ck_assert_uint_eq(catalog->natural_types[NATURAL_NONE], 0);
    ck_assert_uint_eq(catalog->natural_types[NATURAL_TREE], 1);
    ck_assert_uint_eq(catalog->natural_types[NATURAL_ROCK], 3);
    ck_assert_uint_eq(catalog->natural_types[NATURAL_GRASS], 4);
    catalog_destroy(&catalog);
    ck_assert_ptr_null(catalog);
    catalog_destroy(&catalog);
    catalog_destroy(NULL);
}
END_TEST

START_TEST(test_the_shipped_content_loads)
{
    const char *source = getenv("TILTH_SOURCE_DIR");
    ck_assert_ptr_nonnull(source);
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s/shared/content", source);
    struct error error = {""};
    struct catalog *catalog = catalog_load(folder, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    ck_assert_ptr_nonnull(catalog_find_name(catalog, "stone_block"));
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_find)
{
    struct catalog *catalog = load_good();
    ck_assert_ptr_null(catalog_find_type(catalog, 0));
    ck_assert_ptr_null(catalog_find_type(catalog, 5));
    ck_assert_ptr_null(catalog_find_type(catalog, CATALOG_TYPES_MAX));
    ck_assert_ptr_null(catalog_find_type(catalog, UINT32_MAX));
    ck_assert_ptr_null(catalog_find_name(catalog, ""));
    ck_assert_ptr_null(catalog_find_name(catalog, "Tree"));
    ck_assert_str_eq(catalog_suggest(catalog, "treee"), "tree");
    ck_assert_str_eq(catalog_suggest(catalog, "gras"), "grass");
    ck_assert_str_eq(catalog_suggest(catalog, "rokc"), "rock");
    ck_assert_ptr_null(catalog_suggest(catalog, "cathedral"));
    ck_assert_ptr_null(catalog_suggest(catalog, ""));
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_missing_files)
{
    struct error error = {""};
    ck_assert_ptr_null(load(NULL, good_entities, &error));
    expect_words(&error, "/terrains.json:", "No such file or directory");
    ck_assert_ptr_null(load(good_terrains, NULL, &error));
    expect_words(&error, "/entities.json:", "No such file or directory");
    ck_assert_ptr_null(load(NULL, NULL, NULL));
}
END_TEST

START_TEST(test_not_json)
{
    struct error error = {""};
    ck_assert_ptr_null(load("{\"terrains\": [\n  {\"name\" \"x\"}]}", good_entities, &error));
    expect_words(&error, "/terrains.json:2:11:", "this is not JSON");
    ck_assert_ptr_null(load(good_terrains, "", &error));
    expect_words(&error, "/entities.json:1:1:", "this is not JSON");
    refuse_entities("]}", "]}\n]", ":2:1: this is not JSON");
    struct error list = {""};
    ck_assert_ptr_null(load("[]", good_entities, &list));
    expect_words(&list, "/terrains.json:", "must be an object");
}
END_TEST

START_TEST(test_missing_keys)
{
    refuse_terrains("\"terrains\"", "\"terains\"", "key \"terains\": unknown; did you mean");
    refuse_terrains("{\"name\": \"rock\", ", "{", "terrains[0]: key \"name\": missing");
    refuse_terrains("\"solid\": true, ", "", "terrains[1] (lava): key \"solid\": missing");
    refuse_terrains(", \"buildable\": true", "", "terrains[0] (rock): key \"buildable\": missing");
    refuse_entities("\"name\": \"wall\", ", "", "entities[1]: key \"name\": missing");
    refuse_entities("\"solid\": true, ", "", "entities[0] (tree): key \"solid\": missing");
    refuse_entities("\"placeable\": false, ", "", "entities[0] (tree): key \"placeable\": missing");
    refuse_entities("\"removable\": false, ", "", "entities[1] (wall): key \"removable\": missing");
    refuse_entities(", \"size_px\": 20", "", "entities[2] (rock): key \"size_px\": missing");
    struct error error = {""};
    ck_assert_ptr_null(load(good_terrains, "{}", &error));
    expect_words(&error, "/entities.json:", "key \"entities\": missing");
}
END_TEST

START_TEST(test_unknown_keys_with_a_suggestion)
{
    refuse_terrains("\"solid\": true", "\"soild\": true",
                    "terrains[1] (lava): key \"soild\": unknown; did you mean \"solid\"?");
    refuse_entities("\"size_px\": 20", "\"size_xp\": 20",
                    "entities[2] (rock): key \"size_xp\": unknown; did you mean \"size_px\"?");
    refuse_entities("\"size_px\": 20", "\"size_px\": 20, \"colour\": 1",
                    "entities[2] (rock): key \"colour\": unknown; the known ones are: name, solid");
    refuse_entities("\"size_px\": 20", "\"size_px\": 20, \"type\": 7", "key \"type\": unknown");
    refuse_entities("\"size_px\": 20", "\"size_px\": 20, \"size_px\": 21",
                    "entities[2] (rock): key \"size_px\": stands there twice");
    refuse_entities("]}", "], \"terrains\": []}", "key \"terrains\": unknown");
}
END_TEST

START_TEST(test_wrong_types)
{
    refuse_terrains("\"solid\": false", "\"solid\": 0",
                    "terrains[0] (rock): key \"solid\": must be true or false");
    refuse_terrains("\"buildable\": true", "\"buildable\": \"true\"",
                    "terrains[0] (rock): key \"buildable\": must be true or false");
    refuse_terrains("\"name\": \"rock\"", "\"name\": 5",
                    "terrains[0]: key \"name\": must be a string");
    refuse_entities("\"removable\": true", "\"removable\": null",
                    "entities[0] (tree): key \"removable\": must be true or false");
    refuse_entities("[", "[17, ", "entities[0]: must be an object");
    struct error error = {""};
    ck_assert_ptr_null(load(good_terrains, "{\"entities\": {}}", &error));
    expect_words(&error, "/entities.json:", "key \"entities\": must be an array");
}
END_TEST

START_TEST(test_names)
{
    refuse_terrains("lava", "sand",
                    "terrains[3]: key \"name\": \"sand\" is the name of an earlier entry");
    refuse_entities("wall", "tree",
                    "entities[1]: key \"name\": \"tree\" is the name of an earlier entry");
    refuse_entities("wall", "a234567890123456789012345678901x", "is longer than 31 characters");
    static const char *const wrong[] = {"",  "Wall",  "1wall",       "_wall",  "wa ll",
                                        "-", "wa-ll", "w\xc3\xa4ll", "wall\\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        refuse_entities("wall", wrong[i], "entities[1]: key \"name\": \"");
    refuse_entities("wall", "Wall", "\"Wall\" must begin with a letter a-z and hold a-z, 0-9");
    struct catalog *catalog = load(
        good_terrains, replaced(good_entities, "wall", "a234567890123456789012345678901"), NULL);
    ck_assert_ptr_nonnull(catalog);
    ck_assert_ptr_nonnull(catalog_find_name(catalog, "a234567890123456789012345678901"));
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_what_the_generator_needs)
{
    static const char *const terrains[] = {"water", "sand", "grassland", "forest", "rock"};
    static const char *const naturals[] = {"tree", "rock", "grass"};
    for (size_t i = 0; i < sizeof terrains / sizeof terrains[0]; i++) {
        char words[64];
        (void)snprintf(words, sizeof words, "terrains: the terrain \"%s\"", terrains[i]);
        refuse_terrains(terrains[i], "swamp", words);
    }
    for (size_t i = 0; i < sizeof naturals / sizeof naturals[0]; i++) {
        char words[64];
        (void)snprintf(words, sizeof words, "entities: the entity \"%s\"", naturals[i]);
        refuse_entities(naturals[i], "swamp", words);
    }
}
END_TEST

START_TEST(test_sizes)
{
    static const char *const wrong[] = {"0", "513", "-1", "1.5", "\"20\"", "1e9", "true"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char part[32];
        (void)snprintf(part, sizeof part, "\"size_px\": %s", wrong[i]);
        refuse_entities(
            "\"size_px\": 20", part,
            "entities[2] (rock): key \"size_px\": must be a whole number from 1 to 512");
    }
}
END_TEST

/* Writes {"<list>": [good entries, extra<from> ... extra<to - 1>]} into the buffer. */
static void write_many(char *buffer, size_t capacity, const char *good, const char *entry,
                       int extra_count)
{
    size_t size = (size_t)snprintf(buffer, capacity, "%.*s", (int)strlen(good) - 2, good);
    for (int i = 0; i < extra_count; i++)
        size += (size_t)snprintf(buffer + size, capacity - size, ",{\"name\": \"extra%025d\", %s}",
                                 i, entry);
    size += (size_t)snprintf(buffer + size, capacity - size, "]}");
    ck_assert_uint_lt(size, capacity);
}

static const char extra_entity[] =
    "\"solid\": false, \"placeable\": false, \"removable\": false, \"size_px\": 512";
static const char extra_terrain[] = "\"solid\": false, \"buildable\": false";

START_TEST(test_a_full_catalogue_and_one_more)
{
    static char terrains[8192];
    static char entities[400000];
    static char text[CATALOG_TEXT_BYTES];
    struct error error = {""};
    write_many(terrains, sizeof terrains, good_terrains, extra_terrain, 10);
    write_many(entities, sizeof entities, good_entities, extra_entity, 1019);
    struct catalog *catalog = load(terrains, entities, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    ck_assert_uint_eq(catalog->type_count, 1023);
    ck_assert_ptr_nonnull(catalog_find_type(catalog, 1023));
    ck_assert_uint_gt(catalog_write(catalog, text, sizeof text), 65536);
    catalog_destroy(&catalog);
    write_many(entities, sizeof entities, good_entities, extra_entity, 1020);
    ck_assert_ptr_null(load(terrains, entities, &error));
    expect_words(&error, "/entities.json:", "entities: more than 1023 entity types");
    write_many(terrains, sizeof terrains, good_terrains, extra_terrain, 11);
    ck_assert_ptr_null(load(terrains, good_entities, &error));
    expect_words(&error, "/terrains.json:", "terrains: more than 16 terrains");
}
END_TEST

static struct catalog *parse(const char *text, size_t size_bytes)
{
    struct error error = {""};
    struct catalog *catalog = catalog_parse(text, size_bytes, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    return catalog;
}

START_TEST(test_write_and_parse_round_trip)
{
    static char text[CATALOG_TEXT_BYTES];
    static char again[CATALOG_TEXT_BYTES];
    struct catalog *catalog = load_good();
    static struct catalog_ids known = {.ids = {{"rock", 900}, {"gone", 3}, {"tree", 7}},
                                       .count = 3};
    static struct catalog_ids all;
    ck_assert(catalog_assign_ids(catalog, &known, &all, NULL));
    size_t size = catalog_write(catalog, text, sizeof text);
    ck_assert_uint_gt(size, 0);
    ck_assert_uint_eq(strlen(text), size);
    struct catalog *parsed = parse(text, size);
    ck_assert_mem_eq(parsed, catalog, sizeof *catalog);
    ck_assert(hash_is_equal(parsed->hash, catalog->hash));
    ck_assert(hash_is_equal(parsed->hash, hash_128(text, size, 0)));
    ck_assert_uint_eq(catalog_write(parsed, again, sizeof again), size);
    ck_assert_str_eq(text, again);
    ck_assert_uint_eq(catalog_write(catalog, again, size), 0);
    ck_assert_uint_eq(catalog_write(catalog, again, size + 1), size);
    ck_assert_uint_eq(catalog_write(catalog, again, 0), 0);
    catalog_destroy(&parsed);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_the_hash_moves_with_the_content)
{
    struct catalog *catalog = load_good();
    struct catalog *same = load_good();
    struct catalog *other =
        load(good_terrains, replaced(good_entities, "\"size_px\": 20", "\"size_px\": 21"), NULL);
    ck_assert(hash_is_equal(catalog->hash, same->hash));
    ck_assert(!hash_is_equal(catalog->hash, other->hash));
    static struct catalog_ids known = {.ids = {{"rock", 9}}, .count = 1};
    static struct catalog_ids all;
    ck_assert(catalog_assign_ids(same, &known, &all, NULL));
    ck_assert(!hash_is_equal(catalog->hash, same->hash));
    catalog_destroy(&catalog);
    catalog_destroy(&same);
    catalog_destroy(&other);
}
END_TEST

static void refuse_parse(const char *old, const char *new_part, const char *words)
{
    static char text[CATALOG_TEXT_BYTES];
    struct catalog *catalog = load_good();
    ck_assert_uint_gt(catalog_write(catalog, text, sizeof text), 0);
    catalog_destroy(&catalog);
    const char *wrong = replaced(text, old, new_part);
    struct error error = {""};
    ck_assert_ptr_null(catalog_parse(wrong, strlen(wrong), &error));
    expect_words(&error, "catalogue:", words);
}

START_TEST(test_parse_refuses)
{
    refuse_parse("{\"terrains\"", "\"terrains\"", "1:11: this is not JSON");
    refuse_parse("\"terrains\":", "\"extra\":1,\"terrains\":", "key \"extra\": unknown");
    refuse_parse("\"type\":2,", "", "entities[1] (wall): key \"type\": missing");
    refuse_parse("\"type\":2", "\"type\":1", "key \"type\": 1 is the type of an earlier entry");
    refuse_parse("\"type\":2", "\"type\":0", "must be a whole number from 1 to 1023");
    refuse_parse("\"type\":2", "\"type\":1024", "must be a whole number from 1 to 1023");
    ck_assert_ptr_null(catalog_parse("", 0, NULL));
}
END_TEST

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
    struct catalog *catalog = load(good_terrains, text, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    ck_assert_msg(catalog_assign_ids(catalog, known, out_all, &error), "%s", error.text);
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
    ck_assert_uint_eq(all.ids[5].type, 6);
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
        ck_assert_uint_lt(all.ids[i - 1].type, all.ids[i].type);
    catalog_destroy(&catalog);
}
END_TEST

static void refuse_known(const struct catalog_ids *known, const char *words)
{
    static struct catalog_ids all;
    all.count = 99;
    struct catalog *catalog = load_good();
    struct catalog before = *catalog;
    struct error error = {""};
    ck_assert(!catalog_assign_ids(catalog, known, &all, &error));
    ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
    ck_assert_mem_eq(catalog, &before, sizeof before);
    ck_assert_uint_eq(all.count, 99);
    catalog_destroy(&catalog);
}

START_TEST(test_known_ids_that_cannot_be)
{
    static struct catalog_ids known;
    known = (struct catalog_ids){.ids = {{"gone", 1022}}, .count = 1};
    refuse_known(&known, "too many entity types: no id up to 1023 is left for \"wall\"");
    known = (struct catalog_ids){.ids = {{"tree", 0}}, .count = 1};
    refuse_known(&known, "\"tree\" has the id 0, beyond 1 to 1023");
    known = (struct catalog_ids){.ids = {{"tree", 1024}}, .count = 1};
    refuse_known(&known, "\"tree\" has the id 1024");
    known = (struct catalog_ids){.ids = {{"tree", 1}, {"rock", 1}}, .count = 2};
    refuse_known(&known, "the entity type id 1 is known twice");
    known = (struct catalog_ids){.ids = {{"tree", 1}, {"tree", 2}}, .count = 2};
    refuse_known(&known, "the entity type \"tree\" is known twice");
    known = (struct catalog_ids){.ids = {{"", 1}}, .count = 1};
    refuse_known(&known, "the known entity type 1 has no proper name");
    memset(known.ids[0].name, 'a', sizeof known.ids[0].name);
    refuse_known(&known, "the known entity type 1 has no proper name");
    known.count = 1024;
    refuse_known(&known, "more than 1023 known entity types");
}
END_TEST

TESTING_MAIN("catalog", test_load_gives_what_the_files_say, test_the_shipped_content_loads,
             test_find, test_missing_files, test_not_json, test_missing_keys,
             test_unknown_keys_with_a_suggestion, test_wrong_types, test_names,
             test_what_the_generator_needs, test_sizes, test_a_full_catalogue_and_one_more,
             test_write_and_parse_round_trip, test_the_hash_moves_with_the_content,
             test_parse_refuses, test_ids_stay_through_reorder_addition_and_removal,
             test_known_in_any_order, test_known_ids_that_cannot_be)
