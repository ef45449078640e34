/* Things look as players have them look: for everybody, over restarts, and until it is forbidden.
 */
#include <stdio.h>
#include <string.h>

#include "bottle/operator.h"
#include "bottle/signs.h"
#include "net/peer.h"
#include "png_files.h"

static struct bottle *begin(uint64_t seed)
{
    struct bottle *bottle = bottle_create(seed);
    bottle->settings.reach_px = 1000;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    return bottle;
}

static struct player *enter(struct bottle *bottle, const char *name)
{
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    return player;
}

/* How the player sees it drawn; size 0: not known. */
static struct tilth_image look_seen(const struct player *player, struct cell_pos cell)
{
    struct tilth_image look = {.size_units = 0};
    (void)tilth_client_look(player->client, player_sees_image(player, cell), &look);
    return look;
}

/* Has the player the picture that the thing shows? */
static bool has_picture(const struct player *player, struct cell_pos cell)
{
    uint8_t bytes[WORLD_IMAGE_BYTES];
    struct tilth_image look = look_seen(player, cell);
    return look.custom[0] != '\0' &&
           tilth_client_picture(player->client, look.custom, bytes, sizeof bytes) > 0;
}

/* Brings a picture; its id in *out_look, or false and the words in player->words. */
static bool bring(struct player *player, const void *bytes, uint32_t size,
                  struct tilth_image *out_look)
{
    struct tilth_error error = {""};
    player->upload[0] = '\0';
    player->words[0] = '\0';
    uint32_t number = tilth_client_upload(player->client, bytes, size, &error);
    ck_assert_msg(number != 0, "%s", error.text);
    BOTTLE_UNTIL(player->bottle, 60000, player->upload[0] != '\0' || player->words[0] != '\0');
    memcpy(out_look->custom, player->upload, sizeof player->upload);
    return player->upload[0] != '\0';
}

static struct tilth_image bring_colour(struct player *player, uint32_t colour)
{
    uint8_t bytes[PNG_BYTES_MAX];
    struct png_look look = {16, 16, colour, colour};
    struct tilth_image image = {.size_units = 640, .angle_units = -5000, .offset_x_units = -16};
    bool is_kept = bring(player, bytes, png_make(&look, bytes), &image);
    ck_assert_msg(is_kept, "%s", player->words);
    return image;
}

static void draw(struct player *player, struct cell_pos cell, const struct tilth_image *image)
{
    uint32_t done = player->done;
    BOTTLE_HOLDS(player->bottle, player_modify(player, cell.x, cell.y, image) != 0 &&
                                     player_await_outcomes(player, 5000));
    ck_assert_msg(player->done == done + 1, "%s", player->refusal);
}

/* Places a sign on the nearest free cell behind `away` steps of the spiral. */
static struct cell_pos place_beside(struct player *player, int32_t away)
{
    struct cell_pos here = player_cell(player), cell = here;
    for (uint32_t n = (uint32_t)away; n < 600; n++) {
        struct cell_pos offset = grid_spiral(n);
        cell = (struct cell_pos){here.x + offset.x, here.y + offset.y};
        const char *seen = player_sees(player, cell.x, cell.y);
        if (seen != NULL && seen[0] == '\0')
            break;
    }
    uint32_t done = player->done;
    BOTTLE_HOLDS(player->bottle, player_place(player, "sign", cell.x, cell.y) != 0 &&
                                     player_await_outcomes(player, 5000));
    ck_assert_msg(player->done == done + 1, "%s", player->refusal);
    return cell;
}

START_TEST(a_picture_is_seen_by_all_and_lasts)
{
    struct bottle *bottle = begin(3);
    struct player *ann = enter(bottle, "ann"), *bob = enter(bottle, "bob");
    struct cell_pos cell = place_beside(ann, 1);
    struct tilth_image image = bring_colour(ann, 0xFF8000FF);
    draw(ann, cell, &image);
    BOTTLE_UNTIL(bottle, 20000, has_picture(bob, cell) && has_picture(ann, cell));
    ck_assert(has_picture(bob, cell));
    struct tilth_image seen = look_seen(bob, cell);
    ck_assert_uint_eq(seen.size_units, 640);
    ck_assert_int_eq(seen.angle_units, -5000);
    ck_assert_int_eq(seen.offset_x_units, -16);
    ck_assert_int_eq(seen.turns, 0);
    ck_assert_str_eq(seen.custom, image.custom);

    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    uint32_t before = ann->connected;
    bottle_kill(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    BOTTLE_UNTIL(bottle, 60000, ann->connected > before && bob->connected > before);
    struct player *eve = enter(bottle, "eve"); /* from the database: nothing is in memory */
    BOTTLE_UNTIL(bottle, 20000, has_picture(eve, cell));
    ck_assert(has_picture(eve, cell));

    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    uint32_t done = ann->done;
    ck_assert_uint_ne(player_reset(ann, cell.x, cell.y), 0);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    ck_assert_msg(ann->done == done + 1, "%s", ann->refusal);
    bottle_run(bottle, 500);
    ck_assert_uint_eq(player_sees_image(bob, cell), 0);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* The same pixels are one picture, and the same look one configuration, whoever brings them. */
START_TEST(what_is_alike_is_kept_once)
{
    struct bottle *bottle = begin(4);
    struct player *ann = enter(bottle, "ann"), *bob = enter(bottle, "bob");
    struct cell_pos one = place_beside(ann, 1), two = place_beside(ann, 2);
    struct tilth_image first = bring_colour(ann, 0x00FF00FF),
                       second = bring_colour(bob, 0x00FF00FF);
    ck_assert_str_eq(first.custom, second.custom);
    draw(ann, one, &first);
    draw(bob, two, &second);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert_uint_eq(player_sees_image(ann, one), player_sees_image(ann, two));
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_IMAGE), 1);
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_IMAGE_CONFIG), 1);
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_IMAGE_EDIT), 2);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* What the server has to say to the player is given up so many times in a row, 10 ms apart, as to
 * one who is too slow. */
static void give_up(struct player *player, uint32_t count)
{
    struct net *net = player->bottle->server.nets[0];
    for (uint32_t times = 0; times < count; times++) {
        for (uint32_t i = 0; i < net->peers_max; i++) {
            if (net->peers[i].state == PEER_PLAYING &&
                strcmp(net->peers[i].name, player->name) == 0)
                peer_give_up(net, i);
        }
        bottle_run(player->bottle, 10);
    }
}

/* Credit is lost, or what became of the file: the player is told all the same. */
START_TEST(a_picture_gets_through_when_messages_are_given_up)
{
    static uint8_t bytes[PNG_BYTES_MAX];
    struct bottle *bottle = begin(9);
    struct player *ann = enter(bottle, "ann");
    for (uint32_t i = 0; i < 2; i++) {
        struct tilth_error error;
        struct png_look look = {60, 60, i + 1, 255};
        uint32_t size = png_make(&look, bytes); /* four times credit */
        ann->upload[0] = '\0';
        ck_assert_uint_ne(tilth_client_upload(ann->client, bytes, size, &error), 0);
        bottle->is_stalled[BOTTLE_GALLERY] = true;
        bottle_run(bottle, 3000 * i); /* nothing has come, or all of it */
        bottle->is_stalled[BOTTLE_GALLERY] = false;
        give_up(ann, 150);
        BOTTLE_UNTIL(bottle, 70000, ann->upload[0] != '\0');
        ck_assert_msg(ann->upload[0] != '\0', "%u: %s", i, ann->words);
    }
    ck_assert_uint_eq(ann->connected, 1);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(what_is_no_picture_is_refused_in_words)
{
    static uint8_t bytes[PNG_BYTES_MAX];
    struct bottle *bottle = begin(5);
    struct player *ann = enter(bottle, "ann");
    struct tilth_image image = {.size_units = 16};
    struct png_look good = {8, 8, 1, 2}, wide = {257, 1, 1, 1};
    uint32_t size = png_make(&good, bytes);
    ck_assert(!bring(ann, bytes, size - 5, &image));
    ck_assert_msg(strstr(ann->words, "cut off") != NULL, "%s", ann->words);
    ck_assert(!bring(ann, "GIF89a, no PNG", 14, &image));
    ck_assert_msg(strstr(ann->words, "GIF") != NULL, "%s", ann->words);
    size = png_make(&wide, bytes);
    ck_assert(!bring(ann, bytes, size, &image));
    ck_assert_msg(strstr(ann->words, "256") != NULL, "%s", ann->words);
    static uint8_t large[70000];
    ck_assert(!bring(ann, large, sizeof large, &image));
    ck_assert_msg(strstr(ann->words, "at most 65536 bytes") != NULL, "%s", ann->words);

    struct cell_pos cell = place_beside(ann, 1);
    memset(image.custom, '7', 32); /* one that nobody brought */
    (void)player_modify(ann, cell.x, cell.y, &image);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    ck_assert_str_eq(ann->refusal, "IMAGE_UNKNOWN");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(a_banned_picture_is_shown_to_nobody)
{
    char line[64];
    struct bottle *bottle = begin(7);
    struct player *ann = enter(bottle, "ann"), *bob = enter(bottle, "bob");
    struct cell_pos cell = place_beside(ann, 1), other = place_beside(ann, 2);
    struct tilth_image image = bring_colour(ann, 0x112233FF);
    draw(ann, cell, &image);
    BOTTLE_UNTIL(bottle, 20000, has_picture(bob, cell));
    (void)snprintf(line, sizeof line, "image ban %s", image.custom);
    ck_assert_uint_eq(operator_ask(bottle, line), CONSOLE_DONE);
    BOTTLE_UNTIL(bottle, 5000, look_seen(bob, cell).size_units > 0 && !has_picture(bob, cell));
    ck_assert_uint_eq(look_seen(bob, cell).size_units, 640); /* the rest stays */
    ck_assert_str_eq(look_seen(bob, cell).custom, "");
    struct player *eve = enter(bottle, "eve");
    BOTTLE_UNTIL(bottle, 5000, look_seen(eve, cell).size_units > 0);
    ck_assert_str_eq(look_seen(eve, cell).custom, "");
    (void)player_modify(ann, other.x, other.y, &image);
    BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    ck_assert_str_eq(ann->refusal, "IMAGE_BANNED");
    (void)snprintf(line, sizeof line, "image unban %s", image.custom);
    ck_assert_uint_eq(operator_ask(bottle, line), CONSOLE_DONE);
    BOTTLE_UNTIL(bottle, 20000, has_picture(bob, cell) && has_picture(eve, cell));
    ck_assert(has_picture(bob, cell) && has_picture(eve, cell));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* The word that a picture is banned reaches also who is too slow to be told it. */
START_TEST(a_ban_reaches_who_misses_the_word_of_it)
{
    char line[64];
    struct bottle *bottle = begin(10);
    struct player *ann = enter(bottle, "ann"), *bob = enter(bottle, "bob");
    struct cell_pos cell = place_beside(ann, 1);
    struct tilth_image image = bring_colour(ann, 0x445566FF);
    draw(ann, cell, &image);
    BOTTLE_UNTIL(bottle, 20000, has_picture(bob, cell));
    ck_assert(has_picture(bob, cell));
    (void)snprintf(line, sizeof line, "image ban %s", image.custom);
    bottle->is_stalled[BOTTLE_NET] = true;
    ck_assert_uint_eq(operator_ask(bottle, line), CONSOLE_DONE);
    give_up(bob, 1);
    bottle->is_stalled[BOTTLE_NET] = false;
    BOTTLE_UNTIL(bottle, 20000,
                 look_seen(bob, cell).custom[0] == '\0' && look_seen(bob, cell).size_units == 640);
    ck_assert_uint_eq(look_seen(bob, cell).size_units, 640);
    ck_assert_str_eq(look_seen(bob, cell).custom, "");
    ck_assert_uint_eq(bob->connected, 1);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* More pictures than the gallery has in memory, and than the client fetches at once. */
START_TEST(many_pictures_come_to_who_joins_late)
{
    enum { MANY = 20 };
    struct cell_pos cells[MANY];
    struct bottle *bottle = begin(6);
    bottle->settings.image_cache_entries = 3;
    struct player *ann = enter(bottle, "ann");
    for (int32_t i = 0; i < MANY; i++) {
        cells[i] = place_beside(ann, i + 1);
        struct tilth_image image = bring_colour(ann, 0x01000000u * (uint32_t)i + 255);
        draw(ann, cells[i], &image);
        bottle_run(bottle, 7000); /* ten a minute */
    }
    struct player *bob = enter(bottle, "bob");
    for (int32_t i = 0; i < MANY; i++) {
        BOTTLE_UNTIL(bottle, 30000, has_picture(bob, cells[i]));
        ck_assert_msg(has_picture(bob, cells[i]), "picture %d", i);
    }
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* Of the cells, how many the player sees drawn as in images[]. */
static uint32_t count_looks(const struct player *player, const struct cell_pos cells[],
                            const struct tilth_image images[], uint32_t count)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < count; i++)
        seen += look_seen(player, cells[i]).size_units == images[i].size_units;
    return seen;
}

/* A client with little room draws the rest as their types, and keeps the server's limits; what
 * becomes free is used. */
START_TEST(more_looks_than_a_client_has_room_for)
{
    enum { ROOM = 256, MANY = ROOM + 20, FREED = 50 };
    static struct cell_pos cells[MANY];
    static struct tilth_image images[MANY];
    struct bottle *bottle = begin(8);
    bottle->settings.client_bytes_s_max = 4096;
    bottle->settings.image_configs_max = 2 * MANY;
    bottle_kill(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann");
    for (uint32_t i = 0; i < MANY; i++)
        images[i].size_units = 100 + i;
    signs_place(ann, cells, MANY);
    signs_draw(ann, cells, images, MANY);
    struct player *bob =
        player_create(bottle, &(struct player_options){.name = "bob", .entities_max = 4 * ROOM});
    BOTTLE_HOLDS(bottle, player_await_ready(bob));
    bottle_run(bottle, 60000);
    ck_assert_msg(bob->connected == 1, "%s", bob->words);
    ck_assert_uint_eq(count_looks(bob, cells, images, MANY), ROOM);
    ck_assert_uint_eq(count_looks(ann, cells, images, MANY), MANY);

    for (uint32_t i = 0; i < FREED; i++) {
        (void)player_reset(ann, cells[i].x, cells[i].y);
        BOTTLE_HOLDS(bottle, player_await_outcomes(ann, 5000));
    }
    bottle_run(bottle, 30000);
    ck_assert_uint_eq(count_looks(bob, cells, images, MANY), MANY - FREED);
    ck_assert_uint_eq(bob->connected, 1);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("pictures", a_picture_is_seen_by_all_and_lasts, what_is_alike_is_kept_once,
             a_picture_gets_through_when_messages_are_given_up,
             what_is_no_picture_is_refused_in_words, a_banned_picture_is_shown_to_nobody,
             a_ban_reaches_who_misses_the_word_of_it, many_pictures_come_to_who_joins_late,
             more_looks_than_a_client_has_room_for)
