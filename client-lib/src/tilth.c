#include "tilth.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "client.h"
#include "link/endpoint.h"
#include "wire/handshake.h"

enum {
    PORT_DEFAULT = 7400,
    ENTITIES_DEFAULT = 65536,
    ENTITIES_MAX = 1 << 24,
    PICTURES_DEFAULT = 4 << 20,
    PICTURES_BYTES_MAX = 1 << 30,
    PATH_MIB_DEFAULT = 256,
    PATH_MIB_MAX = 1 << 20,
    DELAY_MS = 100,
    DELAY_MS_MAX = 10000
};

static bool take_pictures(struct pictures_options *out, const struct tilth_options *options,
                          struct error *error)
{
    const char *path = options->pictures_path != NULL ? options->pictures_path : "";
    if (options->pictures_bytes > PICTURES_BYTES_MAX ||
        (options->pictures_bytes > 0 && options->pictures_bytes < WORLD_IMAGE_BYTES))
        return error_set(error, "pictures_bytes %u: %d to %d, or 0", options->pictures_bytes,
                         WORLD_IMAGE_BYTES, PICTURES_BYTES_MAX);
    if (strlen(path) >= sizeof out->files.folder)
        return error_set(error, "pictures_path: at most %zu bytes", sizeof out->files.folder - 1);
    if (options->pictures_path_mib > PATH_MIB_MAX)
        return error_set(error, "pictures_path_mib %u: at most %d", options->pictures_path_mib,
                         PATH_MIB_MAX);
    (void)snprintf(out->files.folder, sizeof out->files.folder, "%s", path);
    uint32_t mib = options->pictures_path_mib != 0 ? options->pictures_path_mib : PATH_MIB_DEFAULT;
    out->files.bytes_max = (uint64_t)mib << 20;
    if (!options->without_pictures)
        out->memory_bytes =
            options->pictures_bytes != 0 ? options->pictures_bytes : PICTURES_DEFAULT;
    return true;
}

static bool take_options(struct session_options *out, const struct tilth_options *options,
                         struct error *error)
{
    const char *name = options->name != NULL ? options->name : "";
    if (!handshake_is_name((const uint8_t *)name, strlen(name)))
        return error_set(error, "name \"%s\": 1 to %d letters, digits, '_' or '-' are needed", name,
                         WORLD_NAME_BYTES);
    if (options->entities_max > ENTITIES_MAX)
        return error_set(error, "entities_max %u: at most %d", options->entities_max, ENTITIES_MAX);
    if (options->delay_ms > DELAY_MS_MAX)
        return error_set(error, "delay_ms %u: at most %d", options->delay_ms, DELAY_MS_MAX);
    if (!take_pictures(&out->pictures, options, error))
        return false;
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    out->entities_max = options->entities_max != 0 ? options->entities_max : ENTITIES_DEFAULT;
    out->delay_us = (options->delay_ms != 0 ? options->delay_ms : DELAY_MS) * 1000;
    if (!crypto_start(error))
        return false;
    if (options->key_path != NULL)
        return crypto_keypair_load(options->key_path, &out->keys, error);
    crypto_keypair_make(&out->keys);
    return true;
}

static bool take_address(struct connection *connection, const struct tilth_options *options,
                         struct error *error)
{
    const char *address = options->address != NULL ? options->address : "127.0.0.1";
    struct endpoint parsed;
    if (!endpoint_parse(address, options->port, &parsed))
        return error_set(error, "address \"%s\": four numbers with dots are needed", address);
    (void)snprintf(connection->address, sizeof connection->address, "%s", address);
    connection->port = options->port != 0 ? options->port : PORT_DEFAULT;
    connection->is_reconnecting = options->is_reconnecting != 0;
    uint64_t seed;
    crypto_random(&seed, sizeof seed);
    rng_init(&connection->rng, seed);
    return true;
}

struct tilth_client *tilth_client_create(const struct tilth_options *options,
                                         struct tilth_error *out_error)
{
    struct error error;
    struct session_options session = {.entities_max = 0};
    struct connection connection = {.link = NULL};
    if (!take_options(&session, options, &error) || !take_address(&connection, options, &error)) {
        if (out_error != NULL)
            (void)snprintf(out_error->text, sizeof out_error->text, "%s", error.text);
        return NULL;
    }
    struct tilth_client *client = memory_reserve("client", 1, sizeof *client);
    tilth_session_init(&client->session, &session);
    client->connection = connection;
    return client;
}

void tilth_client_destroy(struct tilth_client **client)
{
    if (client == NULL || *client == NULL)
        return;
    tilth_connection_close(&(*client)->connection);
    tilth_session_finish(&(*client)->session);
    memory_release(*client);
    *client = NULL;
}

void tilth_client_update(struct tilth_client *client, uint64_t now_ms)
{
    tilth_connection_update(&client->connection, &client->session, now_ms * 1000);
}

int tilth_client_next(struct tilth_client *client, struct tilth_event *out_event)
{
    return tilth_events_pop(&client->session.events, out_event);
}

int tilth_client_fd(const struct tilth_client *client)
{
    return client->connection.link != NULL ? link_fd(client->connection.link) : -1;
}
