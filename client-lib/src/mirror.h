/* mirror.h - the chunks in view, made from what the server sends by the server's own world code.
 *
 * Trusts nothing: content is decoded with bounds, every change passes world_check before
 * world_apply, and a chunk's hash must come out as the server says. A chunk that went wrong waits
 * for the server to send it whole, and ignores changes until then. Memory is reserved when the
 * welcome tells how much is in view. One owner thread. */
#ifndef TILTH_CLIENT_MIRROR_H
#define TILTH_CLIENT_MIRROR_H

#include "offers.h"
#include "wire/content.h"
#include "wire/message.h"

enum mirror_verdict {
    MIRROR_TAKEN,
    MIRROR_IGNORED, /* known already */
    MIRROR_WRONG,   /* does not fit: the server must send the chunk whole */
    MIRROR_FULL,    /* more than the limits allow */
};

struct mirror_options {
    struct generator generator;
    bool is_seed_shared; /* else every VIEW carries the generated chunk */
    uint32_t view_cells;
    uint32_t entities_max;
    uint32_t slots_max;      /* of the bag */
    struct character_id own; /* the player's character */
};

struct mirror {
    bool is_open;
    bool is_seed_shared;
    bool has_looks; /* set by what shows things that do not look like their types */
    struct offers offers;
    struct world world;
    struct content *content;
    struct content_codec *codec;
};

/* Reserves room for what is in view; the catalogue must outlive the mirror. */
void tilth_mirror_open(struct mirror *mirror, const struct catalog *catalog,
                       const struct mirror_options *options);
void tilth_mirror_close(
    struct mirror *mirror); /* Gives the memory back; a zeroed one is allowed. */

/* Takes a chunk whole, in place of what is there. */
enum mirror_verdict tilth_mirror_view(struct mirror *mirror, const struct message_view *view,
                                      struct events *events);

/* Are all types in the catalogue that the changes name? */
bool tilth_mirror_has_types(const struct mirror *mirror, const struct message_changes *changes);

/* Takes changes of a chunk. */
enum mirror_verdict tilth_mirror_change(struct mirror *mirror,
                                        const struct message_changes *changes,
                                        struct events *events);

/* Takes what the player owns. */
enum mirror_verdict tilth_mirror_own(struct mirror *mirror, const struct message_own *own,
                                     struct events *events);

/* The player's character: never NULL when the mirror is open. */
const struct character *tilth_mirror_character(const struct mirror *mirror);

/* Drops a chunk; one that is not there is ignored. */
void tilth_mirror_forget(struct mirror *mirror, struct chunk_pos pos, struct events *events);
/* Drops all chunks, and all offers. */
void tilth_mirror_clear(struct mirror *mirror, struct events *events);

/* Is the cell's chunk there, and right? False too when the mirror is not open. */
bool tilth_mirror_has_cell(const struct mirror *mirror, int64_t x, int64_t y);

/* Are the chunks there that surround the position, as far as the server shows them? */
bool tilth_mirror_surrounds(const struct mirror *mirror, struct world_pos pos, uint32_t view_cells);

#endif
