/* settings.h - what the operator wants, from one table (settings.def).
 *
 * Reads the command line, the environment (TILTH_<NAME>) and a settings file, in this order of
 * precedence, over the defaults. Refuses, in words, what is unknown (naming the nearest setting) or
 * not allowed (naming setting, origin, value and range). Main thread, at start; no allocation; a
 * struct settings is plain data, never changed after start. Used by server/main.c. */
#ifndef TILTH_HOST_SETTINGS_H
#define TILTH_HOST_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* One field for each row; quantities in the row's unit. seed 0 is random; redis_url is empty when
 * there shall be no Redis; log_level is an enum log_level. */
struct settings {
#define NUMBER(name, fallback, min, max, unit, help) uint32_t name;
#define BIG(name, fallback, min, max, unit, help)    uint64_t name;
#define TEXT(name, form, fallback, min, max, help)   char name[(max) + 1];
#define FLAG(name, fallback, help)                   bool name;
#define CHOICE(name, fallback, words, help)          uint32_t name;
#include "host/settings.def"
#undef NUMBER
#undef BIG
#undef TEXT
#undef FLAG
#undef CHOICE
};

enum setting_type { SETTING_NUMBER, SETTING_BIG, SETTING_TEXT, SETTING_FLAG, SETTING_CHOICE };

enum setting_form {
    SETTING_FORM_NONE,    /* not a text */
    SETTING_FORM_PATH,    /* any printable text */
    SETTING_FORM_SOCKET,  /* a path that fits a socket's address */
    SETTING_FORM_NAME,    /* lower-case letters, digits, - and _ */
    SETTING_FORM_ADDRESS, /* IPv4 in dots */
    SETTING_FORM_URL,     /* may hold a password: printed masked */
};

/* A row of the table. */
struct setting {
    const char *name; /* with _ between words */
    const char *fallback;
    const char *unit;  /* "" when there is none */
    const char *words; /* a CHOICE's, with blanks between */
    const char *help;
    enum setting_type type;
    enum setting_form form;
    uint32_t offset;   /* in struct settings */
    uint64_t min, max; /* of a number, or of a text's bytes */
};

enum { SETTINGS_WORDS_BYTES = 96, SETTINGS_NAME_BYTES = 64 };

struct settings_input {
    int argc;
    char *const *argv;        /* options only: neither the program nor its subcommand */
    char *const *environment; /* NAME=value, ended by NULL; or NULL */
};

/* The row at the index, NULL behind the last. */
const struct setting *settings_row(uint32_t index);

/* All defaults. */
void settings_init(struct settings *settings);

/* Reads all three sources. On false *out_settings is untouched. */
bool settings_load(const struct settings_input *input, struct settings *out_settings,
                   struct error *error);

/* What the row allows, in words: "a whole number from 10 to 60 ticks/s". */
void settings_allowed(const struct setting *row, char out_words[SETTINGS_WORDS_BYTES]);

/* The name as an option (udp-port) or as an environment variable (TILTH_UDP_PORT). */
void settings_option_name(const struct setting *row, char out_name[SETTINGS_NAME_BYTES]);
void settings_environment_name(const struct setting *row,
                               char out_name[SETTINGS_NAME_BYTES]); /* The latter. */

/* Appends the value in the form that a settings file has, with passwords masked. */
void settings_value(const struct settings *settings, const struct setting *row, struct text *text);

/* Appends all settings, a line `name = value` each; what a server logs at start. */
void settings_print(const struct settings *settings, struct text *text);

/* Appends the options' part of --help; needs about 8 KiB. */
void settings_help(struct text *text);

/* Appends the whole of docs/settings.md; needs about 12 KiB. */
void settings_markdown(struct text *text);

/* Appends a URL or a libpq connection string with *** in the place of passwords. */
void settings_mask(const char *url, struct text *text);

#endif
