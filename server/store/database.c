#include "store/database.h"

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
    bool is_held = owner->has_lease && owner->lease_left_us >= 0;
    if (!owner->is_clean && is_held && !options->abandon_journal)
        return error_set(error,
                         "the world \"%s\" was not closed, and its lease has %lld s left: host %s, "
                         "folder %s; start there, or when it has ended",
                         options->world, (long long)(owner->lease_left_us / 1000000) + 1,
                         owner->host, owner->folder);
    if (!owner->is_clean && !owner->has_lease && !options->abandon_journal)
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
