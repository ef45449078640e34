/* error.h - a failure told in words, written where it is known.
 *
 * Functions that can fail return bool and take a struct error * last; on false the text says what
 * and where, for an operator. The owner of the work logs it once. NULL is allowed wherever an error
 * is taken and means that the text is not wanted. Control characters, but for ends of lines and
 * tabulators, are told as '?'. Any thread; no allocation. */
#ifndef TILTH_BASE_ERROR_H
#define TILTH_BASE_ERROR_H

#include <stdbool.h>

enum { ERROR_TEXT_BYTES = 512 }; /* with the ending 0; longer texts are cut */

struct error {
    char text[ERROR_TEXT_BYTES];
};

/* Sets the text (printf form). Always returns false, so that `return error_set(...)` reads well. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "<formatted>: " before the text that is there. Always returns false. */
bool error_add(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the text to "<formatted>: <strerror(code)>". Always returns false. */
bool error_system(struct error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
