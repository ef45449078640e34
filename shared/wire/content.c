#include "wire/content.h"

#include <string.h>
#define ZSTD_STATIC_LINKING_ONLY /* for contexts in memory of ours */
#include <zstd.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "base/sort.h"
#include "wire/codec.h"

/* Bytes: a flag (enum packing), then plain or compressed: the numbers of cells, entities,
 * structures and piles; cells and entities, all numbers varints; and where there are structures or
 * piles these as records, bit by bit, and a 1. */
enum packing { PACKING_PLAIN, PACKING_ZSTD };

enum { PALETTE_MAX = 256, ZSTD_LEVEL = 1 };

struct content_codec {
    void *compressor_memory; /* where zstd's contexts live */
    void *decompressor_memory;
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    uint8_t plain[CONTENT_BYTES_MAX];
};

struct content_codec *content_codec_create(void)
{
    struct content_codec *codec = memory_reserve("content codec", 1, sizeof *codec);
    size_t compressor_bytes = ZSTD_estimateCCtxSize(ZSTD_LEVEL);
    size_t decompressor_bytes = ZSTD_estimateDCtxSize();
    /* zstd's own contexts give memory back and take it again as sizes vary; a sealed thread must
     * not. */
    codec->compressor_memory = memory_reserve("content codec", 1, compressor_bytes);
    codec->decompressor_memory = memory_reserve("content codec", 1, decompressor_bytes);
    codec->compressor = ZSTD_initStaticCCtx(codec->compressor_memory, compressor_bytes);
    codec->decompressor = ZSTD_initStaticDCtx(codec->decompressor_memory, decompressor_bytes);
    ensure(codec->compressor != NULL && codec->decompressor != NULL);
    return codec;
}

void content_codec_destroy(struct content_codec **codec)
{
    if (*codec == NULL)
        return;
    memory_release((*codec)->compressor_memory);
    memory_release((*codec)->decompressor_memory);
    memory_release(*codec);
    *codec = NULL;
}

void content_clear(struct content *content, struct chunk_pos chunk)
{
    content->chunk = chunk;
    content->cell_count = 0;
    content->entity_count = 0;
    content->structure_count = 0;
    content->pile_count = 0;
}

/* Takes a place of `max`; false when all are taken. */
static bool take_place(uint32_t *count, uint32_t max)
{
    if (*count == max)
        return false;
    (*count)++;
    return true;
}

bool content_add(struct content *content, const struct change *change)
{
    bool has_room = false;
    if (change->kind == CHANGE_CELL) {
        has_room = take_place(&content->cell_count, GRID_CHUNK_AREA);
        if (has_room)
            content->cells[content->cell_count - 1] = change->cell;
    } else if (change->kind == CHANGE_ENTITY) {
        has_room = take_place(&content->entity_count, CONTENT_ENTITIES_MAX);
        if (has_room)
            content->entities[content->entity_count - 1] = change->entity;
    } else if (change->kind == CHANGE_STRUCTURE) {
        has_room = take_place(&content->structure_count, WORLD_CHUNK_STRUCTURES_MAX);
        if (has_room)
            content->structures[content->structure_count - 1] = change->structure;
    } else {
        ensure(change->kind == CHANGE_PILE); /* nothing else lies in a chunk */
        has_room = take_place(&content->pile_count, WORLD_CHUNK_PILES_MAX);
        if (has_room)
            content->piles[content->pile_count - 1] = change->pile;
    }
    return has_room;
}

bool content_change(const struct content *content, uint32_t n, struct change *out_change)
{
    if (n < content->cell_count) {
        *out_change = (struct change){.kind = CHANGE_CELL, .cell = content->cells[n]};
        return true;
    }
    n -= content->cell_count;
    if (n < content->entity_count) {
        *out_change = (struct change){.kind = CHANGE_ENTITY, .entity = content->entities[n]};
        return true;
    }
    n -= content->entity_count;
    if (n < content->structure_count) {
        *out_change =
            (struct change){.kind = CHANGE_STRUCTURE, .structure = content->structures[n]};
        return true;
    }
    n -= content->structure_count;
    if (n < content->pile_count) {
        *out_change = (struct change){.kind = CHANGE_PILE, .pile = content->piles[n]};
        return true;
    }
    return false;
}

static int order_cells(const void *a, const void *b)
{
    uint32_t index_a = grid_cell_index(((const struct change_cell *)a)->cell);
    uint32_t index_b = grid_cell_index(((const struct change_cell *)b)->cell);
    return (index_a > index_b) - (index_a < index_b);
}

static int order_entities(const void *a, const void *b)
{
    const struct change_entity *left = a, *right = b;
    uint32_t index_a = grid_cell_index(left->cell);
    uint32_t index_b = grid_cell_index(right->cell);
    if (index_a != index_b)
        return index_a > index_b ? 1 : -1;
    return (left->id.value > right->id.value) - (left->id.value < right->id.value);
}

static int order_structures(const void *a, const void *b)
{
    uint64_t left = ((const struct change_structure *)a)->id.value;
    uint64_t right = ((const struct change_structure *)b)->id.value;
    return (left > right) - (left < right);
}

static int order_piles(const void *a, const void *b)
{
    const struct change_pile *left = a, *right = b;
    uint32_t index_a = grid_cell_index(left->cell);
    uint32_t index_b = grid_cell_index(right->cell);
    if (index_a != index_b)
        return index_a > index_b ? 1 : -1;
    return (left->id.value > right->id.value) - (left->id.value < right->id.value);
}

static const struct sort_order by_cell = {sizeof(struct change_cell), order_cells};
static const struct sort_order by_entity = {sizeof(struct change_entity), order_entities};
static const struct sort_order by_structure = {sizeof(struct change_structure), order_structures};
static const struct sort_order by_pile = {sizeof(struct change_pile), order_piles};

void content_sort(struct content *content)
{
    sort_rows(content->structures, content->structure_count, &by_structure);
    sort_rows(content->piles, content->pile_count, &by_pile);
    sort_rows(content->cells, content->cell_count, &by_cell);
    sort_rows(content->entities, content->entity_count, &by_entity);
}

static void gather_row(const struct world *world, const struct chunk *chunk, uint32_t row,
                       struct content *out)
{
    uint64_t kept = chunk->kept[row];
    for (uint32_t column = 0; kept != 0; column++, kept >>= 1) {
        if (!(kept & 1))
            continue;
        uint32_t index = row * GRID_CHUNK_CELLS + column;
        uint16_t replaced = world->catalog->natural_types[chunk->base.natural[index]];
        out->cells[out->cell_count++] =
            (struct change_cell){grid_cell_at(chunk->pos, index), 1, replaced};
    }
    for (uint32_t i = chunk->rows[row]; i != WORLD_NONE; i = world->entities[i].next) {
        const struct entity *entity = &world->entities[i];
        ensure(out->entity_count < CONTENT_ENTITIES_MAX);
        out->entities[out->entity_count++] = world_entity_change(entity).entity;
    }
}

static void gather_things(const struct world *world, const struct chunk *chunk, struct content *out)
{
    for (uint32_t i = chunk->structures; i != WORLD_NONE; i = world->structures[i].next) {
        struct change change = world_structure_change(&world->structures[i]);
        ensure(content_add(out, &change));
    }
    for (uint32_t i = chunk->piles; i != WORLD_NONE; i = world->piles[i].next) {
        struct change change = world_pile_change(&world->piles[i]);
        ensure(content_add(out, &change));
    }
    sort_rows(out->structures, out->structure_count, &by_structure);
    sort_rows(out->piles, out->pile_count, &by_pile);
}

void content_gather(const struct world *world, const struct chunk *chunk, struct content *out)
{
    content_clear(out, chunk->pos);
    for (uint32_t row = 0; row < GRID_CHUNK_CELLS; row++) {
        uint32_t first = out->entity_count;
        gather_row(world, chunk, row, out);
        sort_rows(out->entities + first, out->entity_count - first, &by_entity);
    }
    gather_things(world, chunk, out);
}

struct hash128 content_hash(const struct content *content)
{
    struct hash128 sum = {0, 0};
    struct change change;
    for (uint32_t i = 0; content_change(content, i, &change); i++)
        sum = hash_add(sum, change_hash(&change));
    return sum;
}

bool content_load(struct world *world, const struct content *content, struct error *error)
{
    struct chunk *chunk = world_find_chunk(world, content->chunk);
    struct change change;
    ensure(chunk != NULL && chunk->kept_count == 0 && world_weight(chunk) == 0);
    for (uint32_t i = 0; content_change(content, i, &change); i++) {
        if (!world_check(world, chunk, &change, error))
            return false;
        world_load(world, chunk, &change);
    }
    if (chunk->kept_count != content->cell_count || chunk->entity_count != content->entity_count ||
        chunk->structure_count != content->structure_count ||
        chunk->pile_count != content->pile_count)
        return error_set(error, "chunk (%d,%d): something is there twice", content->chunk.x,
                         content->chunk.y);
    return true;
}

/* The values that repeat (types, placers), each once, in order of appearance. */
struct palette {
    uint64_t values[PALETTE_MAX];
    uint32_t count;
};

/* The value's number, or PALETTE_MAX when the palette is full without it. */
static uint32_t palette_number(struct palette *palette, uint64_t value)
{
    for (uint32_t i = 0; i < palette->count; i++) {
        if (palette->values[i] == value)
            return i;
    }
    if (palette->count == PALETTE_MAX)
        return PALETTE_MAX;
    palette->values[palette->count] = value;
    return palette->count++;
}

/* A value by number, new ones in full behind the number that is next. */
static void write_by_palette(struct bit_writer *writer, struct palette *palette, uint64_t value)
{
    uint32_t known = palette->count;
    uint32_t number = palette_number(palette, value);
    bits_write_varint(writer, number);
    if (number >= known)
        bits_write_varint(writer, value);
}

static uint64_t read_by_palette(struct bit_reader *reader, struct palette *palette)
{
    uint64_t number = bits_read_varint(reader);
    if (number < palette->count)
        return palette->values[number];
    uint64_t value = bits_read_varint(reader);
    if (number > palette->count || palette_number(palette, value) != number)
        reader->is_failed = true; /* not the form that writing makes */
    return value;
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

/* What both directions carry from one entity to the next. */
struct coder {
    struct palette types, placers;
    uint64_t last_id;
    uint32_t last_index;
};

static void write_entity(struct bit_writer *writer, struct coder *coder,
                         const struct change_entity *entity)
{
    uint32_t index = grid_cell_index(entity->cell);
    bits_write_varint(writer, index - coder->last_index);
    bits_write_varint(writer, zigzag((int64_t)(entity->id.value - coder->last_id)));
    write_by_palette(writer, &coder->types, entity->type);
    write_by_palette(writer, &coder->placers, entity->placer.value);
    bits_write_varint(writer, entity->image);
    bits_write_varint(writer, entity->until);
    coder->last_index = index;
    coder->last_id = entity->id.value;
}

static void write_things(struct bit_writer *writer, const struct content *content)
{
    for (uint32_t i = 0; i < content->structure_count; i++)
        codec_encode(writer, change_schema(CHANGE_STRUCTURE), &content->structures[i]);
    for (uint32_t i = 0; i < content->pile_count; i++)
        codec_encode(writer, change_schema(CHANGE_PILE), &content->piles[i]);
    if (content->structure_count + content->pile_count > 0)
        bits_write(writer, 1, 1); /* so that no record lacks its last fields unnoticed */
}

static size_t write_plain(const struct content *content, uint8_t *bytes, size_t capacity)
{
    struct bit_writer writer;
    struct coder coder = {.last_id = 0};
    uint32_t last = 0;
    bits_write_init(&writer, bytes, capacity);
    bits_write_varint(&writer, content->cell_count);
    bits_write_varint(&writer, content->entity_count);
    bits_write_varint(&writer, content->structure_count);
    bits_write_varint(&writer, content->pile_count);
    for (uint32_t i = 0; i < content->cell_count; i++) {
        uint32_t index = grid_cell_index(content->cells[i].cell);
        bits_write_varint(&writer, index - last);
        write_by_palette(&writer, &coder.types, content->cells[i].replaced);
        last = index;
    }
    for (uint32_t i = 0; i < content->entity_count; i++)
        write_entity(&writer, &coder, &content->entities[i]);
    write_things(&writer, content);
    return writer.is_failed ? 0 : bits_finish_writing(&writer);
}

size_t content_encode(struct content_codec *codec, const struct content *content,
                      uint8_t *out_bytes, size_t capacity_bytes)
{
    size_t plain = write_plain(content, codec->plain, sizeof codec->plain);
    if (plain == 0 || capacity_bytes < 1)
        return 0;
    if (plain > CONTENT_ZSTD_BYTES) {
        size_t packed = ZSTD_compressCCtx(codec->compressor, out_bytes + 1, capacity_bytes - 1,
                                          codec->plain, plain, ZSTD_LEVEL);
        if (!ZSTD_isError(packed) && packed < plain) {
            out_bytes[0] = PACKING_ZSTD;
            return packed + 1;
        }
    }
    if (capacity_bytes < plain + 1)
        return 0;
    out_bytes[0] = PACKING_PLAIN;
    memcpy(out_bytes + 1, codec->plain, plain);
    return plain + 1;
}

static bool read_cells(struct bit_reader *reader, struct coder *coder, uint64_t count,
                       struct content *out)
{
    uint64_t index = 0;
    if (count > GRID_CHUNK_AREA)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t gap = bits_read_varint(reader);
        uint64_t replaced = read_by_palette(reader, &coder->types);
        if (reader->is_failed || gap >= GRID_CHUNK_AREA || (i > 0 && gap == 0) ||
            index + gap >= GRID_CHUNK_AREA || replaced >= CATALOG_TYPES_MAX)
            return false;
        index += gap;
        struct cell_pos cell = grid_cell_at(out->chunk, (uint32_t)index);
        out->cells[out->cell_count++] = (struct change_cell){cell, 1, (uint32_t)replaced};
    }
    return true;
}

static bool read_entity(struct bit_reader *reader, struct coder *coder, struct content *out)
{
    uint64_t gap = bits_read_varint(reader);
    uint64_t id = coder->last_id + (uint64_t)unzigzag(bits_read_varint(reader));
    uint64_t type = read_by_palette(reader, &coder->types);
    uint64_t placer = read_by_palette(reader, &coder->placers);
    uint64_t image = bits_read_varint(reader);
    uint64_t until = bits_read_varint(reader);
    if (reader->is_failed || gap >= GRID_CHUNK_AREA || coder->last_index + gap >= GRID_CHUNK_AREA)
        return false;
    bool is_out_of_order = gap == 0 && out->entity_count > 0 && id <= coder->last_id;
    if (is_out_of_order || id == 0 || id > ID_MAX || placer > ID_MAX || image > UINT32_MAX ||
        until > TICK_MAX || type == 0 || type >= CATALOG_TYPES_MAX)
        return false;
    coder->last_index += (uint32_t)gap;
    coder->last_id = id;
    out->entities[out->entity_count++] =
        (struct change_entity){{id},           grid_cell_at(out->chunk, coder->last_index),
                               (uint32_t)type, (uint32_t)image,
                               {placer},       until};
    return true;
}

static bool read_structures(struct bit_reader *reader, uint64_t count, struct content *out)
{
    for (uint64_t i = 0; i < count; i++) {
        struct change_structure *next = &out->structures[i];
        if (!codec_decode(reader, change_schema(CHANGE_STRUCTURE), next) ||
            (i > 0 && order_structures(next - 1, next) >= 0))
            return false;
        out->structure_count++;
    }
    return true;
}

static bool read_piles(struct bit_reader *reader, uint64_t count, struct content *out)
{
    for (uint64_t i = 0; i < count; i++) {
        struct change_pile *next = &out->piles[i];
        if (!codec_decode(reader, change_schema(CHANGE_PILE), next) ||
            (i > 0 && order_piles(next - 1, next) >= 0))
            return false;
        out->pile_count++;
    }
    return true;
}

static bool read_plain(const uint8_t *bytes, size_t size, struct content *out)
{
    struct bit_reader reader;
    struct coder coder = {.last_id = 0};
    bits_read_init(&reader, bytes, size);
    uint64_t cells = bits_read_varint(&reader);
    uint64_t entities = bits_read_varint(&reader);
    uint64_t structures = bits_read_varint(&reader);
    uint64_t piles = bits_read_varint(&reader);
    if (entities > CONTENT_ENTITIES_MAX || structures > WORLD_CHUNK_STRUCTURES_MAX ||
        piles > WORLD_CHUNK_PILES_MAX || !read_cells(&reader, &coder, cells, out))
        return false;
    for (uint64_t i = 0; i < entities; i++) {
        if (!read_entity(&reader, &coder, out))
            return false;
    }
    if (!read_structures(&reader, structures, out) || !read_piles(&reader, piles, out))
        return false;
    if (structures + piles > 0 && bits_read(&reader, 1) != 1)
        return false;
    return bits_finish_reading(&reader);
}

bool content_decode(struct content_codec *codec, const uint8_t *bytes, size_t size_bytes,
                    struct chunk_pos chunk, struct content *out_content)
{
    content_clear(out_content, chunk);
    if (size_bytes < 1 || !grid_is_chunk(chunk.x, chunk.y))
        return false;
    if (bytes[0] == PACKING_PLAIN)
        return read_plain(bytes + 1, size_bytes - 1, out_content);
    if (bytes[0] != PACKING_ZSTD)
        return false;
    size_t plain = ZSTD_decompressDCtx(codec->decompressor, codec->plain, sizeof codec->plain,
                                       bytes + 1, size_bytes - 1);
    return !ZSTD_isError(plain) && read_plain(codec->plain, plain, out_content);
}

size_t content_encode_base(struct content_codec *codec, const struct generator_chunk *base,
                           uint8_t *out_bytes, size_t capacity_bytes)
{
    size_t packed = ZSTD_compressCCtx(codec->compressor, out_bytes, capacity_bytes, base,
                                      sizeof *base, ZSTD_LEVEL);
    return ZSTD_isError(packed) ? 0 : packed;
}

bool content_decode_base(struct content_codec *codec, const uint8_t *bytes, size_t size_bytes,
                         struct generator_chunk *out_base)
{
    size_t plain = ZSTD_decompressDCtx(codec->decompressor, codec->plain, sizeof codec->plain,
                                       bytes, size_bytes);
    if (ZSTD_isError(plain) || plain != sizeof *out_base)
        return false;
    struct generator_chunk base;
    memcpy(&base, codec->plain, sizeof base);
    for (uint32_t i = 0; i < GRID_CHUNK_AREA; i++) {
        if (base.terrain[i] >= TERRAIN_COUNT || base.natural[i] >= NATURAL_COUNT)
            return false;
    }
    *out_base = base;
    return true;
}
