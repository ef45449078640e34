#include "db/services.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ensure.h"
#include "store/cache.h"
#include "store/pg.h"
#include "store/redis.h"

#define SERVICES_BINARIES "/usr/lib/postgresql/15/bin"

enum { SERVICES_PATIENCE_US = 30000000, SERVICES_PAUSE_US = 20000 };

/* PostgreSQL refuses to run as root. */
static void services_become(const struct passwd *user)
{
    if (user == NULL)
        return;
    ensure(initgroups(user->pw_name, user->pw_gid) == 0);
    ensure(setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0);
}

/* Starts a program in the folder, as the user unless NULL; it ends with this process. */
static pid_t services_spawn(const char *folder, const struct passwd *user,
                            const char *const *arguments)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    services_become(user);
    (void)prctl(PR_SET_PDEATHSIG, SIGQUIT); /* setuid would clear it */
    if (getppid() != parent || chdir(folder) != 0)
        _exit(127);
    int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log >= 0) {
        (void)dup2(log, STDOUT_FILENO);
        (void)dup2(log, STDERR_FILENO);
    }
    (void)execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

/* In the cluster's folder when there is one: that is removed even when a test fails. */
static bool services_make_folder(char out_folder[SERVICES_TEXT_BYTES], const struct passwd *user,
                                 struct error *error)
{
    const char *parent = getenv("TILTH_TEST_POSTGRES");
    if (parent == NULL)
        parent = getenv("TILTH_TEST_CLUSTERS");
    (void)snprintf(out_folder, SERVICES_TEXT_BYTES, "%.100s/tilth-db-XXXXXX",
                   parent != NULL ? parent : "/tmp");
    if (mkdtemp(out_folder) == NULL)
        return error_system(error, errno, "making a folder like %s", out_folder);
    if (user != NULL && chown(out_folder, user->pw_uid, user->pw_gid) != 0)
        return error_system(error, errno, "giving %s to the user postgres", out_folder);
    return true;
}

static int services_remove_one(const char *path, const struct stat *status, int type,
                               struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    (void)remove(path);
    return 0;
}

static void services_end(pid_t pid, const char *folder, int signal_number)
{
    if (pid > 0) {
        (void)kill(pid, signal_number);
        (void)kill(pid, SIGCONT);
        (void)waitpid(pid, NULL, 0);
    }
    if (folder[0] != '\0')
        (void)nftw(folder, services_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void services_url(const struct services_postgres *postgres, const char *name,
                         char out_url[SERVICES_TEXT_BYTES])
{
    int size = snprintf(out_url, SERVICES_TEXT_BYTES, "host=%.100s user=tilth dbname=%.63s",
                        postgres->folder, name);
    ensure(size < SERVICES_TEXT_BYTES);
}

/* Runs one statement in the cluster's own database. */
static bool services_run(const struct services_postgres *postgres, const char *sql,
                         struct error *error)
{
    char url[SERVICES_TEXT_BYTES];
    services_url(postgres, "postgres", url);
    struct pg *pg = pg_create(&(struct pg_options){
        .url = url,
        .name = "services",
        .connect_us = SERVICES_PATIENCE_US,
        .deadline_us = SERVICES_PATIENCE_US,
    });
    bool is_done = pg_connect(pg, error) == PG_OK && pg_script(pg, sql, error) == PG_OK;
    pg_destroy(&pg);
    return is_done;
}

static bool services_wait_postgres(const struct services_postgres *postgres, struct error *error)
{
    uint64_t end_us = clock_now().mono_us + SERVICES_PATIENCE_US;
    while (!services_run(postgres, "SELECT 1", error)) {
        uint64_t now_us = clock_now().mono_us;
        if (now_us > end_us || waitpid(postgres->pid, NULL, WNOHANG) != 0)
            return error_add(error, "PostgreSQL does not start, see %s/log", postgres->folder);
        clock_sleep_until(now_us + SERVICES_PAUSE_US);
    }
    return true;
}

bool services_postgres_start(struct services_postgres *out, struct error *error)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    *out = (struct services_postgres){0};
    if (!services_make_folder(out->folder, user, error))
        return false;
    const char *const make[] = {
        SERVICES_BINARIES "/initdb",
        "-D",
        "data",
        "-U",
        "tilth",
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C",
        NULL,
    };
    const char *const run[] = {
        SERVICES_BINARIES "/postgres", "-D", "data",      "-k", out->folder,           "-c",
        "listen_addresses=",           "-c", "fsync=off", "-c", "shared_buffers=32MB", NULL,
    };
    int status = 0;
    pid_t maker = services_spawn(out->folder, user, make);
    if (waitpid(maker, &status, 0) != maker || status != 0)
        return error_set(error, "initdb failed, see %s/log", out->folder);
    out->pid = services_spawn(out->folder, user, run);
    return services_wait_postgres(out, error);
}

void services_postgres_stop(struct services_postgres *postgres)
{
    services_end(postgres->pid, postgres->folder, SIGQUIT);
    *postgres = (struct services_postgres){0};
}

void services_database(const struct services_postgres *postgres, const char *name,
                       char out_url[SERVICES_TEXT_BYTES])
{
    char sql[SERVICES_TEXT_BYTES];
    struct error error;
    ensure(strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == strlen(name));
    (void)snprintf(sql, sizeof sql, "CREATE DATABASE %.63s", name);
    if (!services_run(postgres, sql, &error)) {
        (void)fprintf(stderr, "%s\n", error.text);
        ensure(false);
    }
    services_url(postgres, name, out_url);
}

bool services_redis_start(struct services_redis *out, struct error *error)
{
    *out = (struct services_redis){0};
    if (!services_make_folder(out->folder, NULL, error))
        return false;
    const char *const run[] = {
        "/usr/bin/redis-server", "--port", "0", "--save", "", "--unixsocket", "redis.sock", NULL,
    };
    (void)snprintf(out->url, sizeof out->url, "unix://%.100s/redis.sock", out->folder);
    out->pid = services_spawn(out->folder, NULL, run);
    struct cache_remote remote;
    if (!redis_open(out->url, 0, &remote, error))
        return false;
    uint64_t end_us = clock_now().mono_us + SERVICES_PATIENCE_US;
    bool is_there = false;
    while (!is_there && clock_now().mono_us < end_us) {
        is_there = remote.ops->remove(remote.state, "none");
        if (!is_there)
            clock_sleep_until(clock_now().mono_us + SERVICES_PAUSE_US);
    }
    redis_close(&remote);
    return is_there || error_set(error, "Redis does not start, see %s/log", out->folder);
}

void services_redis_stop(struct services_redis *redis)
{
    services_end(redis->pid, redis->folder, SIGKILL);
    *redis = (struct services_redis){0};
}
