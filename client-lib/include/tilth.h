/* tilth.h - the client of a Tilth world: connect, see, walk, change cells.
 *
 * A client keeps a mirror of the chunks around its player, made by the same code as the server's
 * world; predicts its own movement, and corrects it when the server says otherwise; shows others a
 * little in the past, so that they move smoothly; and tells for every intent (place, remove, say)
 * once what became of it, also across a server that was killed, if it may reconnect.
 *
 * Everything is pulled: call tilth_client_update often (every frame, or at least 50 times a
 * second), then tilth_client_next until it returns 0. Nothing calls back, nothing waits, there are
 * no threads and no globals: several clients live side by side, and one client belongs to one
 * thread at a time. Memory is reserved at creation, at the welcome (about 10 MB with default
 * limits), and for pictures with the first (4.5 MB). Positions are in units of 1/16 pixel, a cell
 * is 512 units wide, a chunk 64 cells; x grows to the east, y to the south. A pointer in a result
 * is valid until the next tilth_client_update of the same client. Plain C89 and C++; all text is
 * UTF-8. A complete program: examples/walk.c; one that plays: examples/house.c. */
#ifndef TILTH_H
#define TILTH_H

#include <stddef.h>
#include <stdint.h>

#include "tilth_types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tilth_client; /* opaque */

/* Makes a client that starts to connect at its first update. NULL when an option is wrong, or the
 * key file cannot be read or written; then *out_error (NULL is allowed) says why. The options'
 * strings are copied. */
struct tilth_client *tilth_client_create(const struct tilth_options *options,
                                         struct tilth_error *out_error);

/* Tells the server goodbye, without waiting for an answer, and sets *client to NULL. What was not
 * answered yet may have been lost: see tilth_client_pending and tilth_client_is_settled. NULL is
 * allowed. */
void tilth_client_destroy(struct tilth_client **client);

/* Receives, predicts, sends. now_ms is any clock that only moves forward, in milliseconds; all time
 * in the client comes from it. Never waits. */
void tilth_client_update(struct tilth_client *client, uint64_t now_ms);

/* Takes the oldest event: 1 and *out_event, or 0 when there is none. Up to 1,024 wait; when more
 * come, the newest are dropped and counted, except outcomes and lost connections. */
int tilth_client_next(struct tilth_client *client, struct tilth_event *out_event);

/* The socket to poll for reading between updates, or -1 when there is none now. */
int tilth_client_fd(const struct tilth_client *client);

/* 1 between TILTH_EVENT_CONNECTED and TILTH_EVENT_DISCONNECTED. */
int tilth_client_is_connected(const struct tilth_client *client);

/* 1 when connected, the chunks around the player are in view, so that walking is predicted, and the
 * first word of the other players has come. */
int tilth_client_is_ready(const struct tilth_client *client);

/* Walks on in this direction until told otherwise; dx and dy are -1, 0 or 1 (larger ones count as
 * 1), 0 and 0 stands still. Diagonals are as fast as straight ways. */
void tilth_client_move(struct tilth_client *client, int dx, int dy);

/* Asks to place a thing of the named type into a cell. The intent's number, for which one of DONE,
 * REFUSED or LOST follows, unless the connection ends for good before (DISCONNECTED that is not
 * retried: whether it happened is not known then); or 0 when it was not asked, and *out_error (NULL
 * is allowed) says why: not connected, a type that is unknown (with the nearest known) or is no
 * thing for a single cell, a cell outside of the world, TILTH_PENDING_MAX unanswered. Numbers go on
 * where the last connection ended; the number of a lost intent is used again. */
uint32_t tilth_client_place(struct tilth_client *client, const char *type, int32_t x, int32_t y,
                            struct tilth_error *out_error);

/* The same of what is in a slot of the bag: of things that look otherwise, just this one. */
uint32_t tilth_client_place_from(struct tilth_client *client, uint32_t slot, int32_t x, int32_t y,
                                 struct tilth_error *out_error);

/* Asks to remove what is in a cell; like tilth_client_place. */
uint32_t tilth_client_remove(struct tilth_client *client, int32_t x, int32_t y,
                             struct tilth_error *out_error);

/* Asks to harvest what is in a cell. It takes its time, while one stands still (walking gives it
 * up): the outcome comes at its end, those of later intents may come before. Like
 * tilth_client_place; REFUSED with TOOL_MISSING names the tool in its text. */
uint32_t tilth_client_harvest(struct tilth_client *client, int32_t x, int32_t y,
                              struct tilth_error *out_error);

/* Asks to move so many things from one slot of the bag into another, 0: all. Into an empty slot
 * they are moved or split off, into a slot with the like they are merged; like tilth_client_place.
 */
uint32_t tilth_client_move_stack(struct tilth_client *client, uint32_t from, uint32_t into,
                                 uint32_t quantity, struct tilth_error *out_error);

/* Asks to exchange two slots of the bag, one of which may be empty; like tilth_client_place. */
uint32_t tilth_client_swap_slots(struct tilth_client *client, uint32_t from, uint32_t into,
                                 struct tilth_error *out_error);

/* Brings a PNG file to the server, which keeps it as a picture that things may have (tilth_image):
 * the upload's number, for which UPLOADED or UPLOAD_FAILED follows while the client is connected
 * or connects again; or 0 and why not. One at a time; the bytes are copied. Servers take 65,536
 * bytes and 256 x 256 px by default. Where an answer is lost it is offered again, for minutes. */
uint32_t tilth_client_upload(struct tilth_client *client, const void *png, size_t size_bytes,
                             struct tilth_error *out_error);

/* Asks to drop things of the bag into a cell. They lie there for a while, for everybody to pick up;
 * like tilth_client_place. */
uint32_t tilth_client_drop(struct tilth_client *client, const struct tilth_drop *drop,
                           struct tilth_error *out_error);

/* Asks to pick up the oldest pile in a cell: all of it, or what an empty bag takes at once. */
uint32_t tilth_client_pick_up(struct tilth_client *client, int32_t x, int32_t y,
                              struct tilth_error *out_error);

/* The same with just this pile, by its id and its cell. */
uint32_t tilth_client_pick_up_pile(struct tilth_client *client, const struct tilth_pile *pile,
                                   struct tilth_error *out_error);

/* Asks to give so many things of a slot, 0: all, to a player who is near. It takes its time: the
 * other is told with OFFERED, and the outcome comes when that one has answered, walked away, or let
 * it pass; then REFUSED says so. Like tilth_client_place, and a name must be one. */
uint32_t tilth_client_give(struct tilth_client *client, uint32_t slot, uint32_t quantity,
                           const char *name, struct tilth_error *out_error);

/* Answers what the player of that name offers: is_accepted 1 takes it, 0 declines; like
 * tilth_client_give. */
uint32_t tilth_client_answer(struct tilth_client *client, const char *name, int is_accepted,
                             struct tilth_error *out_error);

/* Asks to build a structure of the named type with its primary cell there; like tilth_client_place.
 * REFUSED with ITEMS_MISSING names in its text what of the price is not in the bag. */
uint32_t tilth_client_build(struct tilth_client *client, const char *type, int32_t x, int32_t y,
                            struct tilth_error *out_error);

/* Asks to take down the structure that the cell belongs to, for what it cost; like the others. */
uint32_t tilth_client_unbuild(struct tilth_client *client, int32_t x, int32_t y,
                              struct tilth_error *out_error);

/* Asks to draw what stands in a cell in this way from now on; like tilth_client_place, and a value
 * beyond its range (see struct tilth_image) is named. */
uint32_t tilth_client_modify(struct tilth_client *client, int32_t x, int32_t y,
                             const struct tilth_image *image, struct tilth_error *out_error);

/* Asks to draw it as its type again; like tilth_client_place. */
uint32_t tilth_client_reset(struct tilth_client *client, int32_t x, int32_t y,
                            struct tilth_error *out_error);

/* What others offer now, as many as fit into capacity; returns how many were written. All are over
 * (OFFERED tells so) with the connection, and where all is shown anew (the server gave up messages,
 * the content changed); those that are still open are told again. */
size_t tilth_client_offers(const struct tilth_client *client, struct tilth_offer *out_offers,
                           size_t capacity);

/* Says something to all: 1 to 256 bytes of UTF-8 without control characters; like
 * tilth_client_place. */
uint32_t tilth_client_say(struct tilth_client *client, const char *text,
                          struct tilth_error *out_error);

/* Intents that were asked and have no outcome yet. */
uint32_t tilth_client_pending(const struct tilth_client *client);

/* 1 and what the server said at the latest welcome, or 0 before the first one. */
int tilth_client_facts(const struct tilth_client *client, struct tilth_facts *out_facts);

/* 1 and the player's own predicted position, or 0 before the first welcome. */
int tilth_client_position(const struct tilth_client *client, struct tilth_position *out_position);

/* 1 when connected, standing still, and the server has told of the same place: who leaves now comes
 * back to it. */
int tilth_client_is_settled(const struct tilth_client *client);

/* How far one is in what one harvests, in percent; -1 when one does not. */
int tilth_client_work(const struct tilth_client *client);

/* Others in view, as many as fit into capacity; returns how many were written. */
size_t tilth_client_actors(const struct tilth_client *client, struct tilth_actor *out_actors,
                           size_t capacity);

/* 1 and what is in a cell, or 0 when its chunk is not in view. */
int tilth_client_cell(const struct tilth_client *client, int32_t x, int32_t y,
                      struct tilth_cell *out_cell);

/* 1 when something stands in a cell, 0 when it is free for something, -1 when its chunk is not in
 * view. What only lies there does not count. */
int tilth_client_is_occupied(const struct tilth_client *client, int32_t x, int32_t y);

/* 1 when players cannot enter the cell, also when it is not in view. */
int tilth_client_is_solid(const struct tilth_client *client, int32_t x, int32_t y);

/* 1 and what a chunk (in chunk coordinates) is like, or 0 when it is not in view. */
int tilth_client_chunk(const struct tilth_client *client, int32_t x, int32_t y,
                       struct tilth_chunk *out_chunk);

/* The entities of a chunk, row by row, as many as fit into capacity; returns how many were written.
 * Generated things that nobody touched have no id: only tilth_client_cell shows them. */
size_t tilth_client_entities(const struct tilth_client *client, int32_t x, int32_t y,
                             struct tilth_entity *out_entities, size_t capacity);

/* The structures that touch a chunk, in any order, each under the same id in all that it touches.
 */
size_t tilth_client_structures(const struct tilth_client *client, int32_t x, int32_t y,
                               struct tilth_structure *out_structures, size_t capacity);

/* The piles of a chunk; likewise. */
size_t tilth_client_piles(const struct tilth_client *client, int32_t x, int32_t y,
                          struct tilth_pile *out_piles, size_t capacity);

/* 1 and what is in a slot of one's own bag, or 0 when the bag has no such slot. */
int tilth_client_slot(const struct tilth_client *client, uint32_t slot,
                      struct tilth_slot *out_slot);

/* 1 and one's own progress in a skill by its number, 1 to 31; 0 when the world has none of that
 * number. */
int tilth_client_skill(const struct tilth_client *client, uint32_t skill,
                       struct tilth_skill *out_skill);

/* 1 and how an image (the number that things carry) is drawn, or 0 while it is not known: a LOOK
 * event follows. Image 0 is the look of the type. */
int tilth_client_look(const struct tilth_client *client, uint32_t image,
                      struct tilth_image *out_image);

/* 1 and how what stands in a cell is drawn, the newest if there are several, and the number of its
 * image (NULL is allowed), 0 for the look of its type; 0 when nothing stands there, the cell is not
 * in view, or the look is not known yet. */
int tilth_client_image(const struct tilth_client *client, int32_t x, int32_t y,
                       struct tilth_image *out_image, uint32_t *out_number);

/* 1 and how things of the named type are drawn, with the picture that content gives it, or 0 when
 * the world has no such type. */
int tilth_client_type_image(const struct tilth_client *client, const char *type,
                            struct tilth_image *out_image);

/* Copies a picture, as PNG, by its id (tilth_image.custom): its size, or 0 when it is larger than
 * capacity, of which 65,536 bytes are always enough, or while it is not there: it will be fetched,
 * again if it had to make room for others, and a PICTURE event tells when it has come. */
size_t tilth_client_picture(struct tilth_client *client, const char *id, void *out_png,
                            size_t capacity);

/* The name of a type to be placed or built, by its rank, for menus: NULL behind the last. */
const char *tilth_client_type(const struct tilth_client *client, uint32_t rank);

/* 1 and what is known of a type, or 0 when the world has none of that name. */
int tilth_client_type_facts(const struct tilth_client *client, const char *type,
                            struct tilth_type *out_type);

/* Counts since creation; bytes and round trip of the latest connection. */
void tilth_client_stats(const struct tilth_client *client, struct tilth_stats *out_stats);

#ifdef __cplusplus
}
#endif

#endif
