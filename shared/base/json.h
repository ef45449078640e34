/* json.h - reading JSON files with errors that name file, entry and key. cJSON inside.
 *
 * A file is read whole (at most JSON_FILE_BYTES), parsed, and walked through values. Each getter
 * says on failure "<file>: <path of entry>: key "<key>": <what is wrong>". Allocates: for start,
 * reload, tools and the client, never for the tick. */
#ifndef TILTH_BASE_JSON_H
#define TILTH_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { JSON_FILE_BYTES = 4 << 20, JSON_PATH_BYTES = 128 };

struct json_document; /* owns the tree */

/* A value inside a document, valid as long as it; small, passed by value. */
struct json {
    const struct json_document *document;
    const void *node;
    char path[JSON_PATH_BYTES]; /* how a person finds it: entities[3] (rock) */
};

/* The whole numbers that a member may be, both ends included. */
struct json_range {
    int64_t min;
    int64_t max;
};

/* Multiples of 1/scale that a number may be, both ends included; scale > 0. */
struct json_scale {
    int64_t min;
    int64_t max;
    int32_t scale;
};

/* Reads and parses a file. The error names the file, and line and column (from 1, in bytes) of a
 * mistake: "<file>:<line>:<column>: this is not JSON". More than one value is a mistake. */
struct json_document *json_load(const char *path, struct error *error);

/* Parses bytes; `name` stands in errors where a file's name would. */
struct json_document *json_parse(const char *name, const char *bytes, size_t size_bytes,
                                 struct error *error);
void json_destroy(struct json_document **document); /* NULL-safe. */

/* The document's top value. */
struct json json_top(const struct json_document *document);

/* Appends " (label)" to the value's path, so that later errors name the entry by its name. */
void json_label(struct json *value, const char *label);

/* The error "<file>: <path>: <formatted>". Always returns false. */
bool json_error(struct json value, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A required member of an object, of each type; ranges are inclusive. */
bool json_get_array(struct json object, const char *key, struct json *out, struct error *error);
bool json_get_object(struct json object, const char *key, struct json *out,
                     struct error *error); /* An object. */
bool json_get_string(struct json object, const char *key, const char **out,
                     struct error *error); /* A string, valid as long as the document. */
bool json_get_bool(struct json object, const char *key, bool *out,
                   struct error *error); /* true or false. */
/* A whole number in the range and below 2^53 (all that cJSON's double holds exactly); 1.5, 1e99 and
 * "1" are refused with the range in words. */
bool json_get_integer(struct json object, const char *key, struct json_range range,
                      int64_t *out_value, struct error *error);

/* A number with a fraction, as the nearest multiple of 1/scale: *out_value counts those. Refused
 * beyond the range, in words that show it divided, and the number. */
bool json_get_scaled(struct json object, const char *key, struct json_scale scale,
                     int64_t *out_value, struct error *error);

/* Has the object the member (of any type, null too)? And is it null? */
bool json_has(struct json object, const char *key);
bool json_is_null(struct json object, const char *key); /* Is it there, and null? */

/* A string that is an element of an array; false when it is something else. */
bool json_string(struct json value, const char **out, struct error *error);

/* A whole number that is an element of an array; like json_get_integer. */
bool json_integer(struct json value, struct json_range range, int64_t *out_value,
                  struct error *error);

/* Refuses a member that is not named in `known` (ended by NULL), with the nearest known name, and a
 * key that stands there twice. */
bool json_check_keys(struct json object, const char *const *known, struct error *error);

/* The number of elements of an array or members of an object. */
uint32_t json_count(struct json value);

/* The element at index < json_count(array); its path is "<path>[index]". */
struct json json_at(struct json array, uint32_t index);

/* Is the value an object? */
bool json_is_object(struct json value);

#endif
