#include "journal/segment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_DIGITS = 16 };

static const char suffix[] = ".segment";

void segment_name(uint64_t number, char out_name[DISK_NAME_BYTES])
{
    (void)snprintf(out_name, DISK_NAME_BYTES, "%016llx%s", (unsigned long long)number, suffix);
}

/* The number in a file's name, 0 when it is not a segment's. */
static uint64_t number_of(const char *name)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t number = 0;
    for (int i = 0; i < NUMBER_DIGITS; i++) {
        const char *digit = name[i] == '\0' ? NULL : strchr(digits, name[i]);
        if (digit == NULL)
            return 0;
        number = number << 4 | (uint64_t)(digit - digits);
    }
    return strcmp(name + NUMBER_DIGITS, suffix) == 0 ? number : 0;
}

int segment_next(const struct disk *disk, uint64_t previous, uint64_t *out_number)
{
    char name[DISK_NAME_BYTES];
    char after[DISK_NAME_BYTES];
    segment_name(previous, after);
    for (;;) {
        int result = disk->ops->next(disk->state, after, name);
        if (result <= 0)
            return result;
        uint64_t number = number_of(name);
        if (number > previous) {
            *out_number = number;
            return 1;
        }
        memcpy(after, name, sizeof after);
    }
}

int segment_open(const struct disk *disk, uint64_t number)
{
    char name[DISK_NAME_BYTES];
    segment_name(number, name);
    return disk->ops->open(disk->state, name, false);
}

int segment_read_header(const struct disk *disk, int file, uint64_t number,
                        struct record_segment *out_segment)
{
    uint8_t bytes[RECORD_SEGMENT_BYTES];
    struct record_segment segment;
    int64_t got = disk->ops->read(disk->state, file, bytes, sizeof bytes, 0);
    if (got < 0)
        return (int)got;
    if (got < RECORD_SEGMENT_BYTES || !record_read_segment(bytes, &segment) ||
        segment.number != number)
        return 0;
    *out_segment = segment;
    return 1;
}

int segment_peek(const struct disk *disk, uint64_t number, struct record_segment *out_segment,
                 uint64_t *out_size_bytes)
{
    int file = segment_open(disk, number);
    if (file < 0)
        return file == -ENOENT ? 0 : file;
    int result = segment_read_header(disk, file, number, out_segment);
    int64_t size = out_size_bytes == NULL ? 0 : disk->ops->size(disk->state, file);
    (void)disk->ops->close(disk->state, file);
    if (size < 0)
        return (int)size;
    if (out_size_bytes != NULL)
        *out_size_bytes = (uint64_t)size;
    return result;
}

bool segment_is_gap(const struct disk *disk, uint64_t seq, uint64_t *out_next_seq)
{
    struct record_segment segment;
    uint64_t number = 0;
    while (segment_next(disk, number, &number) == 1) {
        if (segment_peek(disk, number, &segment, NULL) != 1 || seq <= segment.previous_seq ||
            seq >= segment.first_seq)
            continue;
        *out_next_seq = segment.first_seq;
        return true;
    }
    return false;
}
