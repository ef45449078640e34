#include "net/news.h"

#include <string.h>

#include "testing.h"

static struct world_pos in_cell(int32_t x, int32_t y)
{
    return (struct world_pos){x * GRID_CELL_UNITS + 5, y * GRID_CELL_UNITS + 5};
}

START_TEST(test_near_is_some_cells_around_the_area)
{
    struct news_area area = news_area_empty();
    ck_assert(!news_is_near(&area, in_cell(0, 0)));
    news_area_add(&area, (struct cell_pos){-3, 7});
    news_area_add(&area, (struct cell_pos){2, 5});
    ck_assert(news_is_near(&area, in_cell(0, 6)));
    ck_assert(news_is_near(&area, in_cell(-3 - NEWS_CELLS, 5 - NEWS_CELLS)));
    ck_assert(news_is_near(&area, in_cell(2 + NEWS_CELLS, 7 + NEWS_CELLS)));
    ck_assert(!news_is_near(&area, in_cell(-4 - NEWS_CELLS, 6)));
    ck_assert(!news_is_near(&area, in_cell(3 + NEWS_CELLS, 6)));
    ck_assert(!news_is_near(&area, in_cell(0, 4 - NEWS_CELLS)));
    ck_assert(!news_is_near(&area, in_cell(0, 8 + NEWS_CELLS)));
}
END_TEST

START_TEST(test_each_is_told_a_few_times_in_order)
{
    struct news news = {.item_count = 0};
    news_add(&news, "ab", 2);
    news_told(&news);
    news_add(&news, "cde", 3);
    ck_assert_uint_eq(news.size_bytes, 5);
    ck_assert_mem_eq(news.bytes, "abcde", 5);
    for (int i = 1; i < NEWS_TIMES; i++)
        news_told(&news);
    ck_assert_uint_eq(news.size_bytes, 3);
    ck_assert_mem_eq(news.bytes, "cde", 3);
    news_told(&news);
    ck_assert_uint_eq(news.size_bytes, 0);
    ck_assert_uint_eq(news.item_count, 0);
    news_told(&news);
}
END_TEST

START_TEST(test_the_newest_push_the_oldest_out)
{
    struct news news = {.item_count = 0};
    uint8_t bytes[NEWS_BYTES_MAX + 1];
    for (uint32_t i = 0; i < NEWS_ITEMS_MAX + 3; i++)
        news_add(&news, &(uint8_t){(uint8_t)i}, 1);
    ck_assert_uint_eq(news.item_count, NEWS_ITEMS_MAX);
    ck_assert_uint_eq(news.bytes[0], 3);
    memset(bytes, 77, sizeof bytes);
    news_add(&news, bytes, sizeof bytes); /* too large: nothing makes room for it */
    ck_assert_uint_eq(news.item_count, NEWS_ITEMS_MAX);
    news_add(&news, bytes, NEWS_BYTES_MAX - 2);
    ck_assert_uint_eq(news.item_count, 3);
    ck_assert_uint_eq(news.size_bytes, NEWS_BYTES_MAX);
    ck_assert_uint_eq(news.bytes[1], NEWS_ITEMS_MAX + 2);
    news_add(&news, bytes, NEWS_BYTES_MAX);
    ck_assert_uint_eq(news.item_count, 1);
}
END_TEST

TESTING_MAIN("news", test_near_is_some_cells_around_the_area,
             test_each_is_told_a_few_times_in_order, test_the_newest_push_the_oldest_out)
