/* The journal's files after a disk did its worst: headers, sizes, CRC, and the changes inside. */
#include "fuzz/fuzz.h"

#include "base/ensure.h"
#include "journal/record.h"
#include "wire/framing.h"

static void walk_changes(const uint8_t *bytes, size_t size_bytes)
{
    struct framed framed;
    size_t offset = 0;
    while (framing_next(bytes, size_bytes, &offset, &framed)) {
        struct change change;
        (void)framing_change(&framed, &change);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct record_segment segment;
    struct record_header header;
    if (size_bytes >= RECORD_SEGMENT_BYTES)
        (void)record_read_segment(bytes, &segment);
    for (size_t at = 0; size_bytes - at >= RECORD_HEADER_BYTES;) {
        const uint8_t *payload = bytes + at + RECORD_HEADER_BYTES;
        size_t left = size_bytes - at - RECORD_HEADER_BYTES;
        if (!record_read_header(bytes + at, &header) || header.size_bytes > left)
            break;
        ensure(header.size_bytes <= RECORD_PAYLOAD_BYTES_MAX);
        (void)record_is_intact(bytes + at, payload, header.size_bytes);
        walk_changes(payload, header.size_bytes);
        uint64_t stride = record_stride(header.size_bytes);
        if (stride > size_bytes - at)
            break;
        at += stride;
    }
    return 0;
}
