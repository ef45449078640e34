/* Rows that their tables refuse, over the simulated database and over PostgreSQL: all else goes on,
 * and whatever is loaded is as if they were in their tables. */
#include "db/obstacles.h"

enum { OWNER = 11, ACCOUNT = 1 };

static const uint8_t png[] = "a picture";

/* What is in quarantine under these words; fails when it is not there. */
static const struct quarantined *find_entry(struct bench *bench, const char *key)
{
    static struct quarantined entry;
    const struct database *database = &bench->connections[1];
    enum database_result result = DATABASE_OK;
    entry.change.kind = CHANGE_NONE;
    do {
        result = database->ops->next_quarantined(database->state, bench->world.id, &entry,
                                                 &bench->error);
        ck_assert_msg(result == DATABASE_OK, "%s is not there: %s", key, bench->error.text);
    } while (strcmp(entry.key, key) != 0);
    return &entry;
}

static struct quarantined_retried retry(struct bench *bench, const char *key)
{
    struct quarantined_retried done = {.applied = 0};
    const struct database *database = &bench->connections[1];
    enum database_result result =
        database->ops->retry_quarantined(database->state, &bench->world, key, &done, &bench->error);
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
    return done;
}

START_TEST(test_all_else_is_applied)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    bench_refuse(&bench, CHANGE_ENTITY, true);
    struct change changes[] = {scene_cell(1, 1, SCENE_TREE), scene_entity(5, 1, 1, SCENE_ROCK),
                               scene_account(ACCOUNT, "Ada"), scene_character(OWNER, ACCOUNT)};
    bench_must_apply(&bench, 1, changes, 4);
    ck_assert_uint_eq(bench_quarantined(&bench), 1);
    const struct content *loaded = bench_load(&bench, (struct chunk_pos){0, 0});
    ck_assert_uint_eq(loaded->cell_count, 1);
    ck_assert_uint_eq(loaded->entity_count, 1);
    ck_assert(
        schema_is_equal(change_schema(CHANGE_ENTITY), &loaded->entities[0], &changes[1].entity));
    const struct quarantined *entry = find_entry(&bench, "entity 5");
    ck_assert(
        schema_is_equal(change_schema(CHANGE_ENTITY), &entry->change.entity, &changes[1].entity));
    ck_assert_uint_eq(entry->seq, 1);
    ck_assert_uint_eq(entry->tick, 10);
    ck_assert_ptr_nonnull(strstr(entry->reason, "refuse"));
    ck_assert(!entry->is_dropped);
    ck_assert_uint_eq(bench.quarantine->chunk_count, 1);
    ck_assert(grid_is_same_chunk(bench.quarantine->chunks[0], (struct chunk_pos){0, 0}));
    bench_end(&bench);
}
END_TEST

/* The database does not go on dividing by a list that is no longer right. */
START_TEST(test_a_batch_that_was_divided_otherwise_is_not_applied)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    bench_refuse(&bench, CHANGE_ENTITY, true);
    struct change entity = scene_entity(5, 1, 1, SCENE_ROCK);
    bench_must_apply(&bench, 1, &entity, 1);
    entity.entity.type = SCENE_TREE;
    ck_assert_int_eq(bench_apply(&bench, 2, &entity, 1), DATABASE_DIVIDED);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->entities[0].type, SCENE_ROCK);
    bench_read_quarantine(&bench);
    bench_must_apply(&bench, 2, &entity, 1);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->entities[0].type, SCENE_TREE);
    ck_assert_uint_eq(find_entry(&bench, "entity 5")->seq, 2);
    bench_refuse(&bench, CHANGE_ENTITY, false);
    ck_assert_uint_eq(retry(&bench, "").applied, 1);
    entity.entity.type = SCENE_ROCK;
    ck_assert_int_eq(bench_apply(&bench, 3, &entity, 1), DATABASE_DIVIDED);
    ck_assert_uint_eq(bench_quarantined(&bench), 0);
    bench_must_apply(&bench, 3, &entity, 1);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->entities[0].type, SCENE_ROCK);
    bench_end(&bench);
}
END_TEST

/* A later write of the key goes behind the one that waits, also when its table would take it. */
START_TEST(test_nothing_overtakes_what_waits)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change first = scene_entity(5, 1, 1, SCENE_ROCK), gone = scene_entity(5, 1, 1, 0);
    struct change other = scene_entity(6, 1, 1, SCENE_ROCK);
    bench_must_apply(&bench, 1, &first, 1);
    bench_refuse(&bench, CHANGE_ENTITY, true);
    bench_must_apply(&bench, 2, &gone, 1);
    ck_assert_uint_eq(bench_quarantined(&bench), 1);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->entity_count, 0);
    bench_refuse(&bench, CHANGE_ENTITY, false);
    first.entity.type = SCENE_TREE;
    struct change both[] = {first, other};
    bench_must_apply(&bench, 3, both, 2);
    ck_assert_uint_eq(bench_quarantined(&bench), 1);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->entity_count, 2);
    ck_assert_uint_eq(retry(&bench, "entity 6").applied, 0);
    ck_assert_uint_eq(retry(&bench, "entity 5").applied, 1);
    bench.world.quarantine++;
    ck_assert_uint_eq(bench_quarantined(&bench), 0);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->entity_count, 2);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->entities[0].type, SCENE_TREE);
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_retry_leaves_what_is_still_refused)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    bench_refuse(&bench, CHANGE_ENTITY, true);
    struct change changes[] = {scene_cell(1, 1, 0), scene_entity(5, 1, 1, SCENE_ROCK),
                               scene_entity(6, 1, 1, SCENE_ROCK)};
    bench_must_apply(&bench, 1, changes, 3);
    struct quarantined_retried done = retry(&bench, "");
    ck_assert_uint_eq(done.applied, 0);
    ck_assert_uint_eq(done.refused, 2);
    ck_assert_uint_eq(bench_quarantined(&bench), 2);
    struct database_world former = bench.world;
    bench_disconnect(&bench, 0);
    bench_connect(&bench, 0);
    bench_must_open(&bench, 0); /* what waits is still there after a start */
    ck_assert_uint_eq(bench.world.quarantine, former.quarantine);
    ck_assert_uint_eq(bench_quarantined(&bench), 2);
    const struct database *database = &bench.connections[1];
    ck_assert_int_eq(
        database->ops->retry_quarantined(database->state, &former, "", &done, &bench.error),
        DATABASE_FENCED);
    bench_end(&bench);
}
END_TEST

/* Changes of all kinds that last, in two states, and then gone where a change can say so. */
static uint32_t some_of_all(uint32_t round, struct change out[CHANGE_KIND_COUNT])
{
    static struct content content = {.chunk = {0, 0}};
    struct stack stack = {.type = round < 2 ? SCENE_ROCK : 0,
                          .quantity = round < 2 ? round + 1 : 0};
    uint32_t is_there = round < 2;
    struct change changes[] = {
        is_there ? scene_cell(1, 1, round) : scene_cell_gone(1, 1),
        scene_entity(5, 1, 1, is_there ? 1 + round : 0),
        scene_chunk(&content, round + 1),
        scene_account(ACCOUNT, "Ada"),
        scene_character(OWNER, ACCOUNT),
        {.kind = CHANGE_SLOT, .slot = {{OWNER}, 3, stack}},
        {.kind = CHANGE_SKILL, .skill = {{OWNER}, 2, is_there ? round + 1 : 0}},
        {.kind = CHANGE_STRUCTURE,
         .structure = {.id = {9},
                       .cell = {8, 8},
                       .is_there = is_there,
                       .type = 1,
                       .width = 2,
                       .height = 2,
                       .image = round}},
        {.kind = CHANGE_PILE, .pile = {{7}, {20, 20}, stack, 100 + round}},
        {.kind = CHANGE_IMAGE_CONFIG, .image_config = {.id = 4, .size = is_there ? 16 + round : 0}},
        {.kind = CHANGE_IMAGE, .image = {{1, 2}, {png, is_there ? sizeof png : 0}, 1, 1, {round}}},
        {.kind = CHANGE_IMAGE_BAN, .image_ban = {{3, 4}, is_there}},
    };
    changes[3].account.roles = round;
    changes[4].character.last_intent = round;
    memcpy(out, changes, sizeof changes);
    return sizeof changes / sizeof changes[0];
}

/* All that can be loaded. */
struct loaded {
    struct content content;
    struct database_region region;
    struct database_character character;
    struct database_image_config configs[8];
    struct database_image images[8];
    struct database_images all;
    struct database_png png;
    enum database_result has_png;
};

static int order_images(const void *a, const void *b)
{
    const struct database_image *left = a, *right = b;
    return (left->id.high > right->id.high) - (left->id.high < right->id.high);
}

static void load_all(struct bench *bench, struct loaded *out)
{
    const struct database *database = &bench->connections[1];
    *out = (struct loaded){.has_png = DATABASE_OK};
    out->all = (struct database_images){
        .configs = out->configs, .images = out->images, .configs_max = 8, .images_max = 8};
    out->content = *bench_load(bench, (struct chunk_pos){0, 0});
    ck_assert_int_eq(database->ops->load_region(database->state, bench->world.id,
                                                (struct region_pos){0, 0}, &out->region, NULL),
                     DATABASE_OK);
    ck_assert_int_eq(database->ops->find_account(database->state, bench->world.id, "ada",
                                                 &out->character, &bench->error),
                     DATABASE_OK);
    ck_assert_int_eq(
        database->ops->load_images(database->state, bench->world.id, &out->all, &bench->error),
        DATABASE_OK);
    qsort(out->images, out->all.image_count, sizeof *out->images, order_images);
    out->has_png = database->ops->load_image(database->state, bench->world.id,
                                             (struct hash128){1, 2}, &out->png, &bench->error);
}

static void must_be_same(const struct loaded *a, const struct loaded *b)
{
    const struct database_character *left = &a->character, *right = &b->character;
    ck_assert(hash_is_equal(content_hash(&a->content), content_hash(&b->content)));
    ck_assert_uint_eq(a->region.count, b->region.count);
    ck_assert_uint_eq(a->region.chunks[0].version, b->region.chunks[0].version);
    ck_assert(schema_is_equal(change_schema(CHANGE_ACCOUNT), &left->account, &right->account));
    ck_assert(
        schema_is_equal(change_schema(CHANGE_CHARACTER), &left->character, &right->character));
    ck_assert_uint_eq(left->slot_count, right->slot_count);
    ck_assert_uint_eq(left->skill_count, right->skill_count);
    ck_assert(left->slot_count == 0 ||
              schema_is_equal(change_schema(CHANGE_SLOT), left->slots, right->slots));
    ck_assert_uint_eq(left->skills[0].points, right->skills[0].points);
    ck_assert_uint_eq(a->all.config_count, b->all.config_count);
    ck_assert_uint_eq(a->configs[0].value.size, b->configs[0].value.size);
    ck_assert_int_eq(a->configs[0].uses, b->configs[0].uses);
    ck_assert_uint_eq(a->all.image_count, b->all.image_count);
    for (uint32_t i = 0; i < a->all.image_count; i++)
        ck_assert_uint_eq(a->images[i].uploader.value + a->images[i].is_banned * 8u,
                          b->images[i].uploader.value + b->images[i].is_banned * 8u);
    ck_assert_int_eq(a->has_png, b->has_png);
    ck_assert_uint_eq(a->png.size_bytes, b->png.size_bytes);
}

/* Whatever kind is refused: made, changed, gone, and back; then the same in its table. */
static void refuse_kind(int which, enum change_kind kind)
{
    static struct loaded expected[3], found;
    struct bench bench;
    struct change changes[CHANGE_KIND_COUNT];
    for (int pass = 0; pass < 2; pass++) {
        bench_begin(&bench, which);
        bench_must_open(&bench, 0);
        if (pass == 1)
            bench_refuse(&bench, kind, true);
        for (uint32_t round = 0; round < 3; round++) {
            uint32_t count = some_of_all(round, changes);
            bench_must_apply(&bench, round + 1, changes, count);
            ck_assert_uint_eq(bench_quarantined(&bench), (uint32_t)pass);
            load_all(&bench, pass == 0 ? &expected[round] : &found);
            if (pass == 1)
                must_be_same(&expected[round], &found);
        }
        if (pass == 1) {
            bench_refuse(&bench, kind, false);
            ck_assert_uint_eq(retry(&bench, "").applied, 1);
            load_all(&bench, &found);
            must_be_same(&expected[2], &found);
            ck_assert_int_eq(bench_apply(&bench, 4, changes, 1), DATABASE_DIVIDED);
            ck_assert_uint_eq(bench_quarantined(&bench), 0);
        }
        bench_end(&bench);
    }
}

START_TEST(test_whatever_kind_is_refused)
{
    struct change changes[CHANGE_KIND_COUNT];
    uint32_t count = some_of_all(0, changes);
    for (uint32_t i = 0; i < count; i++)
        refuse_kind(_i, changes[i].kind);
}
END_TEST

/* A structure goes, another comes to its place, and the first cannot be deleted. */
START_TEST(test_what_follows_a_refused_delete_waits_too)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change first = {.kind = CHANGE_STRUCTURE};
    first.structure = (struct change_structure){
        .id = {9}, .cell = {8, 8}, .is_there = 1, .type = 1, .width = 2, .height = 2};
    struct change gone = first, second = first;
    gone.structure.is_there = 0;
    second.structure.id.value = 10;
    bench_must_apply(&bench, 1, &first, 1);
    bench_refuse(&bench, CHANGE_STRUCTURE, true);
    bench_must_apply(&bench, 2, &gone, 1);
    bench_refuse(&bench, CHANGE_STRUCTURE, false);
    bench_read_quarantine(&bench);
    bench_must_apply(&bench, 3, &second, 1);
    ck_assert_uint_eq(bench_quarantined(&bench), 2);
    const struct content *loaded = bench_load(&bench, (struct chunk_pos){0, 0});
    ck_assert_uint_eq(loaded->structure_count, 1);
    ck_assert_uint_eq(loaded->structures[0].id.value, 10);
    ck_assert_uint_eq(retry(&bench, "").applied, 2); /* in order */
    bench.world.quarantine++;
    ck_assert_uint_eq(bench_quarantined(&bench), 0);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->structure_count, 1);
    bench_end(&bench);
}
END_TEST

/* A name that somebody gave away by hand: who has it in the world's eyes keeps it. */
START_TEST(test_an_account_in_quarantine_is_found_by_its_name)
{
    struct bench bench;
    struct database_character found;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    const struct database *database = &bench.connections[1];
    struct change hand = scene_account(3, "ADA");
    struct change changes[] = {scene_account(2, "Ada"), scene_character(OWNER, 2)};
    bench_must_apply(&bench, 1, &hand, 1);
    bench_must_apply(&bench, 2, changes, 2);
    ck_assert_uint_eq(bench_quarantined(&bench), 1);
    ck_assert_int_eq(
        database->ops->find_account(database->state, bench.world.id, "ada", &found, &bench.error),
        DATABASE_OK);
    ck_assert_uint_eq(found.account.id.value, 2);
    ck_assert(found.has_character);
    ck_assert_uint_eq(found.character.id.value, OWNER);
    bench_end(&bench);
}
END_TEST

static struct change row_of(struct bench *bench, const struct change *change)
{
    const struct database *database = &bench->connections[1];
    struct change row = {.kind = CHANGE_NONE};
    enum database_result result =
        database->ops->load_row(database->state, bench->world.id, change, &row, &bench->error);
    ck_assert_msg(result == DATABASE_OK, "%s", bench->error.text);
    ck_assert_int_eq(row.kind, change->kind);
    return row;
}

static uint32_t drop(struct bench *bench, const char *key)
{
    const struct database *database = &bench->connections[1];
    uint32_t count = 0;
    ck_assert_int_eq(
        database->ops->drop_quarantined(database->state, &bench->world, key, &count, &bench->error),
        DATABASE_OK);
    return count;
}

/* What is given up stays until the record comes that states what the rows say, and leaves with it.
 */
START_TEST(test_what_is_given_up_leaves_with_its_record)
{
    struct bench bench;
    struct change changes[CHANGE_KIND_COUNT], rows[CHANGE_KIND_COUNT];
    for (uint32_t i = 0; i < 6; i++) {
        static const uint32_t which[] = {0, 1, 5, 6, 7, 8}; /* of some_of_all */
        bench_begin(&bench, _i);
        bench_must_open(&bench, 0);
        const struct database *database = &bench.connections[1];
        uint32_t count = some_of_all(0, rows);
        bench_must_apply(&bench, 1, rows, count);
        (void)some_of_all(1, changes);
        struct change *change = &changes[which[i]];
        bench_refuse(&bench, change->kind, true);
        bench_must_apply(&bench, 2, changes, count);
        ck_assert_uint_eq(bench_quarantined(&bench), 1);
        struct change row = row_of(&bench, change);
        ck_assert(hash_is_equal(change_hash(&row), change_hash(&rows[which[i]])));
        ck_assert_uint_eq(drop(&bench, "slot 5/5"), 0);
        ck_assert_uint_eq(drop(&bench, ""), 1);
        ck_assert_uint_eq(retry(&bench, "").refused, 0); /* it is not tried again */
        ck_assert_int_eq(database->ops->settle_dropped(database->state, &bench.world, 4, NULL),
                         DATABASE_OK);
        bench_must_apply(&bench, 3, change, 1); /* somebody plays on meanwhile */
        ck_assert_uint_eq(bench_quarantined(&bench), 1);
        bench_must_apply(&bench, 4, &row, 1);
        bench.world.quarantine++;
        ck_assert_uint_eq(bench_quarantined(&bench), 0);
        bench_refuse(&bench, change->kind, false);
        struct change end = row_of(&bench, change);
        ck_assert(hash_is_equal(change_hash(&end), change_hash(&rows[which[i]])));
        bench_end(&bench);
    }
}
END_TEST

START_TEST(test_who_somebody_is_cannot_be_given_up)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    bench_refuse(&bench, CHANGE_CHARACTER, true);
    struct change changes[] = {scene_account(ACCOUNT, "Ada"), scene_character(OWNER, ACCOUNT)};
    bench_must_apply(&bench, 1, changes, 2);
    ck_assert_uint_eq(bench_quarantined(&bench), 1);
    ck_assert_uint_eq(drop(&bench, ""), 0);
    ck_assert(!find_entry(&bench, "character 11")->is_dropped);
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_type_in_quarantine_is_in_use)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    uint16_t sign = catalog_find_name(bench.catalog, "sign")->type;
    bench_refuse(&bench, CHANGE_ENTITY, true);
    struct change entity = scene_entity(4, -9, 9, sign);
    bench_must_apply(&bench, 1, &entity, 1);
    bench_disconnect(&bench, 0);
    bench_drop_type(bench.catalog, "sign");
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_CONTENT);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "\"sign\""));
    bench_end(&bench);
}
END_TEST

/* A damaged row is told, and spoils nothing that is asked for after it. */
START_TEST(test_a_damaged_change_is_told)
{
    struct bench bench;
    static struct database_character found;
    bench_begin(&bench, 1);
    bench_must_open(&bench, 0);
    bench_refuse(&bench, CHANGE_CHARACTER, true);
    struct change changes[] = {scene_account(ACCOUNT, "Ada"), scene_character(OWNER, ACCOUNT)};
    bench_must_apply(&bench, 1, changes, 2);
    bench_sql(&bench, "ALTER TABLE quarantine ADD COLUMN whole bytea; "
                      "UPDATE quarantine SET whole = change, change = 'damaged'");
    const struct database *database = &bench.connections[1];
    ck_assert_int_eq(
        database->ops->find_account(database->state, bench.world.id, "Ada", &found, &bench.error),
        DATABASE_FAILED);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "damaged"));
    uint64_t applied = 0;
    enum database_result next =
        database->ops->find_position(database->state, bench.world.id, &applied, &bench.error);
    ck_assert(next == DATABASE_LOST || (next == DATABASE_OK && applied == 1));
    bench_sql(&bench, "UPDATE quarantine SET change = whole");
    bench_connect(&bench, 1);
    ck_assert_int_eq(
        database->ops->find_account(database->state, bench.world.id, "Ada", &found, &bench.error),
        DATABASE_OK);
    ck_assert(found.has_character);
    bench_end(&bench);
}
END_TEST

/* Words of any length, in any language, are a reason. */
START_TEST(test_a_long_reason_is_cut_at_a_letter)
{
    struct bench bench;
    bench_begin(&bench, 1);
    bench_must_open(&bench, 0);
    bench_refuse(&bench, CHANGE_ENTITY, true);
    for (uint64_t n = 0; n < 3; n++) {
        char sql[320];
        (void)snprintf(sql, sizeof sql,
                       "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                       "'BEGIN RAISE EXCEPTION ''%%'', repeat(''x'', %d) || repeat(''\u20ac'', "
                       "999); END'",
                       (int)n);
        bench_sql(&bench, sql);
        struct change entity = scene_entity(n + 1, (int32_t)n, 0, SCENE_ROCK);
        bench_must_apply(&bench, n + 1, &entity, 1);
        ck_assert_uint_eq(bench_quarantined(&bench), (uint32_t)n + 1);
    }
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_full_quarantine_takes_nothing)
{
    struct bench bench;
    static struct change changes[QUARANTINED_MAX + 1];
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    for (int32_t i = 0; i <= QUARANTINED_MAX; i++)
        changes[i] = scene_entity((uint64_t)i + 1, i % 64, i / 64 % 64, SCENE_ROCK);
    bench_refuse(&bench, CHANGE_ENTITY, true);
    ck_assert_int_eq(bench_apply(&bench, 1, changes, QUARANTINED_MAX + 1), DATABASE_FAILED);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "quarantine"));
    ck_assert_uint_eq(bench_quarantined(&bench), 0);
    bench_must_apply(&bench, 1, changes, QUARANTINED_MAX);
    ck_assert_uint_eq(bench_quarantined(&bench), QUARANTINED_MAX);
    bench_refuse(&bench, CHANGE_ENTITY, false);
    ck_assert_uint_eq(retry(&bench, "").applied, QUARANTINED_MAX);
    bench_end(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_all_else_is_applied,
        test_a_batch_that_was_divided_otherwise_is_not_applied,
        test_nothing_overtakes_what_waits,
        test_a_retry_leaves_what_is_still_refused,
        test_whatever_kind_is_refused,
        test_what_follows_a_refused_delete_waits_too,
        test_an_account_in_quarantine_is_found_by_its_name,
        test_what_is_given_up_leaves_with_its_record,
        test_who_somebody_is_cannot_be_given_up,
        test_a_type_in_quarantine_is_in_use,
        test_a_damaged_change_is_told,
        test_a_long_reason_is_cut_at_a_letter,
        test_a_full_quarantine_takes_nothing,
    };
    return bench_run("quarantine", tests, sizeof tests / sizeof tests[0]);
}
