/* batch.h - a run of tick records made one: the last write per key.
 *
 * Reads the framed changes of records in order; keeps per kind and key only the newest, with the
 * tick and wall time of its record, so that applying it is idempotent. Memory: arrays and a hash
 * table for `changes_max` keys, reserved at create; a record that would not fit is refused
 * whole, and begins the next batch. One owner thread (the store). */
#ifndef TILTH_STORE_BATCH_H
#define TILTH_STORE_BATCH_H

#include "base/error.h"
#include "journal/record.h"
#include "world/change.h"

/* Two numbers that are the same for changes of one key, and for no others of the kind. */
struct batch_key {
    uint64_t id;
    uint64_t part; /* of what has the id; or the other half of a hash */
};

/* A change, and when it was made. */
struct batch_row {
    struct change change;
    uint64_t seq;
    uint64_t tick;
    int64_t wall_us;
};

struct batch {
    struct batch_row *rows; /* [count], grouped by kind after batch_sort */
    uint32_t count;
    uint32_t aside; /* of the rows, the last ones: their keys are in quarantine */
    uint32_t rows_max;
    uint32_t record_count;
    uint64_t quarantine;       /* the version of the quarantine that says so */
    uint64_t from_seq, to_seq; /* of the records in it */
    uint64_t tick;             /* of the last record */
    int64_t wall_us;           /* of the last record */
    struct hash128 hash;       /* after the last record */
    struct batch_index *index; /* key -> row */
    uint8_t *bytes;            /* where spans live */
    uint32_t bytes_used, bytes_max;
};

/* Reserves room for rows_max keys and bytes_max bytes of spans. */
struct batch *batch_create(uint32_t rows_max, uint32_t bytes_max);
void batch_destroy(struct batch **batch); /* NULL-safe. */

/* Empties the batch; the next record is from_seq. */
void batch_clear(struct batch *batch);

enum batch_result { BATCH_ADDED, BATCH_FULL, BATCH_MALFORMED };

/* Adds a record with the payload. FULL: it is not in (an empty batch always has room for one
 * record: rows_max >= the most changes of a record). MALFORMED: the error names the record and
 * the change. */
enum batch_result batch_add(struct batch *batch, const struct record_header *header,
                            const uint8_t *payload, struct error *error);

/* Does the change say that its key is gone: a cell as generated again, an entity of type 0, an
 * empty slot, a skill without experience? */
bool batch_is_delete(const struct change *change);

/* The key of a change that lasts. */
struct batch_key batch_key(const struct change *change);

/* Puts the row aside: it comes behind those that are not, and the last of them to its place. Add
 * nothing until batch_clear. */
void batch_set_aside(struct batch *batch, uint32_t index);

/* Sorts rows by kind, then deletes before the others, then key, in the order of the tables' primary
 * keys: the order to write them in. */
void batch_sort_rows(struct batch_row *rows, uint32_t count);

/* Sorts the batch's rows so, but for those that are aside. Add nothing until batch_clear. */
void batch_sort(struct batch *batch);

#endif
