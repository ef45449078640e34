/* inspection.h - does what PostgreSQL holds of a world hold together?
 *
 * Reads all of a world's rows as of one moment, beside whoever writes them: is their sum the world
 * hash that belongs to the record that was applied last, and each chunk's the hash of its content;
 * are values in range; is no thing in two places and no structure without its cells; does all that
 * refers to something find it? What is in quarantine (quarantine.h) counts as if it were in its
 * table, and each such key is a finding. Each fault is a finding in words. Changes nothing.
 *
 * Memory: 48 bytes for each chunk that has kept content, while it runs, and pages of
 * INSPECTION_PAGE_ROWS rows. Owner: the calling thread, with a connection that does nothing else.
 */
#ifndef TILTH_STORE_INSPECTION_H
#define TILTH_STORE_INSPECTION_H

#include "store/database.h"

enum {
    INSPECTION_FINDINGS_MAX = 100, /* that are kept in words; all are counted */
    INSPECTION_WORDS_BYTES = 480,
    INSPECTION_PAGE_ROWS = 4096,
    INSPECTION_TABLES_MAX = 16,
};

/* What is wrong, and in which table, or "journal" or "memory". */
struct inspection_finding {
    const char *where;
    char words[INSPECTION_WORDS_BYTES];
};

/* How many rows of the world a table has. */
struct inspection_count {
    const char *table;
    uint64_t rows;
};

struct inspection {
    uint64_t world, applied_seq, tick; /* as of when */
    uint64_t journal;                  /* the id of the world's journal */
    uint32_t timeline;
    struct hash128 hash;      /* that belongs to the record applied last */
    struct hash128 rows_hash; /* the rows' sum, with what waits in quarantine */
    uint64_t quarantined;     /* keys */
    struct inspection_count counts[INSPECTION_TABLES_MAX];
    uint32_t table_count;
    uint64_t finding_count;
    struct inspection_finding findings[INSPECTION_FINDINGS_MAX];
};

/* Inspects the world of this name on a connected PostgreSQL connection. NOT_FOUND, in words: there
 * is no such world. */
enum database_result inspection_run(struct database *database, const char *world,
                                    struct inspection *out, struct error *error);

/* Adds a finding (printf form). */
void inspection_find(struct inspection *inspection, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends what was found, in lines for people or as one JSON object. */
void inspection_print(const struct inspection *inspection, bool is_json, struct text *text);

#endif
