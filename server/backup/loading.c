#include "backup/loading.h"

#include <stdio.h>
#include <string.h>

#include "store/cluster.h"
#include "base/clock.h"
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
           child_start(&loading->child, "pg_restore", arguments, environment.variables, error);
}

static void note_line(struct loading *loading, const char *line)
{
    if (strstr(line, "processing data for table ") != NULL ||
        strstr(line, "creating INDEX") != NULL)
        (void)snprintf(loading->words, sizeof loading->words, "%.180s", line);
}

enum backup_result loading_step(struct loading *loading, struct error *error)
{
    const _Atomic bool *is_given_up = loading->options.is_given_up;
    uint64_t end_us = clock_now().mono_us + STEP_US;
    char line[CHILD_LINE_BYTES];
    enum child_result result;
    do {
        result = child_next(&loading->child, end_us, is_given_up, line, error);
        if (result == CHILD_LINE)
            note_line(loading, line);
    } while (result == CHILD_LINE);
    if (result == CHILD_ENDED)
        return child_has_succeeded(&loading->child, error) ? BACKUP_DONE : BACKUP_FAILED;
    if (result != CHILD_GIVEN_UP)
        return BACKUP_WORKING;
    child_finish(&loading->child);
    return BACKUP_FAILED;
}
