/* Structures, and all that is in a cell, as the operator sees and changes them. */
#include <stdio.h>
#include <string.h>

#include "bottle/operator.h"
#include "bottle/player.h"

static void expect(const char *words, const char *part)
{
    ck_assert_msg(strstr(words, part) != NULL, "'%s' is not in: %s", part, words);
}

static const char *line_at(const char *words, struct cell_pos cell)
{
    static char line[128];
    (void)snprintf(line, sizeof line, "%s %d %d", words, cell.x, cell.y);
    return line;
}

/* Places a building over the corner of four chunks that nobody has in memory. */
static struct cell_pos place_on_a_corner(struct bottle *bottle)
{
    for (int32_t n = 1; n < 100; n++) {
        struct cell_pos cell = {n * GRID_CHUNK_CELLS * 3, -1};
        if (operator_ask(bottle, line_at("structure place building", cell)) == CONSOLE_WIRE_OK)
            return cell;
    }
    ck_abort_msg("no room for a building");
}

START_TEST(a_structure_over_four_chunks_comes_and_goes)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct cell_pos cell = place_on_a_corner(bottle);
    struct cell_pos below = {cell.x - 1, cell.y + 1};
    expect(operator_read(bottle, line_at("structure place building", cell), CONSOLE_WIRE_FAILED),
           "3 x 2 cells: something is already there");
    char area[96];
    (void)snprintf(area, sizeof area, "cell (%d,%d), 3 x 2 cells from (%d,%d) on, placed by nobody",
                   cell.x, cell.y, cell.x - 1, cell.y);
    expect(operator_read(bottle, line_at("entity", below), CONSOLE_WIRE_OK), area);
    expect(operator_read_json(bottle, line_at("entity", below), CONSOLE_WIRE_OK),
           "\"width\":3,\"height\":2},\"placer\":0,\"placer_name\":null,\"image\":null}]");
    bottle_crash(bottle); /* what was told is durable */
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    expect(operator_read(bottle, line_at("entity", below), CONSOLE_WIRE_OK), area);
    const char *words = operator_read_json(bottle, "structure list", CONSOLE_WIRE_OK);
    ck_assert_ptr_eq(strstr(words, "building"), strrchr(words, 'b')); /* once */
    expect(operator_read(bottle, line_at("structure remove", below), CONSOLE_WIRE_OK), "Removed");
    expect(operator_read(bottle, line_at("structure remove", below), CONSOLE_WIRE_FAILED),
           "No structure stands at");
    expect(operator_read(bottle, "structure list", CONSOLE_WIRE_OK), "no structure is in memory");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(wrong_calls_say_what_and_where)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos here = player_cell(ann);
    expect(operator_read(bottle, "structure place bilding 1 1", CONSOLE_WIRE_FAILED),
           "There is no 'bilding'. Did you mean 'building'?");
    expect(operator_read(bottle, "structure place sign 1 1", CONSOLE_WIRE_FAILED),
           "'sign' is no structure.");
    expect(operator_read(bottle, "structure place building 1", CONSOLE_WIRE_USAGE),
           "usage: structure place TYPE X Y");
    expect(operator_read(bottle, "structure place building x 1", CONSOLE_WIRE_USAGE),
           "'x' is no X");
    expect(operator_read(bottle, "structure place large_tree 4194303 0", CONSOLE_WIRE_FAILED),
           "At (4194303,0): the place is outside the world");
    expect(operator_read(bottle, line_at("structure place large_tree", here), CONSOLE_WIRE_FAILED),
           "2 x 2 cells: somebody stands there");
    expect(operator_read(bottle, "structure remove 1", CONSOLE_WIRE_USAGE),
           "usage: structure remo");
    expect(operator_read(bottle, "structure", CONSOLE_WIRE_USAGE), "There is no command");
    expect(operator_read(bottle, "give ann building 1", CONSOLE_WIRE_FAILED),
           "'building' is a structure, which lies in no bag.");
    expect(operator_read(bottle, "take ann building 1", CONSOLE_WIRE_FAILED),
           "'building' is a structure, which lies in no bag.");
    expect(operator_read(bottle, "take ann sign 1", CONSOLE_WIRE_FAILED), "'ann' has only 0.");
    expect(operator_read(bottle, "entity 1", CONSOLE_WIRE_USAGE), "usage: entity X Y");
    bottle_destroy(&bottle);
}
END_TEST

/* What players cannot place, an operator can. */
START_TEST(a_large_tree_is_placed_and_drawn_otherwise)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct cell_pos cell = {0, 0};
    for (uint32_t n = 0; n < 1000; n++) {
        cell = grid_spiral(n);
        if (operator_ask(bottle, line_at("structure place large_tree", cell)) == CONSOLE_WIRE_OK)
            break;
    }
    char line[256];
    (void)snprintf(line, sizeof line,
                   "image %d %d {\"size\": 60, \"fixed_screen_angle\": null, \"draw_offset_x\": 0, "
                   "\"draw_offset_y\": 0}",
                   cell.x + 1, cell.y + 1);
    (void)operator_read(bottle, line, CONSOLE_WIRE_OK);
    expect(operator_read(bottle, line_at("entity", cell), CONSOLE_WIRE_OK),
           "placed by nobody, image 1: size 60, angle null, offset 0 0, picture none");
    expect(operator_read(bottle, line_at("image", cell), CONSOLE_WIRE_OK),
           "type                 large_tree");
    (void)operator_read(bottle, line_at("structure remove", cell), CONSOLE_WIRE_OK);
    expect(operator_read(bottle, "image configs", CONSOLE_WIRE_OK), "used 0 times");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(who_placed_what_and_until_when_is_shown)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos here = player_cell(ann), cell = {here.x + 1, here.y};
    ck_assert_uint_ne(player_place(ann, "tree_sapling", cell.x, cell.y), 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    const char *words = operator_read(bottle, line_at("entity", cell), CONSOLE_WIRE_OK);
    expect(words, "entity               tree_sapling, id ");
    expect(words, ", placed by ann, drawn as its type, grows at tick ");
    expect(words, "chunk_version        ");
    expect(operator_read_json(bottle, line_at("entity", cell), CONSOLE_WIRE_OK),
           "\"placer_name\":\"ann\",\"image\":null,\"until\":12");
    expect(operator_read(bottle, line_at("cell", cell), CONSOLE_WIRE_OK), ", placed by ann\n");
    expect(operator_read_json(bottle, line_at("cell", cell), CONSOLE_WIRE_OK),
           "\"placer_name\":\"ann\"}],\"generated\":");
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("console_structures", a_structure_over_four_chunks_comes_and_goes,
             wrong_calls_say_what_and_where, a_large_tree_is_placed_and_drawn_otherwise,
             who_placed_what_and_until_when_is_shown)
