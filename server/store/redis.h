/* redis.h - Redis as the remote level of a cache (cache.h says what its calls do).
 *
 * One connection, made when first asked and again after a failure; every call, connecting included,
 * ends within timeout_us, else the connection is closed and the answer is "away". Keys expire in
 * Redis itself. The only file that includes hiredis. One owner thread. See tests/db. */
#ifndef TILTH_STORE_REDIS_H
#define TILTH_STORE_REDIS_H

#include "store/cache.h"

/* redis://[:password@]host[:port][/database] or unix:///path/of/socket. Makes no connection yet.
 * timeout_us 0: 20 ms. False and the error when the URL has another form. */
bool redis_open(const char *url, uint64_t timeout_us, struct cache_remote *out_remote,
                struct error *error);
void redis_close(struct cache_remote *remote); /* A zeroed one is allowed. */

#endif
