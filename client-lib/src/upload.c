#include "upload.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "session.h"

enum {
    SLICE_BYTES = 960,
    OUTBOX_SPARE = 8192, /* for everything else that has to go out */
};

void tilth_upload_init(struct upload *upload)
{
    *upload = (struct upload){.next_number = 1, .next_offer = 1};
}

void tilth_upload_finish(struct upload *upload)
{
    memory_release(upload->bytes);
    tilth_upload_init(upload);
}

uint32_t tilth_upload_begin(struct session *session, const void *bytes, size_t size_bytes,
                            struct error *error)
{
    struct upload *upload = &session->upload;
    if (size_bytes == 0 || size_bytes > UPLOAD_FILE_BYTES_MAX) {
        (void)error_set(error, "a picture of %zu bytes; 1 to %d can be sent", size_bytes,
                        UPLOAD_FILE_BYTES_MAX);
        return 0;
    }
    if (upload->number != 0) {
        (void)error_set(error, "another picture is under way");
        return 0;
    }
    if (session->events.uploads >= EVENTS_UPLOADS_MAX) {
        (void)error_set(error, "what became of %d pictures waits to be told", EVENTS_UPLOADS_MAX);
        return 0;
    }
    *upload = (struct upload){
        .number = upload->next_number,
        .bytes = memory_reserve_untouched("client upload", size_bytes, 1),
        .size = (uint32_t)size_bytes,
        .first_offer = upload->next_offer,
        .next_number = upload->next_number + 1,
        .next_offer = upload->next_offer,
    };
    memcpy(upload->bytes, bytes, size_bytes);
    return upload->number;
}

static void run_as(struct upload *upload, uint32_t offer)
{
    upload->running = offer;
    upload->sent = 0;
    upload->credit = 0;
}

void tilth_upload_restart(struct upload *upload)
{
    run_as(upload, 0);
    upload->is_offered = false;
    upload->retry_us = 0;
}

void tilth_upload_resync(struct upload *upload)
{
    upload->is_offered = false;
    upload->retry_us = upload->offered_us + UPLOAD_PAUSE_US; /* many may come in a row */
}

/* Tells what became of it: the id, or why not. */
static void end(struct session *session, struct hash128 id, struct span words)
{
    struct upload *upload = &session->upload;
    struct tilth_event event = {.kind = TILTH_EVENT_UPLOADED, .number = upload->number};
    if (words.size_bytes > 0) {
        event.kind = TILTH_EVENT_UPLOAD_FAILED;
        tilth_events_text(words, event.text, sizeof event.text);
        if (!text_is_printable(event.text, strlen(event.text)))
            (void)snprintf(event.text, sizeof event.text, "the server does not take the picture");
    } else {
        hash_format(id, event.text);
    }
    memory_release(upload->bytes);
    *upload = (struct upload){.next_number = upload->next_number, .next_offer = upload->next_offer};
    tilth_events_push(&session->events, &event);
}

bool tilth_upload_take_credit(struct session *session, const struct message *message)
{
    struct upload *upload = &session->upload;
    const struct message_image_credit *credit = &message->image_credit;
    if (upload->number == 0 || credit->until > upload->size)
        return true;
    bool is_taken_up = upload->is_offered && credit->number == upload->offer;
    if (is_taken_up && upload->running != upload->offer)
        run_as(upload, upload->offer);
    if (upload->running == 0 || credit->number != upload->running)
        return true;
    upload->credit = credit->until;
    upload->heard_us = session->now_us;
    if (!upload->is_offered) /* it goes on by itself */
        upload->retry_us = session->now_us + UPLOAD_PAUSE_US;
    return true;
}

bool tilth_upload_take_kept(struct session *session, const struct message *message)
{
    struct upload *upload = &session->upload;
    const struct message_image_kept *kept = &message->image_kept;
    if (upload->number == 0 || kept->number < upload->first_offer || kept->number > upload->offer)
        return true; /* another file's */
    if (kept->may_retry && kept->number == upload->running)
        run_as(upload, 0);
    if (kept->may_retry && (kept->number != upload->offer || !upload->is_offered))
        return true; /* there is another offer, or there will be */
    if (kept->may_retry && upload->tries < UPLOAD_TRIES_MAX) {
        upload->is_offered = false;
        upload->retry_us = session->now_us + UPLOAD_PAUSE_US;
        return true;
    }
    end(session, kept->id, kept->words);
    return true;
}

static void offer(struct session *session)
{
    struct upload *upload = &session->upload;
    struct message message = {.kind = MESSAGE_OFFER_IMAGE};
    upload->offer = upload->next_offer++;
    upload->is_offered = true;
    upload->tries++;
    upload->offered_us = session->now_us;
    upload->heard_us = session->now_us;
    message.offer_image = (struct message_offer_image){upload->offer, upload->size};
    tilth_session_send(session, &message);
}

static void send_slice(struct session *session)
{
    struct upload *upload = &session->upload;
    struct message message = {.kind = MESSAGE_IMAGE_SLICE};
    uint32_t left = upload->credit - upload->sent;
    uint32_t size = left < SLICE_BYTES ? left : SLICE_BYTES;
    message.image_slice = (struct message_image_slice){
        upload->running, upload->sent, {upload->bytes + upload->sent, size}};
    tilth_session_send(session, &message);
    upload->sent += size;
}

void tilth_upload_run(struct session *session)
{
    static const char words[] = "the server does not say what became of the picture";
    struct upload *upload = &session->upload;
    if (upload->number == 0)
        return;
    if (upload->is_offered && session->now_us - upload->heard_us > UPLOAD_SILENCE_US) {
        upload->tries += UPLOAD_SILENCE_TRIES - 1;
        tilth_upload_restart(upload);
    }
    if (!upload->is_offered && session->now_us >= upload->retry_us) {
        if (upload->tries >= UPLOAD_TRIES_MAX) {
            end(session, (struct hash128){0, 0},
                (struct span){(const uint8_t *)words, sizeof words - 1});
            return;
        }
        offer(session);
    }
    while (upload->sent < upload->credit && ring_has_room(&session->outbox, OUTBOX_SPARE))
        send_slice(session);
}
