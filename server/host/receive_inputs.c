#include "host/receive_inputs.h"

#include <string.h>

#include "base/ensure.h"
#include "host/pictures.h"
#include "host/renew.h"

enum { RESULTS_PER_TICK = 64, PICTURES_PER_TICK = 4 };

static void record(struct host *host, enum recorder_kind kind, const void *bytes, uint32_t size)
{
    if (host->options.recorder != NULL)
        recorder_add(host->options.recorder, kind, bytes, size);
}

static void take_closed(struct host *host)
{
    struct ring_cursor cursor = ring_first(host->options.closed);
    uint32_t size = 0;
    const uint8_t *bytes;
    while ((bytes = ring_read(host->options.closed, &cursor, &size)) != NULL) {
        struct store_closed head;
        memcpy(&head, bytes, sizeof head);
        record(host, RECORDER_CLOSED, bytes, size);
        residency_close_chunks(&host->residency, bytes + sizeof head, head.count);
    }
    ring_release(host->options.closed, cursor);
}

static void take_results(struct host *host)
{
    struct ring_cursor cursor = ring_first(host->options.loaded);
    for (uint32_t i = 0; i < RESULTS_PER_TICK; i++) {
        uint32_t size = 0;
        const uint8_t *bytes = ring_read(host->options.loaded, &cursor, &size);
        if (bytes == NULL)
            break;
        struct loader_result result;
        memcpy(&result, bytes, sizeof result);
        record(host, RECORDER_LOADED, bytes, size);
        if (result.kind == LOADER_ACCOUNT)
            session_take_account(host, &result, bytes + sizeof result);
        else
            residency_take(&host->residency, &result, bytes + sizeof result);
    }
    ring_release(host->options.loaded, cursor);
}

/* A tick's record has room for so many. */
static void take_pictures(struct host *host)
{
    struct ring_cursor cursor = ring_first(host->options.pictures);
    for (uint32_t i = 0; i < PICTURES_PER_TICK; i++) {
        uint32_t size = 0;
        struct ring_cursor next = cursor;
        const uint8_t *bytes = ring_read(host->options.pictures, &next, &size);
        if (bytes == NULL)
            break;
        struct gallery_picture picture;
        memcpy(&picture, bytes, sizeof picture);
        if (pictures_must_wait(host, &picture))
            break;
        cursor = next;
        record(host, RECORDER_PICTURE, bytes, size);
        pictures_keep(host, &picture, bytes + sizeof picture);
    }
    ring_release(host->options.pictures, cursor);
}

static void take_lines(struct host *host)
{
    struct ring_cursor cursor = ring_first(host->options.lines);
    uint32_t size = 0;
    const uint8_t *bytes;
    while (console_has_room(host) &&
           (bytes = ring_read(host->options.lines, &cursor, &size)) != NULL) {
        record(host, RECORDER_LINE, bytes, size);
        console_take(host, bytes, size);
    }
    ring_release(host->options.lines, cursor);
}

static void queue_intent(struct host *host, const struct inbox_intent *intent)
{
    struct session *session = &host->sessions[intent->head.session];
    int32_t at = (int32_t)host->queued++;
    host->queue[at] = (struct queued_intent){intent, SESSION_NONE};
    if (session->first_intent == SESSION_NONE)
        session->first_intent = at;
    else
        host->queue[session->last_queued].next = at;
    session->last_queued = at;
}

static void take_input(struct host *host, const struct inbox_input *input)
{
    struct session *session = &host->sessions[input->head.session];
    for (uint32_t i = 0; i < input->count; i++) {
        uint32_t number = input->newest - i;
        bool is_new = (int32_t)(number - session->input_applied) > 0;
        if (is_new && input->newest - number < SESSION_INPUTS)
            session->inputs[number % SESSION_INPUTS] = input->directions[i];
    }
    if ((int32_t)(input->newest - session->input_newest) <= 0)
        return;
    /* A gap that no datagram filled is walked as the oldest input that is known. A client may make
     * it as wide as it likes: only what there is room for is filled. */
    uint32_t oldest = input->newest - input->count + 1;
    for (uint32_t by = 1; by < SESSION_INPUTS; by++) {
        uint32_t number = oldest - by;
        if ((int32_t)(number - session->input_newest) <= 0)
            break;
        session->inputs[number % SESSION_INPUTS] = input->directions[input->count - 1];
    }
    session->input_newest = input->newest;
}

/* Is the record of the session that has the slot now, and does that play? */
static bool is_playing(const struct host *host, const struct inbox_head *head)
{
    const struct session *session = &host->sessions[head->session];
    return session->state == SESSION_PLAYING && session->generation == head->generation;
}

static void take_from_player(struct host *host, const struct inbox_head *head)
{
    if (!is_playing(host, head))
        return;
    switch ((enum inbox_kind)head->kind) {
    case INBOX_INTENT:
        queue_intent(host, (const struct inbox_intent *)(const void *)head);
        break;
    case INBOX_INPUT:
        take_input(host, (const struct inbox_input *)(const void *)head);
        break;
    case INBOX_VIEWED: {
        const struct inbox_viewed *viewed = (const struct inbox_viewed *)(const void *)head;
        view_answer(host, head->session, viewed->chunk, viewed->is_wrong != 0);
        break;
    }
    case INBOX_LOOKS:
        pictures_tell_looks(host, (const struct inbox_looks *)(const void *)head);
        break;
    case INBOX_BEHIND:
        session_skip(host, head->session,
                     ((const struct inbox_behind *)(const void *)head)->dropped_intent);
        session_resync(host, head->session);
        break;
    case INBOX_JOIN:
    case INBOX_LEAVE:
        break;
    }
}

static void take_record(struct host *host, const struct inbox_head *head)
{
    ensure(head->session < host->options.limits.sessions_max);
    if (head->kind == INBOX_JOIN)
        session_join(host, (const struct inbox_join *)(const void *)head);
    else if (head->kind == INBOX_LEAVE)
        session_leave(host, head->session, head->generation);
    else
        take_from_player(host, head);
}

static void take_inbox(struct host *host, uint32_t index)
{
    struct ring *inbox = &host->options.inboxes[index];
    struct ring_cursor *cursor = &host->inbox_cursors[index];
    *cursor = ring_first(inbox);
    while (host->queued < host->options.limits.intents_per_tick_max) {
        uint32_t size = 0;
        const void *bytes = ring_read(inbox, cursor, &size);
        if (bytes == NULL)
            return;
        record(host, RECORDER_INBOX, bytes, size);
        take_record(host, bytes);
    }
}

void receive_inputs(struct host *host)
{
    record(host, RECORDER_TICK, &host->inputs, sizeof host->inputs);
    renew_step(host);
    take_closed(host);
    take_results(host);
    console_step(host); /* before anything is decided: chunks are as their versions say */
    take_lines(host);
    take_pictures(host);
    for (uint32_t i = 0; i < host->options.inbox_count; i++)
        take_inbox(host, i);
}

void receive_inputs_release(struct host *host)
{
    for (uint32_t i = 0; i < host->options.inbox_count; i++)
        ring_release(&host->options.inboxes[i], host->inbox_cursors[i]);
}
