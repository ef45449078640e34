#include "base/console_wire.h"

#include <string.h>

#include "base/ensure.h"
#include "base/text.h"

static const char progress[] = "progress";

bool console_wire_read_request(char *line, bool *out_is_json, const char **out_command)
{
    size_t word_size = strcspn(line, " \t\r");
    bool is_json = word_size == 4 && memcmp(line, "json", 4) == 0;
    bool is_text = word_size == 4 && memcmp(line, "text", 4) == 0;
    if (!is_json && !is_text)
        return false;
    char *command = line + word_size;
    command += strspn(command, " \t\r");
    size_t size = strlen(command);
    while (size > 0 && strchr(" \t\r", command[size - 1]) != NULL)
        size--;
    command[size] = 0;
    *out_is_json = is_json;
    *out_command = command;
    return true;
}

uint32_t console_wire_write_head(struct console_wire_head head,
                                 char out_line[CONSOLE_WIRE_HEAD_BYTES])
{
    ensure(head.size_bytes <= CONSOLE_WIRE_BODY_BYTES);
    struct text text;
    text_init(&text, out_line, CONSOLE_WIRE_HEAD_BYTES);
    if (head.is_last)
        text_add(&text, "%u %u\n", head.exit_code, head.size_bytes);
    else
        text_add(&text, "%s %u\n", progress, head.size_bytes);
    ensure(!text.is_cut);
    return (uint32_t)text.size_bytes;
}

bool console_wire_read_head(const char *line, struct console_wire_head *out_head)
{
    char word[CONSOLE_WIRE_HEAD_BYTES];
    size_t word_size = strcspn(line, " ");
    if (line[word_size] != ' ' || word_size >= sizeof word)
        return false;
    memcpy(word, line, word_size);
    word[word_size] = 0;
    bool is_last = strcmp(word, progress) != 0;
    int64_t exit_code = 0;
    int64_t size_bytes = 0;
    if (is_last && !text_parse_integer(word, 0, UINT8_MAX, &exit_code))
        return false;
    if (!text_parse_integer(line + word_size + 1, 0, CONSOLE_WIRE_BODY_BYTES, &size_bytes))
        return false;
    *out_head = (struct console_wire_head){is_last, (uint8_t)exit_code, (uint32_t)size_bytes};
    return true;
}
