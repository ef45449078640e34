/* manifest.h - what a backup says of itself: the file manifest.json beside its dump.
 *
 * Values of more than 53 bits (the journal's id) and hashes stand in it as hex digits. Any thread;
 * reading takes memory while it runs. */
#ifndef TILTH_BACKUP_MANIFEST_H
#define TILTH_BACKUP_MANIFEST_H

#include "base/crypto.h"
#include "base/text.h"
#include "store/snapshot.h"

enum { MANIFEST_NAME_BYTES = 64, MANIFEST_WORLD_BYTES = 33, MANIFEST_VERSION_BYTES = 32 };
enum { MANIFEST_BYTES = 16 << 10 };

struct manifest {
    char name[MANIFEST_NAME_BYTES]; /* the backup's */
    char world[MANIFEST_WORLD_BYTES];
    char server[MANIFEST_VERSION_BYTES]; /* the version that made it */
    int64_t at_us;                       /* when, wall time */
    uint64_t took_ms;
    uint64_t journal, applied_seq, tick;
    uint32_t timeline;
    uint32_t schema;     /* the last migration */
    struct hash128 hash; /* the world's, of the tick record applied_seq */
    uint64_t size_bytes; /* of the dump */
    uint8_t sha256[CRYPTO_DIGEST_BYTES];
    uint32_t count;
    struct snapshot_count tables[SNAPSHOT_TABLES_MAX];
};

/* Appends it as JSON; needs MANIFEST_BYTES at most. */
void manifest_write(const struct manifest *manifest, struct text *text);

/* Reads the file; false with words that name file and key. */
bool manifest_load(const char *path, struct manifest *out, struct error *error);

/* Writes "2026-11-29 08:52:16 UTC". */
void manifest_format_time(int64_t wall_us, char out_text[32]);

/* Reads "2026-11-29T08:52:16Z", or seconds since 1970; false when it is neither. */
bool manifest_parse_time(const char *text, int64_t *out_wall_us);

/* Writes 64 hex digits. */
void manifest_format_digest(const uint8_t digest[CRYPTO_DIGEST_BYTES],
                            char out_digits[2 * CRYPTO_DIGEST_BYTES + 1]);

#endif
