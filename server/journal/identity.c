#include "journal/identity.h"

#include <errno.h>
#include <string.h>

#include "base/crypto.h"
#include "base/hash.h"

/* The file: the id, and a check of it, so that a torn write is told from an id. */
struct identity {
    uint64_t journal;
    uint64_t check; /* XXH3 of the id */
};

static const char identity_name[] = "journal.id";

static struct identity identity_of(uint64_t journal)
{
    return (struct identity){journal, hash_64(&journal, sizeof journal, 0)};
}

/* The id in the open file, or 0 when it is torn or empty. */
static int64_t read_file(const struct disk *disk, int file, uint64_t *out_journal)
{
    struct identity identity = {0, 0};
    int64_t size = disk->ops->read(disk->state, file, &identity, sizeof identity, 0);
    bool is_whole = size == (int64_t)sizeof identity && identity.journal != 0 &&
                    identity.check == identity_of(identity.journal).check;
    *out_journal = is_whole ? identity.journal : 0;
    return size < 0 ? size : 0;
}

static int64_t write_file(const struct disk *disk, int file, uint64_t journal)
{
    struct identity identity = identity_of(journal);
    int64_t size = disk->ops->write(disk->state, file, &identity, sizeof identity, 0);
    if (size != (int64_t)sizeof identity)
        return size < 0 ? size : -EIO;
    int code = disk->ops->sync(disk->state, file);
    return code < 0 ? code : disk->ops->sync_folder(disk->state);
}

static uint64_t random_id(void)
{
    uint64_t journal = 0;
    crypto_random(&journal, sizeof journal);
    return journal >> 1 | 1; /* a positive bigint */
}

/* Opens the file, made when it is not there. */
static int open_file(const struct disk *disk)
{
    int file = disk->ops->open(disk->state, identity_name, false);
    return file == -ENOENT ? disk->ops->open(disk->state, identity_name, true) : file;
}

bool identity_load(const struct disk *disk, const struct recovered *recovered,
                   uint64_t *out_journal, struct error *error)
{
    uint64_t kept = 0;
    int file = open_file(disk);
    if (file < 0)
        return error_system(error, -file, "journal: cannot open %s", identity_name);
    int64_t code = read_file(disk, file, &kept);
    uint64_t journal = recovered->is_empty ? kept : recovered->newest.journal;
    if (journal == 0)
        journal = random_id();
    if (code == 0 && journal != kept)
        code = write_file(disk, file, journal);
    (void)disk->ops->close(disk->state, file);
    if (code < 0)
        return error_system(error, (int)-code, "journal: cannot write %s", identity_name);
    *out_journal = journal;
    return true;
}
