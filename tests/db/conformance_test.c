/* One list of tests, run over the simulated database and over PostgreSQL: worlds, owners, types,
 * and what is kept of cells, entities and characters. */
#include "db/conformance.h"
#include "db/obstacles.h"
#include "store/pg.h"

START_TEST(test_world_is_made_once)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct database_world first = bench.world;
    ck_assert_uint_gt(first.id, 0);
    ck_assert(first.stream >= 1 && first.stream <= 127);
    ck_assert_uint_eq(first.terrain_seed, UINT64_MAX - 5);
    ck_assert_uint_eq(first.applied_seq, 0);
    ck_assert_uint_eq(first.timeline, 1);
    ck_assert(first.was_clean);
    ck_assert_int_eq(bench_close_world(&bench, 0), DATABASE_OK);
    bench.options.terrain_seed = 1;
    bench.options.rule_seed = 1;
    bench_must_open(&bench, 1);
    ck_assert_uint_eq(bench.world.id, first.id);
    ck_assert_uint_eq(bench.world.stream, first.stream);
    ck_assert_uint_eq(bench.world.terrain_seed, UINT64_MAX - 5);
    ck_assert_uint_eq(bench.world.rule_seed, 42);
    ck_assert_uint_gt(bench.world.epoch, first.epoch);
    ck_assert(bench.world.was_clean);
    bench.options.world = "another";
    bench_must_open(&bench, 0);
    ck_assert_uint_ne(bench.world.id, first.id);
    ck_assert_uint_ne(bench.world.stream, first.stream);
    bench_end(&bench);
}
END_TEST

START_TEST(test_content_comes_back)
{
    struct bench bench;
    static struct content expected;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change changes[6] = {
        scene_cell(-1, -1, SCENE_TREE),  scene_cell(-64, -64, 0),
        scene_entity(ID_MAX, -1, -1, 3), scene_entity(5, -1, -1, 4),
        scene_entity(6, -64, -64, 1),
    };
    changes[4].entity.image = UINT32_MAX;
    struct chunk_pos chunk = {-1, -1};
    scene_content(&expected, chunk, changes, 5);
    changes[5] = scene_chunk(&expected, 1);
    bench_must_apply(&bench, 1, changes, 6);
    const struct content *loaded = bench_load(&bench, chunk);
    ck_assert(scene_is_same(loaded, &expected));
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->cell_count, 0);

    static struct database_region region;
    struct database *database = &bench.connections[1];
    ck_assert_int_eq(database->ops->load_region(database->state, bench.world.id,
                                                (struct region_pos){-1, -1}, &region, NULL),
                     DATABASE_OK);
    ck_assert_uint_eq(region.count, 1);
    ck_assert(grid_is_same_chunk(region.chunks[0].chunk, chunk));
    ck_assert_uint_eq(region.chunks[0].version, 1);
    ck_assert(hash_is_equal(region.chunks[0].hash, content_hash(&expected)));
    ck_assert_int_eq(database->ops->load_region(database->state, bench.world.id,
                                                (struct region_pos){0, -1}, &region, NULL),
                     DATABASE_OK);
    ck_assert_uint_eq(region.count, 0);
    bench_end(&bench);
}
END_TEST

START_TEST(test_corners_of_the_world)
{
    struct bench bench;
    static const int32_t ends[2] = {GRID_CELL_MIN, GRID_CELL_MAX};
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    for (uint32_t i = 0; i < 4; i++) {
        struct cell_pos cell = {ends[i % 2], ends[i / 2]};
        struct change changes[2] = {scene_cell(cell.x, cell.y, i),
                                    scene_entity(i + 1, cell.x, cell.y, SCENE_ROCK)};
        bench_must_apply(&bench, i + 1, changes, 2);
        const struct content *loaded = bench_load(&bench, grid_chunk_of(cell));
        ck_assert_uint_eq(loaded->cell_count, 1);
        ck_assert(grid_is_same_cell(loaded->cells[0].cell, cell));
        ck_assert_uint_eq(loaded->entity_count, 1);
    }
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_record_is_applied_once)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change entity = scene_entity(9, 3, 3, SCENE_TREE);
    struct change gone = scene_entity(9, 3, 3, 0);
    bench_must_apply(&bench, 1, &entity, 1);
    ck_assert_int_eq(bench_apply(&bench, 1, &gone, 1), DATABASE_FENCED);
    ck_assert_int_eq(bench_apply(&bench, 3, &gone, 1), DATABASE_FENCED);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->entity_count, 1);
    bench_must_apply(&bench, 2, &gone, 1);
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->entity_count, 0);
    bench_end(&bench);
}
END_TEST

START_TEST(test_last_write_wins)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct change changes[] = {
        scene_cell(1, 1, SCENE_TREE), scene_entity(1, 1, 1, 1), scene_entity(1, 1, 1, 0),
        scene_entity(2, 1, 1, 1),     scene_entity(2, 1, 1, 2), scene_cell(2, 1, 0),
        scene_cell_gone(2, 1),
    };
    bench_must_apply(&bench, 1, changes, 7);
    const struct content *loaded = bench_load(&bench, (struct chunk_pos){0, 0});
    ck_assert_uint_eq(loaded->cell_count, 1);
    ck_assert_uint_eq(loaded->entity_count, 1);
    ck_assert_uint_eq(loaded->entities[0].id.value, 2);
    ck_assert_uint_eq(loaded->entities[0].type, 2);
    struct change again[] = {scene_cell_gone(1, 1), scene_cell(1, 1, SCENE_ROCK),
                             scene_entity(2, 1, 1, 3), scene_entity(99, 1, 1, 0)};
    bench_must_apply(&bench, 2, again, 4);
    loaded = bench_load(&bench, (struct chunk_pos){0, 0});
    ck_assert_uint_eq(loaded->cells[0].replaced, SCENE_ROCK);
    ck_assert_uint_eq(loaded->entities[0].type, 3);
    bench_end(&bench);
}
END_TEST

/* As the other connection sees it. */
static uint64_t bench_position(struct bench *bench)
{
    struct database *database = &bench->connections[1];
    uint64_t applied_seq = 0;
    ck_assert_int_eq(
        database->ops->find_position(database->state, bench->world.id, &applied_seq, &bench->error),
        DATABASE_OK);
    return applied_seq;
}

START_TEST(test_many_rows)
{
    struct bench bench;
    static struct change changes[7400];
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    uint32_t count = 0;
    for (int32_t i = 0; i < 3700; i++) {
        changes[count++] = scene_cell(i % 64 - 64, i / 64, SCENE_TREE);
        changes[count++] = scene_entity((uint64_t)i + 1, i % 64 - 64, i / 64, SCENE_ROCK);
    }
    bench_must_apply(&bench, 1, changes, count);
    const struct content *loaded = bench_load(&bench, (struct chunk_pos){-1, 0});
    ck_assert_uint_eq(loaded->cell_count, 3700);
    ck_assert_uint_eq(loaded->entity_count, 3700);
    for (uint32_t i = 0; i < count; i += 2)
        changes[i] = scene_cell_gone(changes[i].cell.cell.x, changes[i].cell.cell.y);
    for (uint32_t i = 1; i < count; i += 2)
        changes[i].entity.type = 0;
    ck_assert_uint_eq(bench_position(&bench), 1);
    bench_must_apply(&bench, 2, changes, count);
    ck_assert_uint_eq(bench_position(&bench), 2);
    loaded = bench_load(&bench, (struct chunk_pos){-1, 0});
    ck_assert_uint_eq(loaded->cell_count + loaded->entity_count, 0);
    bench_end(&bench);
}
END_TEST

START_TEST(test_accounts_and_characters)
{
    struct bench bench;
    struct database_character found;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct database *database = &bench.connections[1];
    struct change changes[] = {scene_account(1, "Ada"), scene_account(2, "Bob_1234567890123456789"),
                               scene_character(11, 1)};
    bench_must_apply(&bench, 1, changes, 3);
    ck_assert_int_eq(
        database->ops->find_account(database->state, bench.world.id, "aDA", &found, NULL),
        DATABASE_OK);
    ck_assert(schema_is_equal(change_schema(CHANGE_ACCOUNT), &found.account, &changes[0].account));
    ck_assert(found.has_character);
    ck_assert(
        schema_is_equal(change_schema(CHANGE_CHARACTER), &found.character, &changes[2].character));
    ck_assert_int_eq(database->ops->find_account(database->state, bench.world.id,
                                                 "bob_1234567890123456789", &found, NULL),
                     DATABASE_OK);
    ck_assert(!found.has_character);
    ck_assert_int_eq(
        database->ops->find_account(database->state, bench.world.id, "Ad", &found, NULL),
        DATABASE_NOT_FOUND);
    ck_assert_int_eq(
        database->ops->find_account(database->state, bench.world.id + 1, "Ada", &found, NULL),
        DATABASE_OK);
    ck_assert(!found.has_character);
    changes[0] = scene_account(3, "ADA");
    changes[1] = scene_cell(1, 1, 0);
    bench_must_apply(&bench, 2, changes, 2); /* the name is taken: one of two waits */
    ck_assert_uint_eq(bench_quarantined(&bench), 1);
    ck_assert(quarantine_has(bench.quarantine, &changes[0]));
    ck_assert_uint_eq(bench_load(&bench, (struct chunk_pos){0, 0})->cell_count, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_bags_and_skills)
{
    struct bench bench;
    struct database_character found;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct database *database = &bench.connections[1];
    struct change changes[] = {
        scene_account(1, "Ada"), scene_character(11, 1), {.kind = CHANGE_SLOT},
        {.kind = CHANGE_SLOT},   {.kind = CHANGE_SLOT},  {.kind = CHANGE_SKILL},
    };
    struct stack full = {.type = SCENE_ROCK,
                         .quantity = 65535,
                         .image = UINT32_MAX,
                         .wear = 1000000,
                         .source = SCENE_TREE,
                         .source_cell = {GRID_CELL_MIN, GRID_CELL_MAX},
                         .tick = 1ull << 62,
                         .time_s = UINT32_MAX,
                         .tool = SCENE_TREE,
                         .pos = {INT32_MIN, INT32_MAX},
                         .skill = 31,
                         .level = 10};
    changes[0].account.roles = 255;
    changes[2].slot = (struct change_slot){{11}, 255, full};
    changes[3].slot = (struct change_slot){{11}, 0, {.type = SCENE_TREE, .quantity = 1}};
    changes[4].slot = (struct change_slot){{12}, 0, {.type = SCENE_TREE, .quantity = 7}};
    changes[5].skill = (struct change_skill){{11}, 31, UINT32_MAX};
    bench_must_apply(&bench, 1, changes, 6);
    ck_assert_int_eq(
        database->ops->find_account(database->state, bench.world.id, "ada", &found, &bench.error),
        DATABASE_OK);
    ck_assert_uint_eq(found.account.roles, 255);
    ck_assert_uint_eq(found.slot_count, 2);
    ck_assert(schema_is_equal(change_schema(CHANGE_SLOT), &found.slots[0], &changes[3].slot));
    ck_assert(schema_is_equal(change_schema(CHANGE_SLOT), &found.slots[1], &changes[2].slot));
    ck_assert_uint_eq(found.skill_count, 1);
    ck_assert(schema_is_equal(change_schema(CHANGE_SKILL), &found.skills[0], &changes[5].skill));

    struct change gone[] = {{.kind = CHANGE_SLOT}, {.kind = CHANGE_SKILL}};
    gone[0].slot = (struct change_slot){{11}, 255, {.type = 0}};
    gone[1].skill = (struct change_skill){{11}, 31, 0};
    bench_must_apply(&bench, 2, gone, 2);
    ck_assert_int_eq(
        database->ops->find_account(database->state, bench.world.id, "ada", &found, &bench.error),
        DATABASE_OK);
    ck_assert_uint_eq(found.slot_count, 1);
    ck_assert_uint_eq(found.skill_count, 0);
    bench_end(&bench);
}
END_TEST

START_TEST(test_second_owner_is_refused)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_FAILED);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "meadow"));
    ck_assert_ptr_nonnull(strstr(bench.error.text, "host "));
    ck_assert_ptr_nonnull(strstr(bench.error.text, "process "));
    ck_assert_ptr_nonnull(strstr(bench.error.text, "/srv/meadow/journal"));
    struct change cell = scene_cell(0, 0, 0);
    bench_must_apply(&bench, 1, &cell, 1);
    bench_disconnect(&bench, 0);
    bench_must_open(&bench, 1);
    ck_assert(!bench.world.was_clean);
    ck_assert_uint_eq(bench.world.applied_seq, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_former_owner_is_fenced)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct database_world former = bench.world;
    struct change cell = scene_cell(0, 0, 0);
    bench_must_apply(&bench, 1, &cell, 1);
    bench_disconnect(&bench, 0);
    bench_must_open(&bench, 1);
    bench_connect(&bench, 0);
    bench.world = former;
    struct database *database = &bench.connections[0];
    ck_assert_int_eq(bench_apply(&bench, 2, &cell, 1), DATABASE_FENCED);
    ck_assert_int_eq(bench_close_world(&bench, 0), DATABASE_FENCED);
    ck_assert_int_eq(database->ops->resume(database->state, &former, &bench.error),
                     DATABASE_FENCED);
    bench_disconnect(&bench, 1);
    ck_assert_int_eq(database->ops->resume(database->state, &former, &bench.error),
                     DATABASE_FENCED);
    bench_end(&bench);
}
END_TEST

START_TEST(test_resume_reads_again)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct database *database = &bench.connections[0];
    struct database_world world = bench.world;
    struct change cell = scene_cell(0, 0, 0);
    bench_must_apply(&bench, 1, &cell, 1);
    bench_disconnect(&bench, 0);
    bench_disconnect(&bench, 0);
    ck_assert_int_eq(bench_apply(&bench, 2, &cell, 1), DATABASE_LOST);
    bench_connect(&bench, 0);
    ck_assert_int_eq(database->ops->resume(database->state, &world, &bench.error), DATABASE_OK);
    ck_assert_uint_eq(world.applied_seq, 1);
    ck_assert_uint_eq(world.tick, 10);
    ck_assert(hash_is_equal(world.hash, (struct hash128){1, 1}));
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_FAILED);
    bench_end(&bench);
}
END_TEST

/* A standby takes over that was made before the world's owner opened it: it knows the journal of
 * the owner before. */
static void bench_fall_behind(struct bench *bench, struct sim_database *standby, uint64_t journal)
{
    char sql[256];
    if (bench->sim != NULL) {
        sim_database_fail_over(bench->sim, standby);
        return;
    }
    struct pg *pg = pg_create(&(struct pg_options){
        .url = bench->url, .name = "standby", .connect_us = 5000000, .deadline_us = 5000000});
    (void)snprintf(sql, sizeof sql,
                   "UPDATE world_stream SET epoch = epoch - 1, applied_seq = 0, is_clean = true, "
                   "journal_id = %d WHERE world_id = %d",
                   (int)journal, (int)bench->world.id);
    ck_assert_int_eq(pg_connect(pg, &bench->error), PG_OK);
    ck_assert_int_eq(pg_script(pg, sql, &bench->error), PG_OK);
    pg_destroy(&pg);
}

/* The owner's journal is 6; the standby knows this one. How the owner resumes. */
static enum database_result bench_resume_behind(struct bench *bench, uint64_t journal)
{
    struct database *database = &bench->connections[0];
    struct sim_database *standby = NULL;
    struct change cell = scene_cell(0, 0, 0);
    bench->options.world = journal == 6 ? "meadow" : "another";
    bench->options.journal = journal;
    bench_must_open(bench, 0);
    ck_assert_int_eq(bench_close_world(bench, 0), DATABASE_OK);
    if (bench->sim != NULL)
        standby = sim_database_copy(bench->sim);
    bench->options.journal = 6;
    bench_must_open(bench, 0);
    bench_must_apply(bench, 1, &cell, 1);
    bench_disconnect(bench, 0);
    bench_fall_behind(bench, standby, journal);
    bench_connect(bench, 0);
    sim_database_destroy(&standby);
    return database->ops->resume(database->state, &bench->world, &bench->error);
}

START_TEST(test_a_standby_that_lacks_our_start_becomes_ours_again)
{
    struct bench bench;
    struct change cell = scene_cell(0, 0, 0);
    bench_begin(&bench, _i);
    ck_assert_int_eq(bench_resume_behind(&bench, 5), DATABASE_FENCED);
    ck_assert_int_eq(bench_resume_behind(&bench, 6), DATABASE_OK);
    ck_assert_uint_eq(bench.world.applied_seq, 0);
    bench_must_apply(&bench, 1, &cell, 1);
    uint64_t epoch = bench.world.epoch;
    bench_disconnect(&bench, 0);
    bench_connect(&bench, 1);
    bench.options.journal = 7;
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_FAILED); /* it is not clean */
    bench.options.journal = 6;
    bench_must_open(&bench, 1);
    ck_assert_uint_eq(bench.world.epoch, epoch + 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_another_journal_is_refused)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    bench_disconnect(&bench, 0);
    bench.options.journal = 5;
    bench.options.folder = "/srv/other";
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_FAILED);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "/srv/meadow/journal"));
    ck_assert_ptr_nonnull(strstr(bench.error.text, "host "));
    ck_assert_ptr_nonnull(strstr(bench.error.text, "--abandon-journal"));
    bench.options.abandon_journal = true;
    bench.options.journal_last_seq = 3;
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_FAILED);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "/srv/other"));
    bench.options.journal_last_seq = 0;
    bench_must_open(&bench, 1);
    ck_assert_int_eq(bench_close_world(&bench, 1), DATABASE_OK);
    bench.options.abandon_journal = false;
    bench.options.journal = 6;
    bench_must_open(&bench, 1);
    bench_end(&bench);
}
END_TEST

/* Time goes by: the lease is over. */
static void end_lease(struct bench *bench, uint64_t now_us)
{
    if (bench->sim != NULL)
        sim_database_set_time(bench->sim, now_us);
    else
        bench_sql(bench, "UPDATE world_stream SET lease_until = now() - interval '1 second'");
}

/* An owner with a lease: nobody else may come in before it has ended, whatever journal it has; then
 * anybody may, also when its connection still stands, and it can do nothing more. */
START_TEST(test_a_lease_ends)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench.options.lease_us = 20000000;
    bench_must_open(&bench, 0);
    struct database_world former = bench.world;
    struct database *database = &bench.connections[0];
    struct change cell = scene_cell(0, 0, 0);
    bench_must_apply(&bench, 1, &cell, 1);
    bench.options.journal = 5;
    bench.options.folder = "/srv/other";
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_FAILED);
    bench_disconnect(&bench, 0);
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_FAILED);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "its lease has "));
    ck_assert_ptr_null(strstr(bench.error.text, "--abandon-journal"));
    bench_connect(&bench, 0);
    ck_assert_int_eq(database->ops->resume(database->state, &former, &bench.error), DATABASE_OK);
    end_lease(&bench, 1000000000);
    ck_assert_int_eq(database->ops->renew(database->state, &former, 20000000, &bench.error),
                     DATABASE_OK);
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_FAILED); /* it was in time */
    end_lease(&bench, 2000000000);
    bench_must_open(&bench, 1);
    ck_assert_uint_gt(bench.world.epoch, former.epoch);
    ck_assert_uint_eq(bench.world.applied_seq, 1);
    bench_connect(&bench, 0);
    ck_assert_int_eq(database->ops->renew(database->state, &former, 20000000, &bench.error),
                     DATABASE_FENCED);
    ck_assert_int_eq(database->ops->resume(database->state, &former, &bench.error),
                     DATABASE_FENCED);
    bench.world = former;
    ck_assert_int_eq(bench_apply(&bench, 2, &cell, 1), DATABASE_FENCED);
    bench_end(&bench);
}
END_TEST

START_TEST(test_types_keep_their_ids)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    uint16_t sign = catalog_find_name(bench.catalog, "sign")->type;
    uint16_t stone_block = catalog_find_name(bench.catalog, "stone_block")->type;
    struct change cell = scene_cell(0, 0, sign);
    bench_must_apply(&bench, 1, &cell, 1);
    ck_assert_int_eq(bench_close_world(&bench, 0), DATABASE_OK);

    bench_drop_type(bench.catalog, "stone_block");
    bench_must_open(&bench, 0);
    ck_assert_uint_eq(catalog_find_name(bench.catalog, "sign")->type, sign);
    ck_assert_ptr_null(catalog_find_type(bench.catalog, stone_block));
    ck_assert_int_eq(bench_close_world(&bench, 0), DATABASE_OK);

    bench_drop_type(bench.catalog, "sign");
    ck_assert_int_eq(bench_open_world(&bench, 0), DATABASE_CONTENT);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "\"sign\""));
    bench.options.world = "another";
    bench_must_open(&bench, 0);
    bench_end(&bench);
}
END_TEST

START_TEST(test_type_of_an_entity_is_in_use)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    uint16_t sign = catalog_find_name(bench.catalog, "sign")->type;
    struct change entity = scene_entity(4, -9, 9, sign);
    bench_must_apply(&bench, 1, &entity, 1);
    bench_disconnect(&bench, 0);
    bench_drop_type(bench.catalog, "sign");
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_CONTENT);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "\"sign\""));
    catalog_destroy(&bench.catalog);
    bench.catalog = bench_catalog();
    bench_must_open(&bench, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_a_skill_is_in_use)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    uint16_t mining = catalog_find_skill_name(bench.catalog, "mining")->skill;
    struct change changes[] = {
        scene_account(1, "Ada"), scene_character(11, 1), {.kind = CHANGE_SKILL}};
    changes[2].skill = (struct change_skill){{11}, mining, 5};
    bench_must_apply(&bench, 1, changes, 3);
    bench_disconnect(&bench, 0);
    (void)snprintf(bench.catalog->skills[mining].name, sizeof bench.catalog->skills[mining].name,
                   "digging");
    ck_assert_int_eq(bench_open_world(&bench, 1), DATABASE_CONTENT);
    ck_assert_str_eq(bench.error.text, "the content lacks the skill \"mining\", but players have "
                                       "experience in it: put it back");
    catalog_destroy(&bench.catalog);
    bench.catalog = bench_catalog();
    bench_must_open(&bench, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(test_types_are_renewed_under_an_open_world)
{
    struct bench bench;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    struct database *other = &bench.connections[1];
    struct catalog *content = bench_catalog();
    uint16_t sign = catalog_find_name(bench.catalog, "sign")->type;
    struct change entity = scene_entity(4, -9, 9, sign);
    bench_must_apply(&bench, 1, &entity, 1);
    struct entity_def *fence = &content->entities[catalog_find_name(content, "stone_block")->type];
    (void)snprintf(fence->name, sizeof fence->name, "fence"); /* one type less, one more */
    ck_assert_int_eq(other->ops->renew_types(other->state, bench.world.id, content, &bench.error),
                     DATABASE_OK);
    ck_assert_uint_eq(catalog_find_name(content, "sign")->type, sign);
    uint16_t found = catalog_find_name(content, "fence")->type;
    ck_assert_ptr_null(catalog_find_type(bench.catalog, found)); /* an id that nobody had */
    ck_assert_int_eq(other->ops->renew_types(other->state, bench.world.id, content, &bench.error),
                     DATABASE_OK);
    ck_assert_uint_eq(catalog_find_name(content, "fence")->type, found);
    bench_drop_type(content, "sign");
    ck_assert_int_eq(other->ops->renew_types(other->state, bench.world.id, content, &bench.error),
                     DATABASE_CONTENT);
    ck_assert_ptr_nonnull(strstr(bench.error.text, "\"sign\""));
    struct change gone = scene_entity(4, -9, 9, 0);
    bench_must_apply(&bench, 2, &gone, 1); /* the refusal has left no transaction behind */
    ck_assert_int_eq(other->ops->renew_types(other->state, bench.world.id, content, &bench.error),
                     DATABASE_OK);
    catalog_destroy(&content);
    bench_end(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_world_is_made_once,
        test_content_comes_back,
        test_corners_of_the_world,
        test_a_record_is_applied_once,
        test_last_write_wins,
        test_many_rows,
        test_accounts_and_characters,
        test_bags_and_skills,
        test_second_owner_is_refused,
        test_former_owner_is_fenced,
        test_resume_reads_again,
        test_a_standby_that_lacks_our_start_becomes_ours_again,
        test_another_journal_is_refused,
        test_a_lease_ends,
        test_types_keep_their_ids,
        test_type_of_an_entity_is_in_use,
        test_a_skill_is_in_use,
        test_types_are_renewed_under_an_open_world,
    };
    return bench_run("conformance", tests, sizeof tests / sizeof tests[0]);
}
