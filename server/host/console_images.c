#include "host/console_images.h"

#include <string.h>

#include "host/console_look.h"
#include "host/console_structures.h"
#include "host/console_tell.h"
#include "host/console_wait.h"
#include "host/host.h"
#include "host/pictures.h"
#include "sim/modify.h"

enum { LIST_MAX = 200, PICTURE_S = 5 };

/* What stands in the cell, when all of its chunks are there. */
static enum console_result await_target(struct host *host, struct console_call *call,
                                        struct target *out_target)
{
    enum console_result result = console_await_chunks(host, call);
    if (result != CONSOLE_DONE)
        return result;
    *out_target = target_find(&host->world, call->cell);
    if (out_target->type == 0)
        return console_fail(call, "Nothing stands at (%d,%d).", call->cell.x, call->cell.y);
    if (!out_target->is_structure)
        return CONSOLE_DONE;
    struct change change = world_structure_change(world_structure_at(&host->world, call->cell));
    if (!console_pin_all(host, call, &change))
        return CONSOLE_FAILED;
    return console_await_chunks(host, call);
}

static void tell_target(const struct host *host, struct console_call *call,
                        const struct target *target)
{
    const struct entity_def *def = &host->world.catalog->entities[target->type];
    const struct image_config *config = images_find_config(&host->world.images, target->image);
    struct change_image_config look = images_config_of(&def->image);
    if (config != NULL)
        look = config->value;
    console_tell_begin(call);
    console_tell_string(call, "type", def->name);
    console_tell_number(call, "id", target->thing);
    console_tell_string(call, "source", config != NULL ? "its own" : "its type");
    console_tell_number(call, "config", target->image);
    console_tell_look(call, &look);
    const struct image *picture = images_find(&host->world.images, look.custom);
    if (picture != NULL)
        console_tell_bool(call, "banned", picture->is_banned);
    console_tell_end(call);
}

static enum console_result get_image(struct host *host, struct console_call *call)
{
    struct target target;
    call->has_only_looked = true;
    enum console_result result = await_target(host, call, &target);
    console_show_chunks(host, call);
    if (result == CONSOLE_DONE)
        tell_target(host, call, &target);
    return result;
}

static enum console_result refuse_look(struct console_call *call, enum refusal refusal)
{
    char digits[33];
    bool is_of_picture = refusal == REFUSAL_IMAGE_UNKNOWN || refusal == REFUSAL_IMAGE_BANNED;
    hash_format(call->look.value.custom, digits);
    return console_fail(call, "At (%d,%d): %s%s%s.", call->cell.x, call->cell.y,
                        is_of_picture ? digits : "", is_of_picture ? ": " : "",
                        refusal_words(refusal));
}

/* What the values were rounded to is the answer. */
static enum console_result tell_drawn(struct host *host, struct console_call *call)
{
    enum console_result result = console_await_done(host, call);
    if (result != CONSOLE_DONE)
        return result;
    console_tell_begin(call);
    if (call->is_json)
        text_json_number(call->text, "seq", (int64_t)call->seq);
    else
        text_add(call->text, "At (%d,%d) it is drawn so now:\n", call->cell.x, call->cell.y);
    console_tell_look(call, &call->look.value);
    console_tell_end(call);
    return CONSOLE_DONE;
}

/* A picture that came with the line takes the gallery a moment. */
static bool must_await_picture(const struct host *host, const struct console_call *call)
{
    uint64_t until = call->since + (uint64_t)PICTURE_S * host->options.limits.tick_hz;
    return call->look.is_brought && host->tick < until &&
           images_find(&host->world.images, call->look.value.custom) == NULL &&
           pictures_refusal(host, call->look.value.custom, call->since) == NULL;
}

static enum console_result set_image(struct host *host, struct console_call *call)
{
    struct target target;
    struct editor editor = {EDITOR_OPERATOR, 0};
    if (call->seq != 0)
        return tell_drawn(host, call);
    enum console_result result = await_target(host, call, &target);
    if (result != CONSOLE_DONE)
        return result;
    if (must_await_picture(host, call))
        return CONSOLE_PENDING;
    const char *why =
        call->look.is_brought ? pictures_refusal(host, call->look.value.custom, call->since) : NULL;
    if (why != NULL)
        return console_fail(call, "The picture is not kept: %s.", why);
    if (!console_can_change(host, call))
        return CONSOLE_FAILED;
    enum refusal refusal = modify_set(&host->sim, &target, &call->look.value, editor);
    return refusal == REFUSAL_NONE ? console_begin_await(host, call) : refuse_look(call, refusal);
}

static enum console_result reset_image(struct host *host, struct console_call *call)
{
    struct target target;
    struct editor editor = {EDITOR_OPERATOR, 0};
    if (call->seq != 0)
        return console_await_told(host, call, "At (%d,%d) it is drawn as its type again.",
                                  call->cell.x, call->cell.y);
    enum console_result result = await_target(host, call, &target);
    if (result != CONSOLE_DONE)
        return result;
    if (target.image == 0)
        return console_fail(call, "At (%d,%d) it is drawn as its type already.", call->cell.x,
                            call->cell.y);
    if (!console_can_change(host, call))
        return CONSOLE_FAILED;
    target_set_image(&host->sim, &target, 0, editor);
    return console_begin_await(host, call);
}

enum console_result console_image(struct host *host, struct console_call *call)
{
    bool is_reset = call->word_count == 4 && strcmp(call->words[3], "reset") == 0;
    if (!call->is_begun) {
        if (!console_read_cell(call, 1))
            return CONSOLE_USAGE;
        if (call->look.state == CONSOLE_LOOK_WRONG)
            return console_fail(call, "%s", call->look.wrong);
        if (call->word_count != 3 && !is_reset && call->look.state != CONSOLE_LOOK_READ)
            return CONSOLE_USAGE;
        if (!console_pin(host, call, grid_chunk_of(call->cell)))
            return CONSOLE_FAILED;
    }
    if (call->word_count == 3)
        return get_image(host, call);
    return is_reset ? reset_image(host, call) : set_image(host, call);
}

static void tell_picture(const struct host *host, struct console_call *call,
                         const struct image *image)
{
    const struct entity_def *drawn = catalog_find_picture(host->world.catalog, image->id);
    char digits[33];
    hash_format(image->id, digits);
    if (!call->is_json) {
        text_add(call->text, "%s %4u x %-4u px %7u bytes, used by %lld look%s%s%s%s\n", digits,
                 image->width, image->height, image->size_bytes, (long long)image->uses,
                 image->uses == 1 ? "" : "s", drawn != NULL ? " and the type " : "",
                 drawn != NULL ? drawn->name : "", image->is_banned ? ", banned" : "");
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_string(call->text, "id", digits);
    text_json_number(call->text, "width", image->width);
    text_json_number(call->text, "height", image->height);
    text_json_number(call->text, "bytes", image->size_bytes);
    text_json_number(call->text, "uses", image->uses);
    if (drawn != NULL)
        text_json_string(call->text, "type", drawn->name);
    text_json_bool(call->text, "banned", image->is_banned);
    text_json_close(call->text, '}');
}

enum console_result console_image_list(struct host *host, struct console_call *call)
{
    const struct images *images = &host->world.images;
    uint32_t count = 0;
    console_show_all(host, call);
    console_list_open(call, "images");
    for (uint32_t i = 0; i < images->image_pool.capacity; i++) {
        if (pool_is_used(&images->image_pool, i) && count++ < LIST_MAX)
            tell_picture(host, call, &images->images[i]);
    }
    console_list_close(call, "no picture is known", count, LIST_MAX);
    return CONSOLE_DONE;
}

static void tell_one_config(struct console_call *call, const struct image_config *config)
{
    if (!call->is_json) {
        text_add(call->text, "image %-8u used %lld time%s: ", config->value.id,
                 (long long)config->uses, config->uses == 1 ? "" : "s");
        console_add_look(call->text, &config->value);
        text_add(call->text, "\n");
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_number(call->text, "config", config->value.id);
    text_json_number(call->text, "uses", config->uses);
    console_tell_look(call, &config->value);
    text_json_close(call->text, '}');
}

/* Tells the configurations, of one picture or (NULL) all; how many there are, beyond LIST_MAX
 * without words. */
static uint32_t tell_configs(const struct host *host, struct console_call *call,
                             const struct hash128 *custom)
{
    const struct images *images = &host->world.images;
    uint32_t count = 0;
    for (uint32_t i = 0; i < images->config_pool.capacity; i++) {
        const struct image_config *config = &images->configs[i];
        if (!pool_is_used(&images->config_pool, i) ||
            (custom != NULL && !hash_is_equal(config->value.custom, *custom)))
            continue;
        if (count++ < LIST_MAX)
            tell_one_config(call, config);
    }
    return count;
}

enum console_result console_image_configs(struct host *host, struct console_call *call)
{
    console_show_all(host, call);
    console_list_open(call, "configs");
    uint32_t count = tell_configs(host, call, NULL);
    console_list_close(call, "everything is drawn as its type", count, LIST_MAX);
    return CONSOLE_DONE;
}

/* Reads the only word, the id of a picture. */
static bool read_id(struct console_call *call, struct hash128 *out_id)
{
    if (call->word_count != 2)
        return false;
    if (hash_parse(call->words[1], out_id) && !images_is_none(*out_id))
        return true;
    (void)console_fail(call, "usage: %s ID: '%s' is no ID, which is 32 hexadecimal digits",
                       call->command->name, call->words[1]);
    return false;
}

static void tell_uploader(const struct host *host, struct console_call *call,
                          const struct image *image)
{
    const struct character *uploader = world_find_character(&host->world, image->uploader);
    console_tell_number(call, "uploader", image->uploader.value);
    if (uploader != NULL)
        console_tell_string(call, "uploader_name", uploader->name);
}

enum console_result console_image_show(struct host *host, struct console_call *call)
{
    struct hash128 id;
    if (!read_id(call, &id))
        return CONSOLE_USAGE;
    console_show_all(host, call);
    const struct image *image = images_find(&host->world.images, id);
    if (image == NULL)
        return console_fail(call, "There is no picture %s.", call->words[1]);
    const struct entity_def *drawn = catalog_find_picture(host->world.catalog, id);
    console_tell_begin(call);
    console_tell_string(call, "id", call->words[1]);
    console_tell_number(call, "width", image->width);
    console_tell_number(call, "height", image->height);
    console_tell_number(call, "bytes", image->size_bytes);
    console_tell_bool(call, "banned", image->is_banned);
    console_tell_number(call, "uses", (uint64_t)image->uses);
    if (drawn != NULL)
        console_tell_string(call, "type", drawn->name);
    tell_uploader(host, call, image);
    if (call->is_json)
        text_json_open(call->text, "configs", '[');
    uint32_t count = tell_configs(host, call, &id);
    if (call->is_json)
        text_json_close(call->text, ']');
    console_tell_number(call, "rest", count > LIST_MAX ? count - LIST_MAX : 0);
    console_tell_end(call);
    return CONSOLE_DONE;
}

/* Is there room to remember the ban of a picture that may not be known? */
static bool has_ban_room(const struct images *images, const struct image *known)
{
    return known != NULL || images->image_pool.used < images->image_pool.capacity;
}

static enum console_result set_ban(struct host *host, struct console_call *call, bool is_banned)
{
    struct hash128 id;
    if (call->seq != 0)
        return console_await_told(host, call, "The picture %s is %s.", call->words[1],
                                  is_banned ? "banned now" : "no longer banned");
    if (!read_id(call, &id))
        return CONSOLE_USAGE;
    const struct image *known = images_find(&host->world.images, id);
    if ((known != NULL && known->is_banned) == is_banned)
        return console_fail(call, "The picture %s is %s.", call->words[1],
                            is_banned ? "banned already" : "not banned");
    const struct entity_def *drawn = catalog_find_picture(host->world.catalog, id);
    if (is_banned && drawn != NULL)
        return console_fail(
            call, "The content draws the type %s with the picture %s: change the content.",
            drawn->name, call->words[1]);
    if (!has_ban_room(&host->world.images, known))
        return console_fail(call, "There is no room for more pictures (setting images_max).");
    if (!console_can_change(host, call))
        return CONSOLE_FAILED;
    struct change change = {.kind = CHANGE_IMAGE_BAN};
    change.image_ban = (struct change_image_ban){id, is_banned};
    sim_change(&host->sim, &change);
    return console_begin_await(host, call);
}

enum console_result console_image_ban(struct host *host, struct console_call *call)
{
    return set_ban(host, call, true);
}

enum console_result console_image_unban(struct host *host, struct console_call *call)
{
    return set_ban(host, call, false);
}
