/* Framed changes, as a client and recovery get them: what is accepted is in range and survives, and
 * where it is about cells these lie in the chunks that it touches. */
#include "fuzz/fuzz.h"

#include "base/ensure.h"
#include "wire/framing.h"

enum { BYTES_MAX = WORLD_IMAGE_BYTES + 1024, TEXT_BYTES = 4096 };

static void check_place(const struct change *change)
{
    struct chunk_pos chunks[CHANGE_CHUNKS_MAX];
    struct cell_area area, part;
    if (!(change_schema(change->kind)->flags & CHANGE_IN_CHUNK) || !change_area(change, &area))
        return;
    uint32_t count = change_chunks(change, chunks);
    ensure(count > 0);
    for (uint32_t i = 0; i < count; i++)
        ensure(change_is_in(change, chunks[i]) && grid_area_in_chunk(area, chunks[i], &part));
}

static void check_change(const struct change *change)
{
    static uint8_t bytes[BYTES_MAX];
    char words[TEXT_BYTES];
    const struct schema *schema = change_schema(change->kind);
    struct packet packet;
    struct framed framed;
    struct change again;
    struct text text;
    size_t offset = 0;
    ensure(schema_check(schema, change_record(change), NULL));
    check_place(change);
    framing_init(&packet, bytes, sizeof bytes);
    ensure(framing_add_change(&packet, change));
    ensure(framing_next(packet.bytes, packet.size_bytes, &offset, &framed));
    ensure(framing_change(&framed, &again));
    ensure(schema_is_equal(schema, change_record(change), change_record(&again)));
    text_init(&text, words, sizeof words);
    schema_print(schema, change_record(change), &text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct framed framed;
    size_t offset = 0;
    while (framing_next(bytes, size_bytes, &offset, &framed)) {
        struct change change;
        ensure(offset <= size_bytes);
        if (framing_change(&framed, &change))
            check_change(&change);
    }
    return 0;
}
