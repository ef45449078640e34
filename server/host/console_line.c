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

uint32_t console_line_make(const struct console_line_source *source,
                           uint8_t out_record[CONSOLE_LINE_RECORD_BYTES])
{
    char line[CONSOLE_LINE_BYTES + 1] = "";
    struct error error = {""};
    struct console_line head;
    struct text wrong;
    size_t size_bytes = strnlen(source->line, CONSOLE_LINE_BYTES);
    memcpy(line, source->line, size_bytes);
    memset(&head, 0, sizeof head); /* it is recorded */
    head.client = source->client;
    head.is_json = source->is_json;
    head.size_bytes = (uint32_t)size_bytes;
    const char *look = find_look(line);
    if (look != NULL && read_look(look, source->size_px_max, &head.look, &error))
        head.look_state = CONSOLE_LOOK_READ;
    else if (look != NULL)
        head.look_state = CONSOLE_LOOK_WRONG;
    text_init(&wrong, head.wrong, sizeof head.wrong);
    text_add(&wrong, "%s", error.text);
    memcpy(out_record, &head, sizeof head);
    memcpy(out_record + sizeof head, line, size_bytes);
    return (uint32_t)(sizeof head + size_bytes);
}
