#include "net/groups.h"

#include "base/rng.h"
#include "testing.h"

enum { CHANGES = 300, CHUNKS = 9 };

static struct change changes[CHANGES];
static struct frame_mark marks[CHUNKS];

START_TEST(each_chunk_has_its_changes_in_order)
{
    struct groups groups;
    struct rng rng;
    struct frame frame = {.changes = changes, .marks = marks};
    rng_init(&rng, 5);
    groups_init(&groups, CHANGES);
    for (uint32_t i = 0; i < CHUNKS; i++)
        marks[i].chunk = (struct chunk_pos){(int32_t)i - 4, 2};
    for (uint32_t i = 0; i < CHANGES; i++) {
        struct chunk_pos chunk = marks[rng_below(&rng, CHUNKS)].chunk;
        changes[i].kind = CHANGE_CELL;
        changes[i].cell.cell = grid_cell_at(chunk, (uint32_t)rng_below(&rng, GRID_CHUNK_AREA));
    }
    frame.change_count = CHANGES;
    frame.mark_count = CHUNKS;
    for (int round = 0; round < 2; round++) { /* the second finds the tables clean */
        uint32_t seen = 0;
        groups_build(&groups, &frame);
        for (uint32_t mark = 0; mark < CHUNKS; mark++) {
            uint32_t last = 0;
            uint32_t i = groups.first[mark];
            for (; i != GROUPS_END; last = i, i = groups.next[i], seen++) {
                ck_assert(last == 0 || i > last);
                ck_assert(
                    grid_is_same_chunk(grid_chunk_of(changes[i].cell.cell), marks[mark].chunk));
            }
        }
        ck_assert_uint_eq(seen, CHANGES);
    }
    groups_finish(&groups);
}
END_TEST

TESTING_MAIN("groups", each_chunk_has_its_changes_in_order)
