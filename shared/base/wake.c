#include "base/wake.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

bool wake_open(struct wake *wake)
{
    wake->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return wake->fd >= 0;
}

void wake_close(struct wake *wake)
{
    if (wake->fd >= 0)
        (void)close(wake->fd);
    wake->fd = -1;
}

void wake_signal(struct wake *wake)
{
    uint64_t one = 1;
    ssize_t ignored = write(wake->fd, &one, sizeof one);
    (void)ignored; /* it fails only when the count is full, and then the owner wakes anyway */
}

void wake_wait(struct wake *wake, int other_fd, uint64_t timeout_us)
{
    struct pollfd fds[] = {{.fd = wake->fd, .events = POLLIN}, {.fd = other_fd, .events = POLLIN}};
    struct timespec timeout = {
        .tv_sec = (time_t)(timeout_us / 1000000),
        .tv_nsec = (long)(timeout_us % 1000000) * 1000,
    };
    (void)ppoll(fds, 2, &timeout, NULL);
    uint64_t signals = 0;
    ssize_t ignored = read(wake->fd, &signals, sizeof signals);
    (void)ignored; /* empty when the time or the other descriptor ended the wait */
}
