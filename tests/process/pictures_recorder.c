/* Makes a recording of a server to which a player comes who sees 1,000 things, each with a picture
 * of its own ("with"), or as its type is drawn ("without"): pictures_recorder with|without FILE.
 * All else is the same, so that the ticks' work can be compared (pictures_test.py). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "bottle/signs.h"
#include "host/gallery.h"
#include "png_files.h"

enum { THINGS = 1000, WATCHED_MS = 60000, PICTURES_PER_STEP = 3 };

struct things {
    struct cell_pos cells[THINGS];
    struct hash128 pictures[THINGS];
};

static void holds(const struct bottle *bottle, bool condition)
{
    if (!condition)
        (void)fprintf(stderr, "%s\n", bottle->words.text);
    ensure(condition);
}

static struct bottle *begin(void)
{
    struct bottle *bottle = bottle_create(1);
    struct settings *settings = &bottle->settings;
    settings->reach_px = 1000;
    settings->view_cells = 32;
    settings->images_max = 2 * THINGS;
    settings->image_configs_max = 2 * THINGS;
    settings->image_cache_entries = 64;
    bottle->limits.backlog_bytes = 512 << 10;
    holds(bottle, bottle_start(bottle));
    return bottle;
}

/* Hands the tick a picture, as the gallery does with a player's file. */
static void hang(struct player *ann, uint32_t n, struct things *things)
{
    struct server *server = &ann->bottle->server;
    static uint8_t record[sizeof(struct gallery_picture) + PNG_BYTES_MAX];
    uint8_t *png = record + sizeof(struct gallery_picture);
    struct png_look look = {16, 16, 0x01000000u * (n % 200) + 255, 0x00010000u * n + 255};
    int32_t session = session_find(server->host, ann->name);
    struct gallery_picture picture = {.session = (uint32_t)session,
                                      .generation = server->host->sessions[session].generation,
                                      .number = n + 1,
                                      .width = 16,
                                      .height = 16,
                                      .size_bytes = png_make(&look, png)};
    picture.id = crypto_digest_128(png, picture.size_bytes);
    things->pictures[n] = picture.id;
    memcpy(record, &picture, sizeof picture);
    bool fits =
        ring_write(&server->pictures, record, (uint32_t)sizeof picture + picture.size_bytes);
    ensure(fits);
    if (n % PICTURES_PER_STEP == 0)
        bottle_run(ann->bottle, 50);
}

static void draw_all(struct player *ann, const struct things *things)
{
    static struct tilth_image images[THINGS];
    for (uint32_t i = 0; i < THINGS; i++) {
        images[i].size_units = 400;
        hash_format(things->pictures[i], images[i].custom);
    }
    signs_draw(ann, things->cells, images, THINGS);
}

/* How many of the things' pictures the player has. */
static uint32_t count_pictures(const struct player *bob, const struct things *things)
{
    static uint8_t bytes[WORLD_IMAGE_BYTES];
    uint32_t count = 0;
    for (uint32_t i = 0; i < THINGS; i++) {
        char id[33];
        hash_format(things->pictures[i], id);
        count += tilth_client_picture(bob->client, id, bytes, sizeof bytes) > 0;
    }
    return count;
}

int main(int argc, char **argv)
{
    static struct things things;
    bool is_with = argc == 3 && strcmp(argv[1], "with") == 0;
    ensure(argc == 3 && (is_with || strcmp(argv[1], "without") == 0));
    struct bottle *bottle = begin();
    struct player *ann = player_join(bottle, "ann");
    holds(bottle, player_await_ready(ann));
    signs_place(ann, things.cells, THINGS);
    for (uint32_t i = 0; i < THINGS; i++)
        hang(ann, i, &things);
    bottle_run(bottle, 1000);
    if (is_with)
        draw_all(ann, &things);
    player_leave(ann);
    holds(bottle, bottle_stop(bottle));

    (void)snprintf(bottle->settings.record, sizeof bottle->settings.record, "%s", argv[2]);
    holds(bottle, bottle_start(bottle));
    struct player *bob = player_join(bottle, "bob");
    bottle_run(bottle, WATCHED_MS);
    printf("%u things in view, %u pictures\n", bottle->server.host->world.entity_pool.used,
           count_pictures(bob, &things));
    if (bob->words[0] != '\0')
        printf("last words: %s\n", bob->words);
    (void)fflush(stdout);
    ensure(count_pictures(bob, &things) == (is_with ? THINGS : 0));
    bottle_destroy(&bottle);
    return EXIT_SUCCESS;
}
