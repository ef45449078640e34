/* file.h - files and folders that must last, by path.
 *
 * Every call says what failed with the path. Used for backups; the journal has its own (disk.h).
 * Owner: the calling thread. */
#ifndef TILTH_BACKUP_FILE_H
#define TILTH_BACKUP_FILE_H

#include "base/crypto.h"

/* Makes a folder with those above it (mode 0700); no error when it is there. */
bool file_make_folders(const char *path, struct error *error);

/* Writes a file (mode 0600) and syncs it; what was there is replaced whole or not at all. */
bool file_write(const char *path, const char *bytes, size_t size_bytes, struct error *error);

/* Syncs a file or a folder. */
bool file_sync(const char *path, struct error *error);

/* Renames and syncs the folder of the new name. */
bool file_rename(const char *from, const char *to, struct error *error);

/* Removes a folder and the files in it; no error when it is not there. */
bool file_remove_folder(const char *path, struct error *error);

/* Is there something of that name? */
bool file_is_there(const char *path);

/* The size in bytes, and the SHA-256, read from end to end. */
bool file_digest(const char *path, uint64_t *out_size_bytes,
                 uint8_t out_digest[CRYPTO_DIGEST_BYTES], struct error *error);

#endif
