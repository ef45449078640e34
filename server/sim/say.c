#include "sim/say.h"

#include <string.h>

#include "base/ensure.h"
#include "base/text.h"

enum refusal say_decide(struct sim *sim, uint32_t actor, const struct intent *intent)
{
    struct span text = intent->say.text;
    if (text.size_bytes < 1 || text.size_bytes > WORLD_SAY_BYTES ||
        !text_is_printable((const char *)text.bytes, text.size_bytes))
        return REFUSAL_TEXT_INVALID;
    const struct character *speaker =
        world_find_character(sim->world, sim->world->actors[actor].character);
    ensure(speaker != NULL);

    struct change said = {.kind = CHANGE_SAID};
    said.said.name = (struct span){(const uint8_t *)speaker->name, (uint32_t)strlen(speaker->name)};
    said.said.text = text;
    sim_change(sim, &said);
    return REFUSAL_NONE;
}
