#include "stranger/stranger.h"

#include <stdio.h>
#include <string.h>

#include "base/ensure.h"

enum { PACKET_BYTES = 2048 };

bool stranger_dial(struct stranger *stranger, const struct link_options *options, const char *name,
                   struct error *error)
{
    *stranger = (struct stranger){.next_number = 1};
    (void)snprintf(stranger->name, sizeof stranger->name, "%s", name);
    if (!crypto_start(error))
        return false;
    crypto_keypair_make(&stranger->keys);
    stranger->link = link_dial(options, error);
    return stranger->link != NULL;
}

void stranger_close(struct stranger *stranger)
{
    link_destroy(&stranger->link);
    catalog_destroy(&stranger->catalog);
}

bool stranger_send(struct stranger *stranger, struct link_message message)
{
    return link_send_bytes(stranger->link, stranger->peer, stranger->generation, message);
}

bool stranger_say(struct stranger *stranger, const struct message *message)
{
    uint8_t bytes[PACKET_BYTES];
    struct packet packet;
    framing_init(&packet, bytes, sizeof bytes);
    ensure(message_add(&packet, message));
    return stranger_send(
        stranger, (struct link_message){message_channel(message->kind), bytes, packet.size_bytes});
}

bool stranger_ask(struct stranger *stranger, const struct intent *intent)
{
    uint8_t body[PACKET_BYTES / 2];
    struct bit_writer writer;
    struct message ask = {.kind = MESSAGE_ASK};
    ensure(stranger->next_number < STRANGER_ASKS_MAX);
    bits_write_init(&writer, body, sizeof body);
    codec_encode(&writer, intent_schema(intent->kind), intent_record(intent));
    ask.ask.number = stranger->next_number;
    ask.ask.kind = intent->kind;
    ask.ask.body = (struct span){body, (uint32_t)bits_finish_writing(&writer)};
    if (!stranger_say(stranger, &ask))
        return false;
    stranger->next_number++;
    stranger->asked++;
    return true;
}

/* The first words count. */
static void end(struct stranger *stranger, const char *words, size_t size_bytes)
{
    if (stranger->words[0] == 0)
        (void)snprintf(stranger->words, sizeof stranger->words, "%.*s", (int)size_bytes, words);
    if (!stranger->is_stubborn)
        stranger->phase = STRANGER_OVER;
}

static void greet(struct stranger *stranger, const struct link_event *event)
{
    struct message hello = {.kind = MESSAGE_HELLO};
    stranger->peer = event->peer;
    stranger->generation = event->generation;
    stranger->phase = STRANGER_GREETING;
    crypto_random(stranger->random, sizeof stranger->random);
    hello.hello.random = (struct span){stranger->random, sizeof stranger->random};
    (void)stranger_say(stranger, &hello);
}

static void prove(struct stranger *stranger, const struct message *message)
{
    struct message_hello hello = {.random = {stranger->random, sizeof stranger->random}};
    struct message auth = {.kind = MESSAGE_AUTH};
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    uint8_t signature[CRYPTO_SIGNATURE_BYTES];
    auth.auth.name =
        (struct span){(const uint8_t *)stranger->name, (uint32_t)strlen(stranger->name)};
    auth.auth.key = (struct span){stranger->keys.public_key, CRYPTO_PUBLIC_BYTES};
    handshake_transcript(link_connect_id(stranger->link, stranger->peer), &hello,
                         &message->challenge, &auth.auth, digest);
    crypto_sign_message(&stranger->keys, digest, sizeof digest, signature);
    auth.auth.signature = (struct span){signature, sizeof signature};
    stranger->phase = STRANGER_PROVING;
    (void)stranger_say(stranger, &auth);
}

static void take_slice(struct stranger *stranger, const struct message_catalog *slice)
{
    struct error error;
    ensure(slice->offset == stranger->catalog_bytes);
    memcpy(stranger->catalog_text + slice->offset, slice->text.bytes, slice->text.size_bytes);
    stranger->catalog_bytes += slice->text.size_bytes;
    if (stranger->catalog_bytes < stranger->welcome.catalog_bytes)
        return;
    stranger->catalog = catalog_parse(stranger->catalog_text, stranger->catalog_bytes, &error);
    ensure(stranger->catalog != NULL);
    stranger->phase = STRANGER_PLAYING;
}

static void take_result(struct stranger *stranger, const struct message_result *result)
{
    if (result->number < STRANGER_ASKS_MAX) { /* else it was asked with a number of its own */
        ensure(stranger->outcomes[result->number] == 0);
        stranger->outcomes[result->number] = (uint16_t)(result->refusal + 1);
    }
    stranger->done += result->refusal == REFUSAL_NONE;
    stranger->refused += result->refusal != REFUSAL_NONE;
}

static void answer_view(struct stranger *stranger, const struct message_view *view)
{
    struct message viewed = {.kind = MESSAGE_VIEWED};
    viewed.viewed.chunk = view->chunk;
    stranger->views++;
    if (!stranger->stays_silent)
        (void)stranger_say(stranger, &viewed);
}

static void take_part(struct stranger *stranger, const struct message_image_part *part)
{
    stranger->part = *part;
    stranger->parts += part->size > 0;
    stranger->nothings += part->size == 0;
}

static void take_kept(struct stranger *stranger, const struct message_image_kept *kept)
{
    stranger->kept += kept->words.size_bytes == 0;
    stranger->unkept += kept->words.size_bytes > 0;
    stranger->may_offer_again = kept->may_retry != 0;
    (void)snprintf(stranger->unkept_words, sizeof stranger->unkept_words, "%.*s",
                   (int)kept->words.size_bytes, (const char *)kept->words.bytes);
}

static void take_own(struct stranger *stranger, const struct message_own *own)
{
    struct framed framed;
    struct change change;
    size_t offset = 0;
    while (framing_next(own->body.bytes, own->body.size_bytes, &offset, &framed)) {
        ensure(framing_change(&framed, &change));
        stranger->offers += change.kind == CHANGE_OFFER && !stack_is_empty(&change.offer.stack);
    }
}

static void take_message(struct stranger *stranger, const struct message *message)
{
    if (message->kind == MESSAGE_CHALLENGE)
        prove(stranger, message);
    if (message->kind == MESSAGE_WELCOME) {
        stranger->welcome = message->welcome;
        stranger->next_number = message->welcome.last_intent + 1;
    }
    if (message->kind == MESSAGE_CATALOG)
        take_slice(stranger, &message->catalog);
    if (message->kind == MESSAGE_RESULT)
        take_result(stranger, &message->result);
    if (message->kind == MESSAGE_VIEW)
        answer_view(stranger, &message->view);
    if (message->kind == MESSAGE_OWN)
        take_own(stranger, &message->own);
    if (message->kind == MESSAGE_IMAGE_PART)
        take_part(stranger, &message->image_part);
    if (message->kind == MESSAGE_IMAGE_CREDIT)
        stranger->credit = message->image_credit.until;
    if (message->kind == MESSAGE_IMAGE_KEPT)
        take_kept(stranger, &message->image_kept);
    if (message->kind == MESSAGE_REJECTED) {
        stranger->was_rejected = true;
        stranger->may_retry = message->rejected.may_retry != 0;
        end(stranger, (const char *)message->rejected.words.bytes,
            message->rejected.words.size_bytes);
    }
    stranger->resyncs += message->kind == MESSAGE_RESYNC;
    stranger->named += message->kind == MESSAGE_NAMED;
    stranger->heard += message->kind == MESSAGE_HEARD;
    stranger->changes += message->kind == MESSAGE_CHANGES;
}

static void take_packet(struct stranger *stranger, const struct link_event *event)
{
    struct message message;
    size_t offset = 0;
    bool is_malformed = false;
    if (event->channel == CHANNEL_STATE)
        return;
    while (message_next(event->bytes, event->size_bytes, &offset, &message, &is_malformed))
        take_message(stranger, &message);
    ensure(!is_malformed);
}

static void take_event(struct stranger *stranger, const struct link_event *event)
{
    static const char lost[] = "the connection was lost";
    static const char ended[] = "the server ended the connection";
    switch (event->kind) {
    case LINK_CONNECTED:
        greet(stranger, event);
        break;
    case LINK_RECEIVED:
        take_packet(stranger, event);
        break;
    case LINK_DISCONNECTED:
        end(stranger, event->code == 0 ? lost : ended,
            event->code == 0 ? sizeof lost - 1 : sizeof ended - 1);
        stranger->phase = STRANGER_OVER;
        break;
    case LINK_REFUSED:
        end(stranger, event->text, strlen(event->text));
        stranger->phase = STRANGER_OVER;
        break;
    }
}

void stranger_step(struct stranger *stranger, uint64_t now_us)
{
    struct link_event event;
    if (stranger->phase == STRANGER_OVER)
        return;
    link_service(stranger->link, now_us);
    while (stranger->phase != STRANGER_OVER && link_next(stranger->link, &event))
        take_event(stranger, &event);
    link_flush(stranger->link);
}
