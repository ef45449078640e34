#include "net/watchers.h"

#include "base/rng.h"
#include "testing.h"

enum { SESSIONS = 20, CHUNKS = 7, STEPS = 20000 };

static struct chunk_pos chunk_at(uint32_t n)
{
    return (struct chunk_pos){(int32_t)n - 3, -(int32_t)n};
}

/* The watchers of every chunk are exactly those of the model, each once. */
static void check_against(const struct watchers *watchers, bool sees[CHUNKS][SESSIONS])
{
    for (uint32_t c = 0; c < CHUNKS; c++) {
        uint32_t found[SESSIONS] = {0};
        const struct watcher *watcher = watchers_first(watchers, chunk_at(c));
        for (; watcher != NULL; watcher = watchers_next(watchers, watcher))
            found[watcher->session]++;
        for (uint32_t s = 0; s < SESSIONS; s++)
            ck_assert_uint_eq(found[s], sees[c][s]);
    }
}

START_TEST(watchers_are_those_that_were_added_and_not_removed)
{
    struct watchers watchers;
    struct rng rng;
    bool sees[CHUNKS][SESSIONS] = {{false}};
    watchers_init(&watchers, SESSIONS * CHUNKS);
    rng_init(&rng, 1);
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t c = (uint32_t)rng_below(&rng, CHUNKS), s = (uint32_t)rng_below(&rng, SESSIONS);
        if (sees[c][s])
            watchers_remove(&watchers, chunk_at(c), s);
        else
            watchers_add(&watchers, chunk_at(c), s);
        sees[c][s] = !sees[c][s];
        if (step % 100 == 0)
            check_against(&watchers, sees);
    }
    check_against(&watchers, sees);
    watchers_finish(&watchers);
}
END_TEST

START_TEST(the_one_walked_past_may_be_removed)
{
    struct watchers watchers;
    uint32_t walked = 0;
    watchers_init(&watchers, SESSIONS);
    for (uint32_t s = 0; s < SESSIONS; s++)
        watchers_add(&watchers, chunk_at(0), s);
    const struct watcher *watcher = watchers_first(&watchers, chunk_at(0));
    while (watcher != NULL) {
        uint32_t session = watcher->session;
        watcher = watchers_next(&watchers, watcher);
        watchers_remove(&watchers, chunk_at(0), session);
        walked++;
    }
    ck_assert_uint_eq(walked, SESSIONS);
    ck_assert_ptr_null(watchers_first(&watchers, chunk_at(0)));
    watchers_finish(&watchers);
}
END_TEST

TESTING_MAIN("watchers", watchers_are_those_that_were_added_and_not_removed,
             the_one_walked_past_may_be_removed)
