#include "backup/loading.h"

#include <stdio.h>
#include <string.h>

#include "store/cluster.h"
#include "store/pg.h"

enum { STEP_US = 1000 * 1000 };

bool loading_begin(struct loading *loading, const struct loading_options *options,
                   struct error *error)
{
    char program[SHELF_PATH_BYTES];
    struct pg_environment environment;
    char target[CLUSTER_NAME_BYTES + 16];
    *loading = (struct loading){.options = *options, .child.fd = -1};
    backup_program(&options->postgres, "pg_restore", program);
    (void)snprintf(target, sizeof target, "--dbname=%s", options->database);
    const char *arguments[] = {program,
                               "--verbose",
                               "--no-password",
                               "--no-owner",
                               "--exit-on-error",
                               target,
                               options->dump,
                               NULL,
                               NULL};
    if (options->has_no_grants) {
        arguments[7] = arguments[6];
        arguments[6] = "--no-acl";
    }
    return pg_environment(options->postgres.url, options->database, &environment, error) &&
           child_start(&loading->child, arguments, environment.variables, error);
}

static void note_line(struct loading *loading, const char *line)
{
    const char *table = strstr(line, "processing data for table ");
    if (strstr(line, "error:") != NULL || strstr(line, "setpriv:") != NULL)
        (void)snprintf(loading->complaint, sizeof loading->complaint, "%s", line);
    if (table != NULL || strstr(line, "creating INDEX") != NULL)
        (void)snprintf(loading->words, sizeof loading->words, "%.180s", line);
}

static enum backup_result end(struct loading *loading, struct error *error)
{
    int code = child_finish(&loading->child);
    if (code == 0)
        return BACKUP_DONE;
    (void)error_set(error, "pg_restore ended with code %d%s%s", code,
                    loading->complaint[0] != '\0' ? ": " : "", loading->complaint);
    return BACKUP_FAILED;
}

enum backup_result loading_step(struct loading *loading, struct error *error)
{
    const _Atomic bool *is_given_up = loading->options.is_given_up;
    uint64_t end_us = clock_now().mono_us + STEP_US;
    char line[CHILD_LINE_BYTES];
    while (clock_now().mono_us < end_us) {
        enum child_result result = child_next(&loading->child, STEP_US / 10, line);
        if (result == CHILD_ENDED)
            return end(loading, error);
        if (result == CHILD_LINE)
            note_line(loading, line);
        if (is_given_up != NULL && *is_given_up) {
            (void)child_finish(&loading->child);
            (void)error_set(error, "given up, because the server stops");
            return BACKUP_FAILED;
        }
    }
    return BACKUP_WORKING;
}
