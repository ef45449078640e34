/* Who has lost a world to another server does nothing to it any more. */
#include "db/owners.h"

enum { SEEDS = 8 };

START_TEST(test_former_owners_change_nothing)
{
    struct bench bench;
    bench_begin(&bench, _i);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        ck_assert_msg(owners_take_turns(&bench, seed), "%s", bench.error.text);
    bench_end(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_former_owners_change_nothing};
    return bench_run("fencing", tests, 1);
}
