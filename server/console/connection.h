/* connection.h - the console program's end of the server's socket (base/console_wire.h).
 *
 * Blocking: the program has nothing else to do. Main thread; the memory is the caller's. */
#ifndef TILTH_CONSOLE_CONNECTION_H
#define TILTH_CONSOLE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/console_wire.h"
#include "base/error.h"

struct connection {
    int fd; /* -1: none */
    size_t at, size_bytes;
    char bytes[4096]; /* received and not yet used: [at, size_bytes) */
};

/* Connects; the error says what to do about it. */
bool connection_open(struct connection *connection, const char *path, struct error *error);
void connection_close(struct connection *connection); /* A closed one is allowed. */

/* Of a command: with "text ", an end of line and a zero it fills a line. */
enum { CONNECTION_COMMAND_BYTES = CONSOLE_WIRE_LINE_BYTES - 6 };

/* Sends a command, which is one line of CONNECTION_COMMAND_BYTES at most. */
bool connection_ask(struct connection *connection, bool is_json, const char *line,
                    struct error *error);

/* Receives the next part of the answer; the bytes get a 0 behind them. */
bool connection_receive(struct connection *connection, struct console_wire_head *out_head,
                        char out_bytes[CONSOLE_WIRE_BODY_BYTES + 1], struct error *error);

#endif
