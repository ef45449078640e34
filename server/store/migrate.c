#include "store/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"

enum { MIGRATE_READ, MIGRATE_RECORD, MIGRATE_STATEMENTS };

enum { MIGRATE_PATH_BYTES = 1024 };

static const char migrate_make_table[] =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "number integer PRIMARY KEY CHECK (number > 0), name text NOT NULL, "
    "sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32), "
    "applied_at timestamptz NOT NULL DEFAULT now())";

/* The lock is the advisory lock (0x54494c54, 0): no world has the id 0. */
static const char migrate_lock[] = "SELECT pg_advisory_lock(1414089812, 0)";
static const char migrate_unlock[] = "SELECT pg_advisory_unlock(1414089812, 0)";
static const char migrate_forget[] = "DEALLOCATE migrate_read; DEALLOCATE migrate_record";

static const struct pg_statement migrate_table[] = {
    [MIGRATE_READ] = {"migrate_read",
                      "SELECT number, name, sha256 FROM schema_migrations ORDER BY number"},
    [MIGRATE_RECORD] = {"migrate_record", "INSERT INTO schema_migrations (number, name, sha256) "
                                          "VALUES ($1::bigint, $2::text, $3::bytea)"},
};

/* One file of the folder; its number is its place in the list, from 1. */
struct migrate_file {
    char name[MIGRATE_NAME_BYTES];
};

struct migrate {
    struct pg *pg;
    const char *folder;
    uint32_t count;
    uint32_t known; /* how many the database has */
    struct migrate_file files[MIGRATE_FILES_MAX];
    char sql[MIGRATE_BYTES_MAX + 1]; /* of the file read last */
    size_t sql_bytes;
    uint8_t sha256[CRYPTO_DIGEST_BYTES];
};

static bool migrate_is_name(const char *name)
{
    size_t size = strlen(name);
    return size > sizeof "0000_.sql" - 1 && size < MIGRATE_NAME_BYTES &&
           strspn(name, "0123456789") == 4 && name[4] == '_' &&
           strcmp(name + size - 4, ".sql") == 0;
}

static int migrate_order(const void *a, const void *b)
{
    return strcmp(((const struct migrate_file *)a)->name, ((const struct migrate_file *)b)->name);
}

/* Takes the names from the folder; files of other forms are nobody's business. */
static bool migrate_list(struct migrate *migrate, struct error *error)
{
    DIR *folder = opendir(migrate->folder);
    if (folder == NULL)
        return error_system(error, errno, "migrations: opening the folder %s", migrate->folder);
    bool is_full = false;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (!migrate_is_name(entry->d_name))
            continue;
        is_full = migrate->count == MIGRATE_FILES_MAX;
        if (is_full)
            break;
        struct migrate_file *file = &migrate->files[migrate->count++];
        memcpy(file->name, entry->d_name, strlen(entry->d_name) + 1);
    }
    (void)closedir(folder);
    if (is_full)
        return error_set(error, "migrations: the folder %s has more than %d", migrate->folder,
                         MIGRATE_FILES_MAX);
    qsort(migrate->files, migrate->count, sizeof migrate->files[0], migrate_order);
    return true;
}

/* Are the files 0001, 0002 and so on? */
static bool migrate_check_numbers(const struct migrate *migrate, struct error *error)
{
    if (migrate->count == 0)
        return error_set(error, "migrations: the folder %s has none", migrate->folder);
    for (uint32_t i = 0; i < migrate->count; i++) {
        char wanted[16];
        (void)snprintf(wanted, sizeof wanted, "%04u", i + 1);
        if (strncmp(migrate->files[i].name, wanted, 4) != 0)
            return error_set(error,
                             "migrations: number %s is missing in %s, or another is there "
                             "twice: found %s instead",
                             wanted, migrate->folder, migrate->files[i].name);
    }
    return true;
}

/* Reads a file of at most MIGRATE_BYTES_MAX into the text, 0-ended. */
static bool migrate_read_bytes(struct migrate *migrate, const char *path, struct error *error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return error_system(error, errno, "migrations: opening %s", path);
    ssize_t size = 1;
    migrate->sql_bytes = 0;
    while (size > 0 && migrate->sql_bytes < MIGRATE_BYTES_MAX) {
        size =
            read(file, migrate->sql + migrate->sql_bytes, MIGRATE_BYTES_MAX - migrate->sql_bytes);
        migrate->sql_bytes += size > 0 ? (size_t)size : 0;
    }
    int code = errno;
    (void)close(file);
    if (size < 0)
        return error_system(error, code, "migrations: reading %s", path);
    migrate->sql[migrate->sql_bytes] = '\0';
    return size == 0 ||
           error_set(error, "migrations: %s is larger than %d bytes", path, MIGRATE_BYTES_MAX);
}

static bool migrate_read(struct migrate *migrate, uint32_t index, struct error *error)
{
    char path[MIGRATE_PATH_BYTES];
    int size = snprintf(path, sizeof path, "%s/%s", migrate->folder, migrate->files[index].name);
    if (size >= MIGRATE_PATH_BYTES)
        return error_set(error, "migrations: the folder's name is too long");
    if (!migrate_read_bytes(migrate, path, error))
        return false;
    crypto_sha256(migrate->sql, migrate->sql_bytes, migrate->sha256);
    return true;
}

/* Is the database's row the same as the file? The row's span is valid until the next statement. */
static bool migrate_check_row(struct migrate *migrate, uint32_t row, struct error *error)
{
    const struct pg *pg = migrate->pg;
    const char *name = pg_text(pg, row, 1);
    struct span recorded = pg_bytes(pg, row, 2);
    if (row >= migrate->count)
        return error_set(error,
                         "migrations: the database is newer than this server: it has %s, which is "
                         "not in %s",
                         name, migrate->folder);
    if (pg_int(pg, row, 0) != row + 1 || strcmp(name, migrate->files[row].name) != 0)
        return error_set(error, "migrations: the database has %s where %s has %s", name,
                         migrate->folder, migrate->files[row].name);
    if (!migrate_read(migrate, row, error))
        return false;
    if (recorded.size_bytes != sizeof migrate->sha256 ||
        memcmp(recorded.bytes, migrate->sha256, sizeof migrate->sha256) != 0)
        return error_set(error,
                         "migrations: %s was changed after it ran: restore the file, and "
                         "put what is new into a new one",
                         name);
    return true;
}

/* Compares what ran with what is there. */
static enum pg_status migrate_compare(struct migrate *migrate, struct error *error)
{
    pg_start(migrate->pg, &migrate_table[MIGRATE_READ]);
    enum pg_status status = pg_run(migrate->pg, error);
    if (status != PG_OK)
        return status;
    migrate->known = pg_rows(migrate->pg);
    for (uint32_t i = 0; i < migrate->known; i++) {
        if (!migrate_check_row(migrate, i, error))
            return PG_REFUSED;
    }
    return PG_OK;
}

/* Runs one file and records it, in one transaction. */
static enum pg_status migrate_apply(struct migrate *migrate, uint32_t index, struct error *error)
{
    struct pg *pg = migrate->pg;
    const char *name = migrate->files[index].name;
    if (!migrate_read(migrate, index, error))
        return PG_REFUSED;
    enum pg_status status = pg_script(pg, "BEGIN", error);
    if (status == PG_OK)
        status = pg_script(pg, migrate->sql, error);
    if (status == PG_OK) {
        pg_start(pg, &migrate_table[MIGRATE_RECORD]);
        pg_add_int(pg, index + 1);
        pg_add_text(pg, name);
        pg_add_bytes(pg, migrate->sha256, sizeof migrate->sha256);
        status = pg_run(pg, error);
    }
    if (status == PG_OK)
        status = pg_script(pg, "COMMIT", error);
    if (status == PG_OK) {
        log_info("store", "migration %s ran", name);
        return PG_OK;
    }
    error_add(error, "migration %s", name);
    if (status == PG_REFUSED)
        (void)pg_script(pg, "ROLLBACK", NULL);
    return status;
}

/* Under the lock: compares, then runs what is new. */
static enum pg_status migrate_bring_up(struct migrate *migrate, struct error *error)
{
    enum pg_status status = pg_script(migrate->pg, migrate_make_table, error);
    if (status == PG_OK)
        status = pg_prepare(migrate->pg, migrate_table, MIGRATE_STATEMENTS, error);
    if (status != PG_OK)
        return status;
    status = migrate_compare(migrate, error);
    for (uint32_t i = migrate->known; i < migrate->count && status == PG_OK; i++)
        status = migrate_apply(migrate, i, error);
    if (status != PG_LOST)
        (void)pg_script(migrate->pg, migrate_forget, NULL);
    return status;
}

enum pg_status migrate_run(struct pg *pg, const char *folder, struct error *error)
{
    struct migrate *migrate = memory_reserve("migrations", 1, sizeof *migrate);
    migrate->pg = pg;
    migrate->folder = folder;
    enum pg_status status = PG_REFUSED;
    if (migrate_list(migrate, error) && migrate_check_numbers(migrate, error)) {
        status = pg_script(pg, migrate_lock, error);
        if (status == PG_OK)
            status = migrate_bring_up(migrate, error);
        if (pg_is_connected(pg))
            (void)pg_script(pg, migrate_unlock, NULL);
    }
    memory_release(migrate);
    return status;
}
