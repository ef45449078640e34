/* endpoint.h - an IPv4 address and a UDP port as one value.
 *
 * Small, passed by value. Pure functions, any thread. See link.h. */
#ifndef TILTH_LINK_ENDPOINT_H
#define TILTH_LINK_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

enum { ENDPOINT_TEXT_BYTES = 32 };

struct endpoint {
    uint32_t host; /* network byte order, as ENet and the sockets keep it */
    uint16_t port; /* the machine's byte order */
};

/* Reads four numbers with dots ("127.0.0.1"); false for anything else, names too. */
bool endpoint_parse(const char *address, uint16_t port, struct endpoint *out_endpoint);

/* Writes "127.0.0.1:40000". */
void endpoint_format(struct endpoint endpoint, char out_text[ENDPOINT_TEXT_BYTES]);

/* Same address and same port? */
bool endpoint_is_equal(struct endpoint a, struct endpoint b);

#endif
