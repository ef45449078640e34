#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Together they write no more than what a pipe promises to take at once when it is ready. */
enum { WRITERS_MAX = 4 };
_Static_assert(WRITERS_MAX *LOG_LINE_BYTES <= PIPE_BUF, "a ready pipe takes all of them");

struct crumb {
    const char *label;
    uint64_t a;
    uint64_t b;
};

static _Atomic int level_now = LOG_INFO;
static _Atomic uint32_t writers;       /* threads that are about to write */
static _Atomic uint64_t dropped_count; /* lines that nobody has been told of */
static _Thread_local struct crumb crumbs[LOG_CRUMBS];
static _Thread_local uint64_t crumb_count;

void log_level_set(enum log_level level)
{
    atomic_store_explicit(&level_now, (int)level, memory_order_relaxed);
}

/* Received text must not be able to forge a second line or steer a terminal. */
static void blank_controls(char *line, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    }
}

/* What snprintf put into a buffer with room for `room_bytes` and the ending 0. */
static size_t put_bytes(int result, size_t room_bytes)
{
    if (result < 0)
        return 0;
    return (size_t)result < room_bytes ? (size_t)result : room_bytes;
}

bool log_put(int fd, const char *bytes, size_t size_bytes)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    bool is_allowed = atomic_fetch_add_explicit(&writers, 1, memory_order_acq_rel) < WRITERS_MAX;
    bool is_written = is_allowed && poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) != 0 &&
                      write(fd, bytes, size_bytes) > 0;
    atomic_fetch_sub_explicit(&writers, 1, memory_order_acq_rel);
    return is_written;
}

/* Lays the time, the level and the module into a line; how many bytes that is. */
static size_t begin_line(char line[LOG_LINE_BYTES], enum log_level level, const char *module)
{
    static const char *const names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
    char time[28];
    clock_format(clock_now().wall_us, time);
    int result = snprintf(line, LOG_LINE_BYTES, "%.23sZ %s %s: ", time, names[level], module);
    return put_bytes(result, LOG_LINE_BYTES - 1); /* the last byte is for the newline */
}

/* Says how many lines were dropped. */
static bool put_dropped(uint64_t count)
{
    char line[LOG_LINE_BYTES];
    size_t size = begin_line(line, LOG_WARNING, "log");
    int result = snprintf(line + size, sizeof line - size,
                          "%" PRIu64 " lines were dropped: nobody took them in time\n", count);
    return log_put(STDERR_FILENO, line, size + put_bytes(result, sizeof line - 1 - size));
}

/* Whoever drops a line counts it, with those that it has taken upon itself to tell of. */
static void put_line(const char *line, size_t size_bytes)
{
    uint64_t untold = atomic_exchange_explicit(&dropped_count, 0, memory_order_acq_rel);
    if (untold > 0 && put_dropped(untold))
        untold = 0;
    if (untold > 0 || !log_put(STDERR_FILENO, line, size_bytes))
        atomic_fetch_add_explicit(&dropped_count, untold + 1, memory_order_acq_rel);
}

void log_write(enum log_level level, const char *module, const char *format, ...)
{
    if ((int)level < atomic_load_explicit(&level_now, memory_order_relaxed) || level >= LOG_OFF)
        return;
    int kept_errno = errno;
    char line[LOG_LINE_BYTES];
    size_t size = begin_line(line, level, module);
    va_list arguments;
    va_start(arguments, format);
    int result = vsnprintf(line + size, sizeof line - size, format, arguments);
    va_end(arguments);
    size += put_bytes(result, sizeof line - 1 - size);
    blank_controls(line, size);
    line[size++] = '\n';
    put_line(line, size);
    errno = kept_errno;
}

void log_crumb(const char *label, uint64_t a, uint64_t b)
{
    crumbs[crumb_count % LOG_CRUMBS] = (struct crumb){label, a, b};
    crumb_count++;
}

void log_crumbs_print(int fd)
{
    uint64_t first = crumb_count > LOG_CRUMBS ? crumb_count - LOG_CRUMBS : 0;
    for (uint64_t i = first; i < crumb_count; i++) {
        const struct crumb *crumb = &crumbs[i % LOG_CRUMBS];
        char line[256];
        int result = snprintf(line, sizeof line, "  crumb: %.128s %llu %llu\n", crumb->label,
                              (unsigned long long)crumb->a, (unsigned long long)crumb->b);
        (void)log_put(fd, line, put_bytes(result, sizeof line - 1));
    }
}
