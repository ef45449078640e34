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

#endif
