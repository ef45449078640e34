#include "bottle/bitrot.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "journal/segment.h"

enum { SEGMENTS_MAX = 64, NEAR_BYTES = 1024, SECTOR_BYTES = 512 };

/* A segment file as it lies there. */
struct lying {
    uint64_t number;
    uint64_t size_bytes;
    uint8_t *bytes;
    bool is_good; /* its header */
    struct record_segment header;
    uint64_t limit_seq; /* records from here on are void */
    uint64_t end;       /* behind its last good record */
};

struct heap {
    struct lying files[SEGMENTS_MAX];
    uint32_t count;
};

static void read_file(struct bottle *bottle, struct lying *file)
{
    const struct disk *disk = &bottle->journal_disk;
    int handle = segment_open(disk, file->number);
    ensure(handle >= 0);
    file->size_bytes = (uint64_t)disk->ops->size(disk->state, handle);
    file->bytes = memory_reserve("bitrot", 1, file->size_bytes + 1);
    ensure(disk->ops->read(disk->state, handle, file->bytes, file->size_bytes, 0) ==
           (int64_t)file->size_bytes);
    (void)disk->ops->close(disk->state, handle);
    file->is_good =
        file->size_bytes >= RECORD_SEGMENT_BYTES && record_read_segment(file->bytes, &file->header);
}

static bool is_record(const struct lying *file, uint64_t offset, struct record_header *out_header)
{
    if (file->size_bytes < offset + RECORD_HEADER_BYTES)
        return false;
    const uint8_t *bytes = file->bytes + offset;
    return record_read_header(bytes, out_header) &&
           file->size_bytes - offset - RECORD_HEADER_BYTES >= out_header->size_bytes &&
           record_is_intact(bytes, bytes + RECORD_HEADER_BYTES, out_header->size_bytes);
}

/* The offset behind the last of the file's records that stand one behind the other. */
static uint64_t find_end(const struct lying *file)
{
    struct record_header header;
    uint64_t offset = RECORD_SEGMENT_BYTES;
    while (file->is_good && is_record(file, offset, &header))
        offset += record_stride(header.size_bytes);
    return offset;
}

static void read_heap(struct bottle *bottle, struct heap *heap)
{
    uint64_t number = 0, limit_seq = UINT64_MAX;
    heap->count = 0;
    while (segment_next(&bottle->journal_disk, number, &number) == 1) {
        ensure(heap->count < SEGMENTS_MAX);
        struct lying *file = &heap->files[heap->count++];
        *file = (struct lying){.number = number};
        read_file(bottle, file);
        file->end = find_end(file);
    }
    for (uint32_t i = heap->count; i-- > 0;) {
        struct lying *file = &heap->files[i];
        file->limit_seq = limit_seq;
        if (file->is_good && file->header.previous_seq + 1 < limit_seq)
            limit_seq = file->header.previous_seq + 1;
    }
}

/* Which file: mostly the newest that has records, whose end nothing may have claimed durable yet.
 */
static const struct lying *choose_file(struct bottle *bottle, const struct heap *heap)
{
    uint32_t at = heap->count - 1;
    if (rng_below(&bottle->rng, 3) == 0)
        return &heap->files[rng_below(&bottle->rng, heap->count)];
    while (at > 0 && heap->files[at].end == RECORD_SEGMENT_BYTES)
        at--;
    return &heap->files[at];
}

/* Where in the file: near the end of what is written, or anywhere up to there. */
static uint64_t choose_offset(struct bottle *bottle, const struct lying *file)
{
    uint64_t end =
        file->end + NEAR_BYTES < file->size_bytes ? file->end + NEAR_BYTES : file->size_bytes;
    uint64_t near = end > 2 * NEAR_BYTES ? 2 * NEAR_BYTES : end;
    if (rng_below(&bottle->rng, 2) == 0)
        return end - 1 - rng_below(&bottle->rng, near);
    return rng_below(&bottle->rng, end);
}

/* What the byte at rot->offset belongs to, and what follows from it. */
static void judge(const struct lying *file, uint64_t durable_seq, struct bitrot *rot)
{
    struct record_header header;
    uint64_t offset = RECORD_SEGMENT_BYTES;
    bool is_in_header = rot->offset < RECORD_SEGMENT_BYTES;
    while (offset < file->end && is_record(file, offset, &header)) {
        bool is_hurt = is_in_header ||
                       (rot->offset >= offset &&
                        rot->offset < offset + RECORD_HEADER_BYTES + (uint64_t)header.size_bytes);
        if (is_hurt) {
            rot->record = is_in_header ? 0 : header.seq;
            rot->end = is_in_header ? RECORD_SEGMENT_BYTES
                                    : offset + RECORD_HEADER_BYTES + (uint64_t)header.size_bytes;
            rot->must_stop = header.seq <= durable_seq && header.seq < file->limit_seq;
            rot->may_be_told = true;
            return;
        }
        offset += record_stride(header.size_bytes);
    }
    rot->may_be_told = is_in_header; /* an intact record may stand behind a torn one */
}

/* Is the bit all that its record has from there to the end of the sector? Then nobody can tell a
 * flip from a torn tail. */
static bool is_alone(const struct lying *file, const struct bitrot *rot)
{
    uint64_t end = (rot->offset / SECTOR_BYTES + 1) * SECTOR_BYTES;
    uint32_t others = (uint32_t)file->bytes[rot->offset] & ~(1U << rot->bit);
    for (uint64_t i = rot->offset + 1; i < end && i < rot->end; i++)
        others |= file->bytes[i];
    return others == 0;
}

struct bitrot bitrot_strike(struct bottle *bottle, uint64_t durable_seq)
{
    struct bitrot rot = {.offset = 0};
    struct heap heap;
    read_heap(bottle, &heap);
    if (heap.count > 0) {
        const struct lying *file = choose_file(bottle, &heap);
        if (file->size_bytes > 0) {
            segment_name(file->number, rot.name);
            rot.offset = choose_offset(bottle, file);
            rot.bit = (uint32_t)rng_below(&bottle->rng, 8);
            judge(file, durable_seq, &rot);
            if (rot.must_stop && is_alone(file, &rot))
                rot.bit = rot.bit == 0 ? 1 : 0; /* it is not there, so this one is flipped on */
            ensure(sim_disk_flip(bottle->disk, rot.name, rot.offset, rot.bit));
        }
    }
    for (uint32_t i = 0; i < heap.count; i++)
        memory_release(heap.files[i].bytes);
    return rot;
}

void bitrot_heal(struct bottle *bottle, const struct bitrot *rot)
{
    ensure(sim_disk_flip(bottle->disk, rot->name, rot->offset, rot->bit));
}

bool bitrot_is_named(const struct bitrot *rot, const char *words)
{
    return strstr(words, rot->name) != NULL && strstr(words, " is damaged at byte ") != NULL;
}
