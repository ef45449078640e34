/* scene.h - short words for changes and tick records in tests of store and loader. */
#ifndef TILTH_SIM_SCENE_H
#define TILTH_SIM_SCENE_H

#include "store/database.h"

enum { SCENE_TREE = 1, SCENE_ROCK = 2, SCENE_WALL_US = 1000000 };

/* A kept cell that replaced a type, and the same cell as generated again. */
struct change scene_cell(int32_t x, int32_t y, uint32_t replaced);
struct change scene_cell_gone(int32_t x, int32_t y); /* As generated again. */

/* An entity in a cell, placed by character 7; type 0: gone. */
struct change scene_entity(uint64_t id, int32_t x, int32_t y, uint32_t type);

/* A chunk's version, and the hash of this content. */
struct change scene_chunk(const struct content *content, uint64_t version);

/* An account with a key made from its id; the name must outlive it. */
struct change scene_account(uint64_t id, const char *name);

/* A character of the account, at (id, -id). */
struct change scene_character(uint64_t id, uint64_t account);

/* Frames changes as a record's payload; the bytes used. */
uint32_t scene_payload(const struct change *changes, uint32_t count, uint8_t *out_bytes,
                       uint32_t capacity_bytes);

/* Adds a record with the changes to the batch; tick 10 * seq, wall time seq s, hash (seq, seq). */
enum batch_result scene_add(struct batch *batch, uint64_t seq, const struct change *changes,
                            uint32_t count);

/* The content that these changes (cells and entities, none gone) make in a chunk. */
void scene_content(struct content *out, struct chunk_pos chunk, const struct change *changes,
                   uint32_t count);

/* Are they the same, in the same order? */
bool scene_is_same(const struct content *a, const struct content *b);

#endif
