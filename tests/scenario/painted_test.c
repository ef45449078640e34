/* Pictures that come as text: with the content, and in a line of the console. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "bottle/content_folder.h"
#include "bottle/operator.h"
#include "bottle/player.h"
#include "host/replay.h"
#include "png_files.h"

enum { URL_BYTES = 1 << 17, LINE_BYTES = URL_BYTES + 512 };

/* The look of the sign as the files have it; the picture comes in front. */
#define SIGN_LOOK "\"image\": {\"size\": 24"

/* The data: URL of a picture. */
static const char *data_url(struct png_look look)
{
    static uint8_t png[PNG_BYTES_MAX];
    static char url[URL_BYTES];
    static const char head[] = "data:image/png;base64,";
    uint32_t size = png_make(&look, png);
    memcpy(url, head, sizeof head);
    ck_assert_ptr_nonnull(sodium_bin2base64(url + sizeof head - 1, sizeof url - sizeof head, png,
                                            size, sodium_base64_VARIANT_ORIGINAL));
    return url;
}

static void draw_signs(struct content_folder *content, struct png_look look)
{
    static char with[LINE_BYTES];
    (void)snprintf(with, sizeof with, "\"image\": {\"customImageData\": \"%s\", \"size\": 24",
                   data_url(look));
    content_folder_replace(content, "entities", SIGN_LOOK, with);
}

static struct player *enter(struct bottle *bottle, const char *name)
{
    struct player *player = player_join(bottle, name);
    BOTTLE_HOLDS(bottle, player_await_ready(player));
    return player;
}

/* Has the player the picture that signs are drawn with? */
static bool has_sign(const struct player *player)
{
    uint8_t bytes[WORLD_IMAGE_BYTES];
    struct tilth_image image;
    return tilth_client_type_image(player->client, "sign", &image) && image.custom[0] != '\0' &&
           tilth_client_picture(player->client, image.custom, bytes, sizeof bytes) > 0;
}

static void expect(const char *words, const char *part)
{
    ck_assert_msg(strstr(words, part) != NULL, "'%s' is not in: %s", part, words);
}

static struct cell_pos place_sign(struct player *player)
{
    struct cell_pos here = player_cell(player), cell = {here.x + 1, here.y};
    ck_assert_uint_ne(player_place(player, "sign", cell.x, cell.y), 0);
    BOTTLE_HOLDS(player->bottle, player_await_outcomes(player, 5000));
    ck_assert_msg(player->done == 1, "%s", player->refusal);
    return cell;
}

START_TEST(a_type_of_the_content_has_a_picture)
{
    struct content_folder content;
    struct tilth_image image;
    char line[64];
    struct bottle *bottle = bottle_create(1);
    content_folder_open(&content, bottle);
    draw_signs(&content, (struct png_look){8, 8, 0xFF0000FF, 0x00FF00FF});
    bottle->settings.image_keep_s = 5;
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann");
    BOTTLE_UNTIL(bottle, 30000, has_sign(ann));
    ck_assert(has_sign(ann));

    bottle_run(bottle, 60000); /* nothing uses it but the type */
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_IMAGE), 1);
    bottle_kill(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *eve = enter(bottle, "eve");
    BOTTLE_UNTIL(bottle, 30000, has_sign(eve));
    ck_assert(has_sign(eve));
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_IMAGE), 1);

    struct cell_pos sign = place_sign(eve);
    ck_assert(tilth_client_image(eve->client, sign.x, sign.y, &image, NULL));
    (void)snprintf(line, sizeof line, "image %d %d", sign.x, sign.y);
    expect(operator_read(bottle, line, CONSOLE_WIRE_OK), image.custom);
    (void)snprintf(line, sizeof line, "image ban %s", image.custom);
    expect(operator_read(bottle, line, CONSOLE_WIRE_FAILED), "draws the type sign");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
    content_folder_close(&content);
}
END_TEST

START_TEST(content_that_is_read_again_brings_pictures)
{
    struct content_folder content;
    struct tilth_image before, after;
    struct bottle *bottle = bottle_create(2);
    content_folder_open(&content, bottle);
    draw_signs(&content, (struct png_look){8, 8, 0xFF0000FF, 0xFF0000FF});
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann");
    BOTTLE_UNTIL(bottle, 30000, has_sign(ann));
    ck_assert(tilth_client_type_image(ann->client, "sign", &before));
    content_folder_replace(&content, "entities", "\"customImageData\": \"",
                           "\"customImageData\": null, \"custom_image_data\": \"");
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED),
           "entities.json: entities[6] (sign).image: keys \"custom_image_data\" and "
           "\"customImageData\" "
           "are the same");
    content_folder_replace(&content, "entities", "\"customImageData\": null, ", "");
    content_folder_replace(&content, "entities", "\"custom_image_data\": \"data:image/png;base64,",
                           "\"custom_image_data\": \"data:image/png;base64,AAAA");
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED),
           "entities.json: entities[6] (sign).image: key \"custom_image_data\": ");
    content_folder_replace(&content, "entities", "\"custom_image_data\"",
                           "\"custom_image_data\": null, \"old\"");
    content_folder_replace(&content, "entities", ", \"old\": \"data:image/png;base64,AAAA",
                           ", \"customImage\": \"");
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED),
           "key \"customImage\": content has its pictures with it");
    content_folder_close(&content);

    content_folder_open(&content, bottle);
    draw_signs(&content, (struct png_look){8, 8, 0x0000FFFF, 0xFF0000FF});
    (void)snprintf(bottle->settings.content_dir, sizeof bottle->settings.content_dir, "%s",
                   content.path);
    bottle_kill(bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    BOTTLE_UNTIL(bottle, 60000, ann->connected == 2 && player_is_ready(ann) && has_sign(ann));
    ck_assert(tilth_client_type_image(ann->client, "sign", &after));
    ck_assert_str_ne(before.custom, after.custom);
    content_folder_replace(&content, "entities", "\"size\": 24", "\"size\": 25");
    (void)operator_read(bottle, "content reload", CONSOLE_WIRE_OK);
    BOTTLE_UNTIL(bottle, 30000,
                 tilth_client_type_image(ann->client, "sign", &after) && after.size_units == 400);
    ck_assert(has_sign(ann));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
    content_folder_close(&content);
}
END_TEST

/* "image X Y {...}" with a picture in it. */
static const char *draw_line(struct cell_pos cell, struct png_look look)
{
    static char line[LINE_BYTES];
    (void)snprintf(line, sizeof line,
                   "image %d %d {\"size\": 40, \"fixedScreenAngle\": 0, \"drawOffsetX\": 0, "
                   "\"drawOffsetY\": 0, \"customImageData\": \"%s\"}",
                   cell.x, cell.y, data_url(look));
    return line;
}

/* Has the player the picture of what stands in the cell? */
static bool has_picture(const struct player *player, struct cell_pos cell)
{
    uint8_t bytes[WORLD_IMAGE_BYTES];
    struct tilth_image image;
    return tilth_client_image(player->client, cell.x, cell.y, &image, NULL) &&
           image.custom[0] != '\0' &&
           tilth_client_picture(player->client, image.custom, bytes, sizeof bytes) > 0;
}

/* In a world with room for two pictures, of which one is banned. */
START_TEST(what_is_not_kept_is_refused)
{
    static const struct png_look red = {8, 8, 0xFF0000FF, 0xFF0000FF},
                                 blue = {8, 8, 0x0000FFFF, 0x0000FFFF},
                                 black = {8, 8, 0x000000FF, 0x000000FF};
    struct content_folder content;
    struct tilth_image image;
    char line[64];
    struct bottle *bottle = bottle_create(4);
    bottle->settings.images_max = 2;
    content_folder_open(&content, bottle);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = /* with room for as many looks as a game's client */
        player_create(bottle, &(struct player_options){.name = "ann", .entities_max = 1 << 17});
    BOTTLE_HOLDS(bottle, player_await_ready(ann));
    struct cell_pos sign = place_sign(ann);
    (void)operator_read(bottle, draw_line(sign, red), CONSOLE_WIRE_OK);
    bottle_run(bottle, 1500); /* who looks on sees it soon */
    ck_assert(has_picture(ann, sign));
    ck_assert(tilth_client_image(ann->client, sign.x, sign.y, &image, NULL));
    (void)snprintf(line, sizeof line, "image ban %s", image.custom);
    (void)operator_read(bottle, draw_line(sign, blue), CONSOLE_WIRE_OK);
    expect(operator_read(bottle, draw_line(sign, black), CONSOLE_WIRE_FAILED),
           "The picture is not kept: the world has no room for more pictures.");
    (void)operator_read(bottle, line, CONSOLE_WIRE_OK);
    expect(operator_read(bottle, draw_line(sign, red), CONSOLE_WIRE_FAILED),
           "the picture is not allowed here.");

    draw_signs(&content, black);
    expect(operator_read(bottle, "content reload", CONSOLE_WIRE_FAILED),
           "the picture of the type \"sign\" has no room: 2 are there (images_max)");
    content_folder_close(&content);
    content_folder_open(&content, bottle);
    draw_signs(&content, red);
    bottle_kill(bottle);
    (void)snprintf(bottle->settings.content_dir, sizeof bottle->settings.content_dir, "%s",
                   content.path);
    ck_assert(!bottle_start(bottle));
    expect(bottle->words.text, "the type \"sign\" has the picture");
    expect(bottle->words.text, "which is banned");
    bottle->words.text[0] = '\0';
    content_folder_close(&content);
    content_folder_open(&content, bottle);
    draw_signs(&content, blue);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *eve = enter(bottle, "eve");
    bottle_run(bottle, 1500);
    ck_assert(has_sign(eve));
    expect(operator_read(bottle, "image list", CONSOLE_WIRE_OK), " and the type sign");
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
    content_folder_close(&content);
}
END_TEST

/* As large as one may be, through the console, over a crash and in the replay. */
START_TEST(a_line_of_the_console_brings_a_picture)
{
    static char line[LINE_BYTES];
    char path[96];
    struct content_folder content;
    struct tilth_image image;
    struct replay_result result = {.ticks = 0};
    struct error error = {""};
    uint8_t bytes[WORLD_IMAGE_BYTES];
    struct bottle *bottle = bottle_create(3);
    content_folder_open(&content, bottle);
    (void)snprintf(path, sizeof path, "%s/lines", content.path);
    (void)snprintf(bottle->settings.record, sizeof bottle->settings.record, "%s", path);
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *ann = enter(bottle, "ann");
    struct cell_pos sign = place_sign(ann);
    (void)snprintf(line, sizeof line, "%s",
                   draw_line(sign, (struct png_look){120, 120, 0x102030FF, 0x405060FF}));
    ck_assert_uint_gt(strlen(line), 50000);
    (void)operator_read(bottle, line, CONSOLE_WIRE_OK);
    BOTTLE_UNTIL(bottle, 30000,
                 tilth_client_image(ann->client, sign.x, sign.y, &image, NULL) &&
                     tilth_client_picture(ann->client, image.custom, bytes, sizeof bytes) > 0);
    ck_assert_uint_eq(image.size_units, 640);
    ck_assert_uint_gt(tilth_client_picture(ann->client, image.custom, bytes, sizeof bytes), 0);

    char *data = strstr(line, "base64,") + 7;
    memcpy(data, "AAAA\"}", sizeof "AAAA\"}");
    expect(operator_read(bottle, line, CONSOLE_WIRE_FAILED), "key \"customImageData\": ");
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    struct hash128 hash = bottle->server.host->world.hash;
    bottle_kill(bottle);
    ck_assert_msg(replay_run(path, &result, &error), "%s", error.text);
    ck_assert(hash_is_equal(result.hash, hash));
    (void)remove(path);
    bottle->settings.record[0] = '\0';
    BOTTLE_HOLDS(bottle, bottle_start(bottle));
    struct player *eve = enter(bottle, "eve");
    BOTTLE_UNTIL(bottle, 30000,
                 tilth_client_picture(eve->client, image.custom, bytes, sizeof bytes) > 0);
    ck_assert_uint_gt(tilth_client_picture(eve->client, image.custom, bytes, sizeof bytes), 0);
    bottle_destroy(&bottle);
    content_folder_close(&content);
}
END_TEST

TESTING_MAIN("painted", a_type_of_the_content_has_a_picture,
             content_that_is_read_again_brings_pictures, what_is_not_kept_is_refused,
             a_line_of_the_console_brings_a_picture)
