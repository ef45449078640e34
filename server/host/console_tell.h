/* console_tell.h - how a console command writes its answer: lines for people, or one JSON object.
 *
 * Inside server/host. Each call writes `name: value` as a line or as a member. Owner: the tick. */
#ifndef TILTH_HOST_CONSOLE_TELL_H
#define TILTH_HOST_CONSOLE_TELL_H

#include "host/console.h"

/* Opens the object of a JSON answer, and closes it; for people nothing. */
void console_tell_begin(struct console_call *call);
void console_tell_end(struct console_call *call); /* Closes it. */

void console_tell_number(struct console_call *call, const char *name,
                         uint64_t value); /* A number. */
void console_tell_string(struct console_call *call, const char *name,
                         const char *value); /* A text. */

void console_tell_bool(struct console_call *call, const char *name, bool value); /* yes or no. */

/* A list of which `max` are told at most: in JSON an object with `name` and with how many are left
 * out (`rest`), for people lines, and words when it is empty. */
void console_list_open(struct console_call *call, const char *name);
void console_list_close(struct console_call *call, const char *empty, uint32_t count,
                        uint32_t max); /* Closes it; count: all that there are. */

/* Words for why not, and CONSOLE_FAILED. */
enum console_result console_fail(struct console_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same with an error's words. */
enum console_result console_fail_with(struct console_call *call, const struct error *error);

#endif
