/* Any bytes as any record of a change, an intent or a message (the first byte says which): what
 * decodes is in range, encodes again and decodes to the same. */
#include "fuzz/fuzz.h"

#include "base/ensure.h"
#include "wire/message.h"

enum { RECORD_BYTES = 512 };

/* The schema that the number stands for, of all changes, intents and messages. */
static const struct schema *schema_of(uint32_t number)
{
    number %= CHANGE_KIND_COUNT + INTENT_KIND_COUNT + MESSAGE_KIND_COUNT - 3;
    if (number < CHANGE_KIND_COUNT - 1)
        return change_schema((enum change_kind)(number + 1));
    number -= CHANGE_KIND_COUNT - 1;
    if (number < INTENT_KIND_COUNT - 1)
        return intent_schema((enum intent_kind)(number + 1));
    return message_schema((enum message_kind)(number - (INTENT_KIND_COUNT - 1) + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static uint8_t again[1 << 20];
    _Alignas(16) uint8_t record[RECORD_BYTES], decoded[RECORD_BYTES];
    char text[256];
    struct text printed;
    struct bit_writer writer;
    if (size_bytes < 1)
        return 0;
    const struct schema *schema = schema_of(bytes[0]);
    ensure(schema->size_bytes <= RECORD_BYTES);
    if (!codec_decode_body(bytes + 1, size_bytes - 1, schema, record))
        return 0;
    ensure(schema_check(schema, record, NULL));
    bits_write_init(&writer, again, sizeof again);
    codec_encode(&writer, schema, record);
    size_t again_size = bits_finish_writing(&writer);
    ensure(!writer.is_failed && again_size >= size_bytes - 1 &&
           again_size <= codec_size_max(schema));
    ensure(codec_decode_body(again, again_size, schema, decoded));
    ensure(schema_is_equal(schema, record, decoded));
    text_init(&printed, text, sizeof text);
    schema_print(schema, record, &printed);
    return 0;
}
