/* One list of tests, run over the simulated database and over PostgreSQL: structures, piles, looks,
 * pictures, and who gave things their looks. */
#include "db/conformance.h"

#include "base/crypto.h"
#include "store/pg.h"

enum { BUILDING = 9, CONFIGS_MAX = 16, IMAGES_MAX = 16, PICTURES = 8 };

/* A structure of 4 x 4 with the cells -2..1, named by the one at (0,0). */
static struct change structure_at(uint64_t id, int32_t x, int32_t y)
{
    struct change change = {.kind = CHANGE_STRUCTURE};
    change.structure = (struct change_structure){.id = {id},
                                                 .cell = {x, y},
                                                 .is_there = 1,
                                                 .type = BUILDING,
                                                 .width = 4,
                                                 .height = 4,
                                                 .left = 2,
                                                 .top = 2,
                                                 .placer = {7}};
    return change;
}

static struct change gone(struct change structure)
{
    structure.structure.is_there = 0;
    return structure;
}

static struct chunk_pos chunk_of(int32_t n)
{
    return (struct chunk_pos){-(n % 2), -(n / 2)};
}

/* Each of the four chunks around (0,0) has just these structures, whole and in this order. */
static void expect_structures(struct bench *bench, const struct change *expected, uint32_t count)
{
    for (int32_t i = 0; i < 4; i++) {
        const struct content *loaded = bench_load(bench, chunk_of(i));
        ck_assert_uint_eq(loaded->structure_count, count);
        for (uint32_t j = 0; j < count; j++)
            ck_assert(schema_is_equal(change_schema(CHANGE_STRUCTURE), &loaded->structures[j],
                                      &expected[j].structure));
    }
}

START_TEST(test_a_structure_is_whole_in_all_its_chunks)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change hall = structure_at(ID_MAX, 0, 0);
    hall.structure.image = UINT32_MAX;
    bench_must_apply(&bench, 1, &hall, 1);
    expect_structures(&bench, &hall, 1);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){1, 0})->structure_count, 0);
    bench_must_apply(&bench, 2, &hall, 1); /* once more is as once */
    expect_structures(&bench, &hall, 1);
    struct change other_look = hall;
    other_look.structure.image = 5;
    bench_must_apply(&bench, 3, &other_look, 1);
    expect_structures(&bench, &other_look, 1);
    struct change hall_gone = gone(other_look);
    bench_must_apply(&bench, 4, &hall_gone, 1);
    expect_structures(&bench, NULL, 0);
    bench_must_apply(&bench, 5, &hall_gone, 1);
    struct change again = structure_at(3, 0, 0);
    bench_must_apply(&bench, 6, &again, 1); /* its cells were free */
    expect_structures(&bench, &again, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_one_makes_room_for_another_in_one_batch)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change first = structure_at(9, 0, 0), second = structure_at(4, 1, 1);
    bench_must_apply(&bench, 1, &first, 1);
    struct change both[] = {gone(first), second};
    bench_must_apply(&bench, 2, both, 2);
    expect_structures(&bench, &second, 1);
    /* built and gone between two others */
    struct change between = structure_at(5, 0, 0), last = structure_at(2, 0, 0);
    struct change all[] = {gone(second), between, gone(between), last};
    bench_must_apply(&bench, 3, all, 4);
    expect_structures(&bench, &last, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_cell_belongs_to_one_structure)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change first = structure_at(9, 0, 0), corner = structure_at(4, 3, 3);
    struct change beside = structure_at(5, 4, 0);
    bench_must_apply(&bench, 1, &first, 1);
    struct change pair[] = {scene_cell(50, 50, 0), corner};
    bench_must_apply(&bench, 2, pair, 2);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->cell_count, 1);
    ck_assert_uint_eq(bench_quarantined(&bench), 1);
    ck_assert(quarantine_has(bench.quarantine, &corner));
    bench_must_apply(&bench, 3, &beside, 1);
    ck_assert_uint_eq(bench_quarantined(&bench), 1);
    struct change twins[] = {structure_at(20, 40, 40), structure_at(21, 41, 41)};
    bench_must_apply(&bench, 4, twins, 2); /* in one batch */
    ck_assert_uint_eq(bench_quarantined(&bench), 2);
    ck_assert(!quarantine_has(bench.quarantine, &twins[0]));
    ck_assert(quarantine_has(bench.quarantine, &twins[1]));
    bench_end(&bench);
}
END_TEST

START_TEST(test_structures_at_the_ends_of_the_world)
{
    struct bench bench;
    static const int32_t ends[2] = {GRID_CELL_MIN + 2, GRID_CELL_MAX - 1};
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    for (uint32_t i = 0; i < 4; i++) {
        struct change hall = structure_at(i + 1, ends[i % 2], ends[i / 2]);
        struct chunk_pos chunk = grid_chunk_of(hall.structure.cell);
        bench_must_apply(&bench, i + 1, &hall, 1);
        const struct content *loaded = bench_load(&bench, chunk);
        ck_assert_uint_eq(loaded->structure_count, 1);
        ck_assert(schema_is_equal(change_schema(CHANGE_STRUCTURE), &loaded->structures[0],
                                  &hall.structure));
    }
    bench_end(&bench);
}
END_TEST

static struct change pile_at(uint64_t id, int32_t x, int32_t y, uint32_t image)
{
    struct change change = {.kind = CHANGE_PILE};
    change.pile = (struct change_pile){.id = {id},
                                       .cell = {x, y},
                                       .stack = {.type = SCENE_ROCK,
                                                 .quantity = 65535,
                                                 .image = image,
                                                 .wear = 1000000,
                                                 .source = SCENE_TREE,
                                                 .source_cell = {GRID_CELL_MIN, GRID_CELL_MAX},
                                                 .tick = 1ull << 62,
                                                 .time_s = UINT32_MAX,
                                                 .tool = SCENE_TREE,
                                                 .pos = {INT32_MIN, INT32_MAX},
                                                 .skill = 31,
                                                 .level = 10},
                                       .until = TICK_MAX};
    return change;
}

START_TEST(test_piles_and_what_grows_come_back)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    const struct schema *schema = change_schema(CHANGE_PILE);
    struct chunk_pos chunk = {-1, -1};
    struct change changes[] = {pile_at(ID_MAX, -64, -64, UINT32_MAX), pile_at(6, -1, -1, 0),
                               pile_at(5, -1, -1, 0), scene_entity(3, -1, -1, 1)};
    changes[3].entity.until = TICK_MAX;
    bench_must_apply(&bench, 1, changes, 4);
    const struct content *loaded = bench_load(&bench, chunk);
    ck_assert_uint_eq(loaded->pile_count, 3);
    ck_assert(schema_is_equal(schema, &loaded->piles[0], &changes[0].pile));
    ck_assert(schema_is_equal(schema, &loaded->piles[1], &changes[2].pile)); /* by id */
    ck_assert(schema_is_equal(schema, &loaded->piles[2], &changes[1].pile));
    ck_assert_uint_eq(loaded->entities[0].until, TICK_MAX);
    changes[0].pile.stack = (struct stack){.type = SCENE_TREE, .quantity = 1};
    changes[0].pile.until = 0;
    changes[1].pile.stack = (struct stack){.type = 0};
    changes[3].entity.until = 0;
    bench_must_apply(&bench, 2, changes, 4);
    loaded = bench_load(&bench, chunk);
    ck_assert_uint_eq(loaded->pile_count, 2);
    ck_assert(schema_is_equal(schema, &loaded->piles[0], &changes[0].pile));
    ck_assert_uint_eq(loaded->piles[1].id.value, 5);
    ck_assert_uint_eq(loaded->entities[0].until, 0);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->pile_count, 0);
    bench_end(&bench);
}
END_TEST

static struct change config_of(uint32_t id, uint32_t size, struct hash128 custom)
{
    struct change change = {.kind = CHANGE_IMAGE_CONFIG};
    change.image_config = (struct change_image_config){
        .id = id, .size = size, .offset_x = 1, .offset_y = 2, .angle = 3, .custom = custom};
    return change;
}

/* What the other connection loads of looks and pictures. */
static const struct database_images *load_images(struct bench *bench)
{
    static struct database_image_config configs[CONFIGS_MAX];
    static struct database_image pictures[IMAGES_MAX];
    static struct database_images images;
    images = (struct database_images){.configs = configs,
                                      .configs_max = CONFIGS_MAX,
                                      .images = pictures,
                                      .images_max = IMAGES_MAX};
    struct database *database = &bench->connections[1];
    enum database_result result =
        database->ops->load_images(database->state, bench->world.id, &images, &bench->error);
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
    return &images;
}

START_TEST(test_looks_with_their_ends)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change changes[] = {
        config_of(1, 1, (struct hash128){0, 0}), config_of(2, 9, (struct hash128){1, 0}),
        config_of(UINT32_MAX, IMAGE_SIZE_UNITS_MAX, (struct hash128){UINT64_MAX, UINT64_MAX})};
    changes[1].image_config.turns = 1;
    changes[1].image_config.angle = 0;
    changes[1].image_config.offset_x = 0;
    changes[2].image_config.angle = 2 * IMAGE_ANGLE_UNITS_MAX;
    changes[2].image_config.offset_x = 2 * IMAGE_OFFSET_UNITS_MAX;
    changes[2].image_config.offset_y = 2 * IMAGE_OFFSET_UNITS_MAX;
    bench_must_apply(&bench, 1, changes, 3);
    const struct database_images *images = load_images(&bench);
    ck_assert_uint_eq(images->config_count, 3);
    ck_assert_uint_eq(images->image_count, 0);
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert(schema_is_equal(change_schema(CHANGE_IMAGE_CONFIG), &images->configs[i].value,
                                  &changes[i].image_config));
        ck_assert_int_eq(images->configs[i].uses, 0);
    }
    changes[1].image_config.size = 0;
    bench_must_apply(&bench, 2, changes + 1, 1);
    ck_assert_uint_eq(load_images(&bench)->config_count, 2);
    ck_assert_uint_eq(load_images(&bench)->configs[1].value.id, UINT32_MAX);
    bench_end(&bench);
}
END_TEST

/* Over all four kinds of things; a structure counts once for all its chunks, a stack once. */
START_TEST(test_uses_are_counted)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change changes[] = {
        config_of(1, 1, (struct hash128){0, 0}),
        config_of(2, 2, (struct hash128){0, 0}),
        structure_at(9, 0, 0),
        pile_at(5, 70, 70, 1),
        scene_entity(3, 80, 80, 1),
        scene_entity(4, 80, 80, 1),
        {.kind = CHANGE_SLOT},
        {.kind = CHANGE_SLOT},
    };
    changes[2].structure.image = 1;
    changes[4].entity.image = 1;
    changes[5].entity.image = 2;
    changes[6].slot =
        (struct change_slot){{11}, 0, {.type = SCENE_TREE, .quantity = 9, .image = 1}};
    changes[7].slot =
        (struct change_slot){{12}, 255, {.type = SCENE_TREE, .quantity = 9, .image = 3}};
    bench_must_apply(&bench, 1, changes, 8);
    const struct database_images *images = load_images(&bench);
    ck_assert_uint_eq(images->config_count, 2); /* nobody knows a third */
    ck_assert_int_eq(images->configs[0].uses, 4);
    ck_assert_int_eq(images->configs[1].uses, 1);
    changes[2].structure.is_there = 0;
    changes[3].pile.stack = (struct stack){.type = 0};
    changes[4].entity.image = 2;
    changes[6].slot.stack.image = 2;
    bench_must_apply(&bench, 2, changes + 2, 5);
    images = load_images(&bench);
    ck_assert_int_eq(images->configs[0].uses, 0);
    ck_assert_int_eq(images->configs[1].uses, 3);
    bench.options.world = "another";
    bench_must_open(&bench, 0);
    ck_assert_uint_eq(load_images(&bench)->config_count, 0);
    bench_end(&bench);
}
END_TEST

/* Pictures of all sizes, their ids as they are made. */
static struct change picture(uint32_t n)
{
    static uint8_t bytes[PICTURES][WORLD_IMAGE_BYTES];
    struct change change = {.kind = CHANGE_IMAGE};
    uint32_t size = n == 0 ? 1 : WORLD_IMAGE_BYTES - (n - 1) * 100;
    for (uint32_t i = 0; i < size; i++)
        bytes[n][i] = (uint8_t)(i * 7 + n);
    change.image = (struct change_image){.id = hash_128(bytes[n], size, 0),
                                         .png = {bytes[n], size},
                                         .width = n + 1,
                                         .height = WORLD_IMAGE_SIDE_PX,
                                         .uploader = {ID_MAX - n}};
    return change;
}

static void expect_picture(struct bench *bench, const struct change_image *expected)
{
    static struct database_png png;
    struct database *database = &bench->connections[1];
    enum database_result result = database->ops->load_image(database->state, bench->world.id,
                                                            expected->id, &png, &bench->error);
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
    ck_assert_uint_eq(png.size_bytes, expected->png.size_bytes);
    ck_assert_mem_eq(png.bytes, expected->png.bytes, png.size_bytes);
    const struct database_images *images = load_images(bench);
    uint32_t at = 0;
    while (at < images->image_count && !hash_is_equal(images->images[at].id, expected->id))
        at++;
    ck_assert_uint_lt(at, images->image_count);
    ck_assert_uint_eq(images->images[at].size_bytes, expected->png.size_bytes);
    ck_assert_uint_eq(images->images[at].width, expected->width);
    ck_assert_uint_eq(images->images[at].height, expected->height);
    ck_assert_uint_eq(images->images[at].uploader.value, expected->uploader.value);
    ck_assert(!images->images[at].is_banned);
}

START_TEST(test_many_pictures_in_one_batch)
{
    struct bench bench;
    static struct database_png png;
    struct change changes[PICTURES];
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    for (uint32_t i = 0; i < PICTURES; i++)
        changes[i] = picture(i);
    bench_must_apply(&bench, 1, changes, PICTURES);
    ck_assert_uint_eq(load_images(&bench)->image_count, PICTURES);
    for (uint32_t i = 0; i < PICTURES; i++)
        expect_picture(&bench, &changes[i].image);
    struct database *database = &bench.connections[1];
    struct change_image first = changes[0].image;
    changes[0].image.png.size_bytes = 0;
    bench_must_apply(&bench, 2, changes, 2); /* the first is gone, the second there twice */
    ck_assert_int_eq(
        database->ops->load_image(database->state, bench.world.id, first.id, &png, NULL),
        DATABASE_NOT_FOUND);
    ck_assert_uint_eq(load_images(&bench)->image_count, PICTURES - 1);
    expect_picture(&bench, &changes[1].image);
    changes[0].image = first;
    bench_must_apply(&bench, 3, changes, 1);
    expect_picture(&bench, &first);
    bench_end(&bench);
}
END_TEST

START_TEST(test_bans_with_and_without_a_picture)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change changes[] = {picture(0), {.kind = CHANGE_IMAGE_BAN}, {.kind = CHANGE_IMAGE_BAN}};
    changes[1].image_ban = (struct change_image_ban){changes[0].image.id, 1};
    changes[2].image_ban = (struct change_image_ban){{0, 1}, 1};
    bench_must_apply(&bench, 1, changes, 3);
    bench_must_apply(&bench, 2, changes, 3);
    const struct database_images *images = load_images(&bench);
    ck_assert_uint_eq(images->image_count, 2);
    uint32_t at = images->images[0].size_bytes == 0; /* where the picture is */
    ck_assert_uint_eq(images->images[at].size_bytes, 1);
    ck_assert(images->images[0].is_banned && images->images[1].is_banned);
    ck_assert(hash_is_equal(images->images[1 - at].id, (struct hash128){0, 1}));
    ck_assert_uint_eq(images->images[1 - at].uploader.value, 0);
    changes[0].image.png.size_bytes = 0;
    changes[2].image_ban.is_banned = 0;
    bench_must_apply(&bench, 3, changes, 3); /* a ban outlives its picture */
    images = load_images(&bench);
    ck_assert_uint_eq(images->image_count, 1);
    ck_assert_uint_eq(images->images[0].size_bytes, 0);
    ck_assert(images->images[0].is_banned);
    ck_assert(hash_is_equal(images->images[0].id, changes[1].image_ban.id));
    changes[1].image_ban.is_banned = 0;
    bench_must_apply(&bench, 4, changes + 1, 1);
    ck_assert_uint_eq(load_images(&bench)->image_count, 0);
    bench_end(&bench);
}
END_TEST

/* More than the caller has room for is refused in words, and nothing is written beyond it. */
START_TEST(test_too_many_looks_are_refused)
{
    struct bench bench;
    struct database_image_config configs[1];
    struct database_image pictures[1];
    struct database_images images = {
        .configs = configs, .configs_max = 1, .images = pictures, .images_max = 1};
    struct change changes[] = {config_of(1, 1, (struct hash128){0, 0}),
                               config_of(2, 2, (struct hash128){0, 0})};
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    bench_must_apply(&bench, 1, changes, 2);
    struct database *database = &bench.connections[1];
    ck_assert_int_eq(
        database->ops->load_images(database->state, bench.world.id, &images, &bench.error),
        DATABASE_FAILED);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "image"));
    bench_end(&bench);
}
END_TEST

static int64_t ask(struct bench *bench, struct pg *pg, const struct pg_statement *statement)
{
    enum pg_status status = pg_prepare(pg, statement, 1, &bench->error);
    if (status == PG_OK) {
        pg_start(pg, statement);
        status = pg_run(pg, &bench->error);
    }
    ck_assert_msg(status == PG_OK, "%s", bench->error.text);
    return pg_int(pg, 0, 0);
}

/* People see pixels, radians and names; and no more when the look has gone. */
static void read_view(struct bench *bench, uint32_t edits, uint32_t halls)
{
    static const struct pg_statement looks = {
        "looks", "SELECT count(*) FROM entity_images_view WHERE type = 'tree' AND size = 2.5 "
                 "AND modified_by = 'player' AND modifier = 'Ada' AND cell_x = -1 "
                 "AND fixed_screen_angle = 1.5 AND modified_at = to_timestamp(1)"};
    static const struct pg_statement all = {"all", "SELECT count(*) FROM image_edits"};
    static const struct pg_statement structures = {
        "structures", "SELECT count(*) FROM multi_cell_entities_view WHERE west = -2 "
                      "AND north = -2 AND width = 4 AND cell_x = 0"};
    struct pg *pg = pg_create(&(struct pg_options){
        .url = bench->url, .name = "reader", .connect_us = 5000000, .deadline_us = 5000000});
    ck_assert_int_eq(pg_connect(pg, &bench->error), PG_OK);
    ck_assert_int_eq(ask(bench, pg, &looks), edits);
    ck_assert_int_eq(ask(bench, pg, &all), 2 * edits);
    ck_assert_int_eq(ask(bench, pg, &structures), halls);
    pg_destroy(&pg);
}

START_TEST(test_who_gave_a_look_is_kept_with_it)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    uint32_t tree = catalog_find_name(bench.catalog, "tree")->type;
    struct change changes[] = {
        scene_account(1, "Ada"),
        scene_character(11, 1),
        scene_entity(4, -1, 1, tree),
        structure_at(5, 0, 0),
        {.kind = CHANGE_IMAGE_EDIT},
        {.kind = CHANGE_IMAGE_EDIT},
        config_of(7, 40, (struct hash128){0, 0}),
    };
    changes[2].entity.image = changes[3].structure.image = 7;
    changes[4].image_edit = (struct change_image_edit){4, 7, EDITOR_PLAYER, 11, 10};
    changes[5].image_edit = (struct change_image_edit){5, 7, EDITOR_OPERATOR, 0, 10};
    changes[6].image_config.angle = IMAGE_ANGLE_UNITS_MAX + 15000;
    bench_must_apply(&bench, 1, changes, 7);
    if (bench.sim == NULL)
        read_view(&bench, 1, 1);
    else
        ck_assert_uint_eq(sim_database_rows(bench.sim, CHANGE_IMAGE_EDIT), 2);
    changes[2].entity.image = 0;
    changes[4].image_edit.image = changes[5].image_edit.image = 0;
    changes[3].structure.is_there = 0;
    bench_must_apply(&bench, 2, changes + 2, 4);
    if (bench.sim == NULL)
        read_view(&bench, 0, 0);
    else
        ck_assert_uint_eq(sim_database_rows(bench.sim, CHANGE_IMAGE_EDIT), 0);
    bench_end(&bench);
}
END_TEST

/* A type that only one thing of the kind has is in use: the world does not open without it. */
static void expect_in_use(int which, const char *name, struct change change)
{
    struct bench bench;
    bench_begin(&bench, which);
    bench_must_open(&bench, 0);
    uint32_t type = catalog_find_name(bench.catalog, name)->type;
    struct stack one = {.type = type, .quantity = 1};
    if (change.kind == CHANGE_STRUCTURE)
        change.structure.type = type;
    else if (change.kind == CHANGE_PILE)
        change.pile.stack = one;
    else
        change.slot.stack = one;
    bench_must_apply(&bench, 1, &change, 1);
    ck_assert_int_eq(bench_close_world(&bench, 0), DATABASE_OK);
    bench_drop_type(bench.catalog, name);
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_CONTENT);
    ck_assert_ptr_nonnull(strstr(bench.error.text, name));
    bench.options.world = "another";
    bench_must_open(&bench, 1); /* nobody has it in that world */
    bench_end(&bench);
}

START_TEST(test_the_type_of_a_structure_is_in_use)
{
    expect_in_use(_i, "building", structure_at(3, 9, 9));
}
END_TEST

START_TEST(test_the_type_of_a_pile_is_in_use)
{
    expect_in_use(_i, "sign", pile_at(4, 9, 9, 0));
}
END_TEST

START_TEST(test_the_type_in_a_slot_is_in_use)
{
    struct change slot = {.kind = CHANGE_SLOT};
    slot.slot = (struct change_slot){.character = {11}, .slot = 1};
    expect_in_use(_i, "stone_block", slot);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_a_structure_is_whole_in_all_its_chunks,
        test_one_makes_room_for_another_in_one_batch,
        test_a_cell_belongs_to_one_structure,
        test_structures_at_the_ends_of_the_world,
        test_piles_and_what_grows_come_back,
        test_looks_with_their_ends,
        test_uses_are_counted,
        test_many_pictures_in_one_batch,
        test_bans_with_and_without_a_picture,
        test_too_many_looks_are_refused,
        test_who_gave_a_look_is_kept_with_it,
        test_the_type_of_a_structure_is_in_use,
        test_the_type_of_a_pile_is_in_use,
        test_the_type_in_a_slot_is_in_use,
    };
    return bench_run("things", tests, sizeof tests / sizeof tests[0]);
}
