/* schema.h - how intents, changes and messages are described, once, as const tables.
 *
 * A .def file lists records with BEGIN(NAME, name, flags) FIELD(...) END(NAME, name). From it come
 * the C struct (SCHEMA_C_*), and a table of struct field (SCHEMA_FIELD) that codec, printer, hash
 * and comparison walk (shared/wire/codec.c, shared/world/schema.c); nothing is written per record.
 * Everything here is const after the program is loaded; any thread. docs/howto/ has checklists. */
#ifndef TILTH_WORLD_SCHEMA_H
#define TILTH_WORLD_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"
#include "grid/grid.h"

/* Bytes that live elsewhere: in the tick's arena, or in the buffer a record was decoded from. They
 * are valid exactly as long as that. */
struct span {
    const uint8_t *bytes;
    uint32_t size_bytes;
};

/* Ids. 0 is "none". stream (7 bits) | sequence number of the birth's tick record (36) | n (20). */
struct entity_id {
    uint64_t value;
};
struct structure_id {
    uint64_t value;
};
struct pile_id {
    uint64_t value;
};
struct account_id {
    uint64_t value;
};
struct character_id {
    uint64_t value;
};
#define ID_MAX (UINT64_MAX >> 1)

/* Ticks that are written down as such: 1,700 years at 20 a second. */
#define TICK_MAX ((UINT64_C(1) << 40) - 1)

enum field_type {
    FIELD_UINT,  /* uint32_t in [min, max]; takes exactly the bits that the range needs */
    FIELD_BIG,   /* uint64_t in [min, max], or an id; groups of 7 bits */
    FIELD_CELL,  /* struct cell_pos within the world */
    FIELD_CHUNK, /* struct chunk_pos within the world */
    FIELD_POS,   /* struct world_pos */
    FIELD_HASH,  /* struct hash128 */
    FIELD_SPAN,  /* struct span of min..max bytes */
    FIELD_INNER, /* a record of its own schema, without spans, min 0 throughout */
};

#define SCHEMA_C_UINT      uint32_t
#define SCHEMA_C_BIG       uint64_t
#define SCHEMA_C_CELL      struct cell_pos
#define SCHEMA_C_CHUNK     struct chunk_pos
#define SCHEMA_C_POS       struct world_pos
#define SCHEMA_C_HASH      struct hash128
#define SCHEMA_C_SPAN      struct span
#define SCHEMA_C_ENTITY    struct entity_id
#define SCHEMA_C_STRUCTURE struct structure_id
#define SCHEMA_C_PILE      struct pile_id
#define SCHEMA_C_ACCOUNT   struct account_id
#define SCHEMA_C_CHARACTER struct character_id
#define SCHEMA_C_STACK     struct stack

#define SCHEMA_T_UINT      FIELD_UINT
#define SCHEMA_T_BIG       FIELD_BIG
#define SCHEMA_T_CELL      FIELD_CELL
#define SCHEMA_T_CHUNK     FIELD_CHUNK
#define SCHEMA_T_POS       FIELD_POS
#define SCHEMA_T_HASH      FIELD_HASH
#define SCHEMA_T_SPAN      FIELD_SPAN
#define SCHEMA_T_ENTITY    FIELD_BIG
#define SCHEMA_T_STRUCTURE FIELD_BIG
#define SCHEMA_T_PILE      FIELD_BIG
#define SCHEMA_T_ACCOUNT   FIELD_BIG
#define SCHEMA_T_CHARACTER FIELD_BIG
#define SCHEMA_T_STACK     FIELD_INNER

/* The schema of an inner record; NULL for all that is none. */
#define SCHEMA_I_UINT      NULL
#define SCHEMA_I_BIG       NULL
#define SCHEMA_I_CELL      NULL
#define SCHEMA_I_CHUNK     NULL
#define SCHEMA_I_POS       NULL
#define SCHEMA_I_HASH      NULL
#define SCHEMA_I_SPAN      NULL
#define SCHEMA_I_ENTITY    NULL
#define SCHEMA_I_STRUCTURE NULL
#define SCHEMA_I_PILE      NULL
#define SCHEMA_I_ACCOUNT   NULL
#define SCHEMA_I_CHARACTER NULL
#define SCHEMA_I_STACK     &stack_schema

struct field {
    const char *name;
    enum field_type type;
    uint16_t offset; /* in the record's struct */
    uint64_t min, max;
    const struct schema *inner; /* of FIELD_INNER */
};

struct schema {
    const char *name;
    const struct field *fields;
    uint8_t field_count;
    uint8_t flags;       /* the low 4 bits: meaning by the .def file; SCHEMA_AT_FIRST */
    uint16_t size_bytes; /* of the record's struct */
};

/* As a flag: the record had so many fields at first, 1..15. Those behind are hashed only where they
 * are not 0, with their place, so that old records hash as they did; they are numbers. */
#define SCHEMA_AT_FIRST(count) ((count) << 4)

/* One row of a field table. */
#define SCHEMA_FIELD(prefix, record, type, field, min, max)                                        \
    {#field, SCHEMA_T_##type, (uint16_t)offsetof(struct prefix##record, field), min,               \
     max,    SCHEMA_I_##type},

/* Is every field of the record within its range? On false *out_field (which may be
 * NULL) names the first bad one. */
bool schema_check(const struct schema *schema, const void *record, const char **out_field);

/* The 128-bit hash of the record: kind, then every field, in an order and form that never change
 * (docs/decisions/0002-world-hash.md). Spans of up to 1,000 bytes in all. */
struct hash128 schema_hash(const struct schema *schema, uint32_t kind, const void *record);

/* Are two records of one schema the same, span contents included? */
bool schema_is_equal(const struct schema *schema, const void *a, const void *b);

/* Copies what the record's spans point at into the arena, and points them there. False when it does
 * not fit; then some spans point there already. */
bool schema_keep_spans(const struct schema *schema, void *record, struct arena *arena);

/* Appends the record as a JSON object {"record": name, field: value, ...}; spans as strings (text
 * as it is, else hexadecimal digits, 1 KiB at most), numbers beyond INT64_MAX as strings too. */
void schema_print(const struct schema *schema, const void *record, struct text *text);

#endif
