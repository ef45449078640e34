/* torture.h - a world in a bottle that everything is done to, all from one seed.
 *
 * Folk live in it (folk.h) while the weather hurts disk, database, cache, network, clock and roles
 * (weather.h); standbys take over that are behind; their server dies again and again (death.h). In
 * the end it must be calm, and all must agree: memory, rows, journal, mirrors (audit.h), the
 * account of things (books.h), what players were told on the way (history.h), and now and then a
 * recording that is run again. Use: torture_open, torture_run, torture_close. See tests/torture. */
#ifndef TILTH_BOTTLE_TORTURE_H
#define TILTH_BOTTLE_TORTURE_H

#include "bottle/death.h"
#include "bottle/folk.h"

struct torture {
    struct bottle *bottle;
    struct folk folk;
    bool is_recorded;             /* its last server */
    struct sim_database *standby; /* the database as it once was, or NULL */
    /* For tests that want to be sure that it was enough. */
    struct death_facts deaths;
    struct books_facts books;
    uint32_t fail_overs;      /* to a standby that was behind */
    uint32_t outcomes, views; /* that players were told */
};

/* The seed's world, not started; bottle may be changed before torture_run. */
void torture_open(struct torture *torture, uint64_t seed);
void torture_close(struct torture *torture); /* Ends it and removes its files. */

/* False: something that was confirmed is lost or doubled, or anything else is not as it must be; in
 * bottle->words. */
bool torture_run(struct torture *torture);

#endif
