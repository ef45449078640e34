/* Every statement to PostgreSQL fails once, and once the connection is lost before it, and once
 * behind it: a record is applied once or not at all, and everything else can be asked again. */
#include "db/broken_wire.h"
#include "db/conformance.h"

enum { STATEMENTS_MAX = 200, KINDS = 9 };

static enum database_result connect_again(struct bench *bench)
{
    struct database *database = &bench->connections[0];
    broken_wire_plan(0, BROKEN_WIRE_REFUSE);
    bench_disconnect(bench, 0);
    bench_connect(bench, 0);
    return database->ops->resume(database->state, &bench->world, &bench->error);
}

/* Changes of most tables, all of them of record seq. */
static uint32_t make_changes(uint64_t seq, struct change changes[KINDS])
{
    static char name[16];
    uint32_t id = (uint32_t)seq;
    struct stack stack = {.type = SCENE_ROCK, .quantity = 1};
    (void)snprintf(name, sizeof name, "player%u", id);
    changes[0] = scene_cell((int32_t)id, 1, SCENE_TREE);
    changes[1] = scene_entity(seq, (int32_t)id, 1, SCENE_TREE);
    changes[2] = scene_account(seq, name);
    changes[3] = scene_character(seq, seq);
    changes[4] = (struct change){.kind = CHANGE_SLOT, .slot = {{seq}, 0, stack}};
    changes[5] = (struct change){.kind = CHANGE_SKILL, .skill = {{seq}, 1, id}};
    changes[6] =
        (struct change){.kind = CHANGE_PILE, .pile = {{seq}, {(int32_t)id, 1}, stack, TICK_MAX}};
    changes[7] = (struct change){.kind = CHANGE_STRUCTURE,
                                 .structure = {.id = {seq},
                                               .cell = {(int32_t)id, 3},
                                               .is_there = 1,
                                               .type = 1,
                                               .width = 1,
                                               .height = 1}};
    changes[8] = scene_entity(seq - 1, (int32_t)id - 1, 1, 0); /* the former is gone */
    return seq > 1 ? KINDS : KINDS - 1;
}

/* Has the database all of the records up to seq, and nothing of a later one? */
static void must_have(struct bench *bench, uint64_t seq)
{
    struct database *database = &bench->connections[1];
    struct database_character found;
    uint64_t applied_seq = 0;
    char name[16];
    ck_assert_int_eq(
        database->ops->find_position(database->state, bench->world.id, &applied_seq, &bench->error),
        DATABASE_OK);
    ck_assert_uint_eq(applied_seq, seq);
    const struct content *content = bench_load(bench, (struct chunk_pos){0, 0});
    ck_assert_uint_eq(content->cell_count, seq);
    ck_assert_uint_eq(content->pile_count, seq);
    ck_assert_uint_eq(content->structure_count, seq);
    ck_assert_uint_eq(content->entity_count, seq > 0);
    for (uint64_t id = seq; id <= seq + 1; id++) {
        (void)snprintf(name, sizeof name, "player%u", (uint32_t)id);
        enum database_result result = database->ops->find_account(database->state, bench->world.id,
                                                                  name, &found, &bench->error);
        ck_assert_int_eq(result, id <= seq && id > 0 ? DATABASE_OK : DATABASE_NOT_FOUND);
        ck_assert(result != DATABASE_OK || (found.slot_count == 1 && found.skill_count == 1));
    }
}

/* Applies record seq with the fault at its n-th statement; false when it has fewer. */
static bool apply_with(struct bench *bench, uint64_t seq, uint32_t n, enum broken_wire_fault fault)
{
    struct change changes[KINDS];
    uint32_t count = make_changes(seq, changes);
    broken_wire_plan(n, fault);
    enum database_result result = bench_apply(bench, seq, changes, count);
    bool is_met = broken_wire_is_met();
    bool is_commit = is_met && strcmp(broken_wire_statement(), "apply_commit") == 0;
    bool is_applied = !is_met || (is_commit && fault == BROKEN_WIRE_AFTER);
    broken_wire_plan(0, fault);
    if (is_met)
        ck_assert_msg(result == (fault == BROKEN_WIRE_REFUSE ? DATABASE_FAILED : DATABASE_LOST),
                      "statement %u (%s), fault %d: result %d, %s", n, broken_wire_statement(),
                      (int)fault, (int)result, bench->error.text);
    must_have(bench, is_applied ? seq : seq - 1);
    if (result == DATABASE_FAILED) /* which need not have cost the connection */
        result = bench_apply(bench, seq, changes, count);
    is_applied = is_applied || result == DATABASE_OK;
    if (result == DATABASE_LOST) {
        ck_assert_int_eq(connect_again(bench), DATABASE_OK);
        ck_assert_uint_eq(bench->world.applied_seq, is_applied ? seq : seq - 1);
    }
    if (!is_applied)
        bench_must_apply(bench, seq, changes, count);
    must_have(bench, seq);
    return is_met;
}

START_TEST(test_a_record_is_applied_once_or_not_at_all)
{
    struct bench bench;
    uint64_t seq = 1;
    if (_i == 0)
        return; /* the simulated database has no statements */
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    for (int fault = 0; fault < BROKEN_WIRE_FAULTS; fault++) {
        uint32_t n = 1;
        ck_assert_int_eq(connect_again(&bench), DATABASE_OK); /* nothing is prepared */
        while (n < STATEMENTS_MAX && apply_with(&bench, seq, n, (enum broken_wire_fault)fault))
            seq++, n++;
        ck_assert_uint_gt(n, 10);
        ck_assert_uint_lt(n, STATEMENTS_MAX);
        seq++;
    }
    bench_end(&bench);
}
END_TEST

/* What can be asked besides. */
enum ask { ASK_OPEN, ASK_RESUME, ASK_TYPES, ASK_REGION, ASK_CHUNK, ASK_ACCOUNT, ASK_IMAGES, ASKS };

static enum database_result ask(struct bench *bench, enum ask what)
{
    static struct database_region region;
    static struct content content;
    static struct database_character found;
    static struct database_image_config configs[4];
    static struct database_image images[4];
    struct database_images out = {
        .configs = configs, .images = images, .configs_max = 4, .images_max = 4};
    const struct database *database = &bench->connections[0];
    const struct database_ops *ops = database->ops;
    uint64_t world = bench->world.id;
    switch (what) {
    case ASK_OPEN:
        return bench_open_world(bench, 0);
    case ASK_RESUME:
        return ops->resume(database->state, &bench->world, &bench->error);
    case ASK_TYPES:
        return ops->renew_types(database->state, world, bench->catalog, &bench->error);
    case ASK_REGION:
        return ops->load_region(database->state, world, (struct region_pos){0, 0}, &region,
                                &bench->error);
    case ASK_CHUNK:
        return ops->load_chunk(database->state, world, (struct chunk_pos){0, 0}, &content,
                               &bench->error);
    case ASK_ACCOUNT:
        return ops->find_account(database->state, world, "player1", &found, &bench->error);
    case ASK_IMAGES:
        return ops->load_images(database->state, world, &out, &bench->error);
    case ASKS:
        break;
    }
    return DATABASE_FAILED;
}

/* Asks with the fault at the n-th statement, and then again; false when there are fewer. */
static bool ask_with(struct bench *bench, enum ask what, uint32_t n, enum broken_wire_fault fault)
{
    uint64_t applied_seq = bench->world.applied_seq;
    bench_disconnect(bench, 0);
    bench_connect(bench, 0);
    broken_wire_plan(n, fault);
    enum database_result result = ask(bench, what);
    bool is_met = broken_wire_is_met();
    broken_wire_plan(0, fault);
    if (is_met)
        ck_assert_msg(result == (fault == BROKEN_WIRE_REFUSE ? DATABASE_FAILED : DATABASE_LOST),
                      "ask %d, statement %u (%s), fault %d: result %d, %s", (int)what, n,
                      broken_wire_statement(), (int)fault, (int)result, bench->error.text);
    else
        ck_assert_int_eq(result, DATABASE_OK);
    if (result != DATABASE_OK)
        result = ask(bench, what); /* what was refused need not have cost the connection */
    if (result == DATABASE_LOST)
        bench_connect(bench, 0);
    ck_assert_msg(ask(bench, what) == DATABASE_OK, "ask %d again: %s", (int)what,
                  bench->error.text);
    ck_assert_uint_eq(bench->world.applied_seq, applied_seq);
    return is_met;
}

START_TEST(test_everything_else_can_be_asked_again)
{
    struct bench bench;
    struct change changes[KINDS];
    if (_i == 0)
        return;
    bench_begin(&bench, _i);
    bench_must_open(&bench, 0);
    bench_must_apply(&bench, 1, changes, make_changes(1, changes));
    bench.world.applied_seq = 1;
    for (int what = 0; what < ASKS; what++) {
        for (int fault = 0; fault < BROKEN_WIRE_FAULTS; fault++) {
            uint32_t n = 1;
            while (n < STATEMENTS_MAX &&
                   ask_with(&bench, (enum ask)what, n, (enum broken_wire_fault)fault))
                n++;
            ck_assert(n > 1 && n < STATEMENTS_MAX);
        }
        enum database_result result = bench_open_world(&bench, 0);
        ck_assert_msg(result == DATABASE_OK, "%s", bench.error.text);
    }
    must_have(&bench, 1);
    bench_end(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_a_record_is_applied_once_or_not_at_all,
                                  test_everything_else_can_be_asked_again};
    return bench_run("statements", tests, sizeof tests / sizeof tests[0]);
}
