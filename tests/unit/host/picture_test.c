#include "host/picture.h"

#include <stdio.h>
#include <string.h>

#include <png.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "testing.h"

enum { SIDE = 256, FILE_MAX = 65536, ROOM = 1 << 20, DATA_AT = 8, AROUND = 12, END_BYTES = 12 };

static const struct picture_limits usual = {FILE_MAX, SIDE, 300000};

/* A file as a player may send it. */
struct file {
    uint8_t bytes[ROOM];
    size_t size_bytes;
};

/* What is drawn by chance. Zeroed counts: no PLTE, no tRNS. */
struct sheet {
    uint32_t width, height;
    int depth, colour, interlace;
    int palette_count, alpha_count; /* alpha_count: for a palette entries, else 1 for a colour */
};

/* The drawing's data: rows as they are packed in a PNG, and the chunks beside them. */
struct drawing {
    uint8_t rows[SIDE][SIDE * 8];
    png_color palette[256];
    uint8_t alphas[256];
    png_color_16 clear; /* the colour that is transparent */
};

static struct file file, other;
static struct drawing drawing;
static uint8_t seen[SIDE * SIDE * 4];

static uint32_t chance(void)
{
    static uint32_t state = 12345;
    state = state * 1664525 + 1013904223;
    return state >> 16;
}

static struct picture_codec *codec_make(const struct picture_limits *limits)
{
    ck_assert(crypto_start(NULL));
    return picture_codec_create(limits);
}

static uint32_t channels_of(int colour)
{
    static const uint32_t channels[] = {1, 0, 3, 1, 2, 0, 4};
    return channels[colour];
}

static uint32_t bits_of(const struct sheet *sheet)
{
    return channels_of(sheet->colour) * (uint32_t)sheet->depth;
}

/* One sample of a packed row. */
static uint32_t sample_of(const struct sheet *sheet, uint32_t x, uint32_t y, uint32_t channel)
{
    uint32_t depth = (uint32_t)sheet->depth;
    uint32_t bit = x * bits_of(sheet) + channel * depth;
    const uint8_t *at = &drawing.rows[y][bit / 8];
    if (depth == 16)
        return (uint32_t)at[0] << 8 | at[1];
    return at[0] >> (8 - depth - bit % 8) & ((1U << depth) - 1);
}

static uint8_t to_8_bits(const struct sheet *sheet, uint32_t sample)
{
    uint32_t top = (1U << sheet->depth) - 1;
    return (uint8_t)((sample * 255 + top / 2) / top);
}

/* The pixel as the PNG specification has it (13.12: scaled, not cut). */
static void expect_pixel(const struct sheet *sheet, uint32_t x, uint32_t y, uint8_t out_rgba[4])
{
    uint32_t samples[4], channels = channels_of(sheet->colour);
    for (uint32_t i = 0; i < channels; i++)
        samples[i] = sample_of(sheet, x, y, i);
    out_rgba[3] = 255;
    if (sheet->colour == PNG_COLOR_TYPE_PALETTE) {
        png_color colour = drawing.palette[samples[0]];
        memcpy(out_rgba, (uint8_t[]){colour.red, colour.green, colour.blue}, 3);
        if (samples[0] < (uint32_t)sheet->alpha_count)
            out_rgba[3] = drawing.alphas[samples[0]];
        return;
    }
    bool is_gray = channels <= 2;
    for (uint32_t i = 0; i < 3; i++)
        out_rgba[i] = to_8_bits(sheet, samples[is_gray ? 0 : i]);
    if (channels % 2 == 0)
        out_rgba[3] = to_8_bits(sheet, samples[channels - 1]);
    else if (sheet->alpha_count > 0 && is_gray && samples[0] == drawing.clear.gray)
        out_rgba[3] = 0;
    else if (sheet->alpha_count > 0 && !is_gray && samples[0] == drawing.clear.red &&
             samples[1] == drawing.clear.green && samples[2] == drawing.clear.blue)
        out_rgba[3] = 0;
}

static void draw(const struct sheet *sheet)
{
    for (uint32_t y = 0; y < sheet->height; y++)
        for (uint32_t i = 0; i < (sheet->width * bits_of(sheet) + 7) / 8; i++)
            drawing.rows[y][i] = (uint8_t)chance();
    for (uint32_t i = 0; i < 256; i++) {
        drawing.palette[i] = (png_color){(uint8_t)chance(), (uint8_t)chance(), (uint8_t)chance()};
        drawing.alphas[i] = (uint8_t)chance();
    }
    if (sheet->colour == PNG_COLOR_TYPE_PALETTE)
        return;
    /* The colour of a pixel that is there; with 16 bits its neighbour differs in the last bit. */
    uint32_t channels = channels_of(sheet->colour);
    uint32_t bytes = bits_of(sheet) / 8;
    if (sheet->depth == 16 && sheet->width > 1) {
        memcpy(&drawing.rows[0][bytes], &drawing.rows[0][0], bytes);
        drawing.rows[0][2 * bytes - 1] ^= 1;
    }
    drawing.clear.gray = (uint16_t)sample_of(sheet, 0, 0, 0);
    drawing.clear.red = drawing.clear.gray;
    drawing.clear.green = (uint16_t)sample_of(sheet, 0, 0, channels > 2 ? 1 : 0);
    drawing.clear.blue = (uint16_t)sample_of(sheet, 0, 0, channels > 2 ? 2 : 0);
}

static void write_bytes(png_structp png, png_bytep bytes, size_t size_bytes)
{
    struct file *out = png_get_io_ptr(png);
    ck_assert(size_bytes <= ROOM - out->size_bytes);
    memcpy(out->bytes + out->size_bytes, bytes, size_bytes);
    out->size_bytes += size_bytes;
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

static void set_chunks(png_structp png, png_infop info, const struct sheet *sheet)
{
    png_set_IHDR(png, info, sheet->width, sheet->height, sheet->depth, sheet->colour,
                 sheet->interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (sheet->palette_count > 0)
        png_set_PLTE(png, info, drawing.palette, sheet->palette_count);
    if (sheet->alpha_count > 0)
        png_set_tRNS(png, info, drawing.alphas, sheet->alpha_count, &drawing.clear);
}

/* Writes the drawing. */
static void write_file(const struct sheet *sheet, struct file *out)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_bytep rows[SIDE];
    for (uint32_t y = 0; y < SIDE; y++)
        rows[y] = drawing.rows[y];
    out->size_bytes = 0;
    png_set_write_fn(png, out, write_bytes, flush_nothing);
    png_set_check_for_invalid_index(png, -1);
    set_chunks(png, info, sheet);
    png_write_info(png, info);
    (void)png_set_interlace_handling(png);
    png_write_image(png, rows);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}

static void draw_file(const struct sheet *sheet, struct file *out)
{
    draw(sheet);
    write_file(sheet, out);
}

/* A small one with a palette and a tRNS. */
static void draw_small(struct file *out)
{
    struct sheet sheet = {5, 3, 4, PNG_COLOR_TYPE_PALETTE, 0, 16, 7};
    draw_file(&sheet, out);
}

static uint32_t number_at(const struct file *in, size_t at)
{
    return png_get_uint_32(in->bytes + at);
}

/* CRC-32 bit by bit. */
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

/* Gives the chunk its checksum again. */
static void mend(struct file *in, size_t at)
{
    uint32_t data_bytes = number_at(in, at);
    png_save_uint_32(in->bytes + at + DATA_AT + data_bytes,
                     crc_of(in->bytes + at + 4, 4 + data_bytes));
}

/* Where the first chunk of that name begins. */
static size_t find(const struct file *in, const char *name)
{
    size_t at = 8;
    while (memcmp(in->bytes + at + 4, name, 4) != 0) {
        at += AROUND + number_at(in, at);
        ck_assert(at + AROUND <= in->size_bytes);
    }
    return at;
}

static void insert(struct file *in, size_t at, const char *name, const void *data,
                   size_t size_bytes)
{
    ck_assert(AROUND + size_bytes <= ROOM - in->size_bytes);
    memmove(in->bytes + at + AROUND + size_bytes, in->bytes + at, in->size_bytes - at);
    png_save_uint_32(in->bytes + at, (uint32_t)size_bytes);
    memcpy(in->bytes + at + 4, name, 4);
    memcpy(in->bytes + at + DATA_AT, data, size_bytes);
    in->size_bytes += AROUND + size_bytes;
    mend(in, at);
}

static void cut_out(struct file *in, size_t at)
{
    size_t size_bytes = AROUND + number_at(in, at);
    memmove(in->bytes + at, in->bytes + at + size_bytes, in->size_bytes - at - size_bytes);
    in->size_bytes -= size_bytes;
}

static void set_size(struct file *in, uint32_t width, uint32_t height)
{
    png_save_uint_32(in->bytes + 16, width);
    png_save_uint_32(in->bytes + 20, height);
    mend(in, 8);
}

static struct picture make(struct picture_codec *codec, const struct file *in)
{
    struct picture picture;
    struct error error = {""};
    ck_assert_msg(picture_make(codec, in->bytes, in->size_bytes, &picture, &error), "%s",
                  error.text);
    return picture;
}

/* Makes a picture of bytes that end where their memory ends. */
static bool make_of(struct picture_codec *codec, const uint8_t *bytes, size_t size_bytes,
                    struct error *error)
{
    struct picture picture = {.width_px = 77};
    uint8_t *exact = malloc(size_bytes > 0 ? size_bytes : 1);
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, bytes, size_bytes);
    error->text[0] = '\0';
    bool is_made = picture_make(codec, exact, size_bytes, &picture, error);
    ck_assert(is_made == (error->text[0] == '\0'));
    ck_assert(is_made || (picture.width_px == 77 && picture.bytes == NULL));
    free(exact);
    return is_made;
}

static void expect_refused(struct picture_codec *codec, const struct file *in, const char *words)
{
    struct error error;
    ck_assert_msg(!make_of(codec, in->bytes, in->size_bytes, &error), "taken, not: %s", words);
    ck_assert_msg(strstr(error.text, words) != NULL, "%s, not: %s", error.text, words);
}

/* Reads the canonical picture into `seen`, by libpng's own short way. */
static void look(const struct picture *picture)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    ck_assert(png_image_begin_read_from_memory(&image, picture->bytes, picture->size_bytes));
    ck_assert_uint_eq(image.width, picture->width_px);
    ck_assert_uint_eq(image.height, picture->height_px);
    image.format = PNG_FORMAT_RGBA;
    ck_assert(png_image_finish_read(&image, NULL, seen, 0, NULL));
}

/* IHDR of the only two forms, then IDAT, IEND and nothing else. */
static void check_form(const struct picture *picture)
{
    uint8_t form[] = {8, PNG_COLOR_TYPE_RGB_ALPHA, 0, 0, PNG_INTERLACE_NONE};
    uint8_t least_alpha = UINT8_MAX;
    look(picture);
    for (size_t i = 0; i < (size_t)picture->width_px * picture->height_px; i++)
        least_alpha = seen[4 * i + 3] < least_alpha ? seen[4 * i + 3] : least_alpha;
    if (least_alpha == UINT8_MAX)
        form[1] = PNG_COLOR_TYPE_RGB;
    ck_assert_uint_eq(png_get_uint_32(picture->bytes + 16), picture->width_px);
    ck_assert_uint_eq(png_get_uint_32(picture->bytes + 20), picture->height_px);
    ck_assert_mem_eq(picture->bytes + 24, form, sizeof form);
    size_t at = 33;
    while (memcmp(picture->bytes + at + 4, "IDAT", 4) == 0)
        at += AROUND + png_get_uint_32(picture->bytes + at);
    ck_assert_mem_eq(picture->bytes + at + 4, "IEND", 4);
    ck_assert_uint_eq(at + END_BYTES, picture->size_bytes);
    ck_assert(hash_is_equal(picture->id, crypto_digest_128(picture->bytes, picture->size_bytes)));
}

static void check_pixels(const struct sheet *sheet, const struct picture *picture)
{
    ck_assert_uint_eq(picture->width_px, sheet->width);
    ck_assert_uint_eq(picture->height_px, sheet->height);
    look(picture);
    for (uint32_t y = 0; y < sheet->height; y++)
        for (uint32_t x = 0; x < sheet->width; x++) {
            uint8_t wanted[4];
            expect_pixel(sheet, x, y, wanted);
            ck_assert_msg(memcmp(seen + (y * sheet->width + x) * 4, wanted, 4) == 0,
                          "colour type %d, depth %d, interlace %d, at %u %u of %u %u",
                          sheet->colour, sheet->depth, sheet->interlace, x, y, sheet->width,
                          sheet->height);
        }
}

/* The canonical picture of a canonical one is itself. */
static void check_again(struct picture_codec *codec, const struct picture *picture)
{
    struct picture again;
    other.size_bytes = picture->size_bytes;
    memcpy(other.bytes, picture->bytes, picture->size_bytes);
    ck_assert(picture_make(codec, picture->bytes, picture->size_bytes, &again, NULL));
    ck_assert(hash_is_equal(again.id, picture->id));
    ck_assert_uint_eq(again.size_bytes, other.size_bytes);
    ck_assert_mem_eq(again.bytes, other.bytes, other.size_bytes);
}

static void check_sheet(struct picture_codec *codec, const struct sheet *sheet)
{
    draw_file(sheet, &file);
    struct picture picture = make(codec, &file);
    check_form(&picture);
    check_pixels(sheet, &picture);
    check_again(codec, &picture);
}

/* All sizes of one form, plain and interlaced. */
static void check_sizes(struct picture_codec *codec, struct sheet sheet)
{
    static const uint32_t sizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {2, 2}, {5, 3}, {17, 9}, {64, 64}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        sheet.width = sizes[i][0];
        sheet.height = sizes[i][1];
        sheet.interlace = PNG_INTERLACE_NONE;
        check_sheet(codec, &sheet);
        sheet.interlace = PNG_INTERLACE_ADAM7;
        check_sheet(codec, &sheet);
    }
}

START_TEST(every_form_of_png_gives_its_pixels)
{
    static const int forms[][2] = {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1},
                                   {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};
    struct picture_codec *codec = codec_make(&usual);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct sheet sheet = {.colour = forms[i][0], .depth = forms[i][1]};
        if (sheet.colour == PNG_COLOR_TYPE_PALETTE)
            sheet.palette_count = 1 << sheet.depth;
        check_sizes(codec, sheet);
        if ((sheet.colour & PNG_COLOR_MASK_ALPHA) != 0)
            continue;
        sheet.alpha_count = sheet.palette_count > 0 ? (sheet.palette_count + 1) / 2 : 1;
        check_sizes(codec, sheet);
    }
    picture_codec_destroy(&codec);
    ck_assert_ptr_null(codec);
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(the_largest_in_every_direction)
{
    struct picture_limits limits = {ROOM, SIDE, ROOM};
    struct picture_codec *codec = codec_make(&limits);
    struct sheet sheet = {SIDE, SIDE, 16, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_ADAM7, 0, 0};
    check_sheet(codec, &sheet);
    picture_codec_destroy(&codec);
    limits.side_px_max = PICTURE_SIDE_PX_MAX;
    codec = codec_make(&limits);
    png_image image = {.version = PNG_IMAGE_VERSION, .width = PICTURE_SIDE_PX_MAX, .height = 2};
    image.format = PNG_FORMAT_LINEAR_RGB_ALPHA;
    static uint16_t pixels[2 * PICTURE_SIDE_PX_MAX * 4];
    for (size_t i = 0; i < sizeof pixels / sizeof pixels[0]; i++)
        pixels[i] = (uint16_t)chance();
    png_alloc_size_t size_bytes = ROOM;
    ck_assert(png_image_write_to_memory(&image, file.bytes, &size_bytes, 0, pixels, 0, NULL));
    file.size_bytes = size_bytes;
    ck_assert_uint_eq(make(codec, &file).width_px, PICTURE_SIDE_PX_MAX);
    picture_codec_destroy(&codec);
}
END_TEST

/* A zTXt that becomes 40 MB. */
static void insert_bomb(struct file *in, size_t at)
{
    static uint8_t data[41000] = "note\0\0" /* and zlib's beginning of zeros without end */
                                 "\x78\xda\xec\xc1\x01\x01\x00\x00\x00\x80\x90\xfe\xaf\xee\x08\x0a";
    insert(in, at, "zTXt", data, sizeof data);
}

START_TEST(what_is_beside_the_pixels_vanishes)
{
    struct picture_codec *codec = codec_make(&usual);
    static const char *const names[] = {"tEXt", "zTXt", "iTXt", "iCCP", "eXIf", "gAMA", "cHRM",
                                        "sRGB", "sBIT", "sPLT", "bKGD", "hIST", "pHYs", "tIME",
                                        "fcTL", "fdAT", "cICP", "prVt", "abCd"};
    draw_small(&file);
    struct hash128 id = make(codec, &file).id;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint8_t data[200];
        for (size_t k = 0; k < sizeof data; k++)
            data[k] = (uint8_t)chance();
        insert(&file, find(&file, "IDAT"), names[i], data, chance() % sizeof data);
        insert(&file, find(&file, "PLTE"), names[i], data, chance() % sizeof data);
        insert(&file, find(&file, "IEND"), names[i], data, sizeof data);
        ck_assert(hash_is_equal(make(codec, &file).id, id));
    }
    insert_bomb(&file, find(&file, "PLTE"));
    ck_assert(hash_is_equal(make(codec, &file).id, id));
    picture_codec_destroy(&codec);
}
END_TEST

/* Real ones, which change how others show the picture. */
START_TEST(gamma_and_profiles_change_nothing)
{
    struct picture_codec *codec = codec_make(&usual);
    struct sheet sheet = {9, 9, 8, PNG_COLOR_TYPE_RGB, 0, 0, 0};
    draw_file(&sheet, &file);
    struct hash128 id = make(codec, &file).id;
    insert(&file, 33, "gAMA", "\0\1\206\240", 4); /* linear */
    ck_assert(hash_is_equal(make(codec, &file).id, id));
    insert(&file, 33, "sBIT", "\1\1\1", 3);
    ck_assert(hash_is_equal(make(codec, &file).id, id));
    insert(&file, find(&file, "IDAT"), "PLTE", "\1\2\3\4\5\6", 6); /* only suggested */
    ck_assert(hash_is_equal(make(codec, &file).id, id));
    picture_codec_destroy(&codec);
}
END_TEST

/* Splits the only IDAT; the n-th piece gets `first` + n * `step` bytes. */
static void split(struct file *in, size_t first, size_t step)
{
    static uint8_t data[ROOM];
    size_t at = find(in, "IDAT");
    size_t left = number_at(in, at), taken = 0;
    memcpy(data, in->bytes + at + DATA_AT, left);
    cut_out(in, at);
    for (size_t size = first; left > 0; size += step) {
        size_t part = size < left ? size : left;
        insert(in, at, "IDAT", data + taken, part);
        at += AROUND + part;
        taken += part;
        left -= part;
    }
}

START_TEST(data_may_come_in_any_pieces)
{
    struct picture_limits limits = {ROOM, SIDE, ROOM};
    struct picture_codec *codec = codec_make(&limits);
    static const size_t steps[][2] = {{1, 0}, {2, 0}, {1, 1}, {0, 1}, {3, 7}, {300, 0}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct sheet sheet = {60, 30, 8, PNG_COLOR_TYPE_RGB_ALPHA, (int)i % 2, 0, 0};
        draw_file(&sheet, &file);
        struct hash128 id = make(codec, &file).id;
        split(&file, steps[i][0], steps[i][1]);
        ck_assert(hash_is_equal(make(codec, &file).id, id));
        insert(&file, find(&file, "IEND"), "IDAT", "", 0);
        ck_assert(hash_is_equal(make(codec, &file).id, id));
        insert(&file, find(&file, "IDAT"), "IDAT", "", 0);
        ck_assert(hash_is_equal(make(codec, &file).id, id));
    }
    insert(&file, find(&file, "IEND"), "tEXt", "a\0b", 3);
    insert(&file, find(&file, "IEND"), "IDAT", "", 0);
    expect_refused(codec, &file, "there is a chunk between two IDAT");
    picture_codec_destroy(&codec);
}
END_TEST

static void expect_bytes_refused(struct picture_codec *codec, const char *bytes, size_t size_bytes,
                                 const char *words)
{
    file.size_bytes = size_bytes;
    memcpy(file.bytes, bytes, size_bytes);
    expect_refused(codec, &file, words);
}

START_TEST(what_is_no_png_is_told_so)
{
    struct picture_codec *codec = codec_make(&usual);
    expect_bytes_refused(codec, "", 0, "the file is empty");
    expect_bytes_refused(codec, "GIF89a\1\0\1\0", 10, "looks like a GIF");
    expect_bytes_refused(codec, "\xff\xd8\xff\xe0\0\20JFIF", 10, "looks like a JPEG");
    expect_bytes_refused(codec, "RIFF\x24\0\0\0WEBPVP8 ", 16, "looks like a WebP");
    expect_bytes_refused(codec, "RIFF\x24\0\0\0WAVEfmt ", 16, "the file is not a PNG");
    expect_bytes_refused(codec, "<svg>", 5, "the file is not a PNG");
    expect_bytes_refused(codec, "\x89PNG\n\x1a\n\0\0\0\r", 11, "the file is not a PNG");
    expect_bytes_refused(codec, "\x89PNG\r\n\x1a\n", 8, "cut off");
    draw_small(&file);
    memcpy(file.bytes + 12, "CgBI", 4);
    expect_refused(codec, &file, "it does not begin with IHDR");
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(what_is_too_large_is_told_how_large)
{
    struct picture_limits limits = {.side_px_max = SIDE, .canonical_bytes_max = ROOM};
    draw_small(&file);
    limits.file_bytes_max = (uint32_t)file.size_bytes;
    struct picture_codec *codec = codec_make(&limits);
    (void)make(codec, &file);
    char words[64];
    file.bytes[file.size_bytes++] = 0;
    (void)snprintf(words, sizeof words, "the file has %zu bytes, it may have %u", file.size_bytes,
                   limits.file_bytes_max);
    expect_refused(codec, &file, words);
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(too_many_pixels_are_refused_before_anything_else)
{
    struct picture_codec *codec = codec_make(&usual);
    static const uint32_t sizes[][2] = {{1, 100000},    {100000, 1},      {257, 256},
                                        {256, 257},     {UINT32_MAX, 1},  {1, UINT32_MAX},
                                        {65536, 65536}, {0x80000000, 256}};
    draw_small(&file);
    file.size_bytes = 33; /* nothing behind IHDR is looked at */
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char words[128];
        set_size(&file, sizes[i][0], sizes[i][1]);
        (void)snprintf(words, sizeof words,
                       "the picture is %u pixels wide and %u high, it may be 256 each", sizes[i][0],
                       sizes[i][1]);
        expect_refused(codec, &file, words);
    }
    set_size(&file, 0, 20);
    expect_refused(codec, &file, "the picture has no pixels: it is 0 wide and 20 high");
    set_size(&file, 20, 0);
    expect_refused(codec, &file, "the picture has no pixels: it is 20 wide and 0 high");
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(whatever_is_missing_is_missed)
{
    struct picture_codec *codec = codec_make(&usual);
    struct error error;
    draw_small(&file);
    insert(&file, 33, "tEXt", "note\0text", 9);
    insert(&file, find(&file, "IEND"), "tEXt", "note\0text", 9);
    for (size_t size = 1; size < file.size_bytes; size++) {
        ck_assert_msg(!make_of(codec, file.bytes, size, &error), "%zu", size);
        ck_assert_ptr_nonnull(strstr(error.text, "cut off"));
    }
    (void)make(codec, &file);
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(no_bit_may_flip)
{
    struct picture_codec *codec = codec_make(&usual);
    struct error error;
    draw_small(&file);
    insert(&file, 33, "tEXt", "note\0text", 9);
    insert(&file, find(&file, "IEND"), "tEXt", "note\0text", 9);
    for (size_t bit = 0; bit < file.size_bytes * 8; bit++) {
        file.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_msg(!make_of(codec, file.bytes, file.size_bytes, &error), "bit %zu", bit);
        file.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    (void)make(codec, &file);
    picture_codec_destroy(&codec);
}
END_TEST

/* With checksums that fit, so that libpng and zlib see what is wrong. */
START_TEST(what_flips_under_its_checksum_does_no_harm)
{
    struct picture_codec *codec = codec_make(&usual);
    static const char *const names[] = {"IHDR", "PLTE", "tRNS", "IDAT"};
    draw_small(&file);
    struct hash128 id = make(codec, &file).id;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t at = find(&file, names[i]);
        for (size_t bit = 0; bit < number_at(&file, at) * 8; bit++) {
            uint8_t *byte = &file.bytes[at + DATA_AT + bit / 8];
            *byte ^= (uint8_t)(1 << bit % 8);
            mend(&file, at);
            struct picture picture = {0};
            struct error error = {""};
            bool is_made = picture_make(codec, file.bytes, file.size_bytes, &picture, &error);
            ck_assert(is_made == (error.text[0] == '\0'));
            ck_assert(!is_made || i < 3 || hash_is_equal(picture.id, id)); /* bits to fill up */
            *byte ^= (uint8_t)(1 << bit % 8);
            mend(&file, at);
        }
    }
    (void)make(codec, &file);
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(chunks_that_do_not_belong_are_refused)
{
    struct picture_codec *codec = codec_make(&usual);
    draw_small(&file);
    size_t idat = find(&file, "IDAT");
    insert(&file, idat, "acTL", "\0\0\0\1\0\0\0\0", 8);
    expect_refused(codec, &file, "the picture is animated");
    cut_out(&file, idat);
    insert(&file, idat, "ABCD", "", 0);
    expect_refused(codec, &file, "the file is damaged: ABCD");
    cut_out(&file, idat);
    insert(&file, idat, "a1CD", "", 0);
    expect_refused(codec, &file, "the file is damaged: a chunk has no name");
    cut_out(&file, idat);
    insert(&file, idat, "IHDR", file.bytes + 16, 13);
    expect_refused(codec, &file, "the file is damaged: IHDR");
    cut_out(&file, idat);
    png_save_uint_32(file.bytes + idat, 0xffffffff);
    expect_refused(codec, &file, "the file is damaged: chunk IDAT has no size");
    draw_small(&file);
    file.bytes[idat + DATA_AT] ^= 1;
    expect_refused(codec, &file, "chunk IDAT does not have its checksum");
    cut_out(&file, idat);
    expect_refused(codec, &file, "the file is damaged: IEND");
    draw_small(&file);
    cut_out(&file, find(&file, "PLTE"));
    expect_refused(codec, &file, "the file is damaged");
    draw_small(&file);
    memcpy(file.bytes + file.size_bytes, "abc", 3);
    file.size_bytes += 3;
    expect_refused(codec, &file, "the file has 3 bytes behind the end of the picture");
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(data_have_to_fit_the_pixels)
{
    struct picture_codec *codec = codec_make(&usual);
    struct sheet sheet = {9, 9, 8, PNG_COLOR_TYPE_RGB, 0, 0, 0};
    draw_file(&sheet, &file);
    set_size(&file, 9, 10);
    expect_refused(codec, &file, "Not enough image data");
    set_size(&file, 9, 8);
    expect_refused(codec, &file, "Too much image data");
    set_size(&file, 9, 9);
    size_t idat = find(&file, "IDAT");
    insert(&file, idat + AROUND + number_at(&file, idat), "IDAT", "abc", 3);
    expect_refused(codec, &file, "Extra compressed data");
    draw_file(&sheet, &file);
    file.bytes[idat + DATA_AT + number_at(&file, idat) - 1] ^= 1; /* Adler-32 */
    mend(&file, idat);
    expect_refused(codec, &file, "incorrect data check");
    picture_codec_destroy(&codec);
}
END_TEST

/* As browsers show them. */
START_TEST(what_the_palette_does_not_have_is_black)
{
    struct picture_codec *codec = codec_make(&usual);
    struct sheet sheet = {16, 16, 4, PNG_COLOR_TYPE_PALETTE, 0, 3, 2};
    draw_small(&file);
    (void)make(codec, &file); /* which leaves its palette in memory */
    draw_file(&sheet, &file);
    struct picture picture = make(codec, &file);
    for (int i = sheet.palette_count; i < 16; i++)
        drawing.palette[i] = (png_color){0, 0, 0};
    check_pixels(&sheet, &picture);
    picture_codec_destroy(&codec);
}
END_TEST

/* 200,000 rows behind the first one: 50 MB, that nobody wants to see. */
START_TEST(what_would_inflate_is_not_inflated)
{
    struct picture_codec *codec = codec_make(&usual);
    uint8_t row[SIDE] = {0};
    for (uint32_t height = 1; height <= 2; height++) {
        png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
        png_infop info = png_create_info_struct(png);
        file.size_bytes = 0;
        png_set_write_fn(png, &file, write_bytes, flush_nothing);
        png_set_IHDR(png, info, SIDE, 200000, 8, PNG_COLOR_TYPE_GRAY, 0, 0, 0);
        png_write_info(png, info);
        for (int y = 0; y < 200000; y++)
            png_write_row(png, row);
        png_write_end(png, NULL);
        png_destroy_write_struct(&png, &info);
        ck_assert(file.size_bytes > 32768 && file.size_bytes < FILE_MAX);
        set_size(&file, SIDE, height);
        expect_refused(codec, &file, "it has more data than pixels");
    }
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(what_is_larger_when_kept_is_told_both_sizes)
{
    struct picture_limits limits = {FILE_MAX, SIDE, FILE_MAX};
    struct sheet sheet = {250, 250, 8, PNG_COLOR_TYPE_PALETTE, 0, 256, 0};
    draw_file(&sheet, &file);
    struct picture_codec *codec = codec_make(&usual);
    struct picture picture = make(codec, &file);
    check_pixels(&sheet, &picture);
    ck_assert(file.size_bytes < FILE_MAX && picture.size_bytes > FILE_MAX);
    char words[128];
    (void)snprintf(words, sizeof words,
                   "takes %zu bytes as it is kept (the file has %zu), it may take 65536",
                   picture.size_bytes, file.size_bytes);
    struct picture_codec *small = codec_make(&limits);
    expect_refused(small, &file, words);
    picture_codec_destroy(&small);
    limits.canonical_bytes_max = (uint32_t)picture.size_bytes;
    small = codec_make(&limits);
    ck_assert(hash_is_equal(make(small, &file).id, picture.id));
    picture_codec_destroy(&small);
    limits.canonical_bytes_max--;
    small = codec_make(&limits);
    expect_refused(small, &file, "bytes as it is kept");
    picture_codec_destroy(&small);
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(one_pixel_more_or_less_is_another_picture)
{
    struct picture_codec *codec = codec_make(&usual);
    struct sheet sheet = {9, 9, 8, PNG_COLOR_TYPE_RGB_ALPHA, 0, 0, 0};
    draw_file(&sheet, &file);
    struct hash128 id = make(codec, &file).id;
    drawing.rows[8][35] ^= 1;
    write_file(&sheet, &file);
    ck_assert(!hash_is_equal(make(codec, &file).id, id));
    drawing.rows[8][35] ^= 1;
    sheet.interlace = PNG_INTERLACE_ADAM7;
    write_file(&sheet, &file);
    ck_assert(hash_is_equal(make(codec, &file).id, id));
    picture_codec_destroy(&codec);
}
END_TEST

START_TEST(all_memory_is_reserved_before)
{
    uint64_t before = memory_reserved_bytes();
    struct picture_codec *codec = codec_make(&usual);
    uint64_t reserved = memory_reserved_bytes();
    memory_seal();
    for (int i = 0; i < 50; i++) {
        struct sheet sheet = {64, 64, 16, PNG_COLOR_TYPE_RGB, i % 2, 0, 0};
        draw_file(&sheet, &file);
        (void)make(codec, &file);
        set_size(&file, 64, 65);
        expect_refused(codec, &file, "the file is damaged");
    }
    memory_unseal();
    ck_assert_uint_eq(memory_reserved_bytes(), reserved);
    picture_codec_destroy(&codec);
    ck_assert_uint_eq(memory_reserved_bytes(), before);
}
END_TEST

TESTING_MAIN("picture", every_form_of_png_gives_its_pixels, the_largest_in_every_direction,
             what_is_beside_the_pixels_vanishes, gamma_and_profiles_change_nothing,
             data_may_come_in_any_pieces, what_is_no_png_is_told_so,
             what_is_too_large_is_told_how_large, too_many_pixels_are_refused_before_anything_else,
             whatever_is_missing_is_missed, no_bit_may_flip,
             what_flips_under_its_checksum_does_no_harm, chunks_that_do_not_belong_are_refused,
             data_have_to_fit_the_pixels, what_the_palette_does_not_have_is_black,
             what_would_inflate_is_not_inflated, what_is_larger_when_kept_is_told_both_sizes,
             one_pixel_more_or_less_is_another_picture, all_memory_is_reserved_before)
