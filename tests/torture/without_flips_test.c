/* Without the look for a flipped bit in what was written last: it is cut as a torn tail. */
#include "journal/record.h"
#include "torture/experiment.h"

/* In the place of record_is_one_bit_off. */
__typeof__(record_is_one_bit_off) __wrap_record_is_one_bit_off;

bool __wrap_record_is_one_bit_off(uint8_t *file, uint64_t size_bytes, uint64_t offset,
                                  const struct record_header *asked)
{
    (void)file;
    (void)size_bytes;
    (void)offset;
    (void)asked;
    return false;
}

START_TEST(a_flipped_bit_that_is_cut_is_found)
{
    ck_assert(experiment_finds(&(struct experiment){.without = "the look for a flipped bit"}));
}
END_TEST

TESTING_MAIN("without_flips", a_flipped_bit_that_is_cut_is_found)
