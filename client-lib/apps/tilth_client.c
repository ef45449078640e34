/* tilth-client: a player without a picture, for scripts and tests. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "commands.h"

enum {
    POLL_MS = 5,
    READY_MS = 5000,    /* the chunks around the player are waited for as long as this */
    AWAY_MS = 60000,    /* a lost connection, too */
    GOODBYE_MS = 10000, /* and answers, at the end */
    LINES_PER_ROUND = 64,
    INPUT_BYTES = 1 << 16,
    PATH_BYTES = 512,
};

struct arguments {
    const char *server;
    const char *name;
    const char *key;
    bool is_strict;
    bool has_commands; /* -c was given: standard input is not read */
};

/* Lines that wait, divided by line ends or, from -c, semicolons. */
struct input {
    char bytes[INPUT_BYTES];
    size_t size_bytes;
    bool is_at_end;
};

struct program {
    struct arguments arguments;
    struct input input;
    struct tilth_client *client;
    struct commands commands;
    char address[INET_ADDRSTRLEN];
    char key_path[PATH_BYTES];
    bool was_connected;
    bool is_over;          /* the connection is, for good */
    uint64_t available_ms; /* when commands could last be run, or the connection was made */
};

static void print_usage(void)
{
    printf(
        "Usage: tilth-client [--server ADDR[:PORT]] [--name NAME] [--key FILE] [--strict]\n"
        "                    [-c \"COMMAND; COMMAND\"]...\n"
        "Plays without a picture: commands from -c or standard input, one JSON object per line\n"
        "out. The server is TILTH_SERVER or 127.0.0.1:7400, the name is USER, the key that owns\n"
        "the name is kept in ~/.tilth/client.key. Exit code 1: could not connect, or with\n"
        "--strict a command was refused or failed; 2: wrong usage. Commands:\n");
    commands_help();
}

static bool add_input(struct input *input, const char *text)
{
    size_t size = strlen(text);
    if (size + 1 >= sizeof input->bytes - input->size_bytes)
        return false;
    for (size_t i = 0; i < size; i++)
        input->bytes[input->size_bytes++] = text[i] == ';' ? '\n' : text[i];
    input->bytes[input->size_bytes++] = '\n';
    return true;
}

/* Reads the command line; 0 to go on, else the exit code + 1. */
static int read_arguments(struct program *program, int argc, char **argv)
{
    static const struct option known[] = {
        {"server", required_argument, NULL, 's'}, {"name", required_argument, NULL, 'n'},
        {"key", required_argument, NULL, 'k'},    {"strict", no_argument, NULL, 'x'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    struct arguments *arguments = &program->arguments;
    int option;
    while ((option = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
        if (option == 's')
            arguments->server = optarg;
        else if (option == 'n')
            arguments->name = optarg;
        else if (option == 'k')
            arguments->key = optarg;
        else if (option == 'x')
            arguments->is_strict = true;
        else if (option == 'c' && add_input(&program->input, optarg))
            arguments->has_commands = true;
        else if (option == 'h')
            return print_usage(), 1;
        else
            return fprintf(stderr, "tilth-client --help says what can be given\n"), 3;
    }
    if (optind < argc)
        return fprintf(stderr, "\"%s\" is not an option; commands go behind -c\n", argv[optind]), 3;
    return 0;
}

/* "host:port" into an IPv4 address in dots and a port; false and a message when it is neither. */
static bool resolve(struct program *program, const char *server, uint16_t *out_port)
{
    char host[PATH_BYTES];
    int64_t port = 7400;
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    (void)snprintf(host, sizeof host, "%s", server);
    char *colon = strrchr(host, ':');
    if (colon != NULL)
        *colon = 0;
    if (colon != NULL && !text_parse_integer(colon + 1, 1, 65535, &port)) {
        (void)fprintf(stderr, "--server %s: the port is a number from 1 to 65535\n", server);
        return false;
    }
    int code = getaddrinfo(host, NULL, &hints, &found);
    if (code != 0) {
        (void)fprintf(stderr, "--server %s: %s\n", server, gai_strerror(code));
        return false;
    }
    const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)found->ai_addr;
    (void)inet_ntop(AF_INET, &address->sin_addr, program->address, sizeof program->address);
    freeaddrinfo(found);
    *out_port = (uint16_t)port;
    return true;
}

static const char *value_of(const char *argument, const char *environment, const char *otherwise)
{
    const char *value = getenv(environment);
    if (argument != NULL)
        return argument;
    return value != NULL && value[0] != 0 ? value : otherwise;
}

/* The key's file: as given, or ~/.tilth/client.key. */
static void choose_key(struct program *program)
{
    const char *home = value_of(NULL, "HOME", ".");
    char folder[PATH_BYTES - 16];
    if (program->arguments.key != NULL) {
        (void)snprintf(program->key_path, PATH_BYTES, "%s", program->arguments.key);
        return;
    }
    (void)snprintf(folder, sizeof folder, "%s/.tilth", home);
    (void)mkdir(folder, 0700); /* a failure shows when the key is written */
    (void)snprintf(program->key_path, PATH_BYTES, "%s/client.key", folder);
}

static bool open_client(struct program *program)
{
    struct tilth_error error;
    struct tilth_options options = {.is_reconnecting = 1};
    const char *server = value_of(program->arguments.server, "TILTH_SERVER", "127.0.0.1:7400");
    if (!resolve(program, server, &options.port))
        return false;
    choose_key(program);
    options.address = program->address;
    options.name = value_of(program->arguments.name, "USER", "player");
    options.key_path = program->key_path;
    program->client = tilth_client_create(&options, &error);
    if (program->client == NULL) {
        (void)fprintf(stderr, "%s\n", error.text);
        return false;
    }
    commands_init(&program->commands, program->client);
    return true;
}

/* Sleeps until something arrives; reads standard input while there is room for it. */
static void wait_for_input(struct program *program)
{
    struct input *input = &program->input;
    size_t room = sizeof input->bytes - input->size_bytes;
    bool is_reading = !program->arguments.has_commands && !input->is_at_end && room > 0;
    struct pollfd fds[2] = {{.fd = tilth_client_fd(program->client), .events = POLLIN},
                            {.fd = is_reading ? STDIN_FILENO : -1, .events = POLLIN}};
    if (poll(fds, 2, POLL_MS) <= 0 || fds[1].revents == 0)
        return;
    ssize_t got = read(STDIN_FILENO, input->bytes + input->size_bytes, room);
    if (got > 0)
        input->size_bytes += (size_t)got;
    else if (got == 0 || errno != EINTR)
        input->is_at_end = true;
}

/* Takes the next whole line; the last one needs no line end. */
static bool take_line(struct input *input, bool is_ended, char out_line[COMMANDS_LINE_BYTES])
{
    char *end = memchr(input->bytes, '\n', input->size_bytes);
    bool is_full = input->size_bytes == sizeof input->bytes;
    if (input->size_bytes == 0 || (end == NULL && !is_ended && !is_full))
        return false;
    size_t size = end != NULL ? (size_t)(end - input->bytes) : input->size_bytes;
    size_t used = end != NULL ? size + 1 : size;
    (void)snprintf(out_line, COMMANDS_LINE_BYTES, "%.*s", (int)size, input->bytes);
    memmove(input->bytes, input->bytes + used, input->size_bytes - used);
    input->size_bytes -= used;
    return true;
}

static void drain_events(struct program *program, uint64_t now_ms)
{
    struct tilth_event event;
    while (tilth_client_next(program->client, &event)) {
        commands_tell(&program->commands, &event);
        if (event.kind == TILTH_EVENT_CONNECTED) {
            program->was_connected = true;
            program->available_ms = now_ms;
        }
        if (event.kind == TILTH_EVENT_DISCONNECTED &&
            (!program->was_connected || !event.is_retrying))
            program->is_over = true;
    }
    if (tilth_client_is_ready(program->client))
        program->available_ms = now_ms;
    if (now_ms > program->available_ms + AWAY_MS && !tilth_client_is_connected(program->client))
        program->is_over = true;
}

/* Commands run when the world around the player is there, or has been waited for. */
static bool can_run(const struct program *program, uint64_t now_ms)
{
    return tilth_client_is_ready(program->client) || (tilth_client_is_connected(program->client) &&
                                                      now_ms > program->available_ms + READY_MS);
}

/* Runs what can be run; false when all is done. Lines that need no waiting follow each other. */
static bool run_commands(struct program *program, uint64_t now_ms)
{
    struct commands *commands = &program->commands;
    char line[COMMANDS_LINE_BYTES];
    bool is_ended = program->arguments.has_commands || program->input.is_at_end;
    if (commands->is_running) {
        commands_run(commands, now_ms);
        return true;
    }
    if (!can_run(program, now_ms) && program->input.size_bytes > 0)
        return true;
    bool has_more = true;
    for (uint32_t i = 0; i < LINES_PER_ROUND && has_more && !commands->is_running; i++) {
        has_more = !commands->is_quitting && take_line(&program->input, is_ended, line);
        if (has_more)
            commands_start(commands, line, now_ms);
    }
    return has_more || (!commands->is_quitting && !is_ended);
}

static uint64_t now(void)
{
    return clock_now().mono_us / 1000;
}

/* Until all commands are done and answered; the exit code. */
static int play(struct program *program)
{
    uint64_t done_ms = 0;
    program->available_ms = now();
    while (!program->is_over) {
        uint64_t now_ms = now();
        tilth_client_update(program->client, now_ms);
        drain_events(program, now_ms);
        bool is_done = program->was_connected && !run_commands(program, now_ms);
        if (is_done && done_ms == 0)
            done_ms = now_ms;
        if (is_done && tilth_client_pending(program->client) == 0)
            break;
        if (is_done && now_ms > done_ms + GOODBYE_MS) {
            program->commands.has_failed = true;
            break;
        }
        wait_for_input(program);
    }
    if (program->is_over)
        return 1;
    return program->arguments.is_strict && program->commands.has_failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct program *program = calloc(1, sizeof *program);
    if (program == NULL)
        return 1;
    int code = read_arguments(program, argc, argv) - 1;
    if (code < 0)
        code = open_client(program) ? play(program) : 1;
    tilth_client_destroy(&program->client);
    free(program);
    return code;
}
