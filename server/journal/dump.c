#include "journal/dump.h"

#include "base/clock.h"
#include "wire/framing.h"

static void begin_line(const struct record_header *header, struct text *text)
{
    text_json_open(text, NULL, '{');
    text_json_number(text, "seq", (int64_t)header->seq);
    text_json_number(text, "tick", (int64_t)header->tick);
}

static void end_line(struct text *text)
{
    text_json_close(text, '}');
    text_add(text, "\n");
}

void dump_record(const struct record_header *header, struct text *text)
{
    char time[28], digits[33];
    clock_format(header->wall_us, time);
    hash_format(header->hash, digits);
    begin_line(header, text);
    text_json_string(text, "time", time);
    text_json_string(text, "hash", digits);
    text_json_number(text, "durable_seq", (int64_t)header->durable_seq);
    text_json_number(text, "bytes", header->size_bytes);
    end_line(text);
}

static enum dump_result fail(const struct tail_record *record, size_t offset, const char *what,
                             uint32_t type, struct error *error)
{
    (void)error_set(error, "record %llu, byte %zu of %u: %s (kind %u)",
                    (unsigned long long)record->header.seq, offset, record->header.size_bytes, what,
                    type);
    return DUMP_MALFORMED;
}

enum dump_result dump_change(const struct tail_record *record, size_t *offset, struct text *text,
                             struct error *error)
{
    struct framed framed = {.type = 0};
    struct change change;
    size_t start = *offset;
    if (!framing_next(record->payload, record->header.size_bytes, offset, &framed))
        return *offset == record->header.size_bytes
                   ? DUMP_END
                   : fail(record, start, "this is no change", framed.type, error);
    if (!framing_change(&framed, &change))
        return fail(record, start, "a change that is malformed, or unknown to this version",
                    framed.type, error);
    begin_line(&record->header, text);
    text_add(text, ",\"change\":");
    schema_print(change_schema(change.kind), change_record_of(&change), text);
    end_line(text);
    return DUMP_CHANGE;
}
