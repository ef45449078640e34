#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"

enum { DISTANCE_BYTES_MAX = 64 };

/* The length of the well-formed UTF-8 sequence at the start, 0 when there is none. The rows are
 * table 3-7 of the Unicode standard, which states RFC 3629 by first and second byte. */
static size_t sequence_size(const char *bytes, size_t size_bytes)
{
    static const struct {
        uint8_t first_min, first_max, second_min, second_max, size;
    } rows[] = {
        {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const uint8_t *at = (const uint8_t *)bytes;
    size_t row = 0;
    while (row < sizeof rows / sizeof rows[0] &&
           (at[0] < rows[row].first_min || at[0] > rows[row].first_max))
        row++;
    if (row == sizeof rows / sizeof rows[0] || rows[row].size > size_bytes)
        return 0;
    if (rows[row].size > 1 && (at[1] < rows[row].second_min || at[1] > rows[row].second_max))
        return 0;
    for (size_t i = 2; i < rows[row].size; i++) {
        if (at[i] < 0x80 || at[i] > 0xbf)
            return 0;
    }
    return rows[row].size;
}

/* How many of the bytes are left when a sequence that the end cuts through is dropped. */
static size_t whole_bytes(const char *bytes, size_t size_bytes)
{
    size_t lead = size_bytes;
    while (lead > 0 && size_bytes - lead < 3 && ((uint8_t)bytes[lead - 1] & 0xc0) == 0x80)
        lead--;
    if (lead == 0 || (uint8_t)bytes[lead - 1] < 0xc0)
        return size_bytes;
    lead--;
    return sequence_size(bytes + lead, size_bytes - lead) > 0 ? size_bytes : lead;
}

void text_init(struct text *text, char *buffer, size_t capacity_bytes)
{
    ensure(capacity_bytes >= 1);
    *text = (struct text){.bytes = buffer, .capacity_bytes = capacity_bytes};
    buffer[0] = 0;
}

void text_clear(struct text *text)
{
    text_init(text, text->bytes, text->capacity_bytes);
}

/* Ends the text for good: a later piece that would fit must not follow a hole. */
static void cut(struct text *text, size_t size_bytes)
{
    text->size_bytes = whole_bytes(text->bytes, size_bytes);
    text->bytes[text->size_bytes] = 0;
    text->is_cut = true;
}

void text_add(struct text *text, const char *format, ...)
{
    if (text->is_cut)
        return;
    size_t room = text->capacity_bytes - text->size_bytes;
    va_list arguments;
    va_start(arguments, format);
    int result = vsnprintf(text->bytes + text->size_bytes, room, format, arguments);
    va_end(arguments);
    if (result < 0)
        cut(text, text->size_bytes);
    else if ((size_t)result >= room)
        cut(text, text->capacity_bytes - 1);
    else
        text->size_bytes += (size_t)result;
}

/* Appends the piece whole or not at all. */
static void append(struct text *text, const char *bytes, size_t size_bytes)
{
    if (text->is_cut)
        return;
    if (size_bytes > text->capacity_bytes - 1 - text->size_bytes) {
        cut(text, text->size_bytes);
        return;
    }
    memcpy(text->bytes + text->size_bytes, bytes, size_bytes);
    text->size_bytes += size_bytes;
    text->bytes[text->size_bytes] = 0;
}

/* Appends one ASCII character in the form it has inside a JSON string. */
static void append_escaped(struct text *text, char character)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *found = character != 0 ? strchr(plain, character) : NULL;
    if (found != NULL) {
        char escape[2] = {'\\', letters[found - plain]};
        append(text, escape, 2);
    } else if ((uint8_t)character < 0x20) {
        text_add(text, "\\u%04x", (unsigned)(uint8_t)character);
    } else {
        append(text, &character, 1);
    }
}

void text_json_quote(struct text *text, const char *bytes, size_t size_bytes)
{
    append(text, "\"", 1);
    for (size_t at = 0; at < size_bytes;) {
        size_t size = sequence_size(bytes + at, size_bytes - at);
        if (size == 1)
            append_escaped(text, bytes[at]);
        else if (size > 1)
            append(text, bytes + at, size);
        else
            append(text, "\xef\xbf\xbd", 3); /* U+FFFD */
        at += size > 0 ? size : 1;
    }
    append(text, "\"", 1);
}

/* The comma before a member that is not the first, and the key. What came before shows in the last
 * byte: only a finished value calls for a comma. */
static void begin_value(struct text *text, const char *key)
{
    char last = text->size_bytes > 0 ? text->bytes[text->size_bytes - 1] : '\n';
    if (strchr("{[:, \n\r\t", last) == NULL)
        append(text, ",", 1);
    if (key != NULL) {
        text_json_quote(text, key, strlen(key));
        append(text, ":", 1);
    }
}

void text_json_open(struct text *text, const char *key, char bracket)
{
    ensure(bracket == '{' || bracket == '[');
    begin_value(text, key);
    append(text, &bracket, 1);
}

void text_json_close(struct text *text, char bracket)
{
    ensure(bracket == '}' || bracket == ']');
    append(text, &bracket, 1);
}

void text_json_string(struct text *text, const char *key, const char *value)
{
    begin_value(text, key);
    text_json_quote(text, value, strlen(value));
}

void text_json_number(struct text *text, const char *key, int64_t value)
{
    begin_value(text, key);
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%lld", (long long)value);
    append(text, digits, (size_t)size);
}

void text_json_bool(struct text *text, const char *key, bool value)
{
    begin_value(text, key);
    append(text, value ? "true" : "false", value ? 4 : 5);
}

void text_json_null(struct text *text, const char *key)
{
    begin_value(text, key);
    append(text, "null", 4);
}

void text_json_decimal(struct text *text, const char *key, int64_t value, int32_t scale)
{
    enum { PLACES = 6, PLACES_POWER = 1000000 };
    char digits[40];
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t rest = size % (uint64_t)scale * PLACES_POWER / (uint64_t)scale;
    int count =
        snprintf(digits, sizeof digits, "%s%llu.%0*llu", value < 0 ? "-" : "",
                 (unsigned long long)(size / (uint64_t)scale), PLACES, (unsigned long long)rest);
    while (digits[count - 1] == '0')
        count--;
    if (digits[count - 1] == '.')
        count--;
    begin_value(text, key);
    append(text, digits, (size_t)count);
}

uint32_t text_distance(const char *a, const char *b)
{
    size_t size_a = strlen(a);
    size_t size_b = strlen(b);
    if (size_a > DISTANCE_BYTES_MAX || size_b > DISTANCE_BYTES_MAX)
        return (uint32_t)(size_a > size_b ? size_a : size_b);
    uint32_t row[DISTANCE_BYTES_MAX + 1]; /* distances from a's first i bytes to b's first j */
    for (uint32_t j = 0; j <= size_b; j++)
        row[j] = j;
    for (uint32_t i = 1; i <= size_a; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= size_b; j++) {
            uint32_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[size_b];
}

/* Are they equal but for two neighbours that changed places? */
static bool is_swapped(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a != 0 && *b != 0 && a[0] == b[1] && a[1] == b[0] && strcmp(a + 2, b + 2) == 0;
}

uint32_t text_misspelt(const char *typed, const char *name)
{
    size_t size = strlen(typed);
    if (strcmp(typed, name) == 0)
        return 0;
    if (size > 0 && strncmp(typed, name, size) == 0)
        return 1;
    if (is_swapped(typed, name))
        return 2;
    uint32_t distance = text_distance(typed, name);
    return distance <= size / 3 ? 2 + distance : UINT32_MAX;
}

bool text_parse_integer(const char *text, int64_t min, int64_t max, int64_t *out_value)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (digits[0] < '0' || digits[0] > '9') /* strtoll would skip blanks and take a plus */
        return false;
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || *end != 0 || value < min || value > max)
        return false;
    *out_value = value;
    return true;
}

bool text_is_printable(const char *bytes, size_t size_bytes)
{
    for (size_t at = 0; at < size_bytes;) {
        size_t size = sequence_size(bytes + at, size_bytes - at);
        uint8_t first = (uint8_t)bytes[at];
        bool is_c0 = first < 0x20 || first == 0x7f;
        bool is_c1 = size == 2 && first == 0xc2 && (uint8_t)bytes[at + 1] < 0xa0;
        if (size == 0 || is_c0 || is_c1)
            return false;
        at += size;
    }
    return true;
}
