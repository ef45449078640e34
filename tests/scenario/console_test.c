/* The operator's commands, on a world with players. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "bottle/operator.h"
#include "bottle/player.h"
#include "host/console_line.h"

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

START_TEST(a_cell_is_shown_when_it_is_durable)
{
    char line[64];
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos here = player_cell(ann);
    bottle->is_stalled[BOTTLE_JOURNAL] = true;
    ck_assert_uint_ne(player_place(ann, "floor_tile", here.x + 1, here.y), 0);
    bottle_run(bottle, 500);
    (void)snprintf(line, sizeof line, "cell %d %d", here.x + 1, here.y);
    command(bottle, line);
    bottle_run(bottle, 500);
    ck_assert_uint_eq(take_answers(bottle), 0);
    bottle->is_stalled[BOTTLE_JOURNAL] = false;
    bottle_run(bottle, 500);
    ck_assert_uint_eq(take_answers(bottle), 1);
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
             a_cell_is_shown_when_it_is_durable, who_saves_is_told_that_the_database_is_waited_for,
             a_role_outlasts_its_player, as_many_sessions_as_there_can_be_are_listed)
