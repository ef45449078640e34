/* operator.h - console lines to the server in the bottle, as an operator types them. */
#ifndef TILTH_BOTTLE_OPERATOR_H
#define TILTH_BOTTLE_OPERATOR_H

#include "bottle/bottle.h"

/* Runs a console line and waits until it is answered; its exit code (enum console_exit). */
uint32_t operator_ask(struct bottle *bottle, const char *line);

#endif
