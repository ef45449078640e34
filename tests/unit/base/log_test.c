#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "testing.h"

/* Standard error, led into memory while a test writes. */
struct capture {
    int file;
    int kept_stderr;
};

static struct capture capture_begin(void)
{
    struct capture capture = {memfd_create("log", MFD_CLOEXEC), dup(STDERR_FILENO)};
    ck_assert_int_ge(capture.file, 0);
    ck_assert_int_eq(dup2(capture.file, STDERR_FILENO), STDERR_FILENO);
    return capture;
}

static void capture_end(struct capture capture, char out_text[4096])
{
    (void)dup2(capture.kept_stderr, STDERR_FILENO);
    (void)close(capture.kept_stderr);
    ssize_t size = pread(capture.file, out_text, 4095, 0);
    out_text[size > 0 ? size : 0] = 0;
    (void)close(capture.file);
}

START_TEST(test_a_line)
{
    struct capture capture = capture_begin();
    errno = ENOSPC;
    log_warning("journal", "segment %d is %s", 7, "slow");
    int kept_errno = errno;
    char text[4096];
    capture_end(capture, text);
    ck_assert_int_eq(kept_errno, ENOSPC);
    /* 2026-11-23T08:00:00.123Z */
    ck_assert(text[4] == '-' && text[10] == 'T' && text[19] == '.' && text[23] == 'Z');
    ck_assert_str_eq(text + 24, " WARNING journal: segment 7 is slow\n");
}
END_TEST

START_TEST(test_levels_drop_lines)
{
    struct capture capture = capture_begin();
    log_debug("m", "debug by default");
    log_info("m", "info by default");
    log_level_set(LOG_ERROR);
    log_warning("m", "warning under error");
    log_error("m", "error under error");
    log_level_set(LOG_OFF);
    log_error("m", "error under off");
    log_level_set(LOG_DEBUG);
    log_debug("m", "debug under debug");
    log_write(LOG_OFF, "m", "no level");
    char text[4096];
    capture_end(capture, text);
    ck_assert_ptr_null(strstr(text, "debug by default"));
    ck_assert_ptr_nonnull(strstr(text, " INFO m: info by default\n"));
    ck_assert_ptr_null(strstr(text, "warning under error"));
    ck_assert_ptr_nonnull(strstr(text, " ERROR m: error under error\n"));
    ck_assert_ptr_null(strstr(text, "error under off"));
    ck_assert_ptr_nonnull(strstr(text, " DEBUG m: debug under debug\n"));
    ck_assert_ptr_null(strstr(text, "no level"));
}
END_TEST

START_TEST(test_one_event_is_one_line_of_bounded_length)
{
    struct capture capture = capture_begin();
    log_info("chat", "a\nforged\x1b[2J line\r%s", "\t.");
    char word[3 * LOG_LINE_BYTES];
    memset(word, 'w', sizeof word - 1);
    word[sizeof word - 1] = 0;
    log_info("chat", "%s", word);
    char text[4096];
    capture_end(capture, text);
    ck_assert_ptr_nonnull(strstr(text, " INFO chat: a forged [2J line  .\n"));
    char *second = strchr(text, '\n') + 1;
    ck_assert_uint_eq(strlen(second), LOG_LINE_BYTES);
    ck_assert_ptr_eq(strchr(second, '\n'), second + LOG_LINE_BYTES - 1);
}
END_TEST

/* A pipe in the place of standard error, with room for `room_bytes` only. */
static int lead_into_full_pipe(int *out_kept_stderr, size_t room_bytes)
{
    static const char filling[PIPE_BUF];
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    int size_bytes = fcntl(ends[1], F_SETPIPE_SZ, 2 * PIPE_BUF);
    ck_assert_int_ge(size_bytes, 2 * PIPE_BUF);
    for (size_t left = (size_t)size_bytes - room_bytes; left > 0;) {
        size_t part = left < sizeof filling ? left : sizeof filling;
        ck_assert_int_eq(write(ends[1], filling, part), part);
        left -= part;
    }
    *out_kept_stderr = dup(STDERR_FILENO);
    (void)dup2(ends[1], STDERR_FILENO);
    (void)close(ends[1]);
    return ends[0];
}

static void read_all(int file, char *out_text, size_t capacity)
{
    ssize_t size = 0;
    size_t used = 0;
    (void)fcntl(file, F_SETFL, O_NONBLOCK);
    while (used < capacity - 1 && (size = read(file, out_text + used, capacity - 1 - used)) > 0)
        used += (size_t)size;
    out_text[used] = 0;
}

static void *write_many(void *argument)
{
    (void)argument;
    for (int i = 0; i < 1000; i++)
        log_info("m", "line %d of many, and none of them waits for who reads", i);
    return NULL;
}

/* Threads that log into a pipe that nobody reads go on; how much was lost is told later. */
START_TEST(test_a_full_pipe_costs_lines_and_no_time)
{
    enum { THREADS = 8 };
    static char text[1 << 17];
    pthread_t threads[THREADS];
    int kept_stderr;
    (void)alarm(30); /* else it would wait for ever */
    int file = lead_into_full_pipe(&kept_stderr, PIPE_BUF);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_many, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    read_all(file, text, sizeof text);
    log_info("m", "the last");
    read_all(file, text, sizeof text);
    (void)dup2(kept_stderr, STDERR_FILENO);
    (void)close(kept_stderr);
    (void)close(file);
    unsigned long dropped = strtoul(strstr(text, " WARNING log: ") + 14, NULL, 10);
    ck_assert_uint_gt(dropped, THREADS * 1000 / 2);
    ck_assert_uint_lt(dropped, THREADS * 1000);
    ck_assert_ptr_nonnull(strstr(text, "lines were dropped"));
    ck_assert_ptr_nonnull(strstr(text, " INFO m: the last\n"));
}
END_TEST

static void print_crumbs(char out_text[4096])
{
    int file = memfd_create("crumbs", MFD_CLOEXEC);
    log_crumbs_print(file);
    ssize_t size = pread(file, out_text, 4095, 0);
    out_text[size > 0 ? size : 0] = 0;
    (void)close(file);
}

START_TEST(test_the_latest_crumbs_are_kept_oldest_first)
{
    char text[4096];
    print_crumbs(text);
    ck_assert_str_eq(text, "");
    for (uint64_t i = 0; i < LOG_CRUMBS + 5; i++)
        log_crumb("tick", i, UINT64_MAX - i);
    print_crumbs(text);
    ck_assert_ptr_null(strstr(text, "tick 4 "));
    ck_assert_ptr_eq(strstr(text, "  crumb: tick 5 18446744073709551610\n"), text);
    ck_assert_ptr_nonnull(strstr(text, "tick 36 18446744073709551579\n"));
    int lines = 0;
    for (const char *at = text; *at != 0; at++)
        lines += *at == '\n';
    ck_assert_int_eq(lines, LOG_CRUMBS);
}
END_TEST

static void *leave_crumb(void *argument)
{
    log_crumb("other", 1, 1);
    print_crumbs(argument);
    return NULL;
}

START_TEST(test_crumbs_belong_to_a_thread)
{
    log_crumb("mine", 1, 1);
    pthread_t thread;
    char theirs[4096];
    ck_assert_int_eq(pthread_create(&thread, NULL, leave_crumb, theirs), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    char mine[4096];
    print_crumbs(mine);
    ck_assert_str_eq(mine, "  crumb: mine 1 1\n");
    ck_assert_str_eq(theirs, "  crumb: other 1 1\n");
}
END_TEST

TESTING_MAIN("log", test_a_line, test_levels_drop_lines,
             test_one_event_is_one_line_of_bounded_length, test_a_full_pipe_costs_lines_and_no_time,
             test_the_latest_crumbs_are_kept_oldest_first, test_crumbs_belong_to_a_thread)
