/* picture_files.h - a folder in which pictures are kept from one run to the next.
 *
 * One file a picture, named by its id, which is its hash: what is not that picture is not taken, so
 * that a folder may be shared by clients, copied, and emptied at any time. When the files are more
 * than bytes_max, the oldest go. Losing one costs a download. Other files are left alone. One owner
 * thread; no memory of its own. */
#ifndef TILTH_CLIENT_PICTURE_FILES_H
#define TILTH_CLIENT_PICTURE_FILES_H

#include "world/change.h"

enum { PICTURE_FILES_FOLDER_BYTES = 1024 };

struct picture_files {
    char folder[PICTURE_FILES_FOLDER_BYTES]; /* "": none, nothing is kept */
    uint64_t bytes_max;
    uint64_t bytes; /* at most so many are there, unless somebody else writes too */
    bool is_counted;
};

/* Keeps the picture. */
void tilth_picture_files_save(struct picture_files *files, struct hash128 id, const uint8_t *bytes,
                              uint32_t size);

/* Reads the picture into the buffer; 0 when it is not there. */
uint32_t tilth_picture_files_load(const struct picture_files *files, struct hash128 id,
                                  uint8_t buffer[WORLD_IMAGE_BYTES]);

#endif
