#include "host/console_tell.h"

#include <stdarg.h>
#include <stdio.h>

void console_tell_number(struct console_call *call, const char *name, uint64_t value)
{
    if (call->is_json)
        text_json_number(call->text, name, (int64_t)value);
    else
        text_add(call->text, "%-20s %llu\n", name, (unsigned long long)value);
}

void console_tell_string(struct console_call *call, const char *name, const char *value)
{
    if (call->is_json)
        text_json_string(call->text, name, value);
    else
        text_add(call->text, "%-20s %s\n", name, value);
}

void console_tell_bool(struct console_call *call, const char *name, bool value)
{
    if (call->is_json)
        text_json_bool(call->text, name, value);
    else
        text_add(call->text, "%-20s %s\n", name, value ? "yes" : "no");
}

void console_tell_begin(struct console_call *call)
{
    if (call->is_json)
        text_json_open(call->text, NULL, '{');
}

void console_tell_end(struct console_call *call)
{
    if (call->is_json) {
        text_json_close(call->text, '}');
        text_add(call->text, "\n");
    }
}

enum console_result console_fail(struct console_call *call, const char *format, ...)
{
    char words[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    console_tell_begin(call);
    if (call->is_json)
        text_json_string(call->text, "error", words);
    else
        text_add(call->text, "%s\n", words);
    console_tell_end(call);
    return CONSOLE_FAILED;
}
