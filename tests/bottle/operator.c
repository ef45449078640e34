#include "bottle/operator.h"

#include <string.h>

#include "host/console_line.h"
#include "testing.h"

enum { ANSWER_MS = 15000 };

bool operator_type(struct bottle *bottle, const char *line, bool is_json)
{
    uint8_t record[CONSOLE_LINE_RECORD_BYTES];
    struct image_painter painter = painter_of(bottle->server.console_painter);
    struct console_line_source source = {
        .client = 1,
        .is_json = is_json,
        .line = line,
        .image = {bottle->settings.image_size_px_max, &painter},
    };
    uint32_t size = console_line_make(&source, record);
    return size > 0 && ring_write(&bottle->server.lines, record, size);
}

const char *operator_answer(struct bottle *bottle, uint32_t *out_exit_code)
{
    static char words[CONSOLE_ANSWER_BYTES + 1];
    struct ring_cursor cursor = ring_first(&bottle->server.answers);
    struct console_answer answer;
    uint32_t size = 0;
    const uint8_t *bytes = ring_read(&bottle->server.answers, &cursor, &size);
    if (bytes == NULL)
        return NULL;
    memcpy(&answer, bytes, sizeof answer);
    memcpy(words, bytes + sizeof answer, answer.size_bytes);
    words[answer.size_bytes] = 0;
    *out_exit_code = answer.exit_code;
    ring_release(&bottle->server.answers, cursor);
    return words;
}

static const char *ask(struct bottle *bottle, const char *line, bool is_json,
                       uint32_t *out_exit_code)
{
    const char *words = NULL;
    ck_assert(operator_type(bottle, line, is_json));
    BOTTLE_UNTIL(bottle, ANSWER_MS, (words = operator_answer(bottle, out_exit_code)) != NULL);
    ck_assert_msg(words != NULL, "%s: no answer", line);
    return words;
}

uint32_t operator_ask(struct bottle *bottle, const char *line)
{
    uint32_t exit_code = 0;
    (void)ask(bottle, line, false, &exit_code);
    return exit_code;
}

const char *operator_read(struct bottle *bottle, const char *line, uint32_t exit_code)
{
    uint32_t found = 0;
    const char *words = ask(bottle, line, false, &found);
    ck_assert_msg(found == exit_code, "%s: %u, %s", line, found, words);
    return words;
}

const char *operator_read_json(struct bottle *bottle, const char *line, uint32_t exit_code)
{
    uint32_t found = 0;
    const char *words = ask(bottle, line, true, &found);
    ck_assert_msg(found == exit_code, "%s: %u, %s", line, found, words);
    return words;
}
