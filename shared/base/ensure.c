#include "base/ensure.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

_Noreturn void ensure_fail(const char *condition, const char *file, int line)
{
    char text[512];
    int size = snprintf(text, sizeof text, "ensure failed: %s at %s:%d\n", condition, file, line);
    size_t size_bytes = size < (int)sizeof text ? (size_t)size : sizeof text - 1;
    (void)log_put(STDERR_FILENO, text, size_bytes); /* an end must not wait for who reads */
    log_crumbs_print(STDERR_FILENO);
    abort();
}
