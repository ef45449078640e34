#include "backup/verification.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backup/file.h"
#include "base/memory.h"
#include "store/postgres.h"

bool verification_check_bytes(const struct shelf *shelf, const struct manifest *manifest,
                              struct error *error)
{
    char path[SHELF_PATH_BYTES], wanted[2 * CRYPTO_DIGEST_BYTES + 1];
    char found[2 * CRYPTO_DIGEST_BYTES + 1];
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    uint64_t size_bytes = 0;
    shelf_path(shelf, manifest->name, false, SHELF_DUMP, path);
    if (!file_digest(path, &size_bytes, digest, error))
        return false;
    if (size_bytes != manifest->size_bytes)
        return error_set(error, "%s has %" PRIu64 " bytes, its manifest says %" PRIu64, path,
                         size_bytes, manifest->size_bytes);
    if (memcmp(digest, manifest->sha256, sizeof digest) == 0)
        return true;
    manifest_format_digest(digest, found);
    manifest_format_digest(manifest->sha256, wanted);
    return error_set(error, "%s has the SHA-256 %s, its manifest says %s", path, found, wanted);
}

static bool check_position(const struct snapshot *snapshot, const struct manifest *manifest,
                           struct error *error)
{
    if (snapshot->applied_seq == manifest->applied_seq && snapshot->tick == manifest->tick &&
        snapshot->journal == manifest->journal && snapshot->timeline == manifest->timeline)
        return true;
    return error_set(error,
                     "the dump has record %" PRIu64 " of journal %016" PRIx64 ", tick %" PRIu64
                     ", timeline %u; the manifest says record %" PRIu64 " of %016" PRIx64
                     ", tick %" PRIu64 ", timeline %u",
                     snapshot->applied_seq, snapshot->journal, snapshot->tick, snapshot->timeline,
                     manifest->applied_seq, manifest->journal, manifest->tick, manifest->timeline);
}

static const struct snapshot_count *find_table(const struct snapshot *snapshot, const char *table)
{
    static const struct snapshot_count none;
    for (uint32_t i = 0; i < snapshot->count; i++) {
        if (strcmp(snapshot->tables[i].table, table) == 0)
            return &snapshot->tables[i];
    }
    return &none;
}

static bool check_counts(const struct snapshot *snapshot, const struct manifest *manifest,
                         struct error *error)
{
    for (uint32_t i = 0; i < manifest->count; i++) {
        const struct snapshot_count *wanted = &manifest->tables[i];
        uint64_t rows = find_table(snapshot, wanted->table)->rows;
        if (rows != wanted->rows)
            return error_set(error,
                             "the dump has %" PRIu64 " rows of %s, the manifest says %" PRIu64,
                             rows, wanted->table, wanted->rows);
    }
    return true;
}

bool verification_judge(const struct inspection *inspection, struct error *error)
{
    uint64_t wrong = inspection->finding_count - inspection->quarantined;
    if (wrong == 0) /* what is in quarantine is there too, and can be restored with the rest */
        return true;
    const struct inspection_finding *first = &inspection->findings[0];
    for (uint32_t i = 1; i < INSPECTION_FINDINGS_MAX && i < inspection->finding_count; i++) {
        if (strcmp(first->where, "quarantine") == 0)
            first = &inspection->findings[i];
    }
    return error_set(error, "%" PRIu64 " things are wrong in it; %s: %s", wrong, first->where,
                     first->words);
}

static bool check_inspection(const struct inspection *inspection, const struct manifest *manifest,
                             struct error *error)
{
    char rows[33], wanted[33];
    hash_format(inspection->rows_hash, rows);
    hash_format(manifest->hash, wanted);
    if (!hash_is_equal(inspection->rows_hash, manifest->hash))
        return error_set(error, "the dump's rows have the world hash %s, the tick record had %s",
                         rows, wanted);
    return verification_judge(inspection, error);
}

/* The database was not there for it, or what it has is wrong. */
static enum verification judge(enum database_result result)
{
    return result == DATABASE_LOST ? VERIFICATION_UNKNOWN : VERIFICATION_FAULTY;
}

/* The dump's schema is the manifest's, and then this server's. */
static enum verification raise(struct database *database, const struct manifest *manifest,
                               const char *migrations, struct error *error)
{
    uint32_t schema = 0;
    enum database_result result = snapshot_schema(database, &schema, error);
    if (result != DATABASE_OK)
        return judge(result);
    if (schema != manifest->schema) {
        (void)error_set(error, "the dump has schema %u, the manifest says %u", schema,
                        manifest->schema);
        return VERIFICATION_FAULTY;
    }
    result = postgres_migrate(database, migrations, error);
    return result == DATABASE_OK ? VERIFICATION_WELL : VERIFICATION_UNKNOWN;
}

static enum verification check_rows(struct database *database, const struct manifest *manifest,
                                    struct error *error)
{
    struct snapshot snapshot;
    enum database_result result = snapshot_open(database, manifest->world, &snapshot, error);
    if (result != DATABASE_OK)
        return judge(result);
    snapshot_close(database);
    if (!check_position(&snapshot, manifest, error) || !check_counts(&snapshot, manifest, error))
        return VERIFICATION_FAULTY;
    struct inspection *inspection = memory_reserve("inspection", 1, sizeof *inspection);
    result = inspection_run(database, manifest->world, inspection, error);
    bool is_well = result == DATABASE_OK && check_inspection(inspection, manifest, error);
    memory_release(inspection);
    return is_well ? VERIFICATION_WELL : judge(result);
}

enum verification verification_check_world(struct database *database,
                                           const struct manifest *manifest, const char *migrations,
                                           struct error *error)
{
    enum verification verdict = raise(database, manifest, migrations, error);
    return verdict == VERIFICATION_WELL ? check_rows(database, manifest, error) : verdict;
}
