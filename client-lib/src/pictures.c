#include "pictures.h"

#include <string.h>

#include "base/memory.h"
#include "session.h"

enum {
    LOOKS_US_MAX = 3000000, /* for an answer; then it is asked again */
    LOOKS_PAUSE_US = 1000000,
    LOOKS_FULL_US = 10000000,
    SCAN_US = 200000,      /* between two looks at all that is in view */
    PART_US_MAX = 5000000, /* without a part of it, or of one that was asked for before it */
    FAILURE_US = 10000000,
    FAILURES_MAX = 3,      /* in a row, of a picture of which a part has come */
    DOWNLOADS_US = 100000, /* several are asked for at once: a server counts datagrams */
    REST_US = 1000000,     /* until all is looked through again, where nothing was missing */
    PLACES_PER_RUN = 2048,
};

void tilth_pictures_init(struct pictures *pictures, const struct pictures_options *options)
{
    *pictures = (struct pictures){.options = *options, .files = options->files};
}

/* Many worlds have no pictures: memory for them is reserved with the first. All that looks and
 * types can name at once fills at most half of the ids that were had. */
static void reserve(struct session *session)
{
    struct pictures *pictures = &session->pictures;
    uint32_t ids_max = session->mirror.world.images.config_pool.capacity + CATALOG_TYPES_MAX;
    if (pictures->memory != NULL)
        return;
    pictures->had_slots = 1;
    while (pictures->had_slots < 2 * ids_max)
        pictures->had_slots *= 2;
    pictures->had = memory_reserve("client pictures", pictures->had_slots, sizeof *pictures->had);
    pictures->memory =
        memory_reserve_untouched("client pictures", pictures->options.memory_bytes, 1);
    for (uint32_t i = 0; i < PICTURES_DOWNLOADS_MAX; i++)
        pictures->downloads[i].bytes =
            memory_reserve_untouched("client pictures", WORLD_IMAGE_BYTES, 1);
}

void tilth_pictures_finish(struct pictures *pictures)
{
    memory_release(pictures->memory);
    memory_release(pictures->had);
    for (uint32_t i = 0; i < PICTURES_DOWNLOADS_MAX; i++)
        memory_release(pictures->downloads[i].bytes);
    *pictures = (struct pictures){.needs_scan = false};
}

void tilth_pictures_restart(struct pictures *pictures)
{
    pictures->needs_scan = true;
    pictures->looks_us = 0;
    pictures->scan_us = 0;
    for (uint32_t i = 0; i < PICTURES_DOWNLOADS_MAX; i++)
        pictures->downloads[i].ask_us = 0; /* they go on where they were */
}

/* --- pictures that are kept ------------------------------------------------------------------ */

static const struct picture_entry *find_entry(const struct pictures *pictures, struct hash128 id)
{
    for (uint32_t i = 0; i < pictures->entry_count; i++) {
        uint32_t at = (pictures->first_entry + i) % PICTURES_ENTRIES_MAX;
        if (hash_is_equal(pictures->entries[at].id, id))
            return &pictures->entries[at];
    }
    return NULL;
}

/* Where the id is among those that were had, or would be. */
static struct hash128 *find_had(const struct pictures *pictures, struct hash128 id)
{
    uint32_t at = (uint32_t)id.low & (pictures->had_slots - 1);
    while (!images_is_none(pictures->had[at]) && !hash_is_equal(pictures->had[at], id))
        at = (at + 1) & (pictures->had_slots - 1);
    return &pictures->had[at];
}

static bool was_had(const struct pictures *pictures, struct hash128 id)
{
    return pictures->had != NULL && !images_is_none(*find_had(pictures, id));
}

static void add_had(struct pictures *pictures, struct hash128 id)
{
    pictures->had_count += !was_had(pictures, id);
    *find_had(pictures, id) = id;
}

/* Notes that the picture was had. Where too many were, only those that are there stay noted: most
 * of the others are of looks long gone. */
static void note_had(struct pictures *pictures, struct hash128 id)
{
    if (pictures->had_count >= pictures->had_slots / 4 * 3) {
        memset(pictures->had, 0, pictures->had_slots * sizeof *pictures->had);
        pictures->had_count = 0;
        for (uint32_t i = 0; i < pictures->entry_count; i++)
            add_had(pictures,
                    pictures->entries[(pictures->first_entry + i) % PICTURES_ENTRIES_MAX].id);
    }
    add_had(pictures, id);
}

/* The oldest pictures go whose bytes the range would overwrite. */
static void make_room(struct pictures *pictures, uint32_t at, uint32_t size)
{
    while (pictures->entry_count > 0) {
        const struct picture_entry *oldest = &pictures->entries[pictures->first_entry];
        bool is_clear = oldest->at >= at + size || oldest->at + oldest->size_bytes <= at;
        if (is_clear && pictures->entry_count < PICTURES_ENTRIES_MAX)
            return;
        pictures->first_entry = (pictures->first_entry + 1) % PICTURES_ENTRIES_MAX;
        pictures->entry_count--;
    }
}

static void remember(struct pictures *pictures, struct hash128 id, const uint8_t *bytes,
                     uint32_t size)
{
    if (size > pictures->options.memory_bytes)
        return;
    if (pictures->memory_next + size > pictures->options.memory_bytes)
        pictures->memory_next = 0;
    uint32_t at = pictures->memory_next;
    make_room(pictures, at, size);
    memcpy(pictures->memory + at, bytes, size);
    uint32_t next = (pictures->first_entry + pictures->entry_count) % PICTURES_ENTRIES_MAX;
    pictures->entries[next] = (struct picture_entry){id, at, size};
    pictures->entry_count++;
    pictures->memory_next = at + size;
}

/* The caller wants a picture that is not there. */
static void ask_again(struct pictures *pictures, struct hash128 id)
{
    for (uint32_t i = 0; i < pictures->asked_count; i++) {
        if (hash_is_equal(pictures->asked[i], id))
            return;
    }
    if (pictures->asked_count < PICTURES_ASKED_MAX)
        pictures->asked[pictures->asked_count++] = id;
}

size_t tilth_pictures_read(struct pictures *pictures, struct hash128 id, void *out_bytes,
                           size_t capacity)
{
    const struct picture_entry *entry = find_entry(pictures, id);
    uint8_t buffer[WORLD_IMAGE_BYTES];
    const uint8_t *bytes = buffer;
    size_t size = 0;
    if (entry != NULL) {
        bytes = pictures->memory + entry->at;
        size = entry->size_bytes;
    } else {
        size = tilth_picture_files_load(&pictures->files, id, buffer);
    }
    if (size == 0)
        ask_again(pictures, id);
    if (size > capacity)
        return 0;
    memcpy(out_bytes, bytes, size);
    return size;
}

/* A picture is there. */
static void take_picture(struct session *session, struct hash128 id, const uint8_t *bytes,
                         uint32_t size)
{
    struct tilth_event event = {.kind = TILTH_EVENT_PICTURE};
    remember(&session->pictures, id, bytes, size);
    note_had(&session->pictures, id);
    hash_format(id, event.text);
    tilth_events_push(&session->events, &event);
}

/* --- looks ----------------------------------------------------------------------------------- */

/* Something in view is drawn so: counts it, or wants to know how that is. True when there is no
 * room to ask for more. */
static bool note_look(struct session *session, uint32_t number)
{
    struct pictures *pictures = &session->pictures;
    if (number == 0)
        return false;
    struct image_config *config = images_find_config(&session->mirror.world.images, number);
    if (config != NULL) {
        config->uses++;
        return false;
    }
    for (uint32_t i = 0; i < pictures->look_count; i++) {
        if (pictures->looks[i] == number)
            return false;
    }
    if (pictures->look_count == PICTURES_LOOKS_MAX)
        return true;
    pictures->looks[pictures->look_count++] = number;
    return false;
}

/* How many places in memory may have something that is drawn. */
static uint32_t count_places(const struct world *world)
{
    return world->entity_pool.reached + world->structure_pool.reached + world->pile_pool.reached +
           world->slots_max;
}

/* The configuration of what is in the place, 0: as its type is drawn, or nothing is there. */
static uint32_t look_in(const struct world *world, uint32_t place)
{
    if (place < world->entity_pool.reached)
        return pool_is_used(&world->entity_pool, place) ? world->entities[place].image : 0;
    place -= world->entity_pool.reached;
    if (place < world->structure_pool.reached)
        return pool_is_used(&world->structure_pool, place) ? world->structures[place].image : 0;
    place -= world->structure_pool.reached;
    if (place < world->pile_pool.reached)
        return pool_is_used(&world->pile_pool, place) ? world->piles[place].stack.image : 0;
    return world->slots[place - world->pile_pool.reached].image;
}

/* Counts anew what of all that is in view uses which configuration, and notes those that are not
 * known; are there more than can be asked for? */
static bool count_uses(struct session *session)
{
    const struct world *world = &session->mirror.world;
    uint32_t places = count_places(world);
    bool is_more = false;
    session->pictures.look_count = 0;
    for (uint32_t i = 0; i < world->images.config_pool.reached; i++)
        world->images.configs[i].uses = 0;
    for (uint32_t i = 0; i < places; i++)
        is_more = note_look(session, look_in(world, i)) || is_more;
    return is_more;
}

/* Asks for what is missing of all that is in view. */
static void ask_looks(struct session *session)
{
    struct pictures *pictures = &session->pictures;
    uint8_t numbers[4 * PICTURES_LOOKS_MAX];
    struct message message = {.kind = MESSAGE_WANT_LOOKS};
    pictures->scan_us = session->now_us + SCAN_US;
    pictures->needs_scan = count_uses(session);
    if (pictures->look_count == 0)
        return;
    for (uint32_t i = 0; i < pictures->look_count; i++) {
        for (uint32_t byte = 0; byte < 4; byte++)
            numbers[4 * i + byte] = (uint8_t)(pictures->looks[i] >> 8 * byte);
    }
    message.want_looks.numbers = (struct span){numbers, 4 * pictures->look_count};
    pictures->looks_us = session->now_us;
    tilth_session_send(session, &message);
}

/* Forgets all configurations, or those that nothing in view has. */
static void forget_looks(struct session *session, bool are_all)
{
    struct images *images = &session->mirror.world.images;
    (void)count_uses(session);
    for (uint32_t i = 0; i < images->config_pool.capacity; i++) {
        struct change gone = {.kind = CHANGE_IMAGE_CONFIG};
        if (!pool_is_used(&images->config_pool, i) || (images->configs[i].uses > 0 && !are_all))
            continue;
        gone.image_config = images->configs[i].value;
        gone.image_config.size = 0;
        images_apply(images, &gone);
    }
    session->pictures.needs_scan = true;
}

/* Takes one configuration; false when it is none. */
static bool take_look(struct session *session, const struct framed *framed)
{
    struct world *world = &session->mirror.world;
    struct change change;
    struct tilth_event event = {.kind = TILTH_EVENT_LOOK};
    if (!framing_change(framed, &change) || change.kind != CHANGE_IMAGE_CONFIG)
        return false;
    if (!images_has_config_room(&world->images) && !session->pictures.is_full) {
        forget_looks(session, false);
        session->pictures.is_full = !images_has_config_room(&world->images);
    }
    if (session->pictures.is_full)
        return true; /* it is drawn as its type */
    if (!world_check(world, NULL, &change, NULL))
        return false;
    images_apply(&world->images, &change);
    session->pictures.clean = 0;
    session->pictures.rest_until_us = 0;
    session->pictures.needs_scan = true; /* its uses are counted then */
    event.number = change.image_config.id;
    tilth_events_push(&session->events, &event);
    return true;
}

void tilth_pictures_resync(struct session *session)
{
    forget_looks(session, true);
    session->pictures.looks_us = 0;
}

/* Until more is asked for: of what the server does not know yet, and when there is no room. */
static uint64_t pause_after(const struct pictures *pictures, uint32_t taken)
{
    if (pictures->is_full)
        return LOOKS_FULL_US;
    return taken > 0 ? 0 : LOOKS_PAUSE_US;
}

bool tilth_pictures_take_looks(struct session *session, const struct message *message)
{
    struct pictures *pictures = &session->pictures;
    struct span body = message->looks.body;
    struct framed framed;
    size_t offset = 0;
    uint32_t taken = 0;
    if (session->phase != SESSION_PLAYING)
        return true; /* nothing is known yet that could be wrong */
    pictures->is_full = false;
    if (message->looks.is_anew)
        forget_looks(session, true);
    while (framing_next(body.bytes, body.size_bytes, &offset, &framed)) {
        if (!take_look(session, &framed))
            return tilth_session_blame(session, "how things look is malformed");
        taken++;
    }
    if (offset != body.size_bytes)
        return tilth_session_blame(session, "how things look is malformed");
    if (pictures->looks_us != 0 && !message->looks.is_anew) {
        pictures->looks_us = 0;
        pictures->needs_scan = pictures->needs_scan || taken < pictures->look_count;
        pictures->scan_us = session->now_us + pause_after(pictures, taken);
    }
    return true;
}

static void run_looks(struct session *session)
{
    struct pictures *pictures = &session->pictures;
    if (pictures->looks_us != 0 && session->now_us - pictures->looks_us > LOOKS_US_MAX) {
        pictures->looks_us = 0;
        pictures->needs_scan = true;
    }
    if (pictures->needs_scan && pictures->looks_us == 0 && session->now_us >= pictures->scan_us)
        ask_looks(session);
}

/* --- pictures that come in ------------------------------------------------------------------- */

static bool has_failed(const struct session *session, struct hash128 id)
{
    const struct pictures *pictures = &session->pictures;
    for (uint32_t i = 0; i < PICTURES_FAILED_MAX; i++) {
        if (hash_is_equal(pictures->failures[i].id, id) &&
            session->now_us < pictures->failures[i].retry_us)
            return true;
    }
    return false;
}

static void fail(struct session *session, struct picture_download *download)
{
    struct pictures *pictures = &session->pictures;
    pictures->failures[pictures->failure_next] =
        (struct picture_failure){download->id, session->now_us + FAILURE_US};
    pictures->failure_next = (pictures->failure_next + 1) % PICTURES_FAILED_MAX;
    download->is_used = false;
}

static struct picture_download *find_download(struct pictures *pictures, struct hash128 id)
{
    for (uint32_t i = 0; i < PICTURES_DOWNLOADS_MAX; i++) {
        if (pictures->downloads[i].is_used && hash_is_equal(pictures->downloads[i].id, id))
            return &pictures->downloads[i];
    }
    return NULL;
}

static void ask_part(struct session *session, struct picture_download *download)
{
    struct message message = {.kind = MESSAGE_WANT_IMAGE};
    message.want_image = (struct message_want_image){download->id, download->received};
    download->turn = ++session->pictures.turns;
    download->ask_us = session->now_us + PART_US_MAX;
    tilth_session_send(session, &message);
}

/* Begins to fetch a picture, unless it is there. */
static void begin(struct session *session, struct picture_download *download, struct hash128 id)
{
    struct pictures *pictures = &session->pictures;
    reserve(session);
    uint32_t size = tilth_picture_files_load(&pictures->files, id, download->bytes);
    if (size > 0) {
        take_picture(session, id, download->bytes, size);
        return;
    }
    *download = (struct picture_download){.is_used = true, .id = id, .bytes = download->bytes};
    ask_part(session, download);
}

/* It may be fetched: it is not on its way, and not known to be out of reach. */
static bool can_fetch(struct session *session, struct hash128 id)
{
    return !images_is_none(id) && find_download(&session->pictures, id) == NULL &&
           !has_failed(session, id);
}

/* The picture of a place: of looks that something in view has, then of types; 0 none. */
static struct hash128 picture_in(const struct session *session, uint32_t place)
{
    const struct images *images = &session->mirror.world.images;
    const struct entity_def *types = session->catalog->entities;
    if (place >= images->config_pool.reached)
        return types[place - images->config_pool.reached].image.custom;
    bool is_used = pool_is_used(&images->config_pool, place) && images->configs[place].uses > 0;
    return is_used ? images->configs[place].value.custom : (struct hash128){0, 0};
}

/* The next picture that a known look or a type names and that never was there; false when there is
 * none among the next few. */
static bool next_missing(struct session *session, struct hash128 *out_id)
{
    struct pictures *pictures = &session->pictures;
    uint32_t places = session->mirror.world.images.config_pool.reached + CATALOG_TYPES_MAX;
    for (uint32_t i = 0; i < PLACES_PER_RUN && pictures->clean < places; i++) {
        pictures->cursor = (pictures->cursor + 1) % places;
        *out_id = picture_in(session, pictures->cursor);
        if (!was_had(pictures, *out_id) && can_fetch(session, *out_id)) {
            pictures->clean = 0;
            return true;
        }
        pictures->clean++;
    }
    if (pictures->clean >= places) {
        pictures->clean = 0;
        pictures->rest_until_us = session->now_us + REST_US;
    }
    return false;
}

/* The next one that the caller misses. */
static bool next_asked(struct session *session, struct hash128 *out_id)
{
    struct pictures *pictures = &session->pictures;
    while (pictures->asked_count > 0) {
        *out_id = pictures->asked[--pictures->asked_count];
        if (find_entry(pictures, *out_id) == NULL && can_fetch(session, *out_id))
            return true;
    }
    return false;
}

static bool next_picture(struct session *session, struct hash128 *out_id)
{
    return next_asked(session, out_id) ||
           (session->now_us >= session->pictures.rest_until_us && next_missing(session, out_id));
}

static void finish(struct session *session, struct picture_download *download)
{
    struct hash128 id = download->id;
    if (!hash_is_equal(crypto_digest_128(download->bytes, download->size), id)) {
        fail(session, download);
        return;
    }
    download->is_used = false;
    tilth_picture_files_save(&session->pictures.files, id, download->bytes, download->size);
    take_picture(session, id, download->bytes, download->size);
}

/* The server has nothing of it now. What has come already is worth another try. */
static void take_nothing(struct session *session, struct picture_download *download)
{
    if (download->received == 0 || ++download->failures == FAILURES_MAX)
        fail(session, download);
    else
        download->ask_us = session->now_us + FAILURE_US;
}

/* Those that were asked for later have their turn yet. */
static void wait_on(struct session *session, uint32_t turn)
{
    struct picture_download *downloads = session->pictures.downloads;
    uint64_t until_us = session->now_us + PART_US_MAX;
    for (uint32_t i = 0; i < PICTURES_DOWNLOADS_MAX; i++) {
        if (downloads[i].turn - turn < UINT32_MAX / 2 && downloads[i].ask_us < until_us)
            downloads[i].ask_us = until_us;
    }
}

bool tilth_pictures_take_part(struct session *session, const struct message *message)
{
    const struct message_image_part *part = &message->image_part;
    struct picture_download *download = find_download(&session->pictures, part->id);
    uint32_t size = part->bytes.size_bytes;
    if (download == NULL)
        return true; /* one that was given up */
    bool is_next = part->offset == download->received && part->size >= part->offset + size &&
                   (download->size == 0 || download->size == part->size);
    wait_on(session, download->turn);
    if (part->size == 0 || size == 0) {
        take_nothing(session, download);
        return true;
    }
    if (!is_next)
        return true; /* a repetition, since it was asked for twice */
    memcpy(download->bytes + download->received, part->bytes.bytes, size);
    download->size = part->size;
    download->received += size;
    download->failures = 0;
    if (download->received == download->size)
        finish(session, download);
    else if (part->is_last)
        ask_part(session, download);
    return true;
}

static void run_downloads(struct session *session)
{
    struct pictures *pictures = &session->pictures;
    struct hash128 id;
    if (session->now_us < pictures->downloads_us)
        return;
    bool is_more = true;
    pictures->downloads_us = session->now_us + DOWNLOADS_US;
    for (uint32_t i = 0; i < PICTURES_DOWNLOADS_MAX; i++) {
        struct picture_download *download = &pictures->downloads[i];
        is_more = is_more && (download->is_used || next_picture(session, &id));
        if (!download->is_used && is_more)
            begin(session, download, id);
        else if (download->is_used && session->now_us >= download->ask_us)
            ask_part(session, download);
    }
}

void tilth_pictures_run(struct session *session)
{
    run_looks(session);
    if (session->pictures.options.memory_bytes > 0)
        run_downloads(session);
}
