#include "console/names.h"

#include <string.h>

#include "base/json.h"

/* Takes the names out of [{"name": "kick", "arguments": "NAME", ...}, ...]. */
static void read_names(struct names *names, const char *answer, size_t size_bytes)
{
    struct json_document *document = json_parse("names", answer, size_bytes, NULL);
    if (document == NULL)
        return;
    struct json rows = json_top(document);
    uint32_t count = json_is_object(rows) ? 0 : json_count(rows);
    for (uint32_t i = 0; i < count && names->count < NAMES_MAX; i++) {
        const char *name = NULL;
        const char *arguments = "";
        struct json row = json_at(rows, i);
        if (!json_is_object(row) || !json_get_string(row, "name", &name, NULL) ||
            strlen(name) >= NAMES_BYTES)
            continue;
        (void)json_get_string(row, "arguments", &arguments, NULL);
        struct names_row *out = &names->rows[names->count++];
        memcpy(out->name, name, strlen(name) + 1);
        out->takes_player = strncmp(arguments, "NAME", 4) == 0;
    }
    json_destroy(&document);
}

void names_fetch(struct names *names, struct connection *connection, const char *line)
{
    char bytes[CONSOLE_WIRE_BODY_BYTES + 1];
    struct console_wire_head head = {0};
    names->count = 0;
    if (connection->fd < 0 || !connection_ask(connection, true, line, NULL))
        return;
    while (!head.is_last) {
        if (!connection_receive(connection, &head, bytes, NULL)) {
            connection_close(connection);
            return;
        }
    }
    read_names(names, bytes, head.size_bytes);
}

size_t names_match(const struct names *names, const char *prefix, size_t *out_first,
                   size_t *out_shared)
{
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->rows[i].name;
        if (strncmp(name, prefix, strlen(prefix)) != 0)
            continue;
        if (count++ == 0) {
            *out_first = i;
            *out_shared = strlen(name);
        }
        size_t same = 0;
        while (same < *out_shared && names->rows[*out_first].name[same] == name[same])
            same++;
        *out_shared = same;
    }
    return count;
}

bool names_takes_player(const struct names *names, const char *command, size_t size_bytes)
{
    for (size_t i = 0; i < names->count; i++) {
        const struct names_row *row = &names->rows[i];
        if (strlen(row->name) == size_bytes && memcmp(row->name, command, size_bytes) == 0)
            return row->takes_player;
    }
    return false;
}
