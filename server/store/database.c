#include "store/database.h"

#include <inttypes.h>

bool database_tell_owner(const struct database_owner *owner, const char *world, struct error *error)
{
    return error_set(error,
                     "the world \"%s\" is owned by a running server: host %s, process %lld, "
                     "journal folder %s; stop that one first",
                     world, owner->host, (long long)owner->pid, owner->folder);
}

bool database_check_owner(const struct database_owner *owner,
                          const struct database_options *options, struct error *error)
{
    if (owner->journal == options->journal)
        return true;
    if (!owner->is_clean && !options->abandon_journal)
        return error_set(error,
                         "the world \"%s\" was not closed, and what its players did last may be "
                         "only in another journal: host %s, folder %s; start there, or give that "
                         "up with --abandon-journal",
                         options->world, owner->host, owner->folder);
    if (options->journal_last_seq > owner->applied_seq)
        return error_set(error,
                         "the journal in %s has records up to number %llu, but the world \"%s\" "
                         "does not know that journal and is at number %llu: the folder belongs to "
                         "another world or database; use an empty one",
                         options->folder, (unsigned long long)options->journal_last_seq,
                         options->world, (unsigned long long)owner->applied_seq);
    return true;
}

void database_key_words(const struct change *change, char out_key[DATABASE_KEY_BYTES])
{
    const char *kind = change_schema(change->kind)->name;
    struct batch_key key = batch_key(change);
    struct text text;
    char digits[33];
    text_init(&text, out_key, DATABASE_KEY_BYTES);
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

bool database_tell_full(struct error *error)
{
    return error_set(error,
                     "more than %d keys, or %d MiB, would be in quarantine: look at what the "
                     "database refuses (table quarantine), and retry or drop some",
                     DATABASE_QUARANTINED_MAX, DATABASE_QUARANTINED_BYTES_MAX >> 20);
}

bool database_tell_missing(enum catalog_row row, const char *name, struct error *error)
{
    if (row == CATALOG_ROW_SKILLS)
        return error_set(error,
                         "the content lacks the skill \"%s\", but players have experience in it: "
                         "put it back",
                         name);
    return error_set(error,
                     "the content lacks the entity type \"%s\", but the world has things of it: "
                     "put the type back",
                     name);
}
