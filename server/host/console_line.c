#include "host/console_line.h"

#include <string.h>

#include "catalog/image.h"
#include "world/images.h"

static const char *const look_keys[] = {
    "size",          "fixed_screen_angle", "fixedScreenAngle", "draw_offset_x", "drawOffsetX",
    "draw_offset_y", "drawOffsetY",        "custom_image",     "customImage",   NULL,
};

/* The id of a picture, or none when the key is missing or null. */
static bool read_custom(struct json top, struct hash128 *out_custom, struct error *error)
{
    const char *key = json_has(top, "customImage") ? "customImage" : "custom_image";
    const char *digits = NULL;
    if (json_has(top, "customImage") && json_has(top, "custom_image"))
        return json_error(top, error,
                          "keys \"custom_image\" and \"customImage\" are the same: give one");
    if (!json_has(top, key) || json_is_null(top, key)) {
        *out_custom = (struct hash128){0, 0};
        return true;
    }
    if (!json_get_string(top, key, &digits, error))
        return false;
    return hash_parse(digits, out_custom) ||
           json_error(top, error, "key \"%s\": \"%.40s\" is not 32 hexadecimal digits or null", key,
                      digits);
}

static bool read_look(const char *text, uint32_t size_px_max, struct change_image_config *out_look,
                      struct error *error)
{
    struct image_def image;
    struct hash128 custom;
    struct json_document *document = json_parse("image", text, strlen(text), error);
    if (document == NULL)
        return false;
    struct json top = json_top(document);
    bool is_read = json_check_keys(top, look_keys, error) &&
                   image_read(top, size_px_max, &image, error) && read_custom(top, &custom, error);
    json_destroy(&document);
    if (is_read)
        *out_look = images_config_of(&image, custom);
    return is_read;
}

/* The JSON in a line of the command `image`, or NULL. */
static const char *find_look(const char *line)
{
    static const char name[] = "image";
    line += strspn(line, " \t");
    bool is_image = strncmp(line, name, sizeof name - 1) == 0 &&
                    (line[sizeof name - 1] == ' ' || line[sizeof name - 1] == '\t');
    return is_image ? strchr(line, '{') : NULL;
}

/* Reads the JSON; true when there is any. */
static bool make_look(const struct console_line_source *source, const char *line,
                      struct console_look *out_look)
{
    struct error error = {""};
    struct text wrong;
    const char *json = find_look(line);
    memset(out_look, 0, sizeof *out_look); /* it is recorded */
    if (json == NULL)
        return false;
    bool is_read = read_look(json, source->size_px_max, &out_look->value, &error);
    out_look->state = is_read ? CONSOLE_LOOK_READ : CONSOLE_LOOK_WRONG;
    text_init(&wrong, out_look->wrong, sizeof out_look->wrong);
    text_add(&wrong, "%s", error.text);
    return true;
}

uint32_t console_line_make(const struct console_line_source *source,
                           uint8_t out_record[CONSOLE_LINE_RECORD_BYTES])
{
    char line[CONSOLE_LINE_BYTES + 1] = "";
    struct console_look look;
    size_t size_bytes = strnlen(source->line, CONSOLE_LINE_BYTES);
    memcpy(line, source->line, size_bytes);
    bool has_look = make_look(source, line, &look);
    struct console_line head = {
        .client = source->client,
        .is_json = source->is_json,
        .size_bytes = (uint32_t)size_bytes,
        .look_bytes = has_look ? sizeof look : 0,
    };
    memcpy(out_record, &head, sizeof head);
    memcpy(out_record + sizeof head, line, size_bytes);
    memcpy(out_record + sizeof head + size_bytes, &look, head.look_bytes);
    return (uint32_t)(sizeof head + size_bytes + head.look_bytes);
}
