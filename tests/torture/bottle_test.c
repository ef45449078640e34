/* A world in a bottle that everything is done to: 200 seeds, and 10,000 as tests of their own,
 * torture_bottle_*. TILTH_SEED=7 runs one alone; with TILTH_SEEDS=100 so many from it on. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bottle/torture.h"

enum { ENOUGH_SEEDS = 100 };

static volatile sig_atomic_t seed_at; /* for who reads what an aborted test left behind */

static void tell_seed(int number)
{
    char words[64];
    int size = snprintf(words, sizeof words, "seed %d: signal %d\n", (int)seed_at, number);
    if (size > 0)
        (void)!write(STDERR_FILENO, words, (size_t)size);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* What a seed brought, added to the others'. */
static void add_up(struct torture *sum, const struct torture *one)
{
    sum->deaths.kills += one->deaths.kills;
    sum->deaths.crashes += one->deaths.crashes;
    sum->deaths.kills_midway += one->deaths.kills_midway;
    sum->deaths.crashes_midway += one->deaths.crashes_midway;
    sum->deaths.starts += one->deaths.starts;
    sum->deaths.starts_failed += one->deaths.starts_failed;
    sum->deaths.flips += one->deaths.flips;
    sum->deaths.flips_told += one->deaths.flips_told;
    sum->books.records += one->books.records;
    sum->books.harvests += one->books.harvests;
    for (uint32_t i = 0; i < CHANGE_KIND_COUNT; i++)
        sum->books.of[i] += one->books.of[i];
    sum->fail_overs += one->fail_overs;
    sum->outcomes += one->outcomes;
    sum->views += one->views;
}

static void tell_sum(const struct torture *sum)
{
    const struct death_facts *deaths = &sum->deaths;
    (void)printf("%u kills and %u power losses, %u and %u within a change of the disk; "
                 "%u starts, %u failed; %u bits flipped, %u told\n",
                 deaths->kills, deaths->crashes, deaths->kills_midway, deaths->crashes_midway,
                 deaths->starts, deaths->starts_failed, deaths->flips, deaths->flips_told);
    (void)printf("%u standbys took over; %u records, %u harvests, %u outcomes told, "
                 "%u versions of chunks seen\n",
                 sum->fail_overs, sum->books.records, sum->books.harvests, sum->outcomes,
                 sum->views);
}

START_TEST(nothing_confirmed_is_lost_or_doubled)
{
    static struct torture torture, sum;
    struct bottle_seeds seeds = bottle_seeds(200);
    (void)signal(SIGABRT, tell_seed);
    for (uint64_t i = 0; i < seeds.count; i++) {
        seed_at = (sig_atomic_t)(seeds.first + i);
        torture_open(&torture, seeds.first + i);
        BOTTLE_HOLDS(torture.bottle, torture_run(&torture));
        add_up(&sum, &torture);
        torture_close(&torture);
    }
    tell_sum(&sum);
    if (seeds.count < ENOUGH_SEEDS)
        return;
    ck_assert(sum.deaths.kills_midway > 0 && sum.deaths.crashes_midway > 0);
    ck_assert(sum.deaths.kills > sum.deaths.kills_midway && sum.deaths.starts_failed > 0);
    ck_assert(sum.deaths.crashes > sum.deaths.crashes_midway);
    ck_assert(sum.deaths.flips > sum.deaths.flips_told && sum.deaths.flips_told > 0);
    ck_assert_uint_gt(sum.fail_overs, 0);
    for (uint32_t kind = 1; kind < CHANGE_KIND_COUNT; kind++) {
        bool is_kept = (change_schema((enum change_kind)kind)->flags & CHANGE_LASTS) != 0;
        ck_assert(sum.books.of[kind] > 0 || !is_kept || kind == CHANGE_IMAGE_BAN);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {nothing_confirmed_is_lost_or_doubled};
    return testing_run("torture", tests, 1, 0.0); /* ctest has a limit of its own */
}
