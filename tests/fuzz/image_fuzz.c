/* How a thing is drawn, as JSON from content or a console, with a picture in it as a data: URL:
 * what is read is written, and reads to the same. */
#include "fuzz/fuzz.h"

#include "base/crypto.h"
#include "base/ensure.h"
#include "catalog/image.h"

/* Any bytes are a picture. */
static bool paint(void *state, const uint8_t *bytes, size_t size_bytes, struct hash128 *out_id,
                  struct error *error)
{
    (void)state;
    (void)error;
    *out_id = crypto_digest_128(bytes, size_bytes);
    return true;
}

static bool read_text(const char *text, size_t size_bytes, struct image_def *out_image,
                      struct error *error)
{
    static const struct image_painter painter = {NULL, paint};
    static const struct image_reading reading = {512, &painter};
    struct json_document *document = json_parse("image", text, size_bytes, error);
    bool is_read = document != NULL && image_read(json_top(document), &reading, out_image, error);
    json_destroy(&document);
    return is_read;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char written[512];
    struct text text;
    struct error error = {""};
    struct image_def image = image_default(), again = image_default();
    if (!read_text((const char *)bytes, size_bytes, &image, &error)) {
        ensure(error.text[0] != '\0');
        return 0;
    }
    text_init(&text, written, sizeof written);
    text_json_open(&text, NULL, '{');
    image_write(&image, &text);
    text_json_close(&text, '}');
    ensure(!text.is_cut && read_text(written, text.size_bytes, &again, &error));
    ensure(image_is_equal(&image, &again));
    return 0;
}
