#include "host/pictures.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "host/host.h"

static void warn_of(struct host *host, const struct gallery_picture *picture, const char *words)
{
    const struct entity_def *def = catalog_find_picture(host->world.catalog, picture->id);
    char digits[33];
    hash_format(picture->id, digits);
    host->unkept = (struct host_unkept){picture->id, words, host->tick};
    log_warning("host", "the picture %s of %s is not kept: %s", digits,
                def != NULL ? def->name : "the content or the console", words);
}

const char *pictures_refusal(const struct host *host, struct hash128 id, uint64_t since)
{
    const struct host_unkept *unkept = &host->unkept;
    bool is_it = unkept->words != NULL && hash_is_equal(unkept->id, id) &&
                 unkept->tick + host->options.limits.tick_hz >= since;
    return is_it ? unkept->words : NULL;
}

bool pictures_must_wait(const struct host *host, const struct gallery_picture *picture)
{
    return picture->session == GALLERY_NOBODY &&
           (host->sim.is_read_only || host->sim.is_store_behind);
}

/* Why a picture is not kept. */
struct unkept {
    const char *words; /* "": it is */
    bool may_retry;    /* for now only: in a moment it may be */
};

static void tell_kept(struct host *host, const struct gallery_picture *picture,
                      struct unkept unkept, uint64_t release_seq)
{
    struct message message = {.kind = MESSAGE_IMAGE_KEPT};
    if (picture->session == GALLERY_NOBODY) {
        if (unkept.words[0] != '\0')
            warn_of(host, picture, unkept.words);
        return;
    }
    message.image_kept = (struct message_image_kept){
        .number = picture->number,
        .id = picture->id,
        .words = {(const uint8_t *)unkept.words, (uint32_t)strlen(unkept.words)},
        .may_retry = unkept.may_retry,
    };
    session_send(host, picture->session, ENVELOPE_MESSAGE, &message, release_seq);
}

static struct unkept refusal_of(const struct host *host, const struct image *known, uint32_t size)
{
    const struct sim *sim = &host->sim;
    if (known != NULL && known->is_banned)
        return (struct unkept){"this picture is not allowed here", false};
    if (known != NULL && known->size_bytes > 0)
        return (struct unkept){"", false};
    if (sim->is_read_only || sim->is_store_behind)
        return (struct unkept){"the server cannot save right now, try again in a moment", true};
    if (!images_has_room(&host->world.images))
        return (struct unkept){"the world has no room for more pictures", false};
    bool has_room = sim_has_room(sim) && sim->spans.size_bytes - sim->spans.used_bytes >
                                             size + SIM_SPAN_BYTES_PER_INTENT_MAX;
    if (!has_room)
        return (struct unkept){"too many pictures at once, try again in a moment", true};
    return (struct unkept){"", false};
}

/* Is whoever brought it? */
static bool is_there(const struct host *host, const struct gallery_picture *picture)
{
    if (picture->session == GALLERY_NOBODY)
        return true;
    ensure(picture->session < host->options.limits.sessions_max);
    const struct session *session = &host->sessions[picture->session];
    return session->state == SESSION_PLAYING && session->generation == picture->generation;
}

static struct character_id uploader_of(struct host *host, const struct gallery_picture *picture)
{
    if (picture->session == GALLERY_NOBODY)
        return (struct character_id){0};
    return session_character(host, picture->session)->id;
}

void pictures_keep(struct host *host, const struct gallery_picture *picture, const uint8_t *png)
{
    if (!is_there(host, picture))
        return; /* who brought it has left */
    struct image *known = images_find(&host->world.images, picture->id);
    struct unkept unkept = refusal_of(host, known, picture->size_bytes);
    if (known != NULL)
        known->unused_since = 0; /* somebody is about to use it */
    if (unkept.words[0] == '\0' && (known == NULL || known->size_bytes == 0)) {
        struct change change = {.kind = CHANGE_IMAGE};
        change.image = (struct change_image){.id = picture->id,
                                             .png = {png, picture->size_bytes},
                                             .width = picture->width,
                                             .height = picture->height,
                                             .uploader = uploader_of(host, picture)};
        sim_change(&host->sim, &change);
    }
    /* that there is no room now shows nothing that lasts, and may be said because of the disk */
    tell_kept(host, picture, unkept, unkept.may_retry ? 0 : host_release_seq(host));
}

void pictures_tell_looks(struct host *host, const struct inbox_looks *asked)
{
    const struct images *images = &host->world.images;
    struct packet body;
    struct message message = {.kind = MESSAGE_LOOKS};
    framing_init(&body, host->own_bytes, HOST_LOOKS_BYTES);
    for (uint32_t i = 0; i < asked->count && i < INBOX_LOOKS_MAX; i++) {
        const struct image_config *config = images_find_config(images, asked->numbers[i]);
        struct change change = {.kind = CHANGE_IMAGE_CONFIG};
        if (config == NULL)
            continue;
        change.image_config = config->value;
        const struct image *image = images_find(images, config->value.custom);
        if (image != NULL && image->is_banned)
            change.image_config.custom = (struct hash128){0, 0};
        ensure(framing_add_change(&body, &change)); /* 64 of them are a quarter of it */
    }
    message.looks.body = (struct span){body.bytes, (uint32_t)body.size_bytes};
    if (body.size_bytes > 0)
        session_send(host, asked->head.session, ENVELOPE_MESSAGE, &message, host_release_seq(host));
}

void pictures_tell_bans(struct host *host)
{
    struct message message = {.kind = MESSAGE_LOOKS};
    bool is_any = false;
    message.looks.is_anew = 1;
    for (uint32_t i = 0; i < host->sim.log_count; i++)
        is_any = is_any || host->sim.log[i].kind == CHANGE_IMAGE_BAN;
    for (uint32_t i = 0; is_any && i < host->options.limits.sessions_max; i++) {
        if (host->sessions[i].state == SESSION_PLAYING)
            session_send(host, i, ENVELOPE_MESSAGE, &message, host_release_seq(host));
    }
}

/* The picture has to be kept yet: no type before has the same. */
static bool is_new(const struct images *images, const struct catalog *catalog, uint32_t type)
{
    struct hash128 id = catalog->entities[type].image.custom;
    const struct image *image = images_find(images, id);
    return (image == NULL || image->size_bytes == 0) &&
           catalog_find_picture(catalog, id) == &catalog->entities[type];
}

bool pictures_check(const struct images *images, const struct catalog *catalog, struct error *error)
{
    uint32_t room = images->image_pool.capacity - images->image_pool.used;
    char digits[33];
    for (uint32_t type = 1; type < CATALOG_TYPES_MAX; type++) {
        const struct entity_def *def = &catalog->entities[type];
        const struct image *image = images_find(images, def->image.custom);
        if (images_is_none(def->image.custom))
            continue;
        hash_format(def->image.custom, digits);
        if (image != NULL && image->is_banned)
            return error_set(error,
                             "the type \"%s\" has the picture %s, which is banned: allow it "
                             "(image unban), or take it out of the content",
                             def->name, digits);
        if (!is_new(images, catalog, type))
            continue;
        if (image == NULL && room-- == 0)
            return error_set(error,
                             "the picture of the type \"%s\" has no room: %u are there "
                             "(images_max)",
                             def->name, images->image_pool.capacity);
    }
    return true;
}

void pictures_load(struct images *images, const struct database_images *known)
{
    for (uint32_t i = 0; i < known->image_count; i++) {
        const struct database_image *row = &known->images[i];
        struct image image = {.id = row->id,
                              .uploader = row->uploader,
                              .width = row->width,
                              .height = row->height,
                              .size_bytes = row->size_bytes,
                              .is_banned = row->is_banned};
        ensure(images_load(images, &image));
    }
    for (uint32_t i = 0; i < known->config_count; i++)
        ensure(images_load_config(images, &known->configs[i].value, known->configs[i].uses));
}
