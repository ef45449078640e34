/* commands_parts.h - what the files of tilth-client's commands share: how a command is made.
 *
 * Inside client-lib/apps only. A command reads its words, asks the client, and writes members into
 * the JSON object that is its answer. */
#ifndef TILTH_APPS_COMMANDS_PARTS_H
#define TILTH_APPS_COMMANDS_PARTS_H

#include "commands.h"

enum outcome { OUTCOME_OK, OUTCOME_FAILED, OUTCOME_RUNNING };

/* Writes the error's words; always OUTCOME_FAILED. */
enum outcome commands_fail(struct commands *commands, const char *words);

/* A word as a whole number; false and the error when it is not one. */
bool commands_number(struct commands *commands, uint32_t word, int32_t *out_value);

/* A word as a slot (least 0), or as so many things (least 1). */
bool commands_count(struct commands *commands, uint32_t word, int32_t least, uint32_t *out_value);

/* Two words in a row as numbers. */
bool commands_numbers(struct commands *commands, uint32_t word, int32_t *out_x, int32_t *out_y);

/* The same as a cell, where ~ counts from the player's own; it may be outside of the world. */
bool commands_cell(struct commands *commands, uint32_t word, int32_t *out_x, int32_t *out_y);

/* Writes a pair of numbers. */
void commands_pair(struct commands *commands, const char *key, int64_t x, int64_t y);

/* Writes the cell that the command changes, and remembers it for `cell`. */
void commands_touch(struct commands *commands, int32_t x, int32_t y);

/* Must an intent wait? While too many are unanswered, or the last was a moment ago: a script should
 * not be refused for its speed. And while there is no connection, since there will be one again. */
bool commands_must_wait(const struct commands *commands);

/* Remembers the line for its outcome; number 0: the error. */
enum outcome commands_asked(struct commands *commands, uint32_t number,
                            const struct tilth_error *error);

/* `inventory`: what is in the bag. */
enum outcome commands_inventory(struct commands *commands);

/* `slot move|split|merge|swap FROM INTO [N]`. */
enum outcome commands_slot(struct commands *commands);

/* `skills`: own progress. */
enum outcome commands_skills(struct commands *commands);

/* `drop`, `pickup`, `give`, `offers`, `accept`, `decline`: things go to the ground and to others.
 */
enum outcome commands_drop(struct commands *commands);
enum outcome commands_pickup(struct commands *commands);  /* `pickup X Y [PILE]`. */
enum outcome commands_give(struct commands *commands);    /* `give SLOT N NAME`. */
enum outcome commands_offers(struct commands *commands);  /* `offers`. */
enum outcome commands_accept(struct commands *commands);  /* `accept NAME`. */
enum outcome commands_decline(struct commands *commands); /* `decline NAME`. */

/* `type NAME`: what is known of a type. */
enum outcome commands_type(struct commands *commands);

/* `build`, `unbuild`, `image`, `reset`: structures, and how things are drawn. */
enum outcome commands_build(struct commands *commands);
enum outcome commands_unbuild(struct commands *commands); /* `unbuild X Y`. */
enum outcome commands_image(struct commands *commands);   /* `image X Y [JSON]`. */
enum outcome commands_reset(struct commands *commands);   /* `reset X Y`. */

/* `image-file X Y FILE [JSON]`, and `picture ID FILE`: pictures go out and come in. */
enum outcome commands_image_file(struct commands *commands);
enum outcome commands_run_image_file(struct commands *commands); /* Goes on with it. */
enum outcome commands_picture(struct commands *commands);        /* `picture ID FILE`. */

/* Reads how a thing is to be drawn from the words from `word` on, and writes what that is to the
 * nearest that there is; false and the error. */
bool commands_read_look(struct commands *commands, uint32_t word, struct tilth_image *out_image);

/* Writes how a thing is drawn, in px and rad, and in units. */
void commands_print_look(struct commands *commands, const struct tilth_image *image);

/* `cell`, `occupied`, `chunk`, `structures`, `piles`: what is in view. */
enum outcome commands_look(struct commands *commands);
enum outcome commands_occupied(struct commands *commands);   /* `occupied X Y`. */
enum outcome commands_chunk(struct commands *commands);      /* `chunk CX CY`. */
enum outcome commands_structures(struct commands *commands); /* `structures`. */
enum outcome commands_piles(struct commands *commands);      /* `piles`. */

#endif
