#include "catalog/image.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/data_url.h"
#include "base/memory.h"

const char *const image_keys[] = {
    "size",        "fixed_screen_angle", "fixedScreenAngle", "draw_offset_x",
    "drawOffsetX", "draw_offset_y",      "drawOffsetY",      "custom_image",
    "customImage", "custom_image_data",  "customImageData",  NULL,
};

struct image_def image_default(void)
{
    return (struct image_def){.size_units = IMAGE_SIZE_UNITS_DEFAULT};
}

bool image_is_equal(const struct image_def *a, const struct image_def *b)
{
    return a->size_units == b->size_units && a->turns == b->turns &&
           a->angle_units == b->angle_units && a->offset_x_units == b->offset_x_units &&
           a->offset_y_units == b->offset_y_units && hash_is_equal(a->custom, b->custom);
}

/* Chooses between the two spellings of a key; false when both are there. */
static bool choose_key(struct json object, const char *snake, const char *camel,
                       const char **out_key, struct error *error)
{
    bool has_camel = json_has(object, camel);
    if (has_camel && json_has(object, snake))
        return json_error(object, error, "keys \"%s\" and \"%s\" are the same: give one", snake,
                          camel);
    *out_key = has_camel ? camel : snake;
    return true;
}

static bool read_angle(struct json object, struct image_def *out_image, struct error *error)
{
    const char *key = NULL;
    int64_t angle = 0;
    struct json_scale scale = {-IMAGE_ANGLE_UNITS_MAX, IMAGE_ANGLE_UNITS_MAX, IMAGE_UNITS_PER_RAD};
    if (!choose_key(object, "fixed_screen_angle", "fixedScreenAngle", &key, error))
        return false;
    out_image->turns = json_is_null(object, key);
    if (!out_image->turns && !json_get_scaled(object, key, scale, &angle, error))
        return false;
    out_image->angle_units = (int32_t)angle;
    return true;
}

static bool read_offset(struct json object, const char *snake, const char *camel,
                        int16_t *out_units, struct error *error)
{
    const char *key = NULL;
    int64_t offset = 0;
    struct json_scale scale = {-IMAGE_OFFSET_UNITS_MAX, IMAGE_OFFSET_UNITS_MAX, IMAGE_UNITS_PER_PX};
    if (!choose_key(object, snake, camel, &key, error) ||
        !json_get_scaled(object, key, scale, &offset, error))
        return false;
    *out_units = (int16_t)offset;
    return true;
}

/* Chooses the key, of which there need not be one: is it there, and not null? */
static bool choose_optional(struct json object, const char *snake, const char *camel,
                            const char **out_key, struct error *error)
{
    if (!choose_key(object, snake, camel, out_key, error))
        return false;
    if (!json_has(object, *out_key) || json_is_null(object, *out_key))
        *out_key = NULL;
    return true;
}

static bool read_id(struct json object, const char *key, struct hash128 *out_id,
                    struct error *error)
{
    const char *digits = NULL;
    if (!json_get_string(object, key, &digits, error))
        return false;
    bool is_id = hash_parse(digits, out_id) && !hash_is_equal(*out_id, (struct hash128){0, 0});
    return is_id || json_error(object, error,
                               "key \"%s\": must be 32 hexadecimal digits, not all 0, or null, "
                               "not \"%.40s\"",
                               key, digits);
}

static bool read_data(struct json object, const char *key, const struct image_painter *painter,
                      struct hash128 *out_id, struct error *error)
{
    const char *url = NULL;
    struct error why = {""};
    if (!json_get_string(object, key, &url, error))
        return false;
    if (painter == NULL)
        return json_error(object, error, "key \"%s\": no picture is taken here", key);
    struct crypto_bytes file = {.capacity = strlen(url) + 1};
    file.bytes = memory_reserve_untouched("picture", file.capacity, 1);
    bool is_made = data_url_read(url, "image/png", &file, &why) &&
                   painter->make(painter->state, file.bytes, file.size_bytes, out_id, &why);
    memory_release(file.bytes);
    return is_made || json_error(object, error, "key \"%s\": %s", key, why.text);
}

static bool read_custom(struct json object, const struct image_painter *painter,
                        struct hash128 *out_id, struct error *error)
{
    const char *id = NULL, *data = NULL;
    if (!choose_optional(object, "custom_image", "customImage", &id, error) ||
        !choose_optional(object, "custom_image_data", "customImageData", &data, error))
        return false;
    if (id != NULL && data != NULL)
        return json_error(object, error, "keys \"%s\" and \"%s\" both say the picture: give one",
                          id, data);
    if (data != NULL)
        return read_data(object, data, painter, out_id, error);
    return id == NULL || read_id(object, id, out_id, error);
}

bool image_read(struct json object, const struct image_reading *reading,
                struct image_def *out_image, struct error *error)
{
    struct image_def image = image_default();
    int64_t size = 0;
    int64_t most = (int64_t)reading->size_px_max * IMAGE_UNITS_PER_PX;
    struct json_scale scale = {1, most < IMAGE_SIZE_UNITS_MAX ? most : IMAGE_SIZE_UNITS_MAX,
                               IMAGE_UNITS_PER_PX};
    if (!json_check_keys(object, image_keys, error) ||
        !json_get_scaled(object, "size", scale, &size, error) ||
        !read_angle(object, &image, error) ||
        !read_offset(object, "draw_offset_x", "drawOffsetX", &image.offset_x_units, error) ||
        !read_offset(object, "draw_offset_y", "drawOffsetY", &image.offset_y_units, error) ||
        !read_custom(object, reading->painter, &image.custom, error))
        return false;
    image.size_units = (uint16_t)size;
    *out_image = image;
    return true;
}

void image_write(const struct image_def *image, struct text *text)
{
    text_json_decimal(text, "size", image->size_units, IMAGE_UNITS_PER_PX);
    if (image->turns)
        text_json_null(text, "fixed_screen_angle");
    else
        text_json_decimal(text, "fixed_screen_angle", image->angle_units, IMAGE_UNITS_PER_RAD);
    text_json_decimal(text, "draw_offset_x", image->offset_x_units, IMAGE_UNITS_PER_PX);
    text_json_decimal(text, "draw_offset_y", image->offset_y_units, IMAGE_UNITS_PER_PX);
    if (hash_is_equal(image->custom, (struct hash128){0, 0}))
        return;
    char digits[33];
    hash_format(image->custom, digits);
    text_json_string(text, "custom_image", digits);
}
