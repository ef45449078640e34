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
            for (; i != GROUPS_END; i = groups.links[i].next, seen++) {
                uint32_t change = groups.links[i].change;
                ck_assert(last == 0 || change > last);
                ck_assert(change_is_in(&changes[change], marks[mark].chunk));
                last = change;
            }
        }
        ck_assert_uint_eq(seen, CHANGES);
    }
    groups_finish(&groups);
}
END_TEST

/* A change that touches four chunks is in the group of each. */
START_TEST(a_structure_is_in_all_its_chunks)
{
    struct groups groups;
    struct frame frame = {.changes = changes, .marks = marks, .change_count = 1, .mark_count = 4};
    groups_init(&groups, CHANGES);
    changes[0] = (struct change){.kind = CHANGE_STRUCTURE};
    changes[0].structure = (struct change_structure){{1}, {0, 0}, 1, 1, 3, 3, 1, 1, 0, {0}};
    for (int32_t i = 0; i < 4; i++)
        marks[i].chunk = (struct chunk_pos){-(i % 2), -(i / 2)};
    groups_build(&groups, &frame);
    for (uint32_t mark = 0; mark < 4; mark++) {
        ck_assert_uint_ne(groups.first[mark], GROUPS_END);
        ck_assert_uint_eq(groups.links[groups.first[mark]].change, 0);
        ck_assert_uint_eq(groups.links[groups.first[mark]].next, GROUPS_END);
    }
    groups_finish(&groups);
}
END_TEST

TESTING_MAIN("groups", each_chunk_has_its_changes_in_order, a_structure_is_in_all_its_chunks)
