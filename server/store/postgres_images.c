#include <string.h>

#include "store/postgres_row.h"

enum { IMAGES_CONFIGS, IMAGES_ALL, IMAGES_ONE, IMAGES_STATEMENTS };

static const struct pg_statement postgres_images_table[] = {
    [IMAGES_CONFIGS] =
        {"images_configs",
         "WITH used AS ("
         "SELECT image_config_id AS id FROM cell_entities "
         "WHERE world_id = $1::bigint AND image_config_id <> 0 UNION ALL "
         "SELECT image_config_id FROM multi_cell_entities "
         "WHERE world_id = $1::bigint AND image_config_id <> 0 UNION ALL "
         "SELECT image_config_id FROM cell_piles "
         "WHERE world_id = $1::bigint AND image_config_id <> 0 UNION ALL "
         "SELECT image_config_id FROM inventory_entities "
         "WHERE world_id = $1::bigint AND image_config_id <> 0), "
         "counts AS (SELECT id, count(*) AS uses FROM used GROUP BY id) "
         "SELECT " POSTGRES_CONFIG_COLUMNS
         ", COALESCE(n.uses, 0) FROM image_configs c LEFT JOIN counts n ON n.id = c.id "
         "WHERE c.world_id = $1::bigint ORDER BY c.id"},
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

enum database_result postgres_load_images(void *state_any, uint64_t world,
                                          struct database_images *out, struct error *error)
{
    struct postgres *state = state_any;
    const struct pg *pg = state->pg;
    enum pg_status status = postgres_read_configs(state, world, out, error);
    if (status == PG_OK)
        status = postgres_start_images(state, IMAGES_ALL, world, error);
    if (status == PG_OK)
        status = pg_run(state->pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    out->image_count = pg_rows(pg);
    if (out->image_count > out->images_max) {
        error_set(error, "the world has %u pictures, more than images_max = %u", out->image_count,
                  out->images_max);
        return DATABASE_FAILED;
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
    return DATABASE_OK;
}

enum database_result postgres_load_image(void *state_any, uint64_t world, struct hash128 id,
                                         struct database_png *out_png, struct error *error)
{
    struct postgres *state = state_any;
    enum pg_status status = postgres_start_images(state, IMAGES_ONE, world, error);
    if (status != PG_OK)
        return postgres_result(status);
    pg_add_hash(state->pg, id);
    status = pg_run(state->pg, error);
    if (status != PG_OK)
        return postgres_result(status);
    if (pg_rows(state->pg) == 0)
        return DATABASE_NOT_FOUND;
    struct span png = pg_bytes(state->pg, 0, 0);
    if (png.size_bytes > WORLD_IMAGE_BYTES) {
        error_set(error, "a picture of %u bytes, more than %d", png.size_bytes, WORLD_IMAGE_BYTES);
        return DATABASE_FAILED;
    }
    memcpy(out_png->bytes, png.bytes, png.size_bytes);
    out_png->size_bytes = png.size_bytes;
    return DATABASE_OK;
}
