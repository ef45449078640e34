/* firewall_fuzz.c - whatever passes the firewall is what ENet would read to its exact end.
 *
 * The first byte says who sends, two more the expected sequence number, the rest is the datagram in
 * a copy of its exact size. The walk below is ENet's own (1.3.17, protocol.c:
 * enet_protocol_handle_incoming_commands), written anew. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "link/firewall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static const uint8_t command_bytes[13] = {0, 8, 48, 44, 8, 4, 6, 8, 24, 8, 12, 16, 24};

/* Bytes behind the command itself; the length lies at 4 in SEND_RELIABLE, at 6 in the others. */
static size_t payload_bytes(const uint8_t *command)
{
    uint8_t number = command[0] & 0x0F;
    if (number == 6)
        return (size_t)(command[4] << 8 | command[5]);
    return number == 8 || number == 9 ? (size_t)(command[6] << 8 | command[7]) : 0;
}

static void walk_as_enet(const uint8_t *bytes, size_t size_bytes, uint32_t commands)
{
    size_t at = bytes[0] & 0x80 ? 4 : 2;
    while (at < size_bytes) {
        ensure(at + 4 <= size_bytes && (bytes[at] & 0x0F) < 13);
        size_t command = command_bytes[bytes[at] & 0x0F];
        ensure(command > 0 && at + command <= size_bytes);
        ensure((bytes[at] & 0x80) == 0 || (bytes[0] & 0x80) != 0);
        at += command + payload_bytes(bytes + at);
        commands--;
    }
    ensure(at == size_bytes && commands == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < 4)
        return 0;
    struct firewall_sender sender = {.is_client = data[0] & 1};
    for (size_t i = 0; i < CHANNEL_COUNT; i++)
        sender.sequences[i] = (uint16_t)(data[1] << 8 | data[2]);
    size_bytes -= 3;
    uint8_t *bytes = malloc(size_bytes);
    ensure(bytes != NULL);
    memcpy(bytes, data + 3, size_bytes);
    struct firewall_header header;
    struct firewall_connect connect;
    struct firewall_load load;
    (void)firewall_sort(bytes, size_bytes, &header);
    if (firewall_check_connect(bytes, size_bytes, &connect) == FIREWALL_PASS)
        ensure(size_bytes == FIREWALL_CONNECT_BYTES);
    if (firewall_check_commands(bytes, size_bytes, &sender, &load) == FIREWALL_PASS)
        walk_as_enet(bytes, size_bytes, load.commands);
    free(bytes);
    return 0;
}
