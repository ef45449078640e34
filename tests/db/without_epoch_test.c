/* Without the epoch in what applies records: former owners are told apart by nothing but luck. */
#include <libpq-fe.h>

#include "db/owners.h"

enum { SEEDS = 20, SQL_BYTES = 1024 };

static bool is_epoch_gone;

/* In the place of PQsendPrepare, and that itself. */
__typeof__(PQsendPrepare) __real_PQsendPrepare, __wrap_PQsendPrepare;

int __wrap_PQsendPrepare(PGconn *connection, const char *name, const char *sql, int count,
                         const Oid *types)
{
    static const char part[] = "AND epoch = $3::bigint", other[] = "AND $3::bigint > 0";
    char changed[SQL_BYTES];
    const char *found = strstr(sql, part);
    if (found == NULL || strcmp(name, "apply_advance") != 0)
        return __real_PQsendPrepare(connection, name, sql, count, types);
    int size = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(found - sql), sql, other,
                        found + strlen(part));
    ck_assert_int_lt(size, SQL_BYTES);
    is_epoch_gone = true;
    return __real_PQsendPrepare(connection, name, changed, count, types);
}

START_TEST(test_a_former_owner_that_applies_is_found)
{
    struct bench bench;
    bool is_found = false;
    if (_i == 0)
        return; /* the simulated database has no statements */
    bench_begin(&bench, _i);
    for (uint64_t seed = 1; seed <= SEEDS && !is_found; seed++)
        is_found = !owners_take_turns(&bench, seed);
    ck_assert(is_epoch_gone);
    ck_assert(is_found);
    (void)printf("without the epoch: %s\n", bench.error.text);
    bench_end(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_a_former_owner_that_applies_is_found};
    return bench_run("without_epoch", tests, 1);
}
