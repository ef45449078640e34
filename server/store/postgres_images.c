#include <string.h>

#include "store/postgres_overlay.h"
#include "store/postgres_row.h"

enum { IMAGES_CONFIGS, IMAGES_USES, IMAGES_ALL, IMAGES_ONE, IMAGES_STATEMENTS };

/* Those that a table's rows name, but for keys in quarantine. */
#define IMAGES_OF(table, kind, id, part)                                                           \
    "SELECT image_config_id AS id FROM " table " t WHERE world_id = $1::bigint "                   \
    "AND image_config_id <> 0 AND NOT EXISTS (SELECT FROM quarantine q "                           \
    "WHERE q.world_id = $1::bigint AND q.kind = '" kind "' AND q.id = t." id " AND q.part = " part \
    ") UNION ALL "
#define IMAGES_USED                                                                                \
    IMAGES_OF("cell_entities", "entity", "id", "0")                                                \
    IMAGES_OF("multi_cell_entities", "structure", "id", "0")                                       \
    IMAGES_OF("cell_piles", "pile", "id", "0")                                                     \
    IMAGES_OF("inventory_entities", "slot", "character_id", "t.slot_index")                        \
    "SELECT image_config_id FROM quarantine WHERE world_id = $1::bigint AND image_config_id <> 0"

static const struct pg_statement postgres_images_table[] = {
    [IMAGES_CONFIGS] =
        {"images_configs",
         "WITH used AS (" IMAGES_USED "), "
         "counts AS (SELECT id, count(*) AS uses FROM used GROUP BY id) "
         "SELECT " POSTGRES_CONFIG_COLUMNS
         ", COALESCE(n.uses, 0) FROM image_configs c LEFT JOIN counts n ON n.id = c.id "
         "WHERE c.world_id = $1::bigint ORDER BY c.id"},
    [IMAGES_USES] = {"images_uses",
                     "SELECT count(*) FROM (" IMAGES_USED ") AS used WHERE id = $2::bigint"},
    [IMAGES_ALL] = {"images_all",
                    "SELECT COALESCE(i.id, b.id), COALESCE(i.uploader_id, 0), "
                    "COALESCE(i.width, 0), COALESCE(i.height, 0), "
                    "COALESCE(octet_length(i.png), 0), b.id IS NOT NULL "
                    "FROM (SELECT * FROM images WHERE world_id = $1::bigint) i "
                    "FULL JOIN (SELECT * FROM image_bans WHERE world_id = $1::bigint) b "
                    "ON b.id = i.id ORDER BY 1"},
    [IMAGES_ONE] = {"images_one", "SELECT png FROM images WHERE world_id = $1::bigint "
                                  "AND id = $2::bytea"},
};

static enum pg_status postgres_start_images(struct postgres *state, uint32_t statement,
                                            uint64_t world, struct error *error)
{
    enum pg_status status =
        postgres_prepare(state, POSTGRES_IMAGES, postgres_images_table, IMAGES_STATEMENTS, error);
    if (status != PG_OK)
        return status;
    pg_start(state->pg, &postgres_images_table[statement]);
    pg_add_int(state->pg, (int64_t)world);
    return PG_OK;
}

static enum pg_status postgres_read_configs(struct postgres *state, uint64_t world,
                                            struct database_images *out, struct error *error)
{
    const struct pg *pg = state->pg;
    enum pg_status status = postgres_start_images(state, IMAGES_CONFIGS, world, error);
    if (status == PG_OK)
        status = pg_run(state->pg, error);
    if (status != PG_OK)
        return status;
    out->config_count = pg_rows(pg);
    if (out->config_count > out->configs_max) {
        error_set(error, "the world has %u image configurations, more than image_configs_max = %u",
                  out->config_count, out->configs_max);
        return PG_REFUSED;
    }
    for (uint32_t i = 0; i < out->config_count; i++)
        out->configs[i] =
            (struct database_image_config){postgres_row_config(pg, i), pg_int(pg, i, 7)};
    return PG_OK;
}

/* Reads all pictures and bans. */
static enum pg_status postgres_read_images(struct postgres *state, uint64_t world,
                                           struct database_images *out, struct error *error)
{
    const struct pg *pg = state->pg;
    enum pg_status status = postgres_start_images(state, IMAGES_ALL, world, error);
    if (status == PG_OK)
        status = pg_run(state->pg, error);
    if (status != PG_OK)
        return status;
    out->image_count = pg_rows(pg);
    if (out->image_count > out->images_max) {
        error_set(error, "the world has %u pictures, more than images_max = %u", out->image_count,
                  out->images_max);
        return PG_REFUSED;
    }
    for (uint32_t i = 0; i < out->image_count; i++) {
        out->images[i] = (struct database_image){
            .id = pg_hash(pg, i, 0),
            .uploader = {(uint64_t)pg_int(pg, i, 1)},
            .width = (uint32_t)pg_int(pg, i, 2),
            .height = (uint32_t)pg_int(pg, i, 3),
            .size_bytes = (uint32_t)pg_int(pg, i, 4),
            .is_banned = pg_bool(pg, i, 5),
        };
    }
    return PG_OK;
}

/* Lays a look over those that were read. */
static enum pg_status postgres_lay_config(struct postgres *state, uint64_t world,
                                          const struct change *change, struct database_images *out,
                                          struct error *error)
{
    const struct change_image_config *look = &change->image_config;
    uint32_t i = 0;
    while (i < out->config_count && out->configs[i].value.id != look->id)
        i++;
    if (i < out->config_count && batch_is_delete(change))
        out->configs[i] = out->configs[--out->config_count];
    else if (i < out->config_count)
        out->configs[i].value = *look;
    if (i < out->config_count || batch_is_delete(change))
        return PG_OK;
    if (i == out->configs_max) {
        error_set(error, "the world has more image configurations than image_configs_max = %u",
                  out->configs_max);
        return PG_REFUSED;
    }
    enum pg_status status = postgres_start_images(state, IMAGES_USES, world, error);
    if (status != PG_OK)
        return status;
    pg_add_int(state->pg, look->id);
    status = pg_run(state->pg, error);
    if (status == PG_OK)
        out->configs[out->config_count++] =
            (struct database_image_config){*look, pg_int(state->pg, 0, 0)};
    return status;
}

/* Lays a picture or a ban over those that were read; false when there is no room. */
static bool postgres_lay_image(const struct change *change, struct database_images *out)
{
    bool is_ban = change->kind == CHANGE_IMAGE_BAN;
    struct hash128 id = is_ban ? change->image_ban.id : change->image.id;
    uint32_t i = 0;
    while (i < out->image_count && !hash_is_equal(out->images[i].id, id))
        i++;
    if (i == out->images_max)
        return false;
    if (i == out->image_count)
        out->images[out->image_count++] = (struct database_image){.id = id};
    struct database_image *image = &out->images[i];
    if (is_ban)
        image->is_banned = change->image_ban.is_banned != 0;
    else
        *image = (struct database_image){id,
                                         change->image.uploader,
                                         change->image.width,
                                         change->image.height,
                                         change->image.png.size_bytes,
                                         image->is_banned};
    if (image->size_bytes == 0 && !image->is_banned)
        *image = out->images[--out->image_count];
    return true;
}

static enum pg_status postgres_lay_images(struct postgres *state, uint64_t world,
                                          const struct postgres_overlay *overlay,
                                          struct database_images *out, struct error *error)
{
    enum pg_status status = PG_OK;
    for (uint32_t i = 0; i < overlay->count && status == PG_OK; i++) {
        const struct change *change = &overlay->changes[i];
        if (change->kind == CHANGE_IMAGE_CONFIG)
            status = postgres_lay_config(state, world, change, out, error);
        bool is_picture = change->kind == CHANGE_IMAGE || change->kind == CHANGE_IMAGE_BAN;
        if (is_picture && !postgres_lay_image(change, out)) {
            error_set(error, "the world has more pictures than images_max = %u", out->images_max);
            status = PG_REFUSED;
        }
    }
    return status;
}

enum database_result postgres_load_images(void *state_any, uint64_t world,
                                          struct database_images *out, struct error *error)
{
    struct postgres *state = state_any;
    struct postgres_overlay overlay = {.count = 0};
    enum pg_status status = postgres_overlay_ask_rest(state, world, error);
    if (status == PG_OK)
        status = postgres_overlay_receive(state, &overlay, error);
    if (status == PG_OK)
        status = postgres_read_configs(state, world, out, error);
    if (status == PG_OK)
        status = postgres_read_images(state, world, out, error);
    if (status == PG_OK)
        status = postgres_lay_images(state, world, &overlay, out, error);
    postgres_overlay_free(&overlay);
    return postgres_result(status);
}

/* The picture, if it is in quarantine: it may be gone there. */
static const struct change_image *postgres_laid_image(const struct postgres_overlay *overlay,
                                                      struct hash128 id)
{
    for (uint32_t i = 0; i < overlay->count; i++) {
        const struct change *change = &overlay->changes[i];
        if (change->kind == CHANGE_IMAGE && hash_is_equal(change->image.id, id))
            return &change->image;
    }
    return NULL;
}

static enum database_result postgres_give_png(struct span png, struct database_png *out_png,
                                              struct error *error)
{
    if (png.size_bytes == 0)
        return DATABASE_NOT_FOUND;
    if (png.size_bytes > WORLD_IMAGE_BYTES) {
        error_set(error, "a picture of %u bytes, more than %d", png.size_bytes, WORLD_IMAGE_BYTES);
        return DATABASE_FAILED;
    }
    memcpy(out_png->bytes, png.bytes, png.size_bytes);
    out_png->size_bytes = png.size_bytes;
    return DATABASE_OK;
}

static enum pg_status postgres_send_image(struct postgres *state, uint64_t world, struct hash128 id,
                                          struct error *error)
{
    pg_start(state->pg, &postgres_images_table[IMAGES_ONE]);
    pg_add_int(state->pg, (int64_t)world);
    pg_add_hash(state->pg, id);
    return pg_send(state->pg, error);
}

enum database_result postgres_load_image(void *state_any, uint64_t world, struct hash128 id,
                                         struct database_png *out_png, struct error *error)
{
    struct postgres *state = state_any;
    struct postgres_overlay overlay = {.count = 0};
    enum pg_status status =
        postgres_prepare(state, POSTGRES_IMAGES, postgres_images_table, IMAGES_STATEMENTS, error);
    if (status == PG_OK)
        status = postgres_overlay_ask_rest(state, world, error);
    if (status == PG_OK)
        status = postgres_send_image(state, world, id, error);
    if (status == PG_OK)
        status = postgres_overlay_receive(state, &overlay, error);
    if (status == PG_OK)
        status = pg_receive(state->pg, error);
    enum database_result result = postgres_result(status);
    const struct change_image *laid = postgres_laid_image(&overlay, id);
    if (result == DATABASE_OK && laid != NULL)
        result = postgres_give_png(laid->png, out_png, error);
    else if (result == DATABASE_OK && pg_rows(state->pg) == 0)
        result = DATABASE_NOT_FOUND;
    else if (result == DATABASE_OK)
        result = postgres_give_png(pg_bytes(state->pg, 0, 0), out_png, error);
    postgres_overlay_free(&overlay);
    return result;
}
