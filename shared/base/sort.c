#include "base/sort.h"

#include <stdbool.h>
#include <string.h>

#include "base/ensure.h"

enum { FEW = 12 }; /* rows that are sorted by moving each to its place */

struct sorting {
    uint8_t *bytes;
    uint32_t count;
    const struct sort_order *order;
    uint8_t moving[SORT_ROW_BYTES_MAX];
};

static uint8_t *row(const struct sorting *sorting, uint32_t index)
{
    return sorting->bytes + index * sorting->order->size_bytes;
}

static void copy(struct sorting *sorting, uint8_t *to, const uint8_t *from)
{
    memcpy(to, from, sorting->order->size_bytes);
}

static bool is_less(const struct sorting *sorting, const uint8_t *a, const uint8_t *b)
{
    return sorting->order->compare(a, b) < 0;
}

/* Does each row but the first stand on that side of the one before it? */
static bool is_run(const struct sorting *sorting, bool is_falling)
{
    uint32_t i = 1;
    while (i < sorting->count &&
           is_less(sorting, row(sorting, i), row(sorting, i - 1)) == is_falling)
        i++;
    return i >= sorting->count;
}

static void reverse(struct sorting *sorting)
{
    for (uint32_t low = 0, high = sorting->count - 1; low < high; low++, high--) {
        copy(sorting, sorting->moving, row(sorting, low));
        copy(sorting, row(sorting, low), row(sorting, high));
        copy(sorting, row(sorting, high), sorting->moving);
    }
}

static void insert_each(struct sorting *sorting)
{
    for (uint32_t i = 1; i < sorting->count; i++) {
        uint32_t hole = i;
        copy(sorting, sorting->moving, row(sorting, i));
        while (hole > 0 && is_less(sorting, sorting->moving, row(sorting, hole - 1))) {
            copy(sorting, row(sorting, hole), row(sorting, hole - 1));
            hole--;
        }
        copy(sorting, row(sorting, hole), sorting->moving);
    }
}

/* Puts the moving row into the heap of the first `count` rows, whose place `hole` is free. */
static void sift(struct sorting *sorting, uint32_t hole, uint32_t count)
{
    for (;;) {
        uint32_t child = 2 * hole + 1;
        if (child >= count)
            break;
        if (child + 1 < count && is_less(sorting, row(sorting, child), row(sorting, child + 1)))
            child++;
        if (!is_less(sorting, sorting->moving, row(sorting, child)))
            break;
        copy(sorting, row(sorting, hole), row(sorting, child));
        hole = child;
    }
    copy(sorting, row(sorting, hole), sorting->moving);
}

/* Williams 1964, with the heap built from below (Floyd 1964). */
static void sort_by_heap(struct sorting *sorting)
{
    for (uint32_t i = sorting->count / 2; i-- > 0;) {
        copy(sorting, sorting->moving, row(sorting, i));
        sift(sorting, i, sorting->count);
    }
    for (uint32_t end = sorting->count - 1; end > 0; end--) {
        copy(sorting, sorting->moving, row(sorting, end));
        copy(sorting, row(sorting, end), row(sorting, 0));
        sift(sorting, 0, end);
    }
}

void sort_rows(void *rows, uint32_t count, const struct sort_order *order)
{
    struct sorting sorting = {.bytes = rows, .count = count, .order = order};
    ensure(order->size_bytes <= sizeof sorting.moving);
    if (count <= FEW)
        insert_each(&sorting);
    else if (is_run(&sorting, true))
        reverse(&sorting);
    else if (!is_run(&sorting, false))
        sort_by_heap(&sorting);
}
