#include "net/news.h"

#include <string.h>

struct news_area news_area_empty(void)
{
    return (struct news_area){{INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN}};
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

void news_area_add(struct news_area *area, struct cell_pos cell)
{
    area->first = (struct cell_pos){least(area->first.x, cell.x), least(area->first.y, cell.y)};
    area->last = (struct cell_pos){most(area->last.x, cell.x), most(area->last.y, cell.y)};
}

static bool is_within(int64_t first, int64_t last, int64_t at)
{
    return first - NEWS_CELLS <= at && at <= last + NEWS_CELLS;
}

bool news_is_near(const struct news_area *area, struct world_pos pos)
{
    struct cell_pos here = grid_cell_of(pos);
    return area->first.x <= area->last.x && is_within(area->first.x, area->last.x, here.x) &&
           is_within(area->first.y, area->last.y, here.y);
}

/* Takes out the oldest items. */
static void drop_oldest(struct news *news, uint32_t count)
{
    uint32_t gone_bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        gone_bytes += news->items[i].size_bytes;
    news->item_count -= count;
    news->size_bytes -= gone_bytes;
    memmove(news->items, news->items + count, news->item_count * sizeof news->items[0]);
    memmove(news->bytes, news->bytes + gone_bytes, news->size_bytes);
}

void news_add(struct news *news, const void *bytes, size_t size_bytes)
{
    if (size_bytes > NEWS_BYTES_MAX)
        return;
    while (news->item_count == NEWS_ITEMS_MAX || news->size_bytes + size_bytes > NEWS_BYTES_MAX)
        drop_oldest(news, 1);
    memcpy(news->bytes + news->size_bytes, bytes, size_bytes);
    news->items[news->item_count++] = (struct news_item){(uint16_t)size_bytes, NEWS_TIMES};
    news->size_bytes += (uint32_t)size_bytes;
}

void news_told(struct news *news)
{
    uint32_t over = 0;
    for (uint32_t i = 0; i < news->item_count; i++)
        over += --news->items[i].times == 0; /* older ones are never told more often */
    drop_oldest(news, over);
}
