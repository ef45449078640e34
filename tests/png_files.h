/* png_files.h - small PNG files made by hand, without a library: for tests about pictures.
 *
 * 8-bit RGBA, not interlaced, the pixels packed without being compressed. Deterministic. Use:
 * size = png_make(&look, bytes). */
#ifndef TILTH_TESTS_PNG_FILES_H
#define TILTH_TESTS_PNG_FILES_H

#include <stdint.h>
#include <string.h>

#include "base/ensure.h"

enum { PNG_BYTES_MAX = 1 << 16, PNG_ROWS_BYTES_MAX = 60000 };

/* A picture of one colour but for its first pixel. */
struct png_look {
    uint32_t width, height;
    uint32_t colour, first; /* 0xRRGGBBAA */
};

struct png_writer {
    uint8_t *bytes;
    uint32_t used;
};

/* Appends bytes. */
static inline void png_put(struct png_writer *writer, const void *bytes, uint32_t size)
{
    ensure(writer->used + size <= PNG_BYTES_MAX);
    if (size > 0)
        memcpy(writer->bytes + writer->used, bytes, size);
    writer->used += size;
}

/* Appends a number, the high byte first. */
static inline void png_put_number(struct png_writer *writer, uint32_t number)
{
    uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                        (uint8_t)number};
    png_put(writer, bytes, sizeof bytes);
}

/* CRC-32 of ISO 3309, bit by bit. */
static inline uint32_t png_crc(const uint8_t *bytes, uint32_t size)
{
    uint32_t crc = UINT32_MAX;
    for (uint32_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* Appends a chunk with its size and checksum. */
static inline void png_put_chunk(struct png_writer *writer, const char *name, const void *data,
                                 uint32_t size)
{
    png_put_number(writer, size);
    uint32_t from = writer->used;
    png_put(writer, name, 4);
    png_put(writer, data, size);
    png_put_number(writer, png_crc(writer->bytes + from, size + 4));
}

/* The rows, each behind its filter byte 0, as one stored block of zlib. */
static inline uint32_t png_rows(const struct png_look *look, uint8_t *out)
{
    uint32_t size = look->height * (1 + 4 * look->width), a = 1, b = 0, at = 7;
    ensure(size <= PNG_ROWS_BYTES_MAX);
    const uint8_t head[7] = {
        0x78, 0x01, 1, (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)~size, (uint8_t)(~size >> 8)};
    memcpy(out, head, sizeof head);
    for (uint32_t y = 0; y < look->height; y++) {
        out[at++] = 0;
        for (uint32_t x = 0; x < look->width; x++) {
            uint32_t colour = x + y == 0 ? look->first : look->colour;
            for (int shift = 24; shift >= 0; shift -= 8)
                out[at++] = (uint8_t)(colour >> shift);
        }
    }
    for (uint32_t i = 7; i < at; i++) { /* Adler-32 */
        a = (a + out[i]) % 65521;
        b = (b + a) % 65521;
    }
    const uint8_t sum[4] = {(uint8_t)(b >> 8), (uint8_t)b, (uint8_t)(a >> 8), (uint8_t)a};
    memcpy(out + at, sum, sizeof sum);
    return at + 4;
}

/* Writes the file; its size. */
static inline uint32_t png_make(const struct png_look *look, uint8_t bytes[PNG_BYTES_MAX])
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    static uint8_t rows[PNG_ROWS_BYTES_MAX + 16];
    struct png_writer writer = {bytes, 0};
    uint8_t head[13] = {0};
    head[2] = (uint8_t)(look->width >> 8);
    head[3] = (uint8_t)look->width;
    head[6] = (uint8_t)(look->height >> 8);
    head[7] = (uint8_t)look->height;
    head[8] = 8; /* bits */
    head[9] = 6; /* RGBA */
    png_put(&writer, signature, sizeof signature);
    png_put_chunk(&writer, "IHDR", head, sizeof head);
    png_put_chunk(&writer, "IDAT", rows, png_rows(look, rows));
    png_put_chunk(&writer, "IEND", NULL, 0);
    return writer.used;
}

#endif
