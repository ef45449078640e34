/* version.h - the protocol's version, channels, and the sizes that both ends agree on.
 *
 * Major: the wire breaks. Minor: new record types or appended fields, which older ends skip. An end
 * speaks every minor up to its own of its major. Constants only. */
#ifndef TILTH_WIRE_VERSION_H
#define TILTH_WIRE_VERSION_H

enum {
    VERSION_MAJOR = 1,
    VERSION_MINOR = 0,
};

/* One number: major in the high byte, minor in the low one. */
#define VERSION_NUMBER(major, minor) ((uint16_t)(((major) << 8) | (minor)))
#define VERSION_CURRENT              VERSION_NUMBER(VERSION_MAJOR, VERSION_MINOR)

/* ENet channels; no channel may depend on another's timing. */
enum wire_channel {
    CHANNEL_CONTROL,   /* reliable: handshake, intents, chat, errors */
    CHANNEL_STATE,     /* unsequenced, one datagram, self-contained: movement both ways */
    CHANNEL_WORLD,     /* reliable: chunks, cell changes, answers to intents */
    CHANNEL_BULK,      /* reliable, lowest priority: catalogue, images */
    CHANNEL_INVENTORY, /* reliable: what a character carries */
    CHANNEL_COUNT
};

enum {
    VERSION_MTU_BYTES = 1180, /* ENet's MTU: 1,200 bytes with room for sealing */
    VERSION_DATAGRAM_BYTES = 1200,
    VERSION_PACKET_BYTES = 1100, /* a packet of ours at most, so that ENet never fragments it,
                                    chunks and slices excepted (server to client) */
    VERSION_INTENT_BYTES = 1024, /* a packet from a client at most */
};

#endif
