#include "wire/handshake.h"

#include <string.h>

static const char handshake_label[] = "tilth-auth-1";

void handshake_transcript(uint32_t connect_id, const struct message_hello *hello,
                          const struct message_challenge *challenge,
                          const struct message_auth *auth, uint8_t out_digest[CRYPTO_DIGEST_BYTES])
{
    static const uint8_t no_signature[CRYPTO_SIGNATURE_BYTES];
    struct message parts[] = {{.kind = MESSAGE_HELLO, .hello = *hello},
                              {.kind = MESSAGE_CHALLENGE, .challenge = *challenge},
                              {.kind = MESSAGE_AUTH, .auth = *auth}};
    uint8_t bytes[1024];
    struct bit_writer writer;

    parts[2].auth.signature = (struct span){no_signature, sizeof no_signature};
    bits_write_init(&writer, bytes, sizeof bytes);
    bits_write_bytes(&writer, handshake_label, sizeof handshake_label);
    bits_write(&writer, connect_id, 32);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        codec_encode(&writer, message_schema(parts[i].kind), &parts[i].hello);
        (void)bits_finish_writing(&writer);
    }
    crypto_digest(bytes, bits_finish_writing(&writer), out_digest);
}

bool handshake_is_name(const uint8_t *bytes, size_t size_bytes)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (size_bytes < 1 || size_bytes > WORLD_NAME_BYTES)
        return false;
    for (size_t i = 0; i < size_bytes; i++) {
        if (bytes[i] == 0 || strchr(allowed, bytes[i]) == NULL)
            return false;
    }
    return true;
}
