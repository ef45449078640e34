#include "host/settings.h"

#include <string.h>

/* The length of the password that begins at `value` in a connection string or a URL's query. */
static size_t password_size(const char *value)
{
    if (*value != '\'')
        return strcspn(value, "& \t");
    size_t size = 1;
    while (value[size] != 0 && value[size] != '\'')
        size += value[size] == '\\' && value[size + 1] != 0 ? 2 : 1;
    return value[size] == '\'' ? size + 1 : size;
}

void settings_mask(const char *url, struct text *text)
{
    const char *at = url;
    const char *user = strstr(url, "://");
    const char *host = strrchr(url, '@');
    const char *colon = user != NULL ? strchr(user + 3, ':') : NULL;
    if (colon != NULL && host != NULL && colon < host) {
        text_add(text, "%.*s:***", (int)(colon - at), at);
        at = host;
    }
    for (;;) {
        const char *key = strstr(at, "password=");
        if (key == NULL)
            break;
        key += strlen("password=");
        text_add(text, "%.*s***", (int)(key - at), at);
        at = key + password_size(key);
    }
    text_add(text, "%s", at);
}

static void add_choice(const struct setting *row, uint32_t index, struct text *text)
{
    const char *at = row->words;
    for (; index > 0; index--) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    text_add(text, "%.*s", (int)strcspn(at, " "), at);
}

void settings_value(const struct settings *settings, const struct setting *row, struct text *text)
{
    const uint8_t *field = (const uint8_t *)settings + row->offset;
    uint64_t number = 0;
    uint32_t small = 0;
    switch (row->type) {
    case SETTING_NUMBER:
        memcpy(&small, field, sizeof small);
        text_add(text, "%u", small);
        break;
    case SETTING_BIG:
        memcpy(&number, field, sizeof number);
        text_add(text, "%llu", (unsigned long long)number);
        break;
    case SETTING_TEXT:
        if (row->form == SETTING_FORM_URL)
            settings_mask((const char *)field, text);
        else
            text_add(text, "%s", (const char *)field);
        break;
    case SETTING_FLAG:
        text_add(text, "%s", *(const bool *)field ? "true" : "false");
        break;
    case SETTING_CHOICE:
        memcpy(&small, field, sizeof small);
        add_choice(row, small, text);
        break;
    }
}

void settings_print(const struct settings *settings, struct text *text)
{
    const struct setting *row = NULL;
    for (uint32_t i = 0; (row = settings_row(i)) != NULL; i++) {
        text_add(text, "%s = ", row->name);
        settings_value(settings, row, text);
        text_add(text, "\n");
    }
}

/* What stands behind --name in the help. */
static const char *value_form(const struct setting *row)
{
    switch (row->type) {
    case SETTING_NUMBER:
    case SETTING_BIG:
        return "N";
    case SETTING_TEXT:
        return "TEXT";
    case SETTING_FLAG:
        return "[true|false]";
    case SETTING_CHOICE:
        return "WORD";
    }
    return "";
}

void settings_help(struct text *text)
{
    text_add(text,
             "Settings (--name value, or --name=value; in the environment TILTH_NAME; in the\n"
             "file named by --settings `name = value`; the former goes before the latter):\n");
    const struct setting *row = NULL;
    for (uint32_t i = 0; (row = settings_row(i)) != NULL; i++) {
        char name[SETTINGS_NAME_BYTES];
        char allowed[SETTINGS_WORDS_BYTES];
        settings_option_name(row, name);
        settings_allowed(row, allowed);
        text_add(text, "\n  --%s %s\n      %s\n", name, value_form(row), row->help);
        text_add(text, "      %s; default \"%s\"\n", allowed, row->fallback);
    }
}

void settings_markdown(struct text *text)
{
    text_add(
        text,
        "# Settings\n\n"
        "`tilth-server run` takes its settings from the command line (`--udp-port 7400` or\n"
        "`--udp-port=7400`), from the environment (`TILTH_UDP_PORT=7400`), from the file that\n"
        "`--settings FILE` names, and from the defaults; the former goes before the latter.\n\n"
        "A settings file has lines `udp_port = 7400`; a line that begins with `#` is a\n"
        "comment; of two lines for one setting the last one counts. Paths are relative to the\n"
        "folder that the server is started in. Sizes may be written as `64MiB` (KiB, MiB,\n"
        "GiB). An unknown setting (in the environment: one that is nearly a setting's name) and\n"
        "a value that is not allowed stop the start; `tilth-server check content` with the\n"
        "same settings says so and starts nothing. Exit codes: 0 done, 1 failed, 64 not\n"
        "understood, 65 a recording that is cut off, 69 no database, 78 a wrong setting, or\n"
        "content that is wrong or lacks what the world has.\n"
        "Passwords in URLs are printed as `***`.\n\n"
        "This page is made by `tilth-server --help-markdown` from `server/host/settings.def`.\n\n"
        "| setting | default | allowed | what it is |\n|---|---|---|---|\n");
    const struct setting *row = NULL;
    for (uint32_t i = 0; (row = settings_row(i)) != NULL; i++) {
        char allowed[SETTINGS_WORDS_BYTES];
        settings_allowed(row, allowed);
        text_add(text, "| `%s` | ", row->name);
        if (row->fallback[0] != 0)
            text_add(text, "`%s`", row->fallback);
        text_add(text, " | %s | %s |\n", allowed, row->help);
    }
}
