#include "link/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>

bool endpoint_parse(const char *address, uint16_t port, struct endpoint *out_endpoint)
{
    struct in_addr host;
    if (address == NULL || inet_pton(AF_INET, address, &host) != 1)
        return false;
    *out_endpoint = (struct endpoint){.host = host.s_addr, .port = port};
    return true;
}

void endpoint_format(struct endpoint endpoint, char out_text[ENDPOINT_TEXT_BYTES])
{
    uint32_t host = ntohl(endpoint.host);
    (void)snprintf(out_text, ENDPOINT_TEXT_BYTES, "%u.%u.%u.%u:%u", host >> 24, host >> 16 & 0xFF,
                   host >> 8 & 0xFF, host & 0xFF, (unsigned)endpoint.port);
}

bool endpoint_is_equal(struct endpoint a, struct endpoint b)
{
    return a.host == b.host && a.port == b.port;
}
