#include "journal/chain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "journal/segment.h"

enum { PREPARE_PARTS = 16, PREPARE_BYTES_MIN = 64 * 1024 };

static bool fail(struct chain *chain, enum chain_op op, int64_t result, uint64_t number)
{
    chain->failure = (struct chain_failure){op, (int)-result, number};
    return false;
}

static void close_file(struct chain *chain, struct chain_file *file)
{
    if (file->file >= 0)
        (void)chain->disk->ops->close(chain->disk->state, file->file);
    *file = (struct chain_file){.file = -1};
}

/* Removes a half-made segment. Should that fail too, recover_cut removes it at the next start: it
 * has no records. */
static void discard_next(struct chain *chain)
{
    char name[DISK_NAME_BYTES];
    segment_name(chain->next.number, name);
    close_file(chain, &chain->next);
    chain->next_is_ready = false;
    (void)chain->disk->ops->unlink(chain->disk->state, name);
}

static void add_link(struct chain *chain, const struct record_segment *segment, uint64_t size_bytes)
{
    ensure(chain->link_count < CHAIN_SEGMENTS_MAX);
    chain->links[chain->link_count++] = (struct chain_link){
        .number = segment->number, .previous_seq = segment->previous_seq, .size_bytes = size_bytes};
    chain->bytes += size_bytes;
}

/* Notes every segment of the folder. */
static bool list_links(struct chain *chain, struct error *error)
{
    uint64_t number = 0;
    int found;
    while ((found = segment_next(chain->disk, number, &number)) == 1) {
        struct record_segment segment;
        uint64_t size_bytes = 0;
        int result = segment_peek(chain->disk, number, &segment, &size_bytes);
        if (result < 0)
            return error_system(error, -result, "cannot read journal segment %016llx",
                                (unsigned long long)number);
        if (result == 1 && chain->link_count == CHAIN_SEGMENTS_MAX - 1)
            return error_set(error, "the journal has %d segments, too many", CHAIN_SEGMENTS_MAX);
        if (result == 1)
            add_link(chain, &segment, size_bytes);
        chain->number_max = number;
    }
    return found == 0 ? true : error_system(error, -found, "cannot list the journal folder");
}

bool chain_init(struct chain *chain, const struct disk *disk, const struct record_segment *identity,
                const struct chain_limits *limits, struct error *error)
{
    *chain = (struct chain){
        .disk = disk,
        .identity = *identity,
        .limits = *limits,
        .current.file = -1,
        .next.file = -1,
        .links = memory_reserve("journal links", CHAIN_SEGMENTS_MAX, sizeof *chain->links),
    };
    return list_links(chain, error);
}

void chain_finish(struct chain *chain)
{
    if (chain->disk == NULL)
        return;
    close_file(chain, &chain->current);
    close_file(chain, &chain->next);
    memory_release(chain->links);
    *chain = (struct chain){0};
}

bool chain_is_at_limit(const struct chain *chain)
{
    return chain->limits.bytes_max != 0 && chain->current.file >= 0 && chain->link_count >= 2 &&
           chain->bytes + chain->limits.segment_bytes > chain->limits.bytes_max;
}

static bool open_next(struct chain *chain)
{
    if (chain_is_at_limit(chain))
        return fail(chain, CHAIN_LIMIT, -ENOSPC, chain->current.number);
    char name[DISK_NAME_BYTES];
    uint64_t number = ++chain->number_max;
    segment_name(number, name);
    int file = chain->disk->ops->open(chain->disk->state, name, true);
    if (file < 0)
        return fail(chain, CHAIN_OPEN, file, number);
    chain->next = (struct chain_file){.file = file, .number = number};
    return true;
}

/* Allocates and syncs up to `size_bytes`; at the full size its name too. */
static bool extend_next(struct chain *chain, uint64_t size_bytes)
{
    const struct disk_ops *ops = chain->disk->ops;
    struct chain_file *next = &chain->next;
    int result = ops->allocate(chain->disk->state, next->file, size_bytes);
    if (result < 0)
        return fail(chain, CHAIN_ALLOCATE, result, next->number);
    result = ops->sync(chain->disk->state, next->file);
    if (result < 0)
        return fail(chain, CHAIN_SYNC, result, next->number);
    next->size_bytes = size_bytes;
    if (size_bytes < chain->limits.segment_bytes)
        return true;
    result = ops->sync_folder(chain->disk->state);
    if (result < 0)
        return fail(chain, CHAIN_SYNC_FOLDER, result, next->number);
    chain->folder_is_dirty = false;
    chain->next_is_ready = true;
    return true;
}

static bool prepare_to(struct chain *chain, uint64_t size_bytes)
{
    if (chain->next.file < 0 && !open_next(chain))
        return false;
    if (extend_next(chain, size_bytes))
        return true;
    discard_next(chain);
    return false;
}

bool chain_prepare(struct chain *chain)
{
    if (chain->next_is_ready)
        return true;
    uint64_t part = chain->limits.segment_bytes / PREPARE_PARTS;
    if (part < PREPARE_BYTES_MIN)
        part = PREPARE_BYTES_MIN;
    uint64_t size_bytes = (chain->next.file < 0 ? 0 : chain->next.size_bytes) + part;
    if (size_bytes > chain->limits.segment_bytes)
        size_bytes = chain->limits.segment_bytes;
    return prepare_to(chain, size_bytes);
}

static bool write_header(struct chain *chain, const struct record_segment *segment)
{
    const struct disk_ops *ops = chain->disk->ops;
    uint8_t bytes[RECORD_SEGMENT_BYTES];
    record_write_segment(segment, bytes);
    int64_t put = ops->write(chain->disk->state, chain->next.file, bytes, sizeof bytes, 0);
    if (put < 0)
        return fail(chain, CHAIN_WRITE, put, segment->number);
    int result = ops->sync(chain->disk->state, chain->next.file);
    return result < 0 ? fail(chain, CHAIN_SYNC, result, segment->number) : true;
}

bool chain_begin(struct chain *chain, struct chain_start start, struct moment now)
{
    if (chain->link_count == CHAIN_SEGMENTS_MAX)
        return fail(chain, CHAIN_LINKS, -ENOSPC, chain->current.number);
    if (!chain->next_is_ready && !prepare_to(chain, chain->limits.segment_bytes))
        return false;
    struct record_segment segment = chain->identity;
    segment.number = chain->next.number;
    segment.first_seq = start.first_seq;
    segment.previous_seq = start.previous_seq;
    segment.supersedes = chain->is_broken ? chain->current.number : 0;
    if (!write_header(chain, &segment)) {
        discard_next(chain);
        return false;
    }
    if (chain->link_count > 0)
        chain->links[chain->link_count - 1].ended_us = now.mono_us;
    add_link(chain, &segment, chain->next.size_bytes);
    close_file(chain, &chain->current);
    chain->current = chain->next;
    chain->next = (struct chain_file){.file = -1};
    chain->next_is_ready = false;
    chain->end = RECORD_SEGMENT_BYTES;
    chain->is_broken = false;
    return true;
}

bool chain_has_room(const struct chain *chain, uint64_t size_bytes)
{
    return chain->current.file >= 0 && chain->end + size_bytes <= chain->current.size_bytes;
}

bool chain_is_nearly_full(const struct chain *chain)
{
    return chain->end >= chain->current.size_bytes / 4 * 3;
}

bool chain_write(struct chain *chain, const uint8_t *bytes, uint64_t size_bytes)
{
    const struct disk_ops *ops = chain->disk->ops;
    struct chain_file *current = &chain->current;
    ensure(!chain->is_broken && chain_has_room(chain, size_bytes));
    /* Broken until proven otherwise: after a failed sync the kernel may have marked the pages
     * clean, so a second sync that succeeds says nothing. */
    chain->is_broken = true;
    int64_t put =
        ops->write(chain->disk->state, current->file, bytes, (size_t)size_bytes, chain->end);
    if (put < 0)
        return fail(chain, CHAIN_WRITE, put, current->number);
    int result = ops->sync(chain->disk->state, current->file);
    if (result < 0)
        return fail(chain, CHAIN_SYNC, result, current->number);
    chain->is_broken = false;
    chain->end += size_bytes;
    return true;
}

bool chain_has_old(struct chain *chain, struct chain_past past, struct moment now)
{
    if (chain->link_count < 2 || chain->links[1].previous_seq > past.applied_seq)
        return false;
    struct chain_link *oldest = &chain->links[0];
    if (oldest->ended_us == 0)
        oldest->ended_us = now.mono_us;
    if (chain->next.file < 0 && chain_is_at_limit(chain))
        return true;
    return oldest->number <= past.archived && now.mono_us >= oldest->ended_us &&
           now.mono_us - oldest->ended_us >= chain->limits.keep_us;
}

/* One removal after the other, each synced: were two under way, a crash could keep the older file
 * and lose the younger, which would be a gap. */
bool chain_drop_oldest(struct chain *chain)
{
    const struct disk_ops *ops = chain->disk->ops;
    uint64_t number = chain->links[0].number;
    ensure(chain->link_count >= 2);
    if (!chain->folder_is_dirty) {
        char name[DISK_NAME_BYTES];
        segment_name(number, name);
        int result = ops->unlink(chain->disk->state, name);
        if (result < 0 && result != -ENOENT)
            return fail(chain, CHAIN_UNLINK, result, number);
        chain->folder_is_dirty = true;
    }
    int result = ops->sync_folder(chain->disk->state);
    if (result < 0)
        return fail(chain, CHAIN_SYNC_FOLDER, result, number);
    chain->folder_is_dirty = false;
    chain->bytes -= chain->links[0].size_bytes;
    chain->link_count--;
    memmove(chain->links, chain->links + 1, chain->link_count * sizeof *chain->links);
    return true;
}

void chain_describe(const struct chain_failure *failure, char *out_text, size_t size_bytes)
{
    static const char *const verbs[] = {
        [CHAIN_OPEN] = "make",
        [CHAIN_ALLOCATE] = "reserve room for",
        [CHAIN_WRITE] = "write to",
        [CHAIN_SYNC] = "sync",
        [CHAIN_SYNC_FOLDER] = "sync the folder of",
        [CHAIN_UNLINK] = "remove",
        [CHAIN_LINKS] = "follow (too many are not applied)",
        [CHAIN_LIMIT] = "",
    };
    struct error words = {""};
    if (failure->op == CHAIN_LIMIT)
        (void)error_set(&words,
                        "journal_bytes_max is reached behind segment %016llx, and what is in the "
                        "journal is not in the database yet",
                        (unsigned long long)failure->number);
    else if (failure->op != CHAIN_NONE)
        (void)error_system(&words, failure->code, "cannot %s segment %016llx", verbs[failure->op],
                           (unsigned long long)failure->number);
    (void)snprintf(out_text, size_bytes, "%s", words.text);
}
