#include "actors.h"

#include <stdio.h>
#include <string.h>

#include "testing.h"

enum { HZ = 20, TICK_US = 50000, DELAY_US = 100000, BOB = 3 << 4 };

struct rig {
    struct actors actors;
    struct events events;
};

static struct rig *rig_create(void)
{
    struct rig *rig = calloc(1, sizeof *rig);
    tilth_actors_init(&rig->actors);
    tilth_events_init(&rig->events);
    tilth_actors_set_rate(&rig->actors, HZ);
    return rig;
}

static void rig_destroy(struct rig *rig)
{
    tilth_actors_finish(&rig->actors);
    tilth_events_finish(&rig->events);
    free(rig);
}

/* Bob (slot 3) is at x in this tick. */
static void see(struct rig *rig, uint32_t tick, int32_t x, uint64_t now_us)
{
    struct state_snapshot snapshot = {.tick = tick, .is_complete = true, .actor_count = 1};
    snapshot.actors[0] = (struct state_actor){3, 0, DIRECTION_E, {x, 0}, 0};
    tilth_actors_take(&rig->actors, &snapshot, now_us, &rig->events);
}

static enum tilth_event_kind next_kind(struct rig *rig)
{
    struct tilth_event event;
    return tilth_events_pop(&rig->events, &event) ? event.kind : TILTH_EVENT_NONE;
}

START_TEST(others_move_evenly_a_moment_ago)
{
    struct rig *rig = rig_create();
    for (uint32_t tick = 0; tick < 20; tick++) {
        if (tick % 5 != 3) /* every fifth snapshot is lost */
            see(rig, UINT32_MAX - 5 + tick, (int32_t)tick * 100, tick * TICK_US + tick % 3 * 9000);
        for (uint64_t part = 0; tick > 8 && part < TICK_US; part += 10000) {
            uint64_t now_us = tick * TICK_US + 20000 + part;
            struct world_pos pos = tilth_actors_pos(&rig->actors, 0, now_us, DELAY_US);
            int64_t ideal = (int64_t)(now_us - DELAY_US) * 100 / TICK_US;
            ck_assert_msg(llabs(pos.x - ideal) < 40, "tick %u: %d, ideally %d", tick, pos.x,
                          (int)ideal);
        }
    }
    rig_destroy(rig);
}
END_TEST

START_TEST(who_stops_being_told_of_stands_still)
{
    struct rig *rig = rig_create();
    see(rig, 1, 100, TICK_US);
    see(rig, 2, 200, 2 * TICK_US);
    ck_assert_int_eq(tilth_actors_pos(&rig->actors, 0, 100 * TICK_US, DELAY_US).x, 200);
    ck_assert_int_eq(tilth_actors_pos(&rig->actors, 0, 0, DELAY_US).x, 100);
    rig_destroy(rig);
}
END_TEST

START_TEST(coming_and_going_is_told_once)
{
    struct rig *rig = rig_create();
    struct state_snapshot none = {.tick = 3, .is_complete = false};
    see(rig, 1, 100, 1000);
    see(rig, 2, 200, 1000); /* two datagrams in one update */
    ck_assert_int_eq(next_kind(rig), TILTH_EVENT_ACTOR_APPEARED);
    tilth_actors_take(&rig->actors, &none, 2000, &rig->events);
    ck_assert_int_eq(next_kind(rig), TILTH_EVENT_NONE);
    none.is_complete = true;
    tilth_actors_take(&rig->actors, &none, 2000, &rig->events);
    ck_assert_int_eq(next_kind(rig), TILTH_EVENT_ACTOR_VANISHED);
    ck_assert_uint_eq(rig->actors.count, 0);

    see(rig, 4, 100, 3000);
    none.is_complete = false;
    tilth_actors_take(&rig->actors, &none, 3000 + ACTORS_LOST_US + 1, &rig->events);
    ck_assert_int_eq(next_kind(rig), TILTH_EVENT_ACTOR_APPEARED);
    ck_assert_int_eq(next_kind(rig), TILTH_EVENT_ACTOR_VANISHED);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_slot_used_again_is_another_actor)
{
    struct rig *rig = rig_create();
    struct state_snapshot snapshot = {.tick = 1, .is_complete = true, .actor_count = 1};
    see(rig, 1, 100, 1000);
    snapshot.actors[0] = (struct state_actor){3, 1, DIRECTION_E, {9000, 0}, 0};
    tilth_actors_take(&rig->actors, &snapshot, 2000, &rig->events);
    ck_assert_uint_eq(rig->actors.count, 1);
    ck_assert_uint_eq(rig->actors.others[0].key, BOB + 1);
    ck_assert_int_eq(tilth_actors_pos(&rig->actors, 0, 0, DELAY_US).x, 9000);
    rig_destroy(rig);
}
END_TEST

START_TEST(names_come_before_or_after_and_never_run_out)
{
    struct rig *rig = rig_create();
    char name[16];
    struct message_named named = {.actor = 3};
    named.name = (struct span){(const uint8_t *)"bob", 3};
    tilth_actors_name(&rig->actors, &named, &rig->events);
    ck_assert_str_eq(tilth_actors_name_of(&rig->actors, BOB), "bob");
    ck_assert_str_eq(tilth_actors_name_of(&rig->actors, BOB + 1), "");
    for (uint32_t i = 0; i < 2000; i++) {
        (void)snprintf(name, sizeof name, "n%u", i);
        named.actor = 100 + i;
        named.name = (struct span){(const uint8_t *)name, (uint32_t)strlen(name)};
        tilth_actors_name(&rig->actors, &named, &rig->events);
        ck_assert_str_eq(tilth_actors_name_of(&rig->actors, (100 + i) << 4), name);
    }
    ck_assert_str_eq(tilth_actors_name_of(&rig->actors, BOB), "bob"); /* it is not told again */
    ck_assert_str_eq(tilth_actors_name_of(&rig->actors, 100 << 4), "n0");
    tilth_actors_clear(&rig->actors, &rig->events);
    ck_assert_str_eq(tilth_actors_name_of(&rig->actors, 2099 << 4), "");
    rig_destroy(rig);
}
END_TEST

START_TEST(more_others_than_there_is_room_for_are_left_out)
{
    struct rig *rig = rig_create();
    struct state_snapshot snapshot = {.tick = 1, .actor_count = STATE_ACTORS_MAX};
    for (uint32_t i = 0; i < 10; i++) {
        for (uint32_t k = 0; k < STATE_ACTORS_MAX; k++)
            snapshot.actors[k].actor = (uint16_t)(i * STATE_ACTORS_MAX + k);
        tilth_actors_take(&rig->actors, &snapshot, 1000 + i, &rig->events);
    }
    ck_assert_uint_eq(rig->actors.count, TILTH_ACTORS_MAX);
    rig_destroy(rig);
}
END_TEST

TESTING_MAIN("actors", others_move_evenly_a_moment_ago, who_stops_being_told_of_stands_still,
             coming_and_going_is_told_once, a_slot_used_again_is_another_actor,
             names_come_before_or_after_and_never_run_out,
             more_others_than_there_is_room_for_are_left_out)
