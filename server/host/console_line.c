#include "host/console_line.h"

#include <string.h>

#include "catalog/image.h"
#include "world/images.h"

/* Reads the JSON; *out_image is what it says, and whether it brought a picture. */
static bool read_look(const struct console_line_source *source, const char *json,
                      struct image_def *out_image, struct console_look *out_look,
                      struct error *error)
{
    struct json_document *document = json_parse("image", json, strlen(json), error);
    if (document == NULL)
        return false;
    struct json top = json_top(document);
    bool is_read = image_read(top, &source->image, out_image, error);
    out_look->is_brought =
        is_read && (json_has(top, "custom_image_data") || json_has(top, "customImageData"));
    json_destroy(&document);
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

/* Puts the line into `out_line`, with the picture's id where its data stood. */
static void shorten(const char *line, const char *json, const struct image_def *image,
                    struct text *out_line)
{
    text_add(out_line, "%.*s", (int)(json - line), line);
    text_json_open(out_line, NULL, '{');
    image_write(image, out_line);
    text_json_close(out_line, '}');
}

/* Reads the JSON if there is any, and copies the line; false when it is too long. */
static bool make_look(const struct console_line_source *source, const char *json,
                      struct console_look *out_look, struct text *out_line)
{
    struct error error = {""};
    struct text wrong;
    struct image_def image = image_default();
    memset(out_look, 0, sizeof *out_look); /* it is recorded */
    if (json != NULL) {
        bool is_read = read_look(source, json, &image, out_look, &error);
        out_look->state = is_read ? CONSOLE_LOOK_READ : CONSOLE_LOOK_WRONG;
        out_look->value = images_config_of(&image);
        text_init(&wrong, out_look->wrong, sizeof out_look->wrong);
        text_add(&wrong, "%s", error.text);
    }
    if (out_look->is_brought)
        shorten(source->line, json, &image, out_line);
    else if (out_look->state == CONSOLE_LOOK_WRONG) /* perhaps because it is long */
        text_add(out_line, "%.*s{}", (int)(json - source->line), source->line);
    else
        text_add(out_line, "%s", source->line);
    return !out_line->is_cut;
}

uint32_t console_line_make(const struct console_line_source *source,
                           uint8_t out_record[CONSOLE_LINE_RECORD_BYTES])
{
    char line[CONSOLE_LINE_BYTES + 1] = "";
    struct console_look look;
    struct text text;
    const char *json = find_look(source->line);
    text_init(&text, line, sizeof line);
    if (!make_look(source, json, &look, &text))
        return 0;
    struct console_line head = {
        .client = source->client,
        .is_json = source->is_json,
        .size_bytes = (uint32_t)text.size_bytes,
        .look_bytes = json != NULL ? sizeof look : 0,
    };
    memcpy(out_record, &head, sizeof head);
    memcpy(out_record + sizeof head, line, head.size_bytes);
    memcpy(out_record + sizeof head + head.size_bytes, &look, head.look_bytes);
    return (uint32_t)(sizeof head + head.size_bytes + head.look_bytes);
}
