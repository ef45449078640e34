#include "world/images.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "base/rng.h"

/* Empties a table of 2 * capacity + 1 buckets. */
static void clear_table(uint32_t *table, uint32_t capacity)
{
    memset(table, 0xFF, (2 * (size_t)capacity + 1) * sizeof *table);
}

static uint32_t *make_table(uint32_t capacity)
{
    uint32_t *table = memory_reserve("images", 2 * (size_t)capacity + 1, sizeof *table);
    clear_table(table, capacity);
    return table;
}

void images_init(struct images *images, uint32_t configs_max, uint32_t images_max)
{
    *images = (struct images){.newest_id = 0};
    pool_init(&images->config_pool, "images", configs_max);
    images->configs = memory_reserve("images", configs_max, sizeof *images->configs);
    images->by_id = make_table(configs_max);
    images->by_look = make_table(configs_max);
    pool_init(&images->image_pool, "images", images_max);
    images->images = memory_reserve("images", images_max, sizeof *images->images);
    images->by_hash = make_table(images_max);
}

void images_finish(struct images *images)
{
    pool_finish(&images->config_pool);
    pool_finish(&images->image_pool);
    memory_release(images->configs);
    memory_release(images->by_id);
    memory_release(images->by_look);
    memory_release(images->images);
    memory_release(images->by_hash);
    *images = (struct images){.newest_id = 0};
}

static void clear_pool(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->reached; i++) {
        if (pool_is_used(pool, i))
            pool_remove(pool, i);
    }
}

void images_clear(struct images *images)
{
    clear_pool(&images->config_pool);
    clear_pool(&images->image_pool);
    clear_table(images->by_id, images->config_pool.capacity);
    clear_table(images->by_look, images->config_pool.capacity);
    clear_table(images->by_hash, images->image_pool.capacity);
    images->newest_id = 0;
}

static uint32_t *id_bucket(const struct images *images, uint32_t id)
{
    return &images->by_id[rng_mix(id) % (2 * (uint64_t)images->config_pool.capacity + 1)];
}

/* The hash of how it draws, whatever its id. */
static uint32_t *look_bucket(const struct images *images, const struct change_image_config *value)
{
    struct change change = {.kind = CHANGE_IMAGE_CONFIG, .image_config = *value};
    change.image_config.id = 0;
    uint64_t hash = change_hash(&change).low;
    return &images->by_look[hash % (2 * (uint64_t)images->config_pool.capacity + 1)];
}

static uint32_t *hash_bucket(const struct images *images, struct hash128 id)
{
    return &images->by_hash[id.low % (2 * (uint64_t)images->image_pool.capacity + 1)];
}

struct image_config *images_find_config(const struct images *images, uint32_t id)
{
    uint32_t index = *id_bucket(images, id);
    while (index != POOL_NONE && images->configs[index].value.id != id)
        index = images->configs[index].next_by_id;
    return index == POOL_NONE ? NULL : &images->configs[index];
}

static bool is_same_look(const struct change_image_config *a, const struct change_image_config *b)
{
    struct change_image_config like_a = *a;
    like_a.id = b->id;
    return schema_is_equal(change_schema(CHANGE_IMAGE_CONFIG), &like_a, b);
}

struct image_config *images_find_look(const struct images *images,
                                      const struct change_image_config *value)
{
    uint32_t index = *look_bucket(images, value);
    while (index != POOL_NONE && !is_same_look(&images->configs[index].value, value))
        index = images->configs[index].next_by_look;
    return index == POOL_NONE ? NULL : &images->configs[index];
}

struct image *images_find(const struct images *images, struct hash128 id)
{
    uint32_t index = *hash_bucket(images, id);
    while (index != POOL_NONE && !hash_is_equal(images->images[index].id, id))
        index = images->images[index].next;
    return index == POOL_NONE ? NULL : &images->images[index];
}

static void use_image(struct images *images, struct hash128 id, int64_t by)
{
    struct image *image = images_find(images, id);
    if (image == NULL)
        return;
    image->uses += by;
    if (by > 0)
        image->unused_since = 0;
}

static void remove_config(struct images *images, struct image_config *config)
{
    uint32_t index = (uint32_t)(config - images->configs);
    uint32_t *link = id_bucket(images, config->value.id);
    while (*link != index)
        link = &images->configs[*link].next_by_id;
    *link = config->next_by_id;
    link = look_bucket(images, &config->value);
    while (*link != index)
        link = &images->configs[*link].next_by_look;
    *link = config->next_by_look;
    use_image(images, config->value.custom, -1);
    pool_remove(&images->config_pool, index);
}

static void put_config(struct images *images, const struct change_image_config *value)
{
    struct image_config *known = images_find_config(images, value->id);
    int64_t uses = known != NULL ? known->uses : 0;
    if (known != NULL)
        remove_config(images, known);
    if (value->id > images->newest_id)
        images->newest_id = value->id;
    if (value->size == 0)
        return;
    uint32_t index = pool_add(&images->config_pool);
    ensure(index != POOL_NONE); /* images_can_apply was asked */
    uint32_t *id_at = id_bucket(images, value->id), *look_at = look_bucket(images, value);
    images->configs[index] = (struct image_config){
        .value = *value, .uses = uses, .next_by_id = *id_at, .next_by_look = *look_at};
    *id_at = index;
    *look_at = index;
    use_image(images, value->custom, 1);
}

/* The picture's place, new or known; NULL when it has none and needs none. */
static struct image *place_of(struct images *images, struct hash128 id, bool is_needed)
{
    struct image *known = images_find(images, id);
    if (known != NULL || !is_needed)
        return known;
    uint32_t index = pool_add(&images->image_pool);
    ensure(index != POOL_NONE); /* images_can_apply was asked */
    uint32_t *bucket = hash_bucket(images, id);
    images->images[index] = (struct image){.id = id, .next = *bucket};
    *bucket = index;
    return &images->images[index];
}

static void remove_if_nothing(struct images *images, struct image *image)
{
    uint32_t index = (uint32_t)(image - images->images);
    if (image->size_bytes > 0 || image->is_banned)
        return;
    uint32_t *link = hash_bucket(images, image->id);
    while (*link != index)
        link = &images->images[*link].next;
    *link = image->next;
    pool_remove(&images->image_pool, index);
}

static void put_image(struct images *images, const struct change_image *value)
{
    struct image *image = place_of(images, value->id, value->png.size_bytes > 0);
    if (image == NULL)
        return;
    image->uploader = value->uploader;
    image->width = value->width;
    image->height = value->height;
    image->size_bytes = value->png.size_bytes;
    remove_if_nothing(images, image);
}

static void put_ban(struct images *images, const struct change_image_ban *value)
{
    struct image *image = place_of(images, value->id, value->is_banned != 0);
    if (image == NULL)
        return;
    image->is_banned = value->is_banned != 0;
    remove_if_nothing(images, image);
}

bool images_can_apply(const struct images *images, const struct change *change)
{
    bool has_config_place = images->config_pool.used < images->config_pool.capacity;
    bool has_image_place = images->image_pool.used < images->image_pool.capacity;
    if (change->kind == CHANGE_IMAGE_CONFIG)
        return has_config_place || change->image_config.size == 0 ||
               images_find_config(images, change->image_config.id) != NULL;
    if (change->kind == CHANGE_IMAGE)
        return has_image_place || change->image.png.size_bytes == 0 ||
               images_find(images, change->image.id) != NULL;
    return has_image_place || change->image_ban.is_banned == 0 ||
           images_find(images, change->image_ban.id) != NULL;
}

void images_apply(struct images *images, const struct change *change)
{
    if (change->kind == CHANGE_IMAGE_CONFIG)
        put_config(images, &change->image_config);
    else if (change->kind == CHANGE_IMAGE)
        put_image(images, &change->image);
    else
        put_ban(images, &change->image_ban);
}

bool images_load(struct images *images, const struct image *image)
{
    if (images->image_pool.used == images->image_pool.capacity)
        return false;
    struct image *place = place_of(images, image->id, true);
    place->uploader = image->uploader;
    place->width = image->width;
    place->height = image->height;
    place->size_bytes = image->size_bytes;
    place->is_banned = image->is_banned;
    return true;
}

bool images_load_config(struct images *images, const struct change_image_config *value,
                        int64_t uses)
{
    if (images->config_pool.used == images->config_pool.capacity)
        return false;
    put_config(images, value);
    images_find_config(images, value->id)->uses = uses;
    return true;
}

bool images_has_config_room(const struct images *images)
{
    return images->config_pool.used < images->config_pool.capacity &&
           images->newest_id < UINT32_MAX;
}

bool images_has_room(const struct images *images)
{
    return images_has_config_room(images) && images->image_pool.used < images->image_pool.capacity;
}

void images_use(struct images *images, uint32_t id, int64_t by)
{
    struct image_config *config = id == 0 ? NULL : images_find_config(images, id);
    if (config == NULL)
        return;
    config->uses += by;
    if (by > 0)
        config->unused_since = 0;
}

struct change_image_config images_config_of(const struct image_def *def)
{
    return (struct change_image_config){
        .size = def->size_units,
        .turns = def->turns,
        .angle = def->turns ? 0 : (uint32_t)(def->angle_units + IMAGE_ANGLE_UNITS_MAX),
        .offset_x = (uint32_t)(def->offset_x_units + IMAGE_OFFSET_UNITS_MAX),
        .offset_y = (uint32_t)(def->offset_y_units + IMAGE_OFFSET_UNITS_MAX),
        .custom = def->custom,
    };
}

struct image_def images_def_of(const struct change_image_config *value)
{
    return (struct image_def){
        .size_units = (uint16_t)value->size,
        .turns = value->turns != 0,
        .angle_units = value->turns ? 0 : (int32_t)value->angle - IMAGE_ANGLE_UNITS_MAX,
        .offset_x_units = (int16_t)((int32_t)value->offset_x - IMAGE_OFFSET_UNITS_MAX),
        .offset_y_units = (int16_t)((int32_t)value->offset_y - IMAGE_OFFSET_UNITS_MAX),
        .custom = value->custom,
    };
}

bool images_is_none(struct hash128 id)
{
    return id.low == 0 && id.high == 0;
}
