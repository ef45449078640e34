#include "store/quarantined.h"

#include <inttypes.h>

#include "base/ensure.h"

void quarantined_key_words(const struct change *change, char out_key[QUARANTINED_KEY_BYTES])
{
    const char *kind = change_schema(change->kind)->name;
    struct batch_key key = batch_key(change);
    struct text text;
    char digits[33];
    text_init(&text, out_key, QUARANTINED_KEY_BYTES);
    switch (change_schema(change->kind)->fields[0].type) {
    case FIELD_CELL:
    case FIELD_CHUNK:
        text_add(&text, "%s %d,%d", kind, (int32_t)(key.id >> 32), (int32_t)key.id);
        break;
    case FIELD_HASH:
        hash_format((struct hash128){.high = key.id, .low = key.part}, digits);
        text_add(&text, "%s %s", kind, digits);
        break;
    case FIELD_UINT:
    case FIELD_BIG:
    case FIELD_POS:
    case FIELD_SPAN:
    case FIELD_INNER:
        text_add(&text, "%s %" PRIu64, kind, key.id);
        if (change->kind == CHANGE_SLOT || change->kind == CHANGE_SKILL)
            text_add(&text, "/%" PRIu64, key.part);
        break;
    }
}

bool quarantined_may_drop(enum change_kind kind)
{
    return kind == CHANGE_CELL || kind == CHANGE_ENTITY || kind == CHANGE_STRUCTURE ||
           kind == CHANGE_PILE || kind == CHANGE_SLOT || kind == CHANGE_SKILL;
}

void quarantined_make_gone(struct change *change)
{
    ensure(quarantined_may_drop(change->kind));
    if (change->kind == CHANGE_CELL)
        change->cell = (struct change_cell){.cell = change->cell.cell};
    else if (change->kind == CHANGE_ENTITY)
        change->entity =
            (struct change_entity){.id = change->entity.id, .cell = change->entity.cell};
    else if (change->kind == CHANGE_STRUCTURE)
        change->structure.is_there = 0;
    else if (change->kind == CHANGE_PILE)
        change->pile.stack = (struct stack){.type = 0};
    else if (change->kind == CHANGE_SLOT)
        change->slot.stack = (struct stack){.type = 0};
    else
        change->skill.points = 0;
}

bool quarantined_tell_full(struct error *error)
{
    return error_set(error,
                     "more than %d keys, or %d MiB, would be in quarantine: look at what the "
                     "database refuses (table quarantine), and retry or drop some",
                     QUARANTINED_MAX, QUARANTINED_BYTES_MAX >> 20);
}
