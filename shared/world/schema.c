#include "world/schema.h"

#include <inttypes.h>
#include <string.h>

#include "base/ensure.h"

enum { CANONICAL_BYTES = 1024 };

/* The form that is hashed: every number as 8 little-endian bytes, spans with their size before. */
struct canonical {
    uint8_t bytes[CANONICAL_BYTES];
    size_t used;
};

static uint64_t schema_number(const struct field *field, const void *at)
{
    if (field->type == FIELD_UINT) {
        uint32_t value;
        memcpy(&value, at, sizeof value);
        return value;
    }
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static const uint8_t *field_at(const struct field *field, const void *record)
{
    return (const uint8_t *)record + field->offset;
}

static bool field_is_valid(const struct field *field, const void *record)
{
    const uint8_t *at = field_at(field, record);
    struct cell_pos cell;
    struct chunk_pos chunk;
    struct span span;
    uint64_t number;

    switch (field->type) {
    case FIELD_UINT:
    case FIELD_BIG:
        number = schema_number(field, at);
        return number >= field->min && number <= field->max;
    case FIELD_CELL:
        memcpy(&cell, at, sizeof cell);
        return grid_is_cell(cell.x, cell.y);
    case FIELD_CHUNK:
        memcpy(&chunk, at, sizeof chunk);
        return grid_is_chunk(chunk.x, chunk.y);
    case FIELD_SPAN:
        memcpy(&span, at, sizeof span);
        return span.size_bytes >= field->min && span.size_bytes <= field->max;
    case FIELD_INNER:
        return schema_check(field->inner, at, NULL);
    case FIELD_POS:
    case FIELD_HASH:
        return true;
    }
    return false;
}

bool schema_check(const struct schema *schema, const void *record, const char **out_field)
{
    for (uint32_t i = 0; i < schema->field_count; i++) {
        if (!field_is_valid(&schema->fields[i], record)) {
            if (out_field != NULL)
                *out_field = schema->fields[i].name;
            return false;
        }
    }
    return true;
}

static void canonical_add(struct canonical *canonical, const void *bytes, size_t size)
{
    ensure(canonical->used + size <= CANONICAL_BYTES);
    if (size > 0)
        memcpy(canonical->bytes + canonical->used, bytes, size);
    canonical->used += size;
}

static void canonical_number(struct canonical *canonical, uint64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    canonical_add(canonical, bytes, sizeof bytes);
}

static void canonical_field(struct canonical *canonical, const struct field *field,
                            const void *record)
{
    const uint8_t *at = field_at(field, record);
    struct cell_pos pair;
    struct hash128 hash;
    struct span span;

    switch (field->type) {
    case FIELD_UINT:
    case FIELD_BIG:
        canonical_number(canonical, schema_number(field, at));
        break;
    case FIELD_CELL:
    case FIELD_CHUNK:
    case FIELD_POS:
        memcpy(&pair, at, sizeof pair); /* all three are two int32_t */
        canonical_number(canonical, (uint64_t)(uint32_t)pair.x << 32 | (uint32_t)pair.y);
        break;
    case FIELD_HASH:
        memcpy(&hash, at, sizeof hash);
        canonical_number(canonical, hash.high);
        canonical_number(canonical, hash.low);
        break;
    case FIELD_SPAN:
        memcpy(&span, at, sizeof span);
        canonical_number(canonical, span.size_bytes);
        canonical_add(canonical, span.bytes, span.size_bytes);
        break;
    case FIELD_INNER:
        for (uint32_t i = 0; i < field->inner->field_count; i++)
            canonical_field(canonical, &field->inner->fields[i], at);
        break;
    }
}

struct hash128 schema_hash(const struct schema *schema, uint32_t kind, const void *record)
{
    struct canonical canonical = {.used = 0};
    uint32_t at_first = schema->flags / SCHEMA_AT_FIRST(1);
    canonical_number(&canonical, kind);
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        bool is_later = at_first > 0 && i >= at_first;
        if (is_later && schema_number(field, field_at(field, record)) == 0)
            continue;
        if (is_later)
            canonical_number(&canonical, i);
        canonical_field(&canonical, field, record);
    }
    return hash_128(canonical.bytes, canonical.used, 0);
}

static bool field_is_equal(const struct field *field, const void *a, const void *b)
{
    const uint8_t *at_a = field_at(field, a);
    const uint8_t *at_b = field_at(field, b);
    struct span span_a, span_b;

    switch (field->type) {
    case FIELD_UINT:
        return memcmp(at_a, at_b, sizeof(uint32_t)) == 0;
    case FIELD_BIG:
    case FIELD_CELL:
    case FIELD_CHUNK:
    case FIELD_POS:
        return memcmp(at_a, at_b, sizeof(uint64_t)) == 0;
    case FIELD_HASH:
        return memcmp(at_a, at_b, sizeof(struct hash128)) == 0;
    case FIELD_SPAN:
        memcpy(&span_a, at_a, sizeof span_a);
        memcpy(&span_b, at_b, sizeof span_b);
        return span_a.size_bytes == span_b.size_bytes &&
               (span_a.size_bytes == 0 ||
                memcmp(span_a.bytes, span_b.bytes, span_a.size_bytes) == 0);
    case FIELD_INNER:
        return schema_is_equal(field->inner, at_a, at_b);
    }
    return false;
}

bool schema_is_equal(const struct schema *schema, const void *a, const void *b)
{
    for (uint32_t i = 0; i < schema->field_count; i++) {
        if (!field_is_equal(&schema->fields[i], a, b))
            return false;
    }
    return true;
}

/* JSON's readers take integers as signed at best. */
static void print_number(const struct field *field, uint64_t number, struct text *text)
{
    char digits[24];
    struct text value;
    if (number <= INT64_MAX) {
        text_json_number(text, field->name, (int64_t)number);
        return;
    }
    text_init(&value, digits, sizeof digits);
    text_add(&value, "%" PRIu64, number);
    text_json_string(text, field->name, digits);
}

bool schema_keep_spans(const struct schema *schema, void *record, struct arena *arena)
{
    for (uint32_t i = 0; i < schema->field_count; i++) {
        if (schema->fields[i].type != FIELD_SPAN)
            continue;
        struct span span;
        uint8_t *at = (uint8_t *)record + schema->fields[i].offset;
        memcpy(&span, at, sizeof span);
        span.bytes = arena_copy(arena, span.bytes, span.size_bytes);
        if (span.bytes == NULL)
            return false;
        memcpy(at, &span, sizeof span);
    }
    return true;
}

static void print_pair(const struct field *field, const void *at, struct text *text)
{
    struct cell_pos pair;
    memcpy(&pair, at, sizeof pair);
    text_json_open(text, field->name, '[');
    text_json_number(text, NULL, pair.x);
    text_json_number(text, NULL, pair.y);
    text_json_close(text, ']');
}

/* Keys and the like are not text: those are printed as hexadecimal digits. */
static void print_span(const struct field *field, struct span span, struct text *text)
{
    char digits[2 * CANONICAL_BYTES + 1];
    struct text value;
    text_init(&value, digits, sizeof digits);
    if (text_is_printable((const char *)span.bytes, span.size_bytes)) {
        text_add(&value, "%.*s", (int)span.size_bytes, (const char *)span.bytes);
    } else {
        for (uint32_t i = 0; i < span.size_bytes; i++)
            text_add(&value, "%02x", span.bytes[i]);
    }
    text_json_string(text, field->name, digits);
}

static void print_field(const struct field *field, const void *record, struct text *text)
{
    const uint8_t *at = field_at(field, record);
    struct hash128 hash;
    struct span span;
    char digits[33];

    switch (field->type) {
    case FIELD_UINT:
    case FIELD_BIG:
        print_number(field, schema_number(field, at), text);
        break;
    case FIELD_CELL:
    case FIELD_CHUNK:
    case FIELD_POS:
        print_pair(field, at, text);
        break;
    case FIELD_HASH:
        memcpy(&hash, at, sizeof hash);
        hash_format(hash, digits);
        text_json_string(text, field->name, digits);
        break;
    case FIELD_SPAN:
        memcpy(&span, at, sizeof span);
        print_span(field, span, text);
        break;
    case FIELD_INNER:
        text_json_open(text, field->name, '{');
        for (uint32_t i = 0; i < field->inner->field_count; i++)
            print_field(&field->inner->fields[i], at, text);
        text_json_close(text, '}');
        break;
    }
}

void schema_print(const struct schema *schema, const void *record, struct text *text)
{
    text_json_open(text, NULL, '{');
    text_json_string(text, "record", schema->name);
    for (uint32_t i = 0; i < schema->field_count; i++)
        print_field(&schema->fields[i], record, text);
    text_json_close(text, '}');
}
