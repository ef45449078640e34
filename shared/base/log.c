#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

struct crumb {
    const char *label;
    uint64_t a;
    uint64_t b;
};

static _Atomic int level_now = LOG_INFO;
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

void log_write(enum log_level level, const char *module, const char *format, ...)
{
    static const char *const names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
    if ((int)level < atomic_load_explicit(&level_now, memory_order_relaxed) || level >= LOG_OFF)
        return;
    int kept_errno = errno;
    char time[28];
    clock_format(clock_now().wall_us, time);
    char line[LOG_LINE_BYTES];
    size_t room = sizeof line - 1; /* the last byte is for the newline */
    int result = snprintf(line, sizeof line, "%.23sZ %s %s: ", time, names[level], module);
    size_t size = put_bytes(result, room);
    va_list arguments;
    va_start(arguments, format);
    result = vsnprintf(line + size, sizeof line - size, format, arguments);
    va_end(arguments);
    size += put_bytes(result, room - size);
    blank_controls(line, size);
    line[size++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, size);
    (void)ignored; /* there is nowhere left to complain */
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
        ssize_t ignored = write(fd, line, put_bytes(result, sizeof line - 1));
        (void)ignored;
    }
}
