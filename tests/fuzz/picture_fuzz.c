/* A picture that a player sends: it becomes canonical, which it stays, or is refused in words. Once
 * as it is, and once with the checksums of its chunks mended, so that libpng sees what is inside.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/crypto.h"
#include "base/ensure.h"
#include "base/memory.h"
#include "host/picture.h"

enum { SIGNATURE_BYTES = 8, AROUND_BYTES = 12 };

/* Few pixels, since more of them are only slower. */
static const struct picture_limits limits = {
    .file_bytes_max = 4096, .side_px_max = 64, .canonical_bytes_max = 16384};

static uint32_t read_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t crc_of(const uint8_t *bytes, size_t size_bytes)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size_bytes; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
    }
    return ~crc;
}

/* Gives every whole chunk its checksum. */
static void mend(uint8_t *bytes, size_t size_bytes)
{
    size_t at = SIGNATURE_BYTES;
    while (size_bytes >= at + AROUND_BYTES) {
        size_t data_bytes = read_number(bytes + at);
        if (data_bytes > size_bytes - at - AROUND_BYTES)
            return;
        uint32_t crc = crc_of(bytes + at + 4, 4 + data_bytes);
        for (size_t i = 0; i < 4; i++)
            bytes[at + 8 + data_bytes + i] = (uint8_t)(crc >> (24 - 8 * i));
        at += AROUND_BYTES + data_bytes;
    }
}

static void check(struct picture_codec *codec, const uint8_t *bytes, size_t size_bytes)
{
    struct picture picture = {0};
    struct picture again = {0};
    struct error error = {""};
    if (!picture_make(codec, bytes, size_bytes, &picture, &error)) {
        ensure(error.text[0] != '\0' && picture.bytes == NULL);
        return;
    }
    ensure(picture.width_px >= 1 && picture.width_px <= limits.side_px_max);
    ensure(picture.height_px >= 1 && picture.height_px <= limits.side_px_max);
    ensure(picture.size_bytes <= limits.canonical_bytes_max);
    if (picture.size_bytes > limits.file_bytes_max)
        return;
    ensure(picture_make(codec, picture.bytes, picture.size_bytes, &again, &error));
    ensure(hash_is_equal(again.id, picture.id) && again.size_bytes == picture.size_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static struct picture_codec *codec;
    static uint8_t mended[4096];
    if (codec == NULL) {
        ensure(crypto_start(NULL));
        codec = picture_codec_create(&limits);
    }
    check(codec, bytes, size_bytes);
    if (size_bytes == 0 || size_bytes > sizeof mended)
        return 0;
    memcpy(mended, bytes, size_bytes);
    mend(mended, size_bytes);
    check(codec, mended, size_bytes);
    return 0;
}
