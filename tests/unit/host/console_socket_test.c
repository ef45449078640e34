#include "host/console_socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "testing.h"

enum { STEPS = 8 };

struct place {
    char folder[64];
    char path[96];
};

static struct place make_place(void)
{
    struct place place = {.folder = "/tmp/tilth_console_XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(place.folder));
    (void)snprintf(place.path, sizeof place.path, "%s/console.sock", place.folder);
    return place;
}

static void remove_place(const struct place *place)
{
    (void)unlink(place->path);
    ck_assert_int_eq(rmdir(place->folder), 0);
}

static struct console_socket *open_socket(const struct place *place)
{
    struct error error = {0};
    struct console_socket *console = console_socket_open(place->path, &error);
    ck_assert_msg(console != NULL, "%s", error.text);
    return console;
}

static int dial(const struct place *place)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", place->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void step(struct console_socket *console)
{
    for (int i = 0; i < STEPS; i++)
        console_socket_step(console, (struct moment){.mono_us = 1000});
}

static void say(struct console_socket *console, int fd, const char *bytes)
{
    ck_assert_int_eq(send(fd, bytes, strlen(bytes), 0), (ssize_t)strlen(bytes));
    step(console);
}

/* What the client has got so far is exactly this. */
static void expect(int fd, const char *bytes)
{
    char got[4096] = {0};
    ssize_t size = recv(fd, got, sizeof got - 1, 0);
    ck_assert_int_ge(size, 0);
    ck_assert_str_eq(got, bytes);
}

static bool is_closed(int fd)
{
    char byte;
    return recv(fd, &byte, 1, 0) == 0;
}

static uint32_t expect_line(struct console_socket *console, bool is_json, const char *line)
{
    struct console_socket_request request;
    ck_assert(console_socket_next(console, &request));
    ck_assert_int_eq(request.is_json, is_json);
    ck_assert_str_eq(request.line, line);
    return request.client;
}

static void answer(struct console_socket *console, uint32_t client, uint8_t exit_code,
                   const char *words)
{
    struct console_socket_answer value = {client, true, exit_code, words, (uint32_t)strlen(words)};
    ck_assert(console_socket_answer(console, &value));
    step(console);
}

START_TEST(lines_and_answers_take_turns)
{
    struct place place = make_place();
    struct console_socket *console = open_socket(&place);
    struct console_socket_request request;
    int fd = dial(&place);
    say(console, fd, "text sta");
    ck_assert(!console_socket_next(console, &request));
    say(console, fd, "tus \njson help\ntext");
    uint32_t client = expect_line(console, false, "status");
    ck_assert(!console_socket_next(console, &request)); /* the second waits for the answer */
    struct console_socket_answer progress = {client, false, 0, "half", 4};
    ck_assert(console_socket_answer(console, &progress));
    ck_assert(!console_socket_next(console, &request));
    answer(console, client, 3, "done\n");
    expect(fd, "progress 4\nhalf3 5\ndone\n");
    ck_assert_uint_eq(expect_line(console, true, "help"), client);
    answer(console, client, 0, "");
    expect(fd, "0 0\n");
    (void)close(fd);
    step(console);
    console_socket_close(&console);
    remove_place(&place);
}
END_TEST

START_TEST(half_closed_client_gets_its_answer)
{
    struct place place = make_place();
    struct console_socket *console = open_socket(&place);
    int fd = dial(&place);
    say(console, fd, "text a\ntext b\n");
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
    step(console);
    answer(console, expect_line(console, false, "a"), 0, "A");
    step(console);
    answer(console, expect_line(console, false, "b"), 0, "B");
    expect(fd, "0 1\nA0 1\nB");
    ck_assert(is_closed(fd));
    (void)close(fd);
    console_socket_close(&console);
    remove_place(&place);
}
END_TEST

START_TEST(answer_to_a_gone_client_is_dropped)
{
    struct place place = make_place();
    struct console_socket *console = open_socket(&place);
    int first = dial(&place);
    say(console, first, "text a\n");
    uint32_t client = expect_line(console, false, "a");
    (void)close(first);
    step(console);
    int second = dial(&place); /* takes the same place */
    say(console, second, "text b\n");
    struct console_socket_answer late = {client, true, 0, "late", 4};
    ck_assert(!console_socket_answer(console, &late));
    answer(console, expect_line(console, false, "b"), 0, "B");
    expect(second, "0 1\nB");
    (void)close(second);
    console_socket_close(&console);
    remove_place(&place);
}
END_TEST

START_TEST(garbage_and_long_lines_are_answered_in_words)
{
    struct place place = make_place();
    struct console_socket *console = open_socket(&place);
    struct console_socket_request request;
    int fd = dial(&place);
    say(console, fd, "GET / HTTP/1.0\n");
    ck_assert(!console_socket_next(console, &request));
    step(console);
    expect(fd, "64 35\na request begins with text or json\n");
    ck_assert(is_closed(fd));
    (void)close(fd);
    fd = dial(&place);
    char line[CONSOLE_WIRE_LINE_BYTES + 1];
    memset(line, 'x', sizeof line);
    line[CONSOLE_WIRE_LINE_BYTES] = 0;
    say(console, fd, line);
    expect(fd, "64 37\nthe line is longer than 131072 bytes\n");
    ck_assert(is_closed(fd));
    (void)close(fd);
    console_socket_close(&console);
    remove_place(&place);
}
END_TEST

START_TEST(clients_are_bounded)
{
    struct place place = make_place();
    struct console_socket *console = open_socket(&place);
    int fds[CONSOLE_SOCKET_CLIENTS];
    for (int i = 0; i < CONSOLE_SOCKET_CLIENTS; i++) {
        fds[i] = dial(&place);
        step(console);
    }
    int late = dial(&place);
    step(console);
    expect(late, "69 44\nthe console has as many clients as it takes\n");
    ck_assert(is_closed(late));
    (void)close(late);
    (void)close(fds[3]);
    step(console);
    late = dial(&place);
    say(console, late, "text hello\n");
    (void)expect_line(console, false, "hello");
    (void)close(late);
    for (int i = 0; i < CONSOLE_SOCKET_CLIENTS; i++)
        (void)(i != 3 && close(fds[i]));
    console_socket_close(&console);
    remove_place(&place);
}
END_TEST

START_TEST(who_does_not_read_is_sent_away)
{
    static char much[CONSOLE_WIRE_BODY_BYTES];
    struct place place = make_place();
    struct console_socket *console = open_socket(&place);
    int fd = dial(&place);
    say(console, fd, "text a\n");
    uint32_t client = expect_line(console, false, "a");
    struct console_socket_answer progress = {client, false, 0, much, sizeof much};
    int count = 0;
    while (count < 100 && console_socket_answer(console, &progress)) {
        step(console);
        count++;
    }
    ck_assert_int_ge(count, 2);
    ck_assert_int_lt(count, 100);
    (void)close(fd);

    fd = dial(&place);
    say(console, fd, "text a\n");
    progress.client = expect_line(console, false, "a");
    for (int i = 0; i < 2; i++) {
        ck_assert(console_socket_answer(console, &progress));
        step(console);
    }
    struct moment later = {.mono_us = 2000 + CONSOLE_SOCKET_STUCK_US};
    console_socket_step(console, later);
    console_socket_step(console, later);
    ck_assert(!console_socket_answer(console, &progress));
    (void)close(fd);
    console_socket_close(&console);
    remove_place(&place);
}
END_TEST

START_TEST(path_is_private_and_goes_away)
{
    struct place place = make_place();
    struct stat status;
    mode_t mask = umask(0);
    struct console_socket *console = open_socket(&place);
    ck_assert_int_eq((int)umask(mask), 0);
    ck_assert_int_eq(stat(place.path, &status), 0);
    ck_assert_int_eq((int)(status.st_mode & 0777), 0600);
    console_socket_close(&console);
    ck_assert_int_ne(stat(place.path, &status), 0);
    console_socket_close(&console);
    remove_place(&place);
}
END_TEST

START_TEST(stale_socket_is_replaced_and_a_living_one_is_not)
{
    struct place place = make_place();
    struct error error = {0};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", place.path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    (void)close(fd); /* as a killed server leaves it */
    struct console_socket *console = open_socket(&place);
    ck_assert_ptr_null(console_socket_open(place.path, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "another server"));
    (void)close(dial(&place)); /* still there */
    console_socket_close(&console);

    (void)close(open(place.path, O_CREAT | O_WRONLY, 0600));
    ck_assert_ptr_null(console_socket_open(place.path, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "something else"));
    remove_place(&place);
}
END_TEST

START_TEST(bad_paths_are_refused_in_words)
{
    struct error error = {0};
    char path[128];
    memset(path, 'x', sizeof path);
    path[108] = 0;
    ck_assert_ptr_null(console_socket_open(path, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "108 bytes"));
    ck_assert_ptr_null(console_socket_open("/tmp/tilth_none/nor_this/console.sock", &error));
    ck_assert_ptr_nonnull(strstr(error.text, "No such file"));
}
END_TEST

TESTING_MAIN("console_socket", lines_and_answers_take_turns, half_closed_client_gets_its_answer,
             answer_to_a_gone_client_is_dropped, garbage_and_long_lines_are_answered_in_words,
             clients_are_bounded, who_does_not_read_is_sent_away, path_is_private_and_goes_away,
             stale_socket_is_replaced_and_a_living_one_is_not, bad_paths_are_refused_in_words)
