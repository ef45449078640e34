/* How things are drawn, and pictures, as the operator sees and changes them. */
#include <stdio.h>
#include <string.h>

#include "bottle/operator.h"
#include "bottle/player.h"

#define PICTURE "00112233445566778899aabbccddeeff"

static const char sign_look[] =
    "{\"size\": 20.04, \"fixed_screen_angle\": 0.12346, \"draw_offset_x\": -3.5, "
    "\"draw_offset_y\": 0}";

static void expect(const char *words, const char *part)
{
    ck_assert_msg(strstr(words, part) != NULL, "'%s' is not in: %s", part, words);
}

/* "image X Y REST". */
static const char *image_line(struct cell_pos cell, const char *rest)
{
    static char line[512];
    (void)snprintf(line, sizeof line, "image %d %d %s", cell.x, cell.y, rest);
    return line;
}

static const char *entity_line(struct cell_pos cell)
{
    static char line[64];
    (void)snprintf(line, sizeof line, "entity %d %d", cell.x, cell.y);
    return line;
}

/* A player, and a sign beside it. */
static struct player *start(struct bottle *bottle, struct cell_pos *out_sign)
{
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = player_join(bottle, "ann");
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos here = player_cell(ann);
    *out_sign = (struct cell_pos){here.x + 1, here.y};
    ck_assert_uint_ne(player_place(ann, "sign", out_sign->x, out_sign->y), 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    ck_assert_uint_eq(ann->done, 1);
    return ann;
}

START_TEST(a_look_is_shown_set_and_reset)
{
    struct cell_pos sign;
    struct bottle *bottle = bottle_create(1);
    (void)start(bottle, &sign);
    const char *words = operator_read(bottle, image_line(sign, ""), CONSOLE_WIRE_OK);
    expect(words, "source               its type\n");
    expect(words, "size                 24\n");
    words = operator_read(bottle, image_line(sign, sign_look), CONSOLE_WIRE_OK);
    expect(words, "size                 20.0625\n"); /* as it is kept: in 1/16 px */
    expect(words, "fixed_screen_angle   0.1235\n");
    expect(words, "draw_offset_x        -3.5\n");
    words = operator_read_json(bottle, image_line(sign, ""), CONSOLE_WIRE_OK);
    expect(words, "\"source\":\"its own\",\"config\":1,\"size\":20.0625,"
                  "\"fixed_screen_angle\":0.1235,\"draw_offset_x\":-3.5,\"draw_offset_y\":0,"
                  "\"custom_image\":null}");
    expect(operator_read(bottle, entity_line(sign), CONSOLE_WIRE_OK),
           "image 1: size 20.0625, angle 0.1235, offset -3.5 0, picture none");
    expect(operator_read(bottle, image_line(sign, sign_look), CONSOLE_WIRE_FAILED),
           "it looks like that already");
    expect(operator_read(bottle, "image configs", CONSOLE_WIRE_OK), "image 1        used 1 time: ");
    expect(operator_read(bottle, image_line(sign, "reset"), CONSOLE_WIRE_OK), "as its type again");
    expect(operator_read(bottle, image_line(sign, "reset"), CONSOLE_WIRE_FAILED), "already");
    expect(operator_read(bottle, "image configs", CONSOLE_WIRE_OK), "used 0 times");
    words = operator_read_json(bottle,
                               image_line(sign,
                                          "{\"size\":8,\"fixedScreenAngle\":null,\"drawOffsetX\":1,"
                                          "\"drawOffsetY\":-1,\"customImage\":null}"),
                               CONSOLE_WIRE_OK);
    expect(words,
           "\"size\":8,\"fixed_screen_angle\":null,\"draw_offset_x\":1,\"draw_offset_y\":-1");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(a_wrong_look_is_refused_in_words)
{
    static const struct {
        const char *json, *words;
    } wrong[] = {
        {"{\"size\": 5000, \"fixed_screen_angle\": 0, \"draw_offset_x\": 0, \"draw_offset_y\": 0}",
         "key \"size\": must be a number from 0.0625 to 512, not 5000"},
        {"{\"size\": 5, \"fixed_screen_angle\": 0, \"draw_offset_x\": 0}",
         "key \"draw_offset_y\": missing"},
        {"{\"size\": 5, \"angle\": 0}", "key \"angle\": unknown"},
        {"{\"size\": 5,", "this is not JSON"},
        {"{\"size\": 5, \"fixed_screen_angle\": 0, \"draw_offset_x\": 0, \"draw_offset_y\": 0, "
         "\"custom_image\": \"12\"}",
         "key \"custom_image\": must be 32 hexadecimal digits, not all 0, or null, not \"12\""},
        {"{\"size\": 5, \"fixed_screen_angle\": 0, \"draw_offset_x\": 0, \"draw_offset_y\": 0, "
         "\"custom_image\": \"" PICTURE "\"}",
         PICTURE ": the picture is not known here"},
    };
    struct cell_pos sign, nowhere;
    struct bottle *bottle = bottle_create(1);
    (void)start(bottle, &sign);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        expect(operator_read(bottle, image_line(sign, wrong[i].json), CONSOLE_WIRE_FAILED),
               wrong[i].words);
    expect(operator_read_json(bottle, image_line(sign, wrong[0].json), CONSOLE_WIRE_FAILED),
           "{\"error\":\"image: key \\\"size\\\": must be");
    expect(operator_read(bottle, image_line(sign, "anew"), CONSOLE_WIRE_USAGE), "usage: image X Y");
    expect(operator_read(bottle, "image 1 x", CONSOLE_WIRE_USAGE), "'x' is no Y");
    nowhere = (struct cell_pos){sign.x, sign.y + 1};
    expect(operator_read(bottle, image_line(nowhere, sign_look), CONSOLE_WIRE_FAILED),
           "Nothing stands at");
    expect(operator_read(bottle, "image configs", CONSOLE_WIRE_OK), "everything is drawn as its");
    bottle_destroy(&bottle);
}
END_TEST

/* The nearest cell with a tree as generated. */
static struct cell_pos find_tree(const struct player *player)
{
    struct cell_pos here = player_cell(player);
    for (uint32_t n = 0; n < 10000; n++) {
        struct cell_pos offset = grid_spiral(n), cell = {here.x + offset.x, here.y + offset.y};
        const char *seen = player_sees(player, cell.x, cell.y);
        if (seen != NULL && strcmp(seen, "tree") == 0)
            return cell;
    }
    ck_abort_msg("no tree is in sight");
}

START_TEST(what_was_generated_may_be_drawn_otherwise)
{
    char line[64];
    struct cell_pos sign;
    struct bottle *bottle = bottle_create(1);
    struct player *ann = start(bottle, &sign);
    struct cell_pos tree = find_tree(ann);
    expect(operator_read(bottle, entity_line(tree), CONSOLE_WIRE_OK), "generated            tree");
    (void)operator_read(bottle, image_line(tree, sign_look), CONSOLE_WIRE_OK);
    const char *words = operator_read_json(bottle, entity_line(tree), CONSOLE_WIRE_OK);
    expect(words, "\"kept\":true,\"solid\":true,\"entities\":[{\"type\":\"tree\",\"id\":");
    expect(words, "\"placer\":0,\"placer_name\":null,\"image\":{\"config\":1,\"size\":20.0625");
    expect(words, "\"until\":null}],\"structures\":[],\"piles\":[],\"generated\":\"nothing\"");
    (void)operator_read(bottle, image_line(sign, sign_look), CONSOLE_WIRE_OK);
    words = operator_read_json(bottle, "image configs", CONSOLE_WIRE_OK);
    expect(words, "{\"configs\":[{\"config\":1,\"uses\":2,");
    expect(words, "}],\"rest\":0}");
    bottle_crash(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    expect(operator_read(bottle, entity_line(tree), CONSOLE_WIRE_OK),
           "placed by nobody, image 1: size 20.0625");
    (void)snprintf(line, sizeof line, "cell %d %d", tree.x, tree.y);
    expect(operator_read(bottle, line, CONSOLE_WIRE_OK), ", placed by nobody\n");
    expect(operator_read(bottle, "image configs", CONSOLE_WIRE_OK), "used 2 times");
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(a_picture_is_shown_banned_and_allowed_again)
{
    struct cell_pos sign;
    struct image picture = {.uploader = {4}, .width = 20, .height = 30, .size_bytes = 99};
    char look[256];
    struct bottle *bottle = bottle_create(1);
    (void)start(bottle, &sign);
    (void)snprintf(look, sizeof look, "%.*s, \"custom_image\": \"" PICTURE "\"}",
                   (int)strlen(sign_look) - 1, sign_look);
    expect(operator_read(bottle, "image list", CONSOLE_WIRE_OK), "no picture is known");
    expect(operator_read(bottle, "image show " PICTURE, CONSOLE_WIRE_FAILED),
           "no picture " PICTURE);
    ck_assert(hash_parse(PICTURE, &picture.id));
    ck_assert(images_load(&bottle->server.host->world.images, &picture));
    (void)operator_read(bottle, image_line(sign, look), CONSOLE_WIRE_OK);
    expect(operator_read_json(bottle, "image list", CONSOLE_WIRE_OK),
           "{\"images\":[{\"id\":\"" PICTURE "\",\"width\":20,\"height\":30,\"bytes\":99,"
           "\"uses\":1,\"banned\":false}],\"rest\":0}");
    expect(operator_read(bottle, "image list", CONSOLE_WIRE_OK), "used by 1 look\n");
    expect(operator_read(bottle, "image ban " PICTURE, CONSOLE_WIRE_OK), "banned now");
    expect(operator_read(bottle, "image ban " PICTURE, CONSOLE_WIRE_FAILED), "banned already");
    expect(operator_read(bottle, image_line(sign, ""), CONSOLE_WIRE_OK),
           "banned               yes");
    (void)operator_read(bottle, image_line(sign, "reset"), CONSOLE_WIRE_OK);
    expect(operator_read(bottle, image_line(sign, look), CONSOLE_WIRE_FAILED),
           PICTURE ": the picture is not allowed here");
    const char *words = operator_read(bottle, "image show " PICTURE, CONSOLE_WIRE_OK);
    expect(words, "banned               yes");
    expect(words, "uploader             4");
    expect(words, "image 1        used 0 times: size 20.0625");
    expect(operator_read(bottle, "image unban " PICTURE, CONSOLE_WIRE_OK), "no longer banned");
    expect(operator_read(bottle, "image unban " PICTURE, CONSOLE_WIRE_FAILED), "is not banned");
    expect(operator_read(bottle, "image ban 12", CONSOLE_WIRE_USAGE), "32 hexadecimal digits");
    expect(operator_read(bottle, "image ban", CONSOLE_WIRE_USAGE), "usage: image ban ID");
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(a_ban_of_an_unknown_picture_lasts)
{
    struct bottle *bottle = bottle_create(1);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    (void)operator_read(bottle, "image ban " PICTURE, CONSOLE_WIRE_OK);
    bottle_crash(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    expect(operator_read(bottle, "image list", CONSOLE_WIRE_OK),
           "0 bytes, used by 0 looks, banned");
    (void)operator_read(bottle, "image unban " PICTURE, CONSOLE_WIRE_OK);
    expect(operator_read(bottle, "image list", CONSOLE_WIRE_OK), "no picture is known");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(what_is_not_durable_is_neither_told_nor_shown)
{
    struct cell_pos sign;
    uint32_t exit_code;
    struct bottle *bottle = bottle_create(1);
    (void)start(bottle, &sign);
    bottle->is_stalled[BOTTLE_JOURNAL] = true;
    ck_assert(operator_type(bottle, image_line(sign, sign_look), false));
    ck_assert(operator_type(bottle, entity_line(sign), false)); /* in the same tick */
    ck_assert(operator_type(bottle, "image configs", false));
    ck_assert(operator_type(bottle, "structure list", false));
    bottle_run(bottle, 500);
    ck_assert_ptr_null(operator_answer(bottle, &exit_code));
    bottle->is_stalled[BOTTLE_JOURNAL] = false;
    bottle_run(bottle, 1000);
    for (int i = 0; i < 4; i++) {
        const char *words = operator_answer(bottle, &exit_code);
        ck_assert_ptr_nonnull(words);
        ck_assert_uint_eq(exit_code, CONSOLE_WIRE_OK);
    }
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("console_images", a_look_is_shown_set_and_reset, a_wrong_look_is_refused_in_words,
             what_was_generated_may_be_drawn_otherwise, a_picture_is_shown_banned_and_allowed_again,
             a_ban_of_an_unknown_picture_lasts, what_is_not_durable_is_neither_told_nor_shown)
