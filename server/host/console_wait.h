/* console_wait.h - what console commands wait for: chunks in memory, and the disk.
 *
 * Inside server/host. Nothing is shown that is not durable, and nothing that was done is told
 * before it is. What a call pins it has until it is answered. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_WAIT_H
#define TILTH_HOST_CONSOLE_WAIT_H

#include "host/console.h"

/* A whole number that a command takes: its name in the usage, and its range. */
struct console_number {
    const char *name;
    int64_t least, most;
};

/* Reads the word at `at`; false with words that name it and its range. */
bool console_read_number(struct console_call *call, uint32_t at,
                         const struct console_number *number, int64_t *out);

/* Reads X Y, the words from `first` on, into call->cell; false with words when they are no cell. */
bool console_read_cell(struct console_call *call, uint32_t first);

/* Wants a chunk in memory until the call is answered; false with words when there is no room. */
bool console_pin(struct host *host, struct console_call *call, struct chunk_pos chunk);
void console_unpin(struct host *host, struct console_call *call); /* Undoes all of them. */

/* Are all pinned chunks in memory? DONE, PENDING, or FAILED with words when it takes too long. */
enum console_result console_await_chunks(const struct host *host, struct console_call *call);

/* The answer of this look shows what is in the pinned chunks, or anything that the tick has made:
 * it is written now, as things stand, and goes out when that much is durable. */
void console_show_chunks(const struct host *host, struct console_call *call);
void console_show_all(const struct host *host, struct console_call *call); /* Anything. */

/* May what the answer shows go out? If not, has it taken too long? Then the words why. */
bool console_is_durable(const struct host *host, const struct console_call *call);
bool console_is_too_late(const struct host *host, const struct console_call *call); /* Too long. */
enum console_result console_tell_unsaved(struct console_call *call); /* The words; FAILED. */

/* May lasting changes be made now, in the chunks that are pinned too, and is there room for them?
 * Words if not. */
bool console_can_change(const struct host *host, struct console_call *call);

/* The changes of this tick are the command's: it waits for them from now on. PENDING. */
enum console_result console_begin_await(const struct host *host, struct console_call *call);

/* Are the changes of console_begin_await durable? The same results. */
enum console_result console_await_done(const struct host *host, struct console_call *call);

/* The same, and then these words are the answer. */
enum console_result console_await_told(const struct host *host, struct console_call *call,
                                       const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
