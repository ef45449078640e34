#include "catalog/catalog.h"

#include "content_files.h"

/* Loads terrains and entities, without anything else. */
static struct catalog *load(const char *terrains, const char *entities, struct error *error)
{
    struct content_files files = content_good;
    files.terrains = terrains;
    files.entities = entities;
    return content_load_files(&files, error);
}

static void refuse_terrains(const char *old, const char *new_part, const char *words)
{
    struct error error = {""};
    ck_assert_ptr_null(
        load(content_replaced(content_terrains, old, new_part), content_entities, &error));
    content_expect(&error, "/terrains.json:", words);
}

static void refuse_entities(const char *old, const char *new_part, const char *words)
{
    struct error error = {""};
    ck_assert_ptr_null(
        load(content_terrains, content_replaced(content_entities, old, new_part), &error));
    content_expect(&error, "/entities.json:", words);
}

START_TEST(test_load_gives_what_the_files_say)
{
    struct catalog *catalog = content_load_good(&content_good);
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
    ck_assert_uint_eq(tree->stack_max, 48);
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
    struct catalog *catalog = catalog_load(folder, NULL, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    ck_assert_ptr_nonnull(catalog_find_name(catalog, "stone_block"));
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(test_find)
{
    struct catalog *catalog = content_load_good(&content_good);
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
    ck_assert_ptr_null(load(NULL, content_entities, &error));
    content_expect(&error, "/terrains.json:", "No such file or directory");
    ck_assert_ptr_null(load(content_terrains, NULL, &error));
    content_expect(&error, "/entities.json:", "No such file or directory");
    ck_assert_ptr_null(load(NULL, NULL, NULL));
}
END_TEST

START_TEST(test_not_json)
{
    struct error error = {""};
    ck_assert_ptr_null(load("{\"terrains\": [\n  {\"name\" \"x\"}]}", content_entities, &error));
    content_expect(&error, "/terrains.json:2:11:", "this is not JSON");
    ck_assert_ptr_null(load(content_terrains, "", &error));
    content_expect(&error, "/entities.json:1:1:", "this is not JSON");
    refuse_entities("]}", "]}\n]", ":2:1: this is not JSON");
    struct error list = {""};
    ck_assert_ptr_null(load("[]", content_entities, &list));
    content_expect(&list, "/terrains.json:", "must be an object");
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
    struct error error = {""};
    ck_assert_ptr_null(load(content_terrains, "{}", &error));
    content_expect(&error, "/entities.json:", "key \"entities\": missing");
}
END_TEST

START_TEST(test_unknown_keys_with_a_suggestion)
{
    refuse_terrains("\"solid\": true", "\"soild\": true",
                    "terrains[1] (lava): key \"soild\": unknown; did you mean \"solid\"?");
    refuse_entities("\"stack\": 20", "\"stcak\": 20",
                    "entities[2] (rock): key \"stcak\": unknown; did you mean \"stack\"?");
    refuse_entities("\"stack\": 20", "\"stack\": 20, \"colour\": 1",
                    "entities[2] (rock): key \"colour\": unknown; the known ones are: name, solid");
    refuse_entities("\"stack\": 20", "\"stack\": 20, \"type\": 7", "key \"type\": unknown");
    refuse_entities("\"stack\": 20", "\"stack\": 20, \"stack\": 21",
                    "entities[2] (rock): key \"stack\": stands there twice");
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
    ck_assert_ptr_null(load(content_terrains, "{\"entities\": {}}", &error));
    content_expect(&error, "/entities.json:", "key \"entities\": must be an array");
}
END_TEST

START_TEST(test_names)
{
    refuse_terrains("lava", "sand",
                    "terrains[3]: key \"name\": \"sand\" is the name of an earlier entry");
    refuse_entities("wall", "tree",
                    "entities[1] (tree): key \"name\": \"tree\" is the name of an earlier entry");
    refuse_entities("wall", "a234567890123456789012345678901x", "is longer than 31 characters");
    static const char *const wrong[] = {"",  "Wall",  "1wall",       "_wall",  "wa ll",
                                        "-", "wa-ll", "w\xc3\xa4ll", "wall\\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        refuse_entities("wall", wrong[i], "entities[1]: key \"name\": \"");
    refuse_entities("wall", "Wall", "\"Wall\" must begin with a letter a-z and hold a-z, 0-9");
    struct catalog *catalog =
        load(content_terrains,
             content_replaced(content_entities, "wall", "a234567890123456789012345678901"), NULL);
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
    static const char *const wrong[] = {"0", "65536", "-1", "1.5", "\"20\"", "1e9", "true"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char part[32];
        (void)snprintf(part, sizeof part, "\"stack\": %s", wrong[i]);
        refuse_entities(
            "\"stack\": 20", part,
            "entities[2] (rock): key \"stack\": must be a whole number from 1 to 65535");
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
    "\"solid\": false, \"placeable\": false, \"removable\": false, \"stack\": 512";
static const char extra_terrain[] = "\"solid\": false, \"buildable\": false";

START_TEST(test_a_full_catalogue_and_one_more)
{
    static char terrains[8192];
    static char entities[400000];
    static char text[CATALOG_TEXT_BYTES];
    struct error error = {""};
    write_many(terrains, sizeof terrains, content_terrains, extra_terrain, 10);
    write_many(entities, sizeof entities, content_entities, extra_entity, 1019);
    struct catalog *catalog = load(terrains, entities, &error);
    ck_assert_msg(catalog != NULL, "%s", error.text);
    ck_assert_uint_eq(catalog->type_count, 1023);
    ck_assert_ptr_nonnull(catalog_find_type(catalog, 1023));
    ck_assert_uint_gt(catalog_write(catalog, text, sizeof text), 65536);
    catalog_destroy(&catalog);
    write_many(entities, sizeof entities, content_entities, extra_entity, 1020);
    ck_assert_ptr_null(load(terrains, entities, &error));
    content_expect(&error, "/entities.json:", "more than 1023 types");
    write_many(terrains, sizeof terrains, content_terrains, extra_terrain, 11);
    ck_assert_ptr_null(load(terrains, content_entities, &error));
    content_expect(&error, "/terrains.json:", "terrains: more than 16 terrains");
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
    struct catalog *catalog = content_load_good(&content_good);
    static struct catalog_ids known = {.ids = {{"rock", 900}, {"gone", 3}, {"tree", 7}},
                                       .count = 3};
    static struct catalog_ids all;
    ck_assert(catalog_assign_ids(catalog, CATALOG_ROW_TYPES, &known, &all, NULL));
    size_t size = catalog_write(catalog, text, sizeof text);
    ck_assert_uint_gt(size, 0);
    ck_assert_uint_eq(strlen(text), size);
    struct catalog *parsed = parse(text, size);
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
    struct catalog *catalog = content_load_good(&content_good);
    struct catalog *same = content_load_good(&content_good);
    struct catalog *other =
        load(content_terrains, content_replaced(content_entities, "\"stack\": 20", "\"stack\": 21"),
             NULL);
    ck_assert(hash_is_equal(catalog->hash, same->hash));
    ck_assert(!hash_is_equal(catalog->hash, other->hash));
    static struct catalog_ids known = {.ids = {{"rock", 9}}, .count = 1};
    static struct catalog_ids all;
    ck_assert(catalog_assign_ids(same, CATALOG_ROW_TYPES, &known, &all, NULL));
    ck_assert(!hash_is_equal(catalog->hash, same->hash));
    catalog_destroy(&catalog);
    catalog_destroy(&same);
    catalog_destroy(&other);
}
END_TEST

static void refuse_parse(const char *old, const char *new_part, const char *words)
{
    static char text[CATALOG_TEXT_BYTES];
    struct catalog *catalog = content_load_good(&content_good);
    ck_assert_uint_gt(catalog_write(catalog, text, sizeof text), 0);
    catalog_destroy(&catalog);
    const char *wrong = content_replaced(text, old, new_part);
    struct error error = {""};
    ck_assert_ptr_null(catalog_parse(wrong, strlen(wrong), &error));
    content_expect(&error, "catalogue:", words);
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

TESTING_MAIN("catalog", test_load_gives_what_the_files_say, test_the_shipped_content_loads,
             test_find, test_missing_files, test_not_json, test_missing_keys,
             test_unknown_keys_with_a_suggestion, test_wrong_types, test_names,
             test_what_the_generator_needs, test_sizes, test_a_full_catalogue_and_one_more,
             test_write_and_parse_round_trip, test_the_hash_moves_with_the_content,
             test_parse_refuses)
