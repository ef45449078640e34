/* handshake.h - what a client signs to prove who it is, computed alike on both ends.
 *
 * The transcript is BLAKE2b-256 of "tilth-auth-1", ENet's connect id, and every field of HELLO,
 * CHALLENGE and AUTH but the signature, so a signature is good for this connection only. Names are
 * letters, digits, '_' and '-', 1 to WORLD_NAME_BYTES of them. Pure functions. */
#ifndef TILTH_WIRE_HANDSHAKE_H
#define TILTH_WIRE_HANDSHAKE_H

#include "wire/message.h"

/* Computes the transcript of messages that were decoded or can be encoded; auth->signature is not
 * read. */
void handshake_transcript(uint32_t connect_id, const struct message_hello *hello,
                          const struct message_challenge *challenge,
                          const struct message_auth *auth, uint8_t out_digest[CRYPTO_DIGEST_BYTES]);

/* May a player be called so? */
bool handshake_is_name(const uint8_t *bytes, size_t size_bytes);

#endif
