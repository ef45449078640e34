/* durability = database: a server that the database does not hear of is the world's owner no more.
 */
#include <string.h>

#include "bottle/player.h"

enum { LEASE_S = 8, MARGIN_S = 2, OTHER_JOURNAL = 4711 };

/* Ann on a server whose lease is short, and a cell beside her. */
struct leased {
    struct bottle *bottle;
    struct player *ann;
    struct cell_pos cell;
};

static struct leased start(enum server_durability durability)
{
    struct leased leased = {.bottle = bottle_create(1)};
    leased.bottle->settings.durability = durability;
    leased.bottle->settings.lease_s = LEASE_S;
    leased.bottle->settings.lease_margin_s = MARGIN_S;
    BOTTLE_HOLDS(leased.bottle, bottle_start(leased.bottle));
    leased.ann = player_join(leased.bottle, "ann");
    BOTTLE_HOLDS(leased.bottle, player_await_ready(leased.ann));
    leased.cell = (struct cell_pos){player_cell(leased.ann).x + 1, player_cell(leased.ann).y};
    return leased;
}

/* Another machine, with a journal of its own, wants the world. */
static enum database_result take_over(struct bottle *bottle, struct database *other,
                                      struct error *error)
{
    struct database_world world;
    struct database_options options = {
        .world = bottle->settings.world,
        .generator_version = GENERATOR_VERSION,
        .folder = "/srv/other",
        .journal = OTHER_JOURNAL,
        .lease_us = LEASE_S * 1000000,
    };
    struct catalog *catalog = malloc(sizeof *catalog);
    ck_assert_ptr_nonnull(catalog);
    *catalog = *bottle->server.host->world.catalog;
    ck_assert_int_eq(other->ops->connect(other->state, error), DATABASE_OK);
    enum database_result result =
        other->ops->open_world(other->state, &options, catalog, &world, error);
    free(catalog);
    return result;
}

START_TEST(a_server_that_is_heard_of_stays_the_owner)
{
    struct leased leased = start(SERVER_DURABLE_DATABASE);
    struct bottle *bottle = leased.bottle;
    struct database other;
    struct error error = {""};
    sim_database_open(bottle->database, &other);
    for (int32_t i = 0; i < 10; i++) {
        bottle_run(bottle, LEASE_S * 1000);
        if (i % 2 == 0)
            (void)player_place(leased.ann, "sign", leased.cell.x, leased.cell.y);
        else
            (void)player_remove(leased.ann, leased.cell.x, leased.cell.y);
        BOTTLE_HOLDS(bottle, player_await_outcomes(leased.ann, 2000));
        ck_assert_int_eq(take_over(bottle, &other, &error), DATABASE_FAILED);
    }
    ck_assert_uint_eq(leased.ann->done, 10);
    sim_database_close(&other);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* While it cannot renew, it says nothing and changes nothing, well before anybody else may; when it
 * can again, and nobody came, all goes on. */
START_TEST(a_server_that_cannot_renew_falls_silent_and_heals)
{
    struct leased leased = start(SERVER_DURABLE_DATABASE);
    struct bottle *bottle = leased.bottle;
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    sim_database_set_away(bottle->database, true);
    bottle_run(bottle, (LEASE_S - MARGIN_S) * 1000);
    (void)player_place(leased.ann, "sign", leased.cell.x, leased.cell.y);
    bottle_run(bottle, 4000);
    ck_assert_uint_eq(leased.ann->done, 0);
    ck_assert(bottle->server.host->sim.is_read_only);
    ck_assert_uint_ne(bottle->server.host->inputs.is_disowned, 0);
    sim_database_set_away(bottle->database, false);
    bottle_run(bottle, 15000);
    BOTTLE_HOLDS(bottle, player_await_outcomes(leased.ann, 2000));
    (void)player_place(leased.ann, "sign", leased.cell.x, leased.cell.y + 1);
    BOTTLE_HOLDS(bottle, player_await_outcomes(leased.ann, 2000));
    ck_assert_uint_ge(leased.ann->done, 1);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

/* The lease ends while the store hangs: another server has the world from the first moment on that
 * it may, and this one has confirmed nothing that the other does not have, nor does later. */
START_TEST(another_server_takes_over_and_this_one_is_silent)
{
    struct leased leased = start(SERVER_DURABLE_DATABASE);
    struct bottle *bottle = leased.bottle;
    struct database other;
    struct error error = {""};
    struct store_facts facts;
    sim_database_open(bottle->database, &other);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    bottle->is_stalled[BOTTLE_STORE] = true;
    (void)player_place(leased.ann, "sign", leased.cell.x, leased.cell.y);
    uint32_t waited_ms = 0;
    for (; take_over(bottle, &other, &error) != DATABASE_OK; waited_ms += 50) {
        ck_assert_ptr_nonnull(strstr(error.text, "simulated"));
        ck_assert_uint_lt(waited_ms, (LEASE_S + 1) * 1000);
        bottle_run(bottle, 50);
    }
    ck_assert(bottle->server.host->sim.is_read_only);
    bottle->is_stalled[BOTTLE_STORE] = false;
    (void)player_place(leased.ann, "sign", leased.cell.x, leased.cell.y + 1);
    bottle_run(bottle, 30000);
    store_facts(bottle->server.store, &facts);
    ck_assert(facts.is_stopped);
    ck_assert_ptr_nonnull(strstr(facts.last_failure, "another server"));
    ck_assert(bottle->server.host->sim.is_read_only);
    ck_assert_uint_eq(leased.ann->done, 0);
    ck_assert_str_eq(player_sees(leased.ann, leased.cell.x, leased.cell.y), "");
    ck_assert_uint_eq(sim_database_rows(bottle->database, CHANGE_ENTITY), 0);
    bottle_kill(bottle);
    sim_database_close(&other);
    bottle_destroy(&bottle);
}
END_TEST

/* With durability = journal nothing ends by time. */
START_TEST(who_has_a_journal_of_its_own_keeps_the_world)
{
    struct leased leased = start(SERVER_DURABLE_JOURNAL);
    struct bottle *bottle = leased.bottle;
    struct database other;
    struct error error = {""};
    sim_database_open(bottle->database, &other);
    BOTTLE_HOLDS(bottle, bottle_settle(bottle));
    bottle->is_stalled[BOTTLE_STORE] = true;
    bottle_run(bottle, LEASE_S * 3000);
    (void)player_place(leased.ann, "sign", leased.cell.x, leased.cell.y);
    BOTTLE_HOLDS(bottle, player_await_outcomes(leased.ann, 2000));
    ck_assert_uint_eq(leased.ann->done, 1);
    ck_assert_int_eq(take_over(bottle, &other, &error), DATABASE_FAILED);
    bottle->is_stalled[BOTTLE_STORE] = false;
    sim_database_close(&other);
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

TESTING_MAIN("lease", a_server_that_is_heard_of_stays_the_owner,
             a_server_that_cannot_renew_falls_silent_and_heals,
             another_server_takes_over_and_this_one_is_silent,
             who_has_a_journal_of_its_own_keeps_the_world)
