/* text.h - building and reading bounded text, JSON among it, without allocation.
 *
 * A struct text writes into the caller's buffer, is always 0-ended, and remembers when something
 * did not fit; it then ends there, at a whole UTF-8 character, and takes nothing more. JSON is
 * written as it goes: text_json_* puts commas itself. Any thread. */
#ifndef TILTH_BASE_TEXT_H
#define TILTH_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes;
    size_t capacity_bytes; /* with the ending 0 */
    size_t size_bytes;     /* without it */
    bool is_cut;           /* something did not fit and was left out */
};

/* Lays an empty text over the buffer; capacity_bytes >= 1. */
void text_init(struct text *text, char *buffer, size_t capacity_bytes);

/* Appends (printf form). */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Empties the text. */
void text_clear(struct text *text);

/* Appends a JSON string in quotes with RFC 8259 escapes; bytes that are not UTF-8 become U+FFFD. */
void text_json_quote(struct text *text, const char *bytes, size_t size_bytes);

/* Open and close objects and arrays; `key` is NULL inside arrays and at the top. */
void text_json_open(struct text *text, const char *key, char bracket); /* bracket: '{' or '[' */
void text_json_close(struct text *text, char bracket);                 /* bracket: '}' or ']' */

/* Members and elements; `key` NULL inside arrays. */
void text_json_string(struct text *text, const char *key, const char *value);
void text_json_number(struct text *text, const char *key, int64_t value); /* a signed integer */
void text_json_bool(struct text *text, const char *key, bool value);      /* true or false */

/* value / scale as a decimal fraction, cut to six places and without zeros behind; scale > 0. */
void text_json_decimal(struct text *text, const char *key, int64_t value, int32_t scale);
void text_json_null(struct text *text, const char *key); /* null */

/* Edit distance in bytes (Levenshtein 1966) of two short strings, for "did you mean". Over 64 bytes
 * there is no comparison: the result is the longer one's length, as if they had nothing in common.
 */
uint32_t text_distance(const char *a, const char *b);

/* How far a name is from what was typed, for "did you mean": less is nearer, UINT32_MAX is a name
 * that was hardly meant. The beginning of a name comes first, then two bytes that changed places,
 * then what is at most a third of the typed bytes away. */
uint32_t text_misspelt(const char *typed, const char *name);

/* Reads a whole decimal integer within [min, max]; false for anything else ("12x", "", overflow).
 */
bool text_parse_integer(const char *text, int64_t min, int64_t max, int64_t *out_value);

/* Is it well-formed UTF-8 (RFC 3629) without control characters? */
bool text_is_printable(const char *bytes, size_t size_bytes);

#endif
