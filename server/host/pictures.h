/* pictures.h - the tick's part in pictures: what the gallery has made is kept, and players are told
 * of looks.
 *
 * Inside server/host. Owner: the tick. */
#ifndef TILTH_HOST_PICTURES_H
#define TILTH_HOST_PICTURES_H

#include "host/gallery.h"
#include "net/inbox.h"
#include "world/images.h"

struct host;

/* A picture from the gallery: kept unless it is known, and its player is told; or why not. */
void pictures_keep(struct host *host, const struct gallery_picture *picture, const uint8_t *png);

/* Does it, of the content or the console, have to wait until the server can save again? */
bool pictures_must_wait(const struct host *host, const struct gallery_picture *picture);

/* Why a picture of the content or the console was not kept, at that tick or a second before it or
 * later: words, or NULL. */
const char *pictures_refusal(const struct host *host, struct hash128 id, uint64_t since);

/* How things are drawn, for a session whose net thread does not know. */
void pictures_tell_looks(struct host *host, const struct inbox_looks *asked);

/* Behind a tick's changes: where a picture was banned or allowed, all forget what they know. */
void pictures_tell_bans(struct host *host);

/* Are the pictures of types there, or may they be kept: allowed, and is there room for them? False
 * with words that name the type. */
bool pictures_check(const struct images *images, const struct catalog *catalog,
                    struct error *error);

/* Fills a table with what a world has when it starts. It must have room: loading was bounded. */
void pictures_load(struct images *images, const struct database_images *known);

#endif
