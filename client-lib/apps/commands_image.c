/* The commands about how things are drawn. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "catalog/image.h"
#include "commands_parts.h"

enum { JSON_BYTES = 3 * COMMANDS_LINE_BYTES }; /* a line whose words are quoted */

/* Is it one of the numbers that JSON does not have? */
static bool is_not_finite(const char *token, size_t size)
{
    static const char *const names[] = {"nan", "inf", "infinity"};
    bool has_sign = size > 0 && (token[0] == '-' || token[0] == '+');
    token += has_sign;
    size -= has_sign;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == size && strncasecmp(token, names[i], size) == 0)
            return true;
    }
    return false;
}

/* How many bytes belong together: a string, a word or number, or a single sign. */
static size_t token_size(const char *at)
{
    size_t size = 1;
    if (at[0] == '"') {
        while (at[size] != 0 && at[size] != '"')
            size += at[size] == '\\' && at[size + 1] != 0 ? 2 : 1;
        return at[size] != 0 ? size + 1 : size;
    }
    if (!isalnum((unsigned char)at[0]) && strchr("+-.", at[0]) == NULL)
        return 1;
    while (isalnum((unsigned char)at[size]) || (at[size] != 0 && strchr("+-.", at[size]) != NULL))
        size++;
    return size;
}

/* Copies the JSON; NaN and Infinity become strings, so that they are refused like those: with the
 * field and its range. */
static void quote_not_finite(const char *json, struct text *out)
{
    while (*json != 0) {
        size_t size = token_size(json);
        const char *quote = is_not_finite(json, size) ? "\"" : "";
        text_add(out, "%s%.*s%s", quote, (int)size, json, quote);
        json += size;
    }
}

static struct tilth_image image_of(const struct image_def *def)
{
    struct tilth_image image = {
        .size_units = def->size_units,
        .turns = def->turns,
        .angle_units = def->angle_units,
        .offset_x_units = def->offset_x_units,
        .offset_y_units = def->offset_y_units,
    };
    if (!hash_is_equal(def->custom, (struct hash128){0, 0}))
        hash_format(def->custom, image.custom);
    return image;
}

/* Reads a look from its JSON; false and the error in words. */
static bool read_look(const char *json, struct tilth_image *out_image, struct error *error)
{
    struct image_reading reading = {.size_px_max = UINT16_MAX};
    struct image_def def = image_default();
    char bytes[JSON_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    quote_not_finite(json, &text);
    struct json_document *document = json_parse("image", bytes, text.size_bytes, error);
    if (document == NULL)
        return false;
    bool is_read = image_read(json_top(document), &reading, &def, error);
    json_destroy(&document);
    *out_image = image_of(&def);
    return is_read;
}

/* As a catalogue has it. */
static struct image_def def_of(const struct tilth_image *image)
{
    return (struct image_def){
        .size_units = (uint16_t)image->size_units,
        .turns = image->turns != 0,
        .angle_units = image->angle_units,
        .offset_x_units = (int16_t)image->offset_x_units,
        .offset_y_units = (int16_t)image->offset_y_units,
    };
}

void commands_print_look(struct commands *commands, const struct tilth_image *image)
{
    struct text *output = &commands->output;
    struct image_def def = def_of(image);
    text_json_open(output, "image", '{');
    image_write(&def, output);
    if (image->custom[0] != 0)
        text_json_string(output, "custom_image", image->custom);
    else
        text_json_null(output, "custom_image");
    text_json_close(output, '}');
    text_json_open(output, "units", '{');
    text_json_number(output, "size", image->size_units);
    if (image->turns)
        text_json_null(output, "fixed_screen_angle");
    else
        text_json_number(output, "fixed_screen_angle", image->angle_units);
    text_json_number(output, "draw_offset_x", image->offset_x_units);
    text_json_number(output, "draw_offset_y", image->offset_y_units);
    text_json_close(output, '}');
}

bool commands_read_look(struct commands *commands, uint32_t word, struct tilth_image *out_image)
{
    struct error error;
    const char *json = commands->line + (commands->words[word] - commands->split);
    if (!read_look(json, out_image, &error)) {
        (void)commands_fail(commands, error.text);
        return false;
    }
    return true;
}

/* How what stands there is drawn now. */
static enum outcome show_look(struct commands *commands, int32_t x, int32_t y)
{
    struct tilth_image image;
    uint32_t number = 0;
    commands_pair(commands, "cell", x, y);
    if (!tilth_client_image(commands->client, x, y, &image, &number))
        return commands_fail(commands, number != 0 ? "how it is drawn is not known yet"
                                                   : "nothing in view stands there");
    text_json_number(&commands->output, "number", number);
    commands_print_look(commands, &image);
    return OUTCOME_OK;
}

enum outcome commands_image(struct commands *commands)
{
    struct tilth_error refusal;
    struct tilth_image image;
    int32_t x = 0, y = 0;
    if (!commands_cell(commands, 1, &x, &y))
        return OUTCOME_FAILED;
    if (commands->word_count == 3)
        return show_look(commands, x, y);
    if (!commands_read_look(commands, 3, &image))
        return OUTCOME_FAILED;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    commands_touch(commands, x, y);
    commands_print_look(commands, &image);
    return commands_asked(commands, tilth_client_modify(commands->client, x, y, &image, &refusal),
                          &refusal);
}

enum outcome commands_reset(struct commands *commands)
{
    struct tilth_error error;
    int32_t x = 0, y = 0;
    if (!commands_cell(commands, 1, &x, &y))
        return OUTCOME_FAILED;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    commands_touch(commands, x, y);
    return commands_asked(commands, tilth_client_reset(commands->client, x, y, &error), &error);
}
