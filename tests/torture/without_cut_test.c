/* Without the cut: a start reads the journal, and leaves its tail as it finds it. */
#include "journal/recover.h"
#include "torture/experiment.h"

/* In the place of recover_cut. */
__typeof__(recover_cut) __wrap_recover_cut;

bool __wrap_recover_cut(struct disk *disk, uint64_t world, struct recovered *out,
                        struct error *error)
{
    return recover_scan(disk, world, out, error);
}

START_TEST(a_tail_that_stays_is_found)
{
    ck_assert(experiment_finds(&(struct experiment){.without = "the cut"}));
}
END_TEST

TESTING_MAIN("without_cut", a_tail_that_stays_is_found)
