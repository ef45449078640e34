#include "host/gallery.h"

#include <string.h>

#include "base/board.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/gallery_wire.h"

enum {
    REQUESTS_PER_STEP = 32,
    CONNECT_RETRY_US = 2 * 1000 * 1000,
    WORDS_BYTES = 200,
};

/* A picture in memory. */
struct entry {
    struct hash128 id;
    uint64_t used; /* when, counted in uses; 0: free */
    uint32_t size_bytes;
    uint8_t *bytes; /* [WORLD_IMAGE_BYTES] */
};

struct gallery {
    struct gallery_options options;
    struct picture_codec *codec;
    struct entry *entries;
    uint8_t *memory;
    struct database_png *png;
    uint8_t *record; /* where what goes out is put together */
    uint64_t uses;
    bool is_connected;
    uint64_t retry_us;
    struct painted *painted[GALLERY_PAINTERS]; /* that have still to go to the tick */
    struct wake wake;
    _Atomic bool forgets; /* with the next step */
    struct gallery_facts facts;
    struct board board;
};

struct gallery *gallery_create(const struct gallery_options *options)
{
    ensure(options->nets > 0 && options->nets <= GALLERY_NETS_MAX);
    struct gallery *gallery = memory_reserve("gallery", 1, sizeof *gallery);
    gallery->options = *options;
    gallery->codec = picture_codec_create(&options->limits);
    gallery->entries = memory_reserve("gallery", options->entries_max, sizeof *gallery->entries);
    gallery->memory = memory_reserve("gallery", options->entries_max, WORLD_IMAGE_BYTES);
    for (uint32_t i = 0; i < options->entries_max; i++)
        gallery->entries[i].bytes = gallery->memory + (size_t)i * WORLD_IMAGE_BYTES;
    gallery->png = memory_reserve("gallery", 1, sizeof *gallery->png);
    gallery->record =
        memory_reserve("gallery", sizeof(struct gallery_picture) + WORLD_IMAGE_BYTES, 1);
    ensure(wake_open(&gallery->wake));
    for (uint32_t i = 0; i < GALLERY_PAINTERS; i++) {
        if (options->painters[i] != NULL)
            painter_wakes(options->painters[i], &gallery->wake);
    }
    board_publish(&gallery->board, &gallery->facts, sizeof gallery->facts);
    return gallery;
}

static void drop_painted(struct painted **first)
{
    struct painted *gone = *first;
    *first = gone->next;
    memory_release(gone);
}

void gallery_destroy(struct gallery **gallery)
{
    struct gallery *gone = *gallery;
    if (gone == NULL)
        return;
    for (uint32_t i = 0; i < GALLERY_PAINTERS; i++) {
        while (gone->painted[i] != NULL)
            drop_painted(&gone->painted[i]);
    }
    picture_codec_destroy(&gone->codec);
    memory_release(gone->entries);
    memory_release(gone->memory);
    memory_release(gone->png);
    memory_release(gone->record);
    wake_close(&gone->wake);
    memory_release(gone);
    *gallery = NULL;
}

struct wake *gallery_wake(struct gallery *gallery)
{
    return &gallery->wake;
}

void gallery_facts(struct gallery *gallery, struct gallery_facts *out_facts)
{
    board_read(&gallery->board, out_facts, sizeof *out_facts);
}

static struct entry *find_entry(struct gallery *gallery, struct hash128 id)
{
    for (uint32_t i = 0; i < gallery->options.entries_max; i++) {
        struct entry *entry = &gallery->entries[i];
        if (entry->used == 0 || !hash_is_equal(entry->id, id))
            continue;
        entry->used = ++gallery->uses;
        return entry;
    }
    return NULL;
}

/* Remembers a picture, in the place of the one used longest ago. */
static struct entry *add_entry(struct gallery *gallery, struct hash128 id, const uint8_t *bytes,
                               uint32_t size_bytes)
{
    struct entry *oldest = &gallery->entries[0];
    for (uint32_t i = 1; i < gallery->options.entries_max; i++) {
        if (gallery->entries[i].used < oldest->used)
            oldest = &gallery->entries[i];
    }
    gallery->facts.entries += oldest->used == 0;
    oldest->id = id;
    oldest->used = ++gallery->uses;
    oldest->size_bytes = size_bytes;
    memcpy(oldest->bytes, bytes, size_bytes);
    return oldest;
}

/* Has net taken what there was, so that the next request can be answered? */
static bool can_answer(struct gallery *gallery, uint32_t net)
{
    return ring_has_room(&gallery->options.results[net],
                         (uint32_t)sizeof(struct gallery_record) + GALLERY_PART_BYTES);
}

/* Writes a record with its body to the net thread. */
static void answer(struct gallery *gallery, uint32_t net, const struct gallery_record *record,
                   const void *body)
{
    memcpy(gallery->record, record, sizeof *record);
    if (record->size_bytes > 0)
        memcpy(gallery->record + sizeof *record, body, record->size_bytes);
    ensure(ring_write(&gallery->options.results[net], gallery->record,
                      (uint32_t)sizeof *record + record->size_bytes)); /* can_answer was asked */
    if (gallery->options.results_wake != NULL)
        wake_signal(gallery->options.results_wake);
}

static void refuse(struct gallery *gallery, uint32_t net, const struct gallery_record *upload,
                   const char *words, bool may_retry)
{
    struct gallery_record refused = *upload;
    size_t size = strlen(words);
    refused.may_retry = may_retry;
    refused.kind = GALLERY_REFUSED;
    refused.size_bytes = (uint32_t)(size < WORDS_BYTES ? size : WORDS_BYTES);
    gallery->facts.refused++;
    answer(gallery, net, &refused, words);
}

/* Hands a picture to the tick, and remembers it; false when there is no room now. */
static bool hand_on(struct gallery *gallery, const struct gallery_picture *picture,
                    const uint8_t *png)
{
    memcpy(gallery->record, picture, sizeof *picture);
    memcpy(gallery->record + sizeof *picture, png, picture->size_bytes);
    if (!ring_write(gallery->options.pictures, gallery->record,
                    (uint32_t)sizeof *picture + picture->size_bytes))
        return false;
    (void)add_entry(gallery, picture->id, png, picture->size_bytes);
    return true;
}

/* Makes the file a picture and hands it to the tick. */
static void take_upload(struct gallery *gallery, uint32_t net, const struct gallery_record *upload,
                        const uint8_t *bytes)
{
    struct picture picture;
    struct error error = {""};
    gallery->facts.uploads++;
    if (!picture_make(gallery->codec, bytes, upload->size_bytes, &picture, &error)) {
        refuse(gallery, net, upload, error.text, false);
        return;
    }
    struct gallery_picture made = {
        .session = upload->session,
        .generation = upload->generation,
        .number = upload->number,
        .width = picture.width_px,
        .height = picture.height_px,
        .size_bytes = (uint32_t)picture.size_bytes,
        .id = picture.id,
    };
    if (!hand_on(gallery, &made, picture.bytes))
        refuse(gallery, net, upload, "too many pictures at once, try again in a moment", true);
}

/* What came as text goes to the tick as far as there is room. */
static bool take_painted(struct gallery *gallery, uint32_t index)
{
    struct painted **first = &gallery->painted[index];
    bool did_work = false;
    if (*first == NULL && gallery->options.painters[index] != NULL)
        *first = painter_take(gallery->options.painters[index]);
    while (*first != NULL && hand_on(gallery, &(*first)->head, (*first)->png)) {
        drop_painted(first);
        did_work = true;
    }
    return did_work;
}

static bool is_connected(struct gallery *gallery, struct moment now)
{
    const struct database *database = &gallery->options.database;
    struct error error = {""};
    if (gallery->is_connected || now.mono_us < gallery->retry_us)
        return gallery->is_connected;
    gallery->is_connected = database->ops->connect(database->state, &error) == DATABASE_OK;
    if (!gallery->is_connected) {
        log_warning("gallery", "%s", error.text);
        gallery->retry_us = now.mono_us + CONNECT_RETRY_US;
    }
    return gallery->is_connected;
}

/* The picture from the database; NULL when it is not there, or not to be had. Its name must be its
 * hash: what somebody changed by hand is not given out. */
static const struct entry *load(struct gallery *gallery, struct hash128 id, struct moment now)
{
    const struct database *database = &gallery->options.database;
    struct error error = {""};
    if (!is_connected(gallery, now))
        return NULL;
    enum database_result result = database->ops->load_image(database->state, gallery->options.world,
                                                            id, gallery->png, &error);
    if (result == DATABASE_LOST)
        gallery->is_connected = false;
    if (result != DATABASE_OK && result != DATABASE_NOT_FOUND)
        log_warning("gallery", "%s", error.text);
    if (result != DATABASE_OK ||
        !hash_is_equal(crypto_digest_128(gallery->png->bytes, gallery->png->size_bytes), id))
        return NULL;
    gallery->facts.from_database++;
    return add_entry(gallery, id, gallery->png->bytes, gallery->png->size_bytes);
}

static void take_get(struct gallery *gallery, uint32_t net, const struct gallery_record *get,
                     struct moment now)
{
    const struct entry *entry = find_entry(gallery, get->id);
    struct gallery_record part = *get;
    gallery->facts.hits += entry != NULL;
    part.kind = GALLERY_PART;
    part.size = 0;
    part.size_bytes = 0;
    if (entry == NULL)
        entry = load(gallery, get->id, now);
    if (entry == NULL || get->offset >= entry->size_bytes) {
        gallery->facts.missing++;
        answer(gallery, net, &part, NULL);
        return;
    }
    uint32_t left = entry->size_bytes - get->offset;
    part.size = entry->size_bytes;
    part.size_bytes = left < GALLERY_PART_BYTES ? left : GALLERY_PART_BYTES;
    gallery->facts.parts++;
    answer(gallery, net, &part, entry->bytes + get->offset);
}

/* A few requests of one net thread, as far as there is room for the answers: what waits is not
 * lost. */
static bool take_requests(struct gallery *gallery, uint32_t net, struct moment now)
{
    struct ring *requests = &gallery->options.requests[net];
    struct ring_cursor cursor = ring_first(requests);
    bool did_work = false;
    for (uint32_t i = 0; i < REQUESTS_PER_STEP && can_answer(gallery, net); i++) {
        struct gallery_record record;
        uint32_t size = 0;
        const uint8_t *bytes = ring_read(requests, &cursor, &size);
        if (bytes == NULL)
            break;
        memcpy(&record, bytes, sizeof record);
        if (record.kind == GALLERY_UPLOAD)
            take_upload(gallery, net, &record, bytes + sizeof record);
        else
            take_get(gallery, net, &record, now);
        did_work = true;
    }
    ring_release(requests, cursor);
    return did_work;
}

void gallery_forget(struct gallery *gallery)
{
    gallery->forgets = true;
}

static void forget_entries(struct gallery *gallery)
{
    gallery->forgets = false;
    for (uint32_t i = 0; i < gallery->options.entries_max; i++)
        gallery->entries[i].used = 0;
    gallery->facts.entries = 0;
}

bool gallery_step(struct gallery *gallery, struct moment now)
{
    bool did_work = false;
    if (gallery->forgets)
        forget_entries(gallery);
    for (uint32_t i = 0; i < GALLERY_PAINTERS; i++)
        did_work = take_painted(gallery, i) || did_work;
    for (uint32_t i = 0; i < gallery->options.nets; i++)
        did_work = take_requests(gallery, i, now) || did_work; /* each a few: nobody waits long */
    board_publish(&gallery->board, &gallery->facts, sizeof gallery->facts);
    return did_work;
}
