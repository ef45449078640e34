#include "host/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/ensure.h"

enum { LINE_BYTES = 2048, SUGGEST_DISTANCE_MAX = 4, MISSPELT_DISTANCE_MAX = 2 };

#define AT(name) (uint32_t) offsetof(struct settings, name)
#define NUMBER(name, fallback, min, max, unit, help)                                               \
    {#name, fallback, unit, "", help, SETTING_NUMBER, SETTING_FORM_NONE, AT(name), min, max},
#define BIG(name, fallback, min, max, unit, help)                                                  \
    {#name, fallback, unit, "", help, SETTING_BIG, SETTING_FORM_NONE, AT(name), min, max},
#define TEXT(name, form, fallback, min, max, help)                                                 \
    {#name, fallback, "", "", help, SETTING_TEXT, SETTING_FORM_##form, AT(name), min, max},
#define FLAG(name, fallback, help)                                                                 \
    {#name, fallback, "", "", help, SETTING_FLAG, SETTING_FORM_NONE, AT(name), 0, 1},
#define CHOICE(name, fallback, words, help)                                                        \
    {#name, fallback, "", words, help, SETTING_CHOICE, SETTING_FORM_NONE, AT(name), 0, 0},

static const struct setting rows[] = {
#include "host/settings.def"
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

const struct setting *settings_row(uint32_t index)
{
    return index < ROW_COUNT ? &rows[index] : NULL;
}

void settings_option_name(const struct setting *row, char out_name[SETTINGS_NAME_BYTES])
{
    (void)snprintf(out_name, SETTINGS_NAME_BYTES, "%s", row->name);
    for (char *at = out_name; *at != 0; at++)
        *at = *at == '_' ? '-' : *at;
}

void settings_environment_name(const struct setting *row, char out_name[SETTINGS_NAME_BYTES])
{
    (void)snprintf(out_name, SETTINGS_NAME_BYTES, "TILTH_%s", row->name);
    for (char *at = out_name; *at != 0; at++)
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
}

void settings_allowed(const struct setting *row, char out_words[SETTINGS_WORDS_BYTES])
{
    static const char *const forms[] = {
        [SETTING_FORM_NONE] = "",
        [SETTING_FORM_PATH] = "plain text",
        [SETTING_FORM_SOCKET] = "a path",
        [SETTING_FORM_NAME] = "lower-case letters, digits, - and _",
        [SETTING_FORM_ADDRESS] = "an IPv4 address such as 127.0.0.1",
        [SETTING_FORM_URL] = "a URL or connection string",
    };
    struct text text;
    text_init(&text, out_words, SETTINGS_WORDS_BYTES);
    switch (row->type) {
    case SETTING_NUMBER:
    case SETTING_BIG:
        text_add(&text, "a whole number from %llu to %llu%s%s", (unsigned long long)row->min,
                 (unsigned long long)row->max, row->unit[0] != 0 ? " " : "", row->unit);
        break;
    case SETTING_TEXT:
        text_add(&text, "%s, %llu to %llu bytes", forms[row->form], (unsigned long long)row->min,
                 (unsigned long long)row->max);
        break;
    case SETTING_FLAG:
        text_add(&text, "true or false");
        break;
    case SETTING_CHOICE:
        text_add(&text, "one of: %s", row->words);
        break;
    }
}

/* The number that a suffix of a size stands for, 0 when there is no such suffix. */
static int64_t suffix_bytes(const char *suffix)
{
    static const struct {
        const char *name;
        int64_t bytes;
    } suffixes[] = {{"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (strcmp(suffix, suffixes[i].name) == 0)
            return suffixes[i].bytes;
    }
    return 0;
}

static bool parse_number(const struct setting *row, const char *value, uint64_t *out_number)
{
    char digits[32];
    size_t size = strlen(value);
    int64_t factor = 1;
    if (size >= sizeof digits)
        return false;
    memcpy(digits, value, size + 1);
    int64_t suffix =
        size > 3 && strcmp(row->unit, "bytes") == 0 ? suffix_bytes(digits + size - 3) : 0;
    if (suffix > 0) {
        factor = suffix;
        digits[size - 3] = 0;
    }
    int64_t number = 0;
    if (!text_parse_integer(digits, 0, (int64_t)row->max / factor, &number))
        return false;
    if ((uint64_t)(number * factor) < row->min)
        return false;
    *out_number = (uint64_t)(number * factor);
    return true;
}

static bool parse_flag(const char *value, bool *out_flag)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(value, words[i]) == 0) {
            *out_flag = i % 2 == 1;
            return true;
        }
    }
    return false;
}

static bool parse_choice(const struct setting *row, const char *value, uint32_t *out_index)
{
    uint32_t index = 0;
    size_t size = strlen(value);
    for (const char *at = row->words; *at != 0; index++) {
        size_t word_size = strcspn(at, " ");
        if (word_size == size && memcmp(at, value, size) == 0) {
            *out_index = index;
            return true;
        }
        at += word_size;
        at += strspn(at, " ");
    }
    return false;
}

static bool is_text_allowed(const struct setting *row, const char *value)
{
    size_t size = strlen(value);
    if (size < row->min || size > row->max || !text_is_printable(value, size))
        return false;
    struct in_addr address;
    switch (row->form) {
    case SETTING_FORM_NAME:
        return strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-_") == size;
    case SETTING_FORM_ADDRESS:
        return inet_pton(AF_INET, value, &address) == 1;
    case SETTING_FORM_NONE:
    case SETTING_FORM_PATH:
    case SETTING_FORM_SOCKET:
    case SETTING_FORM_URL:
        return true;
    }
    return false;
}

/* Sets the field; false when the value is not allowed. */
static bool set_field(struct settings *settings, const struct setting *row, const char *value)
{
    uint8_t *field = (uint8_t *)settings + row->offset;
    uint64_t number = 0;
    uint32_t small = 0;
    bool flag = false;
    switch (row->type) {
    case SETTING_NUMBER:
        if (!parse_number(row, value, &number))
            return false;
        small = (uint32_t)number;
        memcpy(field, &small, sizeof small);
        return true;
    case SETTING_BIG:
        if (!parse_number(row, value, &number))
            return false;
        memcpy(field, &number, sizeof number);
        return true;
    case SETTING_TEXT:
        if (!is_text_allowed(row, value))
            return false;
        memcpy(field, value, strlen(value) + 1);
        return true;
    case SETTING_FLAG:
        if (!parse_flag(value, &flag))
            return false;
        memcpy(field, &flag, sizeof flag);
        return true;
    case SETTING_CHOICE:
        if (!parse_choice(row, value, &small))
            return false;
        memcpy(field, &small, sizeof small);
        return true;
    }
    return false;
}

/* Is it a size with a suffix of another kind: 64MB, 64M, 64mib? */
static bool has_other_suffix(const struct setting *row, const char *value)
{
    size_t digits = strspn(value, "0123456789");
    return strcmp(row->unit, "bytes") == 0 && digits > 0 && value[digits] != 0 &&
           suffix_bytes(value + digits) == 0;
}

static bool set_value(struct settings *settings, const struct setting *row, const char *value,
                      const char *origin, struct error *error)
{
    if (set_field(settings, row, value))
        return true;
    char allowed[SETTINGS_WORDS_BYTES];
    char shown[160];
    struct text text;
    settings_allowed(row, allowed);
    text_init(&text, shown, sizeof shown);
    if (row->form == SETTING_FORM_URL)
        settings_mask(value, &text);
    else
        text_add(&text, "%s", value);
    return error_set(error, "%s: %s is \"%s\"; allowed is %s%s", origin, row->name, shown, allowed,
                     has_other_suffix(row, value) ? "; sizes may end in KiB, MiB or GiB" : "");
}

static const struct setting *find_row(const char *name)
{
    for (uint32_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

static const struct setting *nearest_row(const char *name, uint32_t distance_max)
{
    const struct setting *nearest = NULL;
    for (uint32_t i = 0; i < ROW_COUNT; i++) {
        uint32_t distance = text_distance(rows[i].name, name);
        if (distance <= distance_max) {
            nearest = &rows[i];
            distance_max = distance - (distance > 0);
        }
    }
    return nearest;
}

/* Finds the row of a name that is written with - or _; says which one is near when there is none.
 */
static const struct setting *get_row(const char *name, size_t size_bytes, const char *origin,
                                     struct error *error)
{
    char own[SETTINGS_NAME_BYTES];
    (void)snprintf(own, sizeof own, "%.*s", (int)size_bytes, name);
    for (char *at = own; *at != 0; at++)
        *at = *at == '-' ? '_' : *at;
    const struct setting *row = find_row(own);
    if (row != NULL)
        return row;
    row = nearest_row(own, SUGGEST_DISTANCE_MAX);
    if (row == NULL) {
        (void)error_set(error, "%s: there is no setting \"%s\"; --help lists all", origin, own);
        return NULL;
    }
    (void)error_set(error, "%s: there is no setting \"%s\"; did you mean %s?", origin, own,
                    row->name);
    return NULL;
}

/* Takes the option at *index, and the next argument where that is its value. */
static bool read_option(struct settings *settings, const struct settings_input *input, int *index,
                        struct error *error)
{
    const char *option = input->argv[*index];
    if (strncmp(option, "--", 2) != 0 || option[2] == 0)
        return error_set(error, "command line: \"%s\" is not an option; settings are --name value",
                         option);
    const char *name = option + 2;
    size_t size = strcspn(name, "=");
    const struct setting *row = get_row(name, size, "command line", error);
    if (row == NULL)
        return false;
    char origin[SETTINGS_NAME_BYTES + 32];
    char dashed[SETTINGS_NAME_BYTES];
    settings_option_name(row, dashed);
    (void)snprintf(origin, sizeof origin, "command line, --%s", dashed);
    if (name[size] == '=')
        return set_value(settings, row, name + size + 1, origin, error);

    const char *next = *index + 1 < input->argc ? input->argv[*index + 1] : NULL;
    bool has_value = next != NULL && strncmp(next, "--", 2) != 0;
    if (row->type == SETTING_FLAG && !has_value)
        return set_value(settings, row, "true", origin, error);
    if (!has_value) {
        char allowed[SETTINGS_WORDS_BYTES];
        settings_allowed(row, allowed);
        return error_set(error, "%s: needs a value: %s", origin, allowed);
    }
    ++*index;
    return set_value(settings, row, next, origin, error);
}

static bool read_command_line(struct settings *settings, const struct settings_input *input,
                              struct error *error)
{
    for (int i = 0; i < input->argc; i++) {
        if (!read_option(settings, input, &i, error))
            return false;
    }
    return true;
}

/* The row of an environment variable, or one whose variable's name is nearly the same. */
static const struct setting *find_variable(const char *variable, uint32_t distance_max)
{
    for (uint32_t i = 0; i < ROW_COUNT; i++) {
        char name[SETTINGS_NAME_BYTES];
        settings_environment_name(&rows[i], name);
        if (text_distance(name, variable) <= distance_max)
            return &rows[i];
    }
    return NULL;
}

/* One variable of ours. Others may share the prefix, so an unknown one is refused only when it is
 * almost a setting's. */
static bool read_variable(struct settings *settings, const char *variable, struct error *error)
{
    const char *value = strchr(variable, '=');
    char name[SETTINGS_NAME_BYTES];
    if (value == NULL || (size_t)(value - variable) >= sizeof name)
        return true;
    (void)snprintf(name, sizeof name, "%.*s", (int)(value - variable), variable);
    const struct setting *row = find_variable(name, 0);
    if (row != NULL) {
        char origin[SETTINGS_NAME_BYTES + 32];
        (void)snprintf(origin, sizeof origin, "environment variable %s", name);
        return set_value(settings, row, value + 1, origin, error);
    }
    row = find_variable(name, MISSPELT_DISTANCE_MAX);
    if (row == NULL)
        return true;
    char near[SETTINGS_NAME_BYTES];
    settings_environment_name(row, near);
    return error_set(error, "environment variable %s: did you mean %s?", name, near);
}

static bool read_environment(struct settings *settings, const struct settings_input *input,
                             struct error *error)
{
    for (char *const *at = input->environment; at != NULL && *at != NULL; at++) {
        if (strncmp(*at, "TILTH_", 6) == 0 && !read_variable(settings, *at, error))
            return false;
    }
    return true;
}

/* The text without blanks around it; ends it in place. */
static char *trim(char *text)
{
    text += strspn(text, " \t\r\n");
    size_t size = strlen(text);
    while (size > 0 && strchr(" \t\r\n", text[size - 1]) != NULL)
        size--;
    text[size] = 0;
    return text;
}

static bool read_line(struct settings *settings, char *line, const char *origin,
                      struct error *error)
{
    char *name = trim(line);
    if (*name == 0 || *name == '#')
        return true;
    char *value = strchr(name, '=');
    if (value == NULL)
        return error_set(error, "%s: \"%s\" is not `name = value`", origin, name);
    *value = 0;
    value = trim(value + 1);
    name = trim(name);
    const struct setting *row = get_row(name, strlen(name), origin, error);
    if (row == NULL)
        return false;
    if (row->offset == AT(settings))
        return error_set(error, "%s: a settings file cannot name another one", origin);
    return set_value(settings, row, value, origin, error);
}

static bool read_file(struct settings *settings, const char *path, struct error *error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_system(error, errno, "settings file %s", path);
    char line[LINE_BYTES];
    bool is_good = true;
    for (uint32_t number = 1; is_good && fgets(line, sizeof line, file) != NULL; number++) {
        char origin[1024 + 32];
        (void)snprintf(origin, sizeof origin, "%s:%u", path, number);
        if (strchr(line, '\n') == NULL && !feof(file))
            is_good =
                error_set(error, "%s: the line is longer than %d bytes", origin, LINE_BYTES - 2);
        else
            is_good = read_line(settings, line, origin, error);
    }
    if (is_good && ferror(file))
        is_good = error_system(error, errno, "settings file %s", path);
    (void)fclose(file);
    return is_good;
}

/* What several spellings mean, and what other modules expect, made one. */
static void settle(struct settings *settings)
{
    if (settings->lease_margin_s > settings->lease_s / 2)
        settings->lease_margin_s = settings->lease_s / 2;
    uint64_t ring_bytes = 1;
    while (ring_bytes < settings->journal_ring_bytes)
        ring_bytes *= 2;
    settings->journal_ring_bytes = ring_bytes;
    if (strcmp(settings->redis_url, "none") == 0)
        settings->redis_url[0] = 0;
}

void settings_init(struct settings *settings)
{
    *settings = (struct settings){0};
    for (uint32_t i = 0; i < ROW_COUNT; i++)
        ensure(set_field(settings, &rows[i], rows[i].fallback));
    settle(settings);
}

bool settings_load(const struct settings_input *input, struct settings *out_settings,
                   struct error *error)
{
    struct settings settings;
    settings_init(&settings);
    /* The first reading finds the file, the second one overrules it. */
    if (!read_environment(&settings, input, error) || !read_command_line(&settings, input, error))
        return false;
    if (settings.settings[0] != 0) {
        char path[sizeof settings.settings];
        memcpy(path, settings.settings, sizeof path);
        settings_init(&settings);
        if (!read_file(&settings, path, error) || !read_environment(&settings, input, error) ||
            !read_command_line(&settings, input, error))
            return false;
    }
    settle(&settings);
    *out_settings = settings;
    return true;
}
