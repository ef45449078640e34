#include "store/pg.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

/* Microseconds from 1970, where our times begin, to 2000, where PostgreSQL's do. */
#define PG_EPOCH_US INT64_C(946684800000000)

enum { PG_LOOK_MS = 200 }; /* how often a wait looks whether it is given up */

#define PG_COUNT(array) (sizeof(array) / sizeof *(array))

struct pg {
    struct pg_options options;
    PGconn *connection;                  /* NULL: closed */
    PGresult *result;                    /* the one last received, or NULL */
    uint32_t sent_count, received_count; /* in the pipeline that is open */
    bool is_synced;     /* the pipeline is closed: nothing is sent until all is received */
    bool blames_values; /* of the statement that was refused last */
    const struct pg_statement *sent[PG_PIPELINE_MAX];

    const struct pg_statement *statement; /* being made */
    int count;                            /* of its parameters */
    const char *values[PG_PARAMETERS_MAX];
    int lengths[PG_PARAMETERS_MAX];
    int formats[PG_PARAMETERS_MAX];
    uint8_t *array; /* the header of the array being made, or NULL */
    enum pg_type array_type;
    uint32_t array_count;
    size_t used_bytes;
    uint8_t buffer[PG_PARAMETER_BYTES];
};

/* Type numbers as in PostgreSQL's pg_type.dat, which never change. */
static const uint32_t pg_oids[] = {
    [PG_BOOL] = 16, [PG_INT2] = 21,  [PG_INT4] = 23,   [PG_INT8] = 20,
    [PG_TEXT] = 25, [PG_BYTEA] = 17, [PG_TIME] = 1184,
};

static const uint32_t pg_sizes[] = {
    [PG_BOOL] = 1, [PG_INT2] = 2,  [PG_INT4] = 4, [PG_INT8] = 8,
    [PG_TEXT] = 0, [PG_BYTEA] = 0, [PG_TIME] = 8,
};

/* Failures that pass when the connection is made again, by class or whole code (SQLSTATE):
 * connection, rolled back for others, resources, state, operator, system, standby. */
static const char *const pg_passing_codes[] = {"08", "40", "53", "55", "57", "58", "25006"};

/* Failures by what was written, likewise: triggered actions, cardinality, data, constraints, what
 * routines raise, views' checks, a row or key that is too large, PL/pgSQL. */
static const char *const pg_value_codes[] = {"09", "21", "22", "23", "27",
                                             "38", "39", "44", "54", "P0"};

bool pg_is_url(const char *url)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    bool is_url = options != NULL;
    PQconninfoFree(options);
    return is_url;
}

/* Adds NAME=value. */
static bool pg_add_variable(struct pg_environment *out, struct text *text, uint32_t *count,
                            const char *name, const char *value)
{
    if (*count == PG_ENVIRONMENT_MAX || text->size_bytes + 1 >= text->capacity_bytes)
        return false;
    size_t at = text->size_bytes;
    text_add(text, "%s=%s", name, value);
    out->variables[(*count)++] = out->bytes + at;
    out->variables[*count] = NULL;
    text->size_bytes++; /* keeps the 0 */
    return !text->is_cut;
}

bool pg_environment(const char *url, const char *database, struct pg_environment *out,
                    struct error *error)
{
    struct text text;
    uint32_t count = 0;
    bool fits = true;
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    text_init(&text, out->bytes, sizeof out->bytes);
    out->variables[0] = NULL;
    if (options == NULL)
        return error_set(error, "the database's URL cannot be understood");
    for (const PQconninfoOption *option = options; option->keyword != NULL && fits; option++) {
        bool is_name = strcmp(option->keyword, "dbname") == 0;
        const char *value = is_name && database != NULL ? database : option->val;
        if (option->envvar != NULL && value != NULL)
            fits = pg_add_variable(out, &text, &count, option->envvar, value);
    }
    PQconninfoFree(options);
    return fits ? true : error_set(error, "the database's URL is too long");
}

bool pg_database_name(const char *url, char out_name[PG_NAME_BYTES])
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    bool is_named = false;
    for (const PQconninfoOption *option = options;
         option != NULL && option->keyword != NULL && !is_named; option++) {
        if (strcmp(option->keyword, "dbname") != 0 || option->val == NULL)
            continue;
        int size = snprintf(out_name, PG_NAME_BYTES, "%s", option->val);
        is_named = size > 0 && size < PG_NAME_BYTES;
    }
    PQconninfoFree(options);
    return is_named;
}

struct pg *pg_create(const struct pg_options *options)
{
    struct pg *pg = memory_reserve("pg", 1, sizeof *pg);
    pg->options = *options;
    for (int i = 0; i < PG_PARAMETERS_MAX; i++)
        pg->formats[i] = 1;
    return pg;
}

void pg_destroy(struct pg **pg)
{
    if (*pg == NULL)
        return;
    pg_disconnect(*pg);
    memory_release(*pg);
    *pg = NULL;
}

static void pg_end_pipeline(struct pg *pg)
{
    pg->sent_count = 0;
    pg->received_count = 0;
    pg->is_synced = false;
}

void pg_disconnect(struct pg *pg)
{
    PQclear(pg->result);
    PQfinish(pg->connection);
    pg->result = NULL;
    pg->connection = NULL;
    pg_end_pipeline(pg);
}

enum pg_status pg_ask(struct pg *pg, const struct pg_statement *statement, struct error *error)
{
    enum pg_status status = pg_prepare(pg, statement, 1, error);
    if (status != PG_OK)
        return status;
    pg_start(pg, statement);
    return pg_run(pg, error);
}

bool pg_blames_values(const struct pg *pg)
{
    return pg->blames_values;
}

bool pg_is_connected(const struct pg *pg)
{
    return pg->connection != NULL;
}

/* Copies words of libpq on one line. */
static void pg_tell(struct error *error, const char *what, const char *words)
{
    char line[ERROR_TEXT_BYTES];
    (void)snprintf(line, sizeof line, "%s", words != NULL ? words : "");
    size_t size = strlen(line);
    while (size > 0 && line[size - 1] == '\n')
        line[--size] = '\0';
    for (size_t i = 0; i < size; i++) {
        if (line[i] == '\n' || line[i] == '\t')
            line[i] = ' ';
    }
    error_set(error, "%s: %s", what, line);
}

static enum pg_status pg_lose(struct pg *pg, const char *what, struct error *error)
{
    pg_tell(error, what, PQerrorMessage(pg->connection));
    pg_disconnect(pg);
    return PG_LOST;
}

static bool pg_is_given_up(const struct pg *pg)
{
    return pg->options.is_given_up != NULL && *pg->options.is_given_up;
}

static enum pg_status pg_lose_silent(struct pg *pg, const char *what, uint64_t limit_us,
                                     struct error *error)
{
    if (pg_is_given_up(pg))
        error_set(error, "%s: given up, because the server stops", what);
    else
        error_set(error, "%s: PostgreSQL did not answer within %llu ms", what,
                  (unsigned long long)(limit_us / 1000));
    pg_disconnect(pg);
    return PG_LOST;
}

/* Waits for the socket; false when the time is over, or all is given up. */
static bool pg_poll(struct pg *pg, short events, uint64_t deadline_us, short *out_events)
{
    struct pollfd fd = {.fd = PQsocket(pg->connection), .events = events};
    for (;;) {
        uint64_t now_us = clock_now().mono_us;
        if (now_us >= deadline_us || pg_is_given_up(pg))
            return false;
        int timeout_ms = (int)((deadline_us - now_us) / 1000 + 1);
        if (pg->options.is_given_up != NULL && timeout_ms > PG_LOOK_MS)
            timeout_ms = PG_LOOK_MS;
        int ready = poll(&fd, 1, timeout_ms);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            break;
    }
    *out_events = fd.revents;
    return true;
}

/* PostgreSQL's notices ("relation exists, skipping") concern nobody. */
static void pg_drop_notice(void *state, const char *message)
{
    (void)state;
    log_debug("pg", "%s", message);
}

static void pg_begin_connecting(struct pg *pg)
{
    char user_timeout[24];
    (void)snprintf(user_timeout, sizeof user_timeout, "%llu",
                   (unsigned long long)(pg->options.deadline_us / 1000));
    const char *const keywords[] = {
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
        "dbname",
        "password",
        "application_name",
        "client_encoding",
        pg->options.database != NULL ? "dbname"
                                     : NULL, /* the second: only the first may be a URL */
        NULL,
    };
    const char *const values[] = {
        "5",
        "2",
        "3",
        user_timeout,
        pg->options.url,
        pg->options.password,
        pg->options.name,
        "UTF8",
        pg->options.database,
        NULL,
    };
    pg->connection = PQconnectStartParams(keywords, values, 1);
    ensure(pg->connection != NULL);
    (void)PQsetNoticeProcessor(pg->connection, pg_drop_notice, NULL);
}

enum pg_status pg_connect(struct pg *pg, struct error *error)
{
    static const char what[] = "connecting to PostgreSQL";
    pg_disconnect(pg);
    pg_begin_connecting(pg);
    if (PQstatus(pg->connection) == CONNECTION_BAD)
        return pg_lose(pg, what, error);
    uint64_t deadline_us = clock_now().mono_us + pg->options.connect_us;
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    while (wanted != PGRES_POLLING_OK) {
        short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!pg_poll(pg, events, deadline_us, &events))
            return pg_lose_silent(pg, what, pg->options.connect_us, error);
        wanted = PQconnectPoll(pg->connection);
        if (wanted == PGRES_POLLING_FAILED)
            return pg_lose(pg, what, error);
    }
    if (PQsetnonblocking(pg->connection, 1) != 0 || PQenterPipelineMode(pg->connection) != 1)
        return pg_lose(pg, what, error);
    return PG_OK;
}

/* Takes the next result there is, NULL included, as PQgetResult; sends what is still to be sent. */
static enum pg_status pg_take(struct pg *pg, const char *what, PGresult **out_result,
                              struct error *error)
{
    uint64_t deadline_us = clock_now().mono_us + pg->options.deadline_us;
    for (;;) {
        int unsent = PQflush(pg->connection);
        if (unsent < 0)
            return pg_lose(pg, what, error);
        if (!PQisBusy(pg->connection))
            break;
        short events = (short)(POLLIN | (unsent > 0 ? POLLOUT : 0));
        if (!pg_poll(pg, events, deadline_us, &events))
            return pg_lose_silent(pg, what, pg->options.deadline_us, error);
        if ((events & ~POLLOUT) != 0 && PQconsumeInput(pg->connection) != 1)
            return pg_lose(pg, what, error);
    }
    *out_result = PQgetResult(pg->connection);
    if (*out_result == NULL && PQstatus(pg->connection) == CONNECTION_BAD)
        return pg_lose(pg, what, error);
    return PG_OK;
}

static bool pg_is_among(const char *code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(code, codes[i], strlen(codes[i])) == 0)
            return true;
    }
    return false;
}

/* What a failed statement says: the message, and the detail behind it. */
static void pg_tell_failure(struct error *error, const char *what, const PGresult *result)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    char words[ERROR_TEXT_BYTES];
    (void)snprintf(words, sizeof words, "%s%s%s", message != NULL ? message : "",
                   detail != NULL ? "; " : "", detail != NULL ? detail : "");
    pg_tell(error, what, words);
}

/* Says what a failed result means; the result stays the caller's. */
static enum pg_status pg_judge(struct pg *pg, const char *what, const PGresult *result,
                               struct error *error)
{
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (code == NULL || PQstatus(pg->connection) == CONNECTION_BAD) {
        pg_tell(error, what, PQresultErrorMessage(result));
        return PG_LOST;
    }
    pg_tell_failure(error, what, result);
    pg->blames_values = pg_is_among(code, pg_value_codes, PG_COUNT(pg_value_codes));
    return pg_is_among(code, pg_passing_codes, PG_COUNT(pg_passing_codes)) ? PG_LOST : PG_REFUSED;
}

static bool pg_is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

/* Takes results until the pipeline's end, and forgets them. */
static enum pg_status pg_drain(struct pg *pg, struct error *error)
{
    bool is_end = false;
    while (!is_end) {
        PGresult *result = NULL;
        enum pg_status status = pg_take(pg, "ending a pipeline", &result, error);
        if (status != PG_OK)
            return status;
        is_end = result != NULL && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        PQclear(result);
    }
    pg_end_pipeline(pg);
    return PG_OK;
}

/* Makes room for parameters. The limit is the statements' business: they bound their rows. */
static uint8_t *pg_room(struct pg *pg, size_t size_bytes)
{
    ensure(size_bytes <= PG_PARAMETER_BYTES - pg->used_bytes);
    uint8_t *room = pg->buffer + pg->used_bytes;
    pg->used_bytes += size_bytes;
    return room;
}

static void pg_write_big_endian(uint8_t *bytes, uint64_t value, uint32_t size_bytes)
{
    for (uint32_t i = 0; i < size_bytes; i++)
        bytes[i] = (uint8_t)(value >> (8 * (size_bytes - 1 - i)));
}

static uint64_t pg_read_big_endian(const uint8_t *bytes, uint32_t size_bytes)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < size_bytes; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void pg_put_uint(struct pg *pg, uint64_t value, uint32_t size_bytes)
{
    pg_write_big_endian(pg_room(pg, size_bytes), value, size_bytes);
}

/* An array on the wire: dimensions, has NULLs, element type, then count and lower bound a
 * dimension, then size and bytes of each element (PostgreSQL's array_recv). */
static void pg_end_array(struct pg *pg)
{
    if (pg->array == NULL)
        return;
    pg_write_big_endian(pg->array + 12, pg->array_count, 4);
    pg->lengths[pg->count - 1] = (int)(pg->buffer + pg->used_bytes - pg->array);
    pg->array = NULL;
}

static uint8_t *pg_add(struct pg *pg, size_t size_bytes)
{
    ensure(pg->count < PG_PARAMETERS_MAX);
    pg_end_array(pg);
    uint8_t *room = pg_room(pg, size_bytes);
    pg->values[pg->count] = (const char *)room;
    pg->lengths[pg->count] = (int)size_bytes;
    pg->count++;
    return room;
}

void pg_start(struct pg *pg, const struct pg_statement *statement)
{
    pg->statement = statement;
    pg->count = 0;
    pg->array = NULL;
    pg->used_bytes = 0;
}

void pg_add_int(struct pg *pg, int64_t value)
{
    pg_write_big_endian(pg_add(pg, 8), (uint64_t)value, 8);
}

void pg_add_bool(struct pg *pg, bool value)
{
    *pg_add(pg, 1) = value;
}

void pg_add_bytes(struct pg *pg, const void *bytes, size_t size_bytes)
{
    uint8_t *room = pg_add(pg, size_bytes);
    if (size_bytes > 0)
        memcpy(room, bytes, size_bytes);
}

void pg_add_text(struct pg *pg, const char *text)
{
    pg_add_bytes(pg, text, strlen(text));
}

static void pg_write_hash(uint8_t *bytes, struct hash128 hash)
{
    pg_write_big_endian(bytes, hash.high, 8);
    pg_write_big_endian(bytes + 8, hash.low, 8);
}

void pg_add_hash(struct pg *pg, struct hash128 hash)
{
    pg_write_hash(pg_add(pg, 16), hash);
}

void pg_add_array(struct pg *pg, enum pg_type type)
{
    uint8_t *head = pg_add(pg, 20);
    pg_write_big_endian(head, 1, 4);
    pg_write_big_endian(head + 4, 0, 4);
    pg_write_big_endian(head + 8, pg_oids[type], 4);
    pg_write_big_endian(head + 16, 1, 4);
    pg->array = head;
    pg->array_type = type;
    pg->array_count = 0;
}

void pg_put_int(struct pg *pg, int64_t value)
{
    uint32_t size_bytes = pg_sizes[pg->array_type];
    ensure(pg->array != NULL && size_bytes > 0);
    pg_put_uint(pg, size_bytes, 4);
    pg_put_uint(pg, (uint64_t)value, size_bytes);
    pg->array_count++;
}

void pg_put_time(struct pg *pg, int64_t wall_us)
{
    ensure(pg->array_type == PG_TIME);
    pg_put_int(pg, wall_us - PG_EPOCH_US);
}

void pg_put_bytes(struct pg *pg, const void *bytes, size_t size_bytes)
{
    ensure(pg->array != NULL && pg_sizes[pg->array_type] == 0);
    pg_put_uint(pg, size_bytes, 4);
    if (size_bytes > 0)
        memcpy(pg_room(pg, size_bytes), bytes, size_bytes);
    pg->array_count++;
}

void pg_put_hash(struct pg *pg, struct hash128 hash)
{
    uint8_t bytes[16];
    pg_write_hash(bytes, hash);
    pg_put_bytes(pg, bytes, sizeof bytes);
}

enum pg_status pg_send(struct pg *pg, struct error *error)
{
    ensure(!pg->is_synced && pg->sent_count < PG_PIPELINE_MAX);
    pg_end_array(pg);
    if (pg->connection == NULL) {
        error_set(error, "%s: no connection to PostgreSQL", pg->statement->name);
        return PG_LOST;
    }
    if (PQsendQueryPrepared(pg->connection, pg->statement->name, pg->count, pg->values, pg->lengths,
                            pg->formats, 1) != 1)
        return pg_lose(pg, pg->statement->name, error);
    pg->sent[pg->sent_count++] = pg->statement;
    return PG_OK;
}

/* Takes one statement's result and the NULL behind it. */
static enum pg_status pg_take_statement(struct pg *pg, const char *what, struct error *error)
{
    PGresult *end = NULL;
    enum pg_status status = pg_take(pg, what, &pg->result, error);
    if (status != PG_OK)
        return status;
    if (!pg_is_good(pg->result)) {
        status = pg_judge(pg, what, pg->result, error);
        if (status == PG_LOST)
            pg_disconnect(pg);
        else if (pg_drain(pg, error) == PG_LOST)
            status = PG_LOST;
        return status;
    }
    status = pg_take(pg, what, &end, error);
    PQclear(end);
    return status;
}

enum pg_status pg_receive(struct pg *pg, struct error *error)
{
    PQclear(pg->result);
    pg->result = NULL;
    if (pg->connection == NULL) {
        error_set(error, "no connection to PostgreSQL");
        return PG_LOST;
    }
    ensure(pg->received_count < pg->sent_count);
    const char *what = pg->sent[pg->received_count]->name;
    if (!pg->is_synced && PQpipelineSync(pg->connection) != 1)
        return pg_lose(pg, what, error);
    pg->is_synced = true;
    enum pg_status status = pg_take_statement(pg, what, error);
    if (status != PG_OK)
        return status;
    pg->received_count++;
    return pg->received_count < pg->sent_count ? PG_OK : pg_drain(pg, error);
}

enum pg_status pg_run(struct pg *pg, struct error *error)
{
    enum pg_status status = pg_send(pg, error);
    return status == PG_OK ? pg_receive(pg, error) : status;
}

enum pg_status pg_prepare(struct pg *pg, const struct pg_statement *table, uint32_t count,
                          struct error *error)
{
    ensure(pg->sent_count == 0 && count <= PG_PIPELINE_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (pg->connection == NULL) {
            error_set(error, "preparing statements: no connection to PostgreSQL");
            return PG_LOST;
        }
        if (PQsendPrepare(pg->connection, table[i].name, table[i].sql, 0, NULL) != 1)
            return pg_lose(pg, table[i].name, error);
        pg->sent[pg->sent_count++] = &table[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        enum pg_status status = pg_receive(pg, error);
        if (status != PG_OK) {
            pg_disconnect(pg); /* those before it are prepared, and would be so twice */
            return status;
        }
    }
    return PG_OK;
}

/* Takes all results of a text of statements; the first failure counts. */
static enum pg_status pg_take_script(struct pg *pg, struct error *error)
{
    static const char what[] = "running statements";
    enum pg_status verdict = PG_OK;
    for (;;) {
        PGresult *result = NULL;
        enum pg_status status = pg_take(pg, what, &result, error);
        if (status != PG_OK)
            return status;
        if (result == NULL)
            return verdict;
        if (!pg_is_good(result) && verdict == PG_OK)
            verdict = pg_judge(pg, what, result, error);
        PQclear(result);
    }
}

enum pg_status pg_script(struct pg *pg, const char *sql, struct error *error)
{
    ensure(pg->sent_count == 0);
    PQclear(pg->result);
    pg->result = NULL;
    if (pg->connection == NULL) {
        error_set(error, "running statements: no connection to PostgreSQL");
        return PG_LOST;
    }
    if (PQexitPipelineMode(pg->connection) != 1 || PQsendQuery(pg->connection, sql) != 1)
        return pg_lose(pg, "running statements", error);
    enum pg_status status = pg_take_script(pg, error);
    if (status == PG_LOST)
        pg_disconnect(pg);
    else if (PQenterPipelineMode(pg->connection) != 1)
        return pg_lose(pg, "running statements", error);
    return status;
}

/* Writes the text with the names in it; false when it is too long. */
static bool pg_name(struct pg *pg, const char *text, const char *const *names,
                    char out_command[PG_COMMAND_BYTES])
{
    struct text command;
    text_init(&command, out_command, PG_COMMAND_BYTES);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at != '?') {
            text_add(&command, "%c", *at);
            continue;
        }
        ensure(*names != NULL);
        char *quoted = PQescapeIdentifier(pg->connection, *names, strlen(*names));
        if (quoted == NULL)
            return false;
        text_add(&command, "%s", quoted);
        PQfreemem(quoted);
        names++;
    }
    return !command.is_cut;
}

enum pg_status pg_command(struct pg *pg, const char *text, const char *const *names,
                          struct error *error)
{
    char command[PG_COMMAND_BYTES];
    if (pg->connection != NULL && !pg_name(pg, text, names, command)) {
        error_set(error, "%s: a name in it is no name of PostgreSQL's", text);
        return PG_REFUSED;
    }
    return pg_script(pg, pg->connection != NULL ? command : text, error);
}

uint32_t pg_rows(const struct pg *pg)
{
    return (uint32_t)PQntuples(pg->result);
}

uint64_t pg_affected(const struct pg *pg)
{
    int64_t count = 0;
    (void)text_parse_integer(PQcmdTuples(pg->result), 0, INT64_MAX, &count);
    return (uint64_t)count;
}

bool pg_is_null(const struct pg *pg, uint32_t row, uint32_t column)
{
    return PQgetisnull(pg->result, (int)row, (int)column) != 0;
}

struct span pg_bytes(const struct pg *pg, uint32_t row, uint32_t column)
{
    return (struct span){
        .bytes = (const uint8_t *)PQgetvalue(pg->result, (int)row, (int)column),
        .size_bytes = (uint32_t)PQgetlength(pg->result, (int)row, (int)column),
    };
}

int64_t pg_int(const struct pg *pg, uint32_t row, uint32_t column)
{
    struct span value = pg_bytes(pg, row, column);
    if (value.size_bytes == 2)
        return (int16_t)pg_read_big_endian(value.bytes, 2);
    if (value.size_bytes == 4)
        return (int32_t)pg_read_big_endian(value.bytes, 4);
    return value.size_bytes == 8 ? (int64_t)pg_read_big_endian(value.bytes, 8) : 0;
}

bool pg_bool(const struct pg *pg, uint32_t row, uint32_t column)
{
    struct span value = pg_bytes(pg, row, column);
    return value.size_bytes == 1 && value.bytes[0] != 0;
}

const char *pg_text(const struct pg *pg, uint32_t row, uint32_t column)
{
    return PQgetvalue(pg->result, (int)row, (int)column);
}

struct hash128 pg_hash(const struct pg *pg, uint32_t row, uint32_t column)
{
    struct span value = pg_bytes(pg, row, column);
    if (value.size_bytes != 16)
        return (struct hash128){0};
    return (struct hash128){
        .high = pg_read_big_endian(value.bytes, 8),
        .low = pg_read_big_endian(value.bytes + 8, 8),
    };
}
