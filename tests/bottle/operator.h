/* operator.h - console lines to the server in the bottle, as an operator types them. */
#ifndef TILTH_BOTTLE_OPERATOR_H
#define TILTH_BOTTLE_OPERATOR_H

#include "bottle/bottle.h"

/* Writes a console line into the ring; false when that is full. */
bool operator_type(struct bottle *bottle, const char *line, bool is_json);

/* Runs a console line and waits until it is answered; its exit code (enum console_exit). */
uint32_t operator_ask(struct bottle *bottle, const char *line);

/* The same with words, which stay until the next call. The exit code must be this one. */
const char *operator_read(struct bottle *bottle, const char *line, uint32_t exit_code);
const char *operator_read_json(struct bottle *bottle, const char *line,
                               uint32_t exit_code); /* As JSON. */

/* The answer that is there, or NULL; the exit code is out then. It stays until the next call. */
const char *operator_answer(struct bottle *bottle, uint32_t *out_exit_code);

#endif
