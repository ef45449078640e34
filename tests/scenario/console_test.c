/* The operator's commands, on a world with players. */
#include <stdio.h>
#include <string.h>

#include "bottle/player.h"

static void command(struct bottle *bottle, const char *line)
{
    uint8_t record[sizeof(struct console_line) + CONSOLE_LINE_BYTES];
    struct console_line head = {.client = 1, .size_bytes = (uint32_t)strlen(line)};
    memcpy(record, &head, sizeof head);
    memcpy(record + sizeof head, line, head.size_bytes);
    ck_assert(ring_write(&bottle->server.lines, record, (uint32_t)sizeof head + head.size_bytes));
}

/* Takes the answers that are there; how many. */
static uint32_t take_answers(struct bottle *bottle)
{
    struct ring_cursor cursor = ring_first(&bottle->server.answers);
    uint32_t size = 0, count = 0;
    while (ring_read(&bottle->server.answers, &cursor, &size) != NULL)
        count++;
    ring_release(&bottle->server.answers, cursor);
    return count;
}

START_TEST(what_is_said_has_as_many_words_as_it_likes)
{
    static const char words[] = "the server stops in ten minutes please finish what you are doing "
                                "and walk to a place where it is safe";
    char line[256] = "say ";
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    strcat(line, words);
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

TESTING_MAIN("console", what_is_said_has_as_many_words_as_it_likes,
             a_cell_is_shown_when_it_is_durable)
