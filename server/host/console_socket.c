#include "host/console_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"

_Static_assert(sizeof((struct sockaddr_un *)0)->sun_path == CONSOLE_WIRE_PATH_BYTES + 1, "unix(7)");

enum { LISTENER = CONSOLE_SOCKET_CLIENTS, EVENTS_MAX = CONSOLE_SOCKET_CLIENTS + 1 };

struct client {
    int fd;         /* -1: the place is free */
    uint32_t id;    /* 0 when free */
    bool is_asking; /* a request was handed out and not yet answered to the end */
    bool is_ending; /* it sends nothing more, or shall not be listened to any more */
    uint32_t input_bytes;
    uint32_t output_at, output_bytes; /* what is to be sent: [output_at, output_bytes) */
    uint64_t moved_us;                /* when output was last empty or last went on */
    char input[CONSOLE_WIRE_LINE_BYTES];
    char output[CONSOLE_SOCKET_OUTPUT_BYTES];
};

struct console_socket {
    int listener;
    int epoll;
    uint32_t last_id;
    uint32_t turn; /* the client that is looked at first by the next call of next */
    dev_t device;  /* of the path, so that only our own is removed */
    ino_t inode;
    struct sockaddr_un address;
    struct client clients[CONSOLE_SOCKET_CLIENTS];
};

static bool has_output(const struct client *client)
{
    return client->output_at < client->output_bytes;
}

/* The end of the first whole line in the input, or NULL. */
static char *find_line_end(struct client *client)
{
    return memchr(client->input, '\n', client->input_bytes);
}

/* Says what epoll shall report: input only while there is room and no request under way, so that
 * who sends without end only fills his own buffer. */
static void watch(struct console_socket *socket, uint32_t index)
{
    struct client *client = &socket->clients[index];
    bool is_reading = !client->is_ending && !client->is_asking && find_line_end(client) == NULL;
    struct epoll_event event = {.data.u32 = index};
    if (is_reading)
        event.events |= EPOLLIN;
    if (has_output(client))
        event.events |= EPOLLOUT;
    ensure(epoll_ctl(socket->epoll, EPOLL_CTL_MOD, client->fd, &event) == 0);
}

static void drop(struct client *client)
{
    (void)close(client->fd);
    *client = (struct client){.fd = -1};
}

/* Appends to the client's output; false when it does not fit. */
static bool push(struct client *client, struct console_wire_head head, const char *bytes)
{
    char line[CONSOLE_WIRE_HEAD_BYTES];
    uint32_t line_bytes = console_wire_write_head(head, line);
    if (client->output_at > 0) {
        client->output_bytes -= client->output_at;
        memmove(client->output, client->output + client->output_at, client->output_bytes);
        client->output_at = 0;
    }
    if (line_bytes + head.size_bytes > sizeof client->output - client->output_bytes)
        return false;
    memcpy(client->output + client->output_bytes, line, line_bytes);
    memcpy(client->output + client->output_bytes + line_bytes, bytes, head.size_bytes);
    client->output_bytes += line_bytes + head.size_bytes;
    return true;
}

/* Answers what is not worth to be handed out, and ends the connection behind it. */
static void refuse(struct client *client, uint8_t exit_code, const char *words)
{
    struct console_wire_head head = {true, exit_code, (uint32_t)strlen(words)};
    client->is_ending = true;
    client->input_bytes = 0;
    (void)push(client, head, words);
}

/* Is it a program of the same user, or of root? The mode of the path says so already, but not
 * everywhere. */
static bool is_own(int fd)
{
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    return peer.uid == geteuid() || peer.uid == 0;
}

/* Tells a connection for which there is no place, in the form of an answer. */
static void turn_away(int fd)
{
    static const char words[] = "the console has as many clients as it takes\n";
    char answer[CONSOLE_WIRE_HEAD_BYTES + sizeof words];
    struct console_wire_head head = {true, CONSOLE_WIRE_UNAVAILABLE, sizeof words - 1};
    uint32_t size = console_wire_write_head(head, answer);
    memcpy(answer + size, words, sizeof words - 1);
    (void)send(fd, answer, size + sizeof words - 1, MSG_NOSIGNAL);
    (void)close(fd);
}

static void take_client(struct console_socket *socket, int fd, struct moment now)
{
    uint32_t index = 0;
    while (index < CONSOLE_SOCKET_CLIENTS && socket->clients[index].fd >= 0)
        index++;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
    if (!is_own(fd)) {
        log_warning("console", "refused a connection of another user");
        (void)close(fd);
    } else if (index == CONSOLE_SOCKET_CLIENTS) {
        turn_away(fd);
    } else if (epoll_ctl(socket->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        log_warning("console", "cannot watch a connection: %s", strerror(errno));
        (void)close(fd);
    } else {
        struct client *client = &socket->clients[index];
        *client = (struct client){.fd = fd, .id = ++socket->last_id, .moved_us = now.mono_us};
    }
}

static void take_clients(struct console_socket *socket, struct moment now)
{
    for (uint32_t i = 0; i < CONSOLE_SOCKET_CLIENTS; i++) {
        int fd = accept4(socket->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        take_client(socket, fd, now);
    }
}

/* Reads once what fits; false when the connection failed. */
static bool receive(struct client *client)
{
    size_t room = sizeof client->input - client->input_bytes;
    ssize_t size = recv(client->fd, client->input + client->input_bytes, room, 0);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    client->is_ending |= size == 0;
    client->input_bytes += (uint32_t)size;
    if (client->input_bytes == sizeof client->input && find_line_end(client) == NULL)
        refuse(client, CONSOLE_WIRE_USAGE, "the line is longer than 131072 bytes\n");
    return true;
}

/* Sends what the socket takes; false when the connection failed. */
static bool send_output(struct client *client, struct moment now)
{
    while (has_output(client)) {
        ssize_t size = send(client->fd, client->output + client->output_at,
                            client->output_bytes - client->output_at, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return errno == EAGAIN && now.mono_us - client->moved_us < CONSOLE_SOCKET_STUCK_US;
        client->output_at += (uint32_t)size;
        client->moved_us = now.mono_us;
    }
    client->output_at = 0;
    client->output_bytes = 0;
    client->moved_us = now.mono_us;
    return true;
}

/* Is there nothing more to do for the client? */
static bool is_done(struct client *client)
{
    return client->is_ending && !client->is_asking && !has_output(client) &&
           find_line_end(client) == NULL;
}

static void step_client(struct console_socket *socket, uint32_t index, uint32_t events,
                        struct moment now)
{
    struct client *client = &socket->clients[index];
    if (client->fd < 0)
        return;
    bool is_good = (events & EPOLLERR) == 0;
    if (is_good && (events & EPOLLIN) != 0)
        is_good = receive(client);
    if (is_good)
        is_good = send_output(client, now);
    /* A hang-up with a whole line in hand is somebody who does not wait for the answer. */
    if ((events & EPOLLHUP) != 0 && (client->is_asking || find_line_end(client) == NULL))
        is_good = false;
    if (!is_good || is_done(client))
        drop(client);
    else
        watch(socket, index);
}

void console_socket_step(struct console_socket *socket, struct moment now)
{
    struct epoll_event events[EVENTS_MAX];
    uint32_t reported[EVENTS_MAX] = {0};
    int count = epoll_wait(socket->epoll, events, EVENTS_MAX, 0);
    for (int i = 0; i < count; i++)
        reported[events[i].data.u32] = events[i].events;
    for (uint32_t i = 0; i < CONSOLE_SOCKET_CLIENTS; i++)
        step_client(socket, i, reported[i], now);
    if (reported[LISTENER] != 0)
        take_clients(socket, now);
}

/* Takes the first line of the client's input; false when there is none, or it was refused. */
static bool take_line(struct client *client, struct console_socket_request *out_request)
{
    char *end = find_line_end(client);
    if (end == NULL)
        return false;
    char line[CONSOLE_WIRE_LINE_BYTES];
    uint32_t size = (uint32_t)(end - client->input);
    memcpy(line, client->input, size);
    line[size] = 0;
    client->input_bytes -= size + 1;
    memmove(client->input, end + 1, client->input_bytes);

    const char *command = NULL;
    bool is_json = false;
    if (strlen(line) != size || !console_wire_read_request(line, &is_json, &command)) {
        refuse(client, CONSOLE_WIRE_USAGE, "a request begins with text or json\n");
        return false;
    }
    *out_request = (struct console_socket_request){.client = client->id, .is_json = is_json};
    memcpy(out_request->line, command, strlen(command) + 1);
    client->is_asking = true;
    return true;
}

bool console_socket_next(struct console_socket *socket, struct console_socket_request *out_request)
{
    for (uint32_t i = 0; i < CONSOLE_SOCKET_CLIENTS; i++) {
        uint32_t index = socket->turn++ % CONSOLE_SOCKET_CLIENTS;
        struct client *client = &socket->clients[index];
        if (client->fd < 0 || client->is_asking)
            continue;
        bool has_line = take_line(client, out_request);
        watch(socket, index);
        if (has_line)
            return true;
    }
    return false;
}

bool console_socket_answer(struct console_socket *socket,
                           const struct console_socket_answer *answer)
{
    uint32_t index = 0;
    while (index < CONSOLE_SOCKET_CLIENTS && socket->clients[index].id != answer->client)
        index++;
    if (index == CONSOLE_SOCKET_CLIENTS || answer->client == 0)
        return false;
    struct client *client = &socket->clients[index];
    ensure(client->is_asking);
    uint32_t size_bytes = answer->size_bytes;
    if (size_bytes > CONSOLE_WIRE_BODY_BYTES)
        size_bytes = CONSOLE_WIRE_BODY_BYTES;
    struct console_wire_head head = {answer->is_last, answer->exit_code, size_bytes};
    if (!push(client, head, answer->bytes)) {
        log_warning("console", "a client does not read its answers: sent away");
        drop(client);
        return false;
    }
    client->is_asking = !answer->is_last;
    watch(socket, index);
    return true;
}

/* Removes a socket that nobody answers on. */
static bool remove_stale(const struct sockaddr_un *address, struct error *error)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0)
        return errno == ENOENT ||
               error_system(error, errno, "console socket %s", address->sun_path);
    if (!S_ISSOCK(status.st_mode))
        return error_set(error, "console socket %s: there is something else", address->sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_system(error, errno, "console socket");
    int code = 0;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0)
        code = errno;
    (void)close(fd);
    if (code != ECONNREFUSED)
        return error_set(error, "console socket %s: another server answers on it",
                         address->sun_path);
    if (unlink(address->sun_path) != 0)
        return error_system(error, errno, "console socket %s", address->sun_path);
    return true;
}

static void make_folder(const char *path)
{
    char folder[CONSOLE_WIRE_PATH_BYTES + 1];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return;
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = 0;
    (void)mkdir(folder, 0700); /* where it fails, bind says why */
}

/* Makes the path, with mode 0600 from the first moment on. */
static bool bind_path(struct console_socket *socket, struct error *error)
{
    const struct sockaddr_un *address = &socket->address;
    make_folder(address->sun_path);
    mode_t mask = umask(0177);
    int result = bind(socket->listener, (const struct sockaddr *)address, sizeof *address);
    int code = errno;
    (void)umask(mask);
    if (result != 0)
        return error_system(error, code, "console socket %s", address->sun_path);
    struct stat status;
    if (lstat(address->sun_path, &status) != 0)
        return error_system(error, errno, "console socket %s", address->sun_path);
    socket->device = status.st_dev;
    socket->inode = status.st_ino;
    return true;
}

static bool start(struct console_socket *console, struct error *error)
{
    console->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    console->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (console->listener < 0 || console->epoll < 0)
        return error_system(error, errno, "console socket");
    if (!remove_stale(&console->address, error) || !bind_path(console, error))
        return false;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = LISTENER};
    if (listen(console->listener, CONSOLE_SOCKET_CLIENTS) != 0 ||
        epoll_ctl(console->epoll, EPOLL_CTL_ADD, console->listener, &event) != 0)
        return error_system(error, errno, "console socket %s", console->address.sun_path);
    return true;
}

struct console_socket *console_socket_open(const char *path, struct error *error)
{
    size_t size = strlen(path);
    if (size == 0 || size > CONSOLE_WIRE_PATH_BYTES) {
        (void)error_set(error, "console socket %s: the path has %zu bytes, a socket's has 1 to %d",
                        path, size, CONSOLE_WIRE_PATH_BYTES);
        return NULL;
    }
    struct console_socket *socket = memory_reserve("console", 1, sizeof *socket);
    socket->listener = -1;
    socket->epoll = -1;
    socket->address.sun_family = AF_UNIX;
    memcpy(socket->address.sun_path, path, size + 1);
    for (uint32_t i = 0; i < CONSOLE_SOCKET_CLIENTS; i++)
        socket->clients[i].fd = -1;
    if (!start(socket, error))
        console_socket_close(&socket);
    return socket;
}

void console_socket_close(struct console_socket **socket)
{
    struct console_socket *console = *socket;
    if (console == NULL)
        return;
    for (uint32_t i = 0; i < CONSOLE_SOCKET_CLIENTS; i++) {
        if (console->clients[i].fd >= 0)
            (void)close(console->clients[i].fd);
    }
    struct stat status;
    if (console->inode != 0 && lstat(console->address.sun_path, &status) == 0 &&
        status.st_dev == console->device && status.st_ino == console->inode)
        (void)unlink(console->address.sun_path);
    if (console->listener >= 0)
        (void)close(console->listener);
    if (console->epoll >= 0)
        (void)close(console->epoll);
    memory_release(console);
    *socket = NULL;
}

int console_socket_fd(const struct console_socket *socket)
{
    return socket->epoll;
}
