/* The tick and the journal take nothing from the heap once they run. */
#include "allocations.h"

#include "base/memory.h"
#include "bottle/crew.h"

START_TEST(the_count_counts)
{
    memory_seal();
    void *volatile memory = malloc(8);
    free(memory);
    memory_unseal();
    ck_assert_uint_eq(allocations_count(), 2);
}
END_TEST

START_TEST(tick_and_journal_allocate_nothing)
{
    struct bottle *bottle = bottle_create(1);
    struct crew crew;
    crew_prepare(bottle);
    bottle->settings.chunk_idle_s = 1;
    BOTTLE_HOLDS(bottle, bottle_start(bottle) && crew_assemble(&crew, bottle));
    bottle->is_sealed = true;
    uint64_t before = allocations_count();
    crew_work(&crew, 5000, 200000);
    player_head_for(crew.members[1], 0, 0);
    struct player *late = player_join(bottle, "late");
    BOTTLE_HOLDS(bottle, player_await_ready(late));
    sim_network_cut(crew.members[2]->address, true);
    crew_work(&crew, 20000, 200000);
    sim_network_cut(crew.members[2]->address, false);
    ck_assert_uint_eq(allocations_count(), before);
    bottle->is_sealed = false;
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("allocations", the_count_counts, tick_and_journal_allocate_nothing)
