/* content_folder.h - content of a bottle's own: shared/content with entries added and changed.
 *
 * A folder below /tmp, which is gone when it is closed. Ends the test where the files cannot be
 * read or written. Use: open, add and replace, bottle_start; close behind bottle_destroy. */
#ifndef TILTH_BOTTLE_CONTENT_FOLDER_H
#define TILTH_BOTTLE_CONTENT_FOLDER_H

#include "bottle/bottle.h"

enum { CONTENT_FOLDER_TEXT_BYTES = 1 << 15, CONTENT_FOLDER_LISTS = 6 };

struct content_folder {
    char path[64];
    char texts[CONTENT_FOLDER_LISTS][CONTENT_FOLDER_TEXT_BYTES];
};

/* Copies shared/content, which the bottle goes by at its next start. */
void content_folder_open(struct content_folder *folder, struct bottle *bottle);
void content_folder_close(struct content_folder *folder); /* Removes it. */

/* Appends entries, JSON objects with commas between, to a list ("entities"). */
void content_folder_add(struct content_folder *folder, const char *list, const char *entries);

/* The first `old` in the list becomes `new_part`; it must be there. */
void content_folder_replace(struct content_folder *folder, const char *list, const char *old,
                            const char *new_part);

/* Adds all ```json blocks of a page of docs/howto, each to the list that it names; how many. */
uint32_t content_folder_add_page(struct content_folder *folder, const char *page);

#endif
