#include "world/images.h"

#include "testing.h"

#include "base/rng.h"

enum { CONFIGS = 8, IMAGES = 6, ROUNDS = 20000, SEED = 5 };

static struct change config_of(uint32_t id, uint32_t size, uint64_t custom)
{
    struct change change = {.kind = CHANGE_IMAGE_CONFIG};
    change.image_config =
        (struct change_image_config){.id = id, .size = size, .custom = {custom, 0}};
    return change;
}

static struct change image_of(uint64_t id, uint32_t size_bytes)
{
    static const uint8_t png[9];
    struct change change = {.kind = CHANGE_IMAGE};
    change.image = (struct change_image){{id, 0}, {png, size_bytes}, 2, 3, {4}};
    return change;
}

static struct change ban_of(uint64_t id, bool is_banned)
{
    struct change change = {.kind = CHANGE_IMAGE_BAN};
    change.image_ban = (struct change_image_ban){{id, 0}, is_banned};
    return change;
}

static void put(struct images *images, struct change change)
{
    images_apply(images, &change);
}

START_TEST(a_look_is_found_by_number_and_by_look)
{
    struct images images;
    images_init(&images, CONFIGS, IMAGES);
    struct change config = config_of(7, 50, 0), other = config;
    put(&images, config);
    ck_assert_uint_eq(images.newest_id, 7);
    ck_assert_ptr_nonnull(images_find_config(&images, 7));
    ck_assert_ptr_null(images_find_config(&images, 6));
    config.image_config.id = 0; /* is not compared */
    const struct image_config *found = images_find_look(&images, &config.image_config);
    ck_assert_uint_eq(found->value.id, 7);
    config.image_config.angle = 1;
    ck_assert_ptr_null(images_find_look(&images, &config.image_config));
    images_use(&images, 7, 3);
    other.image_config.size = 51; /* another look under the same number */
    put(&images, other);
    ck_assert_int_eq(images_find_config(&images, 7)->uses, 3);
    ck_assert_uint_eq(images_find_look(&images, &other.image_config)->value.id, 7);
    config.image_config.angle = 0;
    ck_assert_ptr_null(images_find_look(&images, &config.image_config));
    put(&images, config_of(7, 0, 0));
    put(&images, config_of(7, 0, 0));
    ck_assert_ptr_null(images_find_config(&images, 7));
    ck_assert_uint_eq(images.config_pool.used, 0);
    ck_assert_uint_eq(images.newest_id, 7); /* for ever */
    images_finish(&images);
}
END_TEST

START_TEST(uses_of_looks_and_of_pictures)
{
    struct images images;
    images_init(&images, CONFIGS, IMAGES);
    put(&images, image_of(11, 5));
    put(&images, config_of(1, 50, 11));
    put(&images, config_of(2, 51, 11));
    struct image *image = images_find(&images, (struct hash128){11, 0});
    ck_assert_int_eq(image->uses, 2);
    ck_assert_uint_eq(image->width, 2);
    ck_assert_uint_eq(image->size_bytes, 5);
    put(&images, config_of(2, 51, 11)); /* once more is as once */
    ck_assert_int_eq(image->uses, 2);
    put(&images, config_of(2, 0, 11));
    ck_assert_int_eq(image->uses, 1);
    images_use(&images, 1, 1);
    images_use(&images, 0, 1);
    images_use(&images, 99, 1); /* nobody's */
    ck_assert_int_eq(images_find_config(&images, 1)->uses, 1);
    images_find_config(&images, 1)->unused_since = image->unused_since = 77;
    images_use(&images, 1, -1);
    ck_assert_uint_eq(images_find_config(&images, 1)->unused_since, 77);
    images_use(&images, 1, 1); /* its time begins anew */
    ck_assert_uint_eq(images_find_config(&images, 1)->unused_since, 0);
    put(&images, config_of(3, 52, 11));
    ck_assert_uint_eq(image->unused_since, 0);
    images_finish(&images);
}
END_TEST

START_TEST(a_ban_and_a_picture_need_one_place)
{
    struct images images;
    images_init(&images, CONFIGS, IMAGES);
    put(&images, ban_of(11, false)); /* nothing to remember */
    put(&images, image_of(11, 0));
    ck_assert_uint_eq(images.image_pool.used, 0);
    put(&images, ban_of(11, true));
    ck_assert_uint_eq(images_find(&images, (struct hash128){11, 0})->size_bytes, 0);
    put(&images, image_of(11, 5));
    ck_assert_uint_eq(images.image_pool.used, 1);
    ck_assert(images_find(&images, (struct hash128){11, 0})->is_banned);
    put(&images, image_of(11, 0));
    ck_assert(images_find(&images, (struct hash128){11, 0})->is_banned);
    put(&images, ban_of(11, false));
    ck_assert_ptr_null(images_find(&images, (struct hash128){11, 0}));
    put(&images, image_of(11, 5));
    put(&images, ban_of(11, true));
    put(&images, ban_of(11, false));
    ck_assert_uint_eq(images_find(&images, (struct hash128){11, 0})->size_bytes, 5);
    images_finish(&images);
}
END_TEST

START_TEST(room_is_what_is_left)
{
    struct images images;
    images_init(&images, CONFIGS, IMAGES);
    for (uint32_t i = 0; i < IMAGES; i++) {
        ck_assert(images_has_room(&images));
        put(&images, ban_of(i + 1, true));
    }
    ck_assert(!images_has_room(&images));
    struct image extra = {.id = {99, 0}, .size_bytes = 1};
    ck_assert(!images_load(&images, &extra));
    for (uint32_t i = 0; i < CONFIGS; i++) {
        ck_assert(images_has_config_room(&images));
        put(&images, config_of(i + 1, 20 + i, 0));
    }
    ck_assert(!images_has_config_room(&images));
    struct change config = config_of(50, 1, 0);
    ck_assert(!images_load_config(&images, &config.image_config, 1));
    put(&images, config_of(3, 99, 0)); /* one that is there */
    put(&images, config_of(3, 0, 0));
    ck_assert(images_has_config_room(&images));
    put(&images, config_of(UINT32_MAX, 5, 0)); /* there is no number behind it */
    put(&images, config_of(UINT32_MAX, 0, 0));
    ck_assert(!images_has_config_room(&images));
    images_finish(&images);
}
END_TEST

static bool can_apply(const struct images *images, struct change change)
{
    return images_can_apply(images, &change);
}

/* What is known needs no place, nor does what goes; each of the two tables has its own. */
START_TEST(a_full_table_takes_what_needs_no_place)
{
    struct images images;
    images_init(&images, CONFIGS, IMAGES);
    for (uint32_t i = 0; i < IMAGES; i++) {
        ck_assert(can_apply(&images, image_of(i + 1, 5)));
        put(&images, image_of(i + 1, 5));
    }
    ck_assert(!can_apply(&images, image_of(99, 5)));
    ck_assert(!can_apply(&images, ban_of(99, true)));
    ck_assert(can_apply(&images, ban_of(99, false)) && can_apply(&images, image_of(99, 0)));
    ck_assert(can_apply(&images, ban_of(1, true)) && can_apply(&images, image_of(1, 0)));
    for (uint32_t i = 0; i < CONFIGS; i++) {
        ck_assert(can_apply(&images, config_of(i + 1, 20 + i, 0)));
        put(&images, config_of(i + 1, 20 + i, 0));
    }
    ck_assert(!can_apply(&images, config_of(99, 20, 0)));
    ck_assert(can_apply(&images, config_of(99, 0, 0)) && can_apply(&images, config_of(3, 50, 0)));
    images_clear(&images);
    ck_assert_ptr_null(images_find_config(&images, 3));
    ck_assert_ptr_null(images_find(&images, (struct hash128){1, 0}));
    for (uint32_t i = 0; i < IMAGES; i++)
        put(&images, image_of(i + 50, 5));
    ck_assert(!can_apply(&images, image_of(99, 5)) && can_apply(&images, config_of(99, 20, 0)));
    images_finish(&images);
}
END_TEST

START_TEST(what_a_world_starts_with)
{
    struct images images;
    images_init(&images, CONFIGS, IMAGES);
    struct image image = {.id = {11, 12},
                          .size_bytes = 5,
                          .width = 1,
                          .height = 2,
                          .uploader = {3},
                          .is_banned = true};
    struct change config = config_of(9, 30, 0);
    config.image_config.custom = image.id;
    ck_assert(images_load(&images, &image));
    ck_assert(images_load_config(&images, &config.image_config, 42));
    ck_assert_int_eq(images_find_config(&images, 9)->uses, 42);
    ck_assert_uint_eq(images.newest_id, 9);
    const struct image *found = images_find(&images, image.id);
    ck_assert_int_eq(found->uses, 1);
    ck_assert(found->is_banned);
    ck_assert_uint_eq(found->uploader.value, 3);
    images_finish(&images);
}
END_TEST

START_TEST(a_def_and_its_configuration)
{
    struct image_def defs[] = {
        image_default(),
        {.size_units = 1,
         .angle_units = -IMAGE_ANGLE_UNITS_MAX,
         .offset_x_units = -IMAGE_OFFSET_UNITS_MAX,
         .offset_y_units = IMAGE_OFFSET_UNITS_MAX,
         .custom = {5, 6}},
        {.size_units = 7, .turns = true, .offset_x_units = 3},
        {.size_units = IMAGE_SIZE_UNITS_MAX, .angle_units = IMAGE_ANGLE_UNITS_MAX},
    };
    for (size_t i = 0; i < sizeof defs / sizeof defs[0]; i++) {
        struct change_image_config value = images_config_of(&defs[i]);
        struct image_def back = images_def_of(&value);
        value.id = 1;
        ck_assert(schema_check(change_schema(CHANGE_IMAGE_CONFIG), &value, NULL));
        ck_assert(image_is_equal(&back, &defs[i]));
        ck_assert(hash_is_equal(value.custom, defs[i].custom));
    }
    ck_assert(images_is_none((struct hash128){0, 0}));
    ck_assert(!images_is_none((struct hash128){0, 1}) && !images_is_none((struct hash128){1, 0}));
}
END_TEST

/* Whatever comes and goes: a simple table says what is there. */
START_TEST(as_a_simple_table_says)
{
    struct images images;
    struct rng rng;
    uint32_t sizes[CONFIGS + 1] = {0}, customs[CONFIGS + 1] = {0};
    images_init(&images, CONFIGS, IMAGES);
    rng_init(&rng, SEED);
    for (uint64_t id = 1; id <= 3; id++)
        put(&images, image_of(id, 5));
    for (int round = 0; round < TESTING_ROUNDS(ROUNDS); round++) {
        uint32_t id = 1 + (uint32_t)rng_below(&rng, CONFIGS);
        int64_t uses[4] = {0};
        sizes[id] = (uint32_t)rng_below(&rng, 2) * (id + (uint32_t)rng_below(&rng, 3) * 100);
        customs[id] = (uint32_t)rng_below(&rng, 4);
        put(&images, config_of(id, sizes[id], customs[id]));
        for (uint32_t i = 1; i <= CONFIGS; i++) {
            const struct image_config *config = images_find_config(&images, i);
            ck_assert_int_eq(config != NULL, sizes[i] != 0);
            if (config == NULL)
                continue;
            uses[customs[i]]++;
            ck_assert_uint_eq(config->value.size, sizes[i]);
            ck_assert_ptr_eq(images_find_look(&images, &config->value), config);
        }
        for (uint64_t i = 1; i <= 3; i++)
            ck_assert_int_eq(images_find(&images, (struct hash128){i, 0})->uses, uses[i]);
    }
    images_finish(&images);
}
END_TEST

TESTING_MAIN("images", a_look_is_found_by_number_and_by_look, uses_of_looks_and_of_pictures,
             a_ban_and_a_picture_need_one_place, room_is_what_is_left,
             a_full_table_takes_what_needs_no_place, what_a_world_starts_with,
             a_def_and_its_configuration, as_a_simple_table_says)
