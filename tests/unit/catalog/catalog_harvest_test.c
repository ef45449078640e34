#include "content_files.h"

static const char skills[] = "{\"skills\": [{\"name\": \"mining\", \"levels\": [1, 3, 10]}]}";
static const char items[] = "{\"items\": [{\"name\": \"stone\"}, "
                            "{\"name\": \"pick\", \"tool\": \"pickaxe\"}]}";
static const char harvest[] =
    "\"harvest\": {\"tool\": \"pickaxe\", \"skill\": \"mining\", \"time_ms\": 1500, "
    "\"intact\": true, \"yields\": [{\"item\": \"stone\", \"count\": 2, \"chance\": 1}, "
    "{\"item\": \"rock\", \"count\": 1, \"chance\": 0.3}], \"bonus\": {\"item\": \"stone\", "
    "\"tiers\": [{\"level\": 1, \"chance\": 0.1}, {\"level\": 3, \"chance\": 0.000001}]}}";
static const char structures[] =
    "{\"structures\": [{\"name\": \"hut\", \"placeable\": true, \"removable\": true, \"width\": 2, "
    "\"height\": 2, \"primary\": [0, 0], \"harvest\": {\"time_ms\": 1, \"leaves\": \"grass\", "
    "\"yields\": [{\"item\": \"wall\", \"count\": 1, \"chance\": 1}]}}]}";

/* Content whose rock is harvested as the member says. */
static struct content_files files_with(const char *member)
{
    static char entities[4096];
    struct content_files files = content_good;
    content_replace(entities, sizeof entities, content_entities, "\"stack\": 20", member);
    files.entities = entities;
    files.skills = skills;
    files.items = items;
    files.structures = structures;
    return files;
}

static void refuse(const char *old, const char *new_part, const char *words)
{
    char member[2048];
    struct error error = {""};
    content_replace(member, sizeof member, harvest, old, new_part);
    struct content_files files = files_with(member);
    ck_assert_ptr_null(content_load_files(&files, &error));
    content_expect(&error, "/entities.json: entities[2] (rock)", words);
}

START_TEST(a_rule_is_what_the_file_says)
{
    struct content_files files = files_with(harvest);
    struct catalog *catalog = content_load_good(&files);
    const struct harvest_def *rule = &catalog_find_name(catalog, "rock")->harvest;
    uint16_t stone = catalog_find_name(catalog, "stone")->type;
    ck_assert_uint_eq(rule->time_ms, 1500);
    ck_assert_uint_eq(rule->tool, catalog_find_name(catalog, "pick")->tool);
    ck_assert_uint_eq(rule->skill, catalog_find_skill_name(catalog, "mining")->skill);
    ck_assert(rule->is_intact);
    ck_assert_uint_eq(rule->yield_count, 2);
    ck_assert_uint_eq(rule->yields[0].item.type, stone);
    ck_assert_uint_eq(rule->yields[0].item.count, 2);
    ck_assert_uint_eq(rule->yields[0].chance_ppm, 1000000);
    ck_assert_uint_eq(rule->yields[1].chance_ppm, 300000);
    ck_assert_uint_eq(rule->bonus_type, stone);
    ck_assert_uint_eq(rule->tier_count, 2);
    ck_assert_uint_eq(rule->tiers[0].level, 1);
    ck_assert_uint_eq(rule->tiers[1].chance_ppm, 1);
    ck_assert_uint_eq(catalog_find_name(catalog, "tree")->harvest.time_ms, 0);
    catalog_destroy(&catalog);
}
END_TEST

START_TEST(mistakes_are_named)
{
    refuse("\"time_ms\": 1500, ", "", ".harvest: key \"time_ms\": missing");
    refuse("1500", "0", "key \"time_ms\": must be a whole number from 1 to 600000");
    refuse("\"pickaxe\"", "\"axe\"", "no item is a tool of the kind \"axe\"");
    refuse("\"mining\"", "\"cooking\"", "there is no skill \"cooking\"");
    refuse("\"item\": \"stone\"", "\"item\": \"stoen\"",
           "harvest.yields[0]: key \"item\": there is no type \"stoen\"; did you mean \"stone\"?");
    refuse("\"chance\": 0.3", "\"chance\": 1.1",
           "key \"chance\": must be a number from 1e-06 to 1");
    refuse("\"chance\": 0.3", "\"chance\": 0", "key \"chance\": must be a number");
    refuse("\"count\": 2", "\"count\": 0", "key \"count\": must be a whole number from 1 to 65535");
    refuse("\"level\": 3", "\"level\": 4",
           "harvest.bonus.tiers[1]: key \"level\": must be a whole number from 1 to 3");
    refuse("\"skill\": \"mining\", ", "", "key \"bonus\": needs a skill");
    refuse("\"intact\": true", "\"intakt\": true", "did you mean \"intact\"?");
}
END_TEST

START_TEST(no_bag_takes_a_structure)
{
    refuse("{\"item\": \"rock\"", "{\"item\": \"hut\"",
           "harvest.yields[1]: key \"item\": \"hut\" is a structure, which lies in no bag");
    refuse("\"bonus\": {\"item\": \"stone\"", "\"bonus\": {\"item\": \"hut\"",
           "harvest.bonus: key \"item\": \"hut\" is a structure, which lies in no bag");
}
END_TEST

START_TEST(it_leaves_an_entity_of_another_type)
{
    char member[2048];
    content_replace(member, sizeof member, harvest, "\"intact\"",
                    "\"leaves\": \"grass\", \"intact\"");
    struct content_files files = files_with(member);
    struct catalog *catalog = content_load_good(&files);
    uint16_t grass = catalog_find_name(catalog, "grass")->type;
    ck_assert_uint_eq(catalog_find_name(catalog, "rock")->harvest.leaves, grass);
    ck_assert_uint_eq(catalog_find_name(catalog, "hut")->harvest.leaves, grass);
    catalog_destroy(&catalog);
    files = files_with(harvest);
    catalog = content_load_good(&files);
    ck_assert_uint_eq(catalog_find_name(catalog, "rock")->harvest.leaves, 0);
    catalog_destroy(&catalog);
    refuse("\"intact\"", "\"leaves\": \"gras\", \"intact\"",
           ".harvest: key \"leaves\": there is no type \"gras\"; did you mean \"grass\"?");
    refuse("\"intact\"", "\"leaves\": \"stone\", \"intact\"",
           ".harvest: key \"leaves\": must be an entity type");
    refuse("\"intact\"", "\"leaves\": \"hut\", \"intact\"",
           ".harvest: key \"leaves\": must be an entity type");
    refuse("\"intact\"", "\"leaves\": \"rock\", \"intact\"",
           ".harvest: key \"leaves\": must be another type");
    refuse("\"intact\"", "\"leaves\": null, \"intact\"", "key \"leaves\": must be a string");
}
END_TEST

START_TEST(levels_follow_the_table)
{
    struct content_files files = files_with(harvest);
    struct catalog *catalog = content_load_good(&files);
    const struct skill_def *mining = catalog_find_skill_name(catalog, "mining");
    ck_assert_uint_eq(catalog_skill_level(mining, 0), 0);
    ck_assert_uint_eq(catalog_skill_level(mining, 1), 1);
    ck_assert_uint_eq(catalog_skill_level(mining, 2), 1);
    ck_assert_uint_eq(catalog_skill_level(mining, 9), 2);
    ck_assert_uint_eq(catalog_skill_level(mining, UINT32_MAX), 3);
    catalog_destroy(&catalog);
    files.skills = "{\"skills\": [{\"name\": \"mining\", \"levels\": [1, 1]}]}";
    struct error error = {""};
    ck_assert_ptr_null(content_load_files(&files, &error));
    content_expect(&error, "/skills.json: skills[0] (mining)", "levels[1]: must be a whole number");
    files.skills = "{\"skills\": [{\"name\": \"mining\", \"levels\": []}]}";
    ck_assert_ptr_null(content_load_files(&files, &error));
    content_expect(&error, "/skills.json: skills[0] (mining)", "must have 1 to 10 levels");
}
END_TEST

TESTING_MAIN("catalog_harvest", a_rule_is_what_the_file_says, mistakes_are_named,
             no_bag_takes_a_structure, it_leaves_an_entity_of_another_type, levels_follow_the_table)
