/* Other content under a running world: `content reload`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bottle/content_folder.h"
#include "bottle/crew.h"
#include "bottle/operator.h"
#include "host/replay.h"

/* A new entity type, and the beginning of the file's first entry, before which it goes. */
#define FIRST_ENTITY "{\n      \"name\": \"tree\", \"solid\": true"

#define BENCH "{\"name\": \"bench\", \"solid\": true, \"placeable\": true, \"removable\": true}, "

static struct bottle *begin(uint64_t seed, struct content_folder *folder)
{
    struct bottle *bottle = bottle_create(seed);
    content_folder_open(folder, bottle);
    /* The type that comes and goes in these tests is in no kit. */
    content_folder_replace(folder, "kit", "{\"item\": \"sign\"", "{\"item\": \"stone\"");
    return bottle;
}

static void end(struct bottle *bottle, struct content_folder *folder)
{
    bottle_destroy(&bottle);
    content_folder_close(folder);
}

static void expect(const char *words, const char *part)
{
    ck_assert_msg(strstr(words, part) != NULL, "'%s' is not in: %s", part, words);
}

static struct player *join(struct bottle *bottle, const char *name)
{
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    return player;
}

/* Places a thing, which must work. */
static void place(struct player *player, const char *type, int32_t x, int32_t y)
{
    uint32_t done = player->done;
    ck_assert_uint_ne(player_place(player, type, x, y), 0);
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 5000));
    ck_assert_msg(player->done == done + 1, "%s: %s", type, player->refusal);
}

static bool sees(const struct player *player, int32_t x, int32_t y, const char *type)
{
    const char *seen = player_sees(player, x, y);
    return seen != NULL && strcmp(seen, type) == 0;
}

static bool finds_solid(const struct player *player, int32_t x, int32_t y)
{
    struct tilth_cell cell;
    return tilth_client_cell(player->client, x, y, &cell) && cell.is_solid != 0;
}

START_TEST(a_new_type_can_be_placed_by_all)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann"), *bob = join(bottle, "bob");
    struct cell_pos here = player_cell(ann);
    ck_assert_uint_eq(tilth_client_place(ann->client, "bench", here.x + 1, here.y, NULL), 0);
    content_folder_replace(&folder, "entities", FIRST_ENTITY, BENCH FIRST_ENTITY);
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_OK), ", 1 new (bench).");
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert_uint_eq(ann->connected + bob->connected, 2); /* nobody had to come again */
    place(ann, "bench", here.x + 1, here.y);
    BOTTLE_UNTIL(bottle, 5000, sees(bob, here.x + 1, here.y, "bench"));
    ck_assert(sees(bob, here.x + 1, here.y, "bench") && finds_solid(bob, here.x + 1, here.y));
    struct player *cid = join(bottle, "cid");
    ck_assert(sees(cid, here.x + 1, here.y, "bench"));
    place(bob, "bench", here.x + 1, here.y + 1);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    expect(operator_read_json(bottle, "content reload", CONSOLE_WIRE_OK), "types.\",\"types\":");
    end(bottle, &folder);
}
END_TEST

START_TEST(what_is_solid_changes_for_all)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann"), *bob = join(bottle, "bob");
    struct cell_pos here = player_cell(ann);
    struct cell_pos sign = {here.x + 1, here.y}, block = {here.x + 2, here.y};
    place(ann, "sign", sign.x, sign.y);
    place(ann, "wood_block", block.x, block.y);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert(!finds_solid(bob, sign.x, sign.y) && finds_solid(bob, block.x, block.y));
    content_folder_replace(&folder, "entities", "\"sign\", \"solid\": false",
                           "\"sign\", \"solid\": true");
    content_folder_replace(&folder, "entities", "\"wood_block\", \"solid\": true",
                           "\"wood_block\", \"solid\": false");
    (void)operator_read(bottle, "content reload", CONSOLE_WIRE_OK);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert(finds_solid(ann, sign.x, sign.y) && !finds_solid(ann, block.x, block.y));
    ck_assert(finds_solid(bob, sign.x, sign.y) && !finds_solid(bob, block.x, block.y));
    ck_assert(world_is_solid(&bottle->server.host->world, sign));
    ck_assert(player_goto(ann, block.x, block.y)); /* around the sign, and onto the block */
    ck_assert(grid_is_same_cell(player_cell(ann), block));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    end(bottle, &folder);
}
END_TEST

/* Who stands where it is solid now walks out. */
START_TEST(the_ground_may_become_solid)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann");
    struct cell_pos here = player_cell(ann);
    place(ann, "sign", here.x, here.y);
    content_folder_replace(&folder, "entities", "\"sign\", \"solid\": false",
                           "\"sign\", \"solid\": true");
    (void)operator_read(bottle, "content reload", CONSOLE_WIRE_OK);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert(finds_solid(ann, here.x, here.y));
    ck_assert(player_goto(ann, here.x + 3, here.y));
    ck_assert(!player_goto(ann, here.x, here.y)); /* and not in again */
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    end(bottle, &folder);
}
END_TEST

START_TEST(wrong_content_changes_nothing)
{
    static const struct {
        const char *file, *old, *fresh, *words;
    } wrong[] = {
        {"entities", "\"removable\": false", "\"removeable\": false",
         "entities.json: entities[0] (tree): key \"removeable\": unknown; did you mean"},
        {"items", "{", "{{", "items.json:1:3: this is not JSON"},
        {"terrains", "\"sand\"", "\"snow\"", "\"sand\""},
        {"entities", "\"sign\", \"solid\"", "\"post\", \"solid\"",
         "the content lacks the entity type \"sign\", but the world has things of it"},
    };
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann");
    struct cell_pos here = player_cell(ann);
    struct tilth_stats before, after;
    place(ann, "sign", here.x + 1, here.y);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    tilth_client_stats(ann->client, &before);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        content_folder_replace(&folder, wrong[i].file, wrong[i].old, wrong[i].fresh);
        expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED), wrong[i].words);
        content_folder_replace(&folder, wrong[i].file, wrong[i].fresh, wrong[i].old);
    }
    tilth_client_stats(ann->client, &after);
    ck_assert_uint_eq(after.resyncs, before.resyncs);
    ck_assert(sees(ann, here.x + 1, here.y, "sign"));
    place(ann, "sign", here.x + 1, here.y + 1);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    end(bottle, &folder);
}
END_TEST

/* What is in memory only, and what the database has only. */
START_TEST(a_type_in_use_is_missed_wherever_it_is)
{
    static const char lacks[] = "the content lacks the entity type \"sign\"";
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    bottle->settings.chunk_idle_s = 0;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann");
    struct cell_pos here = player_cell(ann);
    content_folder_replace(&folder, "entities", "\"sign\", \"solid\"", "\"post\", \"solid\"");
    bottle->is_stalled[BOTTLE_STORE] = true;
    place(ann, "sign", here.x + 1, here.y);
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED), lacks);
    ck_assert_uint_ne(player_remove(ann, here.x + 1, here.y), 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    (void)operator_read(bottle, "give ann sign 3", CONSOLE_WIRE_OK);
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED), lacks);
    bottle->is_stalled[BOTTLE_STORE] = false;
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    player_leave(ann);
    bottle_run(bottle, 10000); /* the character leaves memory */
    ck_assert_uint_eq(bottle->server.host->world.character_pool.used, 0);
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED), lacks);
    end(bottle, &folder);
}
END_TEST

/* The journal may be all that has it, when the server died before the database had anything. */
START_TEST(a_type_in_use_is_missed_at_the_start)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann");
    struct cell_pos here = player_cell(ann);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    bottle->is_stalled[BOTTLE_STORE] = true;
    place(ann, "sign", here.x + 1, here.y);
    bottle_kill(bottle);
    content_folder_replace(&folder, "entities", "\"sign\", \"solid\"", "\"post\", \"solid\"");
    for (uint32_t i = 0; i < 2; i++) { /* from the journal, then from the database */
        ck_assert(!bottle_start(bottle));
        expect(bottle->words.text, "the content lacks the");
        expect(bottle->words.text, "\"sign\"");
    }
    content_folder_replace(&folder, "entities", "\"post\", \"solid\"", "\"sign\", \"solid\"");
    bottle->is_stalled[BOTTLE_STORE] = false;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    ck_assert(sees(ann, here.x + 1, here.y, "sign"));
    end(bottle, &folder);
}
END_TEST

START_TEST(a_type_that_nothing_uses_goes)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann");
    struct cell_pos here = player_cell(ann);
    (void)operator_read(bottle, "give ann stone 5", CONSOLE_WIRE_OK);
    content_folder_replace(&folder, "entities", "\"sign\", \"solid\"", "\"post\", \"solid\"");
    content_folder_replace(&folder, "skills", "\"mining\"", "\"digging\"");
    content_folder_replace(&folder, "entities", "\"skill\": \"mining\"", "\"skill\": \"digging\"");
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_OK),
           ", 1 new (post), 1 gone (sign).");
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert_uint_eq(tilth_client_place(ann->client, "sign", here.x + 1, here.y, NULL), 0);
    place(ann, "post", here.x + 1, here.y);
    ck_assert_uint_eq(player_has(ann, "stone"), 5);
    (void)operator_read(bottle, "skill ann digging 7", CONSOLE_WIRE_OK);
    content_folder_replace(&folder, "skills", "\"digging\"", "\"mining\"");
    content_folder_replace(&folder, "entities", "\"skill\": \"digging\"", "\"skill\": \"mining\"");
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED), "\"digging\"");
    content_folder_replace(&folder, "skills", "\"mining\"", "\"digging\"");
    content_folder_replace(&folder, "entities", "\"skill\": \"mining\"", "\"skill\": \"digging\"");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    end(bottle, &folder);
}
END_TEST

START_TEST(another_kind_of_thing_takes_a_restart)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    content_folder_replace(&folder, "entities", "\"sign\", \"solid\"", "\"post\", \"solid\"");
    content_folder_replace(&folder, "items", "\"items\": [", "\"items\": [{\"name\": \"sign\"}, ");
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED),
           "the type \"sign\" is in another list of the content than it was");
    end(bottle, &folder);
}
END_TEST

START_TEST(without_the_database_nothing_is_read)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    content_folder_replace(&folder, "entities", FIRST_ENTITY, BENCH FIRST_ENTITY);
    sim_database_set_away(bottle->database, true);
    (void)operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED); /* it is lost now */
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED), "the database is away");
    sim_database_set_away(bottle->database, false);
    BOTTLE_UNTIL(bottle, 30000, operator_ask(bottle, "content reload") == CONSOLE_WIRE_OK);
    expect(operator_read(bottle, "help content", CONSOLE_WIRE_OK), "content reload");
    end(bottle, &folder);
}
END_TEST

START_TEST(two_at_once_are_one_too_many)
{
    uint32_t first = 0, second = 0;
    const char *words = NULL;
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    ck_assert(operator_type(bottle, "content reload", false));
    ck_assert(operator_type(bottle, "content reload", false));
    BOTTLE_UNTIL(bottle, 5000, (words = operator_answer(bottle, &first)) != NULL);
    ck_assert_ptr_nonnull(words);
    expect(words, "being read already");
    BOTTLE_UNTIL(bottle, 5000, operator_answer(bottle, &second) != NULL);
    ck_assert(first == CONSOLE_WIRE_FAILED && second == CONSOLE_WIRE_OK);
    end(bottle, &folder);
}
END_TEST

/* The nearest thing of the type as generated, within reach, or not. */
static struct cell_pos find_near(const struct player *player, const char *type)
{
    struct cell_pos here = player_cell(player);
    for (uint32_t n = 0; n < 10000; n++) {
        struct cell_pos offset = grid_spiral(n);
        if (sees(player, here.x + offset.x, here.y + offset.y, type))
            return (struct cell_pos){here.x + offset.x, here.y + offset.y};
    }
    ck_abort_msg("no %s is in sight", type);
}

START_TEST(work_under_way_ends_by_the_new_rules)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    bottle->settings.free_building = false;
    bottle->settings.reach_px = 2000;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann");
    struct cell_pos tree = find_near(ann, "tree");
    (void)operator_read(bottle, "give ann axe 1", CONSOLE_WIRE_OK);
    ck_assert_uint_ne(player_harvest(ann, tree.x, tree.y), 0);
    bottle_run(bottle, 500);
    ck_assert_uint_eq(ann->ask_count, 1); /* it takes 2 s */
    content_folder_replace(&folder, "entities", "\"wood_block\", \"count\": 2",
                           "\"wood_block\", \"count\": 40");
    (void)operator_read(bottle, "content reload", CONSOLE_WIRE_OK);
    ck_assert_uint_eq(ann->ask_count, 1);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    ck_assert_uint_eq(ann->done, 1);
    ck_assert_uint_ge(player_has(ann, "wood_block"), 40);
    end(bottle, &folder);
}
END_TEST

/* Stacks that are larger than content allows now stay. */
START_TEST(a_bag_may_have_more_than_stacks_now)
{
    struct content_folder folder;
    struct bottle *bottle = begin(1, &folder);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann");
    (void)operator_read(bottle, "give ann floor_tile 90", CONSOLE_WIRE_OK);
    content_folder_replace(&folder, "entities", "\"floor_tile\", \"solid\": false",
                           "\"floor_tile\", \"stack\": 10, \"solid\": false");
    (void)operator_read(bottle, "content reload", CONSOLE_WIRE_OK);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert_uint_eq(ann->connected, 1);
    ck_assert_uint_eq(player_has(ann, "floor_tile"), 90);
    (void)operator_read(bottle, "give ann floor_tile 5", CONSOLE_WIRE_OK);
    BOTTLE_UNTIL(bottle, 5000, player_has(ann, "floor_tile") == 95);
    ck_assert_uint_eq(player_has(ann, "floor_tile"), 95);
    bottle_crash(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle)); /* it is in again */
    ck_assert_uint_eq(player_has(ann, "floor_tile"), 95);
    end(bottle, &folder);
}
END_TEST

/* Content comes and goes while a crew builds; some are cut off meanwhile, and the server dies right
 * after. */
static bool survives(struct bottle *bottle, struct content_folder *folder)
{
    struct crew crew;
    crew_prepare(bottle);
    if (!bottle_start(bottle) || !crew_assemble(&crew, bottle))
        return false;
    for (int i = 0; i < 3; i++) {
        const char *address = crew.members[i]->address;
        bool is_more = i % 2 == 0;
        crew_work(&crew, 2000, 200000);
        sim_network_cut(address, i > 0);
        content_folder_replace(folder, "entities", is_more ? FIRST_ENTITY : BENCH,
                               is_more ? BENCH FIRST_ENTITY : "");
        ck_assert(operator_type(bottle, "content reload", false));
        crew_work(&crew, 3000, 200000);
        sim_network_cut(address, false);
        crew_work(&crew, 1000, 200000);
        uint32_t exit_code = CONSOLE_WIRE_FAILED;
        const char *words = operator_answer(bottle, &exit_code);
        ck_assert_msg(words != NULL && exit_code == CONSOLE_WIRE_OK, "%s", words);
    }
    if (bottle->seed % 2 == 0)
        bottle_crash(bottle);
    else
        bottle_kill(bottle);
    return bottle_start(bottle) && crew_build(&crew, 10) && bottle_check(bottle);
}

START_TEST(content_changes_under_a_crew)
{
    struct bottle_seeds seeds = bottle_seeds(20);
    for (uint64_t i = 0; i < seeds.count; i++) {
        struct content_folder folder;
        struct bottle *bottle = begin(seeds.first + i, &folder);
        BOTTLE_HOLDS(bottle, survives(bottle, &folder));
        end(bottle, &folder);
    }
}
END_TEST

/* A player with little room for what waits is given messages up again and again. */
START_TEST(a_slow_client_gets_the_catalogue_in_the_end)
{
    struct content_folder folder;
    struct bottle *bottle = begin(3, &folder);
    bottle->limits.backlog_bytes = 8 << 10;
    bottle->settings.in_flight_bytes_max = 8 << 10;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = join(bottle, "ann"), *bob = join(bottle, "bob");
    struct cell_pos here = player_cell(ann);
    struct net_facts net;
    content_folder_replace(&folder, "entities", FIRST_ENTITY, BENCH FIRST_ENTITY);
    sim_network_cut(bob->address, true);
    for (int i = 0; i < 10; i++) {
        (void)operator_read(bottle, "content reload", CONSOLE_WIRE_OK);
        bottle_run(bottle, 100);
    }
    net_facts(bottle->server.nets[0], &net);
    ck_assert_uint_gt(net.given_up, 0);
    place(ann, "bench", here.x + 1, here.y);
    sim_network_cut(bob->address, false);
    BOTTLE_UNTIL(bottle, 20000, sees(bob, here.x + 1, here.y, "bench"));
    ck_assert(sees(bob, here.x + 1, here.y, "bench"));
    ck_assert_uint_eq(bob->connected, 1);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    end(bottle, &folder);
}
END_TEST

/* What is recorded over a change of content, and a refusal, ends in the same hash. */
static bool replays(struct bottle *bottle, struct content_folder *folder, const char *path)
{
    struct replay_result result = {.ticks = 0};
    struct error error = {""};
    (void)snprintf(bottle->settings.record, sizeof bottle->settings.record, "%s", path);
    if (!bottle_start(bottle))
        return false;
    struct player *ann = join(bottle, "ann");
    struct cell_pos here = player_cell(ann);
    content_folder_replace(folder, "entities", FIRST_ENTITY, BENCH FIRST_ENTITY);
    content_folder_replace(folder, "entities", "\"sign\", \"solid\": false",
                           "\"sign\", \"solid\": true");
    place(ann, "sign", here.x + 1, here.y);
    (void)operator_read(bottle, "content reload", CONSOLE_WIRE_OK);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    place(ann, "bench", here.x, here.y + 1);
    player_head_for(ann, here.x + 4, here.y); /* around the sign */
    bottle_run(bottle, 3000);
    content_folder_replace(folder, "entities", BENCH, "");
    (void)operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED);
    if (!bottle_check(bottle))
        return false;
    struct hash128 hash = bottle->server.host->world.hash;
    uint64_t tick = bottle->server.host->tick;
    bottle_kill(bottle); /* writes what is left of the recording */
    if (!replay_run(path, &result, &error))
        return bottle_tell(bottle, "%s", error.text);
    return (result.last_tick == tick && hash_is_equal(result.hash, hash)) ||
           bottle_tell(bottle, "the replay ends at tick %llu of %llu, or in another hash",
                       (unsigned long long)result.last_tick, (unsigned long long)tick);
}

START_TEST(a_recording_goes_over_a_change_of_content)
{
    struct content_folder folder;
    char path[] = "/tmp/tilth-recording-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    (void)close(file);
    (void)unlink(path);
    struct bottle *bottle = begin(5, &folder);
    BOTTLE_HOLDS(bottle, replays(bottle, &folder, path));
    end(bottle, &folder);
    (void)unlink(path);
}
END_TEST

TESTING_MAIN("content", a_new_type_can_be_placed_by_all, what_is_solid_changes_for_all,
             the_ground_may_become_solid, wrong_content_changes_nothing,
             a_type_in_use_is_missed_wherever_it_is, a_type_in_use_is_missed_at_the_start,
             a_type_that_nothing_uses_goes, another_kind_of_thing_takes_a_restart,
             without_the_database_nothing_is_read, two_at_once_are_one_too_many,
             work_under_way_ends_by_the_new_rules, a_bag_may_have_more_than_stacks_now,
             content_changes_under_a_crew, a_slow_client_gets_the_catalogue_in_the_end,
             a_recording_goes_over_a_change_of_content)
