/* segment.h - segment files by number: their names, their headers, and going through a folder.
 *
 * Files of other names are passed over. No memory of its own. Owner: whoever owns the file handle.
 */
#ifndef TILTH_JOURNAL_SEGMENT_H
#define TILTH_JOURNAL_SEGMENT_H

#include "journal/disk.h"
#include "journal/record.h"

/* Writes "<16 hex digits>.segment". */
void segment_name(uint64_t number, char out_name[DISK_NAME_BYTES]);

/* The smallest segment number above `previous` in the folder: 1 when there is one, 0 at the end, or
 * -errno. Numbers start at 1. */
int segment_next(const struct disk *disk, uint64_t previous, uint64_t *out_number);

/* Opens segment `number`; a file handle or -errno. */
int segment_open(const struct disk *disk, uint64_t number);

/* Reads the header of an open segment file: 1 when it is good, 0 when it is torn, missing, of
 * another format version or of another number, or -errno. */
int segment_read_header(const struct disk *disk, int file, uint64_t number,
                        struct record_segment *out_segment);

/* Opens segment `number` only to read its header; as segment_read_header, and 0, too, when the file
 * is gone, which the owner of the folder may do between two looks. The size of the file goes to
 * *out_size_bytes, which may be NULL, whatever the header is; a file that is gone has none. */
int segment_peek(const struct disk *disk, uint64_t number, struct record_segment *out_segment,
                 uint64_t *out_size_bytes);

/* Is record `seq` one that the journal never had, because the database was ahead of it (a restore)?
 * Then the first one behind goes to *out_next_seq. False also when the folder cannot be listed. */
bool segment_is_gap(const struct disk *disk, uint64_t seq, uint64_t *out_next_seq);

#endif
