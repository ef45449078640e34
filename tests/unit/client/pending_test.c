#include "pending.h"

#include "testing.h"

struct rig {
    struct pending pending;
    struct events events;
};

static struct rig *rig_create(uint32_t count)
{
    struct rig *rig = calloc(1, sizeof *rig);
    struct intent intent = {.kind = INTENT_REMOVE};
    tilth_pending_init(&rig->pending);
    tilth_events_init(&rig->events);
    for (uint32_t i = 0; i < count; i++) {
        intent.remove.cell = (struct cell_pos){(int32_t)i * 10, 0};
        ck_assert_uint_eq(tilth_pending_add(&rig->pending, &intent), i + 1);
    }
    return rig;
}

static void rig_destroy(struct rig *rig)
{
    tilth_events_finish(&rig->events);
    free(rig);
}

static void expect(struct rig *rig, enum tilth_event_kind kind, uint32_t number)
{
    struct tilth_event event = {.kind = TILTH_EVENT_NONE};
    (void)tilth_events_pop(&rig->events, &event);
    ck_assert_int_eq(event.kind, kind);
    ck_assert_uint_eq(event.number, number);
}

static bool answer(struct rig *rig, uint32_t number, uint32_t refusal)
{
    struct pending_answer answer = {number, refusal, NULL};
    return tilth_pending_answer(&rig->pending, &answer, &rig->events);
}

static void settle(struct rig *rig, struct pending_summary summary)
{
    tilth_pending_settle(&rig->pending, &summary, &rig->events);
}

START_TEST(answers_come_once)
{
    struct rig *rig = rig_create(3);
    ck_assert(answer(rig, 1, 0));
    ck_assert(answer(rig, 1, 0)); /* repeated */
    ck_assert(answer(rig, 2, REFUSAL_OUT_OF_REACH));
    ck_assert(answer(rig, 3, 60000));
    ck_assert(!answer(rig, 4, 0));
    expect(rig, TILTH_EVENT_DONE, 1);
    expect(rig, TILTH_EVENT_REFUSED, 2);
    expect(rig, TILTH_EVENT_REFUSED, 3);
    expect(rig, TILTH_EVENT_NONE, 0);
    rig_destroy(rig);
}
END_TEST

/* One that takes its time is answered behind later ones. */
START_TEST(an_answer_may_be_late)
{
    struct rig *rig = rig_create(4);
    ck_assert(answer(rig, 2, 0));
    ck_assert(answer(rig, 2, 0));
    ck_assert(answer(rig, 3, 0));
    ck_assert_uint_eq(rig->pending.count, 4); /* all behind the first stay in the window */
    ck_assert_uint_eq(rig->pending.open_count, 2);
    settle(rig, (struct pending_summary){4, 0xF, 1}); /* a resync: 1 is under way */
    ck_assert_uint_eq(rig->pending.open_count, 1);
    ck_assert(answer(rig, 1, REFUSAL_INTERRUPTED));
    ck_assert_uint_eq(rig->pending.count, 0);
    expect(rig, TILTH_EVENT_DONE, 2);
    expect(rig, TILTH_EVENT_DONE, 3);
    expect(rig, TILTH_EVENT_DONE, 4);
    expect(rig, TILTH_EVENT_REFUSED, 1);
    expect(rig, TILTH_EVENT_NONE, 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_late_one_is_lost_with_its_server)
{
    struct rig *rig = rig_create(3);
    ck_assert(answer(rig, 2, 0));
    settle(rig, (struct pending_summary){2, 0x1, 0});
    tilth_pending_lose(&rig->pending, &rig->events);
    expect(rig, TILTH_EVENT_DONE, 2);
    expect(rig, TILTH_EVENT_LOST, 1);
    expect(rig, TILTH_EVENT_LOST, 3);
    expect(rig, TILTH_EVENT_NONE, 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_missing_tool_is_named)
{
    struct rig *rig = rig_create(1);
    struct pending_answer missing = {1, REFUSAL_TOOL_MISSING, "axe"};
    struct tilth_event event;
    ck_assert(tilth_pending_answer(&rig->pending, &missing, &rig->events));
    ck_assert(tilth_events_pop(&rig->events, &event));
    ck_assert_str_eq(event.text, "you do not have the tool for this: axe");
    rig_destroy(rig);
}
END_TEST

START_TEST(a_welcome_settles_every_one)
{
    struct rig *rig = rig_create(6);
    settle(rig, (struct pending_summary){4, 0x5, 0}); /* 4 and 2 are done */
    expect(rig, TILTH_EVENT_LOST, 1);
    expect(rig, TILTH_EVENT_DONE, 2);
    expect(rig, TILTH_EVENT_LOST, 3);
    expect(rig, TILTH_EVENT_DONE, 4);
    ck_assert_uint_eq(rig->pending.count, 2);
    tilth_pending_lose(&rig->pending, &rig->events);
    expect(rig, TILTH_EVENT_LOST, 5);
    expect(rig, TILTH_EVENT_LOST, 6);
    rig_destroy(rig);
}
END_TEST

START_TEST(what_is_older_than_the_bits_is_lost)
{
    struct rig *rig = rig_create(2);
    settle(rig, (struct pending_summary){65, UINT64_MAX, 0});
    expect(rig, TILTH_EVENT_LOST, 1);
    expect(rig, TILTH_EVENT_DONE, 2);
    rig_destroy(rig);
}
END_TEST

START_TEST(only_so_many_wait)
{
    struct rig *rig = rig_create(TILTH_PENDING_MAX);
    struct intent intent = {.kind = INTENT_SAY};
    ck_assert_uint_eq(tilth_pending_add(&rig->pending, &intent), 0);
    ck_assert(answer(rig, 1, 0));
    ck_assert_uint_eq(tilth_pending_add(&rig->pending, &intent), TILTH_PENDING_MAX + 1);
    rig->pending.count = 0;
    rig->pending.next_number = UINT32_MAX;
    ck_assert_uint_eq(tilth_pending_add(&rig->pending, &intent), UINT32_MAX);
    ck_assert_uint_eq(tilth_pending_add(&rig->pending, &intent), 0); /* numbers are used up */
    rig_destroy(rig);
}
END_TEST

START_TEST(near_is_two_cells)
{
    struct rig *rig = rig_create(2); /* cells (0,0) and (10,0) */
    ck_assert(tilth_pending_is_near(&rig->pending, grid_cell_middle((struct cell_pos){2, 2})));
    ck_assert(!tilth_pending_is_near(&rig->pending, grid_cell_middle((struct cell_pos){3, 0})));
    ck_assert(!tilth_pending_is_near(&rig->pending, (struct world_pos){INT32_MIN, INT32_MAX}));
    rig_destroy(rig);
}
END_TEST

/* A structure changes where one can walk as far as its cells reach; what lies there, or how it is
 * drawn, changes nothing. */
START_TEST(near_is_as_far_as_a_structure_reaches)
{
    struct cell_pos cell = {100, 100};
    struct intent build = {.kind = INTENT_BUILD, .build = {1, cell}};
    struct intent unbuild = {.kind = INTENT_UNBUILD, .unbuild = {cell}};
    const struct intent far[] = {build, unbuild};
    const struct intent none[] = {
        {.kind = INTENT_DROP, .drop = {0, 0, cell}},
        {.kind = INTENT_PICK_UP, .pick_up = {cell, 0}},
        {.kind = INTENT_GIVE},
        {.kind = INTENT_ANSWER},
        {.kind = INTENT_MODIFY, .modify = {.cell = cell}},
        {.kind = INTENT_RESET, .reset = {cell}},
    };
    for (int i = 0; i < 2; i++) {
        struct rig *rig = rig_create(0);
        int32_t reach = 2 + CATALOG_FOOTPRINT_MAX;
        ck_assert_uint_eq(tilth_pending_add(&rig->pending, &far[i]), 1);
        struct cell_pos in = {cell.x - reach, cell.y + reach}, out = {cell.x, cell.y - reach - 1};
        ck_assert(tilth_pending_is_near(&rig->pending, grid_cell_middle(in)));
        ck_assert(!tilth_pending_is_near(&rig->pending, grid_cell_middle(out)));
        ck_assert(answer(rig, 1, 0));
        ck_assert(!tilth_pending_is_near(&rig->pending, grid_cell_middle(in)));
        rig_destroy(rig);
    }
    struct rig *rig = rig_create(0);
    for (uint32_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert_uint_eq(tilth_pending_add(&rig->pending, &none[i]), i + 1);
    ck_assert(!tilth_pending_is_near(&rig->pending, grid_cell_middle(cell)));
    rig_destroy(rig);
}
END_TEST

START_TEST(outcomes_always_find_room)
{
    struct rig *rig = rig_create(TILTH_PENDING_MAX);
    struct tilth_event event = {.kind = TILTH_EVENT_CELL_CHANGED};
    const uint32_t others = EVENTS_ORDINARY_MAX + EVENTS_CONNECTION_MAX;
    for (uint32_t i = 0; i < 5000; i++) {
        event.kind = i % 2 ? TILTH_EVENT_CELL_CHANGED : TILTH_EVENT_DISCONNECTED;
        tilth_events_push(&rig->events, &event);
    }
    tilth_pending_lose(&rig->pending, &rig->events);
    ck_assert_uint_eq(rig->events.outcomes, TILTH_PENDING_MAX);
    ck_assert_uint_eq(rig->events.count, others + TILTH_PENDING_MAX);
    ck_assert_uint_eq(rig->events.dropped, 5000 - others);
    while (tilth_events_pop(&rig->events, &event))
        continue;
    ck_assert_uint_eq(rig->events.outcomes, 0);
    rig_destroy(rig);
}
END_TEST

TESTING_MAIN("pending", answers_come_once, an_answer_may_be_late,
             a_late_one_is_lost_with_its_server, a_missing_tool_is_named,
             a_welcome_settles_every_one, what_is_older_than_the_bits_is_lost, only_so_many_wait,
             near_is_two_cells, near_is_as_far_as_a_structure_reaches, outcomes_always_find_room)
