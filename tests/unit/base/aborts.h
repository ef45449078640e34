/* aborts.h - a check that a statement breaks a contract: it must abort, in a process of its own.
 *
 * Use: ck_assert_aborts(pool_remove(&pool, 3)); the statement's own effects are lost. */
#ifndef TILTH_BASE_ABORTS_H
#define TILTH_BASE_ABORTS_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Forks; in the child (0) standard error is silent and no core is written. */
static inline pid_t aborts_fork(void)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)dup2(nowhere, STDERR_FILENO);
    return 0;
}

/* Has the child ended by abort()? */
static inline bool aborts_has(pid_t child)
{
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}

#define ck_assert_aborts(statement)                                                                \
    do {                                                                                           \
        pid_t aborts_child = aborts_fork();                                                        \
        if (aborts_child == 0) {                                                                   \
            (void)(statement);                                                                     \
            _exit(0);                                                                              \
        }                                                                                          \
        ck_assert_msg(aborts_has(aborts_child), "does not abort: " #statement);                    \
    } while (0)

#endif
