#include "bottle/flood.h"

#include "client.h"
#include "wire/codec.h"

uint32_t flood_say(struct tilth_client *client, uint32_t number, uint32_t count)
{
    static const uint8_t text[] = "flood";
    struct session *session = &client->session;
    struct intent intent = {.kind = INTENT_SAY};
    uint8_t body[64];
    struct bit_writer writer;
    intent.say.text = (struct span){text, 5};
    bits_write_init(&writer, body, sizeof body);
    codec_encode(&writer, intent_schema(INTENT_SAY), intent_record(&intent));
    size_t size_bytes = bits_finish_writing(&writer);
    for (uint32_t i = 0; i < count; i++) {
        struct message ask = {.kind = MESSAGE_ASK};
        if (!ring_has_room(&session->outbox, 256))
            return i;
        ask.ask.number = number;
        ask.ask.kind = INTENT_SAY;
        ask.ask.body = (struct span){body, (uint32_t)size_bytes};
        tilth_session_send(session, &ask);
    }
    return count;
}
