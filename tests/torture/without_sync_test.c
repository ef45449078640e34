/* Without fdatasync: the disk says yes and does nothing. */
#include "torture/experiment.h"

START_TEST(a_sync_that_does_nothing_is_found)
{
    ck_assert(
        experiment_finds(&(struct experiment){.without = "fdatasync", .sync_is_ignored = true}));
}
END_TEST

TESTING_MAIN("without_sync", a_sync_that_does_nothing_is_found)
