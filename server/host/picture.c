#include "host/picture.h"

#include <setjmp.h>
#include <string.h>

#include <png.h>

#include "base/crypto.h"
#include "base/ensure.h"
#include "base/memory.h"

enum {
    SIGNATURE_BYTES = 8,
    PIECE_HEAD_BYTES = 8,                            /* size and name of a chunk */
    PIECE_BYTES = 12,                                /* the same and the checksum */
    HEAD_BYTES = SIGNATURE_BYTES + PIECE_BYTES + 13, /* up to the end of IHDR */
    PIXEL_BYTES = 4,
    ZLIB_LEVEL = 6,
    READ_BYTES = 256, /* of compressed data at once */
    TAIL_BYTES = 512, /* behind the last row: an end, a sum and IEND take some 30 */
    /* For each pixel of the last row twice what 16 bits RGBA have, since data may also grow when
     * they are compressed. */
    TAIL_PX_BYTES = 16,
    ARENA_BYTES = 384 << 10, /* writing takes 280 KB, most of it zlib's (zconf.h), reading 45 */
    ARENA_PX_BYTES = 32,     /* for each pixel of a row: two rows of 16 bits RGBA, twice */
    ARENA_ALIGNMENT = 16,
};

static const uint8_t signature[SIGNATURE_BYTES] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

/* A buffer of the codec; what goes beyond it is counted and not kept. */
struct buffer {
    uint8_t *bytes;
    size_t capacity_bytes;
    size_t size_bytes;
};

struct picture_codec {
    struct picture_limits limits;
    uint32_t width_px, height_px;
    struct buffer file; /* the chunks that make the pixels, all IDAT as one */
    size_t file_at;     /* how far libpng has read */
    size_t idat_at;     /* where IDAT begins in the file; 0 before there is one */
    size_t idat_bytes;  /* its data */
    struct buffer canonical;
    struct buffer arena; /* what libpng and zlib take; empty before each picture */
    uint8_t *pixels;     /* RGBA, row by row without gaps */
    struct error trouble;
};

/* A chunk of a file. */
struct piece {
    const uint8_t *bytes; /* all of it */
    size_t size_bytes;
    char name[5];
};

static struct buffer buffer_reserve(size_t capacity_bytes)
{
    return (struct buffer){memory_reserve("pictures", capacity_bytes, 1), capacity_bytes, 0};
}

struct picture_codec *picture_codec_create(const struct picture_limits *limits)
{
    size_t side = limits->side_px_max;
    ensure(side > 0 && side <= PICTURE_SIDE_PX_MAX);
    ensure(limits->file_bytes_max > 0 && limits->canonical_bytes_max > 0);
    ensure(png_access_version_number() / 100 == PNG_LIBPNG_VER / 100); /* or it makes no struct */
    struct picture_codec *codec = memory_reserve("pictures", 1, sizeof *codec);
    codec->limits = *limits;
    codec->file = buffer_reserve(limits->file_bytes_max);
    codec->canonical = buffer_reserve(limits->canonical_bytes_max);
    codec->arena = buffer_reserve(ARENA_BYTES + ARENA_PX_BYTES * side);
    codec->pixels = memory_reserve("pictures", side * side, PIXEL_BYTES);
    return codec;
}

void picture_codec_destroy(struct picture_codec **codec)
{
    if (*codec == NULL)
        return;
    memory_release((*codec)->pixels);
    memory_release((*codec)->arena.bytes);
    memory_release((*codec)->canonical.bytes);
    memory_release((*codec)->file.bytes);
    memory_release(*codec);
    *codec = NULL;
}

static void buffer_add(struct buffer *buffer, const uint8_t *bytes, size_t size_bytes)
{
    if (buffer->size_bytes <= buffer->capacity_bytes &&
        size_bytes <= buffer->capacity_bytes - buffer->size_bytes)
        memcpy(buffer->bytes + buffer->size_bytes, bytes, size_bytes);
    buffer->size_bytes += size_bytes;
}

/* The CRC of a chunk (PNG, annex D: ISO 3309), four bits at a time. */
static uint32_t crc_of(const uint8_t *bytes, size_t size_bytes)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size_bytes; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* Says what the file is instead of a PNG. */
static bool refuse_kind(const uint8_t *bytes, size_t size_bytes, struct error *error)
{
    static const struct {
        const char *name, *mark;
        size_t at;
    } kinds[] = {{"GIF", "GIF8", 0}, {"JPEG", "\xff\xd8\xff", 0}, {"WebP", "WEBP", 8}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t mark_bytes = strlen(kinds[i].mark);
        if (size_bytes >= kinds[i].at + mark_bytes &&
            memcmp(bytes + kinds[i].at, kinds[i].mark, mark_bytes) == 0)
            return error_set(error, "the file looks like a %s, but a picture must be a PNG",
                             kinds[i].name);
    }
    return error_set(error, "the file is not a PNG");
}

static bool refuse_cut(struct error *error)
{
    return error_set(error, "the file is cut off before its end");
}

/* Looks at the first bytes only: is it a PNG, and of how many pixels? */
static bool check_head(struct picture_codec *codec, const uint8_t *bytes, size_t size_bytes,
                       struct error *error)
{
    static const uint8_t header[] = {0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    uint32_t bytes_max = codec->limits.file_bytes_max, side_max = codec->limits.side_px_max;
    if (size_bytes == 0)
        return error_set(error, "the file is empty");
    if (size_bytes > bytes_max)
        return error_set(error, "the file has %zu bytes, it may have %u", size_bytes, bytes_max);
    size_t signed_bytes = size_bytes < SIGNATURE_BYTES ? size_bytes : SIGNATURE_BYTES;
    if (memcmp(bytes, signature, signed_bytes) != 0)
        return refuse_kind(bytes, size_bytes, error);
    if (size_bytes < HEAD_BYTES)
        return refuse_cut(error);
    if (memcmp(bytes + SIGNATURE_BYTES, header, sizeof header) != 0)
        return error_set(error, "the file is damaged: it does not begin with IHDR");
    uint32_t width = png_get_uint_32(bytes + SIGNATURE_BYTES + sizeof header);
    uint32_t height = png_get_uint_32(bytes + SIGNATURE_BYTES + sizeof header + 4);
    if (width == 0 || height == 0)
        return error_set(error, "the picture has no pixels: it is %u wide and %u high", width,
                         height);
    if (width > side_max || height > side_max)
        return error_set(error, "the picture is %u pixels wide and %u high, it may be %u each",
                         width, height, side_max);
    codec->width_px = width;
    codec->height_px = height;
    return true;
}

/* Finds the chunk at the front of the bytes. */
static bool find_piece(const uint8_t *bytes, size_t size_bytes, struct piece *out_piece,
                       struct error *error)
{
    if (size_bytes < PIECE_BYTES)
        return refuse_cut(error);
    struct piece piece = {.bytes = bytes};
    memcpy(piece.name, bytes + 4, 4);
    for (size_t i = 0; i < 4; i++) {
        char lower = (char)(piece.name[i] | ('a' ^ 'A'));
        if (lower < 'a' || lower > 'z')
            return error_set(error, "the file is damaged: a chunk has no name");
    }
    uint32_t data_bytes = png_get_uint_32(bytes);
    if (data_bytes > PNG_UINT_31_MAX)
        return error_set(error, "the file is damaged: chunk %s has no size", piece.name);
    if (data_bytes > size_bytes - PIECE_BYTES)
        return refuse_cut(error);
    piece.size_bytes = PIECE_BYTES + data_bytes;
    if (png_get_uint_32(bytes + PIECE_HEAD_BYTES + data_bytes) != crc_of(bytes + 4, 4 + data_bytes))
        return error_set(error, "the file is damaged: chunk %s does not have its checksum",
                         piece.name);
    *out_piece = piece;
    return true;
}

static bool is_named(const struct piece *piece, const char *name)
{
    return strcmp(piece->name, name) == 0;
}

/* Do the pixels depend on the chunk? Those in capitals are critical, and no reader may skip them
 * (PNG, 5.4). */
static bool is_needed(const struct piece *piece)
{
    return (piece->name[0] & ('a' ^ 'A')) == 0 || is_named(piece, "tRNS");
}

/* Takes an IDAT over: its data go behind those of the one before. */
static void take_idat(struct picture_codec *codec, const struct piece *piece)
{
    struct buffer *file = &codec->file;
    size_t kept_bytes = 0;
    if (codec->idat_at == 0) {
        codec->idat_at = file->size_bytes;
    } else {
        kept_bytes = PIECE_HEAD_BYTES;
        file->size_bytes -= PIECE_BYTES - PIECE_HEAD_BYTES;
    }
    buffer_add(file, piece->bytes + kept_bytes, piece->size_bytes - kept_bytes);
    codec->idat_bytes += piece->size_bytes - PIECE_BYTES;
}

/* Gives the joined IDAT its size and its checksum. */
static void finish_idat(struct picture_codec *codec)
{
    if (codec->idat_at == 0)
        return;
    uint8_t *idat = codec->file.bytes + codec->idat_at;
    png_save_uint_32(idat, (uint32_t)codec->idat_bytes);
    png_save_uint_32(idat + PIECE_HEAD_BYTES + codec->idat_bytes,
                     crc_of(idat + 4, 4 + codec->idat_bytes));
}

/* Takes a chunk over, if the pixels depend on it. */
static bool take_piece(struct picture_codec *codec, const struct piece *piece, bool is_behind_idat,
                       struct error *error)
{
    bool is_idat = is_named(piece, "IDAT");
    if (is_named(piece, "acTL"))
        return error_set(error, "the picture is animated, but it must stand still");
    if (is_idat && codec->idat_at != 0 && !is_behind_idat)
        return error_set(error, "the file is damaged: there is a chunk between two IDAT");
    if (is_idat)
        take_idat(codec, piece);
    else if (is_needed(piece))
        buffer_add(&codec->file, piece->bytes, piece->size_bytes);
    return true;
}

/* Checks the file chunk by chunk, and takes over what the pixels depend on. */
static bool take_file(struct picture_codec *codec, const uint8_t *bytes, size_t size_bytes,
                      struct error *error)
{
    struct piece piece = {.bytes = bytes}; /* the signature, which has no name */
    codec->file_at = 0;
    codec->file.size_bytes = 0;
    codec->idat_at = 0;
    codec->idat_bytes = 0;
    buffer_add(&codec->file, bytes, SIGNATURE_BYTES);
    size_t at = SIGNATURE_BYTES;
    while (!is_named(&piece, "IEND")) {
        bool is_behind_idat = is_named(&piece, "IDAT");
        if (!find_piece(bytes + at, size_bytes - at, &piece, error) ||
            !take_piece(codec, &piece, is_behind_idat, error))
            return false;
        at += piece.size_bytes;
    }
    finish_idat(codec);
    if (at < size_bytes)
        return error_set(error, "the file has %zu bytes behind the end of the picture",
                         size_bytes - at);
    return true;
}

/* libpng's malloc. */
static png_voidp take_memory(png_structp png, png_alloc_size_t size_bytes)
{
    struct picture_codec *codec = png_get_mem_ptr(png);
    struct buffer *arena = &codec->arena;
    size_t room = arena->capacity_bytes - arena->size_bytes;
    if (size_bytes > room || room - size_bytes < ARENA_ALIGNMENT) {
        (void)error_set(&codec->trouble, "the picture takes more memory than there is for one");
        return NULL;
    }
    uint8_t *memory = arena->bytes + arena->size_bytes;
    arena->size_bytes += (size_bytes + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
    return memory;
}

/* libpng's free: the next picture finds all memory free. */
static void leave_memory(png_structp png, png_voidp memory)
{
    (void)png;
    (void)memory;
}

/* What libpng calls when it cannot go on: back to where setjmp was. Where memory is short, that
 * was told before. */
static void escape(png_structp png, png_const_charp words)
{
    struct picture_codec *codec = png_get_error_ptr(png);
    if (codec->trouble.text[0] == '\0')
        (void)error_set(&codec->trouble, "the file is damaged: %s", words);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp words)
{
    (void)png;
    (void)words;
}

static void give_bytes(png_structp png, png_bytep out_bytes, size_t size_bytes)
{
    struct picture_codec *codec = png_get_io_ptr(png);
    if (size_bytes > codec->file.size_bytes - codec->file_at)
        png_error(png, "it ends too early");
    memcpy(out_bytes, codec->file.bytes + codec->file_at, size_bytes);
    codec->file_at += size_bytes;
}

static void take_bytes(png_structp png, png_bytep bytes, size_t size_bytes)
{
    struct picture_codec *codec = png_get_io_ptr(png);
    buffer_add(&codec->canonical, bytes, size_bytes);
}

static void ignore_flush(png_structp png)
{
    (void)png;
}

/* Asks libpng for 8 bits RGBA, whatever there is. */
static void ask_for_rgba(png_structp png)
{
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, UINT8_MAX, PNG_FILLER_AFTER);
}

/* Before the last row: are there not many more data than it takes? libpng inflates what is left
 * behind it to the end, however much that becomes. */
static void check_tail(struct picture_codec *codec, png_structp png)
{
    size_t left_bytes = codec->file.size_bytes - codec->file_at;
    if (left_bytes > TAIL_BYTES + TAIL_PX_BYTES * (size_t)codec->width_px)
        png_error(png, "it has more data than pixels");
}

static void read_rows(struct picture_codec *codec, png_structp png, uint32_t row_count)
{
    size_t row_bytes = (size_t)codec->width_px * PIXEL_BYTES;
    for (uint32_t row = 0; row < row_count; row++) {
        if (row + 1 == row_count)
            check_tail(codec, png);
        png_read_row(png, codec->pixels + row % codec->height_px * row_bytes, NULL);
    }
}

static void read_pixels(struct picture_codec *codec, png_structp png, png_infop info)
{
    png_set_read_fn(png, codec, give_bytes);
    png_set_benign_errors(png, 0); /* what is wrong is refused, also where one could go on */
    png_set_user_limits(png, codec->limits.side_px_max, codec->limits.side_px_max);
    png_set_compression_buffer_size(png, READ_BYTES);
    png_read_info(png, info);
    ask_for_rgba(png);
    uint32_t passes = (uint32_t)png_set_interlace_handling(png); /* each goes over all rows */
    png_read_update_info(png, info);
    ensure(png_get_rowbytes(png, info) == (size_t)codec->width_px * PIXEL_BYTES);
    read_rows(codec, png, passes * codec->height_px);
    png_read_end(png, NULL);
}

static bool is_opaque(const struct picture_codec *codec)
{
    size_t count = (size_t)codec->width_px * codec->height_px;
    uint8_t all = UINT8_MAX;
    for (size_t i = 0; i < count; i++)
        all &= codec->pixels[i * PIXEL_BYTES + PIXEL_BYTES - 1];
    return all == UINT8_MAX;
}

static void write_pixels(struct picture_codec *codec, png_structp png, png_infop info)
{
    size_t row_bytes = (size_t)codec->width_px * PIXEL_BYTES;
    png_set_write_fn(png, codec, take_bytes, ignore_flush);
    bool has_alpha = !is_opaque(codec);
    png_set_IHDR(png, info, codec->width_px, codec->height_px, 8,
                 has_alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_set_compression_level(png, ZLIB_LEVEL);
    png_write_info(png, info);
    if (!has_alpha)
        png_set_filler(png, 0, PNG_FILLER_AFTER); /* leaves it out */
    for (uint32_t y = 0; y < codec->height_px; y++)
        png_write_row(png, codec->pixels + y * row_bytes);
    png_write_end(png, NULL);
}

/* Nothing but a call may stand between setjmp and what jumps back: variables would be lost. */
static bool try_to_read(struct picture_codec *codec, png_structp png, png_infop info)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    read_pixels(codec, png, info);
    return true;
}

static bool try_to_write(struct picture_codec *codec, png_structp png, png_infop info)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    write_pixels(codec, png, info);
    return true;
}

/* The pixels of the file that was taken; false with words in codec->trouble. */
static bool decode(struct picture_codec *codec)
{
    codec->arena.size_bytes = 0;
    png_structp png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, codec, escape, ignore_warning,
                                               codec, take_memory, leave_memory);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    bool is_read = info != NULL && try_to_read(codec, png, info);
    png_destroy_read_struct(&png, &info, NULL);
    return is_read;
}

/* The canonical bytes of the pixels; false with words in codec->trouble. */
static bool encode(struct picture_codec *codec)
{
    codec->arena.size_bytes = 0;
    codec->canonical.size_bytes = 0;
    png_structp png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, codec, escape,
                                                ignore_warning, codec, take_memory, leave_memory);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    bool is_written = info != NULL && try_to_write(codec, png, info);
    png_destroy_write_struct(&png, &info);
    return is_written;
}

bool picture_make(struct picture_codec *codec, const uint8_t *bytes, size_t size_bytes,
                  struct picture *out_picture, struct error *error)
{
    const struct buffer *canonical = &codec->canonical;
    codec->trouble = (struct error){""};
    if (!check_head(codec, bytes, size_bytes, error) || !take_file(codec, bytes, size_bytes, error))
        return false;
    if (!decode(codec) || !encode(codec))
        return error_set(error, "%s", codec->trouble.text);
    if (canonical->size_bytes > canonical->capacity_bytes)
        return error_set(error,
                         "the picture takes %zu bytes as it is kept (the file has %zu), it may "
                         "take %zu: fewer pixels or fewer colours help",
                         canonical->size_bytes, size_bytes, canonical->capacity_bytes);
    *out_picture = (struct picture){
        .width_px = codec->width_px,
        .height_px = codec->height_px,
        .id = crypto_digest_128(canonical->bytes, canonical->size_bytes),
        .bytes = canonical->bytes,
        .size_bytes = canonical->size_bytes,
    };
    return true;
}
