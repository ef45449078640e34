/* data_url.h - a file inside a text: "data:image/png;base64,iVBORw0...". RFC 2397, base64 only.
 *
 * Pure function, any thread; no memory. */
#ifndef TILTH_BASE_DATA_URL_H
#define TILTH_BASE_DATA_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

/* Reads the bytes of a URL of the media type ("image/png"). False and the error in words: another
 * type, no base64, characters that are none, no bytes or more than there is room
 * for: three bytes for four characters of the URL always suffice. */
bool data_url_read(const char *url, const char *media_type, struct crypto_bytes *out_bytes,
                   struct error *error);

#endif
