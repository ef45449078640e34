/* log.h - one line per event to standard error, and the crumbs an ensure() prints.
 *
 * A line: 2026-11-23T08:00:00.123Z LEVEL module: text. Lines under the level are dropped; a line is
 * one write(2), at most LOG_LINE_BYTES. Nobody waits for who reads: what a pipe or a terminal
 * cannot take now is dropped, and the next line that goes out is told after how many. The only
 * mutable state at file scope in the project. Any thread; no allocation. */
#ifndef TILTH_BASE_LOG_H
#define TILTH_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_LINE_BYTES = 1024, LOG_CRUMBS = 32 };

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_OFF };

/* Drops lines under `level` from now on. The default is LOG_INFO. */
void log_level_set(enum log_level level);

/* Writes one line (printf form). `module` is the folder's or role's name: "journal". */
void log_write(enum log_level level, const char *module, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Writes at most LOG_LINE_BYTES in one piece if that need not wait; false when it was not written.
 */
bool log_put(int fd, const char *bytes, size_t size_bytes);

#define log_debug(...)   log_write(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)    log_write(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_error(...)   log_write(LOG_ERROR, __VA_ARGS__)

/* Remembers two numbers under a constant label in this thread's ring of LOG_CRUMBS; costs a few
 * ns. `label` must outlive the thread (a string literal). */
void log_crumb(const char *label, uint64_t a, uint64_t b);

/* Writes this thread's crumbs, oldest first, to the file descriptor. For ensure_fail. */
void log_crumbs_print(int fd);

#endif
