/* pages.h - the newest value of every key that a journal tells of, and what each was before the
 * record that is being read.
 *
 * For books.c. A page stays when its key is gone, so that it is known which keys ever were. Grows
 * as it needs to. */
#ifndef TILTH_BOTTLE_PAGES_H
#define TILTH_BOTTLE_PAGES_H

#include "world/change.h"

struct page {
    struct change now, before; /* spans in them are not valid */
    bool is_there, was_there;
    bool is_touched; /* by the present record */
    bool is_used;    /* a page at all */
};

struct pages {
    struct page *all; /* a hash table */
    uint32_t capacity, count;
    uint32_t *touched; /* places of the pages that the present record has touched */
    uint32_t touched_count;
};

/* Gives the memory back; zeroed pages are empty and need no init. */
void pages_finish(struct pages *pages);

/* From now on nothing is touched: what is now, was so before. */
void pages_begin(struct pages *pages);

/* Writes the change onto the page of its key. */
void pages_put(struct pages *pages, const struct change *change);

/* The page of the key of a change of this kind (only its key is looked at), or NULL. */
const struct page *pages_find(const struct pages *pages, const struct change *key);

/* The first page from the rank on, in no useful order, or NULL; *inout_rank is behind it then. And
 * one of the touched, by its rank. */
const struct page *pages_next(const struct pages *pages, uint32_t *inout_rank);
const struct page *pages_touched(const struct pages *pages, uint32_t rank); /* A touched one. */

#endif
