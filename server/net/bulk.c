#include "net/bulk.h"

#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "net/gallery_wire.h"

enum {
    LOOK_BYTES = 4, /* a number in WANT_LOOKS */
    PART_BYTES = 1000,
    CREDIT_BYTES = 4096,      /* of a file, at once */
    CREDIT_US = 250 * 1000,   /* between two */
    UPLOAD_US_MAX = 60000000, /* for a whole file */
};

/* A file that comes in. */
struct upload {
    bool is_used;
    uint32_t session, generation, number;
    uint32_t size, received, credit;
    uint64_t since_us, credit_us;
    uint64_t moved_us; /* when the client had last something to do, or did it */
    uint8_t *bytes;    /* [image_bytes_max] */
};

struct bulk {
    struct images images;
    bool is_partial;        /* images are being told anew: what is not known may yet be */
    struct upload *uploads; /* [uploads_max] */
    uint8_t *bytes;         /* the uploads' */
    uint8_t *record;        /* where one for the gallery is put together */
};

void bulk_init(struct net *net)
{
    const struct net_options *options = &net->options;
    struct bulk *bulk = memory_reserve("uploads", 1, sizeof *bulk);
    images_init(&bulk->images, options->image_configs_max, options->images_max);
    bulk->uploads = memory_reserve("uploads", options->uploads_max, sizeof *bulk->uploads);
    bulk->bytes =
        memory_reserve("uploads", (size_t)options->uploads_max * options->image_bytes_max, 1);
    bulk->record =
        memory_reserve("uploads", sizeof(struct gallery_record) + options->image_bytes_max, 1);
    for (uint32_t i = 0; i < options->uploads_max; i++)
        bulk->uploads[i].bytes = bulk->bytes + (size_t)i * options->image_bytes_max;
    net->bulk = bulk;
}

void bulk_finish(struct net *net)
{
    if (net->bulk == NULL)
        return;
    images_finish(&net->bulk->images);
    memory_release(net->bulk->uploads);
    memory_release(net->bulk->bytes);
    memory_release(net->bulk->record);
    memory_release(net->bulk);
    net->bulk = NULL;
}

struct images *bulk_images(struct net *net)
{
    return &net->bulk->images;
}

/* The table has room for what the tick has: it is as large, and has nothing that the tick lacks. */
static void learn(struct images *images, const struct change *change)
{
    if (change->kind != CHANGE_IMAGE_CONFIG && change->kind != CHANGE_IMAGE &&
        change->kind != CHANGE_IMAGE_BAN)
        return;
    ensure(images_can_apply(images, change));
    images_apply(images, change);
}

void bulk_learn(struct net *net, const struct frame *frame)
{
    struct bulk *bulk = net->bulk;
    bulk->is_partial = frame->are_images_cut || frame->is_retelling;
    if (frame->are_images_cut) { /* what is missing may be a ban */
        images_clear(&bulk->images);
        return;
    }
    for (uint32_t i = 0; i < frame->change_count; i++)
        learn(&bulk->images, &frame->changes[i]);
}

static bool send_message(struct net *net, uint32_t session, const struct message *message)
{
    struct packet packet;
    enum wire_channel channel = message_channel(message->kind);
    framing_init(&packet, net->packet_bytes, NET_PACKET_BYTES);
    ensure(message_add(&packet, message));
    struct link_packet *shared = link_packet_create(packet.bytes, packet.size_bytes, channel);
    bool is_sent = peer_send(net, session, shared, (uint32_t)packet.size_bytes);
    link_packet_release(&shared);
    return is_sent;
}

/* Refuses a file. */
static void send_refusal(struct net *net, uint32_t session, const struct message_image_kept *kept)
{
    struct message message = {.kind = MESSAGE_IMAGE_KEPT, .image_kept = *kept};
    if (message.image_kept.words.size_bytes > 200)
        message.image_kept.words.size_bytes = 200;
    (void)send_message(net, session, &message);
}

static struct span words_of(const char *words)
{
    return (struct span){(const uint8_t *)words, (uint32_t)strlen(words)};
}

static uint32_t read_number(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Adds how a configuration draws; of a banned picture nothing is said. */
static void add_look(const struct images *images, const struct image_config *config,
                     struct packet *body)
{
    struct change change = {.kind = CHANGE_IMAGE_CONFIG, .image_config = config->value};
    const struct image *image = images_find(images, config->value.custom);
    if (image != NULL && image->is_banned)
        change.image_config.custom = (struct hash128){0, 0};
    bool fits = framing_add_change(body, &change);
    ensure(fits); /* 64 of them are a quarter of the message */
}

/* Is all known that draws so? A picture that is not may be banned. */
static bool is_look_known(const struct bulk *bulk, const struct image_config *config)
{
    if (config == NULL || !bulk->is_partial || images_is_none(config->value.custom))
        return config != NULL;
    return images_find(&bulk->images, config->value.custom) != NULL;
}

/* Those that this thread does not know: where a frame was cut, only the tick does. */
static void ask_tick(struct net *net, const struct inbox_looks *unknown)
{
    if (unknown->count > 0)
        (void)peer_tell_tick(net, unknown, sizeof *unknown);
}

static void take_want_looks(struct net *net, uint32_t session, struct span numbers)
{
    const struct images *images = &net->bulk->images;
    uint8_t bytes[1 << 13];
    struct packet body;
    struct message message = {.kind = MESSAGE_LOOKS};
    struct inbox_looks unknown = {.head = peer_head(net, session, INBOX_LOOKS)};
    framing_init(&body, bytes, sizeof bytes);
    for (uint32_t at = 0; at + LOOK_BYTES <= numbers.size_bytes; at += LOOK_BYTES) {
        uint32_t number = read_number(numbers.bytes + at);
        const struct image_config *config = images_find_config(images, number);
        if (is_look_known(net->bulk, config))
            add_look(images, config, &body);
        else if (number != 0)
            unknown.numbers[unknown.count++] = number;
    }
    message.looks.body = (struct span){body.bytes, (uint32_t)body.size_bytes};
    (void)send_message(net, session, &message);
    ask_tick(net, &unknown);
}

static void send_nothing(struct net *net, uint32_t session, struct hash128 id)
{
    struct message message = {.kind = MESSAGE_IMAGE_PART};
    message.image_part = (struct message_image_part){.id = id, .is_last = 1};
    (void)send_message(net, session, &message);
}

static bool is_given_out(const struct net *net, struct hash128 id)
{
    const struct image *image = images_find(&net->bulk->images, id);
    return image != NULL && !image->is_banned && image->size_bytes > 0;
}

/* What is not known yet gets no answer: the client asks again. */
static void deny(struct net *net, uint32_t session, struct hash128 id)
{
    if (!net->bulk->is_partial || images_find(&net->bulk->images, id) != NULL)
        send_nothing(net, session, id);
}

/* The n-th in the ring of what the client waits for. */
static struct peer_want *nth_want(struct peer *peer, uint32_t n)
{
    return &peer->wants[(peer->first_want + n) % PEER_WANTS_MAX];
}

/* One that waits already is asked for again: from this offset on now. */
static void take_want_image(struct net *net, uint32_t session,
                            const struct message_want_image *want)
{
    struct peer *peer = &net->peers[session];
    if (!is_given_out(net, want->id)) {
        deny(net, session, want->id);
        return;
    }
    uint32_t n = 0;
    while (n < peer->want_count && !hash_is_equal(nth_want(peer, n)->id, want->id))
        n++;
    if (n == PEER_WANTS_MAX)
        return; /* it asks again; to say that there is nothing would be wrong */
    *nth_want(peer, n) = (struct peer_want){want->id, want->offset};
    peer->want_count += n == peer->want_count;
}

static struct upload *find_upload(struct net *net, uint32_t session)
{
    for (uint32_t i = 0; i < net->options.uploads_max; i++) {
        struct upload *upload = &net->bulk->uploads[i];
        if (upload->is_used && upload->session == session)
            return upload;
    }
    return NULL;
}

static struct upload *free_upload(struct net *net)
{
    for (uint32_t i = 0; i < net->options.uploads_max; i++) {
        if (!net->bulk->uploads[i].is_used)
            return &net->bulk->uploads[i];
    }
    return NULL;
}

static void give_credit(struct net *net, struct upload *upload)
{
    struct message message = {.kind = MESSAGE_IMAGE_CREDIT};
    uint32_t left = upload->size - upload->credit;
    upload->credit += left < CREDIT_BYTES ? left : CREDIT_BYTES;
    upload->credit_us = net->now.mono_us;
    upload->moved_us = net->now.mono_us;
    message.image_credit = (struct message_image_credit){upload->number, upload->credit};
    (void)send_message(net, upload->session, &message);
}

static uint32_t count_beside(const struct net *net, uint32_t session)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->options.uploads_max; i++) {
        const struct upload *upload = &net->bulk->uploads[i];
        count += upload->is_used && link_has_same_address(net->link, upload->session, session);
    }
    return count;
}

/* Why the file may not come, or not now, in words; none: it may. */
static void judge_offer(struct net *net, uint32_t session, uint32_t size, struct text *words)
{
    const struct net_options *options = &net->options;
    struct limit_rate rate = {options->uploads_min_max, 60000, options->uploads_min_max};
    if (size > options->image_bytes_max)
        text_add(words, "a picture has at most %u bytes, this file has %u",
                 options->image_bytes_max, size);
    else if (find_upload(net, session) != NULL)
        text_add(words, "another of your pictures is under way");
    else if (count_beside(net, session) >= options->uploads_per_address_max)
        text_add(words, "at most %u pictures at once from one address, try again in a moment",
                 options->uploads_per_address_max);
    else if (free_upload(net) == NULL)
        text_add(words, "too many pictures are under way, try again in a moment");
    else if (!limit_take(&net->peers[session].uploads, &rate, 1, net->now.mono_us))
        text_add(words, "at most %u pictures a minute", options->uploads_min_max);
}

/* Who offers again has given up what came so far: an answer to it was lost. */
static void give_up_part(struct net *net, uint32_t session)
{
    struct upload *upload = find_upload(net, session);
    if (upload != NULL && upload->received < upload->size)
        upload->is_used = false;
}

static void take_offer(struct net *net, uint32_t session, const struct message_offer_image *offer)
{
    struct message_image_kept kept = {.number = offer->number};
    char words[200];
    struct text text;
    text_init(&text, words, sizeof words);
    give_up_part(net, session);
    judge_offer(net, session, offer->size, &text);
    if (text.size_bytes > 0) {
        kept.words = words_of(words);
        kept.may_retry = offer->size <= net->options.image_bytes_max;
        send_refusal(net, session, &kept);
        return;
    }
    struct upload *upload = free_upload(net);
    *upload = (struct upload){
        .is_used = true,
        .session = session,
        .generation = net->peers[session].generation,
        .number = offer->number,
        .size = offer->size,
        .since_us = net->now.mono_us,
        .bytes = upload->bytes,
    };
    give_credit(net, upload);
}

/* Hands the whole file to the gallery; false when that has no room now. */
static bool pass_on(struct net *net, struct upload *upload)
{
    struct gallery_record record = {
        .kind = GALLERY_UPLOAD,
        .session = net->options.first_session + upload->session,
        .generation = upload->generation,
        .number = upload->number,
        .size_bytes = upload->size,
    };
    uint8_t *bytes = net->bulk->record;
    memcpy(bytes, &record, sizeof record);
    memcpy(bytes + sizeof record, upload->bytes, upload->size);
    if (!ring_write(net->options.gallery_requests, bytes, (uint32_t)sizeof record + upload->size))
        return false;
    upload->is_used = false;
    return true;
}

static void take_slice(struct net *net, uint32_t session, const struct message_image_slice *slice)
{
    struct upload *upload = find_upload(net, session);
    if (upload == NULL || upload->number != slice->number)
        return; /* one that was given up */
    if (slice->offset != upload->received ||
        slice->bytes.size_bytes > upload->credit - upload->received) {
        peer_strike(net, session, "a slice of a picture that is out of place");
        return;
    }
    memcpy(upload->bytes + upload->received, slice->bytes.bytes, slice->bytes.size_bytes);
    upload->received += slice->bytes.size_bytes;
    upload->moved_us = net->now.mono_us;
    if (upload->received == upload->size)
        (void)pass_on(net, upload);
}

bool bulk_is_asked(enum message_kind kind)
{
    return kind == MESSAGE_WANT_LOOKS || kind == MESSAGE_WANT_IMAGE ||
           kind == MESSAGE_OFFER_IMAGE || kind == MESSAGE_IMAGE_SLICE;
}

void bulk_take(struct net *net, uint32_t session, const struct message *message)
{
    if (message->kind == MESSAGE_WANT_LOOKS)
        take_want_looks(net, session, message->want_looks.numbers);
    else if (message->kind == MESSAGE_WANT_IMAGE)
        take_want_image(net, session, &message->want_image);
    else if (message->kind == MESSAGE_OFFER_IMAGE)
        take_offer(net, session, &message->offer_image);
    else
        take_slice(net, session, &message->image_slice);
}

/* The part of a picture that came from the gallery, cut into messages. */
static void send_parts(struct net *net, uint32_t session, const struct gallery_record *record,
                       const uint8_t *bytes)
{
    struct message message = {.kind = MESSAGE_IMAGE_PART};
    if (record->size_bytes == 0)
        send_nothing(net, session, record->id);
    for (uint32_t at = 0; at < record->size_bytes; at += PART_BYTES) {
        uint32_t left = record->size_bytes - at;
        uint32_t size = left < PART_BYTES ? left : PART_BYTES;
        message.image_part = (struct message_image_part){
            record->id, record->size, record->offset + at, left <= PART_BYTES, {bytes + at, size}};
        if (!send_message(net, session, &message))
            return; /* it asks again when it sees again */
    }
}

static bool take_results(struct net *net)
{
    struct ring_cursor cursor = ring_first(net->options.gallery_results);
    const uint8_t *bytes;
    uint32_t size = 0;
    bool did_work = false;
    while ((bytes = ring_read(net->options.gallery_results, &cursor, &size)) != NULL) {
        struct gallery_record record;
        memcpy(&record, bytes, sizeof record);
        uint32_t session = record.session - net->options.first_session;
        did_work = true;
        if (peer_find(net, session, record.generation) == NULL)
            continue;
        if (record.kind == GALLERY_PART)
            send_parts(net, session, &record, bytes + sizeof record);
        else
            send_refusal(net, session,
                         &(struct message_image_kept){
                             .number = record.number,
                             .words = {bytes + sizeof record, record.size_bytes},
                             .may_retry = record.may_retry,
                         });
    }
    ring_release(net->options.gallery_results, cursor);
    return did_work;
}

/* How much one answer will be: a picture's rest, or a part of it. */
static uint32_t part_bytes(const struct net *net, const struct peer_want *want)
{
    const struct image *image = images_find(&net->bulk->images, want->id);
    uint32_t size = image != NULL ? image->size_bytes : 0;
    uint32_t left = size > want->offset ? size - want->offset : 1;
    return left < GALLERY_PART_BYTES ? left : GALLERY_PART_BYTES;
}

static void take_off(struct peer *peer)
{
    peer->first_want = (peer->first_want + 1) % PEER_WANTS_MAX;
    peer->want_count--;
}

/* Asks the gallery for what the client wants next, when it has its turn. */
static void ask_gallery(struct net *net, uint32_t session)
{
    struct peer *peer = &net->peers[session];
    struct limit_rate rate = {net->options.image_bytes_s_max, 1000,
                              net->options.image_bytes_s_max + GALLERY_PART_BYTES};
    struct peer_want want = peer->wants[peer->first_want];
    if (!is_given_out(net, want.id)) { /* banned since, or gone */
        take_off(peer);
        deny(net, session, want.id);
        return;
    }
    struct gallery_record record = {
        .kind = GALLERY_GET,
        .session = net->options.first_session + session,
        .generation = peer->generation,
        .offset = want.offset,
        .id = want.id,
    };
    if (peer->waiting_count > 0 ||
        !ring_has_room(net->options.gallery_requests, (uint32_t)sizeof record) ||
        !limit_take(&peer->image_bytes, &rate, part_bytes(net, &want), net->now.mono_us))
        return;
    ensure(ring_write(net->options.gallery_requests, &record, (uint32_t)sizeof record));
    take_off(peer);
}

static bool is_overdue(const struct net *net, const struct upload *upload)
{
    uint64_t now_us = net->now.mono_us;
    return now_us - upload->since_us > UPLOAD_US_MAX ||
           now_us - upload->moved_us > net->options.upload_idle_us;
}

static void advance_upload(struct net *net, struct upload *upload)
{
    if (upload->received == upload->size) {
        (void)pass_on(net, upload);
    } else if (is_overdue(net, upload)) {
        upload->is_used = false;
        send_refusal(net, upload->session,
                     &(struct message_image_kept){
                         .number = upload->number,
                         .words = words_of("the picture did not come in time"),
                         .may_retry = 1,
                     });
    } else if (upload->received == upload->credit &&
               net->now.mono_us - upload->credit_us >= CREDIT_US) {
        give_credit(net, upload);
    }
}

bool bulk_step(struct net *net)
{
    bool did_work = take_results(net);
    for (uint32_t i = 0; i < net->options.uploads_max; i++) {
        if (net->bulk->uploads[i].is_used)
            advance_upload(net, &net->bulk->uploads[i]);
    }
    for (uint32_t i = 0; i < net->peers_max; i++) {
        if (net->peers[i].state == PEER_PLAYING && net->peers[i].want_count > 0)
            ask_gallery(net, i);
    }
    return did_work;
}

void bulk_forget(struct net *net, uint32_t session)
{
    struct upload *upload = find_upload(net, session);
    if (upload != NULL)
        upload->is_used = false;
    net->peers[session].want_count = 0;
}
