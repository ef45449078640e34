#include "journal/recover.h"

#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "journal/segment.h"

enum { ALIGNMENT = 8 };
static const uint64_t file_bytes_max = (uint64_t)1 << 30;

#define ADVICE                                                                                     \
    "; put back an intact copy of the file, or move all files out of the folder, and start from "  \
    "what the database has with --abandon-journal"

struct found {
    uint64_t number;
    struct record_segment header;
    bool is_good;       /* the header is */
    uint64_t limit_seq; /* records from here on are void: later segments took over */
};

struct scan {
    const struct disk *disk;
    struct found *found; /* by number */
    uint32_t count;
    uint32_t newest;  /* index of the newest good one, when segments > 0 */
    uint64_t journal; /* 0 while not known */
    uint8_t *bytes;   /* the file that was loaded last */
    uint64_t size_bytes;
    uint64_t capacity_bytes;
    struct recovered result;
    uint64_t claimed_seq; /* the highest that anything claims durable */

    /* Of the newest good segment. */
    uint64_t unproven_at; /* offset of the first record that nothing claims durable */
    uint64_t good_end;    /* offset behind its last good record */
    uint64_t torn_end;    /* behind its last byte that is not zero */
    bool is_redundant;    /* no records, and none that come back without it */
};

/* ---- files ---- */

static bool read_failed(uint64_t number, int64_t result, struct error *error)
{
    return error_system(error, (int)-result, "cannot read journal segment %016" PRIx64 ".segment",
                        number);
}

static bool load_open(struct scan *scan, int file, uint64_t number, struct error *error)
{
    int64_t size = scan->disk->ops->size(scan->disk->state, file);
    if (size < 0)
        return read_failed(number, size, error);
    if ((uint64_t)size > file_bytes_max)
        return error_set(error, "journal segment %016" PRIx64 ".segment is too large (%" PRId64 ")",
                         number, size);
    if ((uint64_t)size > scan->capacity_bytes) {
        memory_release(scan->bytes);
        scan->bytes = memory_reserve("journal recovery", 1, (size_t)size);
        scan->capacity_bytes = (uint64_t)size;
    }
    scan->size_bytes = 0;
    if (size == 0)
        return true;
    int64_t got = scan->disk->ops->read(scan->disk->state, file, scan->bytes, (size_t)size, 0);
    if (got < 0)
        return read_failed(number, got, error);
    scan->size_bytes = (uint64_t)got;
    return true;
}

/* Reads a whole segment file into scan->bytes. */
static bool load(struct scan *scan, uint64_t number, struct error *error)
{
    int file = segment_open(scan->disk, number);
    if (file < 0)
        return read_failed(number, file, error);
    bool is_loaded = load_open(scan, file, number, error);
    (void)scan->disk->ops->close(scan->disk->state, file);
    return is_loaded;
}

/* ---- the folder ---- */

static bool classify(struct scan *scan, struct found *found, struct error *error)
{
    uint8_t bytes[RECORD_SEGMENT_BYTES];
    int file = segment_open(scan->disk, found->number);
    if (file < 0)
        return read_failed(found->number, file, error);
    int64_t got = scan->disk->ops->read(scan->disk->state, file, bytes, sizeof bytes, 0);
    (void)scan->disk->ops->close(scan->disk->state, file);
    if (got < 0)
        return read_failed(found->number, got, error);
    uint32_t version = got == RECORD_SEGMENT_BYTES ? record_segment_version(bytes) : 0;
    found->is_good = version != 0 && record_read_segment(bytes, &found->header);
    if (version != 0 && !found->is_good)
        return error_set(error,
                         "journal segment %016" PRIx64 ".segment has format version %u, and this "
                         "server reads %d",
                         found->number, version, RECORD_FORMAT_VERSION);
    if (found->is_good && found->header.number != found->number)
        return error_set(error,
                         "journal segment %016" PRIx64 ".segment is a copy of %016" PRIx64
                         ": remove it, or give it back its name",
                         found->number, found->header.number);
    return true;
}

static bool list_segments(struct scan *scan, struct error *error)
{
    uint64_t number = 0;
    uint32_t count = 0;
    int result;
    while ((result = segment_next(scan->disk, number, &number)) == 1)
        count++;
    if (result == 0 && count > 0)
        scan->found = memory_reserve("journal recovery", count, sizeof *scan->found);
    number = 0;
    while (result == 0 && scan->count < count) {
        if ((result = segment_next(scan->disk, number, &number)) != 1)
            break;
        result = 0;
        scan->found[scan->count].number = number;
        if (!classify(scan, &scan->found[scan->count++], error))
            return false;
    }
    return result == 0 ? true : error_system(error, -result, "cannot list the journal folder");
}

/* All good headers are of one world and one journal. */
static bool check_owners(struct scan *scan, uint64_t world, struct error *error)
{
    scan->result.is_empty = true;
    for (uint32_t i = 0; i < scan->count; i++) {
        const struct found *found = &scan->found[i];
        if (!found->is_good)
            continue;
        if (world != 0 && found->header.world != world)
            return error_set(error,
                             "journal segment %016" PRIx64 ".segment is of world %016" PRIx64
                             ", not %016" PRIx64,
                             found->number, found->header.world, world);
        if (scan->journal != 0 && found->header.journal != scan->journal)
            return error_set(error,
                             "journal segment %016" PRIx64 ".segment is of journal %016" PRIx64
                             ", others are of %016" PRIx64,
                             found->number, found->header.journal, scan->journal);
        scan->journal = found->header.journal;
        scan->newest = i;
        scan->result.is_empty = false;
        scan->result.segments++;
        scan->result.newest = found->header;
    }
    return true;
}

static void find_limits(struct scan *scan)
{
    uint64_t limit_seq = UINT64_MAX;
    for (uint32_t i = scan->count; i-- > 0;) {
        struct found *found = &scan->found[i];
        found->limit_seq = limit_seq;
        if (found->is_good && found->header.previous_seq + 1 < limit_seq)
            limit_seq = found->header.previous_seq + 1;
        if (found->is_good && found->header.previous_seq > scan->claimed_seq)
            scan->claimed_seq = found->header.previous_seq;
    }
}

/* ---- records ---- */

/* The intact record of this journal at an offset of the loaded file. */
static bool record_at(const struct scan *scan, uint64_t offset, struct record_header *out_header)
{
    if (offset > scan->size_bytes || scan->size_bytes - offset < RECORD_HEADER_BYTES)
        return false;
    const uint8_t *bytes = scan->bytes + offset;
    struct record_header header;
    if (!record_read_header(bytes, &header) ||
        scan->size_bytes - offset - RECORD_HEADER_BYTES < header.size_bytes ||
        (scan->journal != 0 && header.journal != scan->journal) ||
        !record_is_intact(bytes, bytes + RECORD_HEADER_BYTES, header.size_bytes))
        return false;
    *out_header = header;
    return true;
}

/* Behind the last byte that is not zero, at least `offset`. */
static uint64_t content_end(const struct scan *scan, uint64_t offset)
{
    static const uint8_t zeros[4096];
    uint64_t end = scan->size_bytes;
    while (end >= offset + sizeof zeros &&
           memcmp(scan->bytes + end - sizeof zeros, zeros, sizeof zeros) == 0)
        end -= sizeof zeros;
    while (end > offset && scan->bytes[end - 1] == 0)
        end--;
    return end > offset ? end : offset;
}

/* Goes through the good records of the loaded segment; returns the offset behind the last. */
static uint64_t walk(struct scan *scan, const struct found *found)
{
    struct recovered *result = &scan->result;
    struct record_header header;
    uint64_t offset = RECORD_SEGMENT_BYTES;
    uint64_t seq = found->header.first_seq;
    while (seq < found->limit_seq && record_at(scan, offset, &header) && header.seq == seq) {
        if (result->first_seq == 0)
            result->first_seq = seq;
        if (header.durable_seq > scan->claimed_seq && header.durable_seq < seq)
            scan->claimed_seq = header.durable_seq;
        result->last = header;
        offset += record_stride(header.size_bytes);
        seq++;
    }
    return offset;
}

/* The offset of the first record, of those before `end`, that nothing claims durable. */
static uint64_t find_unproven(const struct scan *scan, uint64_t end)
{
    struct record_header header;
    uint64_t offset = RECORD_SEGMENT_BYTES;
    while (offset < end && record_read_header(scan->bytes + offset, &header) &&
           header.seq <= scan->claimed_seq)
        offset += record_stride(header.size_bytes);
    return offset;
}

/* Does an intact record behind `offset` claim that record `seq` was durable? Then *out_claim. */
static bool is_claimed(const struct scan *scan, uint64_t offset, uint64_t seq,
                       struct record_header *out_claim)
{
    struct record_header header;
    uint64_t at = (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    for (; at + RECORD_HEADER_BYTES <= scan->size_bytes; at += ALIGNMENT) {
        if (record_at(scan, at, &header) && header.seq > seq && header.durable_seq >= seq &&
            header.durable_seq < header.seq) {
            *out_claim = header;
            return true;
        }
    }
    return false;
}

/* A segment that others follow: all that they say is durable must be there. */
static bool read_older(struct scan *scan, const struct found *found, struct error *error)
{
    if (!load(scan, found->number, error))
        return false;
    uint64_t end = walk(scan, found);
    uint64_t seq = scan->result.last.seq + 1;
    if (scan->result.last.seq < found->header.first_seq)
        seq = found->header.first_seq;
    if (seq < found->limit_seq)
        return error_set(error,
                         "journal segment %016" PRIx64 ".segment is damaged at byte %" PRIu64
                         ": records %" PRIu64 " to %" PRIu64
                         " were confirmed, and are not there or in a file that is missing" ADVICE,
                         found->number, end, seq, found->limit_seq - 1);
    /* Only what directly precedes the newest counts in the end. */
    scan->is_redundant = content_end(scan, end) == end;
    return true;
}

static bool read_newest(struct scan *scan, const struct found *found, struct error *error)
{
    struct record_header claim;
    uint64_t last_seq = scan->result.last.seq;
    if (!load(scan, found->number, error))
        return false;
    scan->good_end = walk(scan, found);
    scan->unproven_at = find_unproven(scan, scan->good_end);
    scan->torn_end = content_end(scan, scan->good_end);
    bool has_records = scan->good_end > RECORD_SEGMENT_BYTES;
    uint64_t seq = has_records ? scan->result.last.seq + 1 : found->header.first_seq;
    if (is_claimed(scan, scan->good_end, seq, &claim))
        return error_set(error,
                         "journal segment %016" PRIx64 ".segment is damaged at byte %" PRIu64
                         ": record %" PRIu64 " was confirmed (record %" PRIu64 " says so)" ADVICE,
                         found->number, scan->good_end, seq, claim.seq);
    struct record_header asked = {.seq = seq, .journal = scan->journal};
    if (record_is_one_bit_off(scan->bytes, scan->size_bytes, scan->good_end, &asked))
        return error_set(error,
                         "journal segment %016" PRIx64 ".segment is damaged at byte %" PRIu64
                         ": record %" PRIu64
                         " was written in full, and a bit of it has flipped" ADVICE,
                         found->number, scan->good_end, seq);
    scan->is_redundant = scan->is_redundant && !has_records && found->header.supersedes == 0 &&
                         last_seq != 0 && found->header.first_seq == last_seq + 1;
    scan->result.cut_bytes += scan->torn_end - scan->good_end;
    return true;
}

/* A segment with a torn header: only a half-made one may be. */
static bool read_torn(struct scan *scan, const struct found *found, struct error *error)
{
    struct record_header header;
    if (!load(scan, found->number, error))
        return false;
    for (uint64_t at = 0; at + RECORD_HEADER_BYTES <= scan->size_bytes; at += ALIGNMENT)
        if (record_at(scan, at, &header))
            return error_set(error,
                             "journal segment %016" PRIx64
                             ".segment is damaged at byte 0: its header cannot be read, and record "
                             "%" PRIu64 " is in it" ADVICE,
                             found->number, header.seq);
    scan->result.cut_bytes += content_end(scan, 0);
    return true;
}

static bool read_good(struct scan *scan, uint32_t index, struct error *error)
{
    const struct found *found = &scan->found[index];
    if (index == scan->newest)
        return read_newest(scan, found, error);
    if (found->header.first_seq < found->limit_seq)
        return read_older(scan, found, error);
    scan->is_redundant = false; /* all of it is void */
    return true;
}

/* Those with a bad header first: what is in them would seem to be missing elsewhere. */
static bool read_segments(struct scan *scan, struct error *error)
{
    for (uint32_t i = 0; i < scan->count; i++)
        if (!scan->found[i].is_good && !read_torn(scan, &scan->found[i], error))
            return false;
    for (uint32_t i = 0; i < scan->count; i++)
        if (scan->found[i].is_good && !read_good(scan, i, error))
            return false;
    return true;
}

static bool scan_run(struct scan *scan, uint64_t world, struct error *error)
{
    if (!list_segments(scan, error) || !check_owners(scan, world, error))
        return false;
    find_limits(scan);
    return read_segments(scan, error);
}

static void scan_finish(struct scan *scan)
{
    memory_release(scan->found);
    memory_release(scan->bytes);
}

bool recover_scan(struct disk *disk, uint64_t world, struct recovered *out, struct error *error)
{
    struct scan scan = {.disk = disk};
    bool is_clean = scan_run(&scan, world, error);
    if (is_clean)
        *out = scan.result;
    scan_finish(&scan);
    return is_clean;
}

uint64_t recover_end(const struct recovered *recovered)
{
    if (recovered->is_empty || recovered->last.seq != 0)
        return recovered->last.seq;
    return recovered->newest.first_seq - 1;
}

/* ---- the cut ---- */

static bool cut_failed(uint64_t number, int64_t result, struct error *error)
{
    return error_system(error, (int)-result, "cannot cut journal segment %016" PRIx64 ".segment",
                        number);
}

/* Removes half-made segments, and the newest when it is redundant. */
static bool remove_segments(struct scan *scan, struct error *error)
{
    const struct disk_ops *ops = scan->disk->ops;
    for (uint32_t i = 0; i < scan->count; i++) {
        char name[DISK_NAME_BYTES];
        uint64_t number = scan->found[i].number;
        if (scan->found[i].is_good && !(scan->is_redundant && i == scan->newest))
            continue;
        segment_name(number, name);
        int result = ops->unlink(scan->disk->state, name);
        if (result < 0)
            return cut_failed(number, result, error);
    }
    int result = ops->sync_folder(scan->disk->state);
    return result < 0 ? error_system(error, -result, "cannot sync the journal folder") : true;
}

/* In the newest segment: unproven records once more, zeros over the torn tail, and a sync. */
static bool rewrite_tail(struct scan *scan, uint64_t number, struct error *error)
{
    const struct disk *disk = scan->disk;
    if (!load(scan, number, error))
        return false;
    if (scan->torn_end > scan->size_bytes)
        return error_set(error, "journal segment %016" PRIx64 ".segment is in use", number);
    memset(scan->bytes + scan->good_end, 0, scan->torn_end - scan->good_end);
    int file = segment_open(disk, number);
    if (file < 0)
        return cut_failed(number, file, error);
    int64_t result = 0;
    if (scan->torn_end > scan->unproven_at)
        result = disk->ops->write(disk->state, file, scan->bytes + scan->unproven_at,
                                  scan->torn_end - scan->unproven_at, scan->unproven_at);
    if (result >= 0)
        result = disk->ops->sync(disk->state, file);
    (void)disk->ops->close(disk->state, file);
    return result >= 0 ? true : cut_failed(number, result, error);
}

/* The newest good segment before the newest: there is one when the newest is redundant. */
static void step_back(struct scan *scan)
{
    uint32_t i = scan->newest;
    do
        i--;
    while (!scan->found[i].is_good);
    scan->result.newest = scan->found[i].header;
    scan->result.segments--;
}

static bool cut(struct scan *scan, struct error *error)
{
    if (!scan->result.is_empty && !scan->is_redundant &&
        !rewrite_tail(scan, scan->result.newest.number, error))
        return false;
    if (!remove_segments(scan, error))
        return false;
    if (scan->is_redundant)
        step_back(scan);
    return true;
}

bool recover_cut(struct disk *disk, uint64_t world, struct recovered *out, struct error *error)
{
    struct scan scan = {.disk = disk};
    bool is_cut = scan_run(&scan, world, error) && cut(&scan, error);
    if (is_cut)
        *out = scan.result;
    scan_finish(&scan);
    return is_cut;
}
