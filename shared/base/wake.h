/* wake.h - how a role sleeps until another role has something for it. An eventfd inside.
 *
 * wake_signal never blocks and may be called from any thread; wake_wait is the owner's. */
#ifndef TILTH_BASE_WAKE_H
#define TILTH_BASE_WAKE_H

#include <stdbool.h>
#include <stdint.h>

struct wake {
    int fd;
};

/* Opens the eventfd; false when the process has no descriptors left. */
bool wake_open(struct wake *wake);
void wake_close(struct wake *wake); /* Closes it; a closed wake is allowed. */

/* Wakes the owner, now or at its next wait. */
void wake_signal(struct wake *wake);

/* Sleeps until signalled, until `other_fd` (or -1) is readable, or `timeout_us` passed; a Unix
 * signal may end it early. Signals given before the call count, and are used up by it. */
void wake_wait(struct wake *wake, int other_fd, uint64_t timeout_us);

#endif
