#include "console/connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/text.h"

/* Says what a failed connect means to an operator. Always returns false. */
static bool explain(int code, const char *path, struct error *error)
{
    if (code == ENOENT)
        return error_set(error, "no server listens at %s; start one, or name its socket: --socket",
                         path);
    if (code == ECONNREFUSED)
        return error_set(error, "the server at %s has ended without cleaning up; start it again",
                         path);
    if (code == EACCES)
        return error_set(error, "the server at %s belongs to another user", path);
    return error_system(error, code, "%s", path);
}

bool connection_open(struct connection *connection, const char *path, struct error *error)
{
    *connection = (struct connection){.fd = -1};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(path);
    if (size == 0 || size > CONSOLE_WIRE_PATH_BYTES)
        return error_set(error, "%s: the path of a socket has 1 to %d bytes, not %zu", path,
                         CONSOLE_WIRE_PATH_BYTES, size);
    memcpy(address.sun_path, path, size + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_system(error, errno, "socket");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int code = errno;
        (void)close(fd);
        return explain(code, path, error);
    }
    connection->fd = fd;
    return true;
}

void connection_close(struct connection *connection)
{
    if (connection->fd >= 0)
        (void)close(connection->fd);
    connection->fd = -1;
}

bool connection_ask(struct connection *connection, bool is_json, const char *line,
                    struct error *error)
{
    char request[CONSOLE_WIRE_LINE_BYTES + 1];
    struct text text;
    text_init(&text, request, sizeof request);
    text_add(&text, "%s %s\n", is_json ? "json" : "text", line);
    ensure(!text.is_cut && strchr(line, '\n') == NULL);
    for (size_t sent = 0; sent < text.size_bytes;) {
        ssize_t size = send(connection->fd, request + sent, text.size_bytes - sent, MSG_NOSIGNAL);
        if (size < 0 && errno != EINTR)
            return error_system(error, errno, "the server does not listen any more");
        sent += size > 0 ? (size_t)size : 0;
    }
    return true;
}

/* Waits until at least one byte is there. */
static bool fill(struct connection *connection, struct error *error)
{
    while (connection->at == connection->size_bytes) {
        ssize_t size = recv(connection->fd, connection->bytes, sizeof connection->bytes, 0);
        if (size == 0)
            return error_set(error, "the server closed the connection");
        if (size < 0 && errno != EINTR)
            return error_system(error, errno, "the connection to the server failed");
        connection->at = 0;
        connection->size_bytes = size > 0 ? (size_t)size : 0;
    }
    return true;
}

static bool receive_head(struct connection *connection, struct console_wire_head *out_head,
                         struct error *error)
{
    char line[CONSOLE_WIRE_HEAD_BYTES];
    size_t size = 0;
    for (;;) {
        if (!fill(connection, error))
            return false;
        char byte = connection->bytes[connection->at++];
        if (byte == '\n')
            break;
        if (size == sizeof line - 1)
            return error_set(error, "that is not a tilth server");
        line[size++] = byte;
    }
    line[size] = 0;
    if (!console_wire_read_head(line, out_head))
        return error_set(error, "that is not a tilth server");
    return true;
}

bool connection_receive(struct connection *connection, struct console_wire_head *out_head,
                        char out_bytes[CONSOLE_WIRE_BODY_BYTES + 1], struct error *error)
{
    struct console_wire_head head;
    if (!receive_head(connection, &head, error))
        return false;
    for (size_t got = 0; got < head.size_bytes;) {
        if (!fill(connection, error))
            return false;
        size_t size = connection->size_bytes - connection->at;
        if (size > head.size_bytes - got)
            size = head.size_bytes - got;
        memcpy(out_bytes + got, connection->bytes + connection->at, size);
        connection->at += size;
        got += size;
    }
    out_bytes[head.size_bytes] = 0;
    *out_head = head;
    return true;
}
