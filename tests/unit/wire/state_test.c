#include "wire/state.h"

#include <string.h>

#include "testing.h"

#include "base/rng.h"

START_TEST(test_unwrap_finds_the_nearest)
{
    ck_assert_uint_eq(state_unwrap(0, 0), 0);
    ck_assert_uint_eq(state_unwrap(0, 7), 7);
    ck_assert_uint_eq(state_unwrap(10, 9), 9);
    ck_assert_uint_eq(state_unwrap(0, 65535), 65535); /* numbers are never below 0 */
    ck_assert_uint_eq(state_unwrap(65535, 0), 65536);
    ck_assert_uint_eq(state_unwrap(65536, 65535), 65535);
    ck_assert_uint_eq(state_unwrap(UINT32_MAX - 1, 3), 3); /* goes round */
    for (uint32_t newest = 33000; newest < 200000; newest += 7) {
        for (int32_t ahead = -32768; ahead < 32768; ahead += 1021) {
            uint32_t number = newest + (uint32_t)ahead;
            ck_assert_uint_eq(state_unwrap(newest, (uint16_t)number), number);
        }
    }
}
END_TEST

/* Numbers up to and over 65,536, with some lost on the way. */
START_TEST(test_inputs_over_the_wrap)
{
    struct state_inputs known = {.count = 0};
    struct rng rng;
    rng_init(&rng, 41);
    for (uint32_t number = 1; number < 140000; number += 1 + (uint32_t)rng_below(&rng, 40)) {
        struct state_inputs inputs = {.newest = number, .snapshot = number / 2};
        uint8_t bytes[STATE_BYTES_MAX];
        inputs.count = 1 + (uint32_t)rng_below(&rng, number < 8 ? number : 8);
        inputs.snapshot_mask = (uint32_t)rng_next(&rng);
        for (uint32_t i = 0; i < inputs.count; i++)
            inputs.directions[i] = (uint8_t)rng_below(&rng, 9);
        size_t size = state_encode_inputs(&inputs, bytes, sizeof bytes);
        ck_assert_uint_gt(size, 0);
        ck_assert_uint_eq(state_encode_inputs(&inputs, bytes, size - 1), 0);
        ck_assert_uint_eq(state_encode_inputs(&inputs, bytes, size), size);
        ck_assert(state_decode_inputs(bytes, size, &known));
        ck_assert_mem_eq(&known, &inputs, sizeof inputs);
    }
}
END_TEST

START_TEST(test_malformed_inputs_are_refused)
{
    struct state_inputs inputs = {.newest = 8, .count = 8, .directions = {8, 7, 6, 5, 4, 3, 2, 1}};
    struct state_inputs known = {.newest = 5, .count = 1}, before = known;
    uint8_t bytes[64] = {0};
    size_t size = state_encode_inputs(&inputs, bytes, sizeof bytes);
    for (size_t cut = 0; cut < size; cut++)
        ck_assert(!state_decode_inputs(bytes, cut, &known));
    ck_assert(!state_decode_inputs(bytes, size + 1, &known));
    bytes[size - 1] |= 0x80; /* a fill bit */
    ck_assert(!state_decode_inputs(bytes, size, &known));
    inputs.newest = 7; /* the oldest would be number 0 */
    size = state_encode_inputs(&inputs, bytes, sizeof bytes);
    ck_assert(!state_decode_inputs(bytes, size, &known));
    memset(bytes, 0xFF, sizeof bytes);
    for (size_t any = 0; any < sizeof bytes; any++)
        ck_assert(!state_decode_inputs(bytes, any, &known));
    ck_assert_mem_eq(&known, &before, sizeof known);
}
END_TEST

static void make_snapshot(struct rng *rng, uint32_t number, struct state_snapshot *out)
{
    memset(out, 0, sizeof *out);
    out->number = number;
    out->tick = (uint32_t)rng_next(rng);
    out->input = number + 1000;
    out->slack = (int8_t)((int)rng_below(rng, 16) - 8);
    out->work = (uint8_t)rng_below(rng, STATE_WORK_DONE + 1);
    out->is_complete = rng_below(rng, 2) > 0;
    out->pos = (struct world_pos){(int32_t)rng_next(rng), (int32_t)rng_next(rng)};
    if (rng_below(rng, 4) == 0)
        out->pos = (struct world_pos){INT32_MAX, INT32_MIN};
    out->actor_count = (uint32_t)rng_below(rng, STATE_ACTORS_MAX + 1);
    for (uint32_t i = 0; i < out->actor_count; i++) {
        struct state_actor *actor = &out->actors[i];
        int64_t x = out->pos.x + (int64_t)rng_below(rng, 131063) - 65531;
        int64_t y = out->pos.y + (int64_t)rng_below(rng, 131063) - 65531;
        actor->actor = (uint16_t)rng_next(rng);
        actor->life = (uint8_t)rng_below(rng, 16);
        actor->direction = (uint8_t)rng_below(rng, 9);
        actor->work = (uint8_t)rng_below(rng, STATE_WORK_DONE + 1);
        actor->pos.x = x < INT32_MIN ? INT32_MIN : x > INT32_MAX ? INT32_MAX : (int32_t)x;
        actor->pos.y = y < INT32_MIN ? INT32_MIN : y > INT32_MAX ? INT32_MAX : (int32_t)y;
        ck_assert(state_is_near(out->pos, actor->pos));
    }
}

static void ck_assert_same_news(struct span left, struct span right)
{
    ck_assert_uint_eq(left.size_bytes, right.size_bytes);
    if (left.size_bytes > 0)
        ck_assert_mem_eq(left.bytes, right.bytes, left.size_bytes);
}

static void ck_assert_near(int32_t decoded, int32_t pos)
{
    int64_t by = (int64_t)pos - decoded;
    ck_assert_int_ge(by, 0);
    ck_assert_int_lt(by, STATE_GRAIN);
}

/* Field by field: there is padding between them. */
static void ck_assert_same_head(const struct state_snapshot *a, const struct state_snapshot *b)
{
    ck_assert_uint_eq(a->number, b->number);
    ck_assert_uint_eq(a->tick, b->tick);
    ck_assert_uint_eq(a->input, b->input);
    ck_assert_int_eq(a->slack, b->slack);
    ck_assert_uint_eq(a->work, b->work);
    ck_assert_int_eq(a->is_complete, b->is_complete);
    ck_assert_int_eq(a->pos.x, b->pos.x);
    ck_assert_int_eq(a->pos.y, b->pos.y);
    ck_assert_uint_eq(a->actor_count, b->actor_count);
}

START_TEST(test_snapshots_come_back)
{
    struct state_snapshot known = {.number = 0}, snapshot;
    struct rng rng;
    rng_init(&rng, 42);
    for (uint32_t number = 1; number < 140000; number += 1 + (uint32_t)rng_below(&rng, 90)) {
        uint8_t bytes[STATE_BYTES_MAX];
        uint8_t news[200];
        make_snapshot(&rng, number, &snapshot);
        for (uint32_t i = 0; i < sizeof news; i++)
            news[i] = (uint8_t)rng_next(&rng);
        snapshot.news = (struct span){news, (uint32_t)rng_below(&rng, sizeof news)};
        if (snapshot.actor_count > state_actors_beside(snapshot.news.size_bytes))
            snapshot.news.size_bytes = 0;
        size_t size = state_encode_snapshot(&snapshot, bytes, sizeof bytes);
        ck_assert_uint_gt(size, 0); /* the fullest fits */
        ck_assert_uint_eq(state_encode_snapshot(&snapshot, bytes, size - 1), 0);
        ck_assert_uint_eq(state_encode_snapshot(&snapshot, bytes, size), size);
        ck_assert(state_decode_snapshot(bytes, size, &known));
        ck_assert_same_head(&known, &snapshot);
        ck_assert_same_news(known.news, snapshot.news);
        for (uint32_t i = 0; i < snapshot.actor_count; i++) {
            ck_assert_uint_eq(known.actors[i].actor, snapshot.actors[i].actor);
            ck_assert_uint_eq(known.actors[i].life, snapshot.actors[i].life);
            ck_assert_uint_eq(known.actors[i].direction, snapshot.actors[i].direction);
            ck_assert_uint_eq(known.actors[i].work, snapshot.actors[i].work);
            ck_assert_near(known.actors[i].pos.x, snapshot.actors[i].pos.x);
            ck_assert_near(known.actors[i].pos.y, snapshot.actors[i].pos.y);
        }
    }
}
END_TEST

START_TEST(test_news_leave_room_for_fewer_actors)
{
    static uint8_t news[STATE_BYTES_MAX];
    uint8_t bytes[STATE_BYTES_MAX];
    struct state_snapshot snapshot = {.number = 1, .work = 1};
    for (uint32_t i = 0; i < STATE_ACTORS_MAX; i++)
        snapshot.actors[i].work = STATE_WORK_DONE; /* the busy take the most room */
    ck_assert_uint_eq(state_actors_beside(0), STATE_ACTORS_MAX);
    ck_assert_uint_eq(state_actors_beside(2 * STATE_BYTES_MAX), 0);
    for (uint32_t size = 0; size < STATE_BYTES_MAX - 20; size++) {
        snapshot.news = (struct span){news, size};
        snapshot.actor_count = state_actors_beside(size);
        ck_assert_uint_gt(state_encode_snapshot(&snapshot, bytes, sizeof bytes), 0);
        snapshot.actor_count += 2; /* rounded down to whole bytes */
        if (snapshot.actor_count <= STATE_ACTORS_MAX)
            ck_assert_uint_eq(state_encode_snapshot(&snapshot, bytes, sizeof bytes), 0);
    }
}
END_TEST

START_TEST(test_announced_news_must_come)
{
    struct state_snapshot snapshot = {.number = 1, .news = {(const uint8_t *)"!", 1}};
    struct state_snapshot known = {.number = 0};
    uint8_t bytes[64];
    size_t size = state_encode_snapshot(&snapshot, bytes, sizeof bytes);
    ck_assert(!state_decode_snapshot(bytes, size - 1, &known));
    ck_assert(state_decode_snapshot(bytes, size, &known));
    ck_assert_same_news(known.news, snapshot.news);
}
END_TEST

START_TEST(test_slack_is_sent_within_its_bits)
{
    static const int8_t slacks[][2] = {{-128, -8}, {-9, -8}, {-8, -8}, {0, 0},
                                       {7, 7},     {8, 7},   {127, 7}};
    for (size_t i = 0; i < sizeof slacks / sizeof slacks[0]; i++) {
        struct state_snapshot snapshot = {.number = 1, .slack = slacks[i][0]};
        uint8_t bytes[64];
        size_t size = state_encode_snapshot(&snapshot, bytes, sizeof bytes);
        ck_assert(state_decode_snapshot(bytes, size, &snapshot));
        ck_assert_int_eq(snapshot.slack, slacks[i][1]);
    }
}
END_TEST

START_TEST(test_malformed_snapshots_are_refused)
{
    struct state_snapshot snapshot, known = {.number = 3, .actor_count = 0}, before = known;
    uint8_t bytes[STATE_BYTES_MAX + 1] = {0};
    struct rng rng;
    rng_init(&rng, 43);
    for (uint32_t round = 0; round < 20; round++) {
        make_snapshot(&rng, 9, &snapshot);
        size_t size = state_encode_snapshot(&snapshot, bytes, STATE_BYTES_MAX);
        for (size_t cut = 0; cut < size; cut++)
            ck_assert(!state_decode_snapshot(bytes, cut, &known));
        bytes[size] = 0;
        ck_assert(!state_decode_snapshot(bytes, size + 1, &known));
        bytes[18] = 0xFF; /* more actors than there can be */
        bytes[17] = 0xFF;
        ck_assert(!state_decode_snapshot(bytes, size, &known));
    }
    ck_assert_mem_eq(&known, &before, sizeof known);
}
END_TEST

START_TEST(test_near_ends_where_the_bits_do)
{
    struct world_pos from = {0, 0};
    ck_assert(state_is_near(from, (struct world_pos){65531, -65531}));
    ck_assert(!state_is_near(from, (struct world_pos){65532, 0}));
    ck_assert(!state_is_near(from, (struct world_pos){0, -65532}));
    from = (struct world_pos){INT32_MAX, INT32_MIN};
    ck_assert(!state_is_near(from, (struct world_pos){INT32_MIN, INT32_MIN}));
}
END_TEST

TESTING_MAIN("state", test_unwrap_finds_the_nearest, test_inputs_over_the_wrap,
             test_malformed_inputs_are_refused, test_snapshots_come_back,
             test_news_leave_room_for_fewer_actors, test_announced_news_must_come,
             test_slack_is_sent_within_its_bits, test_malformed_snapshots_are_refused,
             test_near_ends_where_the_bits_do)
