#include "host/roles.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "host/console_line.h"

enum {
    NET_SLEEP_US = 10 * 1000,
    NET_FLOOR_US = 2 * 1000, /* ENet scans all peers at each service: not once a datagram */
    STORE_SLEEP_US = 5 * 1000,
    ROLE_SLEEP_US = 50 * 1000,
    MAIN_SLEEP_US = 20 * 1000,
    STOP_US_MAX = 20 * 1000 * 1000,
    GOODBYE_US_MAX = 1000 * 1000,
    REENTER_US_MAX = 5000 * 1000,
    TICKS_BEHIND_MAX = 5,
    BENCH_NICE = 10,
    SAY_US = 200 * 1000,
};

/* In the order in which they end. */
enum role_number {
    ROLE_NET,
    ROLE_TICK,
    ROLE_JOURNAL,
    ROLE_STORE,
    ROLE_LOADER,
    ROLE_GALLERY,
    ROLE_RECORDER,
    ROLE_DESK,
    ROLE_BENCH, /* restores the world while the others stand */
    ROLE_COUNT,
    ROLES_MAKING = ROLE_JOURNAL, /* those before it make what must last */
};

struct roles {
    struct server *server;
    const struct roles_options *options;
    pthread_t threads[ROLE_COUNT];
    bool is_asked_to_stop; /* by a signal */
    bool is_lost;          /* the world could not be opened again */
    _Atomic bool says_goodbye;
    _Atomic bool stops[ROLE_COUNT];
};

static void *run_net(void *argument)
{
    struct roles *roles = argument;
    struct net *net = roles->server->nets[0];
    bool has_said = false;
    while (!roles->stops[ROLE_NET]) {
        struct moment now = clock_now();
        if (roles->says_goodbye && !has_said) {
            net_say_goodbye(net, "the server stops");
            has_said = true;
        }
        (void)server_step_net(roles->server, 0, now);
        wake_wait(net_wake(net), net_fd(net), NET_SLEEP_US);
        clock_sleep_until(now.mono_us + NET_FLOOR_US);
    }
    return NULL;
}

/* A fixed step; after a stall the ticks that were missed are made up for, but not more than a few.
 */
static void *run_tick(void *argument)
{
    struct roles *roles = argument;
    uint64_t step_us = 1000000 / roles->server->settings->tick_hz;
    uint64_t due_us = clock_now().mono_us;
    memory_seal();
    while (!roles->stops[ROLE_TICK]) {
        struct moment now = clock_now();
        if (now.mono_us > due_us + TICKS_BEHIND_MAX * step_us) {
            log_warning("tick", "skipped %llu ms: the machine is too slow or was stopped",
                        (unsigned long long)(now.mono_us - due_us) / 1000);
            due_us = now.mono_us;
        }
        (void)server_step_tick(roles->server, now);
        tick_times_add(&roles->server->host->times, clock_now().mono_us - now.mono_us);
        due_us += step_us;
        clock_sleep_until(due_us);
    }
    memory_unseal();
    return NULL;
}

static void *run_journal(void *argument)
{
    struct roles *roles = argument;
    struct journal *journal = roles->server->journal;
    memory_seal();
    while (!roles->stops[ROLE_JOURNAL]) {
        struct moment now = clock_now();
        if (!server_step_journal(roles->server, now) && !roles->stops[ROLE_JOURNAL])
            wake_wait(journal_wake(journal), -1, journal_sleep_us(journal, now));
    }
    memory_unseal();
    return NULL;
}

static void *run_store(void *argument)
{
    struct roles *roles = argument;
    while (!roles->stops[ROLE_STORE]) {
        struct moment now = clock_now();
        if (!server_step_store(roles->server, now))
            clock_sleep_until(now.mono_us + STORE_SLEEP_US);
    }
    return NULL;
}

static void *run_loader(void *argument)
{
    struct roles *roles = argument;
    while (!roles->stops[ROLE_LOADER]) {
        if (!server_step_loader(roles->server, clock_now()))
            wake_wait(loader_wake(roles->server->loader), -1, ROLE_SLEEP_US);
    }
    return NULL;
}

static void *run_gallery(void *argument)
{
    struct roles *roles = argument;
    while (!roles->stops[ROLE_GALLERY]) {
        if (!server_step_gallery(roles->server, clock_now()))
            wake_wait(gallery_wake(roles->server->gallery), -1, ROLE_SLEEP_US);
    }
    return NULL;
}

static void keep(struct roles *roles, enum role_number role, uint32_t lane)
{
    struct keeper *keeper = roles->server->keeper;
    while (!roles->stops[role] && keeper != NULL) {
        if (!server_step_keeper(roles->server, lane, clock_now()))
            wake_wait(keeper_wake(keeper, lane), -1, ROLE_SLEEP_US);
    }
}

static void *run_desk(void *argument)
{
    keep(argument, ROLE_DESK, KEEPER_DESK);
    return NULL;
}

/* What it does takes its time: the others go first, before the programs that it starts, too. */
static void *run_bench(void *argument)
{
    (void)setpriority(PRIO_PROCESS, 0, BENCH_NICE); /* 0: this thread, sched(7) */
    keep(argument, ROLE_BENCH, KEEPER_BENCH);
    return NULL;
}

static void *run_recorder(void *argument)
{
    struct roles *roles = argument;
    while (!roles->stops[ROLE_RECORDER]) {
        if (roles->server->recorder == NULL || !recorder_step(roles->server->recorder))
            clock_sleep_until(clock_now().mono_us + ROLE_SLEEP_US);
    }
    return NULL;
}

struct role {
    const char *name;
    void *(*run)(void *argument);
};

static const struct role role_table[ROLE_COUNT] = {
    [ROLE_NET] = {"net", run_net},
    [ROLE_TICK] = {"tick", run_tick},
    [ROLE_JOURNAL] = {"journal", run_journal},
    [ROLE_STORE] = {"store", run_store},
    [ROLE_LOADER] = {"loader", run_loader},
    [ROLE_GALLERY] = {"gallery", run_gallery},
    [ROLE_RECORDER] = {"recorder", run_recorder},
    [ROLE_DESK] = {"keeper desk", run_desk},
    [ROLE_BENCH] = {"keeper bench", run_bench},
};

/* Starts the roles from `first` up to before `last`. */
static void start_threads(struct roles *roles, uint32_t first, uint32_t last)
{
    for (uint32_t i = first; i < last; i++) {
        roles->stops[i] = false;
        int code = pthread_create(&roles->threads[i], NULL, role_table[i].run, roles);
        ensure(code == 0);
        (void)pthread_setname_np(roles->threads[i], role_table[i].name);
    }
}

/* Tells the roles from `first` up to before `last` to end, one after the other, and waits for them.
 */
static void end_threads(struct roles *roles, uint32_t first, uint32_t last)
{
    for (uint32_t i = first; i < last; i++) {
        roles->stops[i] = true;
        ensure(pthread_join(roles->threads[i], NULL) == 0);
    }
}

static void refuse_line(struct roles *roles, uint32_t client, uint8_t exit_code, const char *words)
{
    struct console_socket_answer refusal = {client, true, exit_code, words,
                                            (uint32_t)strlen(words)};
    (void)console_socket_answer(roles->options->socket, &refusal);
}

/* Lines from the socket to the tick. */
static void pass_lines(struct roles *roles)
{
    struct console_socket_request request;
    uint8_t record[CONSOLE_LINE_RECORD_BYTES];
    struct image_painter painter = painter_of(roles->server->console_painter);
    while (console_socket_next(roles->options->socket, &request)) {
        struct console_line_source source = {
            .client = request.client,
            .is_json = request.is_json,
            .line = request.line,
            .image = {roles->server->settings->image_size_px_max, &painter},
        };
        uint32_t size = console_line_make(&source, record);
        if (size == 0)
            refuse_line(roles, request.client, CONSOLE_WIRE_USAGE, "The command is too long.\n");
        else if (!ring_write(&roles->server->lines, record, size))
            refuse_line(roles, request.client, CONSOLE_WIRE_FAILED, "The server is busy.\n");
    }
}

/* Answers from the tick, or from the keeper, to the socket. */
static void pass_answers(struct roles *roles, struct ring *answers)
{
    struct ring_cursor cursor = ring_first(answers);
    uint32_t size = 0;
    const uint8_t *bytes;
    while ((bytes = ring_read(answers, &cursor, &size)) != NULL) {
        struct console_answer head;
        memcpy(&head, bytes, sizeof head);
        struct console_socket_answer answer = {
            .client = head.client,
            .is_last = head.is_last != 0,
            .exit_code = (uint8_t)head.exit_code,
            .bytes = (const char *)bytes + sizeof head,
            .size_bytes = head.size_bytes,
        };
        (void)console_socket_answer(roles->options->socket, &answer);
    }
    ring_release(answers, cursor);
}

static void serve_console(struct roles *roles)
{
    console_socket_step(roles->options->socket, clock_now());
    pass_lines(roles);
    pass_answers(roles, &roles->server->answers);
    for (uint32_t i = 0; i < KEEPER_LANES; i++)
        pass_answers(roles, &roles->server->kept_answers[i]);
    console_socket_step(roles->options->socket, clock_now());
}

static bool is_signalled(const struct roles *roles)
{
    struct signalfd_siginfo info;
    if (roles->options->signals_fd < 0)
        return false;
    return read(roles->options->signals_fd, &info, sizeof info) == (ssize_t)sizeof info;
}

static void sleep_main(struct roles *roles)
{
    struct pollfd fds[] = {
        {.fd = console_socket_fd(roles->options->socket), .events = POLLIN},
        {.fd = roles->options->signals_fd, .events = POLLIN},
    };
    (void)poll(fds, 2, MAIN_SLEEP_US / 1000);
    if (is_signalled(roles))
        roles->is_asked_to_stop = true;
}

/* Nothing is made any more: what there is goes into the database, in bounded time. */
static bool settle(struct roles *roles)
{
    uint64_t start_us = clock_now().mono_us;
    while (!server_is_settled(roles->server) && clock_now().mono_us - start_us < STOP_US_MAX)
        sleep_main(roles);
    return server_is_settled(roles->server);
}

/* ---- restoring ---- */

/* The operator's words to all players, as if he had typed them. */
static void say(struct roles *roles, const char *line)
{
    uint8_t record[CONSOLE_LINE_RECORD_BYTES];
    struct console_line_source source = {.client = KEEPER_NOBODY, .line = line};
    uint32_t size = console_line_make(&source, record);
    uint64_t end_us = clock_now().mono_us + SAY_US;
    (void)ring_write(&roles->server->lines, record, size);
    while (clock_now().mono_us < end_us) {
        sleep_main(roles);
        serve_console(roles);
    }
}

/* Waits until the bench has moved the stage on. */
static enum keeper_stage await_bench(struct roles *roles, enum keeper_stage stage)
{
    while (keeper_stage(roles->server->keeper) == stage) {
        sleep_main(roles);
        serve_console(roles);
    }
    return keeper_stage(roles->server->keeper);
}

/* Everybody is connected still; the rest begins anew. */
static bool reopen(struct roles *roles)
{
    struct error error = {""};
    end_threads(roles, ROLE_NET, ROLE_TICK);
    if (server_reopen(roles->server, clock_now(), &error)) {
        start_threads(roles, ROLE_NET, ROLE_TICK);
        return true;
    }
    log_error("host", "the world as it was restored cannot be opened: %s", error.text);
    return false;
}

static uint32_t count_players(struct roles *roles)
{
    struct host_facts facts;
    host_facts(roles->server->host, &facts);
    return facts.sessions;
}

/* Until so many as were in the world are in it again, and hear what is said; or those who are still
 * connected, or for REENTER_US_MAX at most. */
static void await_players(struct roles *roles, uint32_t players)
{
    struct net_facts net = {.peers = players};
    uint64_t end_us = clock_now().mono_us + REENTER_US_MAX;
    while (!roles->is_asked_to_stop &&
           count_players(roles) < (net.peers < players ? net.peers : players) &&
           clock_now().mono_us < end_us) {
        sleep_main(roles);
        serve_console(roles);
        net_facts(roles->server->nets[0], &net);
    }
}

/* What was restored is there: the world stands still until it has taken the place of what is. */
static void restore(struct roles *roles)
{
    struct keeper *keeper = roles->server->keeper;
    enum keeper_stage stage = KEEPER_REFUSED;
    uint32_t players = count_players(roles);
    say(roles, "say The world goes back to an earlier time. It goes on in a moment.");
    end_threads(roles, ROLE_TICK, ROLE_JOURNAL);
    bool is_standing = settle(roles);
    end_threads(roles, ROLE_JOURNAL, ROLE_BENCH);
    keeper_set_stage(keeper, is_standing ? KEEPER_STANDING : KEEPER_REFUSED);
    if (is_standing)
        stage = await_bench(roles, KEEPER_STANDING);
    if (stage == KEEPER_UNKNOWN) {
        log_error("host", "PostgreSQL went away while the databases were exchanged: the next start "
                          "tells which world it is");
        end_threads(roles, ROLE_NET, ROLE_TICK);
    }
    if (stage == KEEPER_UNKNOWN || (stage == KEEPER_EXCHANGED && !reopen(roles))) {
        roles->is_lost = true;
        keeper_set_stage(keeper, KEEPER_LOST);
        return;
    }
    start_threads(roles, ROLE_TICK, ROLE_BENCH);
    if (is_standing)
        keeper_set_stage(keeper, KEEPER_RESUMED);
    await_players(roles, players);
    say(roles, stage == KEEPER_EXCHANGED ? "say The world goes on, as it was restored."
                                         : "say The world goes on, as it was.");
}

static void serve_until_stopped(struct roles *roles)
{
    const struct keeper *keeper = roles->server->keeper;
    while (!roles->is_lost && !roles->is_asked_to_stop && !host_is_stopping(roles->server->host)) {
        sleep_main(roles);
        serve_console(roles);
        if (keeper != NULL && keeper_stage(keeper) == KEEPER_PREPARED)
            restore(roles);
    }
}

/* Nobody comes in any more, and who is in is told. */
static void say_goodbye(struct roles *roles)
{
    struct net_facts net = {.peers = 1};
    struct host_facts host = {.sessions = 1};
    uint64_t start_us = clock_now().mono_us;
    roles->says_goodbye = true;
    wake_signal(net_wake(roles->server->nets[0]));
    while ((net.peers > 0 || host.sessions > 0) &&
           clock_now().mono_us - start_us < GOODBYE_US_MAX) {
        sleep_main(roles);
        serve_console(roles);
        net_facts(roles->server->nets[0], &net);
        host_facts(roles->server->host, &host);
    }
}

/* The world is not open any more: what is left ends. */
static enum roles_end end_lost(struct roles *roles)
{
    end_threads(roles, ROLE_BENCH, ROLE_COUNT);
    serve_console(roles);
    return ROLES_LOST;
}

enum roles_end roles_run(struct server *server, const struct roles_options *options)
{
    struct roles roles = {.server = server, .options = options};
    start_threads(&roles, ROLE_NET, ROLE_COUNT);
    serve_until_stopped(&roles);
    if (roles.is_lost)
        return end_lost(&roles);
    log_info("host", "stopping: saying goodbye and saving");
    if (server->keeper != NULL)
        keeper_stop(server->keeper);
    say_goodbye(&roles);
    end_threads(&roles, ROLE_NET, ROLES_MAKING);
    bool is_settled = settle(&roles);
    end_threads(&roles, ROLES_MAKING, ROLE_COUNT);
    serve_console(&roles); /* what was given up is told */
    if (!is_settled)
        log_warning("host", "stopped before all was in the database: the journal has the rest");
    return is_settled ? ROLES_SETTLED : ROLES_UNSETTLED;
}
