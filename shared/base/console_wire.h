/* console_wire.h - how the operator's program and the server talk over the console's unix socket.
 *
 * A request is one line, `text <command line>\n` or `json <command line>\n`. Its answer is any
 * number of `progress <size>\n<bytes>` and then `<exit code> <size>\n<bytes>`. Several requests may
 * follow each other on a connection; answers come in their order. Pure functions, any thread. See
 * server/host/console_socket.c and server/console/. */
#ifndef TILTH_BASE_CONSOLE_WIRE_H
#define TILTH_BASE_CONSOLE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CONSOLE_WIRE_LINE_BYTES = 128 << 10, /* a request with its end of line; with a picture in it */
    CONSOLE_WIRE_HEAD_BYTES = 32,        /* `progress 1048576\n` with room to spare, and a 0 */
    CONSOLE_WIRE_BODY_BYTES = 1 << 20,
    CONSOLE_WIRE_PATH_BYTES = 107, /* the longest path of a unix socket on Linux, unix(7) */
};

/* Exit codes, as sysexits.h has them. */
enum {
    CONSOLE_WIRE_OK = 0,
    CONSOLE_WIRE_FAILED = 1,
    CONSOLE_WIRE_USAGE = 64,
    CONSOLE_WIRE_UNAVAILABLE = 69,
};

/* What stands before the bytes of an answer. */
struct console_wire_head {
    bool is_last;        /* false: progress */
    uint8_t exit_code;   /* of the last one */
    uint32_t size_bytes; /* at most CONSOLE_WIRE_BODY_BYTES */
};

/* Reads a request without its end of line; *out_command points into it, without blanks around it
 * (those behind are cut off in place). False when it is neither text nor json. */
bool console_wire_read_request(char *line, bool *out_is_json, const char **out_command);

/* Writes the head with its end of line and a 0; returns its size without the 0. */
uint32_t console_wire_write_head(struct console_wire_head head,
                                 char out_line[CONSOLE_WIRE_HEAD_BYTES]);

/* Reads a head without its end of line; false when it is none, or promises too many bytes. */
bool console_wire_read_head(const char *line, struct console_wire_head *out_head);

#endif
