/* sort.h - sorting rows in place, without memory and without a bad case.
 *
 * For threads that may not take memory, as qsort may. Rows that are in order already, or in the
 * opposite order, as lists are whose newest comes first, take one look each; others take about
 * 2 n log2 n. Rows that compare equal may change places: compare what is unique. Any thread. */
#ifndef TILTH_BASE_SORT_H
#define TILTH_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

enum { SORT_ROW_BYTES_MAX = 256 };

/* How rows of a kind are sorted. */
struct sort_order {
    size_t size_bytes;                            /* of a row */
    int (*compare)(const void *a, const void *b); /* as qsort's */
};

/* Sorts so many rows. */
void sort_rows(void *rows, uint32_t count, const struct sort_order *order);

#endif
