#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Words may quote anybody's bytes, and are printed on terminals: control characters become '?'. */
static void tame(char *text)
{
    for (; *text != '\0'; text++) {
        bool is_control = (unsigned char)*text < ' ' || *text == 0x7F;
        if (is_control && *text != '\n' && *text != '\t')
            *text = '?';
    }
}

/* Sets "<first><separator><second>", cut to the room there is. */
static void join(struct error *error, const char *first, const char *separator, const char *second)
{
    const char *parts[] = {first, separator, second};
    size_t used = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t room = ERROR_TEXT_BYTES - 1 - used;
        size_t size = strnlen(parts[i], room);
        memcpy(error->text + used, parts[i], size);
        used += size;
    }
    error->text[used] = 0;
    tame(error->text);
}

/* All three format into a buffer of their own first: an argument may be the error's old text. */

bool error_set(struct error *error, const char *format, ...)
{
    if (error == NULL)
        return false;
    char text[ERROR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    join(error, text, "", "");
    return false;
}

bool error_add(struct error *error, const char *format, ...)
{
    if (error == NULL)
        return false;
    char text[ERROR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char old[ERROR_TEXT_BYTES];
    memcpy(old, error->text, sizeof old);
    old[sizeof old - 1] = 0;
    join(error, text, ": ", old);
    return false;
}

bool error_system(struct error *error, int code, const char *format, ...)
{
    if (error == NULL)
        return false;
    char text[ERROR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char buffer[128];
    /* The GNU strerror_r: thread-safe, returns the text, which need not be in the buffer. */
    join(error, text, ": ", strerror_r(code, buffer, sizeof buffer));
    return false;
}
