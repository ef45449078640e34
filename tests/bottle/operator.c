#include "bottle/operator.h"

#include <string.h>

#include "testing.h"

enum { ANSWER_MS = 15000 };

uint32_t operator_ask(struct bottle *bottle, const char *line)
{
    uint8_t record[sizeof(struct console_line) + CONSOLE_LINE_BYTES];
    struct console_line head = {.client = 1, .size_bytes = (uint32_t)strlen(line)};
    memcpy(record, &head, sizeof head);
    memcpy(record + sizeof head, line, head.size_bytes);
    ck_assert(ring_write(&bottle->server.lines, record, (uint32_t)sizeof head + head.size_bytes));
    struct ring_cursor cursor = ring_first(&bottle->server.answers);
    uint32_t size = 0;
    const struct console_answer *answer = NULL;
    BOTTLE_UNTIL(bottle, ANSWER_MS, (answer = ring_read(&bottle->server.answers, &cursor, &size)));
    ck_assert_ptr_nonnull(answer);
    uint32_t exit_code = answer->exit_code;
    ring_release(&bottle->server.answers, cursor);
    return exit_code;
}
