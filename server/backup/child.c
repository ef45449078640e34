#include "backup/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ensure.h"
#include "base/memory.h"

enum { SIGNALLED = 128, LOOK_MS = 100 };

/* Does the variable have this one's name? */
static bool is_same_variable(const char *a, const char *b)
{
    size_t size = strcspn(a, "=");
    return strncmp(a, b, size + 1) == 0;
}

static bool is_overridden(const char *variable, const char *const *variables)
{
    for (; *variables != NULL; variables++) {
        if (is_same_variable(*variables, variable))
            return true;
    }
    return false;
}

static uint32_t count_of(char *const *texts)
{
    uint32_t count = 0;
    while (texts[count] != NULL)
        count++;
    return count;
}

/* This process's environment with the variables over it; memory_release it. */
static char **make_environment(const char *const *variables)
{
    uint32_t own = count_of(environ), count = 0;
    uint32_t added = count_of((char *const *)variables);
    char **made = memory_reserve("child", own + added + 1, sizeof *made);
    for (uint32_t i = 0; i < own; i++) {
        if (!is_overridden(environ[i], variables))
            made[count++] = environ[i];
    }
    for (uint32_t i = 0; i < added; i++)
        made[count++] = (char *)variables[i];
    made[count] = NULL;
    return made;
}

/* "setpriv --pdeathsig KILL --" and the arguments. */
static void make_arguments(const char *const *arguments, char *out[CHILD_ARGUMENTS_MAX + 5])
{
    static const char *const before[] = {"setpriv", "--pdeathsig", "KILL", "--"};
    uint32_t count = 0;
    for (; count < sizeof before / sizeof before[0]; count++)
        out[count] = (char *)before[count];
    for (uint32_t i = 0; arguments[i] != NULL; i++) {
        ensure(i < CHILD_ARGUMENTS_MAX);
        out[count++] = (char *)arguments[i];
    }
    out[count] = NULL;
}

/* Its standard files; signals as a program expects them; and a session of its own, which for Linux
 * is a share of the processors of its own (sched(7), autogroup). */
static void prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
                    int write_fd)
{
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    ensure(posix_spawn_file_actions_init(actions) == 0 && posix_spawnattr_init(attributes) == 0);
    ensure(posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0) == 0);
    ensure(posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0) == 0);
    ensure(posix_spawn_file_actions_adddup2(actions, write_fd, 2) == 0);
    ensure(posix_spawnattr_setsigmask(attributes, &none) == 0);
    ensure(posix_spawnattr_setsigdefault(attributes, &all) == 0);
    ensure(posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSID) == 0);
}

bool child_start(struct child *child, const char *name, const char *const *arguments,
                 const char *const *variables, struct error *error)
{
    int ends[2];
    char *all[CHILD_ARGUMENTS_MAX + 5];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    *child = (struct child){.fd = -1, .name = name};
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_system(error, errno, "cannot start %s", name);
    char **environment = make_environment(variables);
    make_arguments(arguments, all);
    prepare(&actions, &attributes, ends[1]);
    int code = posix_spawnp(&child->pid, all[0], &actions, &attributes, all, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    (void)close(ends[1]);
    memory_release(environment);
    if (code != 0) {
        (void)close(ends[0]);
        child->pid = 0;
        return error_system(error, code, "cannot start %s, which is to start %s", all[0], name);
    }
    child->fd = ends[0];
    return true;
}

/* Gives out what is there up to an end of line, or all that there can be. */
static bool take_line(struct child *child, bool is_ended, char out_line[CHILD_LINE_BYTES])
{
    char *end = memchr(child->bytes, '\n', child->size_bytes);
    bool is_full = child->size_bytes == sizeof child->bytes - 1;
    if (end == NULL && !is_full && !(is_ended && child->size_bytes > 0))
        return false;
    uint32_t size = end != NULL ? (uint32_t)(end - child->bytes) : child->size_bytes;
    memcpy(out_line, child->bytes, size);
    out_line[size] = '\0';
    size += end != NULL;
    child->size_bytes -= size;
    memmove(child->bytes, child->bytes + size, child->size_bytes);
    return true;
}

/* Reads what there is, for LOOK_MS at most. */
static enum child_result read_some(struct child *child, char out_line[CHILD_LINE_BYTES])
{
    struct pollfd fd = {.fd = child->fd, .events = POLLIN};
    if (take_line(child, child->fd < 0, out_line))
        return CHILD_LINE;
    if (child->fd < 0)
        return CHILD_ENDED;
    if (poll(&fd, 1, LOOK_MS) <= 0)
        return CHILD_QUIET;
    ssize_t got = read(child->fd, child->bytes + child->size_bytes,
                       sizeof child->bytes - 1 - child->size_bytes);
    if (got <= 0) {
        (void)close(child->fd);
        child->fd = -1;
        return take_line(child, true, out_line) ? CHILD_LINE : CHILD_ENDED;
    }
    child->size_bytes += (uint32_t)got;
    return take_line(child, false, out_line) ? CHILD_LINE : CHILD_QUIET;
}

/* "pg_dump: error: ..." is one; the words of setpriv are of a program that cannot be started. */
static void note_complaint(struct child *child, const char *line)
{
    if (strstr(line, "error:") != NULL || strstr(line, "setpriv:") != NULL)
        (void)snprintf(child->complaint, sizeof child->complaint, "%s", line);
}

enum child_result child_next(struct child *child, uint64_t end_us, const _Atomic bool *is_given_up,
                             char out_line[CHILD_LINE_BYTES], struct error *error)
{
    while (clock_now().mono_us < end_us) {
        if (is_given_up != NULL && *is_given_up) {
            (void)error_set(error, "given up, because the server stops");
            return CHILD_GIVEN_UP;
        }
        enum child_result result = read_some(child, out_line);
        if (result == CHILD_LINE)
            note_complaint(child, out_line);
        if (result != CHILD_QUIET)
            return result;
    }
    return CHILD_QUIET;
}

/* Its exit code, 128 and the signal, or -1 when there is none. */
static int finish(struct child *child)
{
    int status = 0;
    if (child->pid == 0)
        return -1;
    if (child->fd >= 0) {
        (void)kill(child->pid, SIGKILL);
        (void)close(child->fd);
        child->fd = -1;
    }
    while (waitpid(child->pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    child->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status);
}

void child_finish(struct child *child)
{
    (void)finish(child);
}

bool child_has_succeeded(struct child *child, struct error *error)
{
    int code = finish(child);
    return code == 0 || error_set(error, "%s ended with code %d%s%s", child->name, code,
                                  child->complaint[0] != '\0' ? ": " : "", child->complaint);
}
