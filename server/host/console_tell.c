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

void console_list_open(struct console_call *call, const char *name)
{
    console_tell_begin(call);
    if (call->is_json)
        text_json_open(call->text, name, '[');
}

void console_list_close(struct console_call *call, const char *empty, uint32_t count, uint32_t max)
{
    uint32_t rest = count > max ? count - max : 0;
    if (call->is_json) {
        text_json_close(call->text, ']');
        text_json_number(call->text, "rest", rest);
    } else if (count == 0) {
        text_add(call->text, "%s\n", empty);
    } else if (rest > 0) {
        text_add(call->text, "and %u more\n", rest);
    }
    console_tell_end(call);
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

enum console_result console_fail_with(struct console_call *call, const struct error *error)
{
    return console_fail(call, "%s", error->text);
}
