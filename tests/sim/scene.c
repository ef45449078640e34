#include "sim/scene.h"

#include <string.h>

#include "base/ensure.h"
#include "wire/framing.h"

enum { SCENE_PAYLOAD_BYTES = 1 << 20, SCENE_PLACER = 7 };

/* Keys as bytes: 32 equal ones, by the account's number. */
static const uint8_t scene_keys[4][CRYPTO_PUBLIC_BYTES] = {
    {0xa0, 1, 2, 3}, {0xa1, 1, 2, 3}, {0xa2, 1, 2, 3}, {0xa3, 1, 2, 3}};

struct change scene_cell(int32_t x, int32_t y, uint32_t replaced)
{
    return (struct change){.kind = CHANGE_CELL,
                           .cell = {.cell = {x, y}, .is_kept = 1, .replaced = replaced}};
}

struct change scene_cell_gone(int32_t x, int32_t y)
{
    return (struct change){.kind = CHANGE_CELL, .cell = {.cell = {x, y}}};
}

struct change scene_entity(uint64_t id, int32_t x, int32_t y, uint32_t type)
{
    return (struct change){
        .kind = CHANGE_ENTITY,
        .entity = {.id = {id}, .cell = {x, y}, .type = type, .placer = {SCENE_PLACER}},
    };
}

struct change scene_chunk(const struct content *content, uint64_t version)
{
    return (struct change){
        .kind = CHANGE_CHUNK,
        .chunk = {.chunk = content->chunk, .version = version, .hash = content_hash(content)},
    };
}

struct change scene_account(uint64_t id, const char *name)
{
    return (struct change){
        .kind = CHANGE_ACCOUNT,
        .account = {.id = {id},
                    .name = {(const uint8_t *)name, (uint32_t)strlen(name)},
                    .key = {scene_keys[id % 4], CRYPTO_PUBLIC_BYTES}},
    };
}

struct change scene_character(uint64_t id, uint64_t account)
{
    return (struct change){
        .kind = CHANGE_CHARACTER,
        .character = {.id = {id},
                      .account = {account},
                      .pos = {(int32_t)id, -(int32_t)id},
                      .last_intent = UINT32_MAX,
                      .done = UINT64_MAX - id},
    };
}

uint32_t scene_payload(const struct change *changes, uint32_t count, uint8_t *out_bytes,
                       uint32_t capacity_bytes)
{
    struct packet packet;
    framing_init(&packet, out_bytes, capacity_bytes);
    for (uint32_t i = 0; i < count; i++)
        ensure(framing_add_change(&packet, &changes[i]));
    return (uint32_t)packet.size_bytes;
}

enum batch_result scene_add(struct batch *batch, uint64_t seq, const struct change *changes,
                            uint32_t count)
{
    static uint8_t payload[SCENE_PAYLOAD_BYTES];
    struct record_header header = {
        .seq = seq,
        .tick = seq * 10,
        .wall_us = (int64_t)seq * SCENE_WALL_US,
        .hash = {seq, seq},
        .size_bytes = scene_payload(changes, count, payload, sizeof payload),
    };
    return batch_add(batch, &header, payload, NULL);
}

void scene_content(struct content *out, struct chunk_pos chunk, const struct change *changes,
                   uint32_t count)
{
    content_clear(out, chunk);
    for (uint32_t i = 0; i < count; i++) {
        if (changes[i].kind == CHANGE_CELL)
            out->cells[out->cell_count++] = changes[i].cell;
        else if (changes[i].kind == CHANGE_ENTITY)
            out->entities[out->entity_count++] = changes[i].entity;
    }
    content_sort(out);
}

bool scene_is_same(const struct content *a, const struct content *b)
{
    const struct schema *cell = change_schema(CHANGE_CELL);
    const struct schema *entity = change_schema(CHANGE_ENTITY);
    bool is_same = grid_is_same_chunk(a->chunk, b->chunk) && a->cell_count == b->cell_count &&
                   a->entity_count == b->entity_count;
    for (uint32_t i = 0; is_same && i < a->cell_count; i++)
        is_same = schema_is_equal(cell, &a->cells[i], &b->cells[i]);
    for (uint32_t i = 0; is_same && i < a->entity_count; i++)
        is_same = schema_is_equal(entity, &a->entities[i], &b->entities[i]);
    return is_same;
}
