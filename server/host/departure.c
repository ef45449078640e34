#include "host/departure.h"

#include <string.h>

#include "wire/framing.h"

/* Account and character, then slots and skills: as the loader frames what it finds. */
static bool frame(const struct character *character, struct packet *packet)
{
    struct change account = {.kind = CHANGE_ACCOUNT};
    struct change change = {.kind = CHANGE_CHARACTER};
    account.account = (struct change_account){
        .id = character->account,
        .name = {(const uint8_t *)character->name, (uint32_t)strlen(character->name)},
        .key = {character->key, CRYPTO_PUBLIC_BYTES},
        .roles = character->roles,
    };
    change.character = (struct change_character){.id = character->id,
                                                 .account = character->account,
                                                 .pos = character->pos,
                                                 .last_intent = character->last_intent,
                                                 .done = character->done};
    return framing_add_change(packet, &account) && framing_add_change(packet, &change);
}

static bool frame_own(struct host *host, const struct character *character, struct packet *packet)
{
    bool fits = true;
    for (uint32_t slot = 0; slot < host->world.slots_max && fits; slot++) {
        struct change change = {.kind = CHANGE_SLOT};
        change.slot =
            (struct change_slot){character->id, slot, *world_slot(&host->world, character, slot)};
        if (!stack_is_empty(&change.slot.stack))
            fits = framing_add_change(packet, &change);
    }
    for (uint32_t skill = 1; skill < CATALOG_SKILLS_MAX && fits; skill++) {
        struct change change = {.kind = CHANGE_SKILL};
        change.skill = (struct change_skill){character->id, skill,
                                             world_skill(&host->world, character, skill)};
        if (change.skill.points > 0)
            fits = framing_add_change(packet, &change);
    }
    return fits;
}

void departure_offer(struct host *host, const struct character *character)
{
    struct loader_request request = {.kind = LOADER_LEFT, .version = character->version};
    struct ring *requests = host->options.requests;
    struct packet packet;
    if (ring_used_bytes(requests) > requests->size_bytes / 2)
        return;
    framing_init(&packet, host->own_bytes + sizeof request, HOST_OWN_BYTES - sizeof request);
    if (!frame(character, &packet) || !frame_own(host, character, &packet))
        return;
    memcpy(request.name, character->name, sizeof character->name);
    request.size_bytes = (uint32_t)packet.size_bytes;
    memcpy(host->own_bytes, &request, sizeof request);
    (void)ring_write(requests, host->own_bytes, (uint32_t)sizeof request + request.size_bytes);
}
