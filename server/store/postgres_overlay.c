#include "store/postgres_overlay.h"

#include <string.h>

#include "base/memory.h"
#include "wire/framing.h"

enum { OVERLAY_IN_CHUNKS, OVERLAY_REST, OVERLAY_STATEMENTS };

static const struct pg_statement postgres_overlay_table[OVERLAY_STATEMENTS] = {
    [OVERLAY_IN_CHUNKS] = {"overlay_in_chunks",
                           "SELECT change FROM quarantine WHERE world_id = $1::bigint "
                           "AND chunk_x BETWEEN $2::bigint AND $3::bigint "
                           "AND chunk_y BETWEEN $4::bigint AND $5::bigint"},
    [OVERLAY_REST] = {"overlay_rest", "SELECT change FROM quarantine WHERE world_id = $1::bigint "
                                      "AND chunk_x IS NULL"},
};

static enum pg_status overlay_start(struct postgres *state, uint32_t statement, uint64_t world,
                                    struct error *error)
{
    enum pg_status status = postgres_prepare(state, POSTGRES_OVERLAY, postgres_overlay_table,
                                             OVERLAY_STATEMENTS, error);
    if (status != PG_OK)
        return status;
    pg_start(state->pg, &postgres_overlay_table[statement]);
    pg_add_int(state->pg, (int64_t)world);
    return PG_OK;
}

/* Things whose cell lies in these chunks, and the chunks' marks. */
static enum pg_status overlay_ask(struct postgres *state, uint64_t world, struct chunk_pos least,
                                  struct chunk_pos most, struct error *error)
{
    enum pg_status status = overlay_start(state, OVERLAY_IN_CHUNKS, world, error);
    if (status != PG_OK)
        return status;
    pg_add_int(state->pg, least.x);
    pg_add_int(state->pg, most.x);
    pg_add_int(state->pg, least.y);
    pg_add_int(state->pg, most.y);
    return pg_send(state->pg, error);
}

/* A structure's cell may be in the chunk beside. */
enum pg_status postgres_overlay_ask_chunk(struct postgres *state, uint64_t world,
                                          struct chunk_pos chunk, struct error *error)
{
    struct chunk_pos least = {chunk.x - 1, chunk.y - 1}, most = {chunk.x + 1, chunk.y + 1};
    return overlay_ask(state, world, least, most, error);
}

enum pg_status postgres_overlay_ask_region(struct postgres *state, uint64_t world,
                                           struct region_pos region, struct error *error)
{
    struct chunk_pos least = grid_chunk_at(region, 0);
    struct chunk_pos most = {least.x + GRID_REGION_CHUNKS - 1, least.y + GRID_REGION_CHUNKS - 1};
    return overlay_ask(state, world, least, most, error);
}

enum pg_status postgres_overlay_ask_rest(struct postgres *state, uint64_t world,
                                         struct error *error)
{
    enum pg_status status = overlay_start(state, OVERLAY_REST, world, error);
    return status == PG_OK ? pg_send(state->pg, error) : status;
}

enum pg_status postgres_overlay_receive(struct postgres *state, struct postgres_overlay *out,
                                        struct error *error)
{
    enum pg_status status = pg_receive(state->pg, error);
    if (status != PG_OK || postgres_overlay_take(state->pg, out, error))
        return status;
    pg_disconnect(state->pg); /* the answers to what was sent behind it are nobody's */
    return PG_REFUSED;
}

static void overlay_reserve(const struct pg *pg, struct postgres_overlay *out)
{
    size_t size = 0;
    *out = (struct postgres_overlay){.count = pg_rows(pg)};
    if (out->count == 0)
        return;
    for (uint32_t i = 0; i < out->count; i++)
        size += pg_bytes(pg, i, 0).size_bytes;
    out->changes = memory_reserve("quarantine", out->count, sizeof *out->changes);
    out->bytes = memory_reserve("quarantine", size + 1, 1);
}

bool postgres_overlay_take(const struct pg *pg, struct postgres_overlay *out, struct error *error)
{
    uint8_t *at;
    overlay_reserve(pg, out);
    at = out->bytes;
    for (uint32_t i = 0; i < out->count; i++) {
        struct span change = pg_bytes(pg, i, 0);
        struct framed framed;
        size_t offset = 0;
        memcpy(at, change.bytes, change.size_bytes);
        if (!framing_next(at, change.size_bytes, &offset, &framed) ||
            !framing_change(&framed, &out->changes[i])) {
            postgres_overlay_free(out);
            return error_set(error, "quarantine: a change is damaged");
        }
        at += change.size_bytes;
    }
    return true;
}

void postgres_overlay_free(struct postgres_overlay *overlay)
{
    memory_release(overlay->changes);
    memory_release(overlay->bytes);
    *overlay = (struct postgres_overlay){.count = 0};
}
