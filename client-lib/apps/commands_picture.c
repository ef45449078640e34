/* The commands by which pictures go to the world and come from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands_parts.h"
#include "grid/grid.h"

enum { FILE_BYTES_MAX = 1 << 20, UPLOAD_MS_MAX = 120000, PICTURE_BYTES_MAX = 1 << 16 };

/* Sends the file; false and the error. */
static bool send_file(struct commands *commands, const char *path)
{
    struct tilth_error error;
    uint8_t *bytes = malloc(FILE_BYTES_MAX + 1);
    FILE *file = fopen(path, "rbe");
    if (file == NULL || bytes == NULL) {
        free(bytes);
        (void)commands_fail(commands, "the file cannot be read");
        return false;
    }
    size_t size = fread(bytes, 1, FILE_BYTES_MAX + 1, file);
    bool is_read = ferror(file) == 0;
    (void)fclose(file);
    if (!is_read) {
        free(bytes);
        (void)commands_fail(commands, "the file cannot be read");
        return false;
    }
    commands->is_upload_done = false;
    commands->upload = tilth_client_upload(commands->client, bytes, size, &error);
    free(bytes);
    if (commands->upload == 0)
        (void)commands_fail(commands, error.text);
    return commands->upload != 0;
}

enum outcome commands_image_file(struct commands *commands)
{
    int32_t x = 0, y = 0;
    struct tilth_image image;
    if (!commands_cell(commands, 1, &x, &y) ||
        (commands->word_count > 4 && !commands_read_look(commands, 4, &image)) ||
        !send_file(commands, commands->words[3]))
        return OUTCOME_FAILED;
    commands->until_ms = commands->now_ms + UPLOAD_MS_MAX;
    return OUTCOME_RUNNING;
}

/* How the picture shall be drawn: as the JSON says, or as what stands there is now. */
static bool choose_look(struct commands *commands, struct cell_pos cell,
                        struct tilth_image *out_image)
{
    if (commands->word_count > 4)
        return commands_read_look(commands, 4, out_image);
    if (tilth_client_image(commands->client, cell.x, cell.y, out_image, NULL))
        return true;
    (void)commands_fail(commands, "nothing in view stands there");
    return false;
}

static enum outcome draw(struct commands *commands)
{
    struct tilth_error error;
    struct tilth_image image;
    struct cell_pos cell = {0, 0};
    if (!commands_cell(commands, 1, &cell.x, &cell.y) || !choose_look(commands, cell, &image))
        return OUTCOME_FAILED;
    memcpy(image.custom, commands->upload_text, sizeof image.custom - 1);
    image.custom[sizeof image.custom - 1] = 0;
    commands->upload = 0;
    commands_touch(commands, cell.x, cell.y);
    commands_print_look(commands, &image);
    return commands_asked(
        commands, tilth_client_modify(commands->client, cell.x, cell.y, &image, &error), &error);
}

enum outcome commands_run_image_file(struct commands *commands)
{
    if (!commands->is_upload_done && commands->now_ms < commands->until_ms)
        return OUTCOME_RUNNING;
    if (commands->is_upload_done && commands->is_upload_kept)
        return commands_must_wait(commands) ? OUTCOME_RUNNING : draw(commands);
    commands->upload = 0;
    return commands_fail(commands, commands->is_upload_done ? commands->upload_text
                                                            : "no answer to the picture came");
}

enum outcome commands_picture(struct commands *commands)
{
    uint8_t bytes[PICTURE_BYTES_MAX];
    size_t size = tilth_client_picture(commands->client, commands->words[1], bytes, sizeof bytes);
    if (size == 0)
        return commands_fail(commands, "no such picture has come");
    FILE *file = fopen(commands->words[2], "wbe");
    bool is_written = file != NULL && fwrite(bytes, 1, size, file) == size;
    is_written = file != NULL && fclose(file) == 0 && is_written;
    text_json_number(&commands->output, "bytes", (int64_t)size);
    return is_written ? OUTCOME_OK : commands_fail(commands, "the file cannot be written");
}
