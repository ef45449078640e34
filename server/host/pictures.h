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

/* How things are drawn, for a session whose net thread does not know. */
void pictures_tell_looks(struct host *host, const struct inbox_looks *asked);

/* Behind a tick's changes: where a picture was banned or allowed, all forget what they know. */
void pictures_tell_bans(struct host *host);

/* Fills a table with what a world has when it starts. It must have room: loading was bounded. */
void pictures_load(struct images *images, const struct database_images *known);

#endif
