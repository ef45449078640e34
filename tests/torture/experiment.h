/* experiment.h - torture with one of the server's protections taken out, which must be found.
 *
 * Each experiment is a program of its own, so that no other has the switch: the linker puts a
 * function of the experiment's in the place of one of the server's (--wrap), or the simulated
 * ground does without. What is found is printed with its seed; TILTH_SEED=7 looks at one alone. */
#ifndef TILTH_TORTURE_EXPERIMENT_H
#define TILTH_TORTURE_EXPERIMENT_H

#include "bottle/torture.h"

enum { EXPERIMENT_SEEDS = 400 };

struct experiment {
    const char *without;  /* what */
    bool sync_is_ignored; /* of its disk */
};

/* Runs seeds, each in a process of its own, until one finds that something is not as it must be, or
 * ends in an abort. False when none of EXPERIMENT_SEEDS does. */
bool experiment_finds(const struct experiment *experiment);

#endif
