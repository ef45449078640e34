#include "torture/experiment.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ensure.h"

enum { FOUND = 3 /* what its process ends with; anything else is a failure of the experiment */ };

/* Never returns. */
_Noreturn static void run_alone(const struct experiment *experiment, uint64_t seed)
{
    static struct torture torture;
    torture_open(&torture, seed);
    sim_disk_faults(torture.bottle->disk)->sync_is_ignored = experiment->sync_is_ignored;
    bool is_right = torture_run(&torture);
    if (!is_right)
        (void)printf("without %s: %s\n", experiment->without, torture.bottle->words.text);
    (void)fflush(stdout);
    torture_close(&torture);
    _exit(is_right ? EXIT_SUCCESS : FOUND);
}

static bool is_found(const struct experiment *experiment, uint64_t seed)
{
    int status = 0;
    pid_t child = fork();
    ensure(child >= 0);
    if (child == 0)
        run_alone(experiment, seed);
    ensure(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        (void)printf("without %s: seed %llu: ended by signal %d\n", experiment->without,
                     (unsigned long long)seed, WTERMSIG(status));
    ensure(!WIFEXITED(status) || WEXITSTATUS(status) == EXIT_SUCCESS ||
           WEXITSTATUS(status) == FOUND);
    return status != 0;
}

bool experiment_finds(const struct experiment *experiment)
{
    struct bottle_seeds seeds = {1, EXPERIMENT_SEEDS};
    bool has_found = false;
    if (getenv("TILTH_SEED") != NULL)
        seeds = bottle_seeds(1);
    for (uint64_t i = 0; i < seeds.count && !has_found; i++)
        has_found = is_found(experiment, seeds.first + i);
    return has_found;
}
