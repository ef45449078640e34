#include "host/console_look.h"

#include "host/console_tell.h"
#include "host/host.h"

/* Digits of the id, or "none". */
static void format_custom(struct hash128 custom, char out_words[33])
{
    struct text text;
    text_init(&text, out_words, 33);
    if (images_is_none(custom))
        text_add(&text, "none");
    else
        hash_format(custom, out_words);
}

void console_add_look(struct text *text, const struct change_image_config *look)
{
    char custom[33];
    struct image_def image = images_def_of(look);
    format_custom(look->custom, custom);
    text_add(text, "size ");
    text_json_decimal(text, NULL, image.size_units, IMAGE_UNITS_PER_PX);
    text_add(text, ", angle ");
    if (image.turns)
        text_add(text, "null");
    else
        text_json_decimal(text, NULL, image.angle_units, IMAGE_UNITS_PER_RAD);
    text_add(text, ", offset ");
    text_json_decimal(text, NULL, image.offset_x_units, IMAGE_UNITS_PER_PX);
    text_add(text, " ");
    text_json_decimal(text, NULL, image.offset_y_units, IMAGE_UNITS_PER_PX);
    text_add(text, ", picture %s", custom);
}

static void tell_decimal(struct console_call *call, const char *name, int64_t value, int32_t scale)
{
    if (call->is_json) {
        text_json_decimal(call->text, name, value, scale);
        return;
    }
    text_add(call->text, "%-20s ", name);
    text_json_decimal(call->text, NULL, value, scale);
    text_add(call->text, "\n");
}

void console_tell_look(struct console_call *call, const struct change_image_config *look)
{
    char custom[33];
    struct image_def image = images_def_of(look);
    format_custom(look->custom, custom);
    tell_decimal(call, "size", image.size_units, IMAGE_UNITS_PER_PX);
    if (!image.turns)
        tell_decimal(call, "fixed_screen_angle", image.angle_units, IMAGE_UNITS_PER_RAD);
    else if (call->is_json)
        text_json_null(call->text, "fixed_screen_angle");
    else
        console_tell_string(call, "fixed_screen_angle", "null");
    tell_decimal(call, "draw_offset_x", image.offset_x_units, IMAGE_UNITS_PER_PX);
    tell_decimal(call, "draw_offset_y", image.offset_y_units, IMAGE_UNITS_PER_PX);
    if (call->is_json && images_is_none(look->custom))
        text_json_null(call->text, "custom_image");
    else
        console_tell_string(call, "custom_image", custom);
}

void console_tell_config(struct console_call *call, const struct images *images, uint32_t config)
{
    const struct image_config *found = config != 0 ? images_find_config(images, config) : NULL;
    if (!call->is_json && found != NULL) {
        text_add(call->text, ", image %u: ", config);
        console_add_look(call->text, &found->value);
    } else if (!call->is_json) {
        text_add(call->text, ", drawn as its type");
    } else if (found == NULL) {
        text_json_null(call->text, "image");
    } else {
        text_json_open(call->text, "image", '{');
        text_json_number(call->text, "config", config);
        console_tell_look(call, &found->value);
        text_json_close(call->text, '}');
    }
}

void console_tell_placer(const struct host *host, struct console_call *call,
                         struct character_id placer)
{
    const struct character *character =
        placer.value != 0 ? world_find_character(&host->world, placer) : NULL;
    if (!call->is_json && character != NULL) {
        text_add(call->text, ", placed by %s", character->name);
    } else if (!call->is_json && placer.value != 0) {
        text_add(call->text, ", placed by character %llu", (unsigned long long)placer.value);
    } else if (!call->is_json) {
        text_add(call->text, ", placed by nobody");
    } else {
        text_json_number(call->text, "placer", (int64_t)placer.value);
        if (character != NULL)
            text_json_string(call->text, "placer_name", character->name);
        else
            text_json_null(call->text, "placer_name");
    }
}
