/* pg.h - PostgreSQL's client library with a time limit on everything; the only file that includes
 * it.
 *
 * One connection, always in pipeline mode: statements are sent one after the other, and their
 * results received in the same order. Parameters and results are binary. Statements live in
 * const tables and are prepared once a connection; values never become part of a statement's
 * text. A call that waits longer than deadline_us, or a server that ends the connection, gives
 * PG_LOST, and the connection is closed. Memory: the parameters' buffer, reserved at create, and
 * libpq's own. One owner thread. */
#ifndef TILTH_STORE_PG_H
#define TILTH_STORE_PG_H

#include "base/error.h"
#include "world/schema.h"

enum {
    PG_PARAMETERS_MAX = 24,
    PG_PIPELINE_MAX = 64,         /* statements sent and not yet received */
    PG_PARAMETER_BYTES = 1 << 18, /* of all parameters of one statement */
    PG_NAME_BYTES = 64,           /* of a database's name, with the ending 0 */
    PG_COMMAND_BYTES = 1024,
    PG_ENVIRONMENT_MAX = 48,
    PG_ENVIRONMENT_BYTES = 8192,
};

enum pg_status {
    PG_OK,
    PG_LOST,    /* no connection, or a failure that passes (restart, disk full): connect again */
    PG_REFUSED, /* the statement failed; the connection is fit for use */
};

enum pg_type { PG_BOOL, PG_INT2, PG_INT4, PG_INT8, PG_TEXT, PG_BYTEA, PG_TIME };

struct pg_options {
    const char *url;      /* postgresql://... or "host=... dbname=..." */
    const char *password; /* or NULL */
    const char *database; /* another one than the URL's; or NULL */
    const char *name;     /* application_name */
    uint64_t connect_us;  /* the longest that connecting may take */
    uint64_t deadline_us; /* the longest that one result may take */
    const _Atomic bool
        *is_given_up; /* set by any thread: nothing is waited for any more; or NULL */
};

/* One row of a table of statements; the SQL casts its parameters ($1::bigint). */
struct pg_statement {
    const char *name;
    const char *sql;
};

struct pg;

/* What a program of PostgreSQL's needs in its environment to connect as a URL says: NAME=value. */
struct pg_environment {
    char bytes[PG_ENVIRONMENT_BYTES];
    const char *variables[PG_ENVIRONMENT_MAX + 1]; /* ended by NULL */
};

/* Reads the URL into variables (PGHOST ...); `database` instead of its own, or NULL. False when it
 * cannot be understood, or is too long. */
bool pg_environment(const char *url, const char *database, struct pg_environment *out,
                    struct error *error);

/* The database that a URL names; false when it names none, or one that is too long. */
bool pg_database_name(const char *url, char out_name[PG_NAME_BYTES]);

/* Is it a URL or connection string that can be understood? Asks no server. */
bool pg_is_url(const char *url);

/* Makes a closed connection; copies the options. */
struct pg *pg_create(const struct pg_options *options);
void pg_destroy(struct pg **pg); /* Closes it too; NULL-safe. */

/* Connects (again); what was open is closed first. PG_OK or PG_LOST. */
enum pg_status pg_connect(struct pg *pg, struct error *error);
void pg_disconnect(struct pg *pg);         /* Closes the connection; may be called twice. */
bool pg_is_connected(const struct pg *pg); /* As far as is known. */

/* Prepares all statements of a table on this connection, which is closed when one is refused. */
enum pg_status pg_prepare(struct pg *pg, const struct pg_statement *table, uint32_t count,
                          struct error *error);

/* Begins a statement's parameters; add them in order, then pg_send. */
void pg_start(struct pg *pg, const struct pg_statement *statement);
void pg_add_int(struct pg *pg, int64_t value);                          /* a bigint parameter */
void pg_add_bool(struct pg *pg, bool value);                            /* a boolean parameter */
void pg_add_bytes(struct pg *pg, const void *bytes, size_t size_bytes); /* text or bytea */
void pg_add_text(struct pg *pg, const char *text);                      /* a text parameter */
void pg_add_hash(struct pg *pg, struct hash128 hash);                   /* 16 bytes, high first */

/* Begins an array parameter; pg_put_* adds elements until the next parameter begins. */
void pg_add_array(struct pg *pg, enum pg_type type);
void pg_put_int(struct pg *pg, int64_t value);    /* for int2, int4, int8 */
void pg_put_time(struct pg *pg, int64_t wall_us); /* for timestamptz; us since 1970 */
void pg_put_bytes(struct pg *pg, const void *bytes, size_t size_bytes); /* for text, bytea */
void pg_put_hash(struct pg *pg, struct hash128 hash);                   /* for bytea */

/* Sends the statement; its result is to be received. */
enum pg_status pg_send(struct pg *pg, struct error *error);

/* Waits for the oldest result not yet received, which stays until the next call. On PG_REFUSED all
 * statements sent after it are dropped too, and an open transaction must be rolled back. */
enum pg_status pg_receive(struct pg *pg, struct error *error);

/* pg_send, then pg_receive. */
enum pg_status pg_run(struct pg *pg, struct error *error);

/* Prepares and runs a statement without parameters, which is asked once a connection. */
enum pg_status pg_ask(struct pg *pg, const struct pg_statement *statement, struct error *error);

/* Did the statement that was refused last fail by what it wrote (a constraint, a trigger, a value
 * out of range), not by how things are (rights, a table that is missing)? */
bool pg_blames_values(const struct pg *pg);

/* Runs a text of several statements that needs no results: a migration. */
enum pg_status pg_script(struct pg *pg, const char *sql, struct error *error);

/* Runs one command that takes no parameters but names: each `?` in the text stands for the next of
 * `names` (ended by NULL), which is quoted as an identifier. */
enum pg_status pg_command(struct pg *pg, const char *text, const char *const *names,
                          struct error *error);

/* The result last received: rows, rows that an INSERT, UPDATE or DELETE touched, and values,
 * which are 0, false or empty where NULL or of another type. Spans and texts live as long as the
 * result. */
uint32_t pg_rows(const struct pg *pg);
uint64_t pg_affected(const struct pg *pg);                                  /* rows touched */
bool pg_is_null(const struct pg *pg, uint32_t row, uint32_t column);        /* is it NULL? */
int64_t pg_int(const struct pg *pg, uint32_t row, uint32_t column);         /* int2, int4, int8 */
bool pg_bool(const struct pg *pg, uint32_t row, uint32_t column);           /* boolean */
struct span pg_bytes(const struct pg *pg, uint32_t row, uint32_t column);   /* text, bytea */
const char *pg_text(const struct pg *pg, uint32_t row, uint32_t column);    /* text, 0-ended */
struct hash128 pg_hash(const struct pg *pg, uint32_t row, uint32_t column); /* 16 bytes */

#endif
