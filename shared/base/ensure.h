/* ensure.h - contracts that stay on in release builds.
 *
 * ensure(condition) states what must hold for the program to be right. When it does not, the
 * process prints the condition, the place, and the latest crumbs (log.h: tick, last changes) to
 * standard error and aborts; the journal recovers. Never use it on received data: that is a
 * refusal or a struct error. Any thread. See server/sim for uses. */
#ifndef TILTH_BASE_ENSURE_H
#define TILTH_BASE_ENSURE_H

/* Prints what failed and the crumbs, then aborts. Called by ensure() only. */
_Noreturn void ensure_fail(const char *condition, const char *file, int line);

#define ensure(condition) ((condition) ? (void)0 : ensure_fail(#condition, __FILE__, __LINE__))

#endif
