#include "journal/tail.h"

#include <inttypes.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "journal/segment.h"

struct tail {
    const struct disk *disk;
    uint64_t next_seq;
    int file; /* -1: none yet */
    struct record_segment segment;
    uint64_t limit_seq; /* of the segment: later ones hold what comes from here on */
    uint64_t offset;    /* of record next_seq, once it is there */
    uint8_t *bytes;     /* one record */
};

/* Where a record is to be looked for. */
struct place {
    bool has_segments;
    bool is_found;
    struct record_segment segment; /* the newest that starts at or before the record */
    uint64_t limit_seq;
};

static bool find_place(const struct tail *tail, struct place *out_place, struct error *error)
{
    struct place place = {.limit_seq = UINT64_MAX};
    uint64_t number = 0;
    int found;
    while ((found = segment_next(tail->disk, number, &number)) == 1) {
        struct record_segment segment;
        int result = segment_peek(tail->disk, number, &segment, NULL);
        if (result < 0)
            return error_system(error, -result,
                                "cannot read journal segment %016" PRIx64 ".segment", number);
        if (result == 0)
            continue;
        place.has_segments = true;
        if (segment.first_seq <= tail->next_seq) {
            place.is_found = true;
            place.segment = segment;
            place.limit_seq = UINT64_MAX;
        } else if (segment.previous_seq + 1 < place.limit_seq) {
            place.limit_seq = segment.previous_seq + 1;
        }
    }
    if (found < 0)
        return error_system(error, -found, "cannot list the journal folder");
    *out_place = place;
    return true;
}

static void close_segment(struct tail *tail)
{
    if (tail->file >= 0)
        (void)tail->disk->ops->close(tail->disk->state, tail->file);
    tail->file = -1;
}

struct tail *tail_open(struct disk *disk, uint64_t from_seq, struct error *error)
{
    struct place place = {0};
    ensure(from_seq >= 1);
    struct tail *tail = memory_reserve("journal tail", 1, sizeof *tail);
    *tail = (struct tail){.disk = disk, .next_seq = from_seq, .file = -1};
    if (!find_place(tail, &place, error))
        goto fail_place;
    if (place.has_segments && (!place.is_found || from_seq >= place.limit_seq)) {
        (void)error_set(error,
                        "the journal does not go back to record %" PRIu64
                        ": there is a gap between the database and the journal's files",
                        from_seq);
        goto fail_place;
    }
    tail->bytes = memory_reserve("journal tail", 1, RECORD_HEADER_BYTES + RECORD_PAYLOAD_BYTES_MAX);
    return tail;
fail_place:
    memory_release(tail);
    return NULL;
}

void tail_close(struct tail **tail)
{
    if (*tail == NULL)
        return;
    close_segment(*tail);
    memory_release((*tail)->bytes);
    memory_release(*tail);
    *tail = NULL;
}

/* Reads the header of record `seq` at the tail's offset: 1 when it is there, 0 when not, -errno. */
static int read_header(struct tail *tail, uint64_t seq, struct record_header *out_header)
{
    struct record_header header;
    int64_t got = tail->disk->ops->read(tail->disk->state, tail->file, tail->bytes,
                                        RECORD_HEADER_BYTES, tail->offset);
    if (got < 0)
        return (int)got;
    if (got < RECORD_HEADER_BYTES || !record_read_header(tail->bytes, &header) ||
        header.seq != seq || header.journal != tail->segment.journal)
        return 0;
    *out_header = header;
    return 1;
}

/* Reads the next record into tail->bytes: 1 when it is there and intact, 0 when not, -errno. */
static int read_record(struct tail *tail, struct record_header *out_header)
{
    struct record_header header;
    if (tail->file < 0 || tail->next_seq >= tail->limit_seq)
        return 0;
    int result = read_header(tail, tail->next_seq, &header);
    if (result != 1)
        return result;
    uint8_t *payload = tail->bytes + RECORD_HEADER_BYTES;
    int64_t got = 0;
    if (header.size_bytes > 0)
        got = tail->disk->ops->read(tail->disk->state, tail->file, payload, header.size_bytes,
                                    tail->offset + RECORD_HEADER_BYTES);
    if (got < 0)
        return (int)got;
    if (got < header.size_bytes || !record_is_intact(tail->bytes, payload, header.size_bytes))
        return 0;
    *out_header = header;
    return 1;
}

static bool fail_at(const struct tail *tail, int code, struct error *error)
{
    const char *form =
        "journal segment %016" PRIx64 ".segment: cannot read record %" PRIu64 " at byte %" PRIu64;
    if (code != 0)
        return error_system(error, code, form, tail->segment.number, tail->next_seq, tail->offset);
    return error_set(error, form, tail->segment.number, tail->next_seq, tail->offset);
}

/* Goes to the segment that took over from the one that ended; the offset is behind the records
 * before next_seq. False with words when there is none. */
static bool change_segment(struct tail *tail, struct error *error)
{
    struct place place = {.limit_seq = 0};
    if (!find_place(tail, &place, error))
        return false;
    if (!place.is_found)
        return error_set(error, "no journal segment holds record %" PRIu64, tail->next_seq);
    if (tail->file >= 0 && place.segment.number <= tail->segment.number)
        return fail_at(tail, 0, error);
    close_segment(tail);
    tail->segment = place.segment;
    tail->limit_seq = place.limit_seq;
    tail->offset = RECORD_SEGMENT_BYTES;
    tail->file = segment_open(tail->disk, place.segment.number);
    if (tail->file < 0)
        return fail_at(tail, -tail->file, error);
    for (uint64_t seq = place.segment.first_seq; seq < tail->next_seq; seq++) {
        struct record_header header;
        int result = read_header(tail, seq, &header);
        if (result != 1)
            return fail_at(tail, -result, error);
        tail->offset += record_stride(header.size_bytes);
    }
    return true;
}

enum tail_result tail_next(struct tail *tail, uint64_t durable_seq, struct tail_record *out_record,
                           struct error *error)
{
    struct record_header header;
    if (tail->next_seq > durable_seq)
        return TAIL_NONE;
    int result = read_record(tail, &header);
    if (result == 0) {
        if (!change_segment(tail, error))
            return TAIL_FAILED;
        result = read_record(tail, &header);
    }
    if (result != 1) {
        (void)fail_at(tail, -result, error);
        return TAIL_FAILED;
    }
    *out_record =
        (struct tail_record){header, tail->segment.timeline, tail->bytes + RECORD_HEADER_BYTES};
    tail->offset += record_stride(header.size_bytes);
    tail->next_seq++;
    return TAIL_RECORD;
}
