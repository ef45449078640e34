#include "bottle/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "store/batch.h"

enum { CAPACITY_MIN = 1024 };

void pages_finish(struct pages *pages)
{
    free(pages->all);
    free(pages->touched);
    *pages = (struct pages){.all = NULL};
}

struct key {
    uint64_t kind, id, part;
};

static struct key key_of(const struct change *change)
{
    struct key key = {.kind = change->kind};
    struct cell_pos cell = {0, 0};
    if (change->kind == CHANGE_CELL)
        cell = change->cell.cell;
    if (change->kind == CHANGE_CHUNK)
        cell = (struct cell_pos){change->chunk.chunk.x, change->chunk.chunk.y};
    key.id = (uint64_t)(uint32_t)cell.x << 32 | (uint32_t)cell.y;
    if (change->kind == CHANGE_ENTITY)
        key.id = change->entity.id.value;
    if (change->kind == CHANGE_STRUCTURE)
        key.id = change->structure.id.value;
    if (change->kind == CHANGE_PILE)
        key.id = change->pile.id.value;
    if (change->kind == CHANGE_ACCOUNT)
        key.id = change->account.id.value;
    if (change->kind == CHANGE_CHARACTER)
        key.id = change->character.id.value;
    if (change->kind == CHANGE_SLOT)
        key = (struct key){CHANGE_SLOT, change->slot.character.value, change->slot.slot};
    if (change->kind == CHANGE_SKILL)
        key = (struct key){CHANGE_SKILL, change->skill.character.value, change->skill.skill};
    if (change->kind == CHANGE_IMAGE_CONFIG)
        key.id = change->image_config.id;
    if (change->kind == CHANGE_IMAGE || change->kind == CHANGE_IMAGE_BAN) {
        struct hash128 id = change->kind == CHANGE_IMAGE ? change->image.id : change->image_ban.id;
        memcpy(&key.id, &id, sizeof key.id);
        memcpy(&key.part, (const uint8_t *)&id + sizeof key.id, sizeof key.part);
    }
    if (change->kind == CHANGE_IMAGE_EDIT)
        key.id = change->image_edit.thing;
    return key;
}

/* Where the key's page is or would be. */
static uint32_t seek(const struct pages *pages, const struct change *change)
{
    struct key key = key_of(change);
    uint64_t hash = (key.id + key.kind * UINT64_C(0x9E3779B97F4A7C15)) ^ key.part << 17;
    hash = (hash ^ hash >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    for (uint64_t at = hash >> 20;; at++) {
        const struct page *page = &pages->all[at % pages->capacity];
        struct key other = page->is_used ? key_of(&page->now) : key;
        if (key.kind == other.kind && key.id == other.id && key.part == other.part)
            return (uint32_t)(at % pages->capacity);
    }
}

static void grow(struct pages *pages)
{
    struct pages larger = {.capacity = pages->capacity * 2 + CAPACITY_MIN};
    larger.all = calloc(larger.capacity, sizeof *larger.all);
    larger.touched = malloc(larger.capacity * sizeof *larger.touched);
    ensure(larger.all != NULL && larger.touched != NULL);
    for (uint32_t i = 0; i < pages->capacity; i++) {
        if (!pages->all[i].is_used)
            continue;
        uint32_t at = seek(&larger, &pages->all[i].now);
        larger.all[at] = pages->all[i];
        larger.count++;
        if (larger.all[at].is_touched)
            larger.touched[larger.touched_count++] = at;
    }
    pages_finish(pages);
    *pages = larger;
}

void pages_begin(struct pages *pages)
{
    for (uint32_t i = 0; i < pages->touched_count; i++) {
        struct page *page = &pages->all[pages->touched[i]];
        page->is_touched = false;
        page->was_there = page->is_there;
        page->before = page->now;
    }
    pages->touched_count = 0;
}

void pages_put(struct pages *pages, const struct change *change)
{
    if ((pages->count + 1) * 2 > pages->capacity)
        grow(pages);
    uint32_t at = seek(pages, change);
    struct page *page = &pages->all[at];
    pages->count += !page->is_used;
    if (!page->is_touched)
        pages->touched[pages->touched_count++] = at; /* each page at most once: there is room */
    page->is_used = true;
    page->is_touched = true;
    page->is_there = !batch_is_delete(change);
    page->now = *change;
}

const struct page *pages_find(const struct pages *pages, const struct change *key)
{
    if (pages->capacity == 0)
        return NULL;
    const struct page *page = &pages->all[seek(pages, key)];
    return page->is_used ? page : NULL;
}

const struct page *pages_next(const struct pages *pages, uint32_t *inout_rank)
{
    for (; *inout_rank < pages->capacity; (*inout_rank)++) {
        if (pages->all[*inout_rank].is_used)
            return &pages->all[(*inout_rank)++];
    }
    return NULL;
}

const struct page *pages_touched(const struct pages *pages, uint32_t rank)
{
    return rank < pages->touched_count ? &pages->all[pages->touched[rank]] : NULL;
}
