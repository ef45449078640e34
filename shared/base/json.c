#include "base/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "base/ensure.h"
#include "base/text.h"

/* A double holds every whole number up to here; of a larger one the file's digits may be lost. */
#define INTEGER_MAX ((INT64_C(1) << 53) - 1)

struct json_document {
    char *name;
    cJSON *tree;
};

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* cJSON takes raw control characters, and ends a string at an escaped 0. Returns where the first
 * of these stands, or size_bytes. */
static size_t find_bad_byte(const char *bytes, size_t size_bytes)
{
    static const char zero[] = "\\u0000";
    bool is_in_string = false;
    for (size_t at = 0; at < size_bytes; at++) {
        bool is_control = (uint8_t)bytes[at] < 0x20;
        if (is_control && (is_in_string || !is_space(bytes[at])))
            return at;
        if (bytes[at] == '"')
            is_in_string = !is_in_string;
        if (bytes[at] != '\\')
            continue;
        if (size_bytes - at >= sizeof zero - 1 && memcmp(bytes + at, zero, sizeof zero - 1) == 0)
            return at;
        at++; /* an escaped quote ends no string */
    }
    return size_bytes;
}

/* The error "<name>:<line>:<column>: ...", both from 1, the column in bytes. */
static bool place_error(const char *name, const char *bytes, size_t offset, struct error *error)
{
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < offset; i++) {
        column = bytes[i] == '\n' ? 1 : column + 1;
        line += bytes[i] == '\n';
    }
    return error_set(error, "%s:%zu:%zu: this is not JSON", name, line, column);
}

/* The tree, or NULL and the error. */
static cJSON *parse_tree(const char *name, const char *bytes, size_t size_bytes,
                         struct error *error)
{
    if (size_bytes == 0) {
        (void)place_error(name, bytes, 0, error);
        return NULL;
    }
    size_t bad = find_bad_byte(bytes, size_bytes);
    const char *end = bytes;
    cJSON *tree = cJSON_ParseWithLengthOpts(bytes, size_bytes, &end, 0);
    size_t offset = (size_t)(end - bytes);
    while (tree != NULL && offset < size_bytes && is_space(bytes[offset]))
        offset++;
    bool is_whole = tree != NULL && offset == size_bytes;
    if (is_whole && bad == size_bytes)
        return tree;
    cJSON_Delete(tree);
    (void)place_error(name, bytes, bad < offset || is_whole ? bad : offset, error);
    return NULL;
}

struct json_document *json_parse(const char *name, const char *bytes, size_t size_bytes,
                                 struct error *error)
{
    if (size_bytes > JSON_FILE_BYTES) {
        (void)error_set(error, "%s: larger than %d bytes", name, JSON_FILE_BYTES);
        return NULL;
    }
    cJSON *tree = parse_tree(name, bytes, size_bytes, error);
    if (tree == NULL)
        return NULL;
    struct json_document *document = malloc(sizeof *document);
    char *name_copy = strdup(name);
    if (document == NULL || name_copy == NULL)
        goto fail_memory;
    *document = (struct json_document){.name = name_copy, .tree = tree};
    return document;

fail_memory:
    free(document);
    free(name_copy);
    cJSON_Delete(tree);
    (void)error_set(error, "%s: out of memory", name);
    return NULL;
}

struct json_document *json_load(const char *path, struct error *error)
{
    struct json_document *document = NULL;
    const size_t room = (size_t)JSON_FILE_BYTES + 1; /* one more shows that a file is too large */
    char *bytes = malloc(room);
    FILE *file = fopen(path, "rbe");
    if (bytes == NULL || file == NULL) {
        (void)error_system(error, errno, "%s", path);
        goto fail_open;
    }
    size_t size_bytes = fread(bytes, 1, room, file);
    if (ferror(file))
        (void)error_system(error, errno, "%s", path);
    else
        document = json_parse(path, bytes, size_bytes, error);

fail_open:
    if (file != NULL)
        (void)fclose(file);
    free(bytes);
    return document;
}

void json_destroy(struct json_document **document)
{
    if (document == NULL || *document == NULL)
        return;
    cJSON_Delete((*document)->tree);
    free((*document)->name);
    free(*document);
    *document = NULL;
}

struct json json_top(const struct json_document *document)
{
    return (struct json){.document = document, .node = document->tree};
}

void json_label(struct json *value, const char *label)
{
    struct text path;
    char bytes[JSON_PATH_BYTES];
    text_init(&path, bytes, sizeof bytes);
    text_add(&path, "%s (%s)", value->path, label);
    memcpy(value->path, bytes, path.size_bytes + 1);
}

bool json_error(struct json value, struct error *error, const char *format, ...)
{
    char what[ERROR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const char *name = value.document->name;
    if (value.path[0] == 0)
        return error_set(error, "%s: %s", name, what);
    return error_set(error, "%s: %s: %s", name, value.path, what);
}

/* A key in an error is cut to this many bytes: it is the file's, not ours. */
#define KEY_FORMAT "key \"%.64s\": "

/* The member, or NULL and the error, also when the value is no object at all. */
static const cJSON *get_member(struct json object, const char *key, struct error *error)
{
    if (!cJSON_IsObject((const cJSON *)object.node)) {
        (void)json_error(object, error, "must be an object with the key \"%.64s\"", key);
        return NULL;
    }
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object.node, key);
    if (member == NULL)
        (void)json_error(object, error, KEY_FORMAT "missing", key);
    return member;
}

/* The value `node` that stands in `parent` under the key. */
static struct json child(struct json parent, const char *key, const cJSON *node)
{
    struct json value = {.document = parent.document, .node = node};
    struct text path;
    text_init(&path, value.path, sizeof value.path);
    text_add(&path, "%s%s%s", parent.path, parent.path[0] != 0 ? "." : "", key);
    return value;
}

bool json_get_array(struct json object, const char *key, struct json *out, struct error *error)
{
    const cJSON *member = get_member(object, key, error);
    if (member == NULL)
        return false;
    if (!cJSON_IsArray(member))
        return json_error(object, error, KEY_FORMAT "must be an array", key);
    *out = child(object, key, member);
    return true;
}

bool json_get_object(struct json object, const char *key, struct json *out, struct error *error)
{
    const cJSON *member = get_member(object, key, error);
    if (member == NULL)
        return false;
    if (!cJSON_IsObject(member))
        return json_error(object, error, KEY_FORMAT "must be an object", key);
    *out = child(object, key, member);
    return true;
}

bool json_get_string(struct json object, const char *key, const char **out, struct error *error)
{
    const cJSON *member = get_member(object, key, error);
    if (member == NULL)
        return false;
    if (!cJSON_IsString(member))
        return json_error(object, error, KEY_FORMAT "must be a string", key);
    *out = member->valuestring;
    return true;
}

bool json_get_bool(struct json object, const char *key, bool *out, struct error *error)
{
    const cJSON *member = get_member(object, key, error);
    if (member == NULL)
        return false;
    if (!cJSON_IsBool(member))
        return json_error(object, error, KEY_FORMAT "must be true or false", key);
    *out = cJSON_IsTrue(member);
    return true;
}

bool json_get_integer(struct json object, const char *key, struct json_range range,
                      int64_t *out_value, struct error *error)
{
    const cJSON *member = get_member(object, key, error);
    if (member == NULL)
        return false;
    int64_t min = range.min > -INTEGER_MAX ? range.min : -INTEGER_MAX;
    int64_t max = range.max < INTEGER_MAX ? range.max : INTEGER_MAX;
    double value = cJSON_IsNumber(member) ? member->valuedouble : 0.5;
    bool is_exact = value >= (double)-INTEGER_MAX && value <= (double)INTEGER_MAX &&
                    (double)(int64_t)value == value;
    if (!is_exact || (int64_t)value < min || (int64_t)value > max)
        return json_error(object, error, KEY_FORMAT "must be a whole number from %lld to %lld", key,
                          (long long)min, (long long)max);
    *out_value = (int64_t)value;
    return true;
}

bool json_get_scaled(struct json object, const char *key, struct json_scale scale,
                     int64_t *out_value, struct error *error)
{
    const cJSON *member = get_member(object, key, error);
    if (member == NULL)
        return false;
    double least = (double)scale.min / scale.scale, most = (double)scale.max / scale.scale;
    if (!cJSON_IsNumber(member))
        return json_error(object, error, KEY_FORMAT "must be a number from %.10g to %.10g", key,
                          least, most);
    double scaled = member->valuedouble * scale.scale;
    if (!(scaled >= (double)scale.min && scaled <= (double)scale.max))
        return json_error(object, error,
                          KEY_FORMAT "must be a number from %.10g to %.10g, not %.10g", key, least,
                          most, member->valuedouble);
    *out_value = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5); /* to the nearest */
    return true;
}

bool json_is_null(struct json object, const char *key)
{
    return cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(object.node, key));
}

bool json_string(struct json value, const char **out, struct error *error)
{
    if (!cJSON_IsString((const cJSON *)value.node))
        return json_error(value, error, "must be a string");
    *out = ((const cJSON *)value.node)->valuestring;
    return true;
}

bool json_integer(struct json value, struct json_range range, int64_t *out_value,
                  struct error *error)
{
    const cJSON *node = value.node;
    double number = cJSON_IsNumber(node) ? node->valuedouble : 0.5;
    if (!(number >= (double)range.min && number <= (double)range.max) ||
        number != (double)(int64_t)number)
        return json_error(value, error, "must be a whole number from %lld to %lld",
                          (long long)range.min, (long long)range.max);
    *out_value = (int64_t)number;
    return true;
}

bool json_has(struct json object, const char *key)
{
    return cJSON_IsObject((const cJSON *)object.node) &&
           cJSON_GetObjectItemCaseSensitive(object.node, key) != NULL;
}

/* Refuses an unknown key with the nearest known one, or with all when none is near. */
static bool unknown_error(struct json object, const char *key, const char *const *known,
                          struct error *error)
{
    const char *nearest = NULL;
    uint32_t nearest_distance = 3; /* more typing mistakes than two are another word */
    char list[192];
    struct text all;
    text_init(&all, list, sizeof list);
    for (size_t i = 0; known[i] != NULL; i++) {
        text_add(&all, "%s%s", i > 0 ? ", " : "", known[i]);
        uint32_t distance = text_distance(key, known[i]);
        if (distance < nearest_distance && distance < strlen(known[i])) {
            nearest = known[i];
            nearest_distance = distance;
        }
    }
    if (nearest != NULL)
        return json_error(object, error, KEY_FORMAT "unknown; did you mean \"%s\"?", key, nearest);
    return json_error(object, error, KEY_FORMAT "unknown; the known ones are: %s", key, list);
}

bool json_check_keys(struct json object, const char *const *known, struct error *error)
{
    if (!json_is_object(object))
        return json_error(object, error, "must be an object");
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, (const cJSON *)object.node)
    {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], member->string) != 0)
            i++;
        if (known[i] == NULL)
            return unknown_error(object, member->string, known, error);
        /* The getters see the first of equal keys only; the second would be lost silently. */
        if (cJSON_GetObjectItemCaseSensitive(object.node, member->string) != member)
            return json_error(object, error, KEY_FORMAT "stands there twice", member->string);
    }
    return true;
}

uint32_t json_count(struct json value)
{
    const cJSON *node = value.node;
    bool has_children = cJSON_IsArray(node) || cJSON_IsObject(node);
    return has_children ? (uint32_t)cJSON_GetArraySize(node) : 0;
}

struct json json_at(struct json array, uint32_t index)
{
    ensure(cJSON_IsArray((const cJSON *)array.node) && index < json_count(array));
    struct json value = {
        .document = array.document,
        .node = cJSON_GetArrayItem(array.node, (int)index),
    };
    struct text path;
    text_init(&path, value.path, sizeof value.path);
    text_add(&path, "%s[%u]", array.path, index);
    return value;
}

bool json_is_object(struct json value)
{
    return cJSON_IsObject((const cJSON *)value.node);
}
