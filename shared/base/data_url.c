#include "base/data_url.h"

#include <string.h>

enum { SHOWN = 32 /* characters of a wrong URL */ };

/* The base64 behind "data:<type>;base64,", or NULL. */
static const char *find_base64(const char *url, const char *media_type)
{
    static const char scheme[] = "data:", encoding[] = ";base64,";
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return NULL;
    url += sizeof scheme - 1;
    if (strncmp(url, media_type, strlen(media_type)) != 0)
        return NULL;
    url += strlen(media_type);
    return strncmp(url, encoding, sizeof encoding - 1) == 0 ? url + sizeof encoding - 1 : NULL;
}

bool data_url_read(const char *url, const char *media_type, struct crypto_bytes *out_bytes,
                   struct error *error)
{
    const char *text = find_base64(url, media_type);
    if (text == NULL)
        return error_set(error, "must begin with \"data:%s;base64,\", not \"%.*s\"", media_type,
                         SHOWN, url);
    if (text[0] == '\0')
        return error_set(error, "there is nothing behind \"data:%s;base64,\"", media_type);
    size_t length = strlen(text);
    if (length / 4 * 3 > out_bytes->capacity)
        return error_set(error, "more than %zu bytes", out_bytes->capacity);
    size_t read = crypto_base64_read(text, out_bytes);
    return read == SIZE_MAX ||
           error_set(error, "what is behind \"base64,\" is no base64 from character %zu on",
                     read + 1);
}
