/* news.h - what a client was told a moment ago of cells near its player: told again.
 *
 * Inside server/net only. A reliable message that is lost comes again only after a round trip and
 * more; until then the client predicts a walk through what has been placed. So each snapshot
 * repeats the small CHANGES of the last NEWS_TIMES snapshots that are near enough to be walked into
 * meanwhile. Plain values, no memory of their own. */
#ifndef TILTH_NET_NEWS_H
#define TILTH_NET_NEWS_H

#include <stdbool.h>
#include <stddef.h>

#include "grid/grid.h"

enum {
    NEWS_BYTES_MAX = 500, /* of all that one snapshot repeats */
    NEWS_ITEMS_MAX = 16,
    NEWS_TIMES = 3, /* all copies are lost together once in 160,000 times at 5 % */
    NEWS_CELLS = 8, /* so near: further than anyone walks until a lost message came again */
};

/* The cells that a message tells of, first and last; empty when last.x < first.x. */
struct news_area {
    struct cell_pos first, last;
};

struct news_item {
    uint16_t size_bytes;
    uint8_t times; /* to be told again */
};

struct news {
    uint8_t bytes[NEWS_BYTES_MAX]; /* the items' messages, oldest first */
    struct news_item items[NEWS_ITEMS_MAX];
    uint32_t item_count, size_bytes;
};

struct news_area news_area_empty(void); /* The area of no cell. */
/* One more cell is in the area. */
void news_area_add(struct news_area *area, struct cell_pos cell);

/* Is the position so near to the area that its news are worth repeating? */
bool news_is_near(const struct news_area *area, struct world_pos pos);

/* Adds a framed message; the oldest make room, one that is too large is left out. */
void news_add(struct news *news, const void *bytes, size_t size_bytes);

/* One snapshot has repeated all: those that were told often enough go. */
void news_told(struct news *news);

#endif
