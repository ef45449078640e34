/* console_socket.h - where operators connect: the unix socket of the console.
 *
 * Speaks base/console_wire.h. Reads lines of at most CONSOLE_SOCKET_CLIENTS programs of this user
 * (or root), hands them out as values, takes answers back. Never blocks, calls nobody: poll
 * console_socket_fd (wake_wait takes it), then console_socket_step, then console_socket_next until
 * it is false. A client has one request under way; its next line is read after the last answer. Who
 * does not read his answers for CONSOLE_SOCKET_STUCK_US is sent away. Owner: the main thread.
 * Memory: reserved at open, under 18 MiB. */
#ifndef TILTH_HOST_CONSOLE_SOCKET_H
#define TILTH_HOST_CONSOLE_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/console_wire.h"
#include "base/error.h"

enum {
    CONSOLE_SOCKET_CLIENTS = 8,
    CONSOLE_SOCKET_OUTPUT_BYTES = 2 * (CONSOLE_WIRE_BODY_BYTES + CONSOLE_WIRE_HEAD_BYTES),
    CONSOLE_SOCKET_STUCK_US = 10 * 1000 * 1000,
};

struct console_socket;

/* A line to execute. */
struct console_socket_request {
    uint32_t client; /* who asked; never given to another connection */
    bool is_json;
    char line[CONSOLE_WIRE_LINE_BYTES]; /* 0-ended, without blanks around it; may be empty */
};

struct console_socket_answer {
    uint32_t client;
    bool is_last;      /* false: progress, more follows */
    uint8_t exit_code; /* of the last one */
    const char *bytes;
    uint32_t size_bytes; /* what is beyond CONSOLE_WIRE_BODY_BYTES is cut off */
};

/* Listens at the path with mode 0600; makes its folder (0700) when only that is missing. A socket
 * that nobody answers on any more is replaced. NULL and the error for one that is answered, for
 * something that is no socket, and for a path of more than 107 bytes. Changes the umask for a
 * moment: before other threads start. */
struct console_socket *console_socket_open(const char *path, struct error *error);
void console_socket_close(struct console_socket **socket); /* Removes the path; NULL-safe. */

/* Readable whenever a step has something to do. */
int console_socket_fd(const struct console_socket *socket);

/* Takes in connections and lines, sends answers on. */
void console_socket_step(struct console_socket *socket, struct moment now);

/* The next line, in turn over the clients; false when there is none. */
bool console_socket_next(struct console_socket *socket, struct console_socket_request *out_request);

/* Queues an answer. False when the client is gone, or has been sent away as it does not read. */
bool console_socket_answer(struct console_socket *socket,
                           const struct console_socket_answer *answer);

#endif
