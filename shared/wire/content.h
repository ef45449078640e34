/* content.h - the kept content of one chunk as a value, and its compact bytes.
 *
 * Content is what differs from the generated chunk, as changes: kept cells, the entities in them,
 * structures that touch it (each whole), and piles. It is what loads from PostgreSQL or Redis, what
 * goes to Redis on eviction, and what a client gets.
 * The bytes are canonical (equal content, equal bytes): cells in index order as gaps, entities
 * oldest id first within a cell, types and placers through a palette; then structures and piles as
 * records; above CONTENT_ZSTD_BYTES compressed with zstd 1 when that is smaller. Decoding trusts
 * nothing. Caller's memory (about 600 KB a struct content: one per role, reserved), any thread. */
#ifndef TILTH_WIRE_CONTENT_H
#define TILTH_WIRE_CONTENT_H

#include "base/error.h"
#include "world/world.h"

enum {
    CONTENT_ENTITIES_MAX = WORLD_CHUNK_ENTITIES_MAX, /* rules refuse more */
    CONTENT_BYTES_MAX = 232 << 10, /* one packet of the link; holds the largest content, packed or
                                      not */
    CONTENT_ZSTD_BYTES = 256,
    CONTENT_BASE_BYTES_MAX = 1 << 14, /* a generated chunk, encoded */
};

struct content {
    struct chunk_pos chunk;
    uint32_t cell_count;
    uint32_t entity_count;
    uint32_t structure_count;
    uint32_t pile_count;
    struct change_cell cells[GRID_CHUNK_AREA];                      /* rising cell index */
    struct change_entity entities[CONTENT_ENTITIES_MAX];            /* rising cell index, then id */
    struct change_structure structures[WORLD_CHUNK_STRUCTURES_MAX]; /* rising id */
    struct change_pile piles[WORLD_CHUNK_PILES_MAX];                /* rising cell index, then id */
};

struct content_codec;

/* Reserves working memory for compression and decompression, about 1 MB: once per role. Encoding
 * and decoding take no other memory. */
struct content_codec *content_codec_create(void);
void content_codec_destroy(struct content_codec **codec); /* NULL-safe. */

/* Empties the content for a chunk. */
void content_clear(struct content *content, struct chunk_pos chunk);

/* Adds a change of a kind with CHANGE_IN_CHUNK; false when there are too many of it. */
bool content_add(struct content *content, const struct change *change);

/* The n-th change of all: cells, entities, structures, piles. False behind the last. */
bool content_change(const struct content *content, uint32_t n, struct change *out_change);

/* Gathers what is kept in a resident chunk. */
void content_gather(const struct world *world, const struct chunk *chunk, struct content *out);

/* Brings cells and entities into their order, however they were added. May allocate (qsort). */
void content_sort(struct content *content);

/* The sum of change_hash over the content: what chunk.hash is when it is loaded. */
struct hash128 content_hash(const struct content *content);

/* Makes the content's chunk, resident as generated, hold it. False and the error when it does not
 * fit (outside the chunk, no such type, a cell or an entity twice in one row, no room); then the
 * chunk is half-filled: remove it. */
bool content_load(struct world *world, const struct content *content, struct error *error);

/* Encodes content that is in order; the size, at most CONTENT_BYTES_MAX, or 0 when capacity_bytes
 * is too small. */
size_t content_encode(struct content_codec *codec, const struct content *content,
                      uint8_t *out_bytes, size_t capacity_bytes);

/* Decodes into *out_content, whose chunk is set to `chunk`; false on anything malformed. */
bool content_decode(struct content_codec *codec, const uint8_t *bytes, size_t size_bytes,
                    struct chunk_pos chunk, struct content *out_content);

/* Encodes a generated chunk, for clients that do not know the seed: zstd of its bytes. The size, at
 * most CONTENT_BASE_BYTES_MAX, or 0 when capacity_bytes is too small. */
size_t content_encode_base(struct content_codec *codec, const struct generator_chunk *base,
                           uint8_t *out_bytes, size_t capacity_bytes);

/* Decodes it; false on anything malformed, terrain and natural numbers included. */
bool content_decode_base(struct content_codec *codec, const uint8_t *bytes, size_t size_bytes,
                         struct generator_chunk *out_base);

#endif
