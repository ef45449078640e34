#include "pace.h"

#include "base/rng.h"
#include "testing.h"

/* A server with a queue: each of its ticks applies one input. */
struct queue {
    int64_t waiting;
    uint32_t applied;
};

static int32_t queue_tick(struct queue *queue)
{
    if (queue->waiting == 0)
        return -1;
    queue->waiting--;
    queue->applied++;
    return queue->waiting < 7 ? (int32_t)queue->waiting : 7;
}

/* Runs a client whose clock is off by so many per mille; the queue's length averaged at the end. */
static double run(int32_t clock_per_mille, int64_t waiting_at_start)
{
    struct pace pace;
    struct queue queue = {.waiting = waiting_at_start};
    uint32_t made = (uint32_t)waiting_at_start;
    uint64_t sum = 0;
    tilth_pace_start(&pace, 20, 0);
    for (uint64_t us = 0; us < 60000000; us += 5000) {
        uint64_t client_us = us * (uint64_t)(1000 + clock_per_mille) / 1000;
        uint32_t due = tilth_pace_due(&pace, client_us);
        made += due;
        queue.waiting += due;
        if (us % 50000 == 0)
            tilth_pace_report(&pace, queue_tick(&queue), queue.applied, made);
        if (us >= 40000000)
            sum += (uint64_t)queue.waiting;
    }
    return (double)sum / 4000;
}

START_TEST(the_slack_settles_near_its_aim)
{
    const int32_t clocks[] = {0, -20, 20};
    for (int i = 0; i < 3; i++) {
        for (int64_t waiting = 0; waiting < 8; waiting += 7) {
            double average = run(clocks[i], waiting);
            ck_assert_msg(average > 0.9 && average < 4.1, "clock %d, start %d: %f", clocks[i],
                          (int)waiting, average);
        }
    }
}
END_TEST

START_TEST(the_pace_stays_within_its_bounds)
{
    struct pace pace;
    struct rng rng;
    tilth_pace_start(&pace, 20, 0);
    rng_init(&rng, 1);
    for (int i = 0; i < 10000; i++) {
        tilth_pace_report(&pace, (int32_t)rng_below(&rng, 16) - 8, (uint32_t)rng_next(&rng),
                          (uint32_t)rng_next(&rng));
        ck_assert_int_le(abs(pace.slew_per_mille), PACE_SLEW_PER_MILLE);
        uint32_t due = tilth_pace_due(&pace, rng_below(&rng, 1000000000));
        ck_assert_uint_le(due, PACE_CATCH_UP_MAX + PACE_SLACK);
    }
}
END_TEST

START_TEST(a_long_pause_is_not_made_up_for)
{
    struct pace pace;
    tilth_pace_start(&pace, 20, 1000000);
    ck_assert_uint_eq(tilth_pace_due(&pace, 1000000), 1 + PACE_SLACK);
    ck_assert_uint_eq(tilth_pace_due(&pace, 1000000), 0);
    ck_assert_uint_eq(tilth_pace_due(&pace, 1050000), 1);
    ck_assert_uint_eq(tilth_pace_due(&pace, 900000000), PACE_CATCH_UP_MAX);
    ck_assert_uint_eq(tilth_pace_due(&pace, 900000000), 0);
    ck_assert_uint_eq(tilth_pace_due(&pace, 900050000), 1);
}
END_TEST

START_TEST(starving_skips_ahead_once_until_it_can_be_seen)
{
    struct pace pace;
    tilth_pace_start(&pace, 20, 0);
    ck_assert_uint_eq(tilth_pace_due(&pace, 0), 1 + PACE_SLACK);
    tilth_pace_report(&pace, -1, 50, 60);
    tilth_pace_report(&pace, -1, 51, 60); /* what was sent since cannot have arrived */
    ck_assert_uint_eq(tilth_pace_due(&pace, 50000), 1 + PACE_SLACK);
    tilth_pace_report(&pace, -1, 62, 63);
    ck_assert_uint_eq(tilth_pace_due(&pace, 100000), 1);
    tilth_pace_report(&pace, -1, 63, 64);
    ck_assert_uint_eq(tilth_pace_due(&pace, 150000), 1 + PACE_SLACK);
}
END_TEST

TESTING_MAIN("pace", the_slack_settles_near_its_aim, the_pace_stays_within_its_bounds,
             a_long_pause_is_not_made_up_for, starving_skips_ahead_once_until_it_can_be_seen)
