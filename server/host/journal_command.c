#include "host/journal_command.h"

#include <errno.h>

#include "base/clock.h"
#include "base/memory.h"
#include "journal/dump.h"
#include "journal/segment.h"

enum { LOOKS_MAX = 3, LOOK_AGAIN_US = 200 * 1000 };

/* A journal being read. */
struct reading {
    struct disk disk;
    struct recovered recovered;
    bool is_damaged; /* `damage` says how */
    struct error damage;
    struct tail *tail;
    struct text line;
    uint64_t changes;
    bool has_gap; /* the journal never had some of the records */
    FILE *out;    /* NULL: lines are only made */
};

/* A server may be writing: between two reads of a file an older page can look as if it were missing
 * behind a newer one, and a segment can be gone. That passes. */
bool journal_command_look(struct disk *disk, struct recovered *out, struct error *error)
{
    struct error words = {""};
    for (uint32_t i = 0; i < LOOKS_MAX; i++) {
        if (i > 0)
            clock_sleep_until(clock_now().mono_us + LOOK_AGAIN_US);
        if (recover_scan(disk, 0, out, &words))
            return true;
    }
    *error = words;
    return false;
}

static bool open_reading(struct reading *reading, const char *folder, FILE *out,
                         struct error *error)
{
    *reading = (struct reading){.out = out};
    if (!disk_posix_open_reading(&reading->disk, folder, error))
        return false;
    char *bytes = memory_reserve("journal dump", 1, DUMP_LINE_BYTES);
    text_init(&reading->line, bytes, DUMP_LINE_BYTES);
    reading->is_damaged =
        !journal_command_look(&reading->disk, &reading->recovered, &reading->damage);
    return true;
}

static void close_reading(struct reading *reading)
{
    tail_close(&reading->tail);
    memory_release(reading->line.bytes);
    disk_posix_close(&reading->disk);
}

static bool put_line(struct reading *reading, struct error *error)
{
    bool is_out = reading->out == NULL || fputs(reading->line.bytes, reading->out) >= 0;
    text_clear(&reading->line);
    return is_out ? true : error_system(error, errno, "cannot write the records out");
}

/* The record's lines. */
static bool put_record(struct reading *reading, const struct tail_record *record,
                       struct error *error)
{
    enum dump_result result;
    size_t offset = 0;
    dump_record(&record->header, &reading->line);
    if (!put_line(reading, error))
        return false;
    while ((result = dump_change(record, &offset, &reading->line, error)) == DUMP_CHANGE) {
        reading->changes++;
        if (!put_line(reading, error))
            return false;
    }
    return result == DUMP_END;
}

/* Goes through the records from *seq on, which then is the first that was not read. */
static bool read_on(struct reading *reading, uint64_t to_seq, uint64_t *seq, struct error *error)
{
    struct tail_record record;
    enum tail_result result = TAIL_NONE;
    tail_close(&reading->tail);
    reading->tail = tail_open(&reading->disk, *seq, error);
    if (reading->tail == NULL)
        return false;
    while ((result = tail_next(reading->tail, to_seq, &record, error)) == TAIL_RECORD) {
        if (!put_record(reading, &record, error))
            return false;
        ++*seq;
    }
    return result == TAIL_NONE;
}

/* Goes through the records of the range, which are there, or where the journal is damaged may be.
 */
static bool read_records(struct reading *reading, struct journal_range range, struct error *error)
{
    uint64_t seq = range.from_seq, next_seq = 0;
    while (seq <= range.to_seq) {
        if (segment_is_gap(&reading->disk, seq, &next_seq)) {
            reading->has_gap = true;
            seq = next_seq;
        } else if (!read_on(reading, range.to_seq, &seq, error) &&
                   !segment_is_gap(&reading->disk, seq, &next_seq)) {
            return false;
        }
    }
    return true;
}

/* The first record's number that a segment says it has; 0 when there is none. */
static uint64_t first_claimed(const struct reading *reading)
{
    struct record_segment segment;
    uint64_t number = 0, first_seq = 0;
    while (segment_next(&reading->disk, number, &number) == 1) {
        bool is_good = segment_peek(&reading->disk, number, &segment, NULL) == 1;
        if (is_good && (first_seq == 0 || segment.first_seq < first_seq))
            first_seq = segment.first_seq;
    }
    return first_seq;
}

static void tell_whole(const struct reading *reading, const char *folder, FILE *out)
{
    const struct recovered *recovered = &reading->recovered;
    const char *plural = recovered->segments == 1 ? "" : "s";
    char digits[33];
    hash_format(recovered->last.hash, digits);
    (void)fprintf(out, "journal %s: ", folder);
    if (recovered->is_empty)
        (void)fprintf(out, "no segment\n");
    else if (recovered->last.seq == 0)
        (void)fprintf(out, "%u segment%s without a record\n", recovered->segments, plural);
    else
        (void)fprintf(
            out,
            "%u segment%s, records %llu to %llu%s with %llu changes, up to tick %llu, world "
            "hash %s; %llu bytes behind them were never confirmed\n",
            recovered->segments, plural, (unsigned long long)recovered->first_seq,
            (unsigned long long)recovered->last.seq,
            reading->has_gap ? ", but for those that a restore brought," : "",
            (unsigned long long)reading->changes, (unsigned long long)recovered->last.tick, digits,
            (unsigned long long)recovered->cut_bytes);
}

static bool check(struct reading *reading, const char *folder, FILE *out, struct error *error)
{
    struct journal_range all = {reading->recovered.first_seq, reading->recovered.last.seq};
    if (reading->is_damaged) {
        *error = reading->damage;
        return false;
    }
    if (all.to_seq > 0 && !read_records(reading, all, error))
        return false;
    tell_whole(reading, folder, out);
    return true;
}

bool journal_command_check(const char *folder, FILE *out, struct error *error)
{
    struct reading reading;
    if (!open_reading(&reading, folder, NULL, error))
        return false;
    bool is_whole = check(&reading, folder, out, error);
    close_reading(&reading);
    return is_whole;
}

static bool dump(struct reading *reading, struct journal_range range, struct error *error)
{
    const struct recovered *recovered = &reading->recovered;
    uint64_t first = reading->is_damaged ? first_claimed(reading) : recovered->first_seq;
    uint64_t last = reading->is_damaged ? UINT64_MAX : recovered->last.seq;
    if (range.from_seq < first)
        range.from_seq = first;
    if (range.to_seq > last)
        range.to_seq = last;
    bool is_read =
        first != 0 && range.from_seq <= range.to_seq && read_records(reading, range, error);
    if (reading->is_damaged && !is_read)
        *error = reading->damage;
    else if (first == 0)
        return error_set(error, "the journal has no record");
    else if (range.from_seq > range.to_seq)
        return error_set(error, "none of these records is there; the journal has %llu to %llu",
                         (unsigned long long)first, (unsigned long long)last);
    return is_read;
}

bool journal_command_dump(const char *folder, struct journal_range range, FILE *out,
                          struct error *error)
{
    struct reading reading;
    if (!open_reading(&reading, folder, out, error))
        return false;
    bool is_whole = dump(&reading, range, error);
    close_reading(&reading);
    return is_whole;
}
