#include "backup/manifest.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"

enum { FORMAT = 1, US_PER_S = 1000000 };

/* ---- times and digits ---- */

void manifest_format_time(int64_t wall_us, char out_text[32])
{
    time_t seconds = (time_t)(wall_us / US_PER_S);
    struct tm parts;
    (void)gmtime_r(&seconds, &parts);
    (void)strftime(out_text, 32, "%Y-%m-%d %H:%M:%S UTC", &parts);
}

/* Reads a moment as `form` says; what is left must be nothing or a Z. A 31st of February is none.
 */
static bool parse_moment(const char *text, const char *form, int64_t *out_seconds)
{
    struct tm parts = {.tm_isdst = 0}, again;
    const char *rest = strptime(text, form, &parts);
    if (rest == NULL || (strcmp(rest, "") != 0 && strcmp(rest, "Z") != 0))
        return false;
    struct tm asked = parts;
    time_t seconds = timegm(&parts);
    *out_seconds = seconds;
    return seconds >= 0 && gmtime_r(&seconds, &again) != NULL && again.tm_mon == asked.tm_mon &&
           again.tm_mday == asked.tm_mday && again.tm_hour == asked.tm_hour &&
           again.tm_min == asked.tm_min && again.tm_sec == asked.tm_sec;
}

bool manifest_parse_time(const char *text, int64_t *out_wall_us)
{
    int64_t seconds = 0;
    if (!text_parse_integer(text, 0, INT64_MAX / US_PER_S, &seconds) &&
        !parse_moment(text, "%Y-%m-%dT%H:%M:%S", &seconds) &&
        !parse_moment(text, "%Y-%m-%d %H:%M:%S", &seconds))
        return false;
    *out_wall_us = seconds * US_PER_S;
    return true;
}

void manifest_format_digest(const uint8_t digest[CRYPTO_DIGEST_BYTES],
                            char out_digits[2 * CRYPTO_DIGEST_BYTES + 1])
{
    for (int i = 0; i < CRYPTO_DIGEST_BYTES; i++)
        (void)snprintf(out_digits + (ptrdiff_t)2 * i, 3, "%02x", digest[i]);
}

/* The value of a lower-case hex digit, 16 when it is none. */
static uint32_t digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = digit == '\0' ? NULL : strchr(digits, digit);
    return found == NULL ? 16 : (uint32_t)(found - digits);
}

/* Reads exactly 2 * size_bytes hex digits. */
static bool parse_digits(const char *text, uint8_t *out_bytes, size_t size_bytes)
{
    if (strlen(text) != 2 * size_bytes)
        return false;
    for (size_t i = 0; i < size_bytes; i++) {
        uint32_t high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);
        if (high == 16 || low == 16)
            return false;
        out_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static uint64_t number_of(const uint8_t bytes[8])
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* ---- writing ---- */

void manifest_write(const struct manifest *manifest, struct text *text)
{
    char digits[2 * CRYPTO_DIGEST_BYTES + 1], at[32];
    text_json_open(text, NULL, '{');
    text_json_number(text, "format", FORMAT);
    text_json_string(text, "name", manifest->name);
    text_json_string(text, "world", manifest->world);
    text_json_string(text, "server", manifest->server);
    manifest_format_time(manifest->at_us, at);
    text_json_string(text, "at", at);
    text_json_number(text, "at_us", manifest->at_us);
    text_json_number(text, "took_ms", (int64_t)manifest->took_ms);
    (void)snprintf(digits, sizeof digits, "%016llx", (unsigned long long)manifest->journal);
    text_json_string(text, "journal", digits);
    text_json_number(text, "timeline", manifest->timeline);
    text_json_number(text, "applied_seq", (int64_t)manifest->applied_seq);
    text_json_number(text, "tick", (int64_t)manifest->tick);
    text_json_number(text, "schema", manifest->schema);
    hash_format(manifest->hash, digits);
    text_json_string(text, "world_hash", digits);
    text_json_number(text, "size_bytes", (int64_t)manifest->size_bytes);
    manifest_format_digest(manifest->sha256, digits);
    text_json_string(text, "sha256", digits);
    text_json_open(text, "tables", '[');
    for (uint32_t i = 0; i < manifest->count; i++) {
        text_json_open(text, NULL, '{');
        text_json_string(text, "table", manifest->tables[i].table);
        text_json_number(text, "rows", (int64_t)manifest->tables[i].rows);
        text_json_close(text, '}');
    }
    text_json_close(text, ']');
    text_json_close(text, '}');
    text_add(text, "\n");
}

/* ---- reading ---- */

static bool read_text(struct json top, const char *key, char *out, size_t size_bytes,
                      struct error *error)
{
    const char *text = NULL;
    if (!json_get_string(top, key, &text, error))
        return false;
    if (text[0] == '\0' || strlen(text) >= size_bytes || !text_is_printable(text, strlen(text)))
        return json_error(top, error, "key \"%s\": not a printable text of 1 to %zu bytes", key,
                          size_bytes - 1);
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static bool read_digits(struct json top, const char *key, uint8_t *out, size_t size_bytes,
                        struct error *error)
{
    const char *text = NULL;
    if (!json_get_string(top, key, &text, error))
        return false;
    return parse_digits(text, out, size_bytes) ||
           json_error(top, error, "key \"%s\": not %zu hex digits", key, 2 * size_bytes);
}

static bool read_number(struct json top, const char *key, uint64_t *out, struct error *error)
{
    int64_t value = 0;
    struct json_range range = {0, (INT64_C(1) << 53) - 1};
    if (!json_get_integer(top, key, range, &value, error))
        return false;
    *out = (uint64_t)value;
    return true;
}

static bool read_small(struct json top, const char *key, uint32_t *out, struct error *error)
{
    int64_t value = 0;
    if (!json_get_integer(top, key, (struct json_range){0, UINT32_MAX}, &value, error))
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool read_hashes(struct json top, struct manifest *out, struct error *error)
{
    uint8_t journal[8] = {0}, hash[16] = {0};
    if (!read_digits(top, "journal", journal, sizeof journal, error) ||
        !read_digits(top, "world_hash", hash, sizeof hash, error) ||
        !read_digits(top, "sha256", out->sha256, sizeof out->sha256, error))
        return false;
    out->journal = number_of(journal);
    out->hash = (struct hash128){.high = number_of(hash), .low = number_of(hash + 8)};
    return true;
}

static bool read_table(struct json entry, struct snapshot_count *out, struct error *error)
{
    return read_text(entry, "table", out->table, sizeof out->table, error) &&
           read_number(entry, "rows", &out->rows, error);
}

static bool read_tables(struct json top, struct manifest *out, struct error *error)
{
    struct json tables;
    if (!json_get_array(top, "tables", &tables, error))
        return false;
    if (json_count(tables) > SNAPSHOT_TABLES_MAX)
        return json_error(tables, error, "more than %d tables", SNAPSHOT_TABLES_MAX);
    for (; out->count < json_count(tables); out->count++) {
        if (!read_table(json_at(tables, out->count), &out->tables[out->count], error))
            return false;
    }
    return true;
}

static bool read_top(struct json top, struct manifest *out, struct error *error)
{
    uint64_t at_us = 0;
    uint32_t format = 0;
    if (!json_is_object(top))
        return json_error(top, error, "this is no backup's manifest");
    if (!read_small(top, "format", &format, error))
        return false;
    if (format != FORMAT)
        return json_error(top, error, "its format is %u, this server knows %d", format, FORMAT);
    *out = (struct manifest){.count = 0};
    bool is_read = read_text(top, "name", out->name, sizeof out->name, error) &&
                   read_text(top, "world", out->world, sizeof out->world, error) &&
                   read_text(top, "server", out->server, sizeof out->server, error) &&
                   read_number(top, "at_us", &at_us, error) &&
                   read_number(top, "took_ms", &out->took_ms, error) &&
                   read_number(top, "applied_seq", &out->applied_seq, error) &&
                   read_number(top, "tick", &out->tick, error) &&
                   read_small(top, "timeline", &out->timeline, error) &&
                   read_small(top, "schema", &out->schema, error) &&
                   read_number(top, "size_bytes", &out->size_bytes, error) &&
                   read_hashes(top, out, error) && read_tables(top, out, error);
    out->at_us = (int64_t)at_us;
    return is_read;
}

bool manifest_load(const char *path, struct manifest *out, struct error *error)
{
    struct json_document *document = json_load(path, error);
    if (document == NULL)
        return false;
    bool is_read = read_top(json_top(document), out, error);
    json_destroy(&document);
    return is_read;
}
