/* The operator's commands, on a world with players. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "bottle/operator.h"
#include "bottle/player.h"
#include "host/console_line.h"
#include "host/keeper.h"
#include "host/tick.h"

enum { LINE_BYTES = 64 };

static void command(struct bottle *bottle, const char *line)
{
    ck_assert(operator_type(bottle, line, false));
}

/* Takes the answers that are there; how many. */
static uint32_t take_answers(struct bottle *bottle)
{
    uint32_t exit_code = 0, count = 0;
    while (operator_answer(bottle, &exit_code) != NULL)
        count++;
    return count;
}

START_TEST(what_is_said_has_as_many_words_as_it_likes)
{
    static const char words[] = "the server stops in ten minutes please finish what you are doing "
                                "and walk to a place where it is safe";
    char line[256];
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    (void)snprintf(line, sizeof line, "say %s", words);
    command(bottle, line);
    bottle_run(bottle, 500);
    ck_assert_uint_eq(take_answers(bottle), 1);
    ck_assert_str_eq(ann->words, words);
    bottle_destroy(&bottle);
}
END_TEST

/* The order for the keeper that comes next, with its line in out_line. */
static struct keeper_order take_order(struct bottle *bottle, char out_line[LINE_BYTES])
{
    struct ring_cursor cursor = ring_first(&bottle->server.orders);
    uint32_t size = 0;
    struct keeper_order order;
    const uint8_t *bytes = ring_read(&bottle->server.orders, &cursor, &size);
    ck_assert_ptr_nonnull(bytes);
    memcpy(&order, bytes, sizeof order);
    ck_assert_uint_lt(order.size_bytes, LINE_BYTES);
    memcpy(out_line, bytes + sizeof order, order.size_bytes);
    out_line[order.size_bytes] = '\0';
    ring_release(&bottle->server.orders, cursor);
    return order;
}

/* Each chunk in memory is compared with its hash, before the keeper goes on. */
START_TEST(check_finds_what_is_wrong_in_memory)
{
    char line[LINE_BYTES];
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct world *world = &bottle->server.host->world;
    command(bottle, "check");
    bottle_run(bottle, 5000);
    struct keeper_order order = take_order(bottle, line);
    ck_assert_str_eq(line, "check");
    ck_assert_uint_eq(order.memory_chunks, world->chunk_pool.used);
    ck_assert_uint_eq(order.memory_wrong, 0);

    struct chunk *chunk = world->chunks;
    while (!pool_is_used(&world->chunk_pool, (uint32_t)(chunk - world->chunks)))
        chunk++;
    chunk->hash.low++;
    command(bottle, "check");
    bottle_run(bottle, 5000);
    order = take_order(bottle, line);
    ck_assert_uint_eq(order.memory_wrong, 1);
    ck_assert(grid_is_same_chunk(order.memory_chunk, chunk->pos));
    ck_assert_uint_eq(take_answers(bottle), 0); /* they are the keeper's */
    bottle_destroy(&bottle);
}
END_TEST

/* Not even a part of it is said. */
START_TEST(what_is_too_long_is_not_said)
{
    char line[CONSOLE_LINE_BYTES];
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    (void)snprintf(line, sizeof line, "say a%0*d", WORLD_SAY_BYTES, 1);
    const char *words = operator_read(bottle, line, CONSOLE_WIRE_FAILED);
    ck_assert_str_eq(words, "A text has at most 256 bytes, this one has 257.\n");
    bottle_run(bottle, 500);
    ck_assert_str_eq(ann->words, "");
    (void)snprintf(line, sizeof line, "say a%0*d", WORLD_SAY_BYTES - 1, 1);
    (void)operator_read(bottle, line, CONSOLE_WIRE_OK);
    bottle_run(bottle, 500);
    ck_assert_str_eq(ann->words, line + 4);
    bottle_destroy(&bottle);
}
END_TEST

/* The server starts, and a player has placed something that is not durable: the command that shows
 * it. */
static struct player *begin_unsaved(struct bottle *bottle, char out_line[LINE_BYTES])
{
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos here = player_cell(ann);
    bottle->is_stalled[BOTTLE_JOURNAL] = true;
    ck_assert_uint_ne(player_place(ann, "floor_tile", here.x + 1, here.y), 0);
    bottle_run(bottle, 500);
    (void)snprintf(out_line, LINE_BYTES, "cell %d %d", here.x + 1, here.y);
    return ann;
}

START_TEST(a_cell_is_shown_when_it_is_durable)
{
    char line[LINE_BYTES];
    struct bottle *bottle = bottle_create(1);
    (void)begin_unsaved(bottle, line);
    command(bottle, line);
    bottle_run(bottle, 500);
    ck_assert_uint_eq(take_answers(bottle), 0);
    bottle->is_stalled[BOTTLE_JOURNAL] = false;
    bottle_run(bottle, 500);
    ck_assert_uint_eq(take_answers(bottle), 1);
    bottle_destroy(&bottle);
}
END_TEST

/* A tick that sees the disk one record behind, as with one that takes longer than a tick. */
static void run_tick_ahead(struct bottle *bottle)
{
    struct host *host = bottle->server.host;
    struct tick_seqs seqs = {store_applied_seq(bottle->server.store),
                             journal_durable_seq(bottle->server.journal), false};
    struct tick_inputs inputs = tick_inputs_now(host, seqs, bottle_moment(bottle));
    if (inputs.durable_seq > host->next_seq - 2)
        inputs.durable_seq = host->next_seq - 2;
    if (inputs.applied_seq > inputs.durable_seq)
        inputs.applied_seq = inputs.durable_seq;
    tick_run(host, &inputs);
}

/* The player places something in each tick, or takes it away; meanwhile the line is answered. */
static void check_on_busy_world(struct player *player, const char *line)
{
    enum { TICKS_MAX = 100, TICK_MS = 50 };
    struct bottle *bottle = player->bottle;
    struct cell_pos here = player_cell(player);
    uint32_t exit_code = CONSOLE_WIRE_FAILED;
    const char *words = NULL;
    command(bottle, line);
    for (uint32_t i = 0; i < TICKS_MAX && words == NULL; i++) {
        if (i % 2 == 0)
            (void)player_place(player, "floor_tile", here.x + 1, here.y);
        else
            (void)player_remove(player, here.x + 1, here.y);
        bottle_run(bottle, TICK_MS);
        run_tick_ahead(bottle);
        words = operator_answer(bottle, &exit_code);
    }
    ck_assert_msg(words != NULL && exit_code == CONSOLE_WIRE_OK, "%s: %s", line, words);
}

START_TEST(what_changes_in_each_tick_is_shown)
{
    char line[LINE_BYTES];
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos here = player_cell(ann);
    bottle->is_stalled[BOTTLE_TICK] = true;
    check_on_busy_world(ann, "structure list");
    check_on_busy_world(ann, "image list");
    check_on_busy_world(ann, "image configs");
    (void)snprintf(line, sizeof line, "cell %d %d", here.x, here.y);
    check_on_busy_world(ann, line);
    (void)snprintf(line, sizeof line, "entity %d %d", here.x, here.y);
    check_on_busy_world(ann, line);
    bottle->is_stalled[BOTTLE_TICK] = false;
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* What is shown is as it was when it was asked for, also when others wait too; and when the disk
 * never takes it, the answer is words. */
START_TEST(an_answer_waits_for_what_it_shows)
{
    char line[LINE_BYTES];
    uint32_t exit_code = 0;
    struct bottle *bottle = bottle_create(1);
    struct player *ann = begin_unsaved(bottle, line);
    struct cell_pos here = player_cell(ann);
    command(bottle, line);
    command(bottle, "structure list");
    command(bottle, line);
    bottle_run(bottle, 500);
    ck_assert_uint_eq(take_answers(bottle), 0);
    ck_assert_uint_ne(player_remove(ann, here.x + 1, here.y), 0);
    bottle_run(bottle, 500);
    bottle->is_stalled[BOTTLE_JOURNAL] = false;
    const char *words = NULL;
    BOTTLE_UNTIL(bottle, 2000, (words = operator_answer(bottle, &exit_code)) != NULL);
    ck_assert_msg(words != NULL && strstr(words, "floor_tile") != NULL, "%s", words);
    bottle_run(bottle, 1000);
    ck_assert_uint_eq(take_answers(bottle), 2);

    bottle->is_stalled[BOTTLE_JOURNAL] = true;
    ck_assert_uint_ne(player_place(ann, "floor_tile", here.x + 1, here.y), 0);
    bottle_run(bottle, 500);
    command(bottle, "structure list");
    command(bottle, line);
    bottle_run(bottle, 9000);
    ck_assert_uint_eq(take_answers(bottle), 0);
    bottle_run(bottle, 2000);
    words = operator_answer(bottle, &exit_code);
    ck_assert_msg(words != NULL && strstr(words, "is not on the disk after 10 s") != NULL, "%s",
                  words);
    ck_assert_uint_eq(exit_code, CONSOLE_WIRE_FAILED);
    words = operator_answer(bottle, &exit_code);
    ck_assert_msg(words != NULL && strstr(words, "loaded or saved") != NULL, "%s", words);
    bottle->is_stalled[BOTTLE_JOURNAL] = false;
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(who_saves_is_told_that_the_database_is_waited_for)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    bottle_run(bottle, 500);
    bottle->is_stalled[BOTTLE_STORE] = true;
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    command(bottle, "save");
    bottle_run(bottle, 500);
    ck_assert_uint_eq(take_answers(bottle), 0);
    bottle_run(bottle, 1000);
    ck_assert_uint_eq(take_answers(bottle), 1); /* progress */
    bottle_run(bottle, 5000);
    ck_assert_uint_eq(take_answers(bottle), 0);
    bottle->is_stalled[BOTTLE_STORE] = false;
    bottle_run(bottle, 1000);
    ck_assert_uint_eq(take_answers(bottle), 1);
    bottle_destroy(&bottle);
}
END_TEST

static const struct character *in_memory(struct bottle *bottle, const char *name)
{
    return world_find_name(&bottle->server.host->world, name);
}

/* A right that was given, or taken, holds for who leaves at once and comes again, however far the
 * database is behind. */
START_TEST(a_role_outlasts_its_player)
{
    char path[64];
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    (void)snprintf(path, sizeof path, "/tmp/tilth-role-%d", getpid());
    struct player_options options = {.name = "ann", .key_path = path};
    struct player *ann = player_create(bottle, &options);
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    bottle->is_stalled[BOTTLE_STORE] = true;
    ck_assert_uint_eq(operator_ask(bottle, "role ann builder on"), CONSOLE_DONE);
    player_sleep(ann);
    bottle_run(bottle, 60000);
    ck_assert_ptr_nonnull(in_memory(bottle, "ann"));
    bottle->is_stalled[BOTTLE_STORE] = false;
    BOTTLE_UNTIL(bottle, 60000, in_memory(bottle, "ann") == NULL);
    ck_assert_ptr_null(in_memory(bottle, "ann"));
    player_wake(ann);
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    ck_assert_uint_ne(in_memory(bottle, "ann")->roles & ROLE_BUILDER, 0);
    bottle_destroy(&bottle);
    (void)unlink(path);
}
END_TEST

/* Sessions with the longest names, as far away as can be. Only for looking at them. */
static void fill_sessions(struct host *host, enum session_state state)
{
    for (uint32_t i = 0; i < host->options.limits.sessions_max; i++) {
        struct session *session = &host->sessions[i];
        session->state = state;
        memset(session->name, 'n', WORLD_NAME_BYTES);
        session->last_intent = UINT32_MAX;
        host->world.actors[i].pos = (struct world_pos){INT32_MIN, INT32_MIN};
    }
}

START_TEST(as_many_sessions_as_there_can_be_are_listed)
{
    uint8_t record[CONSOLE_LINE_RECORD_BYTES];
    struct console_line_source source = {.is_json = true, .line = "sessions"};
    struct error error;
    uint32_t exit_code = CONSOLE_WIRE_FAILED;
    struct bottle *bottle = bottle_create(1);
    bottle->settings.sessions_max = 4095; /* settings.def */
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    fill_sessions(bottle->server.host, SESSION_PLAYING);
    console_take(bottle->server.host, record, console_line_make(&source, record));
    fill_sessions(bottle->server.host, SESSION_FREE);

    const char *words = operator_answer(bottle, &exit_code);
    ck_assert_ptr_nonnull(words);
    ck_assert_uint_eq(exit_code, CONSOLE_WIRE_OK);
    struct json_document *document = json_parse("answer", words, strlen(words), &error);
    ck_assert_msg(document != NULL, "%s", error.text);
    ck_assert_uint_eq(json_count(json_top(document)), bottle->settings.sessions_max);
    json_destroy(&document);
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("console", what_is_said_has_as_many_words_as_it_likes,
             check_finds_what_is_wrong_in_memory, what_is_too_long_is_not_said,
             a_cell_is_shown_when_it_is_durable, what_changes_in_each_tick_is_shown,
             an_answer_waits_for_what_it_shows, who_saves_is_told_that_the_database_is_waited_for,
             a_role_outlasts_its_player, as_many_sessions_as_there_can_be_are_listed)
