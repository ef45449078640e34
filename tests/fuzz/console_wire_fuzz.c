/* What is read on the console's socket, at both ends. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/console_wire.h"
#include "base/ensure.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char line[CONSOLE_WIRE_LINE_BYTES];
    size_t size = size_bytes < sizeof line ? size_bytes : sizeof line - 1;
    memcpy(line, bytes, size);
    line[size] = 0;
    struct console_wire_head head;
    if (console_wire_read_head(line, &head)) {
        char written[CONSOLE_WIRE_HEAD_BYTES];
        ensure(head.size_bytes <= CONSOLE_WIRE_BODY_BYTES);
        (void)console_wire_write_head(head, written);
    }
    bool is_json = false;
    const char *command = NULL;
    if (console_wire_read_request(line, &is_json, &command))
        ensure(command >= line && command <= line + strlen(line));
    return 0;
}
